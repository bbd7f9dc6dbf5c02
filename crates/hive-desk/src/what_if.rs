//! What other settings would change, before anybody saves them.
//!
//! **Owns:** two plans of the same facts, compared.
//! **Does not own:** the plan's rules; nothing is stored.

use crate::money::{Sums, add, sole_currency};
use crate::plan::{apart, check};
use crate::{Desk, Look, Refused};
use hive_core::issue::Code;
use hive_core::plan::{self, Change, Counts, Line, Plan, live_products};
use hive_core::settings::{At, Key, Settings};
use hive_core::{AdditionId, LineId, Money, ProductId, Quantity};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The single changes that are listed.
const BIGGEST_MAX: usize = 10;

/// Settings that no plan reads: they say when runs begin and how long approvals act.
const NOT_PLANNED: [Key; 6] =
    [Key::SyncDays, Key::SyncTime, Key::UpdateDays, Key::UpdateTime, Key::ApprovalPercent, Key::ApprovalDays];

/// What settings would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Lines whose quantity would be another one.
    pub lines: usize,
    /// What they come to a month beside what is planned now, one amount a currency, each addition once.
    pub money: Sums,
    /// What of that is more.
    pub up: Sums,
    /// What of that is less.
    pub down: Sums,
    /// The biggest by money.
    pub biggest: Vec<Moved>,
    /// Additions by mark, now.
    pub before: Counts,
    /// Additions by mark, then.
    pub after: Counts,
    /// How many of the additions that would be pushed wait for go-live: now, and then.
    pub after_go_live: (usize, usize),
    /// Additions that would be held by a code that does not hold them now.
    pub new_holds: BTreeMap<Code, usize>,
    /// Products that are live, and whose rule would be another one: they wait for go-live again.
    pub wait_again: Vec<ProductId>,
}

/// One line whose quantity would be another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub line: LineId,
    /// Its account's name.
    pub account: String,
    /// Its product's name.
    pub product: String,
    /// What is planned now.
    pub before: Option<Quantity>,
    /// What would be.
    pub after: Option<Quantity>,
    /// The difference a month, for the whole addition.
    pub month: Option<Money>,
    /// In which currency.
    pub currency: Option<String>,
}

impl WhatIf {
    /// Whether nothing at all would be another one.
    pub fn is_nothing(&self) -> bool {
        self.lines == 0 && self.before == self.after && self.wait_again.is_empty()
    }
}

impl Desk {
    /// What these changes would do to the plan of a look. An empty text takes a setting back.
    pub async fn what_if(&self, look: &Arc<Look>, changes: &[(Key, At, String)]) -> Result<WhatIf, Refused> {
        let mut settings = look.facts.settings.clone();
        for (key, at, text) in changes {
            settings.set(*key, *at, text).map_err(Refused::WrongUsage)?;
        }
        if settings == look.facts.settings || changes.iter().all(|(key, _, _)| NOT_PLANNED.contains(key)) {
            return Ok(WhatIf { before: look.counts, after: look.counts, ..WhatIf::default() });
        }
        // Two plans of a large MSP at once would need twice its memory.
        let _one_at_a_time = self.what_ifs.lock().await;
        let bases = |settings: &Settings| -> Vec<(At, String)> {
            let all = settings.entries().filter(|(key, _, _)| *key == Key::Basis);
            all.map(|(_, at, text)| (at, text.to_owned())).collect()
        };
        let history = if bases(&settings) == bases(&look.facts.settings) {
            None
        } else {
            Some(self.store.history_under(&look.facts, &settings).await?)
        };
        let look = look.clone();
        let (what_if, wrong) = apart(move || {
            let mut facts = look.facts.clone();
            facts.settings = settings;
            if let Some(history) = history {
                facts.history = history;
            }
            let then = plan::make(&facts, look.at);
            let wrong = plan::check(&then, &facts);
            let still = live_products(&facts);
            let mut what_if = compare(&look.plan, &then);
            what_if.wait_again = look.live.iter().copied().filter(|product| !still.contains(product)).collect();
            (what_if, wrong)
        })
        .await?;
        check(&wrong)?;
        Ok(what_if)
    }
}

