//! One pair's own share: basis, unit, mode.

use super::amount::Rules;
use super::basis::over_days;
use super::index::{Index, Pair};
use super::own;
use super::steps;
use super::{Gone, Partial, Step, StepKind};
use crate::ids::ItemId;
use crate::issue::{Code, Issue, Severity};
use crate::ladder::{Ladder, Quota};
use crate::mirror::Agreement;
use crate::quantity::Quantity;
use crate::settings::{At, Basis, Classes, Key, Mode};
use crate::unit::{ItemUnit, Storage, Unit};
use crate::usage::{Product, Sample};
use jiff::Timestamp;
use rust_decimal::Decimal;

/// A pair on its way to a quantity.
pub(super) struct Part {
    pub(super) pair: Pair,
    /// In units of the item, before sums and rounding; `None` where it cannot be known.
    pub(super) value: Option<Quantity>,
    /// What one unit of the item is.
    pub(super) unit: Option<ItemUnit>,
    /// Decided not to count: neither adds to the sum nor blocks it.
    pub(super) excluded: bool,
    /// The ladder and the step on it in GB, where the part is billed by its bracket.
    pub(super) bracket: Option<(Ladder, Quantity)>,
    /// The item of its size, where sizes are items of their own.
    pub(super) step_item: Option<ItemId>,
    /// What it brings to a bracket over the whole sum, in place of a bracket of its own.
    pub(super) pooled: Option<Pooled>,
    /// What its account has of its own.
    pub(super) own: Rules,
    /// What its basis came to, as it was measured.
    pub(super) measured: Option<Quantity>,
    /// Its basis is an average: a fraction of a thing then means nothing.
    pub(super) averaged: bool,
    /// A sample with a fraction that a thing cannot have.
    pub(super) fraction: Option<Quantity>,
    /// The newest complete batch of its source does not list it.
    pub(super) gone: Option<GonePart>,
    /// Its source, and what that source's last batch lacks.
    pub(super) half: Option<(String, Partial)>,
    pub(super) issues: Vec<Issue>,
    pub(super) trace: Vec<Step>,
}

/// Usage and quota of a part whose bracket is that of the sum, in GB.
pub(super) struct Pooled {
    pub(super) ladder: Ladder,
    pub(super) usage_gb: Quantity,
    pub(super) quota_gb: Option<Quantity>,
}

/// What stands for a pair that is gone.
pub(super) struct GonePart {
    pub(super) answer: Option<Gone>,
    pub(super) cause: String,
    /// Which batch of which source does not list it, and when.
    pub(super) words: String,
    /// Its share as it was last measured, in units of the item.
    pub(super) last: Option<Quantity>,
}

impl Part {
    pub(super) fn stop(&mut self, code: Code, words: String) {
        self.issues.push(Issue::stop(code, words));
    }

    pub(super) fn step(&mut self, step: StepKind, words: String) {
        self.trace.push(Step::new(step, words));
    }
}

/// The share of `pair`, as a person adjusted it; `agreement` is the one that bills it, where that is known.
pub(super) fn part(index: &Index<'_>, pair: Pair, agreement: Option<&Agreement>) -> Part {
    super::decided::decide(index, measured(index, pair, agreement))
}

/// What was measured, in units of the item.
fn measured(index: &Index<'_>, pair: Pair, agreement: Option<&Agreement>) -> Part {
    let mut part = Part {
        pair,
        value: None,
        unit: None,
        excluded: false,
        bracket: None,
        step_item: None,
        pooled: None,
        own: Rules::of_part(&index.facts.settings, pair),
        measured: None,
        averaged: false,
        fraction: None,
        gone: None,
        half: None,
        issues: Vec::new(),
        trace: Vec::new(),
    };
    part.unit = index.unit_of(pair);
    let Some(sample) = in_force(index, &mut part) else { return part };
    part.half = index.feeds.partial(pair.1, &sample.source).map(|half| (sample.source.clone(), half.clone()));
    if gone(index, sample, &mut part) {
        let told = part.issues.len();
        share(index, sample, sample.quantity, &mut part);
        gone_share(&mut part, told);
        return part;
    }
    staleness(index, sample, &mut part);
    let Some(counts) = basis(index, sample, agreement, &mut part) else { return part };
    share(index, sample, counts, &mut part);
    part
}

