//! One run at a time.

use crate::door::*;
use hive_core::*;
use hive_store::*;

/// PostgreSQL takes a moment to see that a connection is gone.
pub(crate) async fn begin_soon(store: &Store, msp: MspId, minutes: i64) -> Lease {
    for _ in 0..100 {
        match store.begin_run(msp, RunKind::Update, "cli:bob", at(minutes), LEASE_MS, None).await {
            Ok(lease) => return lease,
            Err(BeginError::Taken { .. } | BeginError::Starting | BeginError::SlotTaken { .. }) => {}
            Err(BeginError::Store(error)) => panic!("{error}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the lease never came free");
}

pub(crate) async fn the_second_run_is_told_who_runs(door: &Door) {
    let lease = door.begin(RunKind::Sync, 0).await;
    // From this process and from another one's view.
    let again = door.open_again().await.unwrap();
    for store in [&door.store, &again] {
        let taken = store.begin_run(door.msp, RunKind::Update, "cli:bob", at(1), LEASE_MS, None).await.unwrap_err();
        assert_eq!(
            taken.to_string(),
            format!(
                "sync {} is running for this MSP since 2026-11-23T10:00:00Z, started by cli:ann; wait for its end",
                lease.run
            )
        );
    }
    // Another MSP's run is nobody's business here.
    let third = again.add_msp("Third", at(1)).await.unwrap().id;
    let elsewhere = again.begin_run(third, RunKind::Sync, "cli:bob", at(1), LEASE_MS, None).await.unwrap();
    assert_eq!((elsewhere.fence, elsewhere.run), (1, RunId(1)));
    again.finish_run(elsewhere, RunState::Succeeded, None, "", at(1)).await.unwrap();
    door.finish(lease, 2).await;
    let next = again.begin_run(door.msp, RunKind::Update, "cli:bob", at(3), LEASE_MS, None).await.unwrap();
    assert_eq!(next.fence, 2);
    again.finish_run(next, RunState::PartlyFailed, None, "1 line failed", at(4)).await.unwrap();
    let runs = door.store.runs(door.msp, 10).await.unwrap();
    let words = runs.iter().map(|run| format!("{} {} {} {}", run.id, run.kind.name(), run.state.name(), run.words));
    assert_eq!(words.collect::<Vec<_>>(), ["2 update partly_failed 1 line failed", "1 sync succeeded done"]);
    again.close().await;
}

pub(crate) async fn an_old_holder_stores_nothing(door: &Door) {
    let plan = plan(door.msp, "p1", &[(1, "10", "12")], 0);
    let again = door.open_again().await.unwrap();
    let lease = door.begin(RunKind::Update, 0).await;
    let (old_run, old_fence) = (lease.run, lease.fence);
    drop(lease);
    let next = begin_soon(&again, door.msp, 1).await;
    assert_eq!(next.fence, old_fence + 1);
    let crashed = again.interrupted_runs(door.msp).await.unwrap();
    assert_eq!(crashed.iter().map(|run| run.id).collect::<Vec<_>>(), [old_run]);

    // A holder whose lease was taken over: on SQLite the lock cannot be lost alive, so a hand helps.
    let mut hand = crate::keeping::Hand::open(door).await;
    hand.run("UPDATE lease SET fence = fence + 1").await.unwrap();
    let released = released(&plan).remove(0);
    let words = format!("run {} no longer holds its lease (fence {}, now {})", next.run, next.fence, next.fence + 1);
    let refused = again.make_intent(&next, &released, &plan.id, "cli:ann", at(1)).await.unwrap_err();
    assert!(refused.to_string().starts_with(&words), "{refused}");
    for refused in [
        again.run_progress(&next, "push", 1, 2, at(1)).await,
        next.renew(at(1)).await.map(|_| ()),
        again.record_lines(&next, &[]).await,
        again.save_mirror(door.msp, &next, &mirror(&[], 1)).await.map(|_| ()),
        again.finish_run(next, RunState::Succeeded, None, "", at(2)).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Fenced { .. })), "{refused:?}");
    }
    assert!(again.open_intents(door.msp).await.unwrap().is_empty());
    again.close().await;
}

