//! The month as it stands: each invoice day with who reviewed it, what was pushed, what is still missing.

use crate::look::{Fate, InvoiceDay};
use crate::money::{Sums, add, sole_currency};
use crate::{Desk, Look, Refused};
use hive_core::{AgreementId, Date, LineId, Money, Timestamp};
use hive_store::{Review, WroteOn};
use jiff::{SignedDuration, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Writes of so many days before an invoice count as written for it where no cycle is known: the longest month.
const WRITTEN_DAYS: i64 = 31;
/// No cycle is counted back further: ten years, the longest that is read.
const CYCLE_MONTHS_MAX: i64 = 120;
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
    /// What is not pushed yet: changes, and what issues leave at stake.
    pub owed: Owed,
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
    /// What is not pushed yet.
    pub owed: Owed,
}

/// What is not in ConnectWise as it should be, a month. The two are never netted: what is billed too much
/// of one customer pays for nothing that another is not billed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// What is used and not billed yet.
    pub unbilled: Sums,
    /// What is billed though it is not used; below zero.
    pub over_billed: Sums,
    /// Changes and lines whose money is not known.
    pub unknown: usize,
}

impl Owed {
    fn count(&mut self, month: Option<Money>, currency: &str) {
        match month {
            None => self.unknown += 1,
            Some(month) if month < Money::ZERO => add(&mut self.over_billed, currency, month),
            Some(month) if month > Money::ZERO => add(&mut self.unbilled, currency, month),
            Some(_) => {}
        }
    }

    fn take_in(&mut self, other: &Owed) {
        self.unknown += other.unknown;
        for (sums, of) in [(&mut self.unbilled, &other.unbilled), (&mut self.over_billed, &other.over_billed)] {
            of.iter().for_each(|(currency, month)| add(sums, currency, *month));
        }
    }
}

/// What is left to do for one invoice day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left {
    to_push: usize,
    waits: usize,
    owed: Owed,
}

/// When cycles began, each length and day worked out once.
type Began = HashMap<(Option<i64>, Date), Timestamp>;

impl Look {
    /// What is left of each of [`crate::look::Seen::invoice_days`].
    fn left(&self) -> &[Left] {
        self.left.get_or_init(|| {
            let of = |day: &InvoiceDay| {
                let mut left = Left::default();
                for one in self.agreements_told(day) {
                    left.to_push += one.to_push;
                    left.waits += one.waits;
                    left.owed.take_in(&one.owed);
                }
                left
            };
            self.invoice_days().iter().map(of).collect()
        })
    }

    /// What lines on no invoice day come to.
    pub fn owed_by(&self, lines: &[LineId]) -> Owed {
        let (sole, mut owed, mut counted) = (sole_currency(&self.plan), Owed::default(), BTreeSet::new());
        for line in lines.iter().filter_map(|id| self.line(*id)) {
            if line.addition.is_none_or(|addition| counted.insert(addition)) {
                owed.count(line.money_month, line.currency.as_deref().unwrap_or(sole));
            }
        }
        owed
    }

    /// When the billing cycle that an invoice of `date` closes began.
    fn cycle_began(&self, agreement: AgreementId, date: Date, known: &mut Began) -> Timestamp {
        let months = self.agreement(agreement).and_then(|agreement| agreement.cycle_months());
        let months = months.and_then(|months| i64::try_from(months.ceil()).ok()).filter(|months| *months > 1);
        *known.entry((months, date)).or_insert_with(|| {
            let from = match months {
                Some(months) => date.saturating_sub(months.min(CYCLE_MONTHS_MAX).months()),
                None => date.saturating_sub(WRITTEN_DAYS.days()),
            };
            from.to_zoned(self.facts.settings.time_zone()).map_or(Timestamp::MIN, |from| from.timestamp())
        })
    }

    /// The agreements of a day, those with most left to do first.
    pub fn agreements_told(&self, day: &InvoiceDay) -> Vec<AgreementTold> {
        let new = |id: &AgreementId| {
            (*id, AgreementTold { agreement: *id, to_push: 0, waits: 0, issues: 0, owed: Owed::default() })
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
            one.owed.count(change.money_month, change.currency.as_deref().unwrap_or(sole));
        }
        let mut counted = BTreeSet::new();
        for (id, agreement) in &day.issues {
            let (Some(line), Some(one)) = (self.line(*id), told.get_mut(agreement)) else { continue };
            one.issues += 1;
            let first = line.addition.is_none_or(|addition| counted.insert(addition));
            if first {
                one.owed.count(line.money_month, line.currency.as_deref().unwrap_or(sole));
            }
        }
        let mut told: Vec<AgreementTold> = told.into_values().collect();
        told.sort_by_key(|one| (std::cmp::Reverse(one.to_push + one.waits + one.issues), one.agreement));
        told
    }

    fn day_told<'a>(
        &'a self,
        (day, left): (&'a InvoiceDay, &Left),
        review: Option<Review>,
        wrote: &[WroteOn],
        began: &mut Began,
    ) -> DayTold<'a> {
        let mut told = DayTold {
            date: day.date,
            day: Some(day),
            review,
            state: DayState::Open,
            to_push: left.to_push,
            waits: left.waits,
            written: 0,
            overdue: day.date.is_some_and(|date| date < self.plan.today),
            owed: left.owed.clone(),
        };
        let of_day: HashSet<AgreementId> = day.agreements.iter().copied().collect();
        let written = wrote.iter().filter(|one| of_day.contains(&one.agreement));
        let written =
            written.filter(|one| day.date.is_none_or(|date| one.last >= self.cycle_began(one.agreement, date, began)));
        told.written = written.map(|one| one.addition).collect::<HashSet<_>>().len();
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
        let mut known = Began::new();
        for day in look.invoice_days() {
            let Some(date) = day.date else { continue };
            day.agreements.iter().for_each(|id| {
                look.cycle_began(*id, date, &mut known);
            });
        }
        let began = known.values().copied();
        let lately = look.at.checked_sub(SignedDuration::from_hours(2 * WRITTEN_DAYS * 24)).unwrap_or(Timestamp::MIN);
        let since = began.min().map_or(lately, |began| began.min(lately));
        let wrote = self.store.wrote_since(look.msp.id, since).await?;
        let mut by_date: BTreeMap<Date, Review> =
            reviews.into_iter().map(|review| (review.invoice_date, review)).collect();
        let mut to_come: Vec<DayTold<'a>> = Vec::new();
        for (day, left) in look.invoice_days().iter().zip(look.left()) {
            let review = day.date.and_then(|date| by_date.remove(&date));
            to_come.push(look.day_told((day, left), review, &wrote, &mut known));
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
        owed: Owed::default(),
    }
}
