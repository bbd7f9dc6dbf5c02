//! Many lines of one product that rise at once: a feed that counts twice, or in another unit.
//!
//! **Owns:** when a rise is a crowd's, and its one cause.
//! **Does not own:** a factor that a wrong unit makes (`suspect`), one line's own limits (`holds`).

use super::group::Group;
use super::index::Index;
use crate::ids::ProductId;
use crate::issue::{Code, Issue};
use crate::quantity::Quantity;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Lines below which many are few.
const LINES_MIN: usize = 5;
/// One in so many lines of a product makes a crowd.
const ONE_IN: usize = 4;
/// A line is one of it when it rises by over so many percent. A customer does; a quarter of them never do.
const RISE_PERCENT: i64 = 25;

/// Holds every rise of a product of which over a quarter of the lines, and at least 5, rise by over
/// a quarter since Hive settled on their values: under one cause, however little each of them is worth.
pub(super) fn hold_crowds(index: &Index<'_>, live: &BTreeSet<ProductId>, groups: &mut [Group<'_>]) {
    // A rule that was not taken live yet is looked at line by line.
    let mut crowds: BTreeMap<ProductId, (usize, usize)> = BTreeMap::new();
    for group in groups.iter() {
        let Some((before, next)) = settled(index, group) else { continue };
        let rises = rises_much(before, next);
        for product in products(group).intersection(live) {
            let (lines, rising) = crowds.entry(*product).or_default();
            *lines += 1;
            *rising += usize::from(rises);
        }
    }
    crowds.retain(|_, (lines, rising)| *rising >= LINES_MIN && *rising * ONE_IN > *lines);
    for group in groups.iter_mut().filter(|group| group.now() < group.next) {
        let found = products(group).into_iter().find_map(|product| Some((product, *crowds.get(&product)?)));
        let Some((product, (lines, rising))) = found else { continue };
        let name = index.product_name(product);
        group.issues.push(Issue::hold(Code::UsageSpike, format!("product {product}"), format!(
            "{rising} of {lines} lines of {name} rise by over {RISE_PERCENT} % at once: it looks as if rows came twice, or in another unit. All rises of {name} wait. Correct the source and import again, or approve them if they are right.",
        )));
    }
}

fn products(group: &Group<'_>) -> BTreeSet<ProductId> {
    group.parts.iter().map(|part| part.pair.1).collect()
}

/// The value that Hive settled on and that still stands, and the new one.
fn settled(index: &Index<'_>, group: &Group<'_>) -> Option<(Quantity, Quantity)> {
    let (_, addition) = group.target?;
    let settled = index.standings.get(&addition.id)?.settled.filter(|settled| Some(*settled) == addition.quantity)?;
    Some((settled, group.next?)).filter(|(settled, _)| !settled.is_zero())
}

fn rises_much(before: Quantity, next: Quantity) -> bool {
    let limit = Decimal::from(100 + RISE_PERCENT).checked_mul(before.decimal());
    limit.zip(next.decimal().checked_mul(Decimal::ONE_HUNDRED)).is_some_and(|(limit, next)| next > limit)
}
