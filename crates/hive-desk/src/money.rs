//! What a change moves a month, added up: each addition once, however many lines share it.

use hive_core::plan::{Line, Plan};
use hive_core::{AdditionId, Money};
use std::collections::{BTreeMap, BTreeSet};

/// Amounts by currency; `""` where ConnectWise names none.
pub type Sums = BTreeMap<String, Money>;

/// The one currency that the plan's additions share; empty where there are several or none. A line
/// without an addition has no currency of its own, and takes this one.
pub fn sole_currency(plan: &Plan) -> &str {
    let mut all: Vec<&str> = plan.lines.iter().filter_map(|line| line.currency.as_deref()).collect();
    all.dedup();
    match all.first() {
        Some(first) if all.iter().all(|currency| currency == first) => first,
        Some(_) | None => "",
    }
}

/// The money of some lines of a plan, one amount a currency, each addition once.
pub fn of<'a>(plan: &Plan, lines: impl IntoIterator<Item = &'a Line>) -> Sums {
    add_up(sole_currency(plan), lines)
}

/// The same, where the sole currency is known already.
pub(crate) fn add_up<'a>(sole: &str, lines: impl IntoIterator<Item = &'a Line>) -> Sums {
    let mut seen: BTreeSet<AdditionId> = BTreeSet::new();
    let mut sums = Sums::new();
    for line in lines {
        let first = line.addition.is_none_or(|addition| seen.insert(addition));
        if let Some(month) = line.money_month.filter(|_| first) {
            add(&mut sums, line.currency.as_deref().unwrap_or(sole), month);
        }
    }
    sums
}

/// Adds an amount of one currency.
pub(crate) fn add(sums: &mut Sums, currency: &str, month: Money) {
    let sum = sums.entry(currency.to_owned()).or_default();
    *sum = sum.plus(month);
}

/// What rises and what falls a month, one amount a currency each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Both {
    /// The rises.
    pub up: Sums,
    /// The falls.
    pub down: Sums,
}

impl Both {
    /// Adds one addition's difference.
    pub fn add(&mut self, currency: &str, month: Money) {
        let side = if month < Money::ZERO { &mut self.down } else { &mut self.up };
        if month != Money::ZERO {
            add(side, currency, month);
        }
    }

    /// The money of some lines of a plan in both directions, each addition once.
    pub fn of<'a>(plan: &Plan, lines: impl IntoIterator<Item = &'a Line>) -> Both {
        let (sole, mut seen, mut both) = (sole_currency(plan), BTreeSet::new(), Both::default());
        for line in lines {
            let first = line.addition.is_none_or(|addition| seen.insert(addition));
            if let Some(month) = line.money_month.filter(|_| first) {
                both.add(line.currency.as_deref().unwrap_or(sole), month);
            }
        }
        both
    }

    /// Whether nothing moves.
    pub fn is_nothing(&self) -> bool {
        self.up.is_empty() && self.down.is_empty()
    }

    /// The currencies, in their order.
    pub fn currencies(&self) -> BTreeSet<&str> {
        self.up.keys().chain(self.down.keys()).map(String::as_str).collect()
    }

    /// What rises and what falls of one currency a month.
    pub fn of_currency(&self, currency: &str) -> (Money, Money) {
        let of = |sums: &Sums| sums.get(currency).copied().unwrap_or_default();
        (of(&self.up), of(&self.down))
    }
}

/// Twelve months of it.
pub fn a_year(month: Money) -> Money {
    Money::new(month.decimal().saturating_mul(12.into()))
}

/// "+24.00 and -4.00 USD a month (+288.00 and -48.00 a year)", one part a currency; empty where nothing moves.
pub fn both_words(both: &Both) -> String {
    let signed = |money: Money| if money > Money::ZERO { format!("+{}", money.words()) } else { money.words() };
    let pair = |up: Money, down: Money| match (up == Money::ZERO, down == Money::ZERO) {
        (false, false) => format!("{} and {}", signed(up), signed(down)),
        (true, _) => signed(down),
        (false, true) => signed(up),
    };
    let one = |currency: &str| {
        let (up, down) = both.of_currency(currency);
        let space = if currency.is_empty() { "" } else { " " };
        format!("{}{space}{currency} a month ({} a year)", pair(up, down), pair(a_year(up), a_year(down)))
    };
    both.currencies().into_iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_stand_apart_by_currency_and_by_the_year() {
        let mut both = Both::default();
        for (currency, month) in [("USD", 24), ("USD", -4), ("EUR", -1), ("USD", 0)] {
            both.add(currency, Money::new(month.into()));
        }
        assert_eq!(
            both_words(&both),
            "-1.00 EUR a month (-12.00 a year), +24.00 and -4.00 USD a month (+288.00 and -48.00 a year)"
        );
        assert_eq!(both_words(&Both::default()), "");
    }
}
