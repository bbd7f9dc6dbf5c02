//! Second eyes on the rules of a part: classes, overage, dead bands. Worked out anew, from the settings' texts.

use super::super::{Facts, Line, Mark, Plan, Settling};
use crate::ids::LineId;
use crate::issue::Code;
use crate::ladder::Quota;
use crate::quantity::Quantity;
use crate::settings::{At, Key};
use crate::unit::Unit;
use crate::usage::Sample;
use std::collections::{BTreeSet, HashMap};

pub(super) fn check_rules(plan: &Plan, facts: &Facts, wrong: &mut Vec<String>) {
    let mut samples: HashMap<LineId, Vec<&Sample>> = HashMap::new();
    for sample in &facts.samples {
        let of = LineId { account: sample.account, product: sample.product };
        samples.entry(of).or_default().push(sample);
    }
    let quotas: HashMap<LineId, &Quota> =
        facts.quotas.iter().map(|quota| (LineId { account: quota.account, product: quota.product }, quota)).collect();
    let settled: BTreeSet<_> =
        plan.settle.iter().filter(|s| s.why == Settling::SeenEqual).map(|s| s.addition).collect();
    // What a person adjusted by hand is judged where adjustments are.
    let acting = facts.adjustments.iter().filter(|one| one.acts(plan.today));
    let adjusted: BTreeSet<LineId> = acting.map(|one| LineId { account: one.account, product: one.product }).collect();
    for line in plan.lines.iter().filter(|line| !adjusted.contains(&line.id)) {
        let of_line = samples.get(&line.id).map_or(&[][..], Vec::as_slice);
        check_classes(line, of_line, facts, wrong);
        check_overage(line, (of_line, quotas.get(&line.id).copied()), facts, wrong);
        if !line.issues.iter().any(|issue| issue.code == Code::QuantityDeadBand) {
            continue;
        }
        let stays = line.mark == Mark::Issue || line.next == line.now && line.now.is_some_and(|now| !now.is_zero());
        let left_out = line.issues.iter().any(|issue| issue.code == Code::UsageNotCounted);
        if !stays || !left_out && text(facts, Key::DeadBand, line.id).is_empty() {
            wrong.push(format!("line {}: within a dead band, and it does not stay", line.id));
        }
        if line.addition.is_some_and(|addition| settled.contains(&addition)) {
            wrong.push(format!("line {}: within a dead band, and settled as right", line.id));
        }
    }
    check_bands(plan, facts, &adjusted, wrong);
}

fn text(facts: &Facts, key: Key, line: LineId) -> &str {
    facts.settings.text(key, At { product: Some(line.product), account: Some(line.account) })
}

/// No change is smaller than the dead band of every line of it, unless a person's answer asks for it.
fn check_bands(plan: &Plan, facts: &Facts, adjusted: &BTreeSet<LineId>, wrong: &mut Vec<String>) {
    for change in plan.changes.iter().filter(|change| !change.from.is_zero() && !change.to.is_zero()) {
        if change.lines.iter().any(|line| adjusted.contains(line)) {
            continue;
        }
        let answered = facts.standings.iter().any(|standing| {
            standing.addition == change.addition && (standing.minimum.is_some() || standing.locked.is_some())
        });
        let apart = change.to.minus(change.from).map(|apart| Quantity::new(apart.decimal().abs()));
        let counted = change.lines.iter().filter(|id| {
            let line = plan.line(**id);
            line.is_none_or(|line| line.issues.iter().all(|issue| issue.code != Code::UsageNotCounted))
        });
        let bands = counted.map(|line| Quantity::parse_plain(text(facts, Key::DeadBand, *line)).ok());
        let bands: Option<Vec<Quantity>> = bands.collect();
        let band = bands.and_then(|bands| bands.into_iter().min());
        if !answered && band.zip(apart).is_some_and(|(band, apart)| apart <= band) {
            wrong.push(format!(
                "addition {}: {} -> {} is within its dead band",
                change.addition, change.from, change.to
            ));
        }
    }
}

/// A part of which every sample is of a class that does not count is nothing; one of which every sample
/// counts is not left out.
fn check_classes(line: &Line, samples: &[&Sample], facts: &Facts, wrong: &mut Vec<String>) {
    let asked = text(facts, Key::Classes, line.id);
    let counts = |class: &str| match asked {
        "" => !["trial", "nfr", "internal"].contains(&class),
        "all" => true,
        names => names.split(',').any(|name| name == if class.is_empty() { "billable" } else { class }),
    };
    let (some, all) = (samples.iter().any(|s| counts(&s.class)), samples.iter().all(|s| counts(&s.class)));
    let left_out = line.issues.iter().any(|issue| issue.code == Code::UsageNotCounted);
    if !samples.is_empty() && !some && line.part.is_some_and(|part| !part.is_zero()) {
        wrong.push(format!("line {}: no class of it counts, and it has a part", line.id));
    }
    if !samples.is_empty() && all && left_out {
        wrong.push(format!("line {}: every class of it counts, and it is left out", line.id));
    }
}

/// What exceeds a quota is the usage less the quota, and nothing without one. Worked out for a storage
/// product on its latest and only sample whose part has no rule of its own.
fn check_overage(line: &Line, (samples, quota): (&[&Sample], Option<&Quota>), facts: &Facts, wrong: &mut Vec<String>) {
    if text(facts, Key::Overage, line.id) != "true" || line.part.is_none() || line.mark == Mark::Issue {
        return;
    }
    if text(facts, Key::Mode, line.id) == "quota_bracket" {
        wrong.push(format!("line {}: billed by its bracket and by what exceeds its quota", line.id));
    }
    let at = At { product: Some(line.id.product), account: Some(line.id.account) };
    let keys = [Key::Included, Key::Minimum, Key::Maximum, Key::Rounding];
    let own = keys.into_iter().any(|key| facts.settings.set_at(key, at).is_some());
    let latest = text(facts, Key::Basis, line.id) == "latest";
    let left_out = line.issues.iter().any(|issue| issue.code == Code::UsageNotCounted);
    let ([sample], true) = (samples, latest && !own && !left_out) else { return };
    let Some(quota) = quota else {
        wrong.push(format!("line {}: what exceeds a quota is billed without one", line.id));
        return;
    };
    let own_unit = facts.item_overrides.iter().find(|o| (o.account, o.product) == (line.id.account, line.id.product));
    let of_product = facts.product_links.iter().find(|link| link.product == line.id.product);
    let unit = own_unit.and_then(|own| own.unit.as_ref()).or(of_product.and_then(|link| link.unit.as_ref()));
    let (Some(used), Some((Unit::Storage(storage), size))) =
        (sample.unit.storage(), unit.map(|unit| (&unit.unit, unit.size)))
    else {
        return;
    };
    let bytes = |quantity: Quantity, unit: i64| quantity.decimal().checked_mul(unit.into());
    let over = bytes(sample.quantity, used.bytes())
        .zip(bytes(quota.size, quota.unit.bytes()))
        .and_then(|(used, quota)| used.checked_sub(quota))
        .map(|over| over.max(rust_decimal::Decimal::ZERO));
    let wanted = line.part.and_then(|part| bytes(part, storage.bytes())?.checked_mul(size.decimal()));
    // A part is a quotient: it may be a hair off.
    let off = over.zip(wanted).and_then(|(over, wanted)| over.checked_sub(wanted));
    if off.is_some_and(|off| off.abs() > rust_decimal::Decimal::ONE) {
        wrong.push(format!("line {}: its part is not what exceeds its quota", line.id));
    }
}
