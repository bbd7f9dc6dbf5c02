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
