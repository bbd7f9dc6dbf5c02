//! `invoice_days`: an agreement is pushed so many days before its invoice, once.
//! It is 2026-11-23; the next invoice is of 2026-12-01, 8 days ahead.

use crate::door::{ACME, Planned};
use hive_core::allow::{Request, allow};
use hive_core::issue::Code;
use hive_core::outcome::Outcome;
use hive_core::plan::{Mark, check, pushed_for_invoice};
use hive_core::{AdditionId, AgreementId};
use jiff::civil::date;
use std::collections::BTreeMap;

fn of(more: &str) -> Planned {
    Planned::of(&format!("{ACME}\nusage Acme Hot 12 GB 1d\n{more}"))
}

/// What waits, or nothing where the change is released.
fn waits(planned: &Planned, by_plan_id: bool) -> Option<String> {
    let request = Request { by_plan_id, products: None, ..Request::default() };
    let allowed = allow(&planned.plan, &planned.facts.product_links, &[], &request, planned.now);
    assert_eq!(allowed.released.len() + allowed.waiting.len(), planned.plan.changes.len());
    allowed.waiting.get(&AdditionId(1000)).cloned()
}

#[test]
fn off_means_whenever_an_update_runs() {
    assert_eq!(waits(&of(""), false), None);
    assert_eq!(waits(&of("invoiced 1 2026-12-01"), false), None, "what was pushed before it was switched off");
}

#[test]
fn an_agreement_waits_until_so_many_days_before_its_invoice() {
    let early = of("set invoice_days 7");
    let words = "Agreement \"Managed\" (1) is pushed from 2026-11-24, 7 days before the invoice of 2026-12-01. Before that, only an Update with this plan's id writes it.";
    assert_eq!(waits(&early, false).as_deref(), Some(words));
    assert_eq!(waits(&early, true), None, "a person asked for exactly this plan");
    assert_eq!(early.line("Acme", "Hot").mark, Mark::Change, "the mark stays what it is");
    for due in ["set invoice_days 8", "set invoice_days 28", "set invoice_days 7\nnow 2026-11-24T00:00:00Z"] {
        assert_eq!(waits(&of(due), false), None, "{due}");
    }
    let on_the_day = |next: &str| of(&format!("set invoice_days 0\nagreement 1 of 20 Managed; next {next}"));
    assert!(waits(&on_the_day("2026-11-24"), false).is_some());
    assert_eq!(waits(&on_the_day("2026-11-23"), false), None);
    assert_eq!(waits(&on_the_day("2026-11-20"), false), None, "an invoice that is not made yet");
}

#[test]
fn the_day_is_the_msps_own() {
    let late = "set invoice_days 7\nnow 2026-11-23T14:00:00Z";
    assert!(waits(&of(late), false).is_some());
    assert_eq!(waits(&of(&format!("{late}\nset time_zone Australia/Melbourne")), false), None, "01:00 on the 24th");
}

#[test]
fn what_was_pushed_for_an_invoice_is_frozen_until_its_date_moves() {
    let frozen = of("set invoice_days 28\ninvoiced 1 2026-12-01");
    let words = waits(&frozen, false).expect("frozen");
    assert!(words.starts_with("Agreement \"Managed\" (1) is frozen: the invoice of 2026-12-01 was pushed."), "{words}");
    assert_eq!(waits(&frozen, true), None);
    assert_eq!(waits(&of("set invoice_days 28\ninvoiced 1 2026-11-01"), false), None, "the date moved");
    assert_eq!(waits(&of("set invoice_days 28\ninvoiced 2 2026-12-01"), false), None, "another agreement");
}

#[test]
fn without_a_date_there_is_nothing_to_wait_for() {
    let none = of("set invoice_days 3\nagreement 1 of 20 Managed; next none");
    assert_eq!(waits(&none, false), None);
    none.says(Code::AdditionPaidPeriod, &["ConnectWise gives no date", "pushed as usual"]);
    let usual = of("agreement 1 of 20 Managed; next none");
    assert!(!usual.issue(Code::AdditionPaidPeriod).message.contains("invoice_days"));
}

#[test]
fn waiting_is_part_of_a_plans_id_and_no_approval_lifts_it() {
    let (early, due) = (of("set invoice_days 7"), of("set invoice_days 8"));
    assert_ne!(early.plan.id, due.plan.id);
    assert!(early.plan.changes[0].holds.is_empty());
    let unchanged = of("set invoice_days 7\nusage Acme Hot 10 GB 1d");
    assert_eq!(unchanged.printed(), "Acme x Hot: unchanged 10 (addition 1000)\n1 unchanged");
}

#[test]
fn the_second_eyes_see_a_wait_that_is_not_said() {
    let mut early = of("set invoice_days 7");
    early.plan.lines[0].issues.retain(|issue| issue.code != Code::AgreementWaitsInvoice);
    let wrong = check(&early.plan, &early.facts);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].contains("waits for an invoice"), "{wrong:?}");
}

const TWO: &str = "
    item 6 COLD
    product Cold GB -> 6 per 1 GB
    addition 1001 on 1 item 6 at 10; price 2
    usage Acme Cold 12 GB 1d
    set invoice_days 8
";

#[test]
fn an_agreement_is_pushed_once_every_write_that_was_let_through_came_to_an_end() {
    let pushed = |more: &str, outcomes: &[(i64, Outcome)]| {
        let planned = of(&format!("{TWO}\n{more}"));
        let outcomes: BTreeMap<AdditionId, Outcome> =
            outcomes.iter().map(|(id, outcome)| (AdditionId(*id), *outcome)).collect();
        pushed_for_invoice(&planned.facts, &planned.plan, &outcomes)
    };
    let frozen = BTreeMap::from([(AgreementId(1), date(2026, 12, 1))]);
    assert_eq!(pushed("", &[(1000, Outcome::Pushed), (1001, Outcome::AlreadyRight)]), frozen);
    assert_eq!(pushed("", &[(1000, Outcome::Confirmed)]), frozen, "the other one is held");
    assert_eq!(pushed("", &[]), BTreeMap::new(), "nothing was let through");
    for failed in [Outcome::NotSent, Outcome::Refused, Outcome::Unknown, Outcome::Drifted] {
        let outcomes = [(1000, Outcome::Pushed), (1001, failed)];
        assert_eq!(pushed("", &outcomes), BTreeMap::new(), "the next Update tries again: {failed:?}");
    }
    let both = [(1000, Outcome::Pushed), (1001, Outcome::Pushed)];
    assert_eq!(pushed("set invoice_days 7", &both), BTreeMap::new(), "a person pushed it before it was due");
    assert_eq!(pushed("agreement 1 of 20 Managed; next none", &both), BTreeMap::new());
    let off = of("");
    assert_eq!(
        pushed_for_invoice(&off.facts, &off.plan, &BTreeMap::from([(AdditionId(1000), Outcome::Pushed)])),
        BTreeMap::new()
    );
}
