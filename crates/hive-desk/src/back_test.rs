//! What past months would have billed: the stored samples, replayed month by month through today's links,
//! rules and prices.
//!
//! **Owns:** which months, what of a plan counts as billed, the comparison with other settings.
//! **Does not own:** the rules of a quantity (the planner).
//! **Limits on purpose:** holds and people's answers are left out: they are about a moment, not about a map.
//! Each month stands as of its last day in the MSP's zone. Its samples are moved to today by whole days, since
//! agreements, prices and links are today's: so a month is judged as if it had just ended.

use crate::money::{Sums, add, sole_currency};
use crate::plan::apart;
use crate::what_if::changed;
use crate::{Desk, Refused};
use hive_core::plan::{self, Facts, Line, Mark, Plan, worth_month};
use hive_core::settings::{At, Key, Settings};
use hive_core::usage::Sample;
use hive_core::{AdditionId, AgreementId, Date, Money, ProductId, Quantity, TimeZone, Timestamp};
use hive_store::Msp;
use jiff::{Span, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Months that are looked at when nobody says how many.
pub const MONTHS: u16 = 6;
/// More than this is no question about the present map any more.
pub const MONTHS_MAX: u16 = 36;

/// Past months, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackTest {
    pub months: Vec<Month>,
    /// The products of each row, by their ids.
    pub names: BTreeMap<ProductId, String>,
    /// Whether other settings were compared.
    pub compared: bool,
}

/// One month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its last day.
    pub end: Date,
    /// What bills together: the products of one item stand as one row.
    pub rows: Vec<MonthRow>,
    /// The money of all rows that have samples.
    pub total: Sums,
    /// The same with the other settings.
    pub total_with: Option<Sums>,
    /// Rows without a sample of that month: in no total.
    pub without_samples: usize,
}

impl Month {
    /// Whether anything at all was measured in it.
    pub fn has_samples(&self) -> bool {
        self.rows.len() > self.without_samples
    }
}

/// What some products billed together in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthRow {
    pub products: Vec<ProductId>,
    /// `None`: nothing of it was measured in that month, which is never 0.
    pub billed: Option<Billed>,
    /// The same with the other settings.
    pub with: Option<Billed>,
}

/// What additions come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Billed {
    /// The sum of the additions' quantities; `None` where none is known.
    pub quantity: Option<Quantity>,
    /// A month, by currency.
    pub money: Sums,
    /// Additions (and lines without one) whose quantity could not be known: an issue stops them.
    pub unknown: usize,
}

impl Desk {
    /// Replays the last `months` whole months, with and without these settings; of one product, or of all.
    pub async fn back_test(
        &self,
        msp: &Msp,
        months: u16,
        changes: &[(Key, At, String)],
        product: Option<ProductId>,
        at: Timestamp,
    ) -> Result<BackTest, Refused> {
        if !(1..=MONTHS_MAX).contains(&months) {
            return Err(Refused::WrongUsage(format!("{months} months: ask for 1 to {MONTHS_MAX}")));
        }
        // Each month is planned as a whole: one such question at a time.
        let _one_at_a_time = self.what_ifs.lock().await;
        let mut facts = self.store.facts(msp.id, None).await?;
        if facts.mirror.is_none() {
            return Err(Refused::Stopped(format!(
                "nothing was synced for {} yet: hive sync \"{}\"",
                msp.name, msp.name
            )));
        }
        let base = facts.settings.clone();
        let with = changed(&base, changes)?;
        let with = (with != base).then_some(with);
        let zone = base.time_zone();
        let today = at.to_zoned(zone.clone()).date();
        facts.standings.clear();
        facts.invoiced.clear();
        // What batches say is of today as well.
        facts.batches.clear();
        facts.listings.clear();
        facts.unlisted.clear();
        facts.gone_answers.clear();
        let names = facts.products.iter().map(|product| (product.id, product.name.clone())).collect();
        let mut test = BackTest { months: Vec::new(), names, compared: with.is_some() };
        for end in ends(today, months) {
            let until = end_of(end, &zone);
            let all: Vec<&Settings> = std::iter::once(&base).chain(with.as_ref()).collect();
            let (samples, history) = self.store.samples_as_of(&facts, &all, until).await?;
            let (base, with, zone) = (base.clone(), with.clone(), zone.clone());
            let made = apart(move || {
                let replay = Replay { samples, history, end, today, zone, product };
                let month = replay.month(&mut facts, &base, with.as_ref());
                (facts, month)
            });
            let month;
            (facts, month) = made.await?;
            test.months.push(month);
        }
        Ok(test)
    }
}

/// The last days of the whole months before today, the newest first.
fn ends(today: Date, months: u16) -> Vec<Date> {
    let first = today.first_of_month();
    let end = |back: u16| first.checked_sub(Span::new().months(back)).and_then(|first| first.yesterday()).ok();
    (0..months).filter_map(end).collect()
}

fn end_of(date: Date, zone: &TimeZone) -> Timestamp {
    let end = date.to_zoned(zone.clone()).and_then(|start| start.end_of_day());
    end.map_or(Timestamp::MAX, |end| end.timestamp())
}

/// One month's samples, and when they are judged.
struct Replay {
    samples: Vec<Sample>,
    history: Vec<Sample>,
    end: Date,
    today: Date,
    zone: TimeZone,
    product: Option<ProductId>,
}

