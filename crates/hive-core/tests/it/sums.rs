//! Sums over accounts of one company and products of one item.

use crate::door::{ACME, acme, check};
use hive_core::issue::Code;

const SUM: &str = "
    account East -> 20
    product Warm GB -> 5 per 1 GB
    usage Acme Hot 4.2 GB 1d
    usage East Hot 3.1 GB 1d
    usage East Warm 2 GB 1d
";

#[test]
fn accounts_and_products_add_up_before_rounding_and_the_parts_stay_visible() {
    let planned = acme(
        SUM,
        "
        Acme x Hot: unchanged 10 (addition 1000)
        East x Hot: unchanged 10 (addition 1000)
        East x Warm: unchanged 10 (addition 1000)
        1 unchanged",
    );
    let parts: Vec<String> =
        planned.plan.lines.iter().filter_map(|line| line.part).map(|part| part.to_string()).collect();
    assert_eq!(parts, ["4.2", "3.1", "2"]);
    assert!(
        planned
            .story("East", "Warm")
            .contains("sum: 3 parts: 4.2 (Acme Hot) + 3.1 (East Hot) + 2 (East Warm)\nrule: rounded 9.3 to 10")
    );
    assert!(planned.plan.changes.is_empty());
}

#[test]
fn one_change_names_all_its_lines_and_products() {
    let planned = acme(
        &format!("{SUM}\nusage East Warm 5 GB 1d"),
        "
        Acme x Hot: change 10 -> 13 (addition 1000) 6 [addition.paid_period]
        East x Hot: change 10 -> 13 (addition 1000) 6 [addition.paid_period]
        East x Warm: change 10 -> 13 (addition 1000) 6 [addition.paid_period]
        1 change",
    );
    assert_eq!((planned.plan.changes[0].lines.len(), planned.plan.changes[0].products.len()), (3, 2));
}

#[test]
fn brackets_are_per_account_and_before_sums() {
    acme(
        &format!("{SUM}\nset mode quota_bracket\naddition 1000 on 1 item 5 at 300; price 2"),
        "
        Acme x Hot: unchanged 300 (addition 1000) [quota.missing]
        East x Hot: unchanged 300 (addition 1000) [quota.missing]
        East x Warm: unchanged 300 (addition 1000) [quota.missing]
        1 unchanged",
    );
}

#[test]
fn a_part_with_a_stop_stops_all_and_is_named() {
    let planned = acme(
        &format!("{SUM}\nusage East Warm 2 GB 36d"),
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!sum.part_blocked]
        East x Hot: issue 10 -> ? (addition 1000) [!sum.part_blocked]
        East x Warm: issue 10 -> ? (addition 1000) [!usage.stale]
        1 issue",
    );
    planned.says(Code::SumPartBlocked, &["Warm for East (usage.stale: ", "Mend that part first"]);
    acme(
        &format!("{SUM}\naccount West -> 20\nquota West Warm 100 GB"),
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!sum.part_blocked]
        East x Hot: issue 10 -> ? (addition 1000) [!sum.part_blocked]
        East x Warm: issue 10 -> ? (addition 1000) [!sum.part_blocked]
        West x Warm: issue 10 -> ? (addition 1000) [!usage.missing]
        1 issue",
    );
}

#[test]
fn a_part_with_a_hold_holds_all_under_the_same_cause() {
    let planned = acme(
        &format!("{SUM}\nusage East Warm 5 GB 5d"),
        "
        Acme x Hot: held 10 -> 13 (addition 1000) 6 [?usage.stale addition.paid_period]
        East x Hot: held 10 -> 13 (addition 1000) 6 [?usage.stale addition.paid_period]
        East x Warm: held 10 -> 13 (addition 1000) 6 [?usage.stale addition.paid_period]
        1 held",
    );
    let causes: std::collections::BTreeSet<_> =
        planned.plan.lines.iter().flat_map(|line| &line.issues).filter_map(|issue| issue.cause.clone()).collect();
    assert_eq!(causes.into_iter().collect::<Vec<_>>(), ["usage.stale:import"]);
    assert!(planned.line("Acme", "Hot").issues[0].message.starts_with("A part of this sum waits (Warm for East): "));
}

#[test]
fn an_excluded_part_counts_as_decided() {
    acme(
        &format!("{SUM}\nusage East Warm 2 GB 400d; class trial"),
        "
        Acme x Hot: change 10 -> 8 (addition 1000) -4 [addition.paid_period]
        East x Hot: change 10 -> 8 (addition 1000) -4 [addition.paid_period]
        East x Warm: change 10 -> 8 (addition 1000) -4 [usage.not_counted addition.paid_period]
        1 change",
    );
}

