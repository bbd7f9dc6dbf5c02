//! What a push does not bill until the next invoice of a long cycle.

use crate::door::{ACME, q};
use crate::reader::read;
use hive_core::plan::{Pushed, true_up};
use hive_core::{AdditionId, Date, RunId};

/// Agreement 1 as `options` have it, addition 1000 at 60 a cycle: the invoice, the days, the amount.
fn told(options: &str, from: &str, to: &str, on: &str) -> String {
    let (facts, _) =
        read(&format!("{ACME}\nagreement 1 of 20 Managed; {options}\naddition 1000 on 1 item 5 at 10; price 60"));
    let mirror = facts.mirror.unwrap();
    let on: Date = on.parse().unwrap();
    let pushed = Pushed { run: RunId(1), addition: AdditionId(1000), from: q(from), to: q(to), on };
    let Some(found) = true_up(&mirror.agreements[0], &mirror.additions[0], &pushed) else {
        return "no paid period".to_owned();
    };
    let shown = |value: Option<String>| value.unwrap_or("?".to_owned());
    format!(
        "{} {} {}",
        shown(found.next_invoice.map(|date| date.to_string())),
        shown(found.days.map(|days| days.to_string())),
        shown(found.amount.map(|amount| amount.words()))
    )
}

#[test]
fn the_days_until_the_next_invoice_are_counted_by_the_month() {
    // 2 more at 20 a month each for 73 days: 2 x 20 x 12 x 73 / 365 = 96.
    assert_eq!(told("cycle Quarterly; next 2027-02-04", "10", "12", "2026-11-23"), "2027-02-04 73 96.00");
    // Fewer are not given back.
    assert_eq!(told("cycle Quarterly; next 2027-02-04", "12", "10", "2026-11-23"), "2027-02-04 73 -96.00");
    assert_eq!(told("cycle Yearly; next 2027-02-04", "10", "12", "2026-11-23"), "2027-02-04 73 24.00");
}

#[test]
fn a_month_or_less_has_no_paid_period() {
    assert_eq!(told("cycle Monthly; next 2026-12-01", "10", "12", "2026-11-23"), "no paid period");
    assert_eq!(told("cycle Weekly; next 2026-12-01", "10", "12", "2026-11-23"), "no paid period");
    assert_eq!(told("cycle none; next 2026-12-01", "10", "12", "2026-11-23"), "no paid period");
}

#[test]
fn an_older_push_was_made_up_by_the_invoice_of_its_own_time() {
    // ConnectWise shows April by now; a push of November was billed from January on.
    assert_eq!(told("cycle Quarterly; next 2027-04-01", "10", "12", "2026-11-23"), "2027-01-01 39 51.29");
    assert_eq!(told("cycle Quarterly; next 2027-04-01", "10", "12", "2027-01-01"), "2027-01-01 0 0.00");
    assert_eq!(told("cycle Quarterly; next 2027-04-01", "10", "12", "2027-01-02"), "2027-04-01 89 117.04");
}

#[test]
fn what_is_not_known_is_not_guessed() {
    assert_eq!(told("cycle Quarterly; next none", "10", "12", "2026-11-23"), "? ? ?");
    // Due, and not made yet: it bills the new quantity.
    assert_eq!(told("cycle Quarterly; next 2026-11-20", "10", "12", "2026-11-23"), "2026-11-20 0 0.00");
}
