//! Which addition: agreements by their dates, rules, pins, and never the first match.

use crate::door::{ACME, Planned, acme};
use hive_core::issue::Code;

const CHANGE: &str = "
    Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
    1 change";

/// The codes of the stops of [`ACME`] with usage and one more command.
#[track_caller]
fn stops(more: &str) -> Vec<&'static str> {
    let planned = Planned::of(&format!("{ACME}\nusage Acme Hot 12 GB 1d\n{more}"));
    let stops =
        planned.line("Acme", "Hot").issues.iter().filter(|issue| issue.severity == hive_core::issue::Severity::Stop);
    stops.map(|issue| issue.code.name()).collect()
}

const FINE: [&str; 0] = [];
const NONE_ACTIVE: [&str; 2] = ["agreement.none_active", "addition.none"];

#[test]
fn agreements_count_by_status_and_dates() {
    for fine in ["", "; start 2026-11-23", "; end 2026-11-23", "; end 2026-11-24", "; cancelled 2026-11-23"] {
        assert_eq!(stops(&format!("agreement 1 of 20 Managed{fine}")), FINE, "{fine}");
    }
    for over in [
        "; start 2026-11-24",
        "; end 2026-11-22",
        "; cancelled",
        "; cancelled 2026-11-22",
        "; status Cancelled",
        "; status Expired",
        "; status Inactive",
    ] {
        assert_eq!(stops(&format!("agreement 1 of 20 Managed{over}")), NONE_ACTIVE, "{over}");
    }
}

#[test]
fn additions_count_by_their_dates_the_last_day_included() {
    for fine in ["", "; from 2026-11-23", "; until 2026-11-23", "; from 2026-01-01; until 2026-12-31"] {
        assert_eq!(stops(&format!("addition 1000 on 1 item 5 at 10; price 2{fine}")), FINE, "{fine}");
    }
    for over in ["; from 2026-11-24", "; until 2026-11-22"] {
        assert_eq!(stops(&format!("addition 1000 on 1 item 5 at 10; price 2{over}")), ["addition.none"], "{over}");
    }
}

#[test]
fn today_is_the_date_where_the_msp_is() {
    // 23:30 UTC on the 23rd is the 24th in Melbourne.
    let late = "now 2026-11-23T23:30:00Z\naddition 1000 on 1 item 5 at 10; price 2; until 2026-11-23";
    assert_eq!(stops(late), FINE);
    assert_eq!(stops(&format!("{late}\nset time_zone Australia/Melbourne")), ["addition.none"]);
}

#[test]
fn the_day_the_next_invoice_covers() {
    let next = "set target_date next_invoice\nagreement 1 of 20 Managed; next 2026-12-01\n";
    assert_eq!(stops(&format!("{next}addition 1000 on 1 item 5 at 10; price 2; until 2026-11-30")), ["addition.none"]);
    assert_eq!(stops(&format!("{next}addition 1000 on 1 item 5 at 10; price 2; until 2026-12-01")), FINE);
    assert_eq!(stops(&format!("{next}addition 1000 on 1 item 5 at 10; price 2; from 2026-12-01")), FINE);
    assert_eq!(
        stops("set target_date next_invoice\nagreement 1 of 20 Managed; next 2026-11-01"),
        FINE,
        "an invoice that is late covers today"
    );
}

#[test]
fn nothing_is_created_and_each_rejected_candidate_is_named() {
    let none = Planned::of(&format!(
        "{ACME}\nusage Acme Hot 12 GB 1d
        addition 1000 on 1 item 5 at 10; until 2026-10-31
        addition 1001 on 1 item 5 at 4; from 2027-01-01
        agreement 2 of 20 Old; status Expired"
    ));
    assert!(none.plan.changes.is_empty());
    none.says(
        Code::AdditionNone,
        &[
            "Acme Dental Pty Ltd (20)",
            "item HOT-GB (5)",
            "addition 1000 was cancelled as of 2026-10-31",
            "addition 1001 takes effect on 2027-01-01",
            "agreement \"Old\" (2) is expired",
        ],
    );
}

#[test]
fn the_parent_company_is_looked_at_and_never_written_for_the_branch() {
    let branch = "company 20 Acme Branch; parent 30
        company 30 Acme Group
        agreement 9 of 30 Group
        addition 1000 on 9 item 5 at 44; price 2
        agreement 1 of 20 Managed
        usage Acme Hot 12 GB 1d";
    let planned = acme(
        branch,
        "
        Acme x Hot: issue [!addition.none]
        1 issue",
    );
    planned.says(Code::AdditionNone, &["Its parent Acme Group (30) has one: addition 1000 at 44"]);
    let neither = acme(
        &format!("{branch}\naddition 1000 on 9 item 5 at 44; until 2026-01-01"),
        "
        Acme x Hot: issue [!addition.none]
        1 issue",
    );
    neither.says(Code::AdditionNone, &["has none either"]);
}

const TWO: &str = "
    agreement 2 of 20 Backup; type Backup
    addition 1001 on 2 item 5 at 3; price 2; from 2026-01-01
    usage Acme Hot 12 GB 1d
";

