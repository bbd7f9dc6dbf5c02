//! The safe write: every row of the answer table.

use crate::support::*;
use hive_connectwise::{Client, RunGuard};
use hive_core::allow::{Done, Released, turn_round};
use hive_core::outcome::{DurableIntent, Intent, Outcome, Written};
use hive_core::{AdditionId, AgreementId, IntentId, ItemId, Quantity, RunId};
use hive_simulator::{Decimal, Fault, FaultKind, NewAddition, On, Running};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const AGREEMENT: i64 = 50_001;
pub(crate) const ADDITION: i64 = 200_001;

fn change(addition: i64, from: Quantity, to: Quantity) -> (Released, DurableIntent) {
    let done = Done {
        addition: AdditionId(addition),
        agreement: AgreementId(AGREEMENT),
        item: ItemId(1_001),
        found: to,
        wrote: from,
        lines: vec![],
    };
    let intent = Intent {
        id: IntentId(1),
        run: RunId(1),
        agreement: AgreementId(AGREEMENT),
        addition: AdditionId(addition),
        from,
        to,
        fence: 1,
        who: "test".into(),
        made_at: clock()(),
    };
    (turn_round(&[done], "test").pop().unwrap(), DurableIntent::after_commit(&intent))
}

pub(crate) async fn push_as(client: &Client, addition: i64, from: Quantity, to: Quantity, guard: &RunGuard) -> Written {
    let (released, intent) = change(addition, from, to);
    client.write(released, intent, &in_sydney(), guard).await
}

pub(crate) async fn push(client: &Client, from: i64, to: i64) -> Written {
    push_as(client, ADDITION, from.into(), to.into(), &guard()).await
}

/// A simulator that stumbles on the PATCH, and a quick client.
pub(crate) async fn stage(faults: Vec<Fault>) -> (Running, Client) {
    let running = simulator(small_world()).await;
    for fault in faults {
        running.sim().fault(fault);
    }
    let client = client_with(&running.url(), |limits| limits.request_timeout = Duration::from_millis(300));
    (running, client)
}

pub(crate) fn named(name: &str) -> Fault {
    Fault::named(name, On::Patch).unwrap()
}

fn holds(running: &Running) -> Decimal {
    running.sim().quantity(AGREEMENT, ADDITION).unwrap()
}

fn changes(running: &Running) -> usize {
    running.sim().writes().iter().filter(|write| write.changed).count()
}

#[tokio::test]
async fn a_write_sends_one_patch_in_the_one_form() {
    let (running, client) = stage(vec![]).await;
    let to = Quantity::parse_json("1234567890.120").unwrap();
    let written = push_as(&client, ADDITION, 10.into(), to, &guard()).await;
    assert_eq!(
        (written.outcome, written.found, written.message, written.stop_run),
        (Outcome::Pushed, Some(to), None, None)
    );
    assert_eq!(written.found_by.unwrap().split(" on ").next(), Some("PUBLICKEY0000001"));
    let writes = running.sim().writes();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].body, r#"[{"op":"replace","path":"quantity","value":1234567890.12}]"#);
    let requests = running.sim().requests();
    assert_eq!((requests.addition, requests.agreement, requests.patches), (1, 1, 1));
}

