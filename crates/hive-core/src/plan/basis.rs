//! The basis over dates, 30 or those of a billing period: the average or the peak of what was measured.
//!
//! **Owns:** which sample stands for which date, and whether there are enough of them.
//! **Does not own:** which source is in force and whether its newest sample is stale (`part`), where a
//! billing period begins (`period`).

use super::StepKind;
use super::index::{Index, Pair};
use super::part::Part;
use super::period::{self, Window};
use crate::ids::ProductId;
use crate::issue::{Code, Issue};
use crate::mirror::Agreement;
use crate::quantity::Quantity;
use crate::settings::{At, Basis, Classes, Key};
use crate::usage::Sample;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Dates that an average or a peak looks at, today among them: what the article's billing does.
pub(super) const DAYS: i64 = 30;
/// An average is rounded to so many digits after the point, as fine as a usage file can be; the
/// middle goes up.
const AVERAGE_DIGITS: u32 = 6;
/// Gaps below which nothing says what a source's rhythm is: it is then expected daily.
const RHYTHM_GAPS_MIN: usize = 3;
const DAY_SECONDS: i64 = 86_400;

/// Everything that was measured for the products whose basis is an average or a peak.
pub(super) struct History<'a> {
    /// How many dates there are, today the last.
    span: i64,
    /// The first of the dates.
    first: Date,
    /// The moment at which each of the dates begins.
    starts: Vec<Timestamp>,
    of_pair: HashMap<Pair, Vec<&'a Sample>>,
    /// On which days a source measured a product, for anybody.
    days_of: HashMap<(ProductId, &'a str), BTreeSet<i64>>,
}

impl<'a> History<'a> {
    /// `over`: the products whose basis is not the latest sample; `span`: dates that are looked at.
    pub(super) fn new(
        samples: impl Iterator<Item = &'a Sample>,
        over: &HashSet<ProductId>,
        (today, span): (Date, i64),
        zone: &TimeZone,
    ) -> History<'a> {
        let first = today.saturating_add((1 - span).days());
        // It fails only at the ends of time; the dates would then all be one.
        let start = |day: i64| first.saturating_add(day.days()).to_zoned(zone.clone()).map(|at| at.timestamp());
        let starts = (0..span).map(|day| start(day).unwrap_or(Timestamp::MAX)).collect();
        let mut history = History { span, first, starts, of_pair: HashMap::new(), days_of: HashMap::new() };
        for sample in samples.filter(|sample| over.contains(&sample.product)) {
            history.of_pair.entry((sample.account, sample.product)).or_default().push(sample);
            let day = history.day(sample.measured_at);
            history.days_of.entry((sample.product, &sample.source)).or_default().insert(day);
        }
        history
    }

    /// Which of the dates a moment is on: 0 the first, below 0 those before. Anything later than
    /// today counts as today: a source's clock may be some minutes ahead. Days before the first date
    /// are 24 hours each; they only tell a rhythm.
    fn day(&self, at: Timestamp) -> i64 {
        let begun = self.starts.partition_point(|start| *start <= at);
        match (begun, self.starts.first()) {
            (0, Some(start)) => -1 - start.duration_since(at).as_secs() / DAY_SECONDS,
            _ => i64::try_from(begun).unwrap_or(self.span) - 1,
        }
    }

    fn date(&self, day: i64) -> Date {
        self.first.saturating_add(day.days())
    }

    /// Days from one measurement of a product to the next, by a source, for anybody: the median, of
    /// two middle ones the longer.
    fn rhythm(&self, product: ProductId, source: &str) -> i64 {
        let days: Vec<i64> =
            self.days_of.get(&(product, source)).map_or_else(Vec::new, |days| days.iter().copied().collect());
        let mut gaps: Vec<i64> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_unstable();
        if gaps.len() < RHYTHM_GAPS_MIN { 1 } else { gaps[gaps.len() / 2] }
    }

    /// The first day on which a source measured a product, for anybody.
    fn begun(&self, product: ProductId, source: &str) -> i64 {
        self.days_of.get(&(product, source)).and_then(|days| days.first().copied()).unwrap_or(0)
    }
}

/// What the dates of a pair have.
struct Carried {
    /// The dates that count, each with its value in the unit of the newest sample.
    values: Vec<(i64, Quantity)>,
    /// On how many of the dates something was measured.
    measured: usize,
    /// The first of the dates that has a sample.
    begun: i64,
    /// Dates whose sample is of a class that does not count.
    not_counted: usize,
}