/// What was measured, in units of the item, after the mode and what the account has of its own.
fn share(index: &Index<'_>, sample: &Sample, counts: Quantity, part: &mut Part) -> Option<()> {
    let (product, link) = (index.products.get(&part.pair.1), index.product_links.get(&part.pair.1));
    part.measured = Some(counts);
    // A product without a link is a line of its own kind: nothing says what one unit would be.
    let (product, _) = product.zip(link)?;
    let unit = item_unit(index, product, sample, part)?;
    let measured = (counts, sample.unit.clone());
    let (counted, counted_unit) = mode(index, product, measured, part)?;
    if let Some(sizes) = index.steps_of(part.pair) {
        if !steps::refuse(index, part) {
            steps::choose(index, sizes, counted, part);
            own::apply(index, part);
        }
        return Some(());
    }
    let converted = match (&counted_unit, &unit.unit) {
        (Unit::Storage(from), Unit::Storage(to)) => from.convert(counted, *to),
        _ => Some(counted),
    };
    part.value = converted.and_then(|value| value.over(unit.size.decimal()));
    match part.value {
        // One user is one user: nothing to explain.
        Some(value) if value == counted && !product.is_storage() => {}
        Some(value) => part.step(
            StepKind::Unit,
            format!("{} = {value} x {unit}, one unit of the item", counted_unit.counted(counted)),
        ),
        None => part.stop(
            Code::QuantityOverflow,
            format!("{counted} {counted_unit} in units of {unit} leaves 18 digits; check the sample and the unit"),
        ),
    }
    own::apply(index, part);
    Some(())
}

/// Whether the source's newest complete batch does not list the pair; what a person said of that is
/// told here.
fn gone<'a>(index: &Index<'a>, sample: &'a Sample, part: &mut Part) -> bool {
    let Some(gone) = index.feeds.gone(part.pair, &sample.source) else { return false };
    let (account, product) = (index.account_name(part.pair.0), index.product_name(part.pair.1));
    let words = format!(
        "{account} is not in the newest complete batch of the source \"{}\" for {product} ({}); it was last measured {}",
        sample.source,
        shown(gone.batch.at, index),
        shown(sample.measured_at, index),
    );
    if let Some(answer) = gone.answer {
        let said = match answer.answer {
            Gone::Left => "left: 0 is billed, until it is listed again",
            Gone::Keep => "still there: its quantity stays, until it is listed again",
            Gone::Later => "ask again: its quantity stays until the next complete batch",
        };
        part.issues.push(Issue::note(Code::UsageGone, format!("{words}. {} said: {said}.", answer.who)));
    }
    let answer = gone.answer.map(|answer| answer.answer);
    part.gone = Some(GonePart { answer, cause: gone.cause.clone(), words, last: None });
    true
}

/// A pair that is gone counts 0, unless a person said that it stays. What its old number would have
/// told is left out, but for what stops the line.
fn gone_share(part: &mut Part, told: usize) {
    let value = part.value;
    let Some(gone) = &mut part.gone else { return };
    gone.last = value;
    let stays = matches!(gone.answer, Some(Gone::Keep | Gone::Later));
    let words = match gone.answer {
        None => "not in the newest complete batch: 0, once a person says so",
        Some(Gone::Left) => "not in the newest complete batch, and a person said that it left: 0",
        Some(Gone::Keep | Gone::Later) => "not in the newest complete batch; a person said that it stays",
    };
    if !stays {
        let later = part.issues.split_off(told);
        part.issues.extend(later.into_iter().filter(|issue| issue.severity == Severity::Stop));
        part.value = value.map(|_| Quantity::ZERO);
        part.bracket = None;
        part.fraction = None;
        if let Some(pooled) = &mut part.pooled {
            (pooled.usage_gb, pooled.quota_gb) = (Quantity::ZERO, None);
        }
    }
    part.step(StepKind::Basis, words.to_owned());
}

/// What the basis makes of the source in force.
fn basis(index: &Index<'_>, sample: &Sample, agreement: Option<&Agreement>, part: &mut Part) -> Option<Quantity> {
    let basis = index.facts.settings.basis_at(At { product: Some(part.pair.1), account: Some(part.pair.0) });
    part.averaged = basis.is_average();
    if basis == Basis::Latest { Some(sample.quantity) } else { over_days(index, sample, basis, agreement, part) }
}

