//! Every hold of one addition: limits, values edited by hand, undone values, paid periods.
//!
//! Each limit is a setting of the MSP; each hold names its cause, and one cause is one decision.

use super::amount::{Rules, amount};
use super::group::Group;
use super::index::Index;
use super::invoice;
use super::part::{GonePart, Part, shown};
use super::{FLIPS_MAX, Gone, StepKind};
use super::{Standing, money};
use crate::issue::{Code, Issue};
use crate::mirror::{Addition, Agreement};
use crate::outcome::Outcome;
use crate::quantity::{Money, Quantity};
use crate::settings::{Key, Rounding, Updates};
use crate::unit::{Storage, Unit};
use rust_decimal::Decimal;

/// Looks at a group that nothing stops.
pub(super) fn judge(index: &Index<'_>, group: &mut Group<'_>) {
    let (Some((agreement, addition)), Some(now), Some(next)) = (group.target, group.now(), group.next) else { return };
    if now == next {
        if next.is_zero() {
            let why = if used(group) { "What is used is within what is included" } else { "Nothing is used" };
            group
                .issues
                .push(Issue::note(Code::UsageZero, format!("{why}, and addition {} is at 0 already.", addition.id)));
        }
        let asked = group.parts.iter_mut().filter(|part| part.gone.as_ref().is_some_and(|gone| gone.answer.is_none()));
        for part in asked {
            let words = part.gone.as_ref().map_or(String::new(), |gone| gone.words.clone());
            part.issues.push(Issue::note(Code::UsageGone, format!("{words}. Nothing moves by it.")));
        }
        group.step(StepKind::Mark, format!("addition {} holds {now} already", addition.id));
        return;
    }
    group.step(StepKind::Mark, format!("addition {} holds {now}, {next} is wanted", addition.id));
    sync_stale(index, group);
    gone(group, (agreement, addition));
    feed_partial(index, group, (now, next));
    limits(index, group, (agreement, addition), (now, next));
    edited_by_hand(index, group, addition, (now, next));
    undone(index, group, addition, next);
    paid_period(index, group, agreement);
    waits_invoice(index, group, agreement);
    notes(index, group, addition);
}

/// A mirror too old to rely on.
pub(super) fn sync_stale(index: &Index<'_>, group: &mut Group<'_>) {
    if group_is_stale(index) {
        let mirror = index.facts.mirror.as_ref().map(|mirror| shown(mirror.pulled_at, index)).unwrap_or_default();
        group.issues.push(Issue::hold(
            Code::SyncStale,
            "all",
            format!("The last complete Sync was at {mirror}, too long ago to rely on. Run a Sync: hive sync MSP"),
        ));
    }
}

/// Whether anything was measured at all: 0 can also come from what is included.
fn used(group: &Group<'_>) -> bool {
    group.parts.iter().any(|part| part.value.is_some_and(|value| !value.is_zero()))
}

/// Whether a person adjusted a part of it.
fn adjusted(group: &Group<'_>) -> bool {
    group.parts.iter().flat_map(|part| &part.trace).any(|step| step.step == StepKind::Adjusted)
}

fn group_is_stale(index: &Index<'_>) -> bool {
    let days = index.facts.settings.whole(Key::SyncDays).saturating_mul(2);
    index
        .facts
        .mirror
        .as_ref()
        .is_some_and(|mirror| index.now.duration_since(mirror.pulled_at).as_secs() > days.saturating_mul(86_400))
}

/// Pairs that the newest complete batch does not list: never 0 before a person says so.
fn gone(group: &mut Group<'_>, (agreement, addition): (&Agreement, &Addition)) {
    let (currency, price) = (agreement.currency.as_deref(), money::price_month(agreement, addition));
    for part in &mut group.parts {
        let Some(gone) = part.gone.as_ref().filter(|gone| gone.answer.is_none()) else { continue };
        let last = gone.last.unwrap_or_default();
        let billed = money::worth(last, price)
            .map_or(String::new(), |worth| format!(" ({} a month)", money::words(worth, currency)));
        let code = Code::UsageGone;
        part.issues.push(Issue::hold(code, &gone.cause, format!(
            "{}: {last} of it{billed} is still billed. Nothing is set to 0 by itself. Answer: hive answer MSP --cause \"{code}:{}\" left (set 0), or keep (still there), or later (ask again at the next complete batch); --line ID answers for one line.",
            gone.words, gone.cause,
        )));
    }
}

