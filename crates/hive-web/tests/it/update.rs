//! Preview and Update: what would be written, decisions, go-live.

use crate::town::{Town, mirror, words};
use axum::http::StatusCode;
use hive_core::{AdditionId, Timestamp};
use hive_store::{Role, RunKind, RunState, Schedule};
use hive_web::RunAsked;
use std::collections::BTreeSet;

const UPDATE: &str = "psa-sync/update";

async fn plan(town: &Town) -> hive_core::PlanId {
    town.desk.look_fresh(&town.msp, town.door.now()).await.unwrap().plan.id.clone()
}

#[tokio::test]
async fn ac_77_to_80_every_line_is_pushed_waits_or_says_why_not() {
    let town = Town::live().await;
    let page = town.get(UPDATE).await;
    let shown = words(&page.text);
    for says in [
        "What waits for a decision: 1",
        "What will be pushed: 1 addition",
        "What will not be pushed, and why: 4 lines",
        "10 13 +3 +6.00 USD",
        "addition.ambiguous",
        "account.unlinked",
        "product.unmapped",
        "unit.unconfirmed",
        "+360.00 USD",
    ] {
        assert!(shown.contains(says), "{says}: {shown}");
    }
    assert!(shown.contains(&plan(&town).await.to_string()), "the plan's id");
}

#[tokio::test]
async fn ac_100_a_product_goes_live_by_exactly_the_plan_that_was_shown() {
    let town = Town::built().await;
    let (plan, hot) = (plan(&town).await, town.line("Acme", "Hot").await.product);
    let page = town.get(UPDATE).await;
    assert!(words(&page.text).contains("Hot HOT 4 1 +6.00 USD not live"), "{}", words(&page.text));
    assert!(!page.text.contains("checked"), "nothing is ticked for anybody");
    let asks = town
        .post_as(&format!("{UPDATE}/push"), &format!("plan={plan}&product={hot}"), &town.session(Role::Approver).await)
        .await;
    assert_eq!(asks.status, StatusCode::OK);
    let question = words(&asks.text);
    for says in [
        "Push exactly this plan?",
        "This writes 1 addition in ConnectWise: +6.00 USD a month up and nothing a month down.",
        "1 product goes live",
        "Push 1 addition",
    ] {
        assert!(question.contains(says), "{says}: {question}");
    }
    assert!(town.engine.asked.lock().unwrap().is_empty(), "asking starts nothing");
    let (posted, said) = town.post(&format!("{UPDATE}/start"), &format!("plan={plan}&product={hot}")).await;
    assert_eq!((posted.status, said.as_str()), (StatusCode::SEE_OTHER, "Update 77 has begun. This page follows it."));
    let asked = RunAsked::Update { plan: Some(plan), products: Some(BTreeSet::from([hot])) };
    assert_eq!(*town.engine.asked.lock().unwrap(), [asked]);
}

