//! Exclusions and adjustments: what a person decides for one account, one product or one line.

use crate::door::{acme, check};
use hive_core::issue::Code;

/// Two accounts of one company that add up.
const TWO: &str = "
    company 20 Acme Dental Pty Ltd
    item 5 HOT-GB
    agreement 1 of 20 Managed
    addition 1000 on 1 item 5 at 30; price 1
    account Acme -> 20
    account Branch -> 20
    product Hot GB -> 5 per 1 GB
    usage Acme Hot 20 GB 1d
    usage Branch Hot 12 GB 1d";

#[test]
fn an_excluded_line_is_no_line_and_is_counted_apart() {
    acme("usage Acme Hot 12 GB 1d\nexclude Acme Hot", "1 excluded");
    acme("usage Acme Hot 12 GB 1d\nexclude Acme *", "1 excluded");
    acme("usage Acme Hot 12 GB 1d\nexclude * Hot", "1 excluded");
    // A link state stays what it is: what is ignored is not counted twice.
    acme("usage Acme Hot 12 GB 1d\naccount Acme -> ignored\nexclude Acme Hot", "1 ignored");
}

#[test]
fn usage_that_nobody_is_billed_for_can_be_excluded_too() {
    acme(
        "usage Zoo Hot 12 GB 1d\nexclude Zoo *",
        "Acme x Hot: issue 10 -> ? (addition 1000) [!usage.missing]\n1 issue, 1 excluded",
    );
}

#[test]
fn what_is_billed_without_usage_can_be_excluded() {
    acme("exclude Acme Hot", "1 excluded");
}

#[test]
fn a_part_that_is_excluded_neither_counts_nor_blocks() {
    check(
        &format!("{TWO}\nexclude Acme Hot"),
        "Branch x Hot: change 30 -> 12 (addition 1000) -18 [addition.paid_period]\n1 change, 1 excluded",
    );
    // The other account never had usage: an excluded part counts as decided, and nothing is missing.
    check(
        &format!("{TWO}\nusage Branch Hot 12 GB 40d\nexclude Branch *"),
        "Acme x Hot: change 30 -> 20 (addition 1000) -10 [addition.paid_period]\n1 change, 1 excluded",
    );
}

#[test]
fn where_the_only_measured_part_is_excluded_nothing_is_missing() {
    check(
        "company 20 Acme\nitem 5 HOT\nagreement 1 of 20 M\naddition 1000 on 1 item 5 at 30; price 1
        account Acme -> 20\naccount Branch -> 20\nproduct Hot GB -> 5 per 1 GB
        usage Acme Hot 20 GB 1d\nexclude Acme Hot",
        "1 excluded",
    );
}

#[test]
fn it_ends_by_itself_after_its_last_day_and_says_so_for_a_fortnight() {
    let usage = "usage Acme Hot 12 GB 1d\nexclude Acme Hot; reason pilot; until";
    acme(&format!("{usage} 2026-11-23"), "1 excluded");
    let ended = "Acme x Hot: change 10 -> 12 (addition 1000) 4 [exclusion.ended addition.paid_period]\n1 change";
    let planned = acme(&format!("{usage} 2026-11-22"), ended);
    planned.says(Code::ExclusionEnded, &["ended on 2026-11-22", "pilot", "cli:jane", "Acme x Hot"]);
    acme(&format!("{usage} 2026-11-09"), ended);
    let told = "Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]\n1 change";
    acme(&format!("{usage} 2026-11-08"), told);
}

#[test]
fn the_last_day_is_the_msps_own() {
    // 2026-11-23 10:00 UTC is the 24th in Auckland already.
    let ended = "Acme x Hot: change 10 -> 12 (addition 1000) 4 [exclusion.ended addition.paid_period]\n1 change";
    acme("set time_zone Pacific/Kiritimati\nusage Acme Hot 12 GB 1d\nexclude Acme Hot; until 2026-11-23", ended);
}

#[test]
fn one_exclusion_that_ended_leaves_another_in_force() {
    acme("usage Acme Hot 12 GB 1d\nexclude Acme Hot; until 2026-11-01\nexclude * Hot", "1 excluded");
}

#[test]
fn a_part_is_adjusted_and_says_so() {
    let planned = acme(
        "usage Acme Hot 12 GB 1d\nadjust Acme Hot plus 3; reason kiosk users; until 2026-12-31",
        "Acme x Hot: change 10 -> 15 (addition 1000) 10 [quantity.adjusted addition.paid_period]\n1 change",
    );
    assert!(
        planned.story("Acme", "Hot").contains("adjusted: 12 + 3 = 15, kiosk users, by cli:jane through 2026-12-31"),
        "{}",
        planned.story("Acme", "Hot")
    );
    planned.says(Code::QuantityAdjusted, &["Acme x Hot", "12 + 3 = 15", "kiosk users", "cli:jane", "2026-12-31"]);
    acme(
        "usage Acme Hot 12 GB 1d\nadjust Acme Hot minus 3",
        "Acme x Hot: change 10 -> 9 (addition 1000) -2 [quantity.adjusted addition.paid_period]\n1 change",
    );
    acme(
        "usage Acme Hot 12 GB 1d\nadjust Acme Hot fixed 11",
        "Acme x Hot: change 10 -> 11 (addition 1000) 2 [quantity.adjusted addition.paid_period]\n1 change",
    );
}

