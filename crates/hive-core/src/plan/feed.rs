//! What the sources' batches tell: who is gone, which feed answered half, how often a source measures.
//!
//! **Owns:** the rules over batches. **Does not own:** what is stored of a batch (the store keeps the
//! last few), the holds themselves (`holds`).
//! A batch is one import; samples that come one by one are one batch a day.

use super::index::Pair;
use crate::ids::{AccountId, ProductId};
use crate::quantity::Quantity;
use crate::settings::{Key, Settings};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Batches whose gaps tell a source's rhythm.
pub const RHYTHM_BATCHES: usize = 6;
/// Gaps below which nothing says what the rhythm is: a source is then expected daily.
const RHYTHM_GAPS_MIN: usize = 3;
const DAY_SECONDS: i64 = 86_400;

/// One batch of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub source: String,
    pub id: i64,
    /// Its newest measurement: batches are in the order of these, then of their ids.
    pub at: Timestamp,
    /// It lists everyone the source measures.
    pub complete: bool,
    /// The day on which its samples came one by one.
    pub day: Option<Date>,
}

/// What one batch said of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub source: String,
    pub product: ProductId,
    pub batch: i64,
    pub at: Timestamp,
    pub day: Option<Date>,
    /// A person said that this batch is right.
    pub accepted: bool,
    /// By account; storage in GB.
    pub quantities: Vec<(AccountId, Quantity)>,
}

/// A pair that the newest complete batch of its source does not list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    pub account: AccountId,
    pub product: ProductId,
    pub source: String,
    /// The last batch that listed it; 0 and no time: one from before batches were kept.
    pub seen: i64,
    pub seen_at: Option<Timestamp>,
}

/// A person's answer to "is this customer gone?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It left: set 0.
    Left,
    /// It is still there: the quantity stays.
    Keep,
    /// Ask again at the next complete batch; the quantity stays until then.
    Later,
}

impl Gone {
    /// All three.
    pub const ALL: [Gone; 3] = [Gone::Left, Gone::Keep, Gone::Later];

    /// The word of the command line.
    pub fn name(self) -> &'static str {
        match self {
            Gone::Left => "left",
            Gone::Keep => "keep",
            Gone::Later => "later",
        }
    }

    /// Reads [`Gone::name`].
    pub fn parse(text: &str) -> Option<Gone> {
        Gone::ALL.into_iter().find(|answer| answer.name() == text)
    }
}

/// An answer with what it was given to: it ends when the pair is listed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneAnswer {
    pub account: AccountId,
    pub product: ProductId,
    pub source: String,
    /// [`Unlisted::seen`] as it was.
    pub seen: i64,
    /// The complete batch that did not list it.
    pub batch: i64,
    pub answer: Gone,
    pub who: String,
}

/// A batch that lacks much of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    pub batch: i64,
    pub at: Timestamp,
    /// The batch it is measured against.
    pub before_at: Timestamp,
    pub accounts_before: usize,
    pub accounts: usize,
    pub missing: Vec<AccountId>,
    pub total_before: Quantity,
    pub total: Quantity,
    /// Lines of both batches, and how many of them fell by more than the limit.
    pub lines: usize,
    pub lines_down: usize,
}

/// How a source and product stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<'a> {
    /// The newest batch that may be judged.
    pub newest: &'a Listing,
    /// The last batch that was not partial or that a person accepted.
    pub good: &'a Listing,
    /// What is wrong with the newest.
    pub partial: Option<Partial>,
}

/// Judges the listings of one source and product. The oldest is taken as good. A day whose samples
/// are still coming can clear what the day before left open, and accuses nobody.
pub fn judge_feed<'a>(listings: &[&'a Listing], settings: &Settings, today: Date) -> Option<Judged<'a>> {
    let mut sorted = listings.to_vec();
    sorted.sort_by_key(|listing| (listing.at, listing.batch));
    let (first, later) = sorted.split_first()?;
    let mut judged = Judged { newest: first, good: first, partial: None };
    for listing in later {
        let partial = compare(judged.good, listing, settings).filter(|_| !listing.accepted);
        if partial.is_some() && listing.day.is_some_and(|day| day >= today) {
            continue;
        }
        judged.newest = listing;
        if partial.is_none() {
            judged.good = listing;
        }
        judged.partial = partial;
    }
    Some(judged)
}

