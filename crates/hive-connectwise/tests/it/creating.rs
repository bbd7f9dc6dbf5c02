//! Creating an addition: every row of the answer table, and never a second one.

use crate::support::*;
use hive_connectwise::{Client, RunGuard};
use hive_core::allow::{CreateApproval, ReleasedCreate, Request, allow_creates};
use hive_core::issue::Code;
use hive_core::outcome::{CreateIntent, Created, DurableIntent, Outcome};
use hive_core::plan::{Create, Plan};
use hive_core::*;
use hive_simulator::{Fault, NewAddition, NewAgreement, NewItem, On, Running};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const COMPANY: i64 = 101;
const AGREEMENT: i64 = 50_001;
/// An item of the catalog that the agreement lacks.
const LACKING: i64 = 1_002;

fn intent(quantity: i64) -> DurableIntent {
    DurableIntent::after_create_commit(&CreateIntent {
        id: IntentId(1),
        run: RunId(1),
        agreement: AgreementId(AGREEMENT),
        item: ItemId(LACKING),
        quantity: quantity.into(),
        fence: 1,
        who: "jane".into(),
        made_at: clock()(),
    })
}

/// Only `allow` makes one, so it is asked, with a plan and an approval.
fn released(company: i64, quantity: i64) -> ReleasedCreate {
    let now = clock()();
    let create = Create {
        agreement: AgreementId(AGREEMENT),
        company: CompanyId(company),
        item: ItemId(LACKING),
        quantity: quantity.into(),
        lines: vec![],
        products: BTreeSet::new(),
        live: true,
        holds: BTreeSet::from([(Code::AdditionToCreate, "addition.to_create:1".into())]),
        countable: true,
        money_month: None,
        currency: None,
    };
    let until = now + jiff::SignedDuration::from_hours(1);
    let approval = CreateApproval::of(&create, None, Decimal::ZERO, "jane", (now, until));
    let plan = Plan {
        id: PlanId("p".into()),
        msp: MspId(1),
        msp_name: "NW".into(),
        mirror: None,
        made_at: now,
        today: today(),
        samples_through: 0,
        lines: vec![],
        changes: vec![],
        creates: vec![create],
        ignored: 0,
        excluded: 0,
        settle: vec![],
    };
    allow_creates(&plan, &[approval], &Request::default(), now).released.pop().unwrap()
}

/// The small world with one more item, and an addition of it that was cancelled a month ago.
async fn stage(faults: Vec<Fault>) -> (Running, Client) {
    let mut world = small_world();
    let item = world.item(NewItem { price: 7.into(), ..NewItem::default() });
    assert_eq!(item, LACKING);
    world.addition(NewAddition {
        agreement: AGREEMENT,
        item,
        quantity: 3.into(),
        cancelled: Some("2026-10-23".parse().unwrap()),
        ..NewAddition::default()
    });
    let running = simulator(world).await;
    for fault in faults {
        running.sim().fault(fault);
    }
    let client = client_with(&running.url(), |limits| limits.request_timeout = Duration::from_millis(300));
    (running, client)
}

async fn create(client: &Client, guard: &RunGuard) -> Created {
    client.create(released(COMPANY, 12), intent(12), &in_sydney(), guard).await
}

/// The quantities of the item's additions that are not over.
fn holds(running: &Running) -> Vec<String> {
    let rows = running.sim().snapshot();
    let of_item = rows.as_array().unwrap().iter().filter(|row| row["product"]["id"] == LACKING);
    let ongoing = of_item.filter(|row| row.get("cancelledDate").is_none());
    ongoing.map(|row| Quantity::parse_json(&row["quantity"].to_string()).unwrap().to_string()).collect()
}

fn named(name: &str) -> Fault {
    Fault::named(name, On::Post).unwrap()
}

#[tokio::test]
async fn a_creation_sends_one_post_with_the_least() {
    let (running, client) = stage(vec![]).await;
    let created = create(&client, &guard()).await;
    assert_eq!((created.written.outcome, created.written.found), (Outcome::Pushed, Some(12.into())));
    let writes = running.sim().writes();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].body, r#"{"product":{"id":1002},"quantity":12,"billCustomer":"Billable"}"#);
    assert_eq!(created.addition, Some(AdditionId(writes[0].addition)));
    let row = &created.rows[0];
    assert_eq!((created.rows.len(), row.id.0, row.quantity), (1, writes[0].addition, Some(12.into())));
    assert_eq!(row.unit_price.map(|price| price.to_string()).as_deref(), Some("7"), "the catalog's, by ConnectWise");
    let requests = running.sim().requests();
    assert_eq!((requests.agreement, requests.additions, requests.posts), (1, 1, 1));
}

