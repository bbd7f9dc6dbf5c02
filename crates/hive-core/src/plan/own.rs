//! What one account's part has of its own: its overage, its included, minimum, maximum and rounding.
//!
//! **Owns:** the rules that act on a part before it is added up.
//! **Does not own:** the item's rules, which act on the sum (`group`, `amount`).

use super::StepKind;
use super::amount::amount;
use super::index::Index;
use super::part::Part;
use crate::issue::{Code, Issue};
use crate::quantity::Quantity;
use crate::settings::{Mode, Rounding};
use crate::unit::{Storage, Unit};
use crate::usage::Product;

/// Only what exceeds the quota, in GB. Without a quota nothing says what exceeds it: that is a stop,
/// since to bill all of it would be as wrong as to bill nothing.
pub(super) fn over_quota(
    index: &Index<'_>,
    product: &Product,
    measured: &(Quantity, Unit),
    mode: Mode,
    part: &mut Part,
) -> Option<(Quantity, Unit)> {
    let (account, name) = (index.account_name(part.pair.0), &product.name);
    let Some(storage) = measured.1.storage() else {
        part.stop(Code::QuotaMissing, format!(
            "Only what exceeds a quota is billed of {name} (overage=true), but what is counted in {} has no quota. Bill all of it: hive settings MSP --product \"{name}\" overage=false",
            product.unit,
        ));
        return None;
    };
    if mode == Mode::QuotaBracket {
        part.stop(Code::RuleConflict, format!(
            "{name} for {account} is to be billed by its bracket (mode=quota_bracket) and by what exceeds its quota alone (overage=true); only one can be. Take one back: hive settings MSP --product \"{name}\" mode=actual, or overage=false",
        ));
        return None;
    }
    let Some(quota) = index.quotas.get(&part.pair) else {
        part.stop(Code::QuotaMissing, format!(
            "Only what exceeds its quota is billed of {name} (overage=true), and {account} has no quota of it, so nothing says what exceeds it. Set it: hive quota MSP --account \"{account}\" --product \"{name}\" SIZE UNIT",
        ));
        return None;
    };
    let in_gb = storage.convert(measured.0, Storage::GB).zip(quota.unit.convert(quota.size, Storage::GB));
    let over = in_gb.and_then(|(used, quota)| Some((used, quota, used.minus(quota)?.max(Quantity::ZERO))));
    let Some((used, quota, over)) = over else {
        part.stop(
            Code::QuantityOverflow,
            format!("{} {storage:?} in GB leaves what a decimal holds; check the sample and the quota", measured.0),
        );
        return None;
    };
    part.step(StepKind::Mode, format!("overage: {used} GB used of a quota of {quota} GB, {over} GB exceed it"));
    if !over.is_zero() {
        part.issues.push(Issue::note(
            Code::QuotaExceeded,
            format!("{account} uses {used} GB of {name}, above its quota of {quota} GB: {over} GB are billed."),
        ));
    }
    Some((over, Unit::Storage(Storage::GB)))
}

/// The account's own included, minimum, maximum and rounding, on its part before it is added up.
pub(super) fn apply(index: &Index<'_>, part: &mut Part) {
    let Some(value) = part.value.filter(|_| part.own.any()) else { return };
    let (account, product) = (index.account_name(part.pair.0), index.product_name(part.pair.1));
    if part.pooled.is_some() {
        part.stop(Code::RuleConflict, format!(
            "{account} has a rule of its own for {product} (included, minimum, maximum or rounding), but the bracket is that of the whole sum (bracket_of=sum), of which no part can be told apart. Take one back: hive settings MSP --product \"{product}\" --account \"{account}\" included= minimum= maximum= rounding=, or bracket_of=account",
        ));
        return;
    }
    let Some(amount) = amount(&part.own, part.own.rounding.unwrap_or(Rounding::None), None, value) else {
        part.value = None;
        part.stop(
            Code::QuantityOverflow,
            format!("The rules of {account} for {product} leave what a decimal holds; check the sample: {value}."),
        );
        return;
    };
    if let Some((included, left)) = amount.included {
        part.step(StepKind::Rule, format!("{account}'s own: {included} included, {left} left"));
        if value < included {
            part.issues.push(Issue::note(
                Code::QuantityBelowIncluded,
                format!("{value} is within the {included} that are included for {account}: 0 of it is billed."),
            ));
        }
    }
    if let Some(minimum) = amount.minimum {
        part.step(StepKind::Rule, format!("{account}'s own: minimum {minimum}"));
        part.issues.push(Issue::note(
            Code::QuantityBelowMinimum,
            format!("{account}'s part is below its own minimum: {minimum} of it is billed."),
        ));
    }
    if let Some(maximum) = amount.maximum {
        part.step(StepKind::Rule, format!("{account}'s own: maximum {maximum}"));
    }
    if amount.rounded != amount.exact {
        part.step(StepKind::Rule, format!("{account}'s own: rounded {} to {}", amount.exact, amount.rounded));
    }
    part.value = Some(amount.rounded);
}
