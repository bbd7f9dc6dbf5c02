//! Sizes that are items of their own: the bracket chooses the item, and each account's quantity is 1.
//!
//! **Limits on purpose:** Hive never takes one item away to bill another: while an item of another size
//! still bills something, the line stops and says which addition to end. Nothing is ever billed twice.

use super::StepKind;
use super::group::Group;
use super::index::{Index, Pair};
use super::part::{Part, part};
use super::target::company_name;
use crate::ids::{CompanyId, ItemId, ProductId};
use crate::issue::Code;
use crate::mirror::{Addition, Agreement, CatalogItem};
use crate::quantity::Quantity;
use crate::settings::{At, StepItems};
use crate::unit::{ItemUnit, Unit};
use std::collections::{BTreeMap, BTreeSet};

/// What one unit of such an item is.
const UNIT: &str = "size";

/// The sizes of a product in GB, rising, each with its item as it was written and as it was found.
pub(super) struct Steps(Vec<(Quantity, String, Option<ItemId>)>);

impl Steps {
    /// An id in digits, or an identifier that exactly one item bears.
    pub(super) fn of(steps: &StepItems, items: &[CatalogItem]) -> Steps {
        let found = |name: &str| {
            if let Ok(id) = name.parse() {
                return items.iter().find(|item| item.id == ItemId(id)).map(|item| item.id);
            }
            let name = name.strip_prefix("identifier:").unwrap_or(name);
            let mut same = items.iter().filter(|item| item.identifier == name);
            same.next().filter(|_| same.next().is_none()).map(|item| item.id)
        };
        Steps(steps.steps().iter().map(|(size, name)| (*size, name.clone(), found(name))).collect())
    }

    fn items(&self) -> impl Iterator<Item = ItemId> {
        self.0.iter().filter_map(|(_, _, item)| *item)
    }
}

/// What one unit of the item of a size is: the size, once.
pub(super) fn unit() -> Option<ItemUnit> {
    ItemUnit::new(Unit::Count(UNIT.to_owned()), Quantity::from(1))
}

/// Company and item of a pair whose links are both made: the item of its size, where sizes are items.
pub(super) fn place(index: &Index<'_>, pair: Pair) -> Option<(CompanyId, ItemId)> {
    let (company, item) = index.linked(pair)?;
    let chosen = index.steps_of(pair).and_then(|_| part(index, pair, None).step_item);
    Some((company, chosen.unwrap_or(item)))
}

/// The part of a bracket of `step_gb` that is an item of its own: 1 of it, or 0 of the one that is billed
/// now where nothing is used.
pub(super) fn choose(index: &Index<'_>, steps: &Steps, step_gb: Quantity, part: &mut Part) {
    let (account, product) = (index.account_name(part.pair.0), index.product_name(part.pair.1));
    if let Some((_, name, _)) = steps.0.iter().find(|(_, _, item)| item.is_none()) {
        part.stop(Code::ProductDeleted, format!(
            "The size of {product} that is billed as the item \"{name}\" (step_items) finds no item, or several, in ConnectWise's catalog. Correct it: hive settings MSP --product \"{product}\" step_items=…",
        ));
        return;
    }
    if step_gb.is_zero() {
        let company = index.linked(part.pair).map(|(company, _)| company);
        let billed = |item: &ItemId| company.is_some_and(|company| billing(index, company, *item).next().is_some());
        let now: Vec<ItemId> = steps.items().filter(billed).collect();
        part.step_item = if now.len() == 1 { now.first().copied() } else { steps.items().next() };
        part.value = Some(Quantity::ZERO);
        part.step(StepKind::Mode, "sizes as items: nothing is used and there is no quota, so 0 of it".to_owned());
        return;
    }
    let Some((size, name, item)) = steps.0.iter().find(|(size, _, _)| *size >= step_gb) else {
        part.stop(Code::QuantityOverflow, format!(
            "{step_gb} GB of {product} for {account} is above the last size that has an item (step_items). Add one: hive settings MSP --product \"{product}\" step_items=…",
        ));
        return;
    };
    part.step_item = *item;
    part.value = Some(Quantity::from(1));
    part.step(StepKind::Mode, format!("sizes as items: {step_gb} GB is billed as 1 x {name}, the item of {size} GB"));
}

/// Sizes as items need a bracket of one account, judged before its agreement is known.
pub(super) fn refuse(index: &Index<'_>, part: &mut Part) -> bool {
    let (account, product) = part.pair;
    let at = At { product: Some(product), account: Some(account) };
    let period = index.facts.settings.basis_at(at).is_of_the_period();
    let why = match &part.bracket {
        _ if period => "a basis over the billing period, which is known only once the item is",
        None if part.pooled.is_some() => "a bracket of the sum (bracket_of=sum), which is nobody's own size",
        None => "actual usage: a size is chosen by the bracket (mode=quota_bracket, with a ladder)",
        Some(_) => return false,
    };
    let name = index.product_name(product);
    part.stop(Code::RuleConflict, format!(
        "{name} is billed by sizes that are items of their own (step_items), and that cannot be together with {why}. Take one back: hive settings MSP --product \"{name}\" …",
    ));
    true
}

/// Ongoing additions of an item that bill something.
fn billing<'a>(
    index: &Index<'a>,
    company: CompanyId,
    item: ItemId,
) -> impl Iterator<Item = (&'a Agreement, &'a Addition)> {
    let additions = index.additions_of.get(&(company, item)).map_or(&[][..], Vec::as_slice).to_vec();
    let (agreements, today) = (&index.agreements, index.today);
    let all: Vec<_> = additions
        .into_iter()
        .filter(|addition| addition.rejected_on(today).is_none() && addition.quantity != Some(Quantity::ZERO))
        .filter_map(|addition| Some((*agreements.get(&addition.agreement)?, addition)))
        .filter(|(agreement, _)| agreement.rejected_on(today).is_none())
        .collect();
    all.into_iter()
}

/// Another size of the same product that still bills something, and that no line of its own explains,
/// stops the group.
pub(super) fn judge_other_sizes(
    index: &Index<'_>,
    group: &mut Group<'_>,
    item: ItemId,
    linked: &BTreeMap<(CompanyId, ItemId), BTreeSet<Pair>>,
) {
    let products: BTreeSet<ProductId> =
        group.parts.iter().filter(|part| index.steps_of(part.pair).is_some()).map(|part| part.pair.1).collect();
    let others: BTreeSet<ItemId> =
        products.iter().filter_map(|product| index.steps.get(product)).flat_map(Steps::items).collect();
    for other in others.into_iter().filter(|other| *other != item) {
        let explained = linked.get(&(group.company, other));
        if explained.is_some_and(|pairs| pairs.iter().any(|pair| index.is_known(*pair))) {
            continue;
        }
        for (agreement, addition) in billing(index, group.company, other) {
            let bills = addition.quantity.map_or_else(|| "an unreadable quantity".to_owned(), |q| q.to_string());
            group.stop(Code::AdditionAmbiguous, format!(
                "{} is billed by {} now, but addition {} of {} on agreement {agreement} still bills {bills}: both would be billed. Set that one to 0 or cancel it in ConnectWise, then Sync.",
                company_name(index, group.company),
                index.item_name(item),
                addition.id,
                index.item_name(other),
            ));
        }
    }
}
