//! Which pairs are lines.

use super::index::{Index, Pair};
use super::steps;
use crate::ids::{CompanyId, ItemId};
use crate::link::{AccountTarget, ProductTarget};
use std::collections::{BTreeMap, BTreeSet};

/// The lines of a plan, before anything is known of their numbers.
pub(super) struct Pairs {
    /// Lines of one company and item, which add up.
    pub(super) groups: BTreeMap<(CompanyId, ItemId), BTreeSet<Pair>>,
    /// Usage of an unlinked account or an unmapped product.
    pub(super) unlinked: BTreeSet<Pair>,
    /// Pairs with usage that a person decided not to bill.
    pub(super) ignored: usize,
    /// Pairs that would be lines if a person had not excluded them.
    pub(super) excluded: usize,
}

/// A linked pair is a line if it has a sample, a quota or a pin. Where no pair of a company and item
/// has any of these, those with an ongoing addition of the item are lines too. Usage without a link
/// is a line too. Ignored ones are counted apart, and so are excluded ones, which count as decided: a company and
/// item of which one pair is excluded is no silent one.
pub(super) fn pairs(index: &Index<'_>) -> Pairs {
    let mut pairs = Pairs { groups: BTreeMap::new(), unlinked: BTreeSet::new(), ignored: 0, excluded: 0 };
    let mut decided: BTreeSet<(CompanyId, ItemId)> = BTreeSet::new();
    let known: BTreeSet<Pair> = index
        .samples
        .keys()
        .chain(index.quotas.keys())
        .chain(index.pins.keys())
        .copied()
        .chain(index.decided.fixed())
        .collect();
    for pair in known {
        let measured = index.samples.contains_key(&pair);
        if index.is_ignored(pair) {
            pairs.ignored += usize::from(measured);
        } else if index.decided.excludes(pair, index.today) {
            pairs.excluded += usize::from(measured || index.linked(pair).is_some());
            decided.extend(index.linked(pair));
        } else if let Some(group) = steps::place(index, pair) {
            pairs.groups.entry(group).or_default().insert(pair);
        } else if measured {
            pairs.unlinked.insert(pair);
        }
    }
    add_silent(index, &decided, &mut pairs);
    pairs
}

/// Groups of which nothing is known though something is billed.
fn add_silent(index: &Index<'_>, decided: &BTreeSet<(CompanyId, ItemId)>, pairs: &mut Pairs) {
    let mut accounts_of: BTreeMap<CompanyId, Vec<_>> = BTreeMap::new();
    for (account, target) in &index.account_targets {
        let own = index.is_ignored_account(*account);
        if let AccountTarget::Company(company) = target
            && !own
        {
            accounts_of.entry(*company).or_default().push(*account);
        }
    }
    let mut products_of: BTreeMap<ItemId, Vec<_>> = BTreeMap::new();
    for (product, link) in &index.product_links {
        if let ProductTarget::Item(item) = link.target {
            products_of.entry(item).or_default().push(*product);
        }
    }
    for ((_, product), own) in &index.item_overrides {
        products_of.entry(own.item).or_default().push(*product);
    }
    for ((company, item), additions) in &index.additions_of {
        let (Some(accounts), Some(products)) = (accounts_of.get(company), products_of.get(item)) else { continue };
        let ongoing = additions.iter().any(|addition| {
            let agreement = index.agreements.get(&addition.agreement);
            addition.rejected_on(index.today).is_none()
                && agreement.is_some_and(|agreement| agreement.rejected_on(index.today).is_none())
        });
        if !ongoing || pairs.groups.contains_key(&(*company, *item)) || decided.contains(&(*company, *item)) {
            continue;
        }
        let all = accounts.iter().flat_map(|account| products.iter().map(|product| (*account, *product)));
        let here = |pair: &Pair| index.linked(*pair) == Some((*company, *item));
        let unknown = all.filter(|pair| !index.is_known(*pair) && here(pair));
        let (excluded, silent): (BTreeSet<Pair>, BTreeSet<Pair>) =
            unknown.partition(|pair| index.decided.excludes(*pair, index.today));
        pairs.excluded += excluded.len();
        if !silent.is_empty() {
            pairs.groups.insert((*company, *item), silent);
        }
    }
}
