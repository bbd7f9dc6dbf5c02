//! Additions to create: approvals, intents, outcomes, and what a crash leaves.

use crate::door::*;
use hive_core::allow::{CreateApproval, ReleasedCreate, Request, allow_creates};
use hive_core::issue::Code;
use hive_core::mirror::Addition;
use hive_core::outcome::{Created, Outcome};
use hive_core::plan::{Create, Mark, Plan};
use hive_core::*;
use hive_store::*;
use std::collections::BTreeSet;

/// A plan that would create item 7 on agreement 5 at 12, for line (1, 2).
fn lacking(msp: MspId) -> Plan {
    let mut plan = plan(msp, "c", &[(2, "10", "12")], 0);
    plan.changes.clear();
    let line = &mut plan.lines[0];
    (line.addition, line.now, line.mark) = (None, None, Mark::Held);
    plan.creates.push(Create {
        agreement: AgreementId(5),
        company: CompanyId(20),
        item: ItemId(7),
        quantity: q("12"),
        lines: vec![line_id(1, 2)],
        products: BTreeSet::from([ProductId(2)]),
        live: true,
        holds: BTreeSet::from([(Code::AdditionToCreate, "addition.to_create:5-7".into())]),
        countable: true,
        money_month: None,
        currency: None,
    });
    plan
}

fn approval(lapses_at: Timestamp) -> CreateApproval {
    CreateApproval {
        agreement: AgreementId(5),
        item: ItemId(7),
        quantity: q("12"),
        limit: q("12"),
        codes: BTreeSet::from([Code::AdditionToCreate]),
        who: "cli:jane".into(),
        at: at(0),
        lapses_at,
    }
}

fn released(plan: &Plan) -> ReleasedCreate {
    let allowed = allow_creates(plan, &[approval(at(100))], &Request::default(), at(1));
    allowed.released.into_iter().next().unwrap()
}

fn created(outcome: Outcome, addition: Option<i64>, rows: Vec<Addition>) -> Created {
    Created { written: written(outcome, addition.map(|_| "12")), addition: addition.map(AdditionId), rows }
}

pub(crate) async fn an_approval_to_create_acts_until_it_is_used_or_lapses(door: &Door) {
    let (store, msp, plan) = (&door.store, door.msp, lacking(door.msp));
    store.approve_creates(msp, &[], &plan.id).await.unwrap();
    assert_eq!(store.create_approvals_unused(msp).await.unwrap(), []);
    let two = [approval(at(10)), approval(at(100))];
    store.approve_creates(msp, &two, &plan.id).await.unwrap();
    assert_eq!(store.create_approvals_unused(msp).await.unwrap(), two);
    let log = door.audit_words().await;
    assert!(
        log.last().unwrap().starts_with("cli:jane addition.approve_create agreement 5 item 7: - -> 12 to 12"),
        "{log:?}"
    );
    assert_eq!(store.lapsed_creates(msp, at(11)).await.unwrap(), two[..1]);
    assert_eq!(store.lapsed_creates(msp, at(11)).await.unwrap(), [], "told once");
    store.use_up_creates(msp, &[(AgreementId(5), ItemId(8))], RunId(1)).await.unwrap();
    assert_eq!(store.create_approvals_unused(msp).await.unwrap().len(), 2, "another item's");
    store.use_up_creates(msp, &[(AgreementId(5), ItemId(7))], RunId(1)).await.unwrap();
    assert_eq!(store.create_approvals_unused(msp).await.unwrap(), []);
}

