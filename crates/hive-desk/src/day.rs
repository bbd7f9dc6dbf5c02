//! The sums of a day, kept so that a trend can be drawn.
//!
//! **Owns:** what a day of an MSP comes to.
//! **Does not own:** when a plan is made; days without one have no sums.

use crate::money::{Sums, add};
use hive_core::mirror::Addition;
use hive_core::plan::{Facts, Plan, worth_month};
use hive_core::{AdditionId, AgreementId, ProductId, Quantity};
use hive_store::Day;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the plan's day comes to: what its additions bill a month now, what they will once everything in the
/// plan is pushed (held changes too), and each product's own share of them, in units of its item.
pub fn day(facts: &Facts, plan: &Plan) -> Day {
    let mut day = Day {
        date: plan.today,
        lines: i64::try_from(plan.lines.len()).unwrap_or(i64::MAX),
        money_now: Sums::new(),
        money_next: Sums::new(),
        quantity: BTreeMap::new(),
    };
    let Some(mirror) = &facts.mirror else { return day };
    let additions: HashMap<AdditionId, &Addition> = mirror.additions.iter().map(|one| (one.id, one)).collect();
    let agreements: HashMap<AgreementId, _> = mirror.agreements.iter().map(|one| (one.id, one)).collect();
    let mut counted: BTreeSet<AdditionId> = BTreeSet::new();
    for line in &plan.lines {
        let Some(addition) = line.addition.and_then(|id| additions.get(&id)) else { continue };
        let sum: &mut Quantity = day.quantity.entry(ProductId(line.id.product.0)).or_default();
        *sum = line.part.and_then(|part| sum.plus(part)).unwrap_or(*sum);
        if !counted.insert(addition.id) {
            continue;
        }
        let Some((agreement, now)) = agreements.get(&addition.agreement).zip(line.now) else { continue };
        let currency = line.currency.as_deref().unwrap_or_default();
        for (sums, quantity) in [(&mut day.money_now, now), (&mut day.money_next, line.next.unwrap_or(now))] {
            if let Some(month) = worth_month(agreement, addition, quantity) {
                add(sums, currency, month);
            }
        }
    }
    day
}
