//! What other settings would change, before anybody saves them.
//!
//! **Owns:** two plans of the same facts, compared.
//! **Does not own:** the plan's rules; nothing is stored.

use crate::money::{Sums, add, sole_currency};
use crate::plan::{apart, check};
use crate::{Desk, Look, Refused};
use hive_core::issue::Code;
use hive_core::issue::Severity;
use hive_core::plan::{self, Change, Counts, Facts, Line, Mark, Plan, live_products};
use hive_core::settings::{At, Key, Settings};
use hive_core::usage::Sample;
use hive_core::{AdditionId, LineId, Money, ProductId, Quantity, Timestamp};
use hive_store::Msp;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    /// Every line whose quantity or mark would be another one, the biggest by money first.
    pub moved: Vec<Moved>,
    /// Additions by mark, now.
    pub before: Counts,
    /// Additions by mark, then.
    pub after: Counts,
    /// How many of the additions that would be pushed wait for go-live: now, and then.
    pub after_go_live: (usize, usize),
    /// Additions that would be held by a code that does not hold them now.
    pub new_holds: BTreeMap<Code, usize>,
    /// Additions (and lines without one) that would be stopped by a code that does not stop them now.
    pub new_stops: BTreeMap<Code, usize>,
    /// Products that are live, and whose rule would be another one: they wait for go-live again.
    pub wait_again: Vec<ProductId>,
}

/// One line whose quantity or mark would be another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub line: LineId,
    /// Its account's name.
    pub account: String,
    /// Its product's name.
    pub product: String,
    /// Its addition's quantity in ConnectWise.
    pub now: Option<Quantity>,
    /// What becomes of it now, and then; `None` where it is no line.
    pub marks: (Option<Mark>, Option<Mark>),
    /// What is planned now.
    pub before: Option<Quantity>,
    /// What would be.
    pub after: Option<Quantity>,
    /// The difference a month, for the whole addition.
    pub month: Option<Money>,
    /// In which currency.
    pub currency: Option<String>,
}

impl Moved {
    /// Whether its quantity would be another one, not its mark alone.
    pub fn moves(&self) -> bool {
        self.before != self.after
    }
}

impl WhatIf {
    /// Whether nothing at all would be another one.
    pub fn is_nothing(&self) -> bool {
        self.moved.is_empty() && self.before == self.after && self.wait_again.is_empty()
    }
}

impl Desk {
    /// What these changes would do to the plan of a look. An empty text takes a setting back.
    pub async fn what_if(&self, look: &Arc<Look>, changes: &[(Key, At, String)]) -> Result<WhatIf, Refused> {
        let settings = changed(&look.facts.settings, changes)?;
        if settings == look.facts.settings || changes.iter().all(|(key, _, _)| NOT_PLANNED.contains(key)) {
            return Ok(WhatIf { before: look.counts, after: look.counts, ..WhatIf::default() });
        }
        // Two plans of a large MSP at once would need twice its memory.
        let _one_at_a_time = self.what_ifs.lock().await;
        let history = self.other_history(&look.facts, &settings).await?;
        let look = look.clone();
        let (what_if, wrong) = apart(move || then((&look.facts, &look.plan), settings, history, look.at)).await?;
        check(&wrong)?;
        Ok(what_if)
    }

    /// The same without a look: planned twice, and nothing is stored.
    pub async fn what_if_now(
        &self,
        msp: &Msp,
        changes: &[(Key, At, String)],
        at: Timestamp,
    ) -> Result<WhatIf, Refused> {
        let (facts, plan, wrong) = self.make(msp, at).await?;
        check(&wrong)?;
        let settings = changed(&facts.settings, changes)?;
        let history = self.other_history(&facts, &settings).await?;
        let (what_if, wrong) = apart(move || then((&facts, &plan), settings, history, at)).await?;
        check(&wrong)?;
        Ok(what_if)
    }

    /// The samples of averages, where other products would be billed by one.
    async fn other_history(&self, facts: &Facts, settings: &Settings) -> Result<Option<Vec<Sample>>, Refused> {
        let bases = |settings: &Settings| -> Vec<(At, String)> {
            let all = settings.entries().filter(|(key, _, _)| *key == Key::Basis);
            all.map(|(_, at, text)| (at, text.to_owned())).collect()
        };
        if bases(settings) == bases(&facts.settings) {
            return Ok(None);
        }
        Ok(Some(self.store.history_under(facts, settings).await?))
    }
}

/// The settings with these changes, or which of them cannot be.
pub(crate) fn changed(settings: &Settings, changes: &[(Key, At, String)]) -> Result<Settings, Refused> {
    let mut settings = settings.clone();
    for (key, at, text) in changes {
        settings.set(*key, *at, text).map_err(Refused::WrongUsage)?;
    }
    Ok(settings)
}

/// The other plan, compared with the one that stands; and what its own check found wrong.
fn then(
    (facts, plan): (&Facts, &Plan),
    settings: Settings,
    history: Option<Vec<Sample>>,
    at: Timestamp,
) -> (WhatIf, Vec<String>) {
    let live = live_products(facts);
    let mut facts = facts.clone();
    facts.settings = settings;
    if let Some(history) = history {
        facts.history = history;
    }
    let then = plan::make(&facts, at);
    let wrong = plan::check(&then, &facts);
    let still = live_products(&facts);
    let mut what_if = compare(plan, &then);
    what_if.wait_again = live.into_iter().filter(|product| !still.contains(product)).collect();
    (what_if, wrong)
}

fn compare(now: &Plan, then: &Plan) -> WhatIf {
    let mut what_if = WhatIf {
        before: now.counts(),
        after: then.counts(),
        after_go_live: (after_go_live(now), after_go_live(then)),
        new_holds: new_holds(now, then),
        new_stops: new_stops(now, then),
        ..WhatIf::default()
    };
    let sole = sole_currency(then);
    let mut counted: BTreeMap<AdditionId, ()> = BTreeMap::new();
    let mut moved: Vec<Moved> = Vec::new();
    for (before, after) in pairs(&now.lines, &then.lines) {
        let (was, will) = (before.and_then(|line| line.next), after.and_then(|line| line.next));
        let marks = (before.map(|line| line.mark), after.map(|line| line.mark));
        let differs = was != will || marks.0 != marks.1;
        let Some(line) = after.or(before).filter(|_| differs) else { continue };
        what_if.lines += usize::from(was != will);
        let first = line.addition.is_none_or(|addition| counted.insert(addition, ()).is_none());
        let month = difference(before, after).filter(|_| first && was != will);
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
            now: line.now,
            marks,
            before: was,
            after: will,
            month,
            currency: Some(currency.to_owned()).filter(|code| !code.is_empty()),
        });
    }
    moved.sort_by_key(|one| (std::cmp::Reverse(one.month.map(Money::abs)), one.line));
    what_if.moved = moved;
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

fn new_stops(now: &Plan, then: &Plan) -> BTreeMap<Code, usize> {
    let codes = |line: &Line| -> BTreeSet<Code> {
        line.issues.iter().filter(|issue| issue.severity == Severity::Stop).map(|issue| issue.code).collect()
    };
    let (mut new, mut counted) = (BTreeMap::new(), BTreeSet::new());
    for (before, after) in pairs(&now.lines, &then.lines) {
        let Some(after) = after else { continue };
        let was = before.map(codes).unwrap_or_default();
        for code in codes(after).into_iter().filter(|code| !was.contains(code)) {
            if after.addition.is_none_or(|addition| counted.insert((addition, code))) {
                *new.entry(code).or_default() += 1;
            }
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
