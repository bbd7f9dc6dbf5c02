//! A unit that looks wrong: over many lines, what would be billed is about 1000 times what is.

use super::group::Group;
use super::index::Index;
use super::money;
use crate::ids::ProductId;
use crate::issue::{Code, Issue};
use crate::quantity::Money;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Lines below which a median says nothing.
const LINES_MIN: usize = 5;
/// Ratios that a wrong unit makes; their inverses too.
const FACTORS: [i64; 6] = [10, 100, 1000, 1024, 250, 500];
/// How near to a factor counts, in percent.
const NEAR_PERCENT: i64 = 5;

struct Suspicion {
    lines: usize,
    factor: i64,
    /// Next is so many times too large; otherwise too small.
    larger: bool,
    cost_month: Money,
    currency: Option<String>,
}

/// Stops every line of a product link whose median next/now is one of [`FACTORS`].
pub(super) fn suspect_units(index: &Index<'_>, groups: &mut [Group<'_>]) {
    let mut ratios: BTreeMap<ProductId, Vec<(Decimal, usize)>> = BTreeMap::new();
    for (place, group) in groups.iter().enumerate() {
        let (Some(now), Some(next)) = (group.now(), group.next) else { continue };
        let ratio = next.decimal().checked_div(now.decimal()).filter(|ratio| *ratio > Decimal::ZERO);
        let Some(ratio) = ratio else { continue };
        for part in &group.parts {
            ratios.entry(part.pair.1).or_default().push((ratio, place));
        }
    }
    for (product, of_lines) in ratios {
        let trusted = index.product_links.get(&product).is_some_and(|link| link.unit_trusted);
        if !trusted && let Some(suspicion) = suspicion(of_lines, groups) {
            stop(index, product, &suspicion, groups);
        }
    }
}

fn suspicion(mut of_lines: Vec<(Decimal, usize)>, groups: &[Group<'_>]) -> Option<Suspicion> {
    if of_lines.len() < LINES_MIN {
        return None;
    }
    of_lines.sort();
    let middle = of_lines.len() / 2;
    let median = if of_lines.len() % 2 == 1 {
        of_lines[middle].0
    } else {
        of_lines[middle - 1].0.checked_add(of_lines[middle].0)?.checked_div(Decimal::TWO)?
    };
    let larger = median > Decimal::ONE;
    // 1000 and 1024 are both near 1000: the nearest of them names the unit.
    let off_percent = |factor: i64| {
        let factor = Decimal::from(factor);
        let share = if larger { median.checked_div(factor) } else { median.checked_mul(factor) };
        share.and_then(|share| (share - Decimal::ONE).abs().checked_mul(Decimal::ONE_HUNDRED))
    };
    let near = FACTORS.into_iter().filter_map(|factor| Some((off_percent(factor)?, factor)));
    let (_, factor) = near.filter(|(off, _)| *off <= Decimal::from(NEAR_PERCENT)).min()?;
    let mut places: Vec<usize> = of_lines.iter().map(|(_, place)| *place).collect();
    places.sort_unstable();
    places.dedup();
    let cost_month = places.iter().filter_map(|place| groups[*place].money_month).fold(Money::ZERO, Money::plus);
    let currency = groups[*places.first()?].target.and_then(|(agreement, _)| agreement.currency.clone());
    Some(Suspicion { lines: of_lines.len(), factor, larger, cost_month, currency })
}

fn stop(index: &Index<'_>, product: ProductId, suspicion: &Suspicion, groups: &mut [Group<'_>]) {
    let name = index.product_name(product);
    let Suspicion { lines, factor, larger, cost_month, currency } = suspicion;
    let cost = money::words(*cost_month, currency.as_deref());
    for group in groups {
        for part in group.parts.iter_mut().filter(|part| part.pair.1 == product) {
            let unit = part.unit.as_ref();
            let said = unit.map_or_else(|| "not said".to_owned(), ToString::to_string);
            let looks = unit.and_then(|unit| {
                let factor = Decimal::from(*factor);
                let size = if *larger { unit.size.times(factor) } else { unit.size.over(factor) }?;
                Some(format!("{size} {}", unit.unit))
            });
            part.issues.push(Issue::stop(Code::UnitSuspect, format!(
                "Over {lines} lines of {name} the new quantity is about {factor} times {} the present one. One unit of the item is said to be {said}; it looks as if it were {}. Written as it is, this would move {cost} a month. Confirm unit and size again: hive link MSP --product \"{name}\" --unit U --size N",
                if *larger { "" } else { "smaller than" },
                looks.unwrap_or_else(|| "another".to_owned()),
            ).replace("times  the", "times the")));
        }
    }
}