pub(crate) async fn what_was_created_is_in_the_mirror_and_settled(door: &Door) {
    door.sync(&[(1000, "10")], 0).await;
    let (store, plan) = (&door.store, lacking(door.msp));
    let lease = door.begin(RunKind::Update, 1).await;
    let intent = store.make_create_intent(&lease, &released(&plan), &plan.id, at(1)).await.unwrap();
    assert!(intent.is_for_create(AgreementId(5), ItemId(7), q("12")));
    assert!(!intent.is_for(AgreementId(5), AdditionId(7), q("0"), q("12")), "it is no intent to change");
    let again = store.make_create_intent(&lease, &released(&plan), &plan.id, at(1)).await.unwrap_err();
    assert!(again.to_string().contains("must be looked up"), "{again}");
    let row = mirror(&[(2000, "12")], 1).additions.remove(0);
    let pushed = created(Outcome::Pushed, Some(2000), vec![row.clone()]);
    store.record_created(&lease, intent.id(), &pushed, at(1)).await.unwrap();
    let twice = store.record_created(&lease, intent.id(), &pushed, at(1)).await.unwrap_err();
    assert!(matches!(twice, StoreError::Twice(_)), "{twice}");
    let run = lease.run;
    door.finish(lease, 2).await;
    assert_eq!(door.standing(2000).await, "settled 12, pushed 12");
    let seen = store.mirror(door.msp).await.unwrap().unwrap().additions;
    assert_eq!(seen.iter().map(|row| row.id.0).collect::<Vec<_>>(), [1000, 2000]);
    let report = store.report(door.msp, run).await.unwrap().unwrap();
    let line = &report.lines[0];
    assert_eq!((line.addition, line.from, line.to), (Some(AdditionId(2000)), None, Some(q("12"))));
    assert_eq!((line.outcome, report.counts[&Outcome::Pushed]), (Outcome::Pushed, 1));
    let left = &store.created(door.msp, run).await.unwrap()[0];
    assert_eq!(
        (left.addition, left.quantity, left.lines.clone()),
        (Some(AdditionId(2000)), q("12"), vec![line_id(1, 2)])
    );
    assert!(store.done(door.msp, run).await.unwrap().is_empty(), "an undo has nothing to write back");
    let log = door.audit_words().await;
    assert_eq!(
        log.last().unwrap(),
        "cli:jane addition.create update 2 plan c intent 1 agreement 5 item 7: - -> \
         pushed at 12, addition 2000, found 12, approved by cli:jane"
    );
    // Seen once more, in the same generation and in the next, it stands there once.
    let lease = door.begin(RunKind::Update, 3).await;
    let intent = store.make_create_intent(&lease, &released(&plan), &plan.id, at(3)).await.unwrap();
    let drifted = Created { addition: None, ..created(Outcome::Drifted, Some(2000), vec![row]) };
    store.record_created(&lease, intent.id(), &drifted, at(3)).await.unwrap();
    door.finish(lease, 4).await;
    assert_eq!(store.mirror(door.msp).await.unwrap().unwrap().additions.len(), 2);
    door.sync(&[(1000, "10"), (2000, "12")], 5).await;
    assert_eq!(store.mirror(door.msp).await.unwrap().unwrap().additions.len(), 2);
}

pub(crate) async fn a_crash_leaves_an_open_create(door: &Door) {
    let (store, plan) = (&door.store, lacking(door.msp));
    store.save_plan(door.msp, &plan).await.unwrap();
    let lease = door.begin(RunKind::Update, 0).await;
    store.make_create_intent(&lease, &released(&plan), &plan.id, at(0)).await.unwrap();
    let crashed = lease.run;
    drop(lease);
    let lease = loop {
        match store.begin_run(door.msp, RunKind::Update, "cli:bob", at(9), LEASE_MS, None).await {
            Ok(lease) => break lease,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    };
    let open = store.open_creates(door.msp).await.unwrap();
    assert_eq!((open.len(), open[0].intent.run, open[0].may_send_until), (1, crashed, at(2)));
    let blind = store.make_create_intent(&lease, &released(&plan), &plan.id, at(9)).await.unwrap_err();
    assert!(blind.to_string().contains("must be looked up"), "{blind}");
    // Not looked up yet: its line says that nobody knows.
    store.close_interrupted(&lease, crashed, "interrupted", at(9)).await.unwrap();
    let report = store.report(door.msp, crashed).await.unwrap().unwrap();
    assert_eq!((report.lines[0].outcome, report.lines[0].addition), (Outcome::Unknown, None));
    let found = created(Outcome::Confirmed, Some(2000), Vec::new());
    store.record_created(&lease, open[0].intent.id, &found, at(9)).await.unwrap();
    assert!(store.open_creates(door.msp).await.unwrap().is_empty());
    let report = store.report(door.msp, crashed).await.unwrap().unwrap();
    assert_eq!((report.lines[0].outcome, report.counts[&Outcome::Confirmed]), (Outcome::Confirmed, 1));
    store.finish_run(lease, RunState::Succeeded, None, "", at(9)).await.unwrap();
}

pub(crate) async fn an_unknown_create_is_looked_up_once(door: &Door) {
    let (store, plan) = (&door.store, lacking(door.msp));
    let lease = door.begin(RunKind::Update, 0).await;
    let id = store.make_create_intent(&lease, &released(&plan), &plan.id, at(0)).await.unwrap().id();
    store.record_created(&lease, id, &created(Outcome::Unknown, None, Vec::new()), at(0)).await.unwrap();
    assert_eq!(store.open_creates(door.msp).await.unwrap().len(), 1);
    door.finish(lease, 1).await;
    let lease = door.begin(RunKind::Update, 2).await;
    store.record_created(&lease, id, &created(Outcome::NotSent, None, Vec::new()), at(2)).await.unwrap();
    let twice = store.record_created(&lease, id, &created(Outcome::Confirmed, None, Vec::new()), at(2)).await;
    assert!(matches!(twice, Err(StoreError::Twice(_))));
    assert!(store.open_creates(door.msp).await.unwrap().is_empty());
    door.finish(lease, 3).await;
}
