//! Slots, stops and what a crash leaves, at every MSP.

use crate::door::*;
use hive_core::*;
use hive_store::*;

fn slot(door: &Door, day: i64, retry: Option<i64>) -> Schedule {
    Schedule {
        msp: door.msp,
        kind: RunKind::Sync,
        slot: format!("2026-11-{}", 23 + day).parse().unwrap(),
        due_at: at(day * 24 * 60),
        failures: i64::from(retry.is_some()),
        retry_at: retry.map(at),
        words: String::new(),
        last_slot_at: None,
    }
}

pub(crate) async fn what_is_due_is_told(door: &Door) {
    let store = &door.store;
    assert!(store.due(at(0)).await.unwrap().is_empty());
    let today = slot(door, 0, None);
    store.set_schedule(&today).await.unwrap();
    let elsewhere = Schedule { msp: door.other, kind: RunKind::Update, ..slot(door, -1, None) };
    store.set_schedule(&elsewhere).await.unwrap();
    assert_eq!(store.schedules(door.msp).await.unwrap(), std::slice::from_ref(&today));
    assert_eq!(store.due(at(-1)).await.unwrap(), std::slice::from_ref(&elsewhere));
    assert_eq!(store.due(at(0)).await.unwrap(), [elsewhere, today.clone()], "the longest overdue first");
    let failed = slot(door, 2, Some(5));
    store.set_schedule(&failed).await.unwrap();
    assert_eq!(store.due(at(4)).await.unwrap().len(), 1);
    assert_eq!(store.due(at(5)).await.unwrap()[1], failed, "a retry is due before its slot");
    // The door's other MSP is to see nothing.
    let mut hand = crate::keeping::Hand::open(door).await;
    hand.run("DELETE FROM schedule WHERE kind = 'update'").await.unwrap();
}

