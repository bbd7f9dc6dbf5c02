//! The rule of a product link: what a person looks at before it goes live.

use super::Facts;
use crate::ids::ProductId;
use crate::link::{ProductLink, ProductTarget};
use crate::quantity::Quantity;
use crate::settings::{At, Key};
use crate::unit::{ItemUnit, Unit};
use crate::usage::Product;
use std::collections::{BTreeMap, BTreeSet};

/// The link's present rule in its one spelling: item, unit and size, classes, mode, basis, ladder,
/// included, minimum, maximum, rounding and agreement rule, as they stand for the product, inherited
/// from the MSP or not. `None` for a link without an item. Things that are counted have no mode and
/// no ladder: neither moves their quantity.
pub fn rule_of(facts: &Facts, link: &ProductLink) -> Option<String> {
    let ProductTarget::Item(item) = link.target else { return None };
    let product = facts.products.iter().find(|product| product.id == link.product)?;
    let unit = unit_in_force(product, link).map_or_else(|| "unconfirmed".to_owned(), |unit| unit.to_string());
    let at = At { product: Some(link.product), account: None };
    let mut keys = vec![Key::Basis, Key::Included, Key::Minimum, Key::Maximum, Key::Rounding, Key::AgreementRule];
    if product.is_storage() {
        keys.extend([Key::Mode, Key::Ladder]);
    }
    let classes = Some(facts.settings.text(Key::Classes, at)).filter(|text| !text.is_empty()).unwrap_or("default");
    let mut rule = format!("item={item};unit={unit};classes={classes}");
    for key in keys {
        rule.push_str(&format!(";{}={}", key.name(), facts.settings.text(key, at)));
    }
    // What is not used leaves the spelling of a rule as it was before there were such.
    for key in [Key::Overage, Key::DeadBand, Key::BracketOf, Key::StepItems] {
        let text = facts.settings.text(key, at);
        if text != key.default() {
            rule.push_str(&format!(";{}={text}", key.name()));
        }
    }
    Some(rule)
}

/// The rules of all linked products as they stand: what goes live is written from here.
pub fn looked_at(facts: &Facts) -> BTreeMap<ProductId, String> {
    facts.product_links.iter().filter_map(|link| Some((link.product, rule_of(facts, link)?))).collect()
}

/// Products whose present rule is the one that a person's Update took live.
pub fn live_products(facts: &Facts) -> BTreeSet<ProductId> {
    let rules = looked_at(facts);
    let same = |(product, rule): &(ProductId, String)| facts.live_rules.get(product) == Some(rule);
    rules.into_iter().filter(same).map(|(product, _)| product).collect()
}

/// What one unit of the item is: what a person said, or, for things that are counted, one thing.
pub(super) fn unit_in_force(product: &Product, link: &ProductLink) -> Option<ItemUnit> {
    if let Some(unit) = &link.unit {
        return Some(unit.clone());
    }
    match &product.unit {
        Unit::Storage(_) => None,
        Unit::Count(_) => ItemUnit::new(product.unit.clone(), Quantity::from(1)),
    }
}