/// fault, outcome, what it holds afterwards, PATCHes sent.
#[tokio::test]
async fn every_row_of_the_answer_table() {
    let late = |name: &str, ms: &str| Fault::new(FaultKind::parse(name, Some(ms)).unwrap(), On::Patch).times(1);
    let rows: Vec<(&str, Vec<Fault>, Outcome, i64, u64)> = vec![
        ("rounded", vec![named("rounded")], Outcome::Alarm, 13, 1),
        ("429 once", vec![named("429").times(1)], Outcome::Pushed, 12, 2),
        ("404", vec![named("404")], Outcome::NotATarget, 10, 1),
        ("500bad", vec![named("500bad")], Outcome::Refused, 10, 1),
        ("500bad applied", vec![named("500bad").applied()], Outcome::Confirmed, 12, 1),
        ("401", vec![named("401")], Outcome::Refused, 10, 1),
        ("403", vec![named("403")], Outcome::Refused, 10, 1),
        ("409", vec![named("409")], Outcome::Refused, 10, 1),
        ("400", vec![named("400")], Outcome::Refused, 10, 1),
        ("408", vec![named("408").times(1)], Outcome::Pushed, 12, 2),
        ("408 applied", vec![named("408").applied()], Outcome::Confirmed, 12, 1),
        ("500", vec![named("500").times(1)], Outcome::Pushed, 12, 2),
        ("500 applied", vec![named("500").applied()], Outcome::Confirmed, 12, 1),
        ("500 for ever", vec![named("500")], Outcome::Unknown, 10, 2),
        ("502", vec![named("502").times(1)], Outcome::Pushed, 12, 2),
        ("503 applied", vec![named("503").applied()], Outcome::Confirmed, 12, 1),
        ("emptyobj503", vec![named("emptyobj503").times(1)], Outcome::Pushed, 12, 2),
        ("500timeout", vec![named("500timeout").times(1)], Outcome::Pushed, 12, 2),
        ("redirect", vec![named("redirect").times(1)], Outcome::Pushed, 12, 2),
        ("204", vec![named("204")], Outcome::Confirmed, 12, 1),
        ("html200", vec![named("html200").times(1)], Outcome::Pushed, 12, 2),
        ("html200 applied", vec![named("html200").applied()], Outcome::Confirmed, 12, 1),
        ("null200", vec![named("null200").times(1)], Outcome::Pushed, 12, 2),
        ("truncate", vec![named("truncate")], Outcome::Confirmed, 12, 1),
        ("wrong_record", vec![named("wrong_record")], Outcome::Confirmed, 12, 1),
        ("no_quantity_answer", vec![named("no_quantity_answer")], Outcome::Confirmed, 12, 1),
        ("reset_mid", vec![named("reset_mid")], Outcome::Confirmed, 12, 1),
        ("drop", vec![named("drop").times(1)], Outcome::Pushed, 12, 2),
        ("drop for ever", vec![named("drop")], Outcome::Unknown, 10, 2),
        ("patch_lost", vec![named("patch_lost")], Outcome::Confirmed, 12, 1),
        ("hang", vec![named("hang").times(1)], Outcome::Pushed, 12, 2),
        ("hang applied", vec![named("hang").applied()], Outcome::Confirmed, 12, 1),
        ("answer_late", vec![late("answer_late", "700")], Outcome::Confirmed, 12, 1),
        ("latency", vec![late("latency", "700")], Outcome::Confirmed, 12, 1),
        ("slow", vec![named("slow")], Outcome::Confirmed, 12, 1),
        ("bomb applied", vec![named("endless").applied()], Outcome::Unknown, 10, 2),
    ];
    let runs = rows.into_iter().map(|(name, faults, outcome, after, patches)| async move {
        let (running, client) = stage(faults).await;
        let written = push(&client, 10, 12).await;
        assert_eq!(written.outcome, outcome, "{name}: {written:?}");
        assert_eq!(holds(&running), after.into(), "{name}");
        assert_eq!(running.sim().requests().patches, patches, "{name}");
        assert!(changes(&running) <= 1, "{name}: {:?}", running.sim().writes());
        assert_eq!(written.message.is_none(), outcome == Outcome::Pushed, "{name}: {written:?}");
        assert_eq!(written.stop_run.is_some(), name == "401", "{name}: {written:?}");
    });
    futures::future::join_all(runs).await;
}

#[tokio::test]
async fn a_refusal_carries_connectwises_own_words() {
    let (_running, client) = stage(vec![named("400")]).await;
    let words = push(&client, 10, 12).await.message.unwrap();
    assert!(words.contains("addition object is invalid; Since this period has already been invoiced"), "{words}");
    let (_running, client) = stage(vec![named("rounded")]).await;
    let written = push(&client, 10, 12).await;
    assert_eq!(written.found, Some(13.into()));
    assert!(written.message.unwrap().starts_with("12 was written, but ConnectWise kept 13"));
}

