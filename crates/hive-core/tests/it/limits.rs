//! Too big a change waits for a person: every limit at, just under and just over, on both sides;
//! stale usage, two sources, paid periods, an old mirror.

use crate::door::{ACME, Planned, acme, check};
use hive_core::issue::Code;

/// Whether one addition at `now` (price a month, `-` for none) is held when `next` GB are used.
#[track_caller]
fn held(now: &str, next: &str, price: &str, more: &str) -> Vec<&'static str> {
    let price = if price == "-" { String::new() } else { format!("; price {price}") };
    let planned = Planned::of(&format!(
        "{ACME}\naddition 1000 on 1 item 5 at {now}{price}\nusage Acme Hot {next} GB 1d\nset rounding none; product Hot\n{more}"
    ));
    planned.plan.changes[0].holds.iter().map(|(code, _)| code.name()).collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_fall_needs_both_the_percentage_and_the_money() {
    assert_eq!(held("1000", "700", "1", ""), NOTHING, "30 % is not over 30 %");
    assert_eq!(held("1000", "699.999", "1", ""), ["usage.drop"]);
    assert_eq!(held("100", "50", "1", ""), NOTHING, "50 is not over 50");
    assert_eq!(held("100", "49.99", "1", ""), ["usage.drop"]);
    assert_eq!(held("100", "1", "0.5", ""), NOTHING, "much of little");
    assert_eq!(held("100000", "70001", "1", ""), NOTHING, "little of much");
    assert_eq!(held("100", "40", "1", "set drop_money 60"), NOTHING);
    assert_eq!(held("100", "39.9", "1", "set drop_money 60"), ["usage.drop"]);
    assert_eq!(held("1000", "700", "1", "set drop_percent 29.9"), ["usage.drop"]);
}

#[test]
fn a_rise_needs_both_the_percentage_and_the_money() {
    assert_eq!(held("100", "200", "2", ""), NOTHING, "100 % is not over 100 %");
    assert_eq!(held("100", "200.01", "2", ""), ["usage.spike"]);
    assert_eq!(held("50", "150", "1", ""), NOTHING, "100 is not over 100");
    assert_eq!(held("50", "150.01", "1", ""), ["usage.spike"]);
    assert_eq!(held("1", "50", "2", ""), NOTHING, "much of little");
    assert_eq!(held("50", "150", "1", "set rise_money 99.99"), ["usage.spike"]);
    assert_eq!(held("100", "150", "3", "set rise_percent 50"), NOTHING);
    assert_eq!(held("100", "150.01", "3", "set rise_percent 50"), ["usage.spike"]);
}

#[test]
fn from_nothing_only_the_money_decides() {
    assert_eq!(held("0", "100", "1", ""), NOTHING);
    assert_eq!(held("0", "100.01", "1", ""), ["usage.spike"]);
}

#[test]
fn to_nothing_is_always_held_and_nothing_at_nothing_is_a_note() {
    assert_eq!(held("1", "0", "0.01", ""), ["usage.zero"]);
    acme(
        "addition 1000 on 1 item 5 at 0; price 2
        usage Acme Hot 0 GB 1d",
        "
        Acme x Hot: unchanged 0 (addition 1000) [usage.zero]
        1 unchanged",
    );
    let planned = acme(
        "set included 20; product Hot
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: held 10 -> 0 (addition 1000) -20 [?usage.zero quantity.below_included addition.paid_period]
        1 held",
    );
    planned.says(Code::UsageZero, &["within what is included", "addition 1000 holds 10 (20.00 USD a month)"]);
}

#[test]
fn without_a_price_terabytes_and_things_stand_in_for_money() {
    for price in ["-", "0"] {
        assert_eq!(held("3000", "2000", price, ""), NOTHING, "1 TB is not over 1 TB");
        assert_eq!(held("3000", "1999", price, ""), ["usage.drop"]);
        assert_eq!(held("0", "1000", price, ""), NOTHING);
        assert_eq!(held("0", "1001", price, ""), ["usage.spike"]);
        assert_eq!(held("0", "1001", price, "set price_unknown_tb 2"), NOTHING);
    }
    let users = |now: i64, next: i64, more: &str| {
        let planned = Planned::of(&format!(
            "company 20 A\nitem 6 M365\nagreement 1 of 20 M\nproduct M365 user -> 6\naccount Acme -> 20\n\
            addition 1000 on 1 item 6 at {now}\nusage Acme M365 {next} user 1d\n{more}"
        ));
        planned.plan.changes[0].holds.len()
    };
    assert_eq!((users(0, 5, ""), users(0, 6, "")), (0, 1));
    assert_eq!((users(10, 5, ""), users(10, 4, "")), (0, 1));
    assert_eq!((users(0, 6, "set price_unknown_units 6"), users(0, 7, "set price_unknown_units 6")), (0, 1));
    assert_eq!(users(100, 94, ""), 0, "6 of 100 is no large share");
}

