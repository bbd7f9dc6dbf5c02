//! Second eyes: whether a plan, from whatever hand, obeys the rules. Asked in every planner test and
//! once more before a push.

use super::{Facts, Mark, Plan};
use crate::issue::Severity;
use crate::link::{AccountTarget, ProductTarget};
use crate::quantity::{DIGITS_MAX, Quantity};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is wrong with `plan`; empty: nothing. It plans nothing itself, and shares no code with the
/// planner but the types.
pub fn check(plan: &Plan, facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    check_lines(plan, &mut wrong);
    check_changes(plan, facts, &mut wrong);
    wrong
}

fn check_lines(plan: &Plan, wrong: &mut Vec<String>) {
    let mut marks = BTreeMap::new();
    for pair in plan.lines.windows(2).filter(|pair| pair[0].id >= pair[1].id) {
        wrong.push(format!("line {} stands twice or out of order", pair[1].id));
    }
    for line in &plan.lines {
        if line.addition.is_some_and(|addition| *marks.entry(addition).or_insert(line.mark) != line.mark) {
            wrong.push(format!("line {}: its addition has two marks", line.id));
        }
        if (line.mark == Mark::Issue) != (line.has(Severity::Stop) || line.next.is_none()) {
            wrong.push(format!("line {}: marked {} against its issues", line.id, line.mark.name()));
        }
        if line.mark == Mark::Change && line.has(Severity::Hold) {
            wrong.push(format!("line {}: a hold stands on a change", line.id));
        }
        if line.mark == Mark::Unchanged && line.now != line.next {
            wrong.push(format!("line {}: marked unchanged, but {:?} is not {:?}", line.id, line.now, line.next));
        }
    }
}

fn check_changes(plan: &Plan, facts: &Facts, wrong: &mut Vec<String>) {
    let additions: HashMap<_, _> = facts.mirror.iter().flat_map(|mirror| &mirror.additions).map(|a| (a.id, a)).collect();
    let companies: HashMap<_, _> = facts.mirror.iter().flat_map(|m| &m.agreements).map(|a| (a.id, a.company)).collect();
    let accounts: HashMap<_, _> = facts.account_links.iter().map(|link| (link.account, link.target)).collect();
    let products: HashMap<_, _> = facts.product_links.iter().map(|link| (link.product, link.target)).collect();
    let mut seen = BTreeSet::new();
    for change in &plan.changes {
        let name = format!("addition {}", change.addition);
        if !seen.insert(change.addition) {
            wrong.push(format!("{name} is changed twice"));
        }
        let found = additions.get(&change.addition);
        if found.and_then(|addition| addition.quantity) != Some(change.from) {
            wrong.push(format!("{name}: from {} is not what the mirror holds", change.from));
        }
        if found.is_none_or(|addition| addition.item != change.item || addition.agreement != change.agreement) {
            wrong.push(format!("{name}: its item or agreement is not the mirror's"));
        }
        if change.from == change.to || change.to < Quantity::ZERO || change.to.digits() > DIGITS_MAX {
            wrong.push(format!("{name}: {} -> {} is no change to make", change.from, change.to));
        }
        let company = companies.get(&change.agreement);
        for id in &change.lines {
            let line = plan.line(*id);
            let same = line.is_some_and(|line| line.addition == Some(change.addition) && line.next == Some(change.to) && line.now == Some(change.from));
            if !same || line.is_some_and(|line| !matches!(line.mark, Mark::Change | Mark::Held)) {
                wrong.push(format!("{name}: line {id} does not say so"));
            }
            let linked = matches!((accounts.get(&id.account), company), (Some(AccountTarget::Company(linked)), Some(company)) if linked == company);
            let mapped = products.get(&id.product) == Some(&ProductTarget::Item(change.item));
            if !linked || !mapped {
                wrong.push(format!("{name}: line {id} is not linked to it"));
            }
        }
        if change.lines.is_empty() {
            wrong.push(format!("{name}: no line explains it"));
        }
    }
}