#[tokio::test]
async fn what_a_person_changed_is_never_overwritten() {
    let (running, client) = stage(vec![]).await;
    running.sim().human_edit(AGREEMENT, ADDITION, 11.into(), "jo");
    let written = push(&client, 10, 12).await;
    assert_eq!((written.outcome, written.found), (Outcome::Drifted, Some(11.into())));
    let by = written.found_by.unwrap();
    assert!(by.starts_with("jo on 20") && by.contains(" AE"), "in the zone of the MSP: {by}");
    assert!(written.message.as_deref().unwrap().contains("it holds 11 (set by jo on "));
    running.sim().human_edit(AGREEMENT, ADDITION, 12.into(), "jo");
    assert_eq!(push(&client, 10, 12).await.outcome, Outcome::AlreadyRight);
    assert_eq!(running.sim().requests().patches, 0);
}

#[tokio::test]
async fn a_person_who_changes_it_in_the_doubt_is_not_overwritten() {
    let (running, client) = stage(vec![named("drop")]).await;
    let sim = running.sim().clone();
    let person = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        sim.human_edit(AGREEMENT, ADDITION, 11.into(), "jo");
    });
    let written = push(&client, 10, 12).await;
    person.await.unwrap();
    assert_eq!((written.outcome, written.found), (Outcome::Drifted, Some(11.into())));
    assert_eq!((holds(&running), running.sim().requests().patches), (11.into(), 1));
}

#[tokio::test]
async fn only_live_targets_are_written() {
    type Breaks = fn(&Running);
    let cases: [(&str, Breaks); 6] = [
        ("cancelled on", |r| assert!(r.sim().cancel_agreement(AGREEMENT))),
        ("was cancelled as of 2026-11-22", |r| {
            assert!(r.sim().cancel_addition(AGREEMENT, ADDITION, Some("2026-11-22".parse().unwrap())));
        }),
        ("not there any more", |r| assert!(r.sim().delete_addition(AGREEMENT, ADDITION))),
        ("not there any more", |r| assert!(r.sim().delete_agreement(AGREEMENT))),
        ("is now of item 1002", |r| {
            r.sim().delete_addition(AGREEMENT, ADDITION);
            let item = r.sim().add_item(hive_simulator::NewItem::default());
            r.sim().add_addition(NewAddition {
                id: Some(ADDITION),
                item,
                quantity: 10.into(),
                ..NewAddition::default()
            });
        }),
        ("ended on", |r| {
            r.sim().delete_agreement(AGREEMENT);
            let end = Some("2026-11-20".parse().unwrap());
            let status = Some("Active".into());
            r.sim().add_agreement(hive_simulator::NewAgreement {
                id: Some(AGREEMENT),
                end,
                status,
                ..Default::default()
            });
            r.sim().add_addition(NewAddition { id: Some(ADDITION), quantity: 10.into(), ..NewAddition::default() });
        }),
    ];
    for (words, breaks) in cases {
        let (running, client) = stage(vec![]).await;
        breaks(&running);
        let written = push(&client, 10, 12).await;
        assert_eq!(written.outcome, Outcome::NotATarget, "{words}: {written:?}");
        assert!(written.message.as_ref().unwrap().contains(words), "{written:?}");
        assert_eq!(running.sim().requests().patches, 0);
    }
    let (running, client) = stage(vec![]).await;
    assert!(running.sim().cancel_addition(AGREEMENT, ADDITION, Some(today())));
    assert_eq!(push(&client, 10, 12).await.outcome, Outcome::Pushed, "cancelledDate is the last billed day");
}

#[tokio::test]
async fn a_reread_that_fails_sends_nothing() {
    let cases = [("500", false), ("html200", false), ("noqty", false), ("badtype", false), ("wrong_record", false)];
    let runs = cases.into_iter().chain([("401", true)]).map(|(name, stops)| async move {
        let (running, client) = stage(vec![Fault::named(name, On::Addition).unwrap()]).await;
        let written = push(&client, 10, 12).await;
        assert_eq!(written.outcome, Outcome::NotSent, "{name}: {written:?}");
        assert_eq!(written.stop_run.is_some(), stops, "{name}");
        assert_eq!(running.sim().requests().patches, 0);
    });
    futures::future::join_all(runs).await;
}