impl Replay {
    fn month(self, facts: &mut Facts, base: &Settings, with: Option<&Settings>) -> Month {
        let begins = self.end.first_of_month();
        let of_month = self.samples.iter().filter(|s| s.measured_at.to_zoned(self.zone.clone()).date() >= begins);
        let measured: BTreeSet<ProductId> = of_month.map(|sample| sample.product).collect();
        let moved = |samples: &[Sample]| samples.iter().map(|sample| self.moved(sample)).collect();
        facts.samples = moved(&self.samples);
        facts.history = moved(&self.history);
        let at = end_of(self.today, &self.zone);
        let mut billed = |settings: &Settings| {
            facts.settings = settings.clone();
            let plan = plan::make(facts, at);
            billed(facts, &plan, self.product)
        };
        let without = billed(base);
        let then = with.map(billed);
        let keys: BTreeSet<&Vec<ProductId>> = without.keys().chain(then.iter().flat_map(BTreeMap::keys)).collect();
        let mut month = Month {
            end: self.end,
            rows: Vec::new(),
            total: Sums::new(),
            total_with: with.map(|_| Sums::new()),
            without_samples: 0,
        };
        for products in keys {
            let has = products.iter().any(|product| measured.contains(product));
            let of =
                |all: &BTreeMap<Vec<ProductId>, Billed>| has.then(|| all.get(products).cloned().unwrap_or_default());
            let row = MonthRow { products: products.clone(), billed: of(&without), with: then.as_ref().and_then(of) };
            month.without_samples += usize::from(!has);
            let sides = [(row.billed.as_ref(), Some(&mut month.total)), (row.with.as_ref(), month.total_with.as_mut())];
            for (side, total) in sides {
                if let (Some(side), Some(total)) = (side, total) {
                    side.money.iter().for_each(|(currency, money)| add(total, currency, *money));
                }
            }
            month.rows.push(row);
        }
        month
    }

    /// The sample as if its month had ended today: so many days later, at the same time of day.
    fn moved(&self, sample: &Sample) -> Sample {
        let days = self.end.until(self.today).map_or(0, |span| span.get_days());
        let later = sample.measured_at.to_zoned(self.zone.clone()).checked_add(days.days());
        let measured_at = later.map_or(sample.measured_at, |later| later.timestamp());
        Sample { measured_at, ..sample.clone() }
    }
}

/// What a plan bills, by the products that bill together: each addition once.
fn billed(facts: &Facts, plan: &Plan, of: Option<ProductId>) -> BTreeMap<Vec<ProductId>, Billed> {
    let Some(mirror) = &facts.mirror else { return BTreeMap::new() };
    let additions: HashMap<AdditionId, _> = mirror.additions.iter().map(|one| (one.id, one)).collect();
    let agreements: HashMap<AgreementId, _> = mirror.agreements.iter().map(|one| (one.id, one)).collect();
    let mut sums: BTreeMap<AdditionId, (BTreeSet<ProductId>, &Line)> = BTreeMap::new();
    let mut alone: Vec<&Line> = Vec::new();
    for line in &plan.lines {
        match line.addition {
            Some(id) => {
                sums.entry(id).or_insert_with(|| (BTreeSet::new(), line)).0.insert(line.id.product);
            }
            None => alone.push(line),
        }
    }
    let sole = sole_currency(plan);
    let mut all: BTreeMap<Vec<ProductId>, Billed> = BTreeMap::new();
    let mut entry = |products: Vec<ProductId>, what: Option<(Quantity, Option<(String, Money)>)>| {
        if of.is_some_and(|product| !products.contains(&product)) {
            return;
        }
        let billed = all.entry(products).or_default();
        match what {
            Some((quantity, money)) => {
                billed.quantity = billed.quantity.unwrap_or(Quantity::ZERO).plus(quantity);
                if let Some((currency, money)) = money {
                    add(&mut billed.money, &currency, money);
                }
            }
            None => billed.unknown += 1,
        }
    };
    for (id, (products, line)) in sums {
        let next = line.next.filter(|_| line.mark != Mark::Issue);
        let what = next.map(|next| {
            let addition = additions.get(&id);
            let agreement = addition.and_then(|addition| agreements.get(&addition.agreement));
            let worth =
                addition.zip(agreement).and_then(|(addition, agreement)| worth_month(agreement, addition, next));
            (next, worth.map(|worth| (line.currency.clone().unwrap_or_else(|| sole.to_owned()), worth)))
        });
        entry(products.into_iter().collect(), what);
    }
    for line in alone {
        entry(vec![line.id.product], None);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_months_are_looked_at_and_the_present_one_is_not() {
        let found = ends("2026-03-31".parse().unwrap(), 3);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["2026-02-28", "2026-01-31", "2025-12-31"]);
    }

    #[test]
    fn a_month_ends_with_its_last_day_in_the_msps_zone() {
        let zone = TimeZone::get("Australia/Melbourne").unwrap();
        let end = end_of("2026-10-31".parse().unwrap(), &zone);
        assert_eq!(end.to_string(), "2026-10-31T12:59:59.999999999Z");
    }

    #[test]
    fn a_sample_keeps_its_time_of_day_across_a_change_of_clocks() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let replay = Replay {
            samples: Vec::new(),
            history: Vec::new(),
            end: "2026-10-31".parse().unwrap(),
            today: "2026-11-23".parse().unwrap(),
            zone,
            product: None,
        };
        let sample = Sample {
            account: hive_core::AccountId(1),
            product: ProductId(1),
            source: String::new(),
            quantity: Quantity::ZERO,
            unit: hive_core::unit::Unit::parse("GB").unwrap(),
            measured_at: "2026-10-31T12:00:00Z".parse().unwrap(),
            class: String::new(),
        };
        assert_eq!(replay.moved(&sample).measured_at.to_string(), "2026-11-23T13:00:00Z", "8:00 in New York");
    }
}
