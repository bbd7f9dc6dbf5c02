//! The average and the peak of 30 days: which sample stands for which date, and when they are too few.
//! It is 2026-11-23 10:00 UTC; the 30 dates begin on 2026-10-25.

use crate::door::{ACME, Planned, acme, q};
use hive_core::issue::{Code, Severity};

const AVERAGE: &str = "set basis average_30d; product Hot\nset drop_money 9999\nset rise_money 9999\nset rounding none";
const PEAK: &str = "set basis peak_30d; product Hot\nset drop_money 9999\nset rise_money 9999\nset rounding none";

fn of(basis: &str, commands: &str) -> Planned {
    let basis = basis.replace("set rounding none", "set rounding none; product Hot");
    Planned::of(&format!("{ACME}\n{basis}\n{commands}"))
}

/// The quantity, and what is said of the days.
#[track_caller]
fn comes_to(basis: &str, commands: &str, quantity: &str, days: &str) -> Planned {
    let planned = of(basis, commands);
    assert_eq!(planned.line("Acme", "Hot").next, Some(q(quantity)), "{}", planned.printed());
    let story = planned.story("Acme", "Hot");
    assert!(story.contains(days), "{story}");
    planned
}

fn gaps(planned: &Planned) -> Option<&str> {
    let mut all = planned.plan.lines.iter().flat_map(|line| &line.issues);
    all.find(|issue| issue.code == Code::UsageGaps).and_then(|issue| {
        assert_eq!(issue.severity, Severity::Hold);
        issue.cause.as_deref()
    })
}

#[test]
fn every_date_counts_once_with_its_newest_sample() {
    // 29 days at 10, today at 40; a second sample of a day replaces the first of it.
    let daily = "before Acme Hot 10 GB 1d..29d\nusage Acme Hot 40 GB 1h";
    let whole = comes_to(AVERAGE, daily, "11", "average of 30 days: 330 / 30 = 11 GB; 30 of 30 days measured, source");
    assert_eq!(gaps(&whole), None);
    comes_to(AVERAGE, &format!("{daily}\nbefore Acme Hot 40 GB 3d+1h"), "11", "30 of 30");
    let later = "before Acme Hot 40 GB 71h";
    comes_to(AVERAGE, &format!("{daily}\n{later}"), "12", "30 of 30 days measured");
}

#[test]
fn what_is_older_than_thirty_dates_counts_only_where_it_is_carried_over() {
    let daily = "before Acme Hot 10 GB 1d..29d\nusage Acme Hot 10 GB 1h\nbefore Acme Hot 1000 GB 30d..40d";
    comes_to(AVERAGE, daily, "10", "30 of 30 days measured");
    // The first date has no sample of its own: the one before it still stands.
    let carried = "before Acme Hot 10 GB 1d..28d\nusage Acme Hot 10 GB 1h\nbefore Acme Hot 40 GB 35d";
    comes_to(AVERAGE, carried, "11", "average of 30 days: 330 / 30 = 11 GB; 29 of 30 days measured, source");
}

#[test]
fn gaps_are_carried_over() {
    // 30 for the first 10 dates, nothing for 5, then 60 for 15: 15 x 30 + 15 x 60.
    let gap = "before Acme Hot 30 GB 20d..29d\nbefore Acme Hot 60 GB 1d..14d\nusage Acme Hot 60 GB 1h";
    assert_eq!(gaps(&comes_to(AVERAGE, gap, "45", "25 of 30 days measured")), None);
}

#[test]
fn dates_before_the_first_sample_do_not_count() {
    let ten = "before Acme Hot 10 GB 1d..9d\nusage Acme Hot 20 GB 1h";
    let words = "average of 10 days: 110 / 10 = 11 GB; 10 of 30 days measured, the first on 2026-11-14, source import";
    let young = comes_to(AVERAGE, ten, "11", words);
    assert_eq!(gaps(&young), Some("usage.gaps:import-1"), "the source itself is that young: one cause");
    young.says(Code::UsageGaps, &["10 of the 30 days", "20 are needed", "daily", "Wait"]);
    let known = "account Beta -> 21\ncompany 21 Beta\nbefore Beta Hot 1 GB 1d..29d\nusage Beta Hot 1 GB 1h";
    assert_eq!(gaps(&of(AVERAGE, &format!("{ten}\n{known}"))), Some("usage.gaps:1-1"), "a customer who came later");
}

