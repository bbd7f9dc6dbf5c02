//! What the sources' batches tell: customers who are gone, feeds that answered half, rhythms; who else
//! writes an addition; and the brake.

use crate::door::{ACME, Planned, acme};
use hive_core::AdditionId;
use hive_core::issue::{Code, Severity};
use hive_core::plan::{self, Settling};
use std::collections::BTreeSet;

/// Acme was in the complete batch of two days ago, and is not in the one of an hour ago.
const GONE: &str = "
    usage Acme Hot 12 GB 2d; source vendor
    batch vendor 1 2d; complete
    batch vendor 2 1h; complete
    listed vendor 1 Hot Acme=12
    listed vendor 2 Hot
";

fn gone(more: &str, expected: &str) -> Planned {
    acme(&format!("{GONE}\n{more}"), expected)
}

#[test]
fn who_is_not_in_a_complete_batch_is_asked_about_and_never_0_by_itself() {
    let planned = gone(
        "",
        "
        Acme x Hot: held 10 -> 0 (addition 1000) -20 [?usage.gone addition.paid_period]
        1 held",
    );
    planned.says(
        Code::UsageGone,
        &[
            "Acme is not in the newest complete batch of the source \"vendor\" for Hot (2026-11-23 09:00 UTC)",
            "12 of it (24.00 USD a month) is still billed",
            "hive answer \"Northwind IT\" --cause \"usage.gone:1-1\" left (set 0), or keep",
        ],
    );
    assert_eq!(planned.issue(Code::UsageGone).cause.as_deref(), Some("usage.gone:1-1"));
}

#[test]
fn a_batch_that_is_not_complete_says_nothing_of_who_is_missing() {
    let change = "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change";
    acme(&GONE.replace("1h; complete", "1h"), change);
    // In a later batch, complete or not, it has come back.
    gone("batch vendor 3 30s\nlisted vendor 3 Hot Acme=12", change);
    // Another source is in force and lists it.
    gone(
        "usage Acme Hot 12 GB 1h; source other",
        "
        Acme x Hot: held 10 -> 12 (addition 1000) 4 [?usage.two_sources addition.paid_period]
        1 held",
    );
}