/// What `after` lacks of `before`, where that is over a limit. A share means something only from
/// `feed_accounts_min` on: so many accounts missing, so many listed by both, so many lines down. Below
/// that each line's own limits hold.
fn compare(before: &Listing, after: &Listing, settings: &Settings) -> Option<Partial> {
    let found: HashMap<AccountId, Quantity> = after.quantities.iter().copied().collect();
    let min = usize::try_from(settings.whole(Key::FeedAccountsMin)).unwrap_or(usize::MAX);
    let accounts_before = before.quantities.len();
    let over = |share: Decimal, of: Decimal, key: Key| {
        let percent = share.checked_mul(Decimal::ONE_HUNDRED).and_then(|share| share.checked_div(of));
        percent.is_some_and(|percent| percent > settings.number(key))
    };
    let mut missing = Vec::new();
    let (mut lines, mut lines_down) = (0_usize, 0_usize);
    for (account, was) in &before.quantities {
        let Some(is) = found.get(account) else {
            missing.push(*account);
            continue;
        };
        lines += 1;
        let fell = was.minus(*is).map_or(Decimal::ZERO, Quantity::decimal);
        lines_down += usize::from(over(fell, was.decimal(), Key::FeedLineDropPercent));
    }
    missing.sort_unstable();
    let sum = |listing: &Listing| listing.quantities.iter().try_fold(Quantity::ZERO, |sum, (_, q)| sum.plus(*q));
    let (total_before, total) = (sum(before)?, sum(after)?);
    let fell = total_before.minus(total).map_or(Decimal::ZERO, Quantity::decimal);
    let partial = missing.len() >= min.max(1)
        && over(Decimal::from(missing.len()), Decimal::from(accounts_before), Key::FeedAccountsPercent)
        || lines >= min && over(fell, total_before.decimal(), Key::FeedTotalPercent)
        || lines_down >= min && over(Decimal::from(lines_down), Decimal::from(lines), Key::FeedLinesPercent);
    partial.then_some(Partial {
        batch: after.batch,
        at: after.at,
        before_at: before.at,
        accounts_before,
        accounts: after.quantities.len(),
        missing,
        total_before,
        total,
        lines,
        lines_down,
    })
}

/// Days from one batch of a source to the next: declared, else the median gap of its last batches (of
/// two middle ones the longer), else a day.
pub fn rhythm_days(declared: Option<i64>, batches: &[&Batch]) -> i64 {
    if let Some(days) = declared {
        return days.max(1);
    }
    let mut times: Vec<Timestamp> = batches.iter().map(|batch| batch.at).collect();
    times.sort_unstable();
    let times = &times[times.len().saturating_sub(RHYTHM_BATCHES)..];
    let mut gaps: Vec<i64> = times.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs()).collect();
    gaps.sort_unstable();
    if gaps.len() < RHYTHM_GAPS_MIN {
        return 1;
    }
    // A file may come some hours early or late.
    ((gaps[gaps.len() / 2] + DAY_SECONDS / 2) / DAY_SECONDS).max(1)
}

/// The newest batch of each source that lists everyone.
pub fn newest_complete<'a>(batches: impl IntoIterator<Item = &'a Batch>) -> BTreeMap<&'a str, &'a Batch> {
    let mut newest: BTreeMap<&str, &Batch> = BTreeMap::new();
    for batch in batches.into_iter().filter(|batch| batch.complete) {
        let kept = newest.entry(&batch.source).or_insert(batch);
        if (kept.at, kept.id) < (batch.at, batch.id) {
            *kept = batch;
        }
    }
    newest
}