#[test]
fn more_than_one_is_ambiguous_until_a_rule_or_a_pin_decides() {
    let planned = acme(
        TWO,
        "
        Acme x Hot: issue [!addition.ambiguous]
        1 issue",
    );
    planned.says(
        Code::AdditionAmbiguous,
        &[
            "Acme Dental Pty Ltd (20) has 2 ongoing additions of item HOT-GB (5)",
            "addition 1000 on agreement \"Managed\" (1) at 10, 20.00 USD a month",
            "addition 1001 on agreement \"Backup\" (2) at 3, since 2026-01-01, 6.00 USD a month",
            "hive pin \"Northwind IT\" --account \"Acme\" --product \"Hot\" --addition ID",
        ],
    );
    acme(
        &format!("{TWO}\npin Acme Hot 1001"),
        "
        Acme x Hot: change 3 -> 12 (addition 1001) 18 [addition.paid_period]
        1 change",
    );
    acme(
        &format!("{TWO}\nset agreement_rule type=backup"),
        "
        Acme x Hot: change 3 -> 12 (addition 1001) 18 [addition.paid_period]
        1 change",
    );
    acme(&format!("{TWO}\nset agreement_rule type=backup\nset agreement_rule name~man; product Hot"), CHANGE);
    acme(&format!("{TWO}\nset agreement_rule type!=backup"), CHANGE);
    acme(
        &format!("{TWO}\naddition 1002 on 1 item 5 at 1\nset agreement_rule name=managed"),
        "
        Acme x Hot: issue [!addition.ambiguous]
        1 issue",
    );
    acme(
        &format!("{TWO}\naddition 1001 on 2 item 5 at 3; bill NoCharge"),
        "
        Acme x Hot: issue [!addition.ambiguous]
        1 issue",
    );
}

#[test]
fn a_rule_that_admits_nothing_says_so() {
    let planned = acme(
        &format!("{TWO}\nset agreement_rule type=Gold"),
        "
        Acme x Hot: issue [!agreement.not_matching_rule !addition.none]
        1 issue",
    );
    planned.says(
        Code::AgreementNotMatchingRule,
        &["Acme Dental Pty Ltd (20)", "type=Gold", "\"Managed\" (1)", "\"Backup\" (2)"],
    );
}

#[test]
fn a_pin_to_nothing_stops_and_says_what_there_is() {
    let elsewhere = acme(
        &format!("{TWO}\npin Acme Hot 77"),
        "
        Acme x Hot: issue [!addition.none]
        1 issue",
    );
    elsewhere.says(
        Code::AdditionNone,
        &[
            "pinned to addition 77",
            "There is addition 1000",
            "addition 1001",
            "hive pin \"Northwind IT\" --account \"Acme\" --product \"Hot\" --addition ID",
        ],
    );
    let gone = acme(
        "usage Acme Hot 12 GB 1d\nagreement 1 of 20 Managed; status Expired\npin Acme Hot 1000",
        "
        Acme x Hot: issue [!agreement.none_active !addition.none]
        1 issue",
    );
    gone.says(Code::AdditionNone, &["The pinned addition 1000"]);
}

#[test]
fn a_company_without_agreements() {
    let planned = acme(
        "company 21 New Co\naccount New -> 21\nusage New Hot 1 GB 1d\nusage Acme Hot 10 GB 1d",
        "
        Acme x Hot: unchanged 10 (addition 1000)
        New x Hot: issue [!agreement.none !addition.none]
        1 unchanged, 1 issue",
    );
    planned.says(Code::AgreementNone, &["New Co (21) has no agreement"]);
}

#[test]
fn another_companys_addition_is_never_taken() {
    acme(
        "company 21 Beta\nagreement 2 of 21 B\naddition 1001 on 2 item 5 at 99; price 2\nusage Acme Hot 12 GB 1d",
        CHANGE,
    );
    acme("item 6 OTHER\naddition 1001 on 1 item 6 at 99; price 2\nusage Acme Hot 12 GB 1d", CHANGE);
}

#[test]
fn a_sole_addition_that_is_not_billed_is_a_note() {
    for bill in ["DoNotBill", "NoCharge"] {
        acme(
            &format!("addition 1000 on 1 item 5 at 10; price 2; bill {bill}\nusage Acme Hot 12 GB 1d"),
            "
            Acme x Hot: change 10 -> 12 (addition 1000) 0 [addition.not_billable addition.paid_period]
            1 change",
        );
    }
}

#[test]
fn items_and_companies_that_cannot_be_billed() {
    assert_eq!(stops("item 5 HOT-GB; inactive"), ["product.item_inactive"]);
    assert_eq!(stops("item 5 HOT-GB; class Bundle"), ["product.bundle_class"]);
    assert_eq!(stops("item 5 HOT-GB; gone"), ["product.deleted"]);
    assert_eq!(stops("company 20 Acme; deleted"), ["account.deleted"]);
    assert_eq!(stops("company 20 Acme; status inactive"), ["account.company_inactive"]);
    assert_eq!(stops("company 20 Acme; status Not Approved"), FINE);
    assert_eq!(stops("addition 1000 on 1 item 5 at ?; price 2"), ["addition.unreadable"]);
}