#[test]
fn the_money_is_by_the_month() {
    let year = "agreement 1 of 20 M; cycle Yearly";
    assert_eq!(held("100", "40", "10", year), ["addition.paid_period"], "60 x 10 a year is 50 a month");
    assert_eq!(held("100", "39.9", "10", year), ["addition.paid_period", "usage.drop"]);
}

#[test]
fn against_the_basis_of_the_last_push() {
    assert_eq!(held("100", "40", "1", "pushed 1000 45"), NOTHING, "a person moved it; usage itself hardly did");
    assert_eq!(held("50", "40", "1", "pushed 1000 100"), ["usage.drop"]);
    assert_eq!(held("100", "45", "1", "pushed 1000 45"), NOTHING);
}

#[test]
fn one_step_of_the_ladder_is_never_held() {
    let bracket =
        |now: &str, usage: &str, more: &str| held(now, usage, "50", &format!("set mode quota_bracket\n{more}"));
    assert_eq!(bracket("100", "101", ""), NOTHING, "100 -> 250");
    assert_eq!(bracket("100", "251", ""), ["usage.spike"], "100 -> 500");
    assert_eq!(bracket("250", "100", ""), NOTHING, "250 -> 100");
    assert_eq!(bracket("500", "100", ""), ["usage.drop"], "500 -> 100");
    assert_eq!(bracket("0", "1", ""), NOTHING, "0 -> 100");
    assert_eq!(bracket("0", "101", ""), ["usage.spike"], "0 -> 250");
    assert_eq!(bracket("2000", "900", ""), NOTHING, "2 TB -> 1 TB");
    assert_eq!(bracket("3000", "900", ""), ["usage.drop"]);
    assert_eq!(bracket("120", "251", ""), ["usage.spike"], "120 is on no step");
    assert_eq!(bracket("100", "0", ""), ["usage.zero"], "to zero is always held");
    assert_eq!(bracket("50", "150", "set included 50; product Hot"), NOTHING, "100 -> 250, less what is included");
}

#[test]
fn one_step_is_one_step_in_blocks_and_terabytes_too() {
    let blocks = "product Hot GB -> 5 per 100 GB";
    let bracket = |now: &str, usage: &str, unit: &str| {
        held(now, usage, "500", &format!("set mode quota_bracket\n{unit}\nset rounding  ; product Hot"))
    };
    assert_eq!(bracket("1", "101", blocks), NOTHING, "100 GB -> 250 GB is 1 -> 3 blocks");
    assert_eq!(bracket("3", "1", blocks), NOTHING);
    assert_eq!(bracket("1", "251", blocks), ["usage.spike"], "1 -> 5 blocks");
    let tebibytes = "product Hot GB -> 5 per 1 TiB";
    assert_eq!(bracket("0.1", "101", tebibytes), NOTHING, "100 GB and 250 GB, rounded to 0.01 TiB");
}

#[test]
fn usage_grows_stale_at_the_edges() {
    let at = |age: &str, more: &str| {
        let planned = Planned::of(&format!("{ACME}\nusage Acme Hot 12 GB {age}\n{more}"));
        let line = planned.line("Acme", "Hot");
        let severity =
            line.issues.iter().find(|issue| issue.code == Code::UsageStale).map(|issue| issue.severity.name());
        (line.mark.name(), severity)
    };
    assert_eq!(at("3d", ""), ("change", None));
    assert_eq!(at("3d+1s", ""), ("held", Some("hold")));
    assert_eq!(at("35d", ""), ("held", Some("hold")));
    assert_eq!(at("35d+1s", ""), ("issue", Some("stop")));
    assert_eq!(at("5d", "set stale_hold_days 5"), ("change", None));
    assert_eq!(at("5d+1s", "set stale_hold_days 5"), ("held", Some("hold")));
    assert_eq!(at("6d", "set stale_hold_rhythms 6"), ("change", None), "six rhythms of a day");
    assert_eq!(at("36d", "set stale_stop_days 36"), ("held", Some("hold")));
    assert_eq!(at("36d", "set stale_stop_rhythms 36"), ("held", Some("hold")));
}

#[test]
fn stale_usage_of_what_is_right_already_changes_nothing() {
    acme(
        "usage Acme Hot 10 GB 4d",
        "
        Acme x Hot: unchanged 10 (addition 1000) [?usage.stale]
        1 unchanged",
    );
}

