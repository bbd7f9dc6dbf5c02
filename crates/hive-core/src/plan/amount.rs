//! What belongs to the item: included, minimum, maximum and rounding, on any sum.

use crate::ids::ProductId;
use crate::quantity::Quantity;
use crate::settings::{Key, Rounding, Settings};
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

/// Subtract included, floor, cap, round (`averaged`: the sum holds an average); `None` where the arithmetic leaves what a decimal holds.
pub(super) fn amount(
    settings: &Settings,
    product: ProductId,
    (unit, averaged): (Option<&ItemUnit>, bool),
    sum: Quantity,
) -> Option<Amount> {
    let mut exact = sum;
    let mut included = None;
    if let Some(free) = settings.bound(Key::Included, product) {
        exact = exact.minus(free)?.max(Quantity::ZERO);
        included = Some((free, exact));
    }
    let minimum = settings.bound(Key::Minimum, product).filter(|minimum| exact < *minimum);
    exact = minimum.unwrap_or(exact);
    let maximum = settings.bound(Key::Maximum, product).filter(|maximum| exact > *maximum);
    exact = maximum.unwrap_or(exact);
    let rounding = settings.rounding(product).unwrap_or_else(|| by_default(unit, averaged));
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