#[test]
fn too_few_days_are_held_from_the_twentieth_down() {
    let days = |first: &str| format!("before Acme Hot 10 GB {first}..29d\nusage Acme Hot 10 GB 1h");
    assert_eq!(gaps(&of(AVERAGE, &days("11d"))), None, "20 days");
    assert_eq!(gaps(&of(AVERAGE, &days("12d"))), Some("usage.gaps:import-1"), "19 days");
    assert_eq!(gaps(&of(AVERAGE, &format!("{}\nset gaps_days 19", days("12d")))), None);
    assert_eq!(gaps(&of(AVERAGE, "usage Acme Hot 10 GB 1h\nset gaps_days 0")), None);
    assert_eq!(gaps(&of("", "usage Acme Hot 10 GB 1h")), None, "the latest sample needs no other");
}

#[test]
fn a_weekly_source_cannot_measure_twenty_days() {
    let weekly = |account: &str| {
        let before: Vec<String> = [8, 15, 22, 29, 36].map(|day| format!("before {account} Hot 10 GB {day}d")).into();
        format!("{}\nusage {account} Hot 10 GB 1d", before.join("\n"))
    };
    let alone = comes_to(AVERAGE, &weekly("Acme"), "10", "5 of 30 days measured, source import");
    assert_eq!(gaps(&alone), None);
    // The same samples are gaps where the source measures others every day.
    let daily = "account Beta -> 21\ncompany 21 Beta\nbefore Beta Hot 1 GB 1d..29d\nusage Beta Hot 1 GB 1h";
    assert_eq!(gaps(&of(AVERAGE, &format!("{}\n{daily}", weekly("Acme")))), Some("usage.gaps:import-1"));
    // And one sample of a weekly source is too few for an average.
    let known = format!("{}\nusage Acme Hot 10 GB 1d", weekly("Beta"));
    let one = of(AVERAGE, &format!("account Beta -> 21\ncompany 21 Beta\n{known}"));
    assert_eq!(gaps(&one), Some("usage.gaps:1-1"));
    one.says(Code::UsageGaps, &["1 of the 30 days", "2 are needed", "every 7 days"]);
}

#[test]
fn two_samples_are_no_rhythm() {
    let two = "before Acme Hot 10 GB 25d\nusage Acme Hot 10 GB 1h";
    assert_eq!(gaps(&of(AVERAGE, two)), Some("usage.gaps:import-1"));
}

#[test]
fn a_correction_moves_the_average() {
    let daily = "before Acme Hot 10 GB 1d..29d\nusage Acme Hot 10 GB 1h";
    comes_to(AVERAGE, daily, "10", "300 / 30 = 10 GB");
    comes_to(AVERAGE, &format!("{daily}\nbefore Acme Hot 40 GB 12d"), "11", "330 / 30 = 11 GB");
}

#[test]
fn a_date_ends_where_the_msp_lives() {
    // 21:00 in Melbourne. 22 hours ago it was yesterday, 20 hours ago today; in UTC both are yesterday.
    let two = "before Acme Hot 10 GB 22h\nusage Acme Hot 30 GB 20h";
    comes_to(AVERAGE, two, "30", "average of 2 days: 60 / 2 = 30 GB; 1 of 30 days measured, the first on 2026-11-22");
    let melbourne = format!("{two}\nset time_zone Australia/Melbourne");
    comes_to(AVERAGE, &melbourne, "20", "average of 2 days: 40 / 2 = 20 GB; 2 of 30 days measured");
}

#[test]
fn a_source_whose_clock_is_ahead_of_midnight_counts_as_today() {
    let ahead = "now 2026-11-23T23:55:00Z\nbefore Acme Hot 10 GB 1d\nusage Acme Hot 30 GB 1h\nnow 2026-11-23T22:52:00Z";
    comes_to(AVERAGE, ahead, "20", "average of 2 days: 40 / 2 = 20 GB");
    let tomorrow = "now 2026-11-24T01:03:00Z\nusage Acme Hot 30 GB 1h\nnow 2026-11-23T23:55:00Z";
    comes_to(AVERAGE, tomorrow, "30", "average of 1 day: 30 / 1 = 30 GB");
}