pub(crate) async fn a_slot_is_taken_once(door: &Door) {
    let again = door.open_again().await.unwrap();
    door.store.set_schedule(&slot(door, 0, None)).await.unwrap();
    let next = Schedule { last_slot_at: Some(at(1)), ..slot(door, 1, None) };
    // Two loops, in two processes, saw the slot due at the same moment; each asks until it has an answer.
    let racer = |store: &Store, who: &'static str| {
        let (store, msp, next) = (store.clone(), door.msp, next.clone());
        tokio::spawn(async move {
            for _ in 0..400 {
                match store.begin_run(msp, RunKind::Sync, who, at(1), LEASE_MS, Some(&next)).await {
                    Ok(lease) => {
                        store.finish_run(lease, RunState::Succeeded, None, who, at(1)).await.unwrap();
                        return true;
                    }
                    Err(BeginError::SlotTaken { .. }) => return false,
                    Err(BeginError::Taken { .. } | BeginError::Starting) => {}
                    Err(BeginError::Store(error)) => panic!("{error}"),
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            panic!("neither taken nor refused");
        })
    };
    let racers = [racer(&door.store, "one"), racer(&again, "two"), racer(&door.store, "three")];
    let mut won = 0;
    for racer in racers {
        won += usize::from(racer.await.unwrap());
    }
    assert_eq!(won, 1);
    assert_eq!(door.store.runs(door.msp, 10).await.unwrap().len(), 1);
    assert_eq!(door.store.schedules(door.msp).await.unwrap(), std::slice::from_ref(&next));
    // A retry is a slot of its own; a run by hand takes none.
    let failed = slot(door, 1, Some(10));
    door.store.set_schedule(&failed).await.unwrap();
    let early = door.store.begin_run(door.msp, RunKind::Sync, "hive", at(9), LEASE_MS, Some(&next)).await;
    let words = format!("the sync that was due for MSP {} has been taken already", door.msp);
    assert_eq!(early.unwrap_err().to_string(), words);
    let by_hand = door.begin(RunKind::Sync, 9).await;
    door.finish(by_hand, 9).await;
    assert_eq!(door.store.schedules(door.msp).await.unwrap(), [failed]);
    let lease = door.store.begin_run(door.msp, RunKind::Sync, "hive", at(10), LEASE_MS, Some(&next)).await.unwrap();
    assert_eq!(door.store.schedules(door.msp).await.unwrap(), std::slice::from_ref(&next));
    door.finish(lease, 10).await;
    let wrong = door.store.begin_run(door.msp, RunKind::Update, "hive", at(10), LEASE_MS, Some(&next)).await;
    assert!(matches!(wrong, Err(BeginError::Store(StoreError::Refused(_)))), "{wrong:?}");
    again.close().await;
}

pub(crate) async fn a_stop_reaches_the_lease(door: &Door) {
    let again = door.open_again().await.unwrap();
    let lease = door.begin(RunKind::Update, 0).await;
    assert_eq!(lease.renew(at(1)).await.unwrap(), Renewed { stop_asked_by: None });
    assert!(!again.ask_stop(door.msp, RunId(99), "user:bob").await.unwrap());
    assert!(!again.ask_stop(door.other, lease.run, "user:eve").await.unwrap());
    assert_eq!(lease.renew(at(1)).await.unwrap().stop_asked_by, None);
    assert!(again.ask_stop(door.msp, lease.run, "user:bob").await.unwrap());
    assert!(again.ask_stop(door.msp, lease.run, "user:cid").await.unwrap());
    assert_eq!(lease.renew(at(2)).await.unwrap().stop_asked_by.as_deref(), Some("user:bob"));
    let run = lease.run;
    assert_eq!(again.run(door.msp, run).await.unwrap().unwrap().stop_asked_by.as_deref(), Some("user:bob"));
    door.finish(lease, 3).await;
    assert!(!again.ask_stop(door.msp, run, "user:bob").await.unwrap(), "it runs no more");
    let next = door.begin(RunKind::Update, 4).await;
    assert_eq!(next.renew(at(4)).await.unwrap().stop_asked_by, None, "the next one is not asked");
    again.close().await;
}

pub(crate) async fn a_crash_is_seen_at_every_msp(door: &Door) {
    let lease = door.begin(RunKind::Sync, 0).await;
    let run = lease.run;
    let crashed = async |minutes: i64| {
        let found = door.store.interrupted_everywhere(at(minutes)).await.unwrap();
        found.into_iter().map(|(msp, row)| (msp, row.id)).collect::<Vec<_>>()
    };
    assert_eq!(crashed(1).await, []);
    assert_eq!(crashed(2).await, [(door.msp, run)], "its lease has lapsed");
    lease.renew(at(1)).await.unwrap();
    assert_eq!(crashed(2).await, []);
    door.finish(lease, 2).await;
    assert_eq!(crashed(100).await, []);
    // One that was taken over is seen at once, however long its lease would have lasted.
    let killed = door.begin(RunKind::Sync, 200).await;
    let run = killed.run;
    drop(killed);
    let next = crate::leases::begin_soon(&door.store, door.msp, 200).await;
    assert_eq!(crashed(200).await, [(door.msp, run)]);
    door.store.close_interrupted(&next, run, "crashed", at(200)).await.unwrap();
    assert_eq!(crashed(200).await, []);
    door.finish(next, 200).await;
}

pub(crate) async fn an_agreement_is_pushed_for_its_invoice(door: &Door) {
    let (store, msp) = (&door.store, door.msp);
    door.connect("https://na.example.com", "acme", "key").await;
    let date = |text: &str| text.parse::<Date>().unwrap();
    let (five, six) = (AgreementId(5), AgreementId(6));
    store.note_invoiced(msp, RunId(1), &[(five, date("2026-12-01")), (six, date("2026-12-01"))], at(1)).await.unwrap();
    store.note_invoiced(msp, RunId(2), &[(five, date("2027-01-01")), (five, date("2027-01-01"))], at(2)).await.unwrap();
    let pushed = store.invoiced(msp).await.unwrap();
    assert_eq!(pushed, [(five, date("2026-12-01")), (six, date("2026-12-01")), (five, date("2027-01-01"))]);
    let facts = store.facts(msp, None).await.unwrap();
    assert_eq!(facts.invoiced.into_iter().collect::<Vec<_>>(), [(five, date("2027-01-01")), (six, date("2026-12-01"))]);
    // Another company's agreements have the same numbers and are others.
    door.connect("https://na.example.com", "zen", "key").await;
    assert!(store.invoiced(msp).await.unwrap().is_empty());
}

pub(crate) async fn the_run_loop_sees_who_lives_and_what_moved(door: &Door) {
    let store = &door.store;
    let facts = async || {
        let versions = store.facts_versions().await.unwrap();
        versions.into_iter().find(|(msp, _)| *msp == door.msp).unwrap().1
    };
    let before = facts().await;
    assert_eq!(before, store.pulse(door.msp).await.unwrap().facts);
    let lease = door.begin(RunKind::Sync, 0).await;
    let again = door.open_again().await.unwrap();
    assert!(!again.is_free(door.msp).await.unwrap(), "the run lives");
    assert!(again.is_free(door.other).await.unwrap());
    drop(lease);
    // PostgreSQL takes a moment to see that the connection is gone; the lease's time is far off.
    let mut tries = 0;
    while !again.is_free(door.msp).await.unwrap() {
        tries += 1;
        assert!(tries < 100, "the run is gone");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    again.close().await;
    assert_eq!(facts().await, before, "a run by itself changes no plan");

    assert_eq!(store.next_update_at(door.msp).await.unwrap(), None, "none is scheduled");
    let update = Schedule { kind: RunKind::Update, ..slot(door, 5, None) };
    store.set_schedule(&update).await.unwrap();
    assert_eq!(store.next_update_at(door.msp).await.unwrap(), Some(update.due_at));
    let off = [(settings::Key::Updates, settings::At::default(), "manual".to_owned())];
    store.set_settings(door.msp, &off, "cli:ann", at(1)).await.unwrap();
    assert_eq!(store.next_update_at(door.msp).await.unwrap(), None, "by hand only");
    assert!(facts().await > before);
}