pub(crate) async fn a_lease_must_be_renewed(door: &Door) {
    let plan = plan(door.msp, "p1", &[(1, "10", "12")], 0);
    let lease = door.begin(RunKind::Update, 0).await;
    assert!(lease.is_fresh(at(0)) && !lease.is_fresh(at(1)));
    let released = released(&plan).remove(0);
    let stale = door.store.make_intent(&lease, &released, &plan.id, "cli:ann", at(1)).await.unwrap_err();
    assert!(stale.to_string().contains("not confirmed"), "{stale}");
    lease.renew(at(1)).await.unwrap();
    assert_eq!(lease.confirmed_at(), at(1));
    let intent = door.store.make_intent(&lease, &released, &plan.id, "cli:ann", at(1)).await.unwrap();
    assert_eq!((intent.run(), intent.fence()), (lease.run, lease.fence));
    let open = door.store.open_intents(door.msp).await.unwrap();
    assert_eq!(open[0].may_send_until, at(3));
    door.store.run_progress(&lease, "push", 1, 7, at(1)).await.unwrap();
    let run = door.store.run(door.msp, lease.run).await.unwrap().unwrap();
    assert_eq!((run.step.as_str(), run.done, run.total, run.plan), ("push", 1, 7, Some(plan.id.clone())));
}

pub(crate) async fn a_lease_lasts_a_day_at_most(door: &Door) {
    for (ms, lasts) in [(i64::MAX, LEASE_MS_MAX), (LEASE_MS_MAX + 1, LEASE_MS_MAX), (LEASE_MS, LEASE_MS)] {
        let lease = door.store.begin_run(door.msp, RunKind::Sync, "cli:ann", at(0), ms, None).await.unwrap();
        assert_eq!(lease.lease_ms(), lasts);
        lease.renew(at(1)).await.unwrap();
        door.finish(lease, 2).await;
    }
}

pub(crate) async fn a_race_has_one_winner(door: &Door) {
    let again = door.open_again().await.unwrap();
    let racer = |n: usize| {
        let store = if n.is_multiple_of(2) { door.store.clone() } else { again.clone() };
        let (msp, who) = (door.msp, format!("racer {n}"));
        tokio::spawn(async move { store.begin_run(msp, RunKind::Sync, &who, at(0), LEASE_MS, None).await })
    };
    let racers: Vec<_> = (0..8).map(racer).collect();
    let mut won = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            Ok(lease) => won.push(lease),
            Err(BeginError::Taken { .. } | BeginError::Starting | BeginError::SlotTaken { .. }) => {}
            Err(BeginError::Store(error)) => panic!("{error}"),
        }
    }
    assert_eq!((won.len(), won[0].fence), (1, 1));
    assert_eq!(door.store.runs(door.msp, 10).await.unwrap().len(), 1);
    again.close().await;
}

pub(crate) async fn two_processes_write_one_chain(door: &Door) {
    let again = door.open_again().await.unwrap();
    let writer = |n: i64| {
        let store = if n % 2 == 0 { door.store.clone() } else { again.clone() };
        let msp = door.msp;
        tokio::spawn(async move {
            for day in 1..=5 {
                let rows = rows(&format!("Account {n} | Hot {n} | {day} GB | 2026-11-0{day}"));
                let asked = ImportAsked {
                    source: "import",
                    complete: false,
                    one_by_one: false,
                    file_hash: "",
                    file_name: "",
                    rows: &rows,
                    dry_run: false,
                    who: "cli:ann",
                    at: at(n),
                };
                store.import_usage(msp, &asked).await.unwrap();
            }
        })
    };
    let writers: Vec<_> = (0..8).map(writer).collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let facts = door.store.facts(door.msp, None).await.unwrap();
    assert_eq!((facts.accounts.len(), facts.products.len(), facts.samples_through), (8, 8, 40));
    let check = door.store.verify_audit(door.msp).await.unwrap();
    assert!(matches!(check, AuditCheck::Whole { rows: 40, .. }), "{check:?}");
    again.close().await;
}
