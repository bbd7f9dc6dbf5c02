//! Second eyes on batches: who is gone, which feed answered half, who else writes. It shares no code
//! with the planner but the types.

use crate::ids::{AccountId, AdditionId, ProductId};
use crate::issue::{Code, Severity};
use crate::plan::{Change, FLIPS_MAX, Facts, Gone, Line, Listing, Plan, Standing};
use crate::quantity::Quantity;
use crate::settings::{At, Key, Settings};
use crate::usage::Sample;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the batches say, found in another way than the planner does.
pub(super) struct Told<'a> {
    settings: &'a Settings,
    /// Pairs that a person adjusts by hand: what a feed says of them is judged with it.
    adjusted: HashSet<(AccountId, ProductId)>,
    in_force: HashMap<(AccountId, ProductId), &'a Sample>,
    /// Pairs that are gone, with what a person said.
    gone: HashMap<(AccountId, ProductId, &'a str), Option<Gone>>,
    half: HashSet<(ProductId, &'a str)>,
    standings: HashMap<AdditionId, &'a Standing>,
}

impl<'a> Told<'a> {
    pub(super) fn of(facts: &'a Facts, today: Date) -> Told<'a> {
        let standings = facts.standings.iter().map(|standing| (standing.addition, standing)).collect();
        let (gone, half) = (gone(facts), half(facts, today));
        let acting = facts.adjustments.iter().filter(|one| one.acts(today));
        let adjusted = acting.map(|one| (one.account, one.product)).collect();
        let mut told = Told { settings: &facts.settings, adjusted, in_force: HashMap::new(), gone, half, standings };
        if told.gone.is_empty() && told.half.is_empty() {
            return told;
        }
        for sample in &facts.samples {
            let (account, product) = (sample.account, sample.product);
            let chosen = facts.settings.source(At { product: Some(product), account: Some(account) });
            if chosen.is_some_and(|chosen| chosen != sample.source) {
                continue;
            }
            let kept = told.in_force.entry((account, product)).or_insert(sample);
            let newer = (sample.measured_at, std::cmp::Reverse(&sample.source));
            if newer > (kept.measured_at, std::cmp::Reverse(&kept.source)) {
                *kept = sample;
            }
        }
        told
    }

    /// What a change forgot.
    pub(super) fn check(&self, change: &Change, plan: &Plan, say: &mut dyn FnMut(String)) {
        let lines: Vec<&Line> = change.lines.iter().filter_map(|id| plan.line(*id)).collect();
        let mut answers = Vec::new();
        let mut counted = 0;
        for line in &lines {
            let Some(sample) = self.in_force.get(&(line.id.account, line.id.product)) else { continue };
            let at = At { product: Some(line.id.product), account: Some(line.id.account) };
            if !self.settings.classes(at).count(&sample.class) {
                continue;
            }
            counted += 1;
            if self.adjusted.contains(&(line.id.account, line.id.product)) {
                continue;
            }
            let has = |code: Code| line.issues.iter().any(|i| i.code == code && i.severity == Severity::Hold);
            let source = sample.source.as_str();
            let gone = self.gone.get(&(line.id.account, line.id.product, source));
            if gone == Some(&None) && !has(Code::UsageGone) {
                say(format!(": line {} is gone, and nobody was asked", line.id));
            }
            answers.extend(gone.copied());
            if change.to < change.from && self.half.contains(&(line.id.product, source)) && !has(Code::UsageFeedPartial)
            {
                say(format!(": line {} falls, and its source answered half", line.id));
            }
        }
        let locked = self.standings.get(&change.addition).and_then(|standing| standing.locked.as_ref());
        let locked = locked.is_some_and(|locked| plan.today <= locked.until);
        let by_hand = lines.iter().any(|line| self.adjusted.contains(&(line.id.account, line.id.product)));
        let all = counted > 0 && answers.len() == counted && !locked && !by_hand;
        if all && answers.iter().all(|answer| matches!(answer, None | Some(Gone::Left))) && !change.to.is_zero() {
            say(format!(": everybody on it is gone, and it goes to {}", change.to));
        }
        if all && answers.iter().all(|answer| matches!(answer, Some(Gone::Keep | Gone::Later))) {
            say(": a person said that it stays".to_owned());
        }
        if self.fought(change.addition, change.from) {
            say(": somebody else writes it, and nobody answered".to_owned());
        }
    }

    fn fought(&self, addition: AdditionId, found: Quantity) -> bool {
        let Some(standing) = self.standings.get(&addition) else { return false };
        let Some(settled) = standing.settled.filter(|settled| *settled != found) else { return false };
        let again = standing.pushed == Some(settled) && standing.replaced == Some(found) && !standing.flip_counted;
        !standing.open_intent && standing.flips + i64::from(again) >= FLIPS_MAX
    }
}

fn gone(facts: &Facts) -> HashMap<(AccountId, ProductId, &str), Option<Gone>> {
    let mut newest: BTreeMap<&str, (Timestamp, i64)> = BTreeMap::new();
    for batch in facts.batches.iter().filter(|batch| batch.complete) {
        let place = (batch.at, batch.id);
        let kept = newest.entry(batch.source.as_str()).or_insert(place);
        *kept = place.max(*kept);
    }
    let mut gone = HashMap::new();
    for pair in &facts.unlisted {
        let Some((at, id)) = newest.get(pair.source.as_str()) else { continue };
        if pair.seen_at.is_some_and(|seen_at| (seen_at, pair.seen) >= (*at, *id)) {
            continue;
        }
        let answer = facts.gone_answers.iter().find(|answer| {
            (answer.account, answer.product, &answer.source) == (pair.account, pair.product, &pair.source)
                && answer.seen == pair.seen
                && (answer.batch == *id || answer.answer != Gone::Later)
        });
        gone.insert((pair.account, pair.product, pair.source.as_str()), answer.map(|answer| answer.answer));
    }
    gone
}

/// Sources and products whose newest batch, today's running one aside, lacks much of the last good one.
fn half(facts: &Facts, today: Date) -> HashSet<(ProductId, &str)> {
    let mut all: Vec<&Listing> = facts.listings.iter().collect();
    all.sort_by_key(|listing| (listing.product, &listing.source, listing.at, listing.batch));
    let mut half = HashSet::new();
    for of_feed in all.chunk_by(|a, b| (a.product, &a.source) == (b.product, &b.source)) {
        let key = (of_feed[0].product, of_feed[0].source.as_str());
        let mut good = of_feed[0];
        for listing in &of_feed[1..] {
            if listing.accepted || !lacks(facts, good, listing) {
                good = listing;
                half.remove(&key);
            } else if listing.day.is_none_or(|day| day < today) {
                half.insert(key);
            }
        }
    }
    half
}

fn lacks(facts: &Facts, good: &Listing, next: &Listing) -> bool {
    let number = |key| facts.settings.number(key) / Decimal::ONE_HUNDRED;
    let min = facts.settings.number(Key::FeedAccountsMin).trunc();
    let (was, is): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (good.quantities.iter().copied().collect(), next.quantities.iter().copied().collect());
    let count = |count: usize| Decimal::from(count);
    let missing = count(was.keys().filter(|account| !is.contains_key(account)).count());
    let both: Vec<(Decimal, Decimal)> =
        was.iter().filter_map(|(account, was)| Some((was.decimal(), is.get(account)?.decimal()))).collect();
    let down =
        count(both.iter().filter(|(was, is)| was - is > was * number(Key::FeedLineDropPercent) && *was > *is).count());
    let sum = |of: &BTreeMap<AccountId, Quantity>| of.values().map(|value| value.decimal()).sum::<Decimal>();
    missing >= min.max(Decimal::ONE) && missing > count(was.len()) * number(Key::FeedAccountsPercent)
        || count(both.len()) >= min && sum(&was) - sum(&is) > sum(&was) * number(Key::FeedTotalPercent)
        || down >= min && down > count(both.len()) * number(Key::FeedLinesPercent)
}