/// A pair that is gone.
pub(super) struct GonePair<'a> {
    /// The complete batch that does not list it.
    pub(super) batch: &'a Batch,
    pub(super) answer: Option<&'a GoneAnswer>,
    /// What one decision answers: pairs that vanished together are one.
    pub(super) cause: String,
}

/// All of it, found by pair and source.
pub(super) struct Feeds<'a> {
    gone: HashMap<(Pair, &'a str), GonePair<'a>>,
    partial: HashMap<(ProductId, &'a str), Partial>,
    rhythms: HashMap<&'a str, i64>,
}

impl<'a> Feeds<'a> {
    pub(super) fn new(facts: &'a super::Facts, today: Date) -> Feeds<'a> {
        let mut batches_of: HashMap<&str, Vec<&Batch>> = HashMap::new();
        for batch in &facts.batches {
            batches_of.entry(&batch.source).or_default().push(batch);
        }
        let mut rhythms: HashMap<&str, i64> =
            facts.rhythms.iter().map(|(source, days)| (source.as_str(), rhythm_days(Some(*days), &[]))).collect();
        for (source, batches) in &batches_of {
            rhythms.entry(source).or_insert_with(|| rhythm_days(None, batches));
        }
        let mut listings: HashMap<(ProductId, &str), Vec<&Listing>> = HashMap::new();
        for listing in &facts.listings {
            listings.entry((listing.product, &listing.source)).or_default().push(listing);
        }
        let judge =
            |(key, listings): (_, Vec<&Listing>)| Some((key, judge_feed(&listings, &facts.settings, today)?.partial?));
        Feeds { gone: gone(facts), partial: listings.into_iter().filter_map(judge).collect(), rhythms }
    }

    pub(super) fn gone(&self, pair: Pair, source: &'a str) -> Option<&GonePair<'a>> {
        self.gone.get(&(pair, source))
    }

    pub(super) fn partial(&self, product: ProductId, source: &'a str) -> Option<&Partial> {
        self.partial.get(&(product, source))
    }

    pub(super) fn rhythm(&self, source: &str) -> i64 {
        self.rhythms.get(source).copied().unwrap_or(1)
    }
}

fn gone(facts: &super::Facts) -> HashMap<(Pair, &str), GonePair<'_>> {
    let complete = newest_complete(&facts.batches);
    let is_gone = |pair: &&Unlisted| {
        let newest = complete.get(pair.source.as_str());
        newest.is_some_and(|newest| (pair.seen_at, pair.seen) < (Some(newest.at), newest.id))
    };
    let all: Vec<&Unlisted> = facts.unlisted.iter().filter(is_gone).collect();
    // Customers that vanished together are one question, whatever they have of the source.
    let mut together: HashMap<(&str, i64), HashSet<AccountId>> = HashMap::new();
    for pair in &all {
        together.entry((&pair.source, pair.seen)).or_default().insert(pair.account);
    }
    let answers: HashMap<_, &GoneAnswer> = facts
        .gone_answers
        .iter()
        .map(|answer| ((answer.account, answer.product, answer.source.as_str()), answer))
        .collect();
    let min = usize::try_from(facts.settings.whole(Key::FeedAccountsMin)).unwrap_or(usize::MAX).max(2);
    let mut gone = HashMap::new();
    for pair in all {
        let Some(batch) = complete.get(pair.source.as_str()).copied() else { continue };
        let Unlisted { account, product, source, seen, seen_at: _ } = pair;
        let stands =
            |answer: &&&GoneAnswer| answer.seen == *seen && (answer.answer != Gone::Later || answer.batch == batch.id);
        let answer = answers.get(&(*account, *product, source.as_str())).filter(stands).copied();
        let many = together.get(&(source.as_str(), *seen)).is_some_and(|accounts| accounts.len() >= min);
        // The batch that listed them last: the question is the same at every later one.
        let cause = if many { format!("{source}-{seen}") } else { format!("{account}-{product}") };
        gone.insert(((*account, *product), source.as_str()), GonePair { batch, answer, cause });
    }
    gone
}