fn compare(now: &Plan, then: &Plan) -> WhatIf {
    let mut what_if = WhatIf {
        before: now.counts(),
        after: then.counts(),
        after_go_live: (after_go_live(now), after_go_live(then)),
        new_holds: new_holds(now, then),
        ..WhatIf::default()
    };
    let sole = sole_currency(then);
    let mut counted: BTreeMap<AdditionId, ()> = BTreeMap::new();
    let mut moved: Vec<Moved> = Vec::new();
    for (before, after) in pairs(&now.lines, &then.lines) {
        let (was, will) = (before.and_then(|line| line.next), after.and_then(|line| line.next));
        let Some(line) = after.or(before).filter(|_| was != will) else { continue };
        what_if.lines += 1;
        let first = line.addition.is_none_or(|addition| counted.insert(addition, ()).is_none());
        let month = difference(before, after).filter(|_| first);
        let currency = line.currency.as_deref().unwrap_or(sole);
        if let Some(month) = month {
            add(&mut what_if.money, currency, month);
            let side = if month < Money::ZERO { &mut what_if.down } else { &mut what_if.up };
            add(side, currency, month);
        }
        moved.push(Moved {
            line: line.id,
            account: line.account.clone(),
            product: line.product.clone(),
            before: was,
            after: will,
            month,
            currency: Some(currency.to_owned()).filter(|code| !code.is_empty()),
        });
    }
    moved.sort_by_key(|one| (std::cmp::Reverse(one.month.map(Money::abs)), one.line));
    moved.truncate(BIGGEST_MAX);
    what_if.biggest = moved;
    what_if
}

/// Changes that nothing holds, and that are not live.
fn after_go_live(plan: &Plan) -> usize {
    plan.changes.iter().filter(|change| change.holds.is_empty() && !change.live).count()
}

fn new_holds(now: &Plan, then: &Plan) -> BTreeMap<Code, usize> {
    let codes = |change: &Change| -> BTreeSet<Code> { change.holds.iter().map(|(code, _)| *code).collect() };
    let before: BTreeMap<AdditionId, BTreeSet<Code>> =
        now.changes.iter().map(|change| (change.addition, codes(change))).collect();
    let mut new = BTreeMap::new();
    for change in &then.changes {
        let was = before.get(&change.addition);
        for code in codes(change).into_iter().filter(|code| was.is_none_or(|was| !was.contains(code))) {
            *new.entry(code).or_default() += 1;
        }
    }
    new
}

/// What the other quantity comes to a month. A line that would not be pushed stays at what ConnectWise has.
fn difference(before: Option<&Line>, after: Option<&Line>) -> Option<Money> {
    let moves = |line: Option<&Line>| match line.filter(|line| line.next.is_some()) {
        Some(line) => line.money_month,
        None => Some(Money::ZERO),
    };
    let (was, will) = (moves(before)?, moves(after)?);
    Some(Money::new(will.decimal().checked_sub(was.decimal())?))
}

/// The lines of two plans, side by side by their ids.
fn pairs<'a>(now: &'a [Line], then: &'a [Line]) -> Vec<(Option<&'a Line>, Option<&'a Line>)> {
    let (mut now, mut then) = (now.iter().peekable(), then.iter().peekable());
    let mut pairs = Vec::new();
    loop {
        let order = match (now.peek(), then.peek()) {
            (None, None) => return pairs,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.id.cmp(&b.id),
        };
        pairs.push(match order {
            Ordering::Less => (now.next(), None),
            Ordering::Greater => (None, then.next()),
            Ordering::Equal => (now.next(), then.next()),
        });
    }
}
