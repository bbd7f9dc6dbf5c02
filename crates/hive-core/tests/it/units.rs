//! From a sample to a quantity: units and sizes, brackets, included, minimum, maximum, rounding.

use crate::door::{ACME, Planned, acme, check};
use hive_core::issue::Code;

/// The quantity that `usage` comes to; `held` and `change` alike. `?` where it cannot be known.
#[track_caller]
fn next(usage: &str, more: &str) -> String {
    let planned = Planned::of(&format!("{ACME}\naddition 1000 on 1 item 5 at 7.7\nusage Acme Hot {usage} 1d\n{more}"));
    planned.line("Acme", "Hot").next.map_or("?".to_owned(), |next| next.to_string())
}

#[test]
fn storage_is_converted_by_declared_factors_and_rounded_up() {
    let per = |unit: &str| format!("product Hot GB -> 5 per {unit}");
    for (usage, unit, expected) in [
        ("430 GB", "1 GB", "430"),
        ("430.01 GB", "1 GB", "431"),
        ("430 GB", "1 TB", "0.43"),
        ("430.01 GB", "1 TB", "0.44"),
        ("1 TB", "1 GB", "1000"),
        ("1 TiB", "1 GB", "1100"),
        ("1 GiB", "1 GB", "2"),
        ("500000000000 B", "1 GB", "500"),
        ("1000 GB", "1 TiB", "0.91"),
        ("1024 GiB", "1 TiB", "1"),
        ("430 GB", "100 GB", "5"),
        ("400 GB", "100 GB", "4"),
        ("0.000001 GB", "100 GB", "1"),
        ("0 GB", "100 GB", "0"),
        ("1.5 TB", "0.5 TB", "3"),
        ("1 MB", "1 GB", "1"),
    ] {
        assert_eq!(next(usage, &per(unit)), expected, "{usage} per {unit}");
    }
}

#[test]
fn the_table_of_modes() {
    let actual = "set rounding none; product Hot";
    let bracket = "set mode quota_bracket\nset rounding none; product Hot";
    for (usage, quota, by_usage, by_bracket) in [
        ("430 GB", "", "430", "500"),
        ("430 GB", "500 GB", "430", "500"),
        ("430 GB", "1 TB", "430", "1000"),
        ("500 GB", "", "500", "500"),
        ("500.01 GB", "", "500.01", "750"),
        ("1.2 TB", "", "1200", "2000"),
        ("0 GB", "", "0", "0"),
        ("0 GB", "0 GB", "0", "0"),
        ("0 GB", "100 GB", "0", "100"),
        ("620 GB", "500 GB", "620", "750"),
        ("430 GB", "300 GB", "430", "500"),
        ("100 GB", "300 GB", "100", "500"),
    ] {
        let quota_command = if quota.is_empty() { String::new() } else { format!("quota Acme Hot {quota}") };
        assert_eq!(next(usage, &format!("{actual}\n{quota_command}")), by_usage, "{usage}, quota {quota}");
        assert_eq!(next(usage, &format!("{bracket}\n{quota_command}")), by_bracket, "{usage}, quota {quota}");
    }
}

#[test]
fn the_mode_of_the_account_beats_the_products_beats_the_msps() {
    let bracket = "set mode quota_bracket";
    assert_eq!(next("430 GB", bracket), "500");
    assert_eq!(next("430 GB", &format!("{bracket}\nset mode actual; product Hot")), "430");
    assert_eq!(
        next("430 GB", &format!("{bracket}\nset mode actual; product Hot\nset mode quota_bracket; account Acme")),
        "500"
    );
    assert_eq!(
        next(
            "430 GB",
            &format!("{bracket}\nset mode quota_bracket; account Acme\nset mode actual; account Acme; product Hot")
        ),
        "430"
    );
}

#[test]
fn ladders_are_data() {
    assert_eq!(next("250.01 GB", "set mode quota_bracket\nset ladder 100+100; product Hot"), "300");
    assert_eq!(next("250.01 GB", "set mode quota_bracket\nset ladder none; product Hot"), "251");
    assert_eq!(next("250.01 GB", "set mode quota_bracket\nset ladder 100,250; product Hot"), "?");
}