#[test]
fn one_stale_account_stops_nobody_elses_sum() {
    acme(
        "company 21 Beta\nagreement 2 of 21 B\naddition 1001 on 2 item 5 at 1; price 2\naccount Beta -> 21
        usage Acme Hot 12 GB 36d
        usage Beta Hot 2 GB 1d",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!usage.stale]
        Beta x Hot: change 1 -> 2 (addition 1001) 2 [addition.paid_period]
        1 change, 1 issue",
    );
}

#[test]
fn rules_that_differ_on_one_item_conflict() {
    let stopped = |money: &str| {
        format!(
            "
        Acme x Hot: issue 10 -> ? (addition 1000){money} [!rule.conflict]
        East x Hot: issue 10 -> ? (addition 1000){money} [!rule.conflict]
        East x Warm: issue 10 -> ? (addition 1000){money} [!rule.conflict]
        1 issue"
        )
    };
    for (key, value) in [
        ("rounding", "up:1"),
        ("maximum", "999"),
        ("agreement_rule", "type=Managed Services"),
        ("target_date", "next_invoice"),
    ] {
        let planned = acme(&format!("{SUM}\nset {key} {value}; product Warm"), &stopped(" 0"));
        planned.says(Code::RuleConflict, &["Hot", "Warm", key, "hive settings \"Northwind IT\" --product P"]);
    }
    acme(&format!("{SUM}\nproduct Warm GB -> 5 per 1 TB"), &stopped(" -4"));
    acme(
        &format!("{SUM}\nset rounding up:1; product Warm\nset rounding up:1; product Hot"),
        "
        Acme x Hot: unchanged 10 (addition 1000)
        East x Hot: unchanged 10 (addition 1000)
        East x Warm: unchanged 10 (addition 1000)
        1 unchanged",
    );
    acme(
        &format!("{SUM}\nset minimum 5; product Warm\nset minimum 5; product Hot\nproduct Warm GB -> 5 per 1000 MB"),
        "
        Acme x Hot: unchanged 10 (addition 1000)
        East x Hot: unchanged 10 (addition 1000)
        East x Warm: unchanged 10 (addition 1000)
        1 unchanged",
    );
}

#[test]
fn included_and_minimum_belong_to_the_item_and_apply_once() {
    let both =
        |key: &str, value: &str| format!("{SUM}\nset {key} {value}; product Hot\nset {key} {value}; product Warm");
    acme(
        &both("included", "5"),
        "
        Acme x Hot: change 10 -> 5 (addition 1000) -10 [addition.paid_period]
        East x Hot: change 10 -> 5 (addition 1000) -10 [addition.paid_period]
        East x Warm: change 10 -> 5 (addition 1000) -10 [addition.paid_period]
        1 change",
    );
}

const SPLIT: &str = "
    addition 1001 on 1 item 5 at 3; price 2
    account East -> 20
    usage Acme Hot 12 GB 1d
    usage East Hot 4 GB 1d
";

#[test]
fn pins_split_a_sum() {
    acme(
        &format!("{SPLIT}\npin Acme Hot 1000\npin East Hot 1001"),
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        East x Hot: change 3 -> 4 (addition 1001) 2 [addition.paid_period]
        2 change",
    );
    acme(
        &format!("{SPLIT}\npin Acme Hot 1000\npin East Hot 1000"),
        "
        Acme x Hot: change 10 -> 16 (addition 1000) 12 [addition.paid_period]
        East x Hot: change 10 -> 16 (addition 1000) 12 [addition.paid_period]
        1 change",
    );
}

#[test]
fn a_line_without_a_target_blocks_the_sums_it_may_belong_to() {
    let planned = acme(
        &format!("{SPLIT}\npin Acme Hot 1000"),
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!sum.part_blocked]
        East x Hot: issue [!addition.ambiguous]
        2 issue",
    );
    planned.says(Code::SumPartBlocked, &["Hot for East (addition.ambiguous: ", "Mend that line first"]);
}

#[test]
fn storage_and_things_do_not_add_up() {
    check(
        &format!("{ACME}\nproduct Users user -> 5\nusage Acme Hot 5 GB 1d\nusage Acme Users 5 user 1d"),
        "
        Acme x Hot: issue 10 -> ? (addition 1000) 0 [!rule.conflict]
        Acme x Users: issue 10 -> ? (addition 1000) 0 [!rule.conflict]
        1 issue",
    );
}