/// Every fall of a source and product whose last batch answered half waits, as one.
fn feed_partial(index: &Index<'_>, group: &mut Group<'_>, (now, next): (Quantity, Quantity)) {
    if next >= now {
        return;
    }
    for part in group.parts.iter_mut().filter(|part| !part.excluded) {
        let Some((source, half)) = &part.half else { continue };
        let product = index.product_name(part.pair.1);
        let cause = format!("{source}-{}", part.pair.1);
        let code = Code::UsageFeedPartial;
        part.issues.push(Issue::hold(code, &cause, format!(
            "The source \"{source}\" may have answered half: its batch of {} lists {} of {product} where the one of {} listed {} ({} missing), in all {} after {}, and {} of {} lines fell by more than {} %. Every fall of it waits. Ask the source again, or say that the batch is right: hive answer MSP --cause \"{code}:{cause}\" accept",
            shown(half.at, index), accounts(half.accounts), shown(half.before_at, index), half.accounts_before, half.missing.len(),
            half.total, half.total_before, half.lines_down, half.lines,
            index.facts.settings.number(Key::FeedLineDropPercent).normalize(),
        )));
    }
}

fn accounts(count: usize) -> String {
    if count == 1 { "1 account".to_owned() } else { format!("{count} accounts") }
}

/// A fall or a rise that is too large, and to zero from more.
fn limits(
    index: &Index<'_>,
    group: &mut Group<'_>,
    (agreement, addition): (&Agreement, &Addition),
    (now, next): (Quantity, Quantity),
) {
    let currency = agreement.currency.as_deref();
    let price = money::price_month(agreement, addition);
    let billed = |quantity: Quantity| {
        money::worth(quantity, price)
            .map_or(String::new(), |worth| format!(" ({} a month)", money::words(worth, currency)))
    };
    // A fall of a feed that answered half is asked about with all its falls.
    if next < now && group.parts.iter().any(|part| part.half.is_some() && !part.excluded) {
        return;
    }
    // What a person was asked, or has answered, is not asked a second time.
    let gone: Vec<&GonePart> = group.parts.iter().filter_map(|part| part.gone.as_ref()).collect();
    let left: Vec<&GonePart> = gone.into_iter().filter(|gone| matches!(gone.answer, None | Some(Gone::Left))).collect();
    if next.is_zero() && !left.is_empty() {
        return;
    }
    if next.is_zero() {
        let why = match used(group) {
            true => "What is used is within what is included",
            false if adjusted(group) => "A person adjusted what is billed to 0",
            false => "The measured usage is 0",
        };
        group.issues.push(Issue::hold(
            Code::UsageZero,
            addition.id,
            format!(
                "{why}, and addition {} holds {now}{}. Approve it if nothing is to be billed from now on.",
                addition.id,
                billed(now),
            ),
        ));
        return;
    }
    // One of many is asked about with them.
    if group.issues.iter().any(|issue| issue.code == Code::UsageSpike) {
        return;
    }
    let pushed = index.standings.get(&addition.id).and_then(|standing| standing.pushed);
    let before = left.iter().filter_map(|gone| gone.last).try_fold(pushed.unwrap_or(now), Quantity::minus);
    let before = before.filter(|before| *before >= Quantity::ZERO || left.is_empty()).unwrap_or_default();
    if before == next || one_step(index, group, before, next) {
        return;
    }
    let falls = next < before;
    let (low, high) = if falls { (next, before) } else { (before, next) };
    let Some(delta) = high.minus(low) else { return };
    let settings = &index.facts.settings;
    let (percent, amount) = if falls { (Key::DropPercent, Key::DropMoney) } else { (Key::RisePercent, Key::RiseMoney) };
    let share = delta.decimal().checked_mul(Decimal::ONE_HUNDRED).and_then(|share| share.checked_div(before.decimal()));
    // From nothing every rise is over any percentage.
    if share.is_some_and(|share| share <= settings.number(percent)) {
        return;
    }
    let worth = money::worth(delta, price.filter(|price| !price.is_zero())).map(Money::abs);
    let limit = settings.number(amount);
    let over = match worth {
        Some(worth) => worth.decimal() > limit,
        None => over_units(index, group, delta),
    };
    if !over {
        return;
    }
    let share =
        share.map_or_else(|| "from nothing".to_owned(), |share| format!("by {} %", share.round_dp(1).normalize()));
    let moved = worth.map_or_else(
        || format!("{delta} units, without a price"),
        |worth| format!("{} a month", money::words(worth, currency)),
    );
    let since = if pushed.is_some() { "since the last Update" } else { "against the present quantity" };
    let (code, word) = if falls { (Code::UsageDrop, "falls") } else { (Code::UsageSpike, "rises") };
    group.issues.push(Issue::hold(code, addition.id, format!(
        "The quantity of addition {} {word} {share} {since}, from {before} to {next}: {moved}. Limits: {} % and {} a month. Approve it if it is right.",
        addition.id, settings.number(percent).normalize(), money::words(Money::new(limit), currency),
    )));
}