/// The sample in force: of the source a person chose, else of the one with the newest sample.
fn in_force<'a>(index: &Index<'a>, part: &mut Part) -> Option<&'a Sample> {
    let pair = part.pair;
    let all = index.samples.get(&pair).map_or(&[][..], Vec::as_slice);
    let chosen = index.facts.settings.source(At { product: Some(pair.1), account: Some(pair.0) });
    let (account, product) = (index.account_name(pair.0), index.product_name(pair.1));
    let newest = all.iter().find(|sample| chosen.is_none_or(|source| sample.source == source));
    let Some(sample) = newest else {
        let of =
            chosen.filter(|_| !all.is_empty()).map_or(String::new(), |source| format!(" from the source \"{source}\""));
        part.stop(Code::UsageMissing, format!("No usage of {product} for {account} has ever arrived{of}. Import a usage file that lists it, or ignore the account or product. It is never taken as 0."));
        return None;
    };
    let when = shown(sample.measured_at, index);
    part.step(
        StepKind::Basis,
        format!("latest sample: {} measured {when}, source {}", sample.unit.counted(sample.quantity), sample.source),
    );
    let recent =
        index.now - jiff::SignedDuration::from_hours(24 * index.facts.settings.whole(Key::TwoSourcesDays).min(3650));
    let second = all.iter().find(|other| other.source != sample.source && other.measured_at >= recent);
    if let Some(second) = second.filter(|_| chosen.is_none()) {
        // The same two sources for all its accounts are one decision.
        let (one, other) = if sample.source < second.source { (sample, second) } else { (second, sample) };
        part.issues.push(Issue::hold(Code::UsageTwoSources, format!("{}-{}-{}", pair.1, one.source, other.source), format!(
            "Two sources report {product} for {account}: {} says {} and {} says {}. Choose one: hive settings MSP --product \"{product}\" --account \"{account}\" source={}, or without --account for all of {product}.",
            sample.source, sample.unit.counted(sample.quantity), second.source, second.unit.counted(second.quantity), sample.source,
        )));
    }
    // After the sources: a trial row of another feed must not silence the one that is billed.
    let classes = index.facts.settings.classes(At { product: Some(pair.1), account: Some(pair.0) });
    if !classes.count(&sample.class) {
        part.excluded = true;
        part.value = Some(Quantity::ZERO);
        let class = if sample.class.is_empty() { "billable (none was given)" } else { &sample.class };
        let said = if classes == Classes::Default { String::new() } else { format!("; what counts is {classes}") };
        part.step(StepKind::Basis, format!("class {class} does not count{said}"));
        part.issues.push(Issue::note(
            Code::UsageNotCounted,
            format!(
                "{} of {product} for {account} are of class {class} and do not count{said}.",
                sample.unit.counted(sample.quantity),
            ),
        ));
        return None;
    }
    Some(sample)
}

/// Old usage is held, then stopped; how old is old says the source's rhythm.
fn staleness(index: &Index<'_>, sample: &Sample, part: &mut Part) {
    let rhythm = index.feeds.rhythm(&sample.source);
    let limit = |rhythms: Key, days: Key| {
        let settings = &index.facts.settings;
        let rhythms = settings.number(rhythms).checked_mul(Decimal::from(rhythm)).unwrap_or(Decimal::MAX);
        rhythms.max(settings.number(days))
    };
    let every = if rhythm == 1 { "daily".to_owned() } else { format!("every {rhythm} days") };
    let age_seconds = index.now.duration_since(sample.measured_at).as_secs();
    let age_days = age_seconds / 86_400;
    let older_than = |days: Decimal| Decimal::from(age_seconds) / Decimal::from(86_400) > days;
    let stop = limit(Key::StaleStopRhythms, Key::StaleStopDays);
    let hold = limit(Key::StaleHoldRhythms, Key::StaleHoldDays);
    let (account, product) = (index.account_name(part.pair.0), index.product_name(part.pair.1));
    let words = format!(
        "The newest usage of {product} for {account} was measured {age_days} days ago ({}); the source \"{}\" is expected {every}.",
        shown(sample.measured_at, index),
        sample.source,
    );
    if older_than(stop) {
        part.stop(Code::UsageStale, format!("{words} After {stop} days it is no longer used: import newer usage."));
    } else if older_than(hold) {
        part.issues.push(Issue::hold(
            Code::UsageStale,
            &sample.source,
            format!("{words} Import newer usage, or approve the old number."),
        ));
    }
}

/// What one unit of the item is, and whether the sample can be counted in it.
fn item_unit(index: &Index<'_>, product: &Product, sample: &Sample, part: &mut Part) -> Option<ItemUnit> {
    let account = index.account_name(part.pair.0);
    if !sample.unit.alike(&product.unit) {
        part.stop(Code::UnitMismatch, format!(
            "{} for {account} was measured in {}, but the product is counted in {}. Correct the source, or give it a product of its own.",
            product.name, sample.unit, product.unit,
        ));
        return None;
    }
    if index.steps_of(part.pair).is_some() {
        return part.unit.clone();
    }
    let Some(unit) = part.unit.clone() else {
        let guess = proposal(index, product);
        part.stop(Code::UnitUnconfirmed, format!(
            "Nobody has said yet what one unit of the item for {} is{}. Confirm it: hive link MSP --product \"{}\" --unit {} --size {}",
            product.name,
            guess.as_ref().map_or(String::new(), |guess| format!("; its texts suggest {guess}")),
            product.name,
            guess.as_ref().map_or_else(|| "GB".to_owned(), |guess| guess.unit.to_string()),
            guess.as_ref().map_or_else(|| "1".to_owned(), |guess| guess.size.to_string()),
        ));
        return None;
    };
    if unit.unit.storage().is_some() != product.is_storage() {
        part.stop(Code::UnitMismatch, format!(
            "{} is measured in {}, but one unit of its item is said to be {unit}. Say what one unit is: hive link MSP --product \"{}\" --unit U --size N",
            product.name, product.unit, product.name,
        ));
        return None;
    }
    if !product.is_storage() && !sample.quantity.is_whole() {
        part.fraction = Some(sample.quantity);
    }
    Some(unit)
}

