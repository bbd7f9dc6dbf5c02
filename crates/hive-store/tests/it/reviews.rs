//! Who reviewed the invoices of a day, and what was written on agreements.

use crate::door::*;
use hive_core::outcome::Outcome;
use hive_core::*;
use hive_store::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) async fn a_review_is_one_mark_that_can_be_taken_back(door: &Door) {
    let (store, msp, december) = (&door.store, door.msp, day("2026-12-01"));
    store.set_review(msp, december, true, "user:ann", at(1)).await.unwrap();
    let twice = store.set_review(msp, december, true, "user:bob", at(2)).await.unwrap_err();
    assert_eq!(twice.to_string(), "the invoices of 2026-12-01 were reviewed by user:ann already");
    let expected = Review { invoice_date: december, who: "user:ann".into(), at: at(1) };
    assert_eq!(store.reviews(msp).await.unwrap(), [expected]);
    assert!(store.reviews(door.other).await.unwrap().is_empty());
    store.set_review(msp, december, false, "user:bob", at(3)).await.unwrap();
    assert!(store.reviews(msp).await.unwrap().is_empty());
    assert!(store.set_review(msp, december, false, "user:bob", at(4)).await.is_err());
    let log = door.audit_words().await;
    assert_eq!(
        log[log.len() - 2..],
        [
            "user:ann month.review invoices of 2026-12-01: - -> user:ann",
            "user:bob month.review invoices of 2026-12-01: user:ann -> -"
        ]
    );
}

pub(crate) async fn what_was_written_is_told_by_agreement(door: &Door) {
    door.connect("https://cw.example.com", "northwind", "private").await;
    let plan = plan(door.msp, "p1", &[(1000, "10", "12"), (1001, "5", "6")], 10);
    door.store.save_plan(door.msp, &plan).await.unwrap();
    let lease = door.begin(RunKind::Update, 10).await;
    for (released, outcome) in released(&plan).iter().zip([Outcome::Pushed, Outcome::Refused]) {
        let intent = door.store.make_intent(&lease, released, &plan.id, "cli:ann", at(10)).await.unwrap();
        let to = released.to();
        let written = written(outcome, None);
        door.store.record_outcome(&lease, intent.id(), &written, to, released.lines(), at(10)).await.unwrap();
    }
    door.finish(lease, 11).await;
    let expected = WroteOn { agreement: AgreementId(5), addition: AdditionId(1000), last: at(10) };
    assert_eq!(door.store.wrote_since(door.msp, at(0)).await.unwrap(), [expected]);
    assert!(door.store.wrote_since(door.msp, at(11)).await.unwrap().is_empty());
    assert!(door.store.wrote_since(door.other, at(0)).await.unwrap().is_empty());
    let run = door.store.runs(door.msp, 1).await.unwrap()[0].id;
    let (agreement, addition) = (AgreementId(5), AdditionId(1000));
    let stands = Stands { run, agreement, addition, from: q("10"), to: q("12"), at: at(10) };
    let of = async |run: Option<RunId>, from: i64, to: i64| {
        door.store.stands(door.msp, run, (at(from), at(to))).await.unwrap()
    };
    assert_eq!(of(None, 10, 11).await, [stands]);
    assert_eq!(of(Some(run), 0, 100).await, [stands]);
    assert_eq!(of(Some(RunId(run.0 + 1)), 0, 100).await, []);
    assert_eq!(of(None, 0, 10).await, []);
    assert_eq!(of(None, 11, 100).await, []);
    assert_eq!(door.store.stands(door.other, None, (at(0), at(100))).await.unwrap(), []);
}
