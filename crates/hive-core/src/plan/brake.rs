//! The brake: a plan that moves too much of the money under Hive waits for a person.

use super::{Facts, Plan, money};
use crate::ids::AdditionId;
use crate::quantity::{Money, Quantity};
use crate::settings::Key;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Why a scheduled Update does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brake {
    /// Each currency over the limit.
    pub over: Vec<Braked>,
    /// The limit.
    pub percent: Decimal,
}

/// What moves in one currency, a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Braked {
    /// `None`: the agreements name none.
    pub currency: Option<String>,
    /// The money under Hive: what its live additions are billed now.
    pub now: Money,
    /// What they would be billed after the Update.
    pub next: Money,
    /// Rises and falls added up.
    pub moved: Money,
    /// How much that is of `now`, in percent to one digit.
    pub share: Decimal,
}

impl Brake {
    /// The reason in a sentence; what to do about it says who shows it.
    pub fn words(&self) -> String {
        let said = |one: &Braked| {
            let worth = |amount: Money| money::words(amount, one.currency.as_deref());
            format!(
                "{} a month now, {} a month next, {} moved ({} %)",
                worth(one.now),
                worth(one.next),
                worth(one.moved),
                one.share
            )
        };
        let over: Vec<String> = self.over.iter().map(said).collect();
        format!(
            "update.brake: the plan moves more than {} % of the money under Hive: {}",
            self.percent.normalize(),
            over.join("; ")
        )
    }

    /// All that moves, whatever the currency: what an approval of all reaches to.
    pub fn moved(&self) -> Money {
        let sum = self.over.iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(one.moved.decimal()));
        Money::new(sum.unwrap_or(Decimal::MAX))
    }
}

/// Whether pushing `released` moves more than `brake_percent` of what the live additions of the plan
/// are billed, in any one currency. 100 and more: never. No money under Hive: no brake.
pub fn brake(plan: &Plan, facts: &Facts, released: &BTreeSet<AdditionId>) -> Option<Brake> {
    let percent = facts.settings.number(Key::BrakePercent);
    if percent >= Decimal::ONE_HUNDRED {
        return None;
    }
    let under = under_hive(plan, facts);
    let mut moved: BTreeMap<Option<String>, (Decimal, Decimal)> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| released.contains(&change.addition)) {
        let month = change.money_month.map_or(Decimal::ZERO, Money::decimal);
        let sums = moved.entry(change.currency.clone()).or_default();
        *sums = (sums.0.checked_add(month.abs())?, sums.1.checked_add(month)?);
    }
    let over = moved.into_iter().filter_map(|(currency, (moved, net))| {
        let now = under.get(&currency).copied().filter(|now| *now > Decimal::ZERO)?;
        let share = moved.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(now)?;
        let next = Money::new(now.checked_add(net)?);
        let share_shown = share.round_dp(1).normalize();
        (share > percent).then(|| Braked {
            currency,
            now: Money::new(now),
            next,
            moved: Money::new(moved),
            share: share_shown,
        })
    });
    let over: Vec<Braked> = over.collect();
    (!over.is_empty()).then_some(Brake { over, percent })
}

/// What the live additions of the plan are billed a month, by currency.
fn under_hive(plan: &Plan, facts: &Facts) -> BTreeMap<Option<String>, Decimal> {
    let live: BTreeSet<AdditionId> =
        plan.lines.iter().filter(|line| line.live).filter_map(|line| line.addition).collect();
    let mut under: BTreeMap<Option<String>, Decimal> = BTreeMap::new();
    let Some(mirror) = &facts.mirror else { return under };
    let agreements: BTreeMap<_, _> = mirror.agreements.iter().map(|agreement| (agreement.id, agreement)).collect();
    for addition in mirror.additions.iter().filter(|addition| live.contains(&addition.id)) {
        let Some(agreement) = agreements.get(&addition.agreement) else { continue };
        let charged = !matches!(addition.bill_customer.as_str(), "DoNotBill" | "NoCharge");
        let price = money::price_month(agreement, addition).filter(|_| charged);
        let quantity = addition.quantity.filter(|quantity| *quantity > Quantity::ZERO);
        let worth = quantity.and_then(|quantity| money::worth(quantity, price)).map_or(Decimal::ZERO, Money::decimal);
        let sum = under.entry(agreement.currency.clone()).or_default();
        *sum = sum.checked_add(worth).unwrap_or(Decimal::MAX);
    }
    under
}