/// Each of the dates from `first` on has the newest sample at or before its end, carried over gaps;
/// dates before the first sample do not count, and neither do dates whose sample is of a class that
/// does not count. A sample in a unit that cannot be counted in the newest one's is handed back.
fn carry<'a>(history: &History<'a>, newest: &'a Sample, first: i64, classes: &Classes) -> Result<Carried, &'a Sample> {
    let of_day = by_day(history, newest);
    let begun = of_day.keys().next().copied().unwrap_or(first).max(first);
    let mut last = of_day.range(..first).next_back().map(|(_, sample)| *sample);
    let mut carried = Carried { values: Vec::new(), measured: of_day.range(first..).count(), begun, not_counted: 0 };
    for day in begun..history.span {
        last = of_day.get(&day).copied().or(last);
        let Some(sample) = last else { continue };
        if !classes.count(&sample.class) {
            carried.not_counted += 1;
            continue;
        }
        carried.values.push((day, in_unit_of(newest, sample).ok_or(sample)?));
    }
    Ok(carried)
}

/// The average or the peak of the pair's dates ending today, in the unit of `newest`, its sample in
/// force: 30, or those since the billing period of `agreement` began. `None` where it cannot be known;
/// the part then says why.
pub(super) fn over_days(
    index: &Index<'_>,
    newest: &Sample,
    basis: Basis,
    agreement: Option<&Agreement>,
    part: &mut Part,
) -> Option<Quantity> {
    let history = &index.history;
    let window = period::window(basis, agreement, index.today);
    let first = history.span - window.days;
    let classes = index.facts.settings.classes(At { product: Some(part.pair.1), account: Some(part.pair.0) });
    let Carried { values, measured, begun, not_counted } = match carry(history, newest, first, &classes) {
        Ok(carried) => carried,
        Err(sample) => {
            stop_unit(index, newest, sample, part);
            return None;
        }
    };
    if newest.unit.storage().is_none() {
        part.fraction = values.iter().rev().map(|(_, value)| *value).find(|value| !value.is_whole()).or(part.fraction);
    }
    let Some((value, words)) = come_to(history, basis, &values, newest) else {
        part.issues.push(Issue::stop(
            Code::QuantityOverflow,
            format!("The {} leaves what a decimal holds; check the samples.", basis.words()),
        ));
        return None;
    };
    let since = if begun > first { format!(", the first on {}", history.date(begun)) } else { String::new() };
    let left_out =
        if not_counted > 0 { format!(", {not_counted} of a class that does not count") } else { String::new() };
    part.step(
        StepKind::Basis,
        format!(
            "{words}; {measured} of {} measured{since}{left_out}, source {}{}",
            days_words(window.days),
            newest.source,
            window.words
        ),
    );
    gaps(index, newest, &window, (measured, begun), part);
    if newest.quantity.is_zero() && !value.is_zero() {
        hidden_zero(index, newest, basis, part);
    }
    Some(value)
}

/// Nothing is used any more, or a meter broke: an average would only fall a little every day, too
/// little for any limit, and a peak not at all.
fn hidden_zero(index: &Index<'_>, newest: &Sample, basis: Basis, part: &mut Part) {
    let (account, product) = (index.account_name(part.pair.0), index.product_name(part.pair.1));
    part.issues.push(Issue::hold(
        Code::UsageZero,
        format!("{}-{}", part.pair.0, part.pair.1),
        format!(
            "The newest measured usage of {product} for {account} is 0 (source {}), which its {} does not show yet. Approve it if the customer uses none any more; otherwise correct the source and import again.",
            newest.source, basis.words(),
        ),
    ));
}

/// The 30 dates ending today of one account's product, whatever its basis: what an average of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThirtyDays {
    /// In the unit of the newest sample.
    pub average: Quantity,
    pub peak: Quantity,
    /// On how many of the 30 dates something was measured.
    pub measured: usize,
}

/// What the basis `average_30d` (and `peak_30d`) makes of these samples of `newest`'s pair, `newest` being the
/// one in force. `None` where it cannot be known.
pub fn thirty_days(
    samples: &[Sample],
    newest: &Sample,
    today: Date,
    zone: &TimeZone,
    classes: &Classes,
) -> Option<ThirtyDays> {
    let of_pair = samples.iter().filter(|sample| sample.account == newest.account);
    let history = History::new(of_pair.chain([newest]), &HashSet::from([newest.product]), (today, DAYS), zone);
    let carried = carry(&history, newest, 0, classes).ok()?;
    let of = |basis| come_to(&history, basis, &carried.values, newest).map(|(value, _)| value);
    Some(ThirtyDays { average: of(Basis::Average30d)?, peak: of(Basis::Peak30d)?, measured: carried.measured })
}