/// Without a price, things and terabytes stand in for money.
fn over_units(index: &Index<'_>, group: &Group<'_>, delta: Quantity) -> bool {
    let settings = &index.facts.settings;
    let Some(unit) = group.unit() else { return true };
    let Some(delta) = delta.times(unit.size.decimal()) else { return true };
    match unit.unit {
        Unit::Storage(storage) => storage
            .convert(delta, Storage::TB)
            .is_none_or(|terabytes| terabytes.decimal() > settings.number(Key::PriceUnknownTb)),
        Unit::Count(_) => delta.decimal() > settings.number(Key::PriceUnknownUnits),
    }
}

/// In bracket mode one step up or down is what a ladder is for. The step before is looked for in
/// units of the item, after the item's own rules: 250 GB may be 3 blocks of 100 GB.
fn one_step(index: &Index<'_>, group: &Group<'_>, before: Quantity, next: Quantity) -> bool {
    let counted: Vec<&Part> = group.parts.iter().filter(|part| !part.excluded).collect();
    let (Some(part), Some(unit)) = (counted.first(), group.unit()) else { return false };
    let whole = group.pooled.as_ref().filter(|_| counted.iter().all(|part| part.pooled.is_some()));
    let single = part.bracket.as_ref().filter(|_| counted.len() == 1);
    let Some((ladder, step)) = whole.or(single) else { return false };
    let Unit::Storage(storage) = unit.unit else { return false };
    let item = Rules::of_item(&index.facts.settings, part.pair.1);
    let own: Vec<&Rules> = counted.iter().map(|part| &part.own).collect();
    let (rules, rounding) = item.for_sum(&own, (Some(unit), false));
    let billed = |step: Quantity| {
        let value = Storage::GB.convert(step, storage)?.over(unit.size.decimal())?;
        let value = if part.own.any() {
            amount(&part.own, part.own.rounding.unwrap_or(Rounding::None), None, value)?.rounded
        } else {
            value
        };
        amount(&rules, rounding, Some(unit), value).map(|amount| amount.rounded)
    };
    let near = [ladder.above(*step), Some(ladder.below(*step))];
    billed(*step) == Some(next) && near.into_iter().flatten().any(|step| billed(step) == Some(before))
}

/// The value is neither the one Hive settled on nor the wanted one.
fn edited_by_hand(index: &Index<'_>, group: &mut Group<'_>, addition: &Addition, (now, next): (Quantity, Quantity)) {
    let Some(standing) = index.standings.get(&addition.id) else { return };
    let Some(settled) = standing.settled.filter(|settled| *settled != now && !standing.open_intent) else { return };
    let by = addition.updated_by.as_deref().map_or_else(|| "Somebody".to_owned(), str::to_owned);
    let when = addition.updated_at.map_or(String::new(), |at| format!(" on {}", shown(at, index)));
    let flips = flips(standing, now);
    if flips >= FLIPS_MAX {
        group.stop(Code::AdditionOtherWriter, format!(
            "Somebody else writes addition {} too: Hive wrote {settled}, and it was put back to {now} {flips} times, last by {by}{when}; Hive would write {next} and no longer does. Find out who or what writes it, then answer once: hive answer MSP --line ID overwrite, or minimum ({now} is the least from now on), or lock=DATE (it stays at {now} through that day). The count then begins anew.",
            addition.id,
        ));
        return;
    }
    group.issues.push(Issue::hold(Code::AdditionEditedByHand, addition.id, format!(
        "{by} changed addition {} in ConnectWise from {settled} to {now}{when}; Hive would write {next}. Answer once: hive answer MSP --cause {}:{} overwrite, or minimum ({now} is the least from now on), or lock=DATE (it stays at {now} through that day).",
        addition.id, Code::AdditionEditedByHand, addition.id,
    )));
}

/// How often what Hive wrote was put back, with the value found now.
pub(super) fn flips(standing: &Standing, now: Quantity) -> i64 {
    standing.flips + i64::from(flipped(standing, now))
}

/// The value found is the one that Hive's last write replaced, and that flip is not counted yet.
pub(super) fn flipped(standing: &Standing, now: Quantity) -> bool {
    let away = standing.settled.is_some_and(|settled| settled != now) && standing.settled == standing.pushed;
    away && standing.replaced == Some(now) && !standing.flip_counted && !standing.open_intent
}