#[test]
fn the_quota_notes_say_what_was_used_instead() {
    let exceeded = acme(
        "set mode quota_bracket
        quota Acme Hot 500 GB
        usage Acme Hot 620 GB 1d
        addition 1000 on 1 item 5 at 500; price 2",
        "
        Acme x Hot: change 500 -> 750 (addition 1000) 500 [quota.exceeded addition.paid_period]
        1 change",
    );
    exceeded.says(Code::QuotaExceeded, &["Acme uses 620 GB of Hot", "quota of 500 GB", "750 GB"]);
    assert!(exceeded.story("Acme", "Hot").contains("mode: quota bracket: the larger of the quota 500 GB and 620 GB is on the step 750 GB of 100,250,500,750,1000+1000"));
}

#[test]
fn things_have_no_ladder_and_must_be_whole() {
    let users = |usage: &str, more: &str| {
        Planned::of(&format!(
            "company 20 A\nitem 6 M365\nagreement 1 of 20 M\nproduct M365 user -> 6\naccount Acme -> 20\n\
        addition 1000 on 1 item 6 at 8; price 2\nusage Acme M365 {usage} user 1d\n{more}"
        ))
    };
    let noted = users("9", "set mode quota_bracket");
    assert_eq!(
        noted.printed(),
        "Acme x M365: change 8 -> 9 (addition 1000) 2 [quota.missing addition.paid_period]\n1 change"
    );
    noted.says(Code::QuotaMissing, &["M365 is counted in user and has no quota", "whatever the mode"]);
    assert_eq!(
        users("9.5", "").printed(),
        "Acme x M365: issue 8 -> ? (addition 1000) 3 [!quantity.fraction_of_countable]\n1 issue"
    );
    assert_eq!(
        users("9.5", "set rounding up:1; product M365").printed(),
        "Acme x M365: change 8 -> 10 (addition 1000) 4 [addition.paid_period]\n1 change"
    );
    assert_eq!(users("9", "set rounding up:0.3; product M365").plan.counts().change, 1, "9 is 30 x 0.3");
    assert_eq!(users("10", "set rounding up:0.3; product M365").plan.counts().issue, 1, "10.2 users");
    assert_eq!(
        users("12", "product M365 user -> 6 per 5 user")
            .line("Acme", "M365")
            .next
            .map(|next| next.to_string())
            .as_deref(),
        Some("3")
    );
    assert_eq!(users("10 ", "").plan.counts().change, 1);
}

#[test]
fn a_unit_that_was_never_said_or_contradicts_stops() {
    let said = acme(
        "product Hot GB -> 5
        item 5 HOT-TB; says Hot storage, 100 GB block
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!unit.unconfirmed]
        1 issue",
    );
    said.says(Code::UnitUnconfirmed, &["hive link \"Northwind IT\" --product \"Hot\" --unit TB --size 1"]);
    acme(
        "addition 1000 on 1 item 5 at 10; price 2; uom TB
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) 4 [!unit.mismatch]
        1 issue",
    );
    acme(
        "addition 1000 on 1 item 5 at 10; price 2; uom gb
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
    acme(
        "addition 1000 on 1 item 5 at 10; price 2; uom Each
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
    acme(
        "usage Acme Hot 12 user 1d",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!unit.mismatch]
        1 issue",
    );
    acme(
        "product Hot GB -> 5 per 1 user
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!unit.mismatch]
        1 issue",
    );
}

#[test]
fn included_minimum_maximum_and_rounding_in_their_order() {
    let set = |key: &str, text: &str| format!("set {key} {text}; product Hot\n");
    assert_eq!(next("12 GB", &set("included", "5")), "7");
    assert_eq!(next("12 GB", &set("included", "12")), "0");
    assert_eq!(next("12 GB", &set("included", "13")), "0");
    assert_eq!(next("12 GB", &set("minimum", "12")), "12");
    assert_eq!(next("12 GB", &set("minimum", "20")), "20");
    assert_eq!(next("12 GB", &set("maximum", "12")), "12");
    assert_eq!(next("12 GB", &set("maximum", "9")), "9");
    assert_eq!(next("12 GB", &(set("included", "10") + &set("minimum", "5"))), "5", "included, then the floor");
    assert_eq!(next("12 GB", &(set("minimum", "20") + &set("maximum", "15"))), "15", "the cap last");
    assert_eq!(next("12.3 GB", &(set("included", "0.1") + &set("rounding", "up:5"))), "15");
    assert_eq!(next("12.3 GB", &set("rounding", "down:5")), "10");
    assert_eq!(next("12.5 GB", &set("rounding", "nearest:5")), "15");
    assert_eq!(next("12.49 GB", &set("rounding", "nearest:5")), "10");
    assert_eq!(next("12.345678 GB", &set("rounding", "none")), "12.345678");
    assert_eq!(
        next("130 GB", &(set("rounding", "down:1") + "product Hot GB -> 5 per 100 GB")),
        "1",
        "a person's rounding, in whole blocks"
    );
    assert_eq!(
        next("130 GB", &(set("rounding", "none") + "product Hot GB -> 5 per 100 GB")),
        "2",
        "a block is sold whole"
    );
}

