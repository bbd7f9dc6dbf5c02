//! Intents, outcomes, what is remembered of them, and what a crash leaves.

use crate::door::*;
use hive_core::allow::{Done, turn_round};
use hive_core::outcome::Outcome;
use hive_core::*;
use hive_store::*;

impl Door {
    /// Writes one addition under a run's lease: intent, outcome.
    async fn write(&self, lease: &Lease, change: (i64, &str, &str), outcome: Outcome, found: Option<&str>) -> IntentId {
        let plan = plan(self.msp, "p", &[change], 0);
        let released = released(&plan).remove(0);
        let made = lease.confirmed_at();
        let intent = self.store.make_intent(lease, &released, &plan.id, "cli:ann", made).await.unwrap();
        assert!(intent.is_for(AgreementId(5), AdditionId(change.0), q(change.1), q(change.2)));
        self.tell(lease, intent.id(), change, outcome, found).await.unwrap();
        intent.id()
    }

    async fn tell(
        &self,
        lease: &Lease,
        id: IntentId,
        (addition, _, to): (i64, &str, &str),
        outcome: Outcome,
        found: Option<&str>,
    ) -> Result<()> {
        let written = written(outcome, found);
        self.store.record_outcome(lease, id, &written, q(to), &[line_id(1, addition)], lease.confirmed_at()).await
    }

    /// An Update of one change, whole.
    pub(crate) async fn update(
        &self,
        change: (i64, &str, &str),
        outcome: Outcome,
        found: Option<&str>,
        minutes: i64,
    ) -> RunId {
        let lease = self.begin(RunKind::Update, minutes).await;
        let run = lease.run;
        self.write(&lease, change, outcome, found).await;
        self.finish(lease, minutes).await;
        run
    }
}

pub(crate) async fn a_write_is_told_once(door: &Door) {
    door.sync(&[(1000, "10")], 0).await;
    let lease = door.begin(RunKind::Update, 1).await;
    let change = (1000, "10", "123456789012.345678");
    let id = door.write(&lease, change, Outcome::Pushed, Some("123456789012.345678")).await;
    let twice = door.tell(&lease, id, change, Outcome::Refused, None).await.unwrap_err();
    assert_eq!(twice.to_string(), "intent 1 has its outcome already");
    let wrong = door.tell(&lease, id, (1000, "10", "99"), Outcome::Pushed, None).await.unwrap_err();
    assert!(wrong.to_string().contains("was to write"), "{wrong}");
    assert_eq!(door.standing(1000).await, "settled 123456789012.345678, pushed 123456789012.345678");
    let mirror = door.store.mirror(door.msp).await.unwrap().unwrap();
    assert_eq!(mirror.additions[0].quantity, Some(q("123456789012.345678")));
    let log = door.audit_words().await;
    let row = "cli:ann quantity.write update 2 plan p intent 1 agreement 5 addition 1000: 10 -> \
        pushed to 123456789012.345678, found 123456789012.345678";
    assert_eq!(log.last().unwrap(), row);
    assert!(door.store.open_intents(door.msp).await.unwrap().is_empty());
    // One intent for an addition in one run.
    let plan = plan(door.msp, "p", &[(1000, "10", "11")], 0);
    let again = door.store.make_intent(&lease, &released(&plan)[0], &plan.id, "cli:ann", at(1)).await.unwrap_err();
    assert!(again.to_string().contains("must be looked up"), "{again}");
}

