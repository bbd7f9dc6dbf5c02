//! The month as it stands: each invoice day with who reviewed it, what was pushed, what is still missing.

use crate::look::{Fate, InvoiceDay};
use crate::money::{Sums, add, sole_currency};
use crate::{Desk, Look, Refused};
use hive_core::{AgreementId, Date, Timestamp};
use hive_store::{Review, WroteOn};
use jiff::{SignedDuration, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Writes of so many days before an invoice count as written for it: the longest month.
const WRITTEN_DAYS: i64 = 31;
/// Days that are over and still told, the latest first.
const PAST_MAX: usize = 12;

/// How far an invoice day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayState {
    /// Something is left to push, or waits.
    Open,
    /// Nothing is left to push.
    Pushed,
    /// ConnectWise moved every agreement's next invoice date past it.
    Invoiced,
}

/// An invoice day as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayTold<'a> {
    /// The day; `None`: ConnectWise gives none.
    pub date: Option<Date>,
    /// Its agreements; `None` once all of them are invoiced.
    pub day: Option<&'a InvoiceDay>,
    /// Who reviewed it.
    pub review: Option<Review>,
    /// How far it is.
    pub state: DayState,
    /// Changes that nobody has to agree to any more, and that are not written yet.
    pub to_push: usize,
    /// Changes that wait for a person.
    pub waits: usize,
    /// Additions that Hive wrote on its agreements lately.
    pub written: usize,
    /// The day is over and ConnectWise has not invoiced.
    pub overdue: bool,
    /// What is not pushed yet comes to a month: changes, and what issues leave at stake.
    pub missing: Sums,
}

/// An agreement of a day as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementTold {
    /// Which.
    pub agreement: AgreementId,
    /// Changes that wait for nobody.
    pub to_push: usize,
    /// Changes that wait for a person.
    pub waits: usize,
    /// Lines that cannot be pushed.
    pub issues: usize,
    /// What is not pushed yet comes to a month.
    pub missing: Sums,
}

impl Look {
    /// The agreements of a day, those with most left to do first.
    pub fn agreements_told(&self, day: &InvoiceDay) -> Vec<AgreementTold> {
        let new = |id: &AgreementId| {
            (*id, AgreementTold { agreement: *id, to_push: 0, waits: 0, issues: 0, missing: Sums::new() })
        };
        let mut told: HashMap<AgreementId, AgreementTold> = day.agreements.iter().map(new).collect();
        let sole = sole_currency(&self.plan);
        for change in day.changes.iter().filter_map(|id| self.change(*id)) {
            let Some(one) = told.get_mut(&change.agreement) else { continue };
            if self.fate_of(change) == Fate::Waits {
                one.waits += 1
            } else {
                one.to_push += 1
            }
            if let Some(month) = change.money_month {
                add(&mut one.missing, change.currency.as_deref().unwrap_or(sole), month);
            }
        }
        let mut counted = BTreeSet::new();
        for (id, agreement) in &day.issues {
            let (Some(line), Some(one)) = (self.line(*id), told.get_mut(agreement)) else { continue };
            one.issues += 1;
            let first = line.addition.is_none_or(|addition| counted.insert(addition));
            if let Some(month) = line.money_month.filter(|_| first) {
                add(&mut one.missing, line.currency.as_deref().unwrap_or(sole), month);
            }
        }
        let mut told: Vec<AgreementTold> = told.into_values().collect();
        told.sort_by_key(|one| (std::cmp::Reverse(one.to_push + one.waits + one.issues), one.agreement));
        told
    }

    fn day_told<'a>(&'a self, day: &'a InvoiceDay, review: Option<Review>, wrote: &[WroteOn]) -> DayTold<'a> {
        let mut told = DayTold {
            date: day.date,
            day: Some(day),
            review,
            state: DayState::Open,
            to_push: 0,
            waits: 0,
            written: 0,
            overdue: day.date.is_some_and(|date| date < self.plan.today),
            missing: Sums::new(),
        };
        for one in self.agreements_told(day) {
            told.to_push += one.to_push;
            told.waits += one.waits;
            for (currency, month) in &one.missing {
                add(&mut told.missing, currency, *month);
            }
        }
        let since = |date: Date| {
            let from = date.saturating_sub(WRITTEN_DAYS.days());
            from.to_zoned(self.facts.settings.time_zone()).map_or(Timestamp::MIN, |from| from.timestamp())
        };
        let of_day: BTreeSet<AgreementId> = day.agreements.iter().copied().collect();
        let since = day.date.map_or(Timestamp::MIN, since);
        let written = wrote.iter().filter(|one| of_day.contains(&one.agreement) && one.last >= since);
        told.written = usize::try_from(written.map(|one| one.additions).sum::<i64>()).unwrap_or_default();
        if told.to_push == 0 && told.waits == 0 {
            told.state = DayState::Pushed;
        }
        told
    }
}

impl Desk {
    /// Every invoice day: those that are over (the latest first to go) before those to come.
    pub async fn month<'a>(&self, look: &'a Look) -> Result<Vec<DayTold<'a>>, Refused> {
        let reviews = self.store.reviews(look.msp.id).await?;
        let since = look.at.checked_sub(SignedDuration::from_hours(2 * WRITTEN_DAYS * 24)).unwrap_or(Timestamp::MIN);
        let wrote = self.store.wrote_since(look.msp.id, since).await?;
        let mut by_date: BTreeMap<Date, Review> =
            reviews.into_iter().map(|review| (review.invoice_date, review)).collect();
        let mut to_come: Vec<DayTold<'a>> = Vec::new();
        for day in look.invoice_days() {
            let review = day.date.and_then(|date| by_date.remove(&date));
            to_come.push(look.day_told(day, review, &wrote));
        }
        // A day that somebody reviewed and that no agreement has any more: its invoices are made.
        let over = by_date.into_iter().rev().take(PAST_MAX);
        let mut told: Vec<DayTold<'a>> = over.map(|(date, review)| invoiced(date, review)).collect();
        told.reverse();
        told.extend(to_come);
        Ok(told)
    }
}

fn invoiced<'a>(date: Date, review: Review) -> DayTold<'a> {
    DayTold {
        date: Some(date),
        day: None,
        review: Some(review),
        state: DayState::Invoiced,
        to_push: 0,
        waits: 0,
        written: 0,
        overdue: false,
        missing: Sums::new(),
    }
}
