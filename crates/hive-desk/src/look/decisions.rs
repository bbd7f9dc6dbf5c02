//! What waits for a person: each cause one decision, however many lines it holds.

use super::usages::heaviest;
use super::{Cause, Look, Seen};
use crate::money::{Sums, add, sole_currency};
use crate::{Desk, Refused};
use hive_core::allow::{Approval, CreateApproval, lifted_by};
use hive_core::issue::Code;
use hive_core::plan::{Change, Create};
use hive_core::settings::Key;
use hive_core::{AdditionId, Quantity, Timestamp};
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

/// One decision that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The cause, with everything it holds.
    pub cause: &'a Cause,
    /// The additions of it that nobody has agreed to yet.
    pub waiting: Vec<AdditionId>,
    /// The other codes that still hold some of those: without them agreed too, nothing is written.
    pub others: BTreeMap<AdditionId, BTreeSet<Code>>,
    /// What those move a month.
    pub money: Sums,
}

/// What several decisions come to once all of them are approved. An addition that two of them hold
/// counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Together {
    /// The additions that they hold.
    pub additions: BTreeSet<AdditionId>,
    /// What those move a month.
    pub money: Sums,
    /// Those that nothing holds any more after it.
    pub freed: BTreeSet<AdditionId>,
    /// What the freed ones move a month.
    pub freed_money: Sums,
    /// How many of the additions another code still holds.
    pub still: BTreeMap<Code, usize>,
}

impl Together {
    /// How many additions still wait after it.
    pub fn waits(&self) -> usize {
        self.additions.len() - self.freed.len()
    }
}

impl Seen {
    /// The value up to (or down to) which an approval of a change would reach if it were given now.
    pub fn reach(&self, change: &Change) -> Quantity {
        let percent = self.facts.settings.number(Key::ApprovalPercent);
        Approval::of(change, None, percent, "", (self.at, self.at)).limit
    }

    /// The same of an approval to create.
    pub fn reach_of_create(&self, create: &Create) -> Quantity {
        let percent = self.facts.settings.number(Key::ApprovalPercent);
        CreateApproval::of(create, None, percent, "", (self.at, self.at)).limit
    }

    /// What decisions come to once all of them are approved.
    pub fn together(&self, decisions: &[Decision<'_>]) -> Together {
        // An approval lifts codes: what is left of an addition is what none of the decisions lifts.
        let mut left: BTreeMap<AdditionId, BTreeSet<Code>> = BTreeMap::new();
        for one in decisions {
            for id in &one.waiting {
                let others = one.others.get(id).cloned().unwrap_or_default();
                left.entry(*id).and_modify(|left| left.retain(|code| others.contains(code))).or_insert(others);
            }
        }
        let mut together = Together { additions: left.keys().copied().collect(), ..Together::default() };
        for (id, codes) in left {
            if codes.is_empty() {
                together.freed.insert(id);
            }
            for code in codes {
                *together.still.entry(code).or_default() += 1;
            }
        }
        let money = |ids: &BTreeSet<AdditionId>| self.money_of_changes(ids.iter().filter_map(|id| self.change(*id)));
        together.money = money(&together.additions);
        together.freed_money = money(&together.freed);
        together
    }

    /// What changes move a month, one amount a currency.
    pub fn money_of_changes<'a>(&'a self, changes: impl IntoIterator<Item = &'a Change>) -> Sums {
        // Looks through the whole plan, so it is asked for only where a change names no currency.
        let sole = LazyCell::new(|| sole_currency(&self.plan));
        let mut sums = Sums::new();
        for change in changes {
            if let Some(month) = change.money_month {
                add(&mut sums, change.currency.as_deref().unwrap_or_else(|| *sole), month);
            }
        }
        sums
    }
}

impl Desk {
    /// The decisions that wait, the dearest first.
    pub async fn decisions<'a>(&self, look: &'a Look, at: Timestamp) -> Result<Vec<Decision<'a>>, Refused> {
        let mut given: BTreeMap<AdditionId, Vec<Approval>> = BTreeMap::new();
        for approval in self.store.approvals(look.msp.id, at).await? {
            given.entry(approval.addition).or_default().push(approval);
        }
        let lifted = agreed(look, &given, at);
        let mut decisions: Vec<Decision<'a>> = Vec::new();
        for cause in look.held_causes() {
            let open = |id: &AdditionId| !look.approved.contains_key(id) && !lifted.contains(&(*id, cause.code));
            let waiting: Vec<AdditionId> = cause.additions.iter().copied().filter(open).collect();
            if !waiting.is_empty() {
                let money = look.money_of_changes(waiting.iter().filter_map(|id| look.change(*id)));
                let others =
                    waiting.iter().filter_map(|id| Some((*id, others(look.change(*id)?, cause.code, &lifted))));
                let others = others.filter(|(_, codes)| !codes.is_empty()).collect();
                decisions.push(Decision { cause, waiting, others, money });
            }
        }
        decisions.sort_by_key(|one| std::cmp::Reverse((heaviest(&one.money), one.waiting.len())));
        Ok(decisions)
    }
}

/// The codes other than `code` that hold a change and that nobody agreed to.
fn others(change: &Change, code: Code, agreed: &BTreeSet<(AdditionId, Code)>) -> BTreeSet<Code> {
    let holds = change.holds.iter().map(|(held, _)| *held);
    holds.filter(|held| *held != code && !agreed.contains(&(change.addition, *held))).collect()
}

/// The holds that are agreed to while another still stands.
fn agreed(look: &Look, given: &BTreeMap<AdditionId, Vec<Approval>>, at: Timestamp) -> BTreeSet<(AdditionId, Code)> {
    let mut agreed = BTreeSet::new();
    for (addition, approvals) in given {
        let Some(change) = look.change(*addition) else { continue };
        for hold in &change.holds {
            let alone = Change { holds: BTreeSet::from([hold.clone()]), ..change.clone() };
            if lifted_by(&alone, approvals, at).is_some() {
                agreed.insert((*addition, hold.0));
            }
        }
    }
    agreed
}