/// fault, outcome, what bills afterwards, POSTs sent.
#[tokio::test]
async fn every_row_of_the_answer_table() {
    let late = |name: &str, ms: &str| Fault::new(hive_simulator::FaultKind::parse(name, Some(ms)).unwrap(), On::Post);
    type Row = (&'static str, Vec<Fault>, Outcome, &'static [&'static str], u64);
    let rows: Vec<Row> = vec![
        ("rounded", vec![named("rounded")], Outcome::Alarm, &["13"], 1),
        ("429 once", vec![named("429").times(1)], Outcome::Pushed, &["12"], 2),
        ("404", vec![named("404")], Outcome::NotATarget, &[], 1),
        ("401", vec![named("401")], Outcome::Refused, &[], 1),
        ("403", vec![named("403")], Outcome::Refused, &[], 1),
        ("409", vec![named("409")], Outcome::Refused, &[], 1),
        ("400", vec![named("400")], Outcome::Refused, &[], 1),
        ("408", vec![named("408")], Outcome::NotSent, &[], 1),
        ("408 applied", vec![named("408").applied()], Outcome::Confirmed, &["12"], 1),
        ("500", vec![named("500")], Outcome::NotSent, &[], 1),
        ("500 applied", vec![named("500").applied()], Outcome::Confirmed, &["12"], 1),
        ("500bad", vec![named("500bad")], Outcome::NotSent, &[], 1),
        ("502", vec![named("502")], Outcome::NotSent, &[], 1),
        ("503 applied", vec![named("503").applied()], Outcome::Confirmed, &["12"], 1),
        ("redirect", vec![named("redirect")], Outcome::NotSent, &[], 1),
        ("204", vec![named("204")], Outcome::Confirmed, &["12"], 1),
        ("html200", vec![named("html200")], Outcome::NotSent, &[], 1),
        ("html200 applied", vec![named("html200").applied()], Outcome::Confirmed, &["12"], 1),
        ("null200", vec![named("null200")], Outcome::NotSent, &[], 1),
        ("truncate", vec![named("truncate")], Outcome::Confirmed, &["12"], 1),
        ("no_quantity_answer", vec![named("no_quantity_answer")], Outcome::Confirmed, &["12"], 1),
        ("reset_mid", vec![named("reset_mid")], Outcome::Confirmed, &["12"], 1),
        ("drop", vec![named("drop")], Outcome::NotSent, &[], 1),
        ("lost", vec![named("patch_lost")], Outcome::Confirmed, &["12"], 1),
        ("hang", vec![named("hang")], Outcome::NotSent, &[], 1),
        ("hang applied", vec![named("hang").applied()], Outcome::Confirmed, &["12"], 1),
        // It lands long after the client gave up, and is waited for.
        ("late", vec![late("latency", "800")], Outcome::Confirmed, &["12"], 1),
        ("answer late", vec![late("answer_late", "900")], Outcome::Confirmed, &["12"], 1),
    ];
    let one = |(name, faults, outcome, left, posts): Row| async move {
        let (running, client) = stage(faults).await;
        let created = create(&client, &guard()).await;
        let words = created.written.message.clone().unwrap_or_default();
        assert_eq!(created.written.outcome, outcome, "{name}: {words}");
        assert_eq!(holds(&running), left, "{name}");
        assert_eq!(running.sim().requests().posts, posts, "{name}: {words}");
        assert_eq!(created.addition.is_some(), outcome.wrote(), "{name}");
        assert!(!words.is_empty(), "{name}");
    };
    futures::future::join_all(rows.into_iter().map(one)).await;
}

#[tokio::test]
async fn a_refusal_has_connectwises_own_words_and_names_the_right() {
    let (running, client) = stage(vec![named("400")]).await;
    let refused = create(&client, &guard()).await.written;
    assert!(refused.message.unwrap().contains("already been invoiced"));
    assert_eq!(refused.stop_run, None);
    running.sim().clear_faults();
    running.sim().set_add_right("None");
    let words = create(&client, &guard()).await.written.message.unwrap();
    assert!(words.contains("Finance > Agreements: Add = All"), "{words}");
}

#[tokio::test]
async fn what_somebody_added_meanwhile_is_left_alone() {
    for (effective, cancelled) in [(None, None), (Some("2027-01-01"), None), (None, Some("2026-11-23"))] {
        let (running, client) = stage(vec![]).await;
        let day = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        let id = running.sim().add_addition(NewAddition {
            agreement: AGREEMENT,
            item: LACKING,
            quantity: 5.into(),
            effective: day(effective),
            cancelled: day(cancelled),
            ..NewAddition::default()
        });
        let created = create(&client, &guard()).await;
        assert_eq!((created.written.outcome, created.written.found), (Outcome::Drifted, Some(5.into())));
        let words = created.written.message.unwrap();
        assert!(words.contains(&format!("somebody added addition {id} meanwhile at 5")), "{words}");
        assert_eq!((created.addition, created.rows.len()), (None, 2), "the mirror learns of both");
        assert_eq!(running.sim().requests().posts, 0);
    }
}

#[tokio::test]
async fn an_agreement_that_is_over_or_anothers_is_no_target() {
    for how in ["cancelled", "deleted", "another company's"] {
        let (running, client) = stage(vec![]).await;
        let of = COMPANY;
        match how {
            "cancelled" => assert!(running.sim().cancel_agreement(AGREEMENT)),
            "deleted" => assert!(running.sim().delete_agreement(AGREEMENT)),
            _ => {}
        }
        let of = if how == "another company's" { of + 1 } else { of };
        let created = client.create(released(of, 12), intent(12), &in_sydney(), &guard()).await;
        assert_eq!(created.written.outcome, Outcome::NotATarget, "{how}");
        assert_eq!(running.sim().requests().posts, 0);
    }
}

#[tokio::test]
async fn without_its_own_intent_leave_or_a_list_nothing_is_sent() {
    let (running, client) = stage(vec![]).await;
    let other = client.create(released(COMPANY, 12), intent(13), &in_sydney(), &guard()).await;
    assert_eq!(other.written.outcome, Outcome::NotSent);
    let no_leave = RunGuard::new(Duration::from_secs(60), Arc::new(|| Err("the run was stopped".into())));
    let stopped = create(&client, &no_leave).await.written;
    assert_eq!((stopped.outcome, stopped.stop_run.as_deref()), (Outcome::NotSent, Some("the run was stopped")));
    // A row that cannot be read may be the very one: nothing is created on a guess.
    running.sim().fault(Fault::named("500", On::Additions).unwrap());
    let short = RunGuard::new(Duration::from_secs(2), Arc::new(|| Ok(())));
    assert_eq!(create(&client, &short).await.written.outcome, Outcome::NotSent);
    assert_eq!(running.sim().requests().posts, 0);
}

#[tokio::test]
async fn a_doubt_that_cannot_be_looked_at_is_unknown() {
    let (running, client) = stage(vec![named("patch_lost")]).await;
    // The list is read before the POST, and not any more after it.
    running.sim().fault(Fault { nth: Some(1), ..Fault::named("blank_dates", On::Additions).unwrap() });
    let asked = Arc::new(AtomicU32::new(0));
    let sim = running.sim().clone();
    let seen = Arc::clone(&asked);
    let leave = move || {
        seen.fetch_add(1, Ordering::SeqCst);
        if sim.requests().posts > 0 { Err("the run was stopped".to_owned()) } else { Ok(()) }
    };
    let created = create(&client, &RunGuard::new(Duration::from_secs(60), Arc::new(leave))).await;
    assert_eq!(created.written.outcome, Outcome::Unknown);
    assert!(created.written.message.unwrap().contains("the next run looks it up first"));
    assert_eq!(
        (created.written.stop_run.as_deref(), holds(&running)),
        (Some("the run was stopped"), vec!["12".into()])
    );
    assert!(asked.load(Ordering::SeqCst) > 0);
    // The next run looks: the item's rows, whatever their dates.
    let rows = client.additions_of_item(AgreementId(AGREEMENT), ItemId(LACKING)).await.unwrap().unwrap();
    assert_eq!(rows.len(), 2);
    let gone = client.additions_of_item(AgreementId(1), ItemId(LACKING)).await.unwrap();
    assert!(gone.is_none(), "no such agreement");
}

#[tokio::test]
async fn two_rows_after_a_doubt_are_an_alarm_and_another_quantity_is_somebodys() {
    let (running, client) = stage(vec![named("hang").applied()]).await;
    let sim = running.sim().clone();
    let another = tokio::spawn(async move {
        while sim.requests().posts == 0 {
            tokio::task::yield_now().await;
        }
        let new = NewAddition { agreement: AGREEMENT, item: LACKING, quantity: 5.into(), ..NewAddition::default() };
        sim.add_addition(new);
    });
    let created = create(&client, &guard()).await;
    another.await.unwrap();
    assert_eq!((created.written.outcome, created.addition), (Outcome::Alarm, None));
    assert!(created.written.message.unwrap().contains("shows 2 where one was to be created"));
    let (running, client) = stage(vec![named("hang")]).await;
    let sim = running.sim().clone();
    let another = tokio::spawn(async move {
        while sim.requests().posts == 0 {
            tokio::task::yield_now().await;
        }
        let new = NewAddition { agreement: AGREEMENT, item: LACKING, quantity: 5.into(), ..NewAddition::default() };
        sim.add_addition(new);
    });
    let created = create(&client, &guard()).await;
    another.await.unwrap();
    assert_eq!((created.written.outcome, created.written.found), (Outcome::Drifted, Some(5.into())));
}

/// An agreement's list can be longer than a page, and the row that bills be on its last.
#[tokio::test]
async fn a_row_on_the_last_page_is_found() {
    let (running, client) = stage(vec![]).await;
    let item = running.sim().add_item(NewItem::default());
    for _ in 0..1_050 {
        running.sim().add_addition(NewAddition { agreement: AGREEMENT, item, ..NewAddition::default() });
    }
    running.sim().add_addition(NewAddition { agreement: AGREEMENT, item: LACKING, ..NewAddition::default() });
    running.sim().add_agreement(NewAgreement { company: COMPANY, ..NewAgreement::default() });
    assert_eq!(create(&client, &guard()).await.written.outcome, Outcome::Drifted);
    assert_eq!(running.sim().requests().posts, 0);
}