#[test]
fn it_counts_in_units_of_the_item_before_sums_and_rules() {
    let blocks = "product Hot GB -> 5 per 100 GB\nusage Acme Hot 250 GB 1d\nset included 1; product Hot";
    let planned = acme(
        &format!("{blocks}\nadjust Acme Hot plus 2"),
        "Acme x Hot: change 10 -> 4 (addition 1000) -12 [quantity.adjusted addition.paid_period]\n1 change",
    );
    assert!(planned.story("Acme", "Hot").contains("adjusted: 2.5 + 2 = 4.5"));
    let sum = check(
        &format!("{TWO}\nadjust Branch Hot minus 2"),
        "Acme x Hot: unchanged 30 (addition 1000)\nBranch x Hot: unchanged 30 (addition 1000) [quantity.adjusted]\n1 unchanged",
    );
    assert!(sum.story("Acme", "Hot").contains("20 (Acme Hot) + 10 (Branch Hot)"));
}

#[test]
fn a_minus_greater_than_the_part_gives_nothing_and_the_limits_judge_it() {
    let planned = acme(
        "usage Acme Hot 12 GB 1d\nadjust Acme Hot minus 20",
        "Acme x Hot: held 10 -> 0 (addition 1000) -20 [?usage.zero quantity.adjusted addition.paid_period]\n1 held",
    );
    planned.says(Code::QuantityAdjusted, &["12 - 20 = 0: never below 0"]);
    planned.says(Code::UsageZero, &["A person adjusted"]);
    acme(
        "usage Acme Hot 12 GB 1d\nadjust Acme Hot plus 988",
        "Acme x Hot: held 10 -> 1000 (addition 1000) 1980 [?usage.spike quantity.adjusted addition.paid_period]\n1 held",
    );
}

#[test]
fn a_fixed_part_needs_no_sample() {
    acme(
        "adjust Acme Hot fixed 11",
        "Acme x Hot: change 10 -> 11 (addition 1000) 2 [quantity.adjusted addition.paid_period]\n1 change",
    );
    // Whatever is wrong with usage, a fixed part does not ask.
    acme(
        "usage Acme Hot 12 GB 60d\nadjust Acme Hot fixed 11",
        "Acme x Hot: change 10 -> 11 (addition 1000) 2 [quantity.adjusted addition.paid_period]\n1 change",
    );
    // A sum with it: the other part must still be known.
    acme(
        "account Branch -> 20\nadjust Branch Hot fixed 5\nusage Acme Hot 12 GB 60d",
        "Acme x Hot: issue 10 -> ? (addition 1000) [!usage.stale]
        Branch x Hot: issue 10 -> ? (addition 1000) [!sum.part_blocked quantity.adjusted]
        1 issue",
    );
    let unit = "product Hot GB -> 5\nadjust Acme Hot fixed 11";
    acme(unit, "Acme x Hot: issue 10 -> ? (addition 1000) 2 [!unit.unconfirmed quantity.adjusted]\n1 issue");
}

#[test]
fn without_usage_there_is_nothing_to_add_to() {
    acme("adjust Acme Hot plus 3", "Acme x Hot: issue 10 -> ? (addition 1000) [!usage.missing]\n1 issue");
}

#[test]
fn an_adjustment_that_ends_says_so_for_a_fortnight() {
    let usage = "usage Acme Hot 12 GB 1d\nadjust Acme Hot plus 3; until";
    let back = "Acme x Hot: change 10 -> 12 (addition 1000) 4 [quantity.adjusted addition.paid_period]\n1 change";
    acme(&format!("{usage} 2026-11-22"), back).says(Code::QuantityAdjusted, &["plus 3", "ended on 2026-11-22"]);
    let told = "Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]\n1 change";
    acme(&format!("{usage} 2026-11-08"), told);
    // What was billed by hand alone is missing then, however long ago; it is never 0.
    acme(
        "account Branch -> 20\nadjust Branch Hot fixed 5; until 2026-09-01\nusage Acme Hot 12 GB 1d",
        "Acme x Hot: issue 10 -> ? (addition 1000) [!sum.part_blocked]
        Branch x Hot: issue 10 -> ? (addition 1000) [!usage.missing quantity.adjusted]
        1 issue",
    );
}

#[test]
fn a_trial_that_is_adjusted_counts_as_far_as_a_person_says() {
    acme(
        "usage Acme Hot 12 GB 1d; class trial\nadjust Acme Hot plus 11",
        "Acme x Hot: change 10 -> 11 (addition 1000) 2 [usage.not_counted quantity.adjusted addition.paid_period]\n1 change",
    );
}

#[test]
fn neither_asks_for_go_live_again() {
    let planned = acme(
        "usage Acme Hot 12 GB 1d\nadjust Acme Hot plus 3\naccount Zoo\nexclude Zoo Hot",
        "Acme x Hot: change 10 -> 15 (addition 1000) 10 [quantity.adjusted addition.paid_period]\n1 change",
    );
    assert!(planned.line("Acme", "Hot").live);
}
