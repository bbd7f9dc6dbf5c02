//! The month: open, reviewed, pushed, invoiced.

use crate::town::{Town, mirror, words};
use axum::http::StatusCode;
use hive_core::Date;
use hive_store::{Role, RunKind, RunState};

const DAY: &str = "month/2025-12-01";

#[tokio::test]
async fn agreements_stand_by_their_next_invoice_with_what_is_missing_in_money() {
    let town = Town::live().await;
    let shown = words(&town.get("month").await.text);
    assert!(shown.contains("1 Dec 2025 open not reviewed not pushed not invoiced 2 1 1 2 +366.00 USD and 2 lines whose money is not known nothing"), "{shown}");
    assert!(
        shown.contains("15 Dec 2025 open not reviewed all in step; 1 issue left not invoiced 1 0 0 1 nothing and 1 line whose money is not known nothing"),
        "{shown}"
    );
    assert!(shown.contains("On no invoice at all: 1 line"), "{shown}");
    let day = words(&town.get(DAY).await.text);
    assert!(day.contains("Bolt Managed 102 Monthly 0 1 0 +360.00 USD"), "{day}");
    assert!(day.contains("Acme Managed 101 Monthly 1 0 2 +6.00 USD"), "{day}");
    assert_eq!(town.get("month/2031-01-01").await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.get("month/never").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_approver_reviews_a_day_and_it_is_audited() {
    let town = Town::live().await;
    let review = format!("{DAY}/review");
    let refused = town.post_as(&review, "reviewed=yes", &town.session(Role::Mapper).await).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let (_, said) = town.post(&review, "reviewed=yes").await;
    assert_eq!(said, "You reviewed the invoices of 2025-12-01.");
    assert!(words(&town.get(DAY).await.text).contains("reviewed by jo@northwind.example, 23 Nov 2025, 10:00 UTC"));
    let log = town.door.store.audit(town.msp.id).await.unwrap();
    assert_eq!(
        (log.last().unwrap().what.as_str(), log.last().unwrap().subject.as_str()),
        ("month.review", "invoices of 2025-12-01")
    );
    let (_, said) = town.post(&review, "reviewed=no").await;
    assert!(said.contains("open again"), "{said}");
    let (refused, _) = town.post("month/2031-01-01/review", "reviewed=yes").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_day_is_pushed_when_nothing_is_left_and_invoiced_when_its_date_moved() {
    let town = Town::live().await;
    town.post(&format!("{DAY}/review"), "reviewed=yes").await;
    town.sync(&[(1, "13"), (2, "5"), (3, "200"), (4, "1"), (5, "2")]).await;
    let shown = words(&town.get("month").await.text);
    assert!(
        shown.contains(
            "all in step; 2 issues left not invoiced 2 0 0 2 nothing and 2 lines whose money is not known nothing"
        ),
        "{shown}"
    );
    let store = &town.door.store;
    let now = town.door.now();
    let mut moved = mirror(&[(1, "13"), (2, "5"), (3, "200")], now);
    let next: Date = "2026-01-01".parse().unwrap();
    moved.agreements.iter_mut().for_each(|agreement| agreement.next_invoice = Some(next));
    let lease = store.begin_run(town.msp.id, RunKind::Sync, "cli:ann", now, 120_000, None).await.unwrap();
    store.save_mirror(town.msp.id, &lease, &moved).await.unwrap();
    store.finish_run(lease, RunState::Succeeded, None, "done", now).await.unwrap();
    let shown = words(&town.get("month").await.text);
    assert!(
        shown.contains("1 Dec 2025 open reviewed by jo@northwind.example, 23 Nov 2025, 10:00 UTC all in step invoiced"),
        "{shown}"
    );
    assert!(words(&town.get(DAY).await.text).contains("Every invoice of this day is made"));
}

#[tokio::test]
async fn over_billing_is_never_netted_and_a_cancelled_agreement_is_not_left_out() {
    let town = Town::live().await;
    town.sync(&[(1, "20"), (2, "5"), (3, "20"), (4, "1"), (5, "2")]).await;
    let shown = words(&town.get("month").await.text);
    assert!(
        shown.contains("+360.00 USD and 2 lines whose money is not known \u{2212}14.00 USD"),
        "360 of Bolt are not billed, 14 of Acme are too many: {shown}"
    );
    let (store, now) = (&town.door.store, town.door.now());
    let mut cancelled = mirror(&[(1, "10"), (2, "5"), (3, "20"), (4, "1"), (5, "2")], now);
    cancelled.agreements[1].cancelled = true;
    let lease = store.begin_run(town.msp.id, RunKind::Sync, "cli:ann", now, 120_000, None).await.unwrap();
    store.save_mirror(town.msp.id, &lease, &cancelled).await.unwrap();
    store.finish_run(lease, RunState::Succeeded, None, "done", now).await.unwrap();
    town.desk.look_fresh(&town.msp, now).await.unwrap();
    let shown = words(&town.get("month").await.text);
    assert!(shown.contains("On no invoice at all: 2 lines") && shown.contains("Bolt Hot"), "{shown}");
}