#[test]
fn what_the_rules_did_is_noted() {
    let planned = acme("set included 5; product Hot
        set minimum 20; product Hot
        usage Acme Hot 3 GB 1d", "
        Acme x Hot: change 10 -> 20 (addition 1000) 20 [quantity.below_included quantity.below_minimum addition.paid_period]
        1 change");
    planned.says(Code::QuantityBelowMinimum, &["0 is below the minimum: 20 is billed"]);
    assert!(planned.story("Acme", "Hot").contains("rule: 5 included: 0 left\nrule: minimum 20"));
}

#[test]
fn included_on_both_sides_stops() {
    acme(
        "set included 5; product Hot
        addition 1000 on 1 item 5 at 10; price 2; less 5
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) -6 [!included.twice]
        1 issue",
    );
    acme(
        "set included 5; product Hot
        addition 1000 on 1 item 5 at 10; price 2; less 0
        usage Acme Hot 15 GB 1d",
        "
        Acme x Hot: unchanged 10 (addition 1000)
        1 unchanged",
    );
    acme(
        "addition 1000 on 1 item 5 at 10; price 2; less 5
        usage Acme Hot 10 GB 1d",
        "
        Acme x Hot: unchanged 10 (addition 1000)
        1 unchanged",
    );
}

#[test]
fn arithmetic_that_leaves_eighteen_digits_is_an_issue() {
    let huge = "999999999999999999";
    acme(
        &format!("usage Acme Hot {huge} TB 1d"),
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!quantity.overflow]
        1 issue",
    );
    acme(
        &format!(
            "account Beta -> 20
        usage Acme Hot {huge} GB 1d
        usage Beta Hot 1 GB 1d"
        ),
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!quantity.overflow]
        Beta x Hot: issue 10 -> ? (addition 1000) [!quantity.overflow]
        1 issue",
    );
    let most = acme(&format!("usage Acme Hot {huge} GB 1d"), "
        Acme x Hot: held 10 -> 999999999999999999 (addition 1000) 1999999999999999978 [?usage.spike addition.paid_period]
        1 held");
    most.says(Code::UsageSpike, &["rises by"]);
    acme(
        "product Hot GB -> 5 per 1 TiB
        set rounding none; product Hot
        usage Acme Hot 10 GB 1d",
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!quantity.overflow]
        1 issue",
    );
}

#[test]
fn classes_that_do_not_count_are_listed() {
    for class in ["trial", "nfr", "internal"] {
        acme(
            &format!("usage Acme Hot 12 GB 1d; class {class}"),
            "
            Acme x Hot: issue 10 -> ? (addition 1000) [!usage.not_counted usage.not_counted]
            1 issue",
        );
    }
    for class in ["billable", "gold"] {
        acme(
            &format!("usage Acme Hot 12 GB 1d; class {class}"),
            "
            Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
            1 change",
        );
    }
    let planned = check(
        &format!(
            "{ACME}\naccount Beta -> 20
        usage Acme Hot 12 GB 1d
        usage Beta Hot 9 GB 1d; class trial"
        ),
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        Beta x Hot: change 10 -> 12 (addition 1000) 4 [usage.not_counted addition.paid_period]
        1 change",
    );
    planned.says(Code::UsageNotCounted, &["9 GB of Hot for Beta", "class trial"]);
    assert_eq!(planned.line("Beta", "Hot").part.map(|part| part.to_string()).as_deref(), Some("0"));
}
