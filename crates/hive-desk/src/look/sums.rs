//! What a look comes to: money by mark, the decisions that wait, usage that nobody is billed for.

use super::Seen;
use crate::money::{Sums, add, add_up, sole_currency};
use hive_core::issue::Code;
use hive_core::plan::{Line, Mark, Plan};
use hive_core::{AccountId, AdditionId, LineId, Money, ProductId};
use std::collections::BTreeMap;

/// One cause that holds changes: approving it is one decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// As `approve --cause` takes it.
    pub cause: String,
    /// Why it holds.
    pub code: Code,
    /// The words of the first line that it holds.
    pub words: String,
    /// The additions it holds, in the order of their ids.
    pub additions: Vec<AdditionId>,
    /// Their lines.
    pub lines: Vec<LineId>,
    /// What the held changes move a month, one amount a currency, each addition once.
    pub money: Sums,
}

/// Usage that is billed to nobody until a person decides once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbilled<Id> {
    /// The account or the product.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its lines with usage.
    pub lines: Vec<LineId>,
    /// What they come to a month at list price, where that is known.
    pub money: Sums,
}

pub(super) fn by_mark(plan: &Plan) -> BTreeMap<Mark, Sums> {
    let sole = sole_currency(plan);
    let of_mark = |mark: Mark| add_up(sole, plan.lines.iter().filter(move |line| line.mark == mark));
    Mark::ALL.into_iter().map(|mark| (mark, of_mark(mark))).collect()
}

pub(super) fn causes(seen: &Seen) -> Vec<Cause> {
    let sole = sole_currency(&seen.plan);
    let mut causes: BTreeMap<&(Code, String), Cause> = BTreeMap::new();
    for change in &seen.plan.changes {
        for hold in &change.holds {
            let (code, cause) = hold;
            let known = causes.entry(hold).or_insert_with(|| Cause {
                cause: cause.clone(),
                code: *code,
                words: words(seen, &change.lines, cause),
                additions: Vec::new(),
                lines: Vec::new(),
                money: Sums::new(),
            });
            known.additions.push(change.addition);
            known.lines.extend(&change.lines);
            if let Some(month) = change.money_month {
                add(&mut known.money, change.currency.as_deref().unwrap_or(sole), month);
            }
        }
    }
    let mut causes: Vec<Cause> = causes.into_values().collect();
    causes.sort_by_key(|cause| std::cmp::Reverse((heaviest(&cause.money), cause.additions.len())));
    causes
}

fn words(seen: &Seen, lines: &[LineId], cause: &str) -> String {
    let issues = lines.iter().filter_map(|id| seen.line(*id)).flat_map(|line| &line.issues);
    let mut of_cause = issues.filter(|issue| issue.cause.as_deref() == Some(cause));
    of_cause.next().map_or_else(String::new, |issue| issue.message.clone())
}

pub(super) fn unlinked(seen: &Seen) -> Vec<Unbilled<AccountId>> {
    let open = |line: &&Line| seen.account_link(line.id.account).is_none();
    let named = |line: &Line| (line.id.account, line.account.clone());
    let mut all = unbilled(&seen.plan, seen.plan.lines.iter().filter(open), named);
    all.sort_by_key(|one| std::cmp::Reverse((heaviest(&one.money), one.lines.len())));
    all
}

pub(super) fn unmapped(seen: &Seen) -> Vec<Unbilled<ProductId>> {
    let open = |line: &&Line| seen.product_link(line.id.product).is_none();
    let named = |line: &Line| (line.id.product, line.product.clone());
    let mut all = unbilled(&seen.plan, seen.plan.lines.iter().filter(open), named);
    all.sort_by_key(|one| std::cmp::Reverse(one.lines.len()));
    all
}

fn unbilled<'a, Id: Copy + Ord>(
    plan: &Plan,
    lines: impl Iterator<Item = &'a Line>,
    named: impl Fn(&Line) -> (Id, String),
) -> Vec<Unbilled<Id>> {
    let sole = sole_currency(plan);
    let mut all: BTreeMap<Id, Unbilled<Id>> = BTreeMap::new();
    for line in lines {
        let (id, name) = named(line);
        let known = all.entry(id).or_insert_with(|| Unbilled { id, name, lines: Vec::new(), money: Sums::new() });
        known.lines.push(line.id);
        if let Some(month) = line.money_month {
            add(&mut known.money, line.currency.as_deref().unwrap_or(sole), month);
        }
    }
    all.into_values().collect()
}

/// The largest amount of any currency, for an order alone: currencies are never added up.
fn heaviest(sums: &Sums) -> Option<Money> {
    sums.values().map(|month| month.abs()).max()
}
