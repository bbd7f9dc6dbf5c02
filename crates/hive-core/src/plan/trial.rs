//! What a usage would come to, before anything is linked: the same steps as a part of a plan.
//!
//! **Limits on purpose:** one account's usage on its own; what others add to the same item is left out.

use super::amount::{Rules, amount};
use crate::quantity::Quantity;
use crate::settings::{At, Mode, Settings};
use crate::unit::{ItemUnit, Storage, Unit};
use crate::usage::Product;

/// How many units of an item that holds `unit` a usage of the product (in the product's own unit) would
/// be: converted, on its step where the quota's bracket is billed, then included, minimum, maximum and
/// rounding. `None` where the units do not fit or the arithmetic leaves what a decimal holds.
pub fn units_of(settings: &Settings, product: &Product, usage: Quantity, unit: &ItemUnit) -> Option<Quantity> {
    let counted = match (&product.unit, &unit.unit) {
        (Unit::Storage(from), Unit::Storage(to)) => {
            let bracket = settings.mode(At { product: Some(product.id), account: None }) == Mode::QuotaBracket;
            let ladder = settings.ladder(product.id).filter(|_| bracket);
            match ladder {
                Some(ladder) => Storage::GB.convert(ladder.step(from.convert(usage, Storage::GB)?)?, *to)?,
                None => from.convert(usage, *to)?,
            }
        }
        (Unit::Count(_), Unit::Count(_)) => usage,
        (Unit::Storage(_), Unit::Count(_)) | (Unit::Count(_), Unit::Storage(_)) => return None,
    };
    let share = counted.over(unit.size.decimal())?;
    let (rules, rounding) = Rules::of_item(settings, product.id).for_sum(&[], (Some(unit), false));
    Some(amount(&rules, rounding, Some(unit), share)?.rounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ProductId;

    fn tried(measured: &str, usage: i64, unit: &str, size: i64) -> Option<String> {
        let unit_of = |text| Unit::parse(text).unwrap();
        let product = Product { id: ProductId(1), name: "P".into(), external_id: None, unit: unit_of(measured) };
        let unit = ItemUnit::new(unit_of(unit), Quantity::from(size)).unwrap();
        units_of(&Settings::default(), &product, Quantity::from(usage), &unit).map(|units| units.to_string())
    }

    #[test]
    fn a_usage_is_counted_in_whole_blocks_and_in_hundredths_of_a_tb() {
        assert_eq!(tried("GB", 1234, "TB", 1).as_deref(), Some("1.24"));
        assert_eq!(tried("GB", 1234, "GB", 1000).as_deref(), Some("2"));
        assert_eq!(tried("GB", 1234, "GB", 1).as_deref(), Some("1234"));
        assert_eq!(tried("user", 7, "user", 5).as_deref(), Some("2"));
        assert_eq!(tried("user", 7, "GB", 5), None, "users are no GB");
    }
}