#[tokio::test]
async fn a_plan_that_moved_or_nothing_ticked_is_refused_in_words() {
    let town = Town::built().await;
    let (_, said) = town.post(&format!("{UPDATE}/push"), "plan=older&product=1").await;
    assert!(said.starts_with("plan older is not the newest any more"), "{said}");
    let (_, said) = town.post(&format!("{UPDATE}/push"), &format!("plan={}", plan(&town).await)).await;
    assert_eq!(said, "Tick at least one product: nothing was started.");
    let refused = town.post_as(&format!("{UPDATE}/start"), "", &town.session(Role::Mapper).await).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(town.engine.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn update_now_asks_and_pushes_what_is_live() {
    let town = Town::live().await;
    let asks = town.post(&format!("{UPDATE}/push"), "").await.0;
    assert!(
        words(&asks.text).contains("Update now? This writes")
            || words(&asks.text).contains("Update now: push 1 addition"),
        "{}",
        words(&asks.text)
    );
    town.post(&format!("{UPDATE}/start"), "").await;
    assert_eq!(*town.engine.asked.lock().unwrap(), [RunAsked::Update { plan: None, products: None }]);
}

#[tokio::test]
async fn lines_of_one_cause_are_one_decision_that_asks_before_it_is_made() {
    let town = Town::live().await;
    let page = town.get(UPDATE).await;
    assert!(page.text.contains("Approve the ticked decisions…") && page.text.contains("value=\"usage.spike:3\""));
    let plan = plan(&town).await;
    let form = format!("plan={plan}&cause=usage.spike:3");
    let asks = town.post(&format!("{UPDATE}/approve"), &form).await.0;
    let question = words(&asks.text);
    assert!(
        question.contains("Approve 1 decision?") && question.contains("1 decision: 1 addition, +360.00 USD a month"),
        "{question}"
    );
    let approvals = || async { town.door.store.approvals(town.msp.id, town.door.now()).await.unwrap().len() };
    assert_eq!(approvals().await, 0, "asking approves nothing");
    let (_, said) = town.post(&format!("{UPDATE}/approve"), &format!("{form}&sure=yes")).await;
    assert_eq!(said, "Approved 1 decision: 1 addition. Nothing is written before an Update.");
    assert_eq!(approvals().await, 1);
    let after = words(&town.get(UPDATE).await.text);
    assert!(
        after.contains("Nothing waits for a decision") && after.contains("What will be pushed: 2 additions"),
        "{after}"
    );
    let (_, said) = town.post(&format!("{UPDATE}/approve"), &form).await;
    assert_eq!(said, "These decisions do not wait any more; nothing was approved.");
    let refused = town.post_as(&format!("{UPDATE}/approve"), &form, &town.session(Role::Mapper).await).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_run_that_goes_on_is_followed_and_stopped() {
    let town = Town::live().await;
    let now = town.door.now();
    let lease = town.door.store.begin_run(town.msp.id, RunKind::Update, "user:jo", now, 120_000, None).await.unwrap();
    let page = town.get(UPDATE).await;
    assert!(page.text.contains(&format!("data-run=\"{}\"", lease.run)) && page.text.contains("A run is under way"));
    assert!(!page.text.contains("Push exactly this plan…"), "no second run");
    let (_, said) = town.post(&format!("{UPDATE}/stop"), &format!("run={}", lease.run)).await;
    assert!(said.contains("was asked to stop"), "{said}");
    assert!(words(&town.get(UPDATE).await.text).contains("jo@northwind.example asked it to stop"));
    let refused = town
        .post_as(&format!("{UPDATE}/stop"), &format!("run={}", lease.run), &town.session(Role::ReadOnly).await)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_may_only_look_sees_the_plan_and_no_button() {
    let town = Town::live().await;
    let page = town.get_as(UPDATE, &town.session(Role::ReadOnly).await).await;
    assert_eq!(page.status, StatusCode::OK);
    for action in ["update/approve", "update/start", "update/answer"] {
        assert!(!page.text.contains(action), "{action}");
    }
    assert!(page.text.contains("needs the role approver or admin"));
}

/// Bolt is billed a year at a time, so its addition is held twice: by the spike and by the paid period.
async fn held_twice() -> Town {
    let town = Town::live().await;
    // 3960 USD a year more are 330 a month: still a spike.
    town.usage("Bolt,Hot,2000,GB").await;
    let (store, now) = (&town.door.store, town.door.now());
    let mut synced = mirror(&[(1, "10"), (2, "5"), (3, "20"), (4, "1"), (5, "2")], now);
    synced.agreements[1].billing_cycle = Some("Annual".to_owned());
    let lease = store.begin_run(town.msp.id, RunKind::Sync, "cli:ann", now, 120_000, None).await.unwrap();
    store.save_mirror(town.msp.id, &lease, &synced).await.unwrap();
    store.finish_run(lease, RunState::Succeeded, None, "done", now).await.unwrap();
    town
}

#[tokio::test]
async fn an_approval_promises_only_what_no_other_code_holds() {
    let town = held_twice().await;
    let shown = words(&town.get(UPDATE).await.text);
    assert!(shown.contains("2 decisions, 1 addition"), "the card counts an addition once: {shown}");
    assert!(shown.contains("1 also waits for addition.paid_period"), "{shown}");
    let (plan, approve) = (plan(&town).await, format!("{UPDATE}/approve"));
    let one = format!("plan={plan}&cause=usage.spike:3");
    let question = words(&town.post(&approve, &one).await.0.text);
    assert!(
        question.contains(
            "1 addition, of which 1 still waits for addition.paid_period after this. An Update writes none of them yet."
        ),
        "{question}"
    );
    let all = words(&town.post(&approve, &format!("plan={plan}&all=yes")).await.0.text);
    assert!(all.contains("2 decisions: 1 addition, +330.00 USD a month"), "{all}");
    assert!(all.contains("An approval lets an Update write this value."), "{all}");
    assert!(all.contains("bill the difference by hand where it is due."), "the words to the end: {all}");
    let (_, said) = town.post(&approve, &format!("{one}&sure=yes")).await;
    assert!(said.contains("1 addition, of which 1 still waits for another decision"), "{said}");
    let rest = words(&town.post(&approve, &format!("plan={plan}&all=yes")).await.0.text);
    assert!(rest.contains("1 decision: 1 addition") && rest.contains("lets an Update write this value."), "{rest}");
}

#[tokio::test]
async fn an_approval_says_the_moment_it_lapses() {
    let town = Town::live().await;
    let due_at: Timestamp = "2025-11-26T03:00:00Z".parse().unwrap();
    let schedule = Schedule {
        msp: town.msp.id,
        kind: RunKind::Update,
        slot: "2025-11-26".parse().unwrap(),
        due_at,
        failures: 0,
        retry_at: None,
        words: String::new(),
        last_slot_at: None,
    };
    town.door.store.set_schedule(&schedule).await.unwrap();
    let (plan, line) = (plan(&town).await, town.line("Bolt", "Hot").await);
    let asks = town.post(&format!("{UPDATE}/approve"), &format!("plan={plan}&cause=usage.spike:3")).await.0;
    let question = words(&asks.text);
    assert!(question.contains("It lapses on 3 Dec 2025, 03:00 UTC"), "seven days past that Update: {question}");
    let page = words(&town.get(&format!("psa-sync/usages/{line}")).await.text);
    assert!(page.contains("It holds until 3 Dec 2025, 03:00 UTC"), "{page}");
    let (_, said) = town.post(&format!("psa-sync/usages/{line}/approve"), &format!("plan={plan}")).await;
    assert!(said.contains("until 3 Dec 2025, 03:00 UTC"), "as it is kept: {said}");
    let page = words(&town.get(&format!("psa-sync/usages/{line}")).await.text);
    assert!(page.contains("approved by") && !page.contains("waits for approval"), "{page}");
}

#[tokio::test]
async fn a_value_read_after_the_sync_says_when_it_was_read() {
    let town = Town::live().await;
    let (store, now, line) = (&town.door.store, town.door.now(), town.line("Acme", "Hot").await);
    let at = format!("psa-sync/usages/{line}");
    assert!(words(&town.get(&at).await.text).contains("As of the Sync of 23 Nov 2025, 10:00 UTC."));
    let lease = store.begin_run(town.msp.id, RunKind::Update, "cli:ann", now, 120_000, None).await.unwrap();
    let read = "2025-11-23T10:05:00Z".parse().unwrap();
    store.mirror_row_read(town.msp.id, AdditionId(1), 13.into(), None, read, &lease).await.unwrap();
    store.finish_run(lease, RunState::Succeeded, None, "done", now).await.unwrap();
    town.desk.look_fresh(&town.msp, now).await.unwrap();
    let shown = words(&town.get(&at).await.text);
    assert!(shown.contains("The addition was read again on 23 Nov 2025, 10:05 UTC"), "{shown}");
}
