//! What should be billed, from the true usage: arithmetic of its own, that shares nothing with the planner.

use super::world::{ANTIVIRUS, ARCHIVE, BACKUP, COLD, Pair, World, day_of, is_storage};
use hive_core::{AdditionId, Decimal, Quantity};

impl World {
    /// What the addition of a company's product should be on a day: the rules on what was truly used
    /// when it was last delivered, and what a person answered since.
    pub(super) fn wanted(&self, addition: AdditionId, company: i64, place: usize, day: i32) -> Quantity {
        let accounts = self.accounts_of.get(&company).map_or(&[][..], Vec::as_slice);
        let sum: Decimal = accounts.iter().filter_map(|account| self.share((*account, place), day)).sum();
        let mut wanted = match place {
            BACKUP => (sum * Decimal::ONE_HUNDRED).ceil() / Decimal::ONE_HUNDRED,
            ANTIVIRUS => (sum - Decimal::TWO).max(Decimal::ZERO),
            _ if is_storage(place) => sum.ceil(),
            _ => sum,
        };
        if let Some(standing) = self.standings.get(&addition) {
            wanted = standing.minimum.as_ref().map_or(wanted, |minimum| wanted.max(minimum.value.decimal()));
            let locked = standing.locked.as_ref().filter(|locked| day_of(day) <= locked.until);
            wanted = locked.map_or(wanted, |locked| locked.value.decimal());
        }
        Quantity::new(wanted)
    }

    /// One account's share, in units of the item; `None` where nothing was ever delivered or it left.
    fn share(&self, pair: Pair, day: i32) -> Option<Decimal> {
        let meter = self.meters.get(&pair)?;
        let newest = Decimal::new(meter.said.last()?.1, 3);
        if meter.left {
            return Some(Decimal::ZERO);
        }
        Some(match pair.1 {
            COLD => newest / Decimal::ONE_THOUSAND,
            BACKUP => average(&meter.said, day)? / Decimal::ONE_THOUSAND,
            ARCHIVE => step(newest),
            _ => newest,
        })
    }
}

/// The average of the 30 dates that end on `day`, each with what was last delivered by its end.
fn average(said: &[(i32, i64)], day: i32) -> Option<Decimal> {
    let on = |date: i32| said.iter().rev().find(|(delivered, _)| *delivered <= date).map(|(_, value)| *value);
    let values: Vec<i64> = (day - 29..=day).filter_map(on).collect();
    let count = Decimal::from(values.len());
    let average = Decimal::new(values.iter().sum(), 3).checked_div(count)?;
    Some(average.round_dp_with_strategy(6, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
}

/// The article's ladder.
fn step(value: Decimal) -> Decimal {
    let steps = [0, 100, 250, 500, 750, 1000].map(Decimal::from);
    let thousands = || (value / Decimal::ONE_THOUSAND).ceil() * Decimal::ONE_THOUSAND;
    steps.into_iter().find(|step| *step >= value).unwrap_or_else(thousands)
}