/// What one unit of the item seems to be, from its own texts.
fn proposal(index: &Index<'_>, product: &Product) -> Option<ItemUnit> {
    let crate::link::ProductTarget::Item(item) = index.product_links.get(&product.id)?.target else { return None };
    index.items.get(&item)?.unit_proposed().map(|(unit, _)| unit)
}

/// Actual usage, or the step of the larger of quota and usage.
fn mode(index: &Index<'_>, product: &Product, measured: (Quantity, Unit), part: &mut Part) -> Option<(Quantity, Unit)> {
    let (account_id, product_id) = part.pair;
    let at = At { product: Some(product_id), account: Some(account_id) };
    let mode = index.facts.settings.mode(at);
    if index.facts.settings.overage(at) {
        return own::over_quota(index, product, &measured, mode, part);
    }
    if mode == Mode::Actual {
        return Some(measured);
    }
    let ladder = index.facts.settings.ladder(product_id);
    let (Some(ladder), Some(storage)) = (ladder, measured.1.storage()) else {
        part.step(StepKind::Mode, format!("{} has no ladder: billed on actual usage", product.name));
        part.issues.push(Issue::note(
            Code::QuotaMissing,
            format!(
                "{} is counted in {} and has no quota: it is billed on actual usage, whatever the mode.",
                product.name, product.unit
            ),
        ));
        return Some(measured);
    };
    let Some(usage_gb) = storage.convert(measured.0, Storage::GB) else {
        part.stop(
            Code::QuantityOverflow,
            format!("{} {storage:?} in GB leaves what a decimal holds; check the sample", measured.0),
        );
        return None;
    };
    let quota = index.quotas.get(&part.pair);
    if index.facts.settings.brackets_the_sum(product_id) {
        let quota_gb = quota.and_then(|quota| quota.unit.convert(quota.size, Storage::GB));
        part.step(StepKind::Mode, "quota bracket: of all parts of the sum together".to_owned());
        part.pooled = Some(Pooled { ladder, usage_gb, quota_gb });
        return Some(measured);
    }
    let billed = bracket(&ladder, usage_gb, quota.copied(), part, index);
    let Some(step) = billed else {
        part.stop(Code::QuantityOverflow, format!("{usage_gb} GB of {} for {} is above the last step of the ladder {ladder}. Lengthen the ladder: hive settings MSP --product \"{}\" ladder=…", product.name, index.account_name(account_id), product.name));
        return None;
    };
    part.bracket = Some((ladder, step));
    Some((step, Unit::Storage(Storage::GB)))
}

fn bracket(
    ladder: &Ladder,
    usage_gb: Quantity,
    quota: Option<&Quota>,
    part: &mut Part,
    index: &Index<'_>,
) -> Option<Quantity> {
    let (account, product) = (index.account_name(part.pair.0), index.product_name(part.pair.1));
    let Some(quota) = quota else {
        let step = ladder.step(usage_gb)?;
        part.step(
            StepKind::Mode,
            format!("quota bracket: no quota, {usage_gb} GB is on the step {step} GB of {ladder}"),
        );
        part.issues.push(Issue::note(
            Code::QuotaMissing,
            format!("{account} has no quota of {product}: the bracket of its usage is billed, {step} GB."),
        ));
        return Some(step);
    };
    let quota_gb = quota.unit.convert(quota.size, Storage::GB)?;
    let step = ladder.step(quota_gb.max(usage_gb))?;
    part.step(StepKind::Mode, format!("quota bracket: the larger of the quota {quota_gb} GB and {usage_gb} GB is on the step {step} GB of {ladder}"));
    if usage_gb > quota_gb {
        part.issues.push(Issue::note(Code::QuotaExceeded, format!("{account} uses {usage_gb} GB of {product}, above its quota of {quota_gb} GB: the bracket of the usage is billed, {step} GB.")));
    }
    Some(step)
}

/// A moment as the MSP's own clock shows it.
pub(super) fn shown(at: Timestamp, index: &Index<'_>) -> String {
    crate::when::stamp(at, &index.zone)
}

impl Part {
    /// For the unit test below and for sums: whether anything stops it.
    pub(super) fn stopped(&self) -> bool {
        self.issues.iter().any(|issue| issue.severity == crate::issue::Severity::Stop)
    }
}
