//! How much of each product is used, all accounts together.

use crate::look::Seen;
use hive_core::unit::Unit;
use hive_core::usage::Sample;
use hive_core::{AccountId, ProductId, Quantity};
use std::collections::{HashMap, HashSet};

/// Who uses a product, and how much of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductUsage {
    /// Accounts with a sample that counts.
    pub accounts: usize,
    /// The sum of their samples in force, in the product's own unit; `None` where one cannot be counted in it.
    pub total: Option<Quantity>,
}

pub(super) fn by_product(seen: &Seen) -> HashMap<ProductId, ProductUsage> {
    let pairs: HashSet<(AccountId, ProductId)> =
        seen.facts.samples.iter().map(|sample| (sample.account, sample.product)).collect();
    let mut usages: HashMap<ProductId, ProductUsage> = HashMap::new();
    let in_force = pairs.into_iter().filter_map(|(account, product)| seen.sample_in_force(account, product));
    for sample in in_force.filter(|sample| seen.counts(sample)) {
        let none = ProductUsage { accounts: 0, total: Some(Quantity::ZERO) };
        let usage = usages.entry(sample.product).or_insert(none);
        usage.accounts += 1;
        let measured = seen.product(sample.product).and_then(|product| in_unit(sample, &product.unit));
        usage.total = usage.total.zip(measured).and_then(|(total, measured)| total.plus(measured));
    }
    usages
}

fn in_unit(sample: &Sample, unit: &Unit) -> Option<Quantity> {
    match (&sample.unit, unit) {
        (Unit::Storage(from), Unit::Storage(to)) => from.convert(sample.quantity, *to),
        (from, to) => from.alike(to).then_some(sample.quantity),
    }
}
