//! Included, minimum, maximum and rounding: of the item on any sum, of an account on its own part.

use crate::ids::{AccountId, ProductId};
use crate::quantity::Quantity;
use crate::settings::{At, Key, Rounding, Settings};
use crate::unit::{ItemUnit, Storage, Unit};
use rust_decimal::Decimal;

/// A sum on its way through the rules of its item: what is left after each.
pub(super) struct Amount {
    /// What is included, and what is left after it.
    pub(super) included: Option<(Quantity, Quantity)>,
    /// The minimum, where it is what counts.
    pub(super) minimum: Option<Quantity>,
    /// The maximum, where it is what counts.
    pub(super) maximum: Option<Quantity>,
    /// Before rounding.
    pub(super) exact: Quantity,
    pub(super) rounded: Quantity,
}

/// Included, minimum, maximum and rounding: of an item, or of one account's part.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    pub(super) included: Option<Quantity>,
    pub(super) minimum: Option<Quantity>,
    pub(super) maximum: Option<Quantity>,
    pub(super) rounding: Option<Rounding>,
}

impl Rules {
    /// Those of the product's item, for every sum.
    pub(super) fn of_item(settings: &Settings, product: ProductId) -> Rules {
        Rules {
            included: settings.bound(Key::Included, product),
            minimum: settings.bound(Key::Minimum, product),
            maximum: settings.bound(Key::Maximum, product),
            rounding: settings.rounding(product),
        }
    }

    /// Those that an account has of its own for a product.
    pub(super) fn of_part(settings: &Settings, (account, product): (AccountId, ProductId)) -> Rules {
        let at = At { product: Some(product), account: Some(account) };
        Rules {
            included: settings.own_bound(Key::Included, at),
            minimum: settings.own_bound(Key::Minimum, at),
            maximum: settings.own_bound(Key::Maximum, at),
            rounding: settings.own_rounding(at),
        }
    }

    pub(super) fn any(&self) -> bool {
        self.included.is_some() || self.minimum.is_some() || self.maximum.is_some() || self.rounding.is_some()
    }

    /// The item's rules for a sum of these parts, and how it is rounded (`averaged`: it holds an average).
    /// Where every part has a rule of its own, that one stands in the place of the item's.
    pub(super) fn for_sum(&self, own: &[&Rules], (unit, averaged): (Option<&ItemUnit>, bool)) -> (Rules, Rounding) {
        let everywhere = |has: fn(&Rules) -> bool| !own.is_empty() && own.iter().all(|own| has(own));
        let rounding = if everywhere(|own| own.rounding.is_some()) {
            Rounding::None
        } else {
            self.rounding.unwrap_or_else(|| by_default(unit, averaged))
        };
        let rules = Rules {
            included: self.included.filter(|_| !everywhere(|own| own.included.is_some())),
            minimum: self.minimum.filter(|_| !everywhere(|own| own.minimum.is_some())),
            maximum: self.maximum.filter(|_| !everywhere(|own| own.maximum.is_some())),
            rounding: self.rounding,
        };
        (rules, rounding)
    }
}

/// Subtract included, floor, cap, round; `unit`: what is sold in blocks of it is sold whole. `None` where
/// the arithmetic leaves what a decimal holds.
pub(super) fn amount(rules: &Rules, rounding: Rounding, unit: Option<&ItemUnit>, sum: Quantity) -> Option<Amount> {
    let mut exact = sum;
    let mut included = None;
    if let Some(free) = rules.included {
        exact = exact.minus(free)?.max(Quantity::ZERO);
        included = Some((free, exact));
    }
    let minimum = rules.minimum.filter(|minimum| exact < *minimum);
    exact = minimum.unwrap_or(exact);
    let maximum = rules.maximum.filter(|maximum| exact > *maximum);
    exact = maximum.unwrap_or(exact);
    let rounded = rounding.apply(exact)?;
    // A block is sold whole, whatever the rounding says.
    let blocks = unit.is_some_and(|unit| unit.size > Quantity::from(1));
    let rounded = if blocks { rounded.up_to(Decimal::ONE)? } else { rounded };
    Some(Amount { included, minimum, maximum, exact, rounded })
}

/// Storage up to whole GB or 0.01 TB, blocks up to whole ones; things are not rounded, unless they
/// are an average: half a user is a user.
fn by_default(unit: Option<&ItemUnit>, averaged: bool) -> Rounding {
    let one = Quantity::from(1);
    match unit {
        Some(ItemUnit { size, .. }) if *size > one => Rounding::Up(one),
        Some(ItemUnit { unit: Unit::Storage(Storage::TB | Storage::TiB), .. }) => {
            Rounding::Up(Quantity::new(Decimal::new(1, 2)))
        }
        Some(ItemUnit { unit: Unit::Storage(_), .. }) => Rounding::Up(one),
        Some(ItemUnit { unit: Unit::Count(_), .. }) if averaged => Rounding::Up(one),
        Some(ItemUnit { unit: Unit::Count(_), .. }) | None => Rounding::None,
    }
}
