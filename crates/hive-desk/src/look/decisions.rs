//! What waits for a person: each cause one decision, however many lines it holds.

use super::usages::heaviest;
use super::{Cause, Look, Seen};
use crate::money::{Sums, add, sole_currency};
use crate::{Desk, Refused};
use hive_core::allow::{Approval, lifted_by};
use hive_core::issue::Code;
use hive_core::plan::Change;
use hive_core::settings::Key;
use hive_core::{AdditionId, Quantity, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// One decision that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The cause, with everything it holds.
    pub cause: &'a Cause,
    /// The additions of it that nobody has agreed to yet.
    pub waiting: Vec<AdditionId>,
    /// What those move a month.
    pub money: Sums,
}

/// How far an approval would reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The value up to (or down to) which it holds.
    pub limit: Quantity,
    /// For how many days.
    pub days: i64,
}

impl Seen {
    /// How far an approval of a change would reach if it were given now.
    pub fn reach(&self, change: &Change) -> Reach {
        let settings = &self.facts.settings;
        let approval = Approval::of(change, None, settings.number(Key::ApprovalPercent), "", (self.at, self.at));
        Reach { limit: approval.limit, days: settings.whole(Key::ApprovalDays) }
    }

    /// What changes move a month, one amount a currency.
    pub fn money_of_changes<'a>(&'a self, changes: impl IntoIterator<Item = &'a Change>) -> Sums {
        let (sole, mut sums) = (sole_currency(&self.plan), Sums::new());
        for change in changes {
            if let Some(month) = change.money_month {
                add(&mut sums, change.currency.as_deref().unwrap_or(sole), month);
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
                decisions.push(Decision { cause, waiting, money });
            }
        }
        decisions.sort_by_key(|one| std::cmp::Reverse((heaviest(&one.money), one.waiting.len())));
        Ok(decisions)
    }
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