#[test]
fn one_cause_is_one_decision() {
    let planned = acme(
        "account Beta -> 20
        item 6 COLD-GB
        addition 1001 on 1 item 6 at 10; price 2
        product Cold GB -> 6 per 1 GB
        usage Acme Hot 12 GB 4d
        usage Beta Cold 12 GB 5d
        usage Acme Cold 1 GB 5d; source vendor",
        "
        Acme x Hot: held 10 -> 12 (addition 1000) 4 [?usage.stale addition.paid_period]
        Acme x Cold: held 10 -> 13 (addition 1001) 6 [?usage.stale ?usage.stale addition.paid_period]
        Beta x Cold: held 10 -> 13 (addition 1001) 6 [?usage.stale ?usage.stale addition.paid_period]
        2 held",
    );
    let causes = |place: usize| -> Vec<&str> {
        planned.plan.changes[place].holds.iter().map(|(_, cause)| cause.as_str()).collect()
    };
    assert_eq!(causes(0), ["usage.stale:import"]);
    assert_eq!(causes(1), ["usage.stale:import", "usage.stale:vendor"]);
}

#[test]
fn two_sources_wait_until_a_person_chooses() {
    let two = "usage Acme Hot 12 GB 1d
        usage Acme Hot 15 GB 2d; source vendor";
    let planned = acme(
        two,
        "
        Acme x Hot: held 10 -> 12 (addition 1000) 4 [?usage.two_sources addition.paid_period]
        1 held",
    );
    planned.says(
        Code::UsageTwoSources,
        &[
            "import says 12 GB",
            "vendor says 15 GB",
            "hive settings \"Northwind IT\" --product \"Hot\" --account \"Acme\" source=import",
        ],
    );
    acme(
        &format!("{two}\nset source vendor; product Hot"),
        "
        Acme x Hot: change 10 -> 15 (addition 1000) 10 [addition.paid_period]
        1 change",
    );
    acme(
        &format!("{two}\nset source vendor; product Hot\nset source import; product Hot; account Acme"),
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
    acme(
        &format!("{two}\nset source other; product Hot"),
        "
        Acme x Hot: issue 10 -> ? (addition 1000) [!usage.missing]
        1 issue",
    );
}

#[test]
fn a_second_source_counts_for_35_days() {
    let second = |age: &str| {
        Planned::of(&format!("{ACME}\nusage Acme Hot 12 GB 1d\nusage Acme Hot 15 GB {age}; source vendor"))
            .plan
            .counts()
            .held
    };
    assert_eq!((second("35d"), second("35d+1s")), (1, 0));
}

#[test]
fn a_trial_row_of_another_source_does_not_silence_the_one_that_is_billed() {
    acme(
        "account Beta -> 20
        usage Beta Hot 5 GB 1d
        usage Acme Hot 8 GB 2d
        usage Acme Hot 1 GB 1d; source vendor; class trial",
        "
        Acme x Hot: held 10 -> 5 (addition 1000) -10 [?usage.two_sources usage.not_counted addition.paid_period]
        Beta x Hot: held 10 -> 5 (addition 1000) -10 [?usage.two_sources addition.paid_period]
        1 held",
    );
}

#[test]
fn paid_periods() {
    let cycle =
        |options: &str| Planned::of(&format!("{ACME}\nusage Acme Hot 12 GB 1d\nagreement 1 of 20 Managed; {options}"));
    let held = |options: &str| cycle(options).plan.counts().held;
    assert_eq!(held("cycle Monthly"), 0);
    assert_eq!(held("cycle Weekly"), 0);
    assert_eq!(held("cycle Bi-Monthly"), 1);
    for name in ["Quarterly", "Semi-Annual", "Yearly", "none", "None", "Blue Moon"] {
        assert_eq!(held(&format!("cycle {name}")), 1, "{name}");
    }
    cycle("cycle Monthly; next 2026-12-05").says(Code::AdditionPaidPeriod, &["reaches the invoice of 2026-12-05"]);
    cycle("cycle Monthly; next 2026-11-20")
        .says(Code::AdditionPaidPeriod, &["the invoice of 2026-11-20, which is not made yet"]);
    cycle("cycle Quarterly; next 2027-02-23")
        .says(Code::AdditionPaidPeriod, &["billed quarterly", "the invoice of 2027-02-23", "does not bill 4.03 USD"]);
    let fall = Planned::of(&format!(
        "{ACME}\nusage Acme Hot 8 GB 1d\nagreement 1 of 20 Managed; cycle Quarterly; next 2027-02-23"
    ));
    fall.says(Code::AdditionPaidPeriod, &["does not give back 4.03 USD"]);
    cycle("cycle none").says(Code::AdditionPaidPeriod, &["\"Managed\" (1) has no billing cycle"]);
}

#[test]
fn an_old_mirror_holds_everything_that_would_be_written() {
    acme(
        "pulled 6d ago
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
    acme(
        "pulled 6d+1s ago
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: held 10 -> 12 (addition 1000) 4 [?sync.stale addition.paid_period]
        1 held",
    );
    acme(
        "pulled 7d ago
        set sync_days 4
        usage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
}

/// Lines of one product, each at `now`, each using `next` GB.
fn lines(pairs: &[(&str, &str)], product: &str) -> String {
    let mut text = format!("item 5 HOT\n{product}\n");
    for (n, (now, next)) in (1..).zip(pairs) {
        text.push_str(&format!("company {n} C{n}\nagreement {n} of {n} M\naddition 10{n} on {n} item 5 at {now}; price 1\naccount A{n} -> {n}\nusage A{n} Hot {next} GB 1d\n"));
    }
    text
}

const GB: &str = "product Hot GB -> 5 per 1 GB";

#[test]
fn a_unit_that_looks_wrong_stops_every_line_of_its_product() {
    let five = [("1", "1000"), ("2", "2000"), ("3", "3000"), ("4", "9"), ("5", "5")];
    let planned = Planned::of(&lines(&[five[0], five[1], five[2], ("4", "4100"), five[4]], GB));
    assert_eq!(planned.plan.counts().issue, 5);
    planned.says(
        Code::UnitSuspect,
        &[
            "Over 5 lines of Hot",
            "about 1000 times the present one",
            "said to be 1 GB",
            "as if it were 1000 GB",
            "10,090.00 USD a month",
            "hive link \"Northwind IT\" --product \"Hot\" --unit U --size N",
        ],
    );
    let trusted = Planned::of(&lines(&[five[0], five[1], five[2], ("4", "4100"), five[4]], &format!("{GB}; trusted")));
    assert_eq!(trusted.plan.counts().issue, 0);
    assert_eq!(trusted.plan.counts().held, 4, "the limits still hold");
    let four = Planned::of(&lines(&five[..4], GB));
    assert_eq!(four.plan.counts().issue, 0, "four lines say nothing");
    assert_eq!(Planned::of(&lines(&five, GB)).plan.counts().issue, 5, "the median counts, not the mean");
}

#[test]
fn a_median_near_a_factor_is_suspect_and_five_percent_off_is_the_edge() {
    let five = |now: &str, next: &str| Planned::of(&lines(&[(now, next); 5], GB)).plan.counts().issue;
    assert_eq!((five("100", "1050"), five("100", "1051")), (5, 0), "10 times");
    assert_eq!((five("100", "950"), five("100", "949")), (5, 0));
    assert_eq!((five("1000", "105"), five("1000", "106")), (5, 0), "a tenth");
    assert_eq!((five("1000", "95"), five("1000", "94")), (5, 0));
    for (now, next) in [
        ("1", "1024"),
        ("1", "250"),
        ("1", "500"),
        ("1024", "1"),
        ("250", "1"),
        ("500", "1"),
        ("1000", "1"),
        ("100", "1"),
        ("1", "100"),
    ] {
        assert_eq!(five(now, next), 5, "{now} -> {next}");
    }
    assert_eq!(five("1", "2"), 0);
    assert_eq!(five("0", "1000"), 0, "from nothing there is no ratio");
    let smaller =
        Planned::of(&lines(&[("1000", "1"); 5], "product Hot GB -> 5 per 1 TB\nset rounding none; product Hot"));
    assert_eq!(smaller.plan.counts().issue, 0, "a millionth is no known unit");
}

#[test]
fn a_suspect_part_stops_the_other_products_of_its_sum() {
    let mut text = lines(&[("1", "1000"); 5], GB);
    text.push_str("product Warm GB -> 5 per 1 GB\nusage A1 Warm 1 GB 1d\n");
    let planned = check(
        &text,
        "
        A1 x Hot: issue 1 -> ? (addition 101) 1000 [!unit.suspect]
        A1 x Warm: issue 1 -> ? (addition 101) [!sum.part_blocked]
        A2 x Hot: issue 1 -> ? (addition 102) 999 [!unit.suspect]
        A3 x Hot: issue 1 -> ? (addition 103) 999 [!unit.suspect]
        A4 x Hot: issue 1 -> ? (addition 104) 999 [!unit.suspect]
        A5 x Hot: issue 1 -> ? (addition 105) 999 [!unit.suspect]
        5 issue",
    );
    planned.says(Code::SumPartBlocked, &["Hot for A1 (unit.suspect: "]);
}