fn undone(index: &Index<'_>, group: &mut Group<'_>, addition: &Addition, next: Quantity) {
    let undone = index.standings.get(&addition.id).map_or(&[][..], |standing| &standing.undone);
    let Some(undone) = undone.iter().find(|undone| undone.value == next) else { return };
    group.issues.push(Issue::hold(Code::AdditionUndone, format!("run{}", undone.run), format!(
        "{} took {next} back from addition {} (run {}, an undo); the usage still says {next}. Approve it to write it again.",
        undone.who, addition.id, undone.run,
    )));
}

/// The first invoice that the change reaches.
fn paid_period(index: &Index<'_>, group: &mut Group<'_>, agreement: &Agreement) {
    let invoice = match agreement.next_invoice {
        Some(day) if day < index.today => format!("the invoice of {day}, which is not made yet"),
        Some(day) => format!("the invoice of {day}"),
        None if index.facts.settings.invoice_days().is_some() => {
            "the next invoice (ConnectWise gives no date, so invoice_days has none to wait for and it is pushed as usual)"
                .to_owned()
        }
        None => "the next invoice (ConnectWise gives no date)".to_owned(),
    };
    let cycle = agreement.billing_cycle.as_deref().unwrap_or("none");
    let Some(months) = agreement.cycle_months() else {
        group.issues.push(Issue::hold(Code::AdditionPaidPeriod, agreement.id, format!(
            "Agreement {agreement} has no billing cycle that Hive knows ({cycle}), so nothing says when this quantity is billed. Approve it if it should be written all the same.",
        )));
        return;
    };
    if months <= Decimal::ONE {
        group.issues.push(Issue::note(
            Code::AdditionPaidPeriod,
            format!(
                "Agreement {agreement} is billed {}: this change reaches {invoice}.{}",
                cycle.to_lowercase(),
                prorated(agreement)
            ),
        ));
        return;
    }
    let lost = agreement.next_invoice.and_then(|day| money::until(group.money_month?, index.today, day));
    let lost = lost.map_or(String::new(), |lost| {
        let amount = money::words(lost.abs(), agreement.currency.as_deref());
        if lost < Money::ZERO {
            format!(" Until then this write does not give back {amount}.")
        } else {
            format!(" Until then this write does not bill {amount}.")
        }
    });
    // One decision for all of them: what to do with a period that is paid is not asked of each agreement.
    group.issues.push(Issue::hold(Code::AdditionPaidPeriod, "long", format!(
        "Agreement {agreement} is billed {} and the present period is paid: this change reaches {invoice}.{lost}{} Approve it, and bill the difference by hand where it is due.",
        cycle.to_lowercase(),
        prorated(agreement),
    )));
}

/// Hive writes a quantity, which has no date of its own: nothing is prorated by it, and that is said.
fn prorated(agreement: &Agreement) -> &'static str {
    match agreement.prorates {
        Some(true) => {
            " The agreement prorates in ConnectWise, but a quantity has no date of its own: the whole period of that invoice is billed at the new one."
        }
        Some(false) => " The agreement does not prorate: nothing is billed for the days before.",
        None => "",
    }
}

/// A change that is not due yet, or no more: no hold, since no approval would lift it.
fn waits_invoice(index: &Index<'_>, group: &mut Group<'_>, agreement: &Agreement) {
    let waits = invoice::waits(index.facts, agreement, index.today);
    group.issues.extend(waits.map(|words| Issue::note(Code::AgreementWaitsInvoice, words)));
}

/// Nothing is written while Updates are off.
pub(super) fn updates_off(index: &Index<'_>, group: &mut Group<'_>) {
    if index.facts.settings.updates() == Updates::Off {
        group.issues.push(Issue::note(
            Code::UpdateDisabled,
            "Updates are off: nothing is written until they are on again (hive settings MSP updates=automatic).",
        ));
    }
}

fn notes(index: &Index<'_>, group: &mut Group<'_>, addition: &Addition) {
    if addition.unit_price.is_none_or(|price| price == Money::ZERO) {
        group.issues.push(Issue::note(
            Code::PriceZero,
            format!("Addition {} has no unit price, so no money is shown.", addition.id),
        ));
    }
    updates_off(index, group);
    // What drifted was not ConnectWise's refusal: a person had changed it, and that is asked elsewhere.
    let failure = index.standings.get(&addition.id).and_then(|standing| standing.failure.as_ref());
    if let Some(failure) = failure.filter(|failure| failure.outcome != Outcome::Drifted) {
        group.issues.push(Issue::note(
            Code::WriteFailed,
            format!(
                "The last Update could not write addition {} ({}, {} in a row): {} The next Update tries again.",
                addition.id,
                failure.outcome.name(),
                failure.times,
                failure.words,
            ),
        ));
    }
}