/// The newest sample of each day that was measured, of the source in force.
fn by_day<'a>(history: &History<'a>, newest: &'a Sample) -> BTreeMap<i64, &'a Sample> {
    let mut of_day: BTreeMap<i64, &Sample> = BTreeMap::new();
    let all = history.of_pair.get(&(newest.account, newest.product)).map_or(&[][..], Vec::as_slice);
    for sample in all.iter().copied().filter(|sample| sample.source == newest.source) {
        let kept = of_day.entry(history.day(sample.measured_at)).or_insert(sample);
        if (kept.measured_at, kept.quantity) < (sample.measured_at, sample.quantity) {
            *kept = sample;
        }
    }
    of_day
}

/// A source may have changed from GB to TB meanwhile.
fn in_unit_of(newest: &Sample, sample: &Sample) -> Option<Quantity> {
    match (sample.unit.storage(), newest.unit.storage()) {
        (Some(from), Some(to)) if from != to => from.convert(sample.quantity, to),
        _ => Some(sample.quantity).filter(|_| sample.unit.alike(&newest.unit)),
    }
}

fn stop_unit(index: &Index<'_>, newest: &Sample, sample: &Sample, part: &mut Part) {
    let (account, product) = (index.account_name(part.pair.0), index.product_name(part.pair.1));
    part.issues.push(Issue::stop(
        Code::UnitMismatch,
        format!(
            "{product} for {account} was measured in {} on {} and in {} since: {} cannot be counted in one unit. Correct the source, or give it a product of its own.",
            sample.unit,
            index.history.date(index.history.day(sample.measured_at)),
            newest.unit,
            sample.unit.counted(sample.quantity),
        ),
    ));
}

/// The number, and its words.
fn come_to(
    history: &History<'_>,
    basis: Basis,
    values: &[(i64, Quantity)],
    newest: &Sample,
) -> Option<(Quantity, String)> {
    let said = |value: Quantity| newest.unit.counted(value);
    if !basis.is_average() {
        // Of equal peaks the first.
        let (day, peak) = values.iter().max_by_key(|(day, value)| (*value, std::cmp::Reverse(*day)))?;
        return Some((*peak, format!("peak of {}: {} on {}", days(values.len()), said(*peak), history.date(*day))));
    }
    let sum = values.iter().try_fold(Quantity::ZERO, |sum, (_, value)| sum.plus(*value))?;
    let exact = sum.over(Decimal::from(values.len()))?;
    let average = exact.nearest_to(Decimal::new(1, AVERAGE_DIGITS))?;
    Some((average, format!("average of {}: {sum} / {} = {}", days(values.len()), values.len(), said(average))))
}

/// Too few days for an average, within the source's rhythm: `gaps_days` are what a daily source must
/// have measured of 30, and as large a share of a shorter or longer period; one that measures every 7
/// days cannot, and must have measured a seventh of them, and at least one where there was time for it.
/// The rhythm is what the source did for this product, whoever the customer: one customer's own gaps are
/// no rhythm while the others are measured daily. A pair that began after its source is a cause of its
/// own; gaps in the feed are one cause.
fn gaps(index: &Index<'_>, newest: &Sample, window: &Window, (measured, begun): (usize, i64), part: &mut Part) {
    let rhythm = index.history.rhythm(newest.product, &newest.source);
    let wanted = index.facts.settings.whole(Key::GapsDays);
    let least = i64::from(window.days > rhythm.min(DAYS - 1));
    let needed = if wanted == 0 { 0 } else { (wanted * window.days / DAYS / rhythm).max(least) };
    if i64::try_from(measured).unwrap_or(window.days) >= needed {
        return;
    }
    let (account, product) = (index.account_name(part.pair.0), index.product_name(part.pair.1));
    let own = begun > index.history.begun(newest.product, &newest.source).max(index.history.span - window.days);
    let cause =
        if own { format!("{}-{}", part.pair.0, part.pair.1) } else { format!("{}-{}", newest.source, part.pair.1) };
    let every = if rhythm == 1 { "daily".to_owned() } else { format!("every {rhythm} days") };
    part.issues.push(Issue::hold(Code::UsageGaps, cause, format!(
        "{product} for {account} was measured on {measured} of the {} through {}, and {needed} are needed from \"{}\", which measures {every}. Wait for more, import what is missing, or approve the number.",
        days_words(window.days), index.today, newest.source,
    )));
}

fn days(count: usize) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

fn days_words(count: i64) -> String {
    days(usize::try_from(count).unwrap_or_default())
}