#[tokio::test]
async fn a_doubt_that_cannot_be_read_back_stays_unknown() {
    let (running, client) =
        stage(vec![named("patch_lost"), Fault::new(FaultKind::ServerError, On::Addition).nth(2)]).await;
    assert_eq!(push(&client, 10, 12).await.outcome, Outcome::Confirmed, "one stumble is got over");
    assert_eq!(changes(&running), 1);
    let (running, client) = stage(vec![named("patch_lost")]).await;
    let sim = running.sim().clone();
    let later = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        sim.fault(Fault::new(FaultKind::Unauthorized, On::Addition));
    });
    let written = push(&client, 10, 12).await;
    later.await.unwrap();
    assert_eq!(written.outcome, Outcome::Unknown, "{written:?}");
    assert!(written.stop_run.is_some() && written.message.unwrap().contains("the next run looks it up first"));
}

#[tokio::test]
async fn without_leave_or_intent_nothing_is_sent() {
    let (running, client) = stage(vec![]).await;
    let refusing = RunGuard::new(Duration::from_secs(60), Arc::new(|| Err("the lease is lost".into())));
    let written = push_as(&client, ADDITION, 10.into(), 12.into(), &refusing).await;
    assert_eq!((written.outcome, written.stop_run.as_deref()), (Outcome::NotSent, Some("the lease is lost")));
    let (released, _) = change(ADDITION, 10.into(), 12.into());
    let (_, other) = change(ADDITION, 10.into(), 13.into());
    assert_eq!(client.write(released, other, &in_sydney(), &guard()).await.outcome, Outcome::NotSent);
    let late = RunGuard::new(Duration::ZERO, Arc::new(|| Ok(())));
    assert_eq!(push_as(&client, ADDITION, 10.into(), 12.into(), &late).await.outcome, Outcome::NotSent);
    assert_eq!(running.sim().requests().patches, 0);
}

#[tokio::test]
async fn leave_is_asked_before_each_patch() {
    let (running, client) = stage(vec![named("drop")]).await;
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let once = move || if count.fetch_add(1, Ordering::SeqCst) == 0 { Ok(()) } else { Err("cancelled".to_owned()) };
    let guard = RunGuard::new(Duration::from_secs(60), Arc::new(once));
    let written = push_as(&client, ADDITION, 10.into(), 12.into(), &guard).await;
    // Refused while it still waits for the lost PATCH to land: what it did is not known.
    assert_eq!((written.outcome, running.sim().requests().patches), (Outcome::Unknown, 1));
    assert_eq!(written.stop_run.as_deref(), Some("cancelled"));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_second_403_in_a_row_stops_the_run_and_a_missing_right_at_once() {
    let (running, client) = stage(vec![named("403")]).await;
    running.sim().add_addition(NewAddition { quantity: 10.into(), ..NewAddition::default() });
    let guard = guard();
    let first = push_as(&client, ADDITION, 10.into(), 12.into(), &guard).await;
    let second = push_as(&client, ADDITION + 1, 10.into(), 12.into(), &guard).await;
    assert_eq!((first.outcome, second.outcome), (Outcome::Refused, Outcome::Refused));
    assert_eq!((first.stop_run.is_some(), second.stop_run.is_some()), (false, true));
    let requests = running.sim().requests();
    assert_eq!((requests.agreement, requests.mysecurity), (1, 1), "each once per run");

    let (running, client) = stage(vec![]).await;
    running.sim().set_rights("Finance", "Agreements", "All", "None");
    let written = push(&client, 10, 12).await;
    assert_eq!(written.outcome, Outcome::Refused);
    assert!(written.stop_run.unwrap().contains("Finance > Agreements: Edit"));
}

#[tokio::test]
async fn an_upgrade_between_reread_and_patch_is_got_over() {
    let (running, client) = stage(vec![named("404").times(1)]).await;
    client.look_up(AgreementId(AGREEMENT), AdditionId(ADDITION)).await.unwrap();
    running.sim().set_codebase("v2026_2/");
    // The re-read finds the new codebase by itself; the 404 on the PATCH then finds no newer one.
    assert_eq!(push(&client, 10, 12).await.outcome, Outcome::NotATarget);
    assert_eq!(push(&client, 10, 12).await.outcome, Outcome::Pushed);
}

#[tokio::test]
async fn a_throttled_run_ends_not_sent() {
    let (running, client) = stage(vec![Fault::new(FaultKind::TooMany(Some("2".into())), On::Patch)]).await;
    let guard = RunGuard::new(Duration::from_secs(1), Arc::new(|| Ok(())));
    let written = push_as(&client, ADDITION, 10.into(), 12.into(), &guard).await;
    assert_eq!((written.outcome, running.sim().requests().patches), (Outcome::NotSent, 1));
    assert!(written.stop_run.is_some() && written.message.unwrap().contains("429"));
}

#[test]
fn futures_can_be_spawned() {
    fn send<T: Send>(_: T) {}
    fn futures(client: &Client, guard: &RunGuard) {
        let (released, intent) = change(1, 1.into(), 2.into());
        send(client.write(released, intent, &in_sydney(), guard));
        send(client.test());
        let known = hive_connectwise::Known::default();
        let _ = || send(client.pull(&known, &|_| {}));
    }
    let _ = futures;
}

#[tokio::test]
async fn a_person_who_changes_it_during_a_pause_is_not_overwritten() {
    let (running, client) = stage(vec![named("429").times(1)]).await;
    let sim = running.sim().clone();
    let person = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(400)).await;
        sim.human_edit(AGREEMENT, ADDITION, 11.into(), "jo");
    });
    let written = push(&client, 10, 12).await;
    person.await.unwrap();
    assert_eq!((written.outcome, written.found), (Outcome::Drifted, Some(11.into())));
    assert_eq!(running.sim().requests().patches, 1);
}

