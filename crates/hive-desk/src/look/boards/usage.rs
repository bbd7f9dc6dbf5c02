//! How much of each product is used, all accounts together.

use crate::look::Seen;
use hive_core::settings::At;
use hive_core::unit::Unit;
use hive_core::usage::Sample;
use hive_core::{AccountId, ProductId, Quantity};
use std::collections::HashMap;

/// Who uses a product, and how much of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductUsage {
    /// Accounts with a sample that counts.
    pub accounts: usize,
    /// The sum of their newest samples, in the product's own unit; `None` where one cannot be counted in it.
    pub total: Option<Quantity>,
}

pub(super) fn by_product(seen: &Seen) -> HashMap<ProductId, ProductUsage> {
    let mut in_force: HashMap<(AccountId, ProductId), &Sample> = HashMap::new();
    for sample in &seen.facts.samples {
        let pair = (sample.account, sample.product);
        let chosen = seen.facts.settings.source(At { product: Some(pair.1), account: Some(pair.0) });
        if chosen.is_some_and(|source| sample.source != source) {
            continue;
        }
        let known = in_force.entry(pair).or_insert(sample);
        if (sample.measured_at, &known.source) > (known.measured_at, &sample.source) {
            *known = sample;
        }
    }
    let mut usages: HashMap<ProductId, ProductUsage> = HashMap::new();
    for ((_, product), sample) in in_force.into_iter().filter(|(_, sample)| sample.counts()) {
        let usage = usages.entry(product).or_insert(ProductUsage { accounts: 0, total: Some(Quantity::ZERO) });
        usage.accounts += 1;
        let measured = seen.product(product).and_then(|product| in_unit(sample, &product.unit));
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