#[test]
fn an_average_is_exact_and_divided_once() {
    let thirds = "before Acme Hot 0.000001 GB 1d..2d\nusage Acme Hot 0.000002 GB 1h";
    comes_to(AVERAGE, thirds, "0.000001", "0.000004 / 3 = 0.000001 GB");
    let middle = "before Acme Hot 0.000001 GB 1d\nusage Acme Hot 0.000002 GB 1h";
    comes_to(AVERAGE, middle, "0.000002", "0.000003 / 2 = 0.000002 GB");
    let digits = "before Acme Hot 999999999999999999 GB 1d..29d\nusage Acme Hot 999999999999999999 GB 1h";
    comes_to(AVERAGE, digits, "999999999999999999", "30 of 30");
}

#[test]
fn a_peak_is_the_largest_of_the_dates() {
    let daily = "before Acme Hot 10 GB 1d..29d\nbefore Acme Hot 70 GB 12d\nusage Acme Hot 10 GB 1h";
    comes_to(PEAK, daily, "70", "peak of 30 days: 70 GB on 2026-11-11; 30 of 30 days measured");
    let gone = "before Acme Hot 10 GB 1d..29d\nbefore Acme Hot 70 GB 31d\nusage Acme Hot 10 GB 1h";
    comes_to(PEAK, gone, "10", "peak of 30 days: 10 GB on 2026-10-25");
}

#[test]
fn units_that_changed_meanwhile_are_converted_or_stop_the_line() {
    comes_to(AVERAGE, "before Acme Hot 1 TB 1d\nusage Acme Hot 2000 GB 1h", "1500", "3000 / 2 = 1500 GB");
    let users = of(AVERAGE, "before Acme Hot 5 user 1d\nusage Acme Hot 10 GB 1h");
    assert_eq!(users.line("Acme", "Hot").next, None);
    users.says(Code::UnitMismatch, &["Hot for Acme", "in user on 2026-11-22", "GB since"]);
}

#[test]
fn what_does_not_count_is_neither_in_the_sum_nor_among_the_days() {
    let trial = "before Acme Hot 1000 GB 10d..29d; class trial\nbefore Acme Hot 10 GB 1d..9d\nusage Acme Hot 10 GB 1h";
    let planned = comes_to(AVERAGE, trial, "10", "average of 10 days: 100 / 10 = 10 GB; 30 of 30 days measured");
    assert!(planned.story("Acme", "Hot").contains("20 of a class that does not count"));
}

#[test]
fn another_source_has_a_history_of_its_own() {
    let two = "before Acme Hot 1000 GB 1d..29d; source vendor\nbefore Acme Hot 10 GB 1d..29d\nusage Acme Hot 10 GB 1h";
    comes_to(AVERAGE, two, "10", "30 of 30 days measured, source import");
}

#[test]
fn the_ladder_takes_the_average() {
    let bracket = "set mode quota_bracket\nbefore Acme Hot 400 GB 1d\nusage Acme Hot 600 GB 1h";
    comes_to(AVERAGE, bracket, "500", "500 GB is on the step 500 GB");
}

const USERS: &str = "item 6 M365\nproduct M365 user -> 6\naddition 1001 on 1 item 6 at 3; price 2\nset basis average_30d; product M365\nset gaps_days 0";

#[test]
fn half_a_user_is_a_user() {
    let users = |more: &str| {
        let planned = Planned::of(&format!(
            "{ACME}\n{USERS}\nusage Acme Hot 10 GB 1h\nbefore Acme M365 4 user 1d\nusage Acme M365 5 user 1h\n{more}"
        ));
        planned.line("Acme", "M365").next.map_or("?".to_owned(), |next| next.to_string())
    };
    assert_eq!(users(""), "5", "4.5");
    assert_eq!(users("before Acme M365 4 user 2d"), "5", "4.333333");
    assert_eq!(users("account Beta -> 20\nbefore Beta M365 1 user 1d\nusage Beta M365 2 user 1h"), "6", "4.5 + 1.5");
    assert_eq!(users("set included 1; product M365"), "4", "3.5");
    assert_eq!(users("set rounding down:1; product M365"), "4", "a person's rounding wins");
    assert_eq!(users("set rounding none; product M365"), "?");
    assert_eq!(users("before Acme M365 4.5 user 1d"), "?", "a source that measures half a user is wrong");
}

#[test]
fn another_basis_is_another_rule() {
    acme(
        "usage Acme Hot 12 GB 1d\nset basis average_30d\nset gaps_days 0\nlooked at Hot under another rule",
        "Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period link.not_live]\n1 change",
    );
    let facts = of(AVERAGE, "usage Acme Hot 12 GB 1d").facts;
    let rule = facts.live_rules.values().next().expect("a rule");
    assert!(rule.contains("basis=average_30d"), "{rule}");
}
