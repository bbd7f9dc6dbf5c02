//! What is judged on a whole sum: the bracket of all parts together, and the dead band.

use super::StepKind;
use super::group::Group;
use super::index::Index;
use crate::issue::{Code, Issue};
use crate::quantity::Quantity;
use crate::settings::At;
use crate::unit::{Storage, Unit};

/// The sum of a group some parts of which share one bracket (`bracket_of=sum`): the step at or above the
/// larger of their quotas and their usage together, and what the other parts come to. Outer `None`: no
/// part does; inner `None`: it leaves what a decimal holds, or the ladder.
pub(super) fn pooled(index: &Index<'_>, group: &mut Group<'_>) -> Option<Option<Quantity>> {
    let ladder = group.parts.iter().find_map(|part| part.pooled.as_ref()).map(|pooled| pooled.ladder.clone())?;
    let pooled =
        || group.parts.iter().filter(|part| !part.excluded).filter_map(|part| Some((part, part.pooled.as_ref()?)));
    let plus = |sum: Quantity, value: Quantity| sum.plus(value);
    let usage = pooled().map(|(_, pooled)| pooled.usage_gb).try_fold(Quantity::ZERO, plus);
    let quotas = pooled().filter_map(|(_, pooled)| pooled.quota_gb).try_fold(Quantity::ZERO, plus);
    let others = group.parts.iter().filter(|part| !part.excluded && part.pooled.is_none());
    let others = others.filter_map(|part| part.value).try_fold(Quantity::ZERO, plus);
    let (Some(usage), Some(quotas), Some(others)) = (usage, quotas, others) else { return Some(None) };
    let without: Vec<String> = pooled()
        .filter(|(_, pooled)| pooled.quota_gb.is_none())
        .map(|(part, _)| format!("{} of {}", index.account_name(part.pair.0), index.product_name(part.pair.1)))
        .collect();
    let Some(step) = ladder.step(usage.max(quotas)) else {
        group.stop(Code::QuantityOverflow, format!(
            "{} GB in all is above the last step of the ladder {ladder}. Lengthen the ladder: hive settings MSP --product P ladder=…",
            usage.max(quotas),
        ));
        return Some(Some(usage));
    };
    group.step(StepKind::Mode, format!(
        "quota bracket of the sum: the larger of the quotas together {quotas} GB and the usage together {usage} GB is on the step {step} GB of {ladder}"
    ));
    if !without.is_empty() {
        group.issues.push(Issue::note(
            Code::QuotaMissing,
            format!("Without a quota, so that only the usage counts: {}.", without.join(", ")),
        ));
    }
    if usage > quotas && without.is_empty() {
        group.issues.push(Issue::note(
            Code::QuotaExceeded,
            format!("{usage} GB are used in all, above the quotas of {quotas} GB together: the bracket of the usage is billed, {step} GB."),
        ));
    }
    let unit = group.unit().cloned()?;
    group.pooled = Some((ladder, step));
    let Unit::Storage(storage) = unit.unit else { return None };
    let value = Storage::GB.convert(step, storage).and_then(|value| value.over(unit.size.decimal()));
    Some(value.and_then(|value| value.plus(others)))
}

/// A difference to what ConnectWise has that is not worth a write: the smallest dead band of the parts.
/// Neither a fall to nothing nor a first quantity is within one, nor what a person made the least. A value that a person typed within it is
/// left alone like any other, and Hive does not settle on it: once the usage leaves the band, it is asked
/// about as any edit by hand is.
pub(super) fn dead_band(index: &Index<'_>, group: &mut Group<'_>, next: Quantity) -> Quantity {
    let settings = &index.facts.settings;
    let counted = group.parts.iter().filter(|part| !part.excluded);
    let bands: Option<Vec<Quantity>> =
        counted.map(|part| settings.dead_band(At { product: Some(part.pair.1), account: Some(part.pair.0) })).collect();
    let band = bands.and_then(|bands| bands.into_iter().min());
    let (Some(band), Some(now)) = (band, group.now()) else { return next };
    let standing = group.target.and_then(|(_, addition)| index.standings.get(&addition.id));
    if standing.and_then(|standing| standing.minimum.as_ref()).is_some_and(|minimum| now < minimum.value) {
        return next;
    }
    let apart = if next > now { next.minus(now) } else { now.minus(next) };
    let within = apart.filter(|apart| *apart <= band && !apart.is_zero());
    let Some(apart) = within.filter(|_| !next.is_zero() && !now.is_zero()) else { return next };
    group.banded = Some(next);
    group.step(StepKind::Rule, format!("dead band {band}: {next} is only {apart} from {now}, so it stays at {now}"));
    group.issues.push(Issue::note(
        Code::QuantityDeadBand,
        format!(
            "{next} would be written to addition {}, which is {apart} from {now}: within the dead band of {band} nothing is.",
            group.target.map_or_else(String::new, |(_, addition)| addition.id.to_string())
        ),
    ));
    now
}