pub(crate) async fn a_crash_leaves_an_open_intent(door: &Door) {
    let changes = [(1000, "10", "12"), (1001, "5", "6"), (1002, "3", "4"), (1003, "8", "8")];
    let plan = plan(door.msp, "p1", &changes, 0);
    door.store.save_plan(door.msp, &plan).await.unwrap();
    let lease = door.begin(RunKind::Update, 0).await;
    let released = released(&plan);
    let store = &door.store;
    let first = store.make_intent(&lease, &released[0], &plan.id, "cli:ann", at(0)).await.unwrap();
    door.tell(&lease, first.id(), changes[0], Outcome::Pushed, Some("12")).await.unwrap();
    store.make_intent(&lease, &released[1], &plan.id, "cli:ann", at(0)).await.unwrap();
    let crashed = lease.run;
    drop(lease);

    // The next run finds what the crashed one left.
    let again = door.open_again().await.unwrap();
    let lease = loop {
        match again.begin_run(door.msp, RunKind::Update, "cli:bob", at(9), LEASE_MS, None).await {
            Ok(lease) => break lease,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    };
    let open = again.open_intents(door.msp).await.unwrap();
    assert_eq!(open.len(), 1);
    let left = &open[0];
    assert_eq!((left.intent.addition, left.intent.from, left.intent.to), (AdditionId(1001), q("5"), q("6")));
    assert_eq!((left.intent.run, left.unknown, left.may_send_until), (crashed, false, at(2)));
    assert_eq!(
        (left.plan.clone(), left.lines.clone(), left.item),
        (plan.id.clone(), vec![line_id(1, 1001)], ItemId(7))
    );
    assert_eq!(door.standing(1001).await, "open intent");
    // Nothing is sent over an open intent.
    let blind = again.make_intent(&lease, &released[1], &plan.id, "cli:bob", at(9)).await.unwrap_err();
    assert!(blind.to_string().contains("must be looked up"), "{blind}");
    let lines = [line_id(1, 1001)];
    let found = written(Outcome::NotSent, Some("5"));
    again.record_outcome(&lease, left.intent.id, &found, q("6"), &lines, at(9)).await.unwrap();
    again.close_interrupted(&lease, crashed, "interrupted", at(9)).await.unwrap();
    assert!(again.interrupted_runs(door.msp).await.unwrap().is_empty());
    let report = again.report(door.msp, crashed).await.unwrap().unwrap();
    assert_eq!((report.state, report.words.as_str()), (RunState::Failed, "interrupted"));
    let words = report.lines.iter().map(|line| format!("{} {}", line.line, line.outcome.name()));
    assert_eq!(
        words.collect::<Vec<_>>(),
        ["L1-1000 pushed", "L1-1001 not_sent", "L1-1002 not_sent", "L1-1003 unchanged"]
    );
    assert_eq!(report.counts[&Outcome::NotSent], 2);
    assert_eq!(again.run(door.msp, crashed).await.unwrap().unwrap().counts, report.counts);
    assert!(again.close_interrupted(&lease, crashed, "again", at(9)).await.is_err());
    again.finish_run(lease, RunState::Succeeded, None, "", at(9)).await.unwrap();
    again.close().await;
}

pub(crate) async fn an_unknown_write_is_looked_up_once(door: &Door) {
    let change = (1000, "10", "12");
    let first = door.update(change, Outcome::Unknown, None, 0).await;
    assert_eq!(door.standing(1000).await, "failed unknown x1, open intent");
    let open = door.store.open_intents(door.msp).await.unwrap();
    assert_eq!((open[0].unknown, open[0].intent.run), (true, first));
    let lease = door.begin(RunKind::Update, 10).await;
    door.tell(&lease, open[0].intent.id, change, Outcome::Confirmed, Some("12")).await.unwrap();
    let twice = door.tell(&lease, open[0].intent.id, change, Outcome::Confirmed, None).await.unwrap_err();
    assert!(matches!(twice, StoreError::Twice(1)), "{twice}");
    door.finish(lease, 11).await;
    assert_eq!(door.standing(1000).await, "settled 12, pushed 12");
    // It stays in the report of the run that sent it.
    let report = door.store.report(door.msp, first).await.unwrap().unwrap();
    assert_eq!((report.lines[0].outcome, report.lines[0].found), (Outcome::Confirmed, Some(q("12"))));
    let run = door.store.run(door.msp, first).await.unwrap().unwrap();
    assert_eq!((run.counts[&Outcome::Confirmed], run.counts[&Outcome::Unknown]), (1, 0));
}

pub(crate) async fn an_undo_remembers_what_it_took_back(door: &Door) {
    door.update((1000, "8", "10"), Outcome::Pushed, Some("10"), 0).await;
    let second = door.update((1000, "10", "12"), Outcome::Confirmed, Some("12"), 1).await;
    let done = door.store.done(door.msp, second).await.unwrap();
    let wanted = Done {
        addition: AdditionId(1000),
        agreement: AgreementId(5),
        item: ItemId(7),
        found: q("10"),
        wrote: q("12"),
        lines: vec![line_id(1, 1000)],
    };
    assert_eq!(done, [wanted]);
    let lease = door.begin(RunKind::Undo, 2).await;
    let back = turn_round(&done, "cli:ann").remove(0);
    let intent = door.store.make_intent(&lease, &back, &plan_id("p"), "cli:ann", at(2)).await.unwrap();
    door.tell(&lease, intent.id(), (1000, "12", "10"), Outcome::Pushed, Some("10")).await.unwrap();
    door.finish(lease, 3).await;
    assert_eq!(door.standing(1000).await, "settled 10, pushed 10, undone 12");
    assert_eq!(door.store.newest_update(door.msp).await.unwrap(), Some(second));
    // The run says so, wherever it is shown, and has nothing left to take back.
    let undone = door.store.run(door.msp, second).await.unwrap().unwrap().undone.unwrap();
    assert_eq!((undone.wrote, undone.taken_back, undone.whole()), (1, 1, true));
    assert_eq!((undone.who.as_str(), undone.at), ("cli:ann", at(3)));
    assert_eq!(door.store.report(door.msp, second).await.unwrap().unwrap().undone, Some(undone.clone()));
    let listed = door.store.runs(door.msp, 9).await.unwrap();
    let told: Vec<bool> = listed.iter().map(|run| run.undone.is_some()).collect();
    assert_eq!(told, [false, true, false]);
    assert_eq!(door.store.runs_before(door.msp, RunId(99), 9).await.unwrap(), listed);
    assert!(door.store.done(door.msp, second).await.unwrap().is_empty());
    assert!(door.store.runs(door.other, 9).await.unwrap().iter().all(|run| run.undone.is_none()));
    // Something else was wanted since.
    door.update((1000, "10", "15"), Outcome::Pushed, Some("15"), 4).await;
    assert_eq!(door.standing(1000).await, "settled 15, pushed 15");
}

pub(crate) async fn an_undo_that_is_undone_lets_the_push_stand_again(door: &Door) {
    let first = door.update((1000, "8", "10"), Outcome::Pushed, Some("10"), 0).await;
    let mut of = first;
    for (minute, change) in [(1, (1000, "10", "8")), (3, (1000, "8", "10"))] {
        let done = door.store.done(door.msp, of).await.unwrap();
        let lease = door.begin(RunKind::Undo, minute).await;
        of = lease.run;
        let back = turn_round(&done, "cli:ann").remove(0);
        let intent = door.store.make_intent(&lease, &back, &plan_id("p"), "cli:ann", at(minute)).await.unwrap();
        door.tell(&lease, intent.id(), change, Outcome::Pushed, Some(change.2)).await.unwrap();
        door.finish(lease, minute + 1).await;
    }
    assert_eq!(door.standing(1000).await, "settled 10, pushed 10");
    let told: Vec<(RunKind, Option<RunId>)> = door
        .store
        .runs(door.msp, 9)
        .await
        .unwrap()
        .iter()
        .map(|run| (run.kind, run.undone.as_ref().map(|u| u.by)))
        .collect();
    assert_eq!(told, [(RunKind::Undo, None), (RunKind::Undo, Some(of)), (RunKind::Update, None)]);
    assert_eq!(door.store.done(door.msp, first).await.unwrap().len(), 1, "it may be undone again");
}

pub(crate) async fn an_alarm_settles_on_what_was_read_back(door: &Door) {
    let run = door.update((1000, "10", "12"), Outcome::Alarm, Some("11.5"), 0).await;
    assert_eq!(door.standing(1000).await, "settled 11.5, pushed 11.5, failed alarm x1");
    assert_eq!(door.store.done(door.msp, run).await.unwrap()[0].wrote, q("11.5"));
    door.update((1001, "10", "12"), Outcome::Refused, None, 1).await;
    door.update((1001, "10", "12"), Outcome::Refused, None, 2).await;
    assert_eq!(door.standing(1001).await, "failed refused x2");
    door.update((1001, "10", "12"), Outcome::AlreadyRight, Some("12"), 3).await;
    assert_eq!(door.standing(1001).await, "settled 12");
    door.update((1002, "10", "12"), Outcome::Drifted, Some("77"), 4).await;
    assert_eq!(door.standing(1002).await, "failed drifted x1");
}

pub(crate) async fn a_report_has_every_line(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22\n Zen | Hot | 1 GB | 2026-11-22").await.unwrap();
    let lease = door.begin(RunKind::Update, 0).await;
    let run = lease.run;
    let line = |account: i64, addition: Option<i64>, outcome: Outcome| ReportLine {
        line: line_id(account, 1),
        account: String::new(),
        product: String::new(),
        addition: addition.map(AdditionId),
        from: Some(q("10")),
        to: None,
        found: None,
        outcome,
        message: Some("because".into()),
    };
    let lines = [
        line(1, Some(1000), Outcome::NotSent),
        line(2, Some(1000), Outcome::NotSent),
        line(3, None, Outcome::Issue),
        line(4, None, Outcome::Issue),
    ];
    door.store.record_lines(&lease, &lines).await.unwrap();
    door.store.record_lines(&lease, &[line(4, None, Outcome::Held)]).await.unwrap();
    door.finish(lease, 1).await;
    let report = door.store.report(door.msp, run).await.unwrap().unwrap();
    assert_eq!(report.counts.len(), 12);
    let counted = report.counts.iter().filter(|(_, count)| **count > 0);
    let counted: Vec<String> = counted.map(|(outcome, count)| format!("{} {count}", outcome.name())).collect();
    assert_eq!(counted, ["not_sent 1", "held 1", "issue 1"]);
    assert_eq!((report.lines[0].account.as_str(), report.lines[0].product.as_str()), ("Acme", "Hot"));
    assert_eq!(report.lines.len(), 4);
    // Page by page: the same lines, by outcome and by name, in whatever case.
    let pick = [Outcome::NotSent, Outcome::Held];
    let page = |text: &'static str, offset: i64| door.store.report_page(door.msp, run, &pick, text, offset, 2);
    assert_eq!(page("", 0).await.unwrap(), report.lines[..2]);
    assert_eq!(page("", 2).await.unwrap(), report.lines[3..]);
    assert_eq!(page(" ACME", 0).await.unwrap(), report.lines[..1]);
    assert_eq!(page("%", 0).await.unwrap(), []);
    let tally = door.store.report_tally(door.msp, run, "").await.unwrap();
    assert_eq!((tally[&Outcome::NotSent], tally[&Outcome::Held], tally.len()), (2, 1, 12), "lines, not additions");
    assert_eq!(door.store.report_tally(door.msp, run, "acme").await.unwrap()[&Outcome::NotSent], 1);
    assert!(door.store.report_page(door.other, run, &Outcome::ALL, "", 0, 9).await.unwrap().is_empty());
    let newest = door.store.last_run(door.msp, RunKind::Update).await.unwrap().unwrap();
    assert_eq!((newest.id, door.store.last_run(door.msp, RunKind::Sync).await.unwrap()), (run, None));
    assert_eq!(door.store.running(door.msp).await.unwrap(), None);
    assert!(door.store.runs_before(door.msp, run, 9).await.unwrap().is_empty());
    assert_eq!(door.store.report(door.msp, RunId(99)).await.unwrap(), None);
}