#[test]
fn a_complete_batch_that_came_late_but_is_older_asks_nothing() {
    acme(
        "usage Acme Hot 12 GB 1d; source vendor
        batch vendor 1 1d; complete
        batch vendor 2 5d; complete
        listed vendor 1 Hot Acme=12",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
}

#[test]
fn the_three_answers_to_gone() {
    let left = gone(
        "answered Acme Hot left; source vendor; seen 1; batch 2",
        "
        Acme x Hot: change 10 -> 0 (addition 1000) -20 [usage.gone addition.paid_period]
        1 change",
    );
    left.says(Code::UsageGone, &["cli:jane said: left"]);
    gone(
        "answered Acme Hot keep; source vendor; seen 1; batch 2",
        "
        Acme x Hot: unchanged 10 (addition 1000) [usage.gone]
        1 unchanged",
    );
    let later = "answered Acme Hot later; source vendor; seen 1; batch 2";
    gone(
        later,
        "
        Acme x Hot: unchanged 10 (addition 1000) [usage.gone]
        1 unchanged",
    );
    let asked_again = "
        Acme x Hot: held 10 -> 0 (addition 1000) -20 [?usage.gone addition.paid_period]
        1 held";
    gone(&format!("{later}\nbatch vendor 3 30s; complete\nlisted vendor 3 Hot"), asked_again);
    // The others stand at the next complete batch too.
    gone(
        "answered Acme Hot keep; source vendor; seen 1; batch 2\nbatch vendor 3 30s; complete\nlisted vendor 3 Hot",
        "
        Acme x Hot: unchanged 10 (addition 1000) [usage.gone]
        1 unchanged",
    );
    // It came back and left again: another question.
    gone(
        "answered Acme Hot left; source vendor; seen 1; batch 2
        batch vendor 3 30s
        listed vendor 3 Hot Acme=12
        batch vendor 4 20s; complete
        listed vendor 4 Hot",
        asked_again,
    );
}

#[test]
fn left_goes_to_0_under_a_minimum_and_a_quota_but_not_under_a_lock() {
    let left = "answered Acme Hot left; source vendor; seen 1; batch 2";
    let zero = "
        Acme x Hot: change 10 -> 0 (addition 1000) -20 [usage.gone addition.paid_period]
        1 change";
    gone(&format!("{left}\nset minimum 5; product Hot"), zero);
    gone(&format!("{left}\nsettled 1000 10\nminimum 1000 10"), zero);
    gone(&format!("{left}\nset mode quota_bracket\nquota Acme Hot 500 GB"), zero);
    gone(
        &format!("{left}\nsettled 1000 10\nlocked 1000 10 until 2026-12-31"),
        "
        Acme x Hot: unchanged 10 (addition 1000) [usage.gone addition.edited_by_hand]
        1 unchanged",
    );
    gone(
        "addition 1000 on 1 item 5 at 0; price 2",
        "
        Acme x Hot: unchanged 0 (addition 1000) [usage.gone usage.zero]
        1 unchanged",
    );
}

/// Acme and Beta share an addition of 20; Beta is gone.
const SUM: &str = "
    addition 1000 on 1 item 5 at 20; price 2
    account Beta -> 20
    usage Acme Hot 11 GB 1h; source vendor
    usage Beta Hot 9 GB 2d; source vendor
    batch vendor 1 2d; complete
    batch vendor 2 1h; complete
    listed vendor 1 Hot Acme=11 Beta=9
    listed vendor 2 Hot Acme=11
";

#[test]
fn a_part_of_a_sum_that_is_gone_holds_the_sum_until_somebody_says_so() {
    acme(
        SUM,
        "
        Acme x Hot: held 20 -> 11 (addition 1000) -18 [?usage.gone addition.paid_period]
        Beta x Hot: held 20 -> 11 (addition 1000) -18 [?usage.gone addition.paid_period]
        1 held",
    );
    acme(
        &format!("{SUM}\nanswered Beta Hot left; source vendor; seen 1; batch 2\nset drop_money 1"),
        "
        Acme x Hot: change 20 -> 11 (addition 1000) -18 [addition.paid_period]
        Beta x Hot: change 20 -> 11 (addition 1000) -18 [usage.gone addition.paid_period]
        1 change",
    );
    // What else fell is still judged.
    acme(
        &format!(
            "{SUM}\nusage Acme Hot 5 GB 1h; source vendor\nanswered Beta Hot left; source vendor; seen 1; batch 2\nset drop_money 1"
        ),
        "
        Acme x Hot: held 20 -> 5 (addition 1000) -30 [?usage.drop addition.paid_period]
        Beta x Hot: held 20 -> 5 (addition 1000) -30 [?usage.drop usage.gone addition.paid_period]
        1 held",
    );
    acme(
        &format!("{SUM}\nanswered Beta Hot keep; source vendor; seen 1; batch 2"),
        "
        Acme x Hot: unchanged 20 (addition 1000)
        Beta x Hot: unchanged 20 (addition 1000) [usage.gone]
        1 unchanged",
    );
}

#[test]
fn a_pair_that_is_gone_is_not_stale() {
    for age in ["4d", "50d"] {
        acme(
            &GONE.replace("GB 2d", &format!("GB {age}")).replace("vendor 1 2d", &format!("vendor 1 {age}")),
            "
            Acme x Hot: held 10 -> 0 (addition 1000) -20 [?usage.gone addition.paid_period]
            1 held",
        );
    }
}

/// `accounts` with an addition of 10 each; the batch before listed 10 each; the newest `after`.
fn feed(accounts: usize, after: &[&str], complete: bool, more: &str) -> Planned {
    let mut text =
        "item 5 HOT-GB\nproduct Hot GB -> 5 per 1 GB\nset rounding none; product Hot\nset drop_money 100000\n"
            .to_owned();
    let complete = if complete { "; complete" } else { "" };
    text.push_str(&format!("batch vendor 1 2d{complete}\nbatch vendor 2 1h{complete}\n"));
    let (mut first, mut second) = (String::new(), String::new());
    for n in 1..=accounts {
        text.push_str(&format!(
            "company {0} Company {0}\nagreement {0} of {0} Managed\naddition {1} on {0} item 5 at 10; price 2\naccount A{0} -> {0}\n",
            n,
            1000 + n
        ));
        first.push_str(&format!(" A{n}=10"));
        match after.get(n - 1).copied().unwrap_or("10") {
            "-" => text.push_str(&format!("usage A{n} Hot 10 GB 2d; source vendor\n")),
            now => {
                text.push_str(&format!("usage A{n} Hot {now} GB 1h; source vendor\n"));
                second.push_str(&format!(" A{n}={now}"));
            }
        }
    }
    text.push_str(&format!("listed vendor 1 Hot{first}\nlisted vendor 2 Hot{second}\n{more}"));
    Planned::of(&text)
}

/// How many additions wait for the feed.
fn waiting(planned: &Planned) -> usize {
    let held = |change: &&plan::Change| change.holds.iter().any(|(code, _)| *code == Code::UsageFeedPartial);
    planned.plan.changes.iter().filter(held).count()
}

#[test]
fn over_a_tenth_of_the_accounts_missing_and_at_least_three() {
    let missing = |of: usize, count: usize, more: &str| {
        let mut after = vec!["-"; count];
        after.push("9.5");
        waiting(&feed(of, &after, false, more))
    };
    assert_eq!(missing(30, 3, ""), 0, "10 % is not over 10 %");
    assert_eq!(missing(29, 3, ""), 1, "the one fall waits; who is missing keeps the last number");
    assert_eq!(missing(12, 2, ""), 0, "two are not three");
    assert_eq!(missing(30, 3, "set feed_accounts_percent 9"), 1);
    assert_eq!(missing(29, 3, "set feed_accounts_percent 11"), 0);
    assert_eq!(missing(29, 3, "set feed_accounts_min 4"), 0);
    assert_eq!(missing(12, 2, "set feed_accounts_min 2"), 1);
}

#[test]
fn the_total_down_by_over_a_fifth() {
    let one = |now: &str, more: &str| waiting(&feed(10, &[now, "9.5"], false, more));
    assert_eq!(one("0.5", "set feed_lines_percent 100"), 0, "10 of 100 are not over 20");
    let two = |now: &str, more: &str| waiting(&feed(5, &[now, "10"], false, more));
    assert_eq!(two("0.1", ""), 0, "9.9 of 50 are not over 20 %");
    assert_eq!(two("0", ""), 0, "20 % are not over 20 %");
    assert_eq!(two("0", "set feed_total_percent 19.9"), 1);
    assert_eq!(waiting(&feed(5, &["0", "9.9"], false, "")), 2, "20.2 %, and every fall waits");
}

#[test]
fn over_a_quarter_of_the_lines_down_by_over_a_tenth() {
    let twelve = |down: &str, count: usize, more: &str| waiting(&feed(12, &vec![down; count], false, more));
    assert_eq!(twelve("8.9", 3, ""), 0, "a quarter is not over a quarter");
    assert_eq!(twelve("8.9", 4, ""), 4);
    assert_eq!(twelve("9", 4, ""), 0, "10 % is not over 10 %");
    assert_eq!(twelve("8.9", 4, "set feed_line_drop_percent 11"), 0);
    assert_eq!(twelve("8.9", 3, "set feed_lines_percent 24"), 3);
    assert_eq!(twelve("8.9", 2, "set feed_lines_percent 10"), 0, "two are too few to be a share");
}

#[test]
fn a_rise_passes_and_a_feed_of_two_is_no_feed_to_judge() {
    let planned = feed(8, &["5", "5", "5", "12"], false, "");
    assert_eq!(waiting(&planned), 3);
    assert_eq!(planned.line("A4", "Hot").mark, plan::Mark::Change);
    assert_eq!(waiting(&feed(2, &["5", "5"], false, "")), 0);
    assert_eq!(waiting(&feed(3, &["5", "5"], false, "set feed_accounts_min 2")), 2);
    planned.says(
        Code::UsageFeedPartial,
        &["\"vendor\" may have answered half", "8 accounts of Hot", "3 of 8 lines fell by more than 10 %", "accept"],
    );
    let causes: BTreeSet<_> = planned.plan.changes.iter().flat_map(|change| &change.holds).collect();
    assert_eq!(causes.len(), 1, "one decision: {causes:?}");
}

#[test]
fn accepted_or_answered_in_full_it_waits_no_more_and_it_is_measured_against_the_last_good_one() {
    let half = ["5", "5", "5"];
    let accepted = "batch vendor 3 30s\nlisted vendor 3 Hot A1=5 A2=5 A3=5 A4=10 A5=10 A6=10 A7=10 A8=10";
    assert_eq!(waiting(&feed(8, &half, false, accepted)), 3, "as little as before, against the last good one");
    assert_eq!(waiting(&feed(8, &half, false, &format!("{accepted}; accepted"))), 0);
    let in_full = "batch vendor 3 30s\nlisted vendor 3 Hot A1=10 A2=10 A3=9.9 A4=10 A5=10 A6=10 A7=10 A8=10";
    assert_eq!(waiting(&feed(8, &half, false, in_full)), 0);
}

#[test]
fn a_day_whose_samples_still_come_accuses_nobody_and_can_clear_the_day_before() {
    let half = ["5", "5", "5"];
    let today = "batch vendor 3 30s; day 2026-11-23\nlisted vendor 3 Hot";
    assert_eq!(waiting(&feed(8, &half, false, &format!("{today} A1=5"))), 3, "yesterday still waits");
    assert_eq!(waiting(&feed(8, &[], false, &format!("{today} A1=5\nusage A1 Hot 5 GB 30s; source vendor"))), 0);
    let all = "A1=10 A2=10 A3=10 A4=10 A5=10 A6=10 A7=10 A8=9.5";
    assert_eq!(waiting(&feed(8, &half, false, &format!("{today} {all}"))), 0);
    let yesterday =
        "batch vendor 3 30s; day 2026-11-22\nlisted vendor 3 Hot A1=5\nusage A1 Hot 5 GB 30s; source vendor";
    assert_eq!(waiting(&feed(8, &[], false, yesterday)), 1, "a day that is over is judged");
}

#[test]
fn many_gone_at_once_are_one_question_and_a_batch_that_answered_half() {
    let planned = feed(12, &["-", "-", "-"], true, "");
    assert_eq!(waiting(&planned), 3);
    let causes: BTreeSet<_> = planned.plan.changes.iter().flat_map(|change| change.holds.clone()).collect();
    assert_eq!(
        causes.into_iter().map(|(_, cause)| cause).collect::<Vec<_>>(),
        ["usage.gone:vendor-1", "usage.feed_partial:vendor-1"]
    );
    let two = feed(12, &["-", "-"], true, "");
    assert_eq!(waiting(&two), 0);
    let causes: BTreeSet<_> = two.plan.changes.iter().flat_map(|change| change.holds.clone()).collect();
    assert_eq!(causes.len(), 2, "two customers are two questions: {causes:?}");
}

/// The mark and the weight of `usage.stale` for a sample of an age.
fn stale(age: &str, more: &str) -> (&'static str, Option<&'static str>) {
    let planned = Planned::of(&format!("{ACME}\nusage Acme Hot 12 GB {age}; source vendor\n{more}"));
    let line = planned.line("Acme", "Hot");
    let issue = line.issues.iter().find(|issue| issue.code == Code::UsageStale);
    (line.mark.name(), issue.map(|issue| issue.severity.name()))
}

#[test]
fn a_source_has_a_rhythm_and_is_stale_by_it() {
    let weekly = "batch vendor 1 34d\nbatch vendor 2 28d\nbatch vendor 3 21d\nbatch vendor 4 13d";
    let (fresh, hold, stop) = (("change", None), ("held", Some("hold")), ("issue", Some("stop")));
    assert_eq!(stale("14d", weekly), fresh, "two rhythms of 7 days");
    assert_eq!(stale("14d+1s", weekly), hold);
    assert_eq!(stale("35d", weekly), hold, "at least 35 days");
    assert_eq!(stale("35d+1s", weekly), stop);
    let three = weekly.replace("batch vendor 4 13d", "");
    assert_eq!(stale("3d+1s", &three), hold, "two gaps are no rhythm");
    assert_eq!(stale("60d", "rhythm vendor 30"), fresh);
    assert_eq!(stale("60d+1s", "rhythm vendor 30"), hold);
    assert_eq!(stale("90d", "rhythm vendor 30"), hold);
    assert_eq!(stale("90d+1s", "rhythm vendor 30"), stop);
    assert_eq!(stale("3d", "rhythm vendor 1"), fresh);
    assert_eq!(stale("3d+1s", &format!("{weekly}\nrhythm vendor 1")), hold, "what is declared wins");
    let planned = Planned::of(&format!("{ACME}\nusage Acme Hot 12 GB 20d; source vendor\n{weekly}"));
    planned.says(Code::UsageStale, &["the source \"vendor\" is expected every 7 days"]);
}

#[test]
fn the_rhythm_is_the_median_of_the_last_six_batches() {
    // Monthly long ago, daily in the last six: 1 day.
    let text: String = [200, 170, 140, 6, 5, 4, 3, 2, 1]
        .iter()
        .enumerate()
        .map(|(id, days)| format!("batch vendor {} {days}d\n", id + 1))
        .collect();
    assert_eq!(stale("3d+1s", &text), ("held", Some("hold")));
    let facts = Planned::of(&format!("{ACME}\n{text}")).facts;
    let batches: Vec<&plan::Batch> = facts.batches.iter().collect();
    assert_eq!(plan::rhythm_days(None, &batches), 1);
    assert_eq!(plan::rhythm_days(Some(7), &batches), 7);
}

/// Hive wrote 12 over 10; somebody put 10 back.
const PUT_BACK: &str = "
    usage Acme Hot 12 GB 1d
    settled 1000 12
    pushed 1000 12
    replaced 1000 10
    addition 1000 on 1 item 5 at 10; price 2; by robot
";

#[test]
fn what_is_put_back_twice_stops_until_a_person_answers() {
    let first = acme(
        PUT_BACK,
        "
        Acme x Hot: held 10 -> 12 (addition 1000) 4 [?addition.edited_by_hand addition.paid_period]
        1 held",
    );
    let flips: Vec<_> = first.plan.settle.iter().map(|settle| (settle.addition.0, settle.why)).collect();
    assert_eq!(flips, [(1000, Settling::Flipped)], "it is counted once the plan is stored");
    let again = acme(
        &format!("{PUT_BACK}\nflips 1000 1\ncounted 1000"),
        "
        Acme x Hot: held 10 -> 12 (addition 1000) 4 [?addition.edited_by_hand addition.paid_period]
        1 held",
    );
    assert_eq!(again.plan.settle, [], "and only once");
    let stopped = acme(
        &format!("{PUT_BACK}\nflips 1000 1"),
        "
        Acme x Hot: issue 10 -> ? (addition 1000) 4 [!addition.other_writer addition.paid_period]
        1 issue",
    );
    assert_eq!(stopped.plan.settle.first().map(|settle| settle.why), Some(Settling::Flipped));
    stopped.says(
        Code::AdditionOtherWriter,
        &["Hive wrote 12, and it was put back to 10 2 times, last by robot on 2026-11-23", "overwrite"],
    );
    acme(
        &format!("{PUT_BACK}\nflips 1000 2\ncounted 1000"),
        "
        Acme x Hot: issue 10 -> ? (addition 1000) 4 [!addition.other_writer addition.paid_period]
        1 issue",
    );
}

#[test]
fn another_value_an_undo_and_an_open_write_are_no_flip() {
    let held = "
        Acme x Hot: held 11 -> 12 (addition 1000) 2 [?addition.edited_by_hand addition.paid_period]
        1 held";
    let another = acme(&format!("{PUT_BACK}\nflips 1000 1\naddition 1000 on 1 item 5 at 11; price 2"), held);
    assert_eq!(another.plan.settle, [], "edited, not put back");
    let undone = PUT_BACK.replace("settled 1000 12", "settled 1000 10").replace("replaced 1000 10", "flips 1000 1");
    assert_eq!(Planned::of(&format!("{ACME}\n{undone}")).plan.settle, []);
    let open = Planned::of(&format!("{ACME}\n{PUT_BACK}\nflips 1000 1\nopen 1000"));
    assert_eq!(open.line("Acme", "Hot").mark, plan::Mark::Change);
    assert_eq!(open.plan.settle, []);
}

/// The brake of a plan if everything it changes were pushed.
fn brake(more: &str) -> Option<plan::Brake> {
    let planned = Planned::of(&format!(
        "{ACME}
        account Beta -> 30
        company 30 Beta
        agreement 2 of 30 Managed
        addition 2000 on 2 item 5 at 90; price 2
        usage Acme Hot 10 GB 1d
        usage Beta Hot 90 GB 1d
        {more}"
    ));
    let all: BTreeSet<AdditionId> = planned.plan.changes.iter().map(|change| change.addition).collect();
    plan::brake(&planned.plan, &planned.facts, &all)
}

#[test]
fn the_brake_is_over_a_tenth_of_the_money_under_hive() {
    assert_eq!(brake(""), None);
    assert_eq!(brake("usage Acme Hot 20 GB 1d"), None, "20 of 200 are not over 10 %");
    let over = brake("usage Acme Hot 21 GB 1d").expect("22 of 200");
    assert_eq!(over.over.len(), 1);
    assert!(
        over.words().contains("update.brake: the plan moves more than 10 % of the money under Hive: 200.00 USD a month now, 222.00 USD a month next, 22.00 USD moved (11 %)"),
        "{}",
        over.words()
    );
    assert!(brake("usage Acme Hot 16 GB 1d\nusage Beta Hot 85 GB 1d").is_some(), "falls and rises add up");
    assert_eq!(brake("usage Acme Hot 21 GB 1d\nset brake_percent 11"), None);
    assert_eq!(brake("usage Beta Hot 900 GB 1d\nset brake_percent 100"), None, "100 lets everything through");
    assert!(brake("usage Acme Hot 11 GB 1d\nset brake_percent 0").is_some());
}

#[test]
fn no_money_under_hive_is_no_brake_and_currencies_are_judged_apart() {
    let free = "addition 1000 on 1 item 5 at 10\naddition 2000 on 2 item 5 at 90";
    assert_eq!(brake(&format!("{free}\nusage Acme Hot 50 GB 1d")), None);
    let euro = "agreement 1 of 20 Managed; currency EUR";
    let over = brake(&format!("{euro}\nusage Acme Hot 12 GB 1d")).expect("4 of 20 EUR");
    assert_eq!(over.over[0].currency.as_deref(), Some("EUR"));
    assert_eq!(brake("not live Hot\nusage Acme Hot 99 GB 1d"), None, "nothing is live: nothing is under Hive");
}

#[test]
fn the_checker_sees_what_a_plan_forgot() {
    let planned = gone(
        "",
        "
        Acme x Hot: held 10 -> 0 (addition 1000) -20 [?usage.gone addition.paid_period]
        1 held",
    );
    let mut forged = planned.plan.clone();
    forged.lines[0].issues.retain(|issue| issue.severity != Severity::Hold);
    forged.lines[0].mark = plan::Mark::Change;
    forged.changes[0].holds.clear();
    assert!(plan::check(&forged, &planned.facts).iter().any(|wrong| wrong.contains("gone")));

    let half = feed(8, &["5", "5", "5"], false, "");
    let mut forged = half.plan.clone();
    for line in &mut forged.lines {
        line.issues.retain(|issue| issue.severity != Severity::Hold);
        if line.mark == plan::Mark::Held {
            line.mark = plan::Mark::Change;
        }
    }
    forged.changes.iter_mut().for_each(|change| change.holds.clear());
    assert!(plan::check(&forged, &half.facts).iter().any(|wrong| wrong.contains("answered half")));

    let fought = Planned::of(&format!("{ACME}\n{PUT_BACK}\nflips 1000 1\ncounted 1000"));
    let mut facts = fought.facts.clone();
    facts.standings[0].flips = 2;
    assert!(plan::check(&fought.plan, &facts).iter().any(|wrong| wrong.contains("somebody else")));
}
