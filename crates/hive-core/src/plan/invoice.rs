//! `invoice_days`: an agreement is pushed once for each invoice, so many days before it.
//!
//! **Owns:** when an agreement waits, in words, and which agreements an Update has pushed.
//! **Does not own:** letting a change through ([`crate::allow`]), keeping the dates (the store).

use super::{Facts, Plan};
use crate::ids::{AdditionId, AgreementId};
use crate::mirror::Agreement;
use crate::outcome::Outcome;
use jiff::{ToSpan, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

/// Why an Update that nobody asked for by a plan's id leaves `agreement` alone on `today`; `None`
/// where it does not: `invoice_days` is off, ConnectWise gives no date, or the invoice is due and the
/// agreement was not pushed for it yet.
pub(super) fn waits(facts: &Facts, agreement: &Agreement, today: Date) -> Option<String> {
    let days = facts.settings.invoice_days()?;
    let invoice = agreement.next_invoice?;
    if facts.invoiced.get(&agreement.id) == Some(&invoice) {
        return Some(format!(
            "Agreement {agreement} is frozen: the invoice of {invoice} was pushed. Until ConnectWise shows another next invoice date, only an Update with this plan's id writes it."
        ));
    }
    let from = opens(invoice, days);
    (today < from).then(|| {
        let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
        format!(
            "Agreement {agreement} is pushed from {from}, {days} before the invoice of {invoice}. Before that, only an Update with this plan's id writes it."
        )
    })
}

/// The first date on which an invoice is pushed for.
fn opens(invoice: Date, days: i64) -> Date {
    invoice.saturating_sub(days.days())
}

/// The agreements that an Update has now pushed for an invoice, with its date: they are frozen until
/// that date moves. `outcomes` are those of every change that was released; what was not reached is
/// *not_sent*. An agreement with a write that failed is none of them, so that the next Update tries
/// again; one that a person pushed by a plan's id while its invoice was due is one of them.
pub fn pushed_for_invoice(
    facts: &Facts,
    plan: &Plan,
    outcomes: &BTreeMap<AdditionId, Outcome>,
) -> BTreeMap<AgreementId, Date> {
    let (Some(days), Some(mirror)) = (facts.settings.invoice_days(), &facts.mirror) else { return BTreeMap::new() };
    let released =
        || plan.changes.iter().filter_map(|change| Some((change.agreement, outcomes.get(&change.addition)?)));
    let failed: BTreeSet<AgreementId> =
        released().filter(|(_, outcome)| outcome.is_failure()).map(|(agreement, _)| agreement).collect();
    let pushed: BTreeSet<AgreementId> =
        released().map(|(agreement, _)| agreement).filter(|agreement| !failed.contains(agreement)).collect();
    let of_mirror = mirror.agreements.iter().filter(|agreement| pushed.contains(&agreement.id));
    let dated = of_mirror.filter_map(|agreement| Some((agreement.id, agreement.next_invoice?)));
    dated.filter(|(_, invoice)| opens(*invoice, days) <= plan.today).collect()
}
