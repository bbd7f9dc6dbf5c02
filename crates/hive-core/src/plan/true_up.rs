//! What pushed changes do not bill until the next invoice, where a period of more than a month is paid already.
//!
//! **Owns:** which invoice a push reached first, and what the days before it come to.
//! **Does not own:** billing the difference: that is a person's, in ConnectWise; Hive writes no invoice.

use super::money;
use crate::ids::{AdditionId, RunId};
use crate::mirror::{Addition, Agreement};
use crate::quantity::{Money, Quantity};
use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Cycles that are looked back for the invoice that a push reached: a hundred years of quarters.
const CYCLES_MAX: i64 = 400;

/// A write that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    pub run: RunId,
    pub addition: AdditionId,
    pub from: Quantity,
    pub to: Quantity,
    /// The date in the MSP's zone.
    pub on: Date,
}

/// What one push does not bill until its first invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrueUp {
    /// The first invoice that bills the new quantity; `None`: ConnectWise gives no date.
    pub next_invoice: Option<Date>,
    /// From the push to that invoice.
    pub days: Option<i64>,
    /// Not billed for these days; below 0: not given back. `None` where price or date is unknown.
    pub amount: Option<Money>,
}

/// What `pushed` did not bill, by the price and the invoice date of the mirror; `None` where the agreement is billed
/// every month or more often, or nothing says how often: then there is no paid period to make up for.
pub fn true_up(agreement: &Agreement, addition: &Addition, pushed: &Pushed) -> Option<TrueUp> {
    let months = agreement.cycle_months().filter(|months| *months > Decimal::ONE)?;
    let next_invoice = agreement.next_invoice.map(|next| reached(next, months, pushed.on));
    let month = pushed.to.minus(pushed.from).and_then(|delta| money::worth_month(agreement, addition, delta));
    let days = next_invoice.and_then(|next| pushed.on.until(next).ok()).map(|span| i64::from(span.get_days()).max(0));
    let amount = next_invoice.zip(month).and_then(|(next, month)| money::until(month, pushed.on, next));
    Some(TrueUp { next_invoice, days, amount })
}

/// The first invoice on or after the day of a push. The mirror knows the next one only, which may be cycles later
/// by now; before it they were a cycle apart.
fn reached(next: Date, months: Decimal, on: Date) -> Date {
    let Some(months) = months.is_integer().then(|| months.to_i64()).flatten() else { return next };
    let earlier = (1..=CYCLES_MAX).map(|count| next.saturating_sub((count * months).months()));
    earlier.take_while(|date| *date >= on).last().unwrap_or(next)
}