/// Whatever stumbles, a report that says something certain says what is so, and nothing is
/// written twice.
#[tokio::test]
async fn random_faults_never_make_a_wrong_report() {
    let kinds = [
        "drop",
        "patch_lost",
        "reset_mid",
        "500",
        "502",
        "500timeout",
        "408",
        "html200",
        "truncate",
        "null200",
        "204",
        "wrong_record",
        "no_quantity_answer",
        "hang",
        "409",
        "emptyobj503",
        "slow",
    ];
    let runs = (1..=60).map(|seed: u64| async move {
        let (running, client) = stage(vec![]).await;
        for (n, kind) in kinds.iter().enumerate() {
            let fault = Fault::named(kind, On::Any).unwrap().percent(3, seed * 100 + n as u64);
            running.sim().fault(if seed.is_multiple_of(3) { fault.applied() } else { fault });
        }
        let guard = guard();
        let _ = client.look_up(AgreementId(AGREEMENT), AdditionId(ADDITION)).await;
        let (mut from, mut certain) = (10, true);
        for to in 11..15 {
            running.sim().reset_writes();
            let written = push_as(&client, ADDITION, from.into(), to.into(), &guard).await;
            let now = holds(&running);
            let case = format!("seed {seed}: {from} -> {to}, holds {now}: {written:?}, {:?}", running.sim().writes());
            assert!(changes(&running) <= 1, "{case}");
            match written.outcome {
                Outcome::Pushed | Outcome::Confirmed | Outcome::AlreadyRight => assert_eq!(now, to.into(), "{case}"),
                Outcome::NotSent => assert_eq!(now, from.into(), "{case}"),
                Outcome::Unknown => certain = now == to.into() || now == from.into(),
                // A 409 that was applied all the same is a lie that only the next Sync finds.
                Outcome::Refused => assert!(now == from.into() || seed.is_multiple_of(3), "{case}"),
                other => panic!("{other:?}: {case}"),
            }
            assert!(certain, "{case}");
            from = if now == to.into() { to } else { from };
        }
    });
    futures::future::join_all(runs).await;
}
