//! The planner, step by step. Each step is a module of its own; this is their order.

use super::group::{Group, groups};
use super::index::{Index, Pair};
use super::pairs::{Pairs, pairs};
use super::part::{Part, part};
use super::rule::live_products;
use super::target::company_name;
use super::{
    Change, Facts, Line, Mark, MirrorRef, Named, Plan, Settle, Settling, create, crowd, holds, id, money, suspect,
};
use crate::ids::{LineId, PlanId, ProductId};
use crate::import::loose;
use crate::issue::{Code, Issue, Severity};
use crate::link::{AccountTarget, ProductTarget};
use crate::quantity::Money;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Plans. The same facts and the same moment give the same plan.
pub fn make(facts: &Facts, now: Timestamp) -> Plan {
    let index = Index::new(facts, now);
    let Pairs { groups: linked, unlinked, ignored, excluded } = pairs(&index);
    let mut plan = Plan {
        id: PlanId(String::new()),
        msp: facts.msp,
        msp_name: facts.msp_name.clone(),
        mirror: facts.mirror.as_ref().map(|mirror| MirrorRef { id: mirror.id, pulled_at: mirror.pulled_at }),
        made_at: now,
        today: index.today,
        samples_through: facts.samples_through,
        lines: Vec::new(),
        changes: Vec::new(),
        creates: Vec::new(),
        ignored,
        excluded,
        settle: Vec::new(),
    };
    plan.lines.extend(unlinked.iter().map(|pair| unlinked_line(&index, *pair)));
    if facts.mirror.is_none() {
        let all = linked.values().flatten();
        plan.lines.extend(all.map(|pair| never_synced(&index, *pair)));
    } else {
        let live = live_products(facts);
        let mut groups = groups(&index, &linked);
        suspect::suspect_units(&index, &mut groups);
        crowd::hold_crowds(&index, &live, &mut groups);
        for group in groups {
            finish(&index, group, &live, &mut plan);
        }
    }
    name_the_msp(&mut plan);
    plan.lines.sort_by_key(|line| line.id);
    plan.changes.sort_by_key(|change| change.addition);
    plan.creates.sort_by_key(|create| (create.agreement, create.item));
    plan.settle.sort_by_key(|settle| settle.addition);
    plan.id = id::id_of(&plan, facts.connection);
    plan
}

/// The words of issues say `MSP` where a command needs the MSP: the reader gets its name, to copy.
fn name_the_msp(plan: &mut Plan) {
    let name = format!(" \"{}\"", plan.msp_name);
    for issue in plan.lines.iter_mut().flat_map(|line| &mut line.issues).filter(|issue| issue.message.contains(" MSP"))
    {
        for command in ["sync", "link", "ignore", "pin", "settings", "answer", "sources"] {
            let (before, after) = (format!("hive {command} MSP"), format!("hive {command}{name}"));
            issue.message = issue.message.replace(&before, &after);
        }
    }
}

fn empty_line(index: &Index<'_>, pair: Pair) -> Line {
    Line {
        id: LineId { account: pair.0, product: pair.1 },
        account: index.account_name(pair.0).to_owned(),
        product: index.product_name(pair.1).to_owned(),
        company: None,
        agreement: None,
        addition: None,
        now: None,
        next: None,
        part: None,
        money_month: None,
        currency: None,
        mark: Mark::Issue,
        live: false,
        issues: Vec::new(),
        trace: Vec::new(),
    }
}

fn never_synced(index: &Index<'_>, pair: Pair) -> Line {
    let mut line = empty_line(index, pair);
    line.issues.push(no_sync());
    line
}

fn no_sync() -> Issue {
    Issue::stop(Code::SyncNever, "Nothing was synced from ConnectWise yet. Run a Sync: hive sync MSP")
}

/// Usage that nobody is billed for: an unlinked account or an unmapped product.
fn unlinked_line(index: &Index<'_>, pair: Pair) -> Line {
    let mut line = empty_line(index, pair);
    let Part { value, trace, issues, .. } = part(index, pair, None);
    line.part = value;
    line.trace = trace;
    let sample = index.samples.get(&pair).and_then(|samples| samples.first());
    let used = sample.map_or(String::new(), |sample| format!(" uses {}", sample.unit.counted(sample.quantity)));
    line.money_month = unbilled(index, pair, value);
    let at_stake = line
        .money_month
        .map_or(String::new(), |month| format!(" At the item's list price that is worth {} a month.", month.words()));
    if index.facts.mirror.is_none() {
        line.issues.push(no_sync());
        return line;
    }
    if !index.account_targets.contains_key(&pair.0) {
        line.issues.push(Issue::stop(Code::AccountUnlinked, format!(
            "{}{used} of {}, but is linked to no company.{at_stake} Link it: hive link MSP --account \"{}\" --company ID, or ignore it: hive ignore MSP --account \"{}\"",
            line.account, line.product, line.account, line.account,
        )));
        line.issues.extend(duplicate_name(index, &line.account));
    }
    if !index.product_links.get(&pair.1).is_some_and(|link| matches!(link.target, ProductTarget::Item(_))) {
        line.issues.push(Issue::stop(Code::ProductUnmapped, format!(
            "{}{used} of {}, but {} is mapped to no item.{at_stake} Map it: hive link MSP --product \"{}\" --item ID, or ignore it: hive ignore MSP --product \"{}\"",
            line.account, line.product, line.product, line.product, line.product,
        )));
    }
    if let Some(AccountTarget::Company(company)) = index.account_targets.get(&pair.0) {
        line.company = index.companies.get(company).map(|found| Named { id: *company, name: found.name.clone() });
    }
    line.issues.extend(issues.into_iter().filter(|issue| issue.severity != Severity::Hold));
    line
}

/// Two companies of one name: nobody but a person can say which is meant.
fn duplicate_name(index: &Index<'_>, account: &str) -> Option<Issue> {
    let same = index.companies_named.get(&loose(account)).filter(|same| same.len() > 1)?;
    let list: Vec<String> = same
        .iter()
        .map(|company| {
            format!("{} ({}, {})", company.id, company.identifier, company.status.as_deref().unwrap_or("no status"))
        })
        .collect();
    Some(Issue::stop(
        Code::AccountDuplicateName,
        format!(
            "{} companies in ConnectWise are called \"{account}\": {}. Link the account to the one that is billed, by its id.",
            same.len(),
            list.join(", ")
        ),
    ))
}

/// What unbilled usage would come to at the item's own list price.
fn unbilled(index: &Index<'_>, pair: Pair, value: Option<crate::Quantity>) -> Option<Money> {
    let ProductTarget::Item(item) = index.product_links.get(&pair.1)?.target else { return None };
    money::worth(value?, index.items.get(&item)?.price.map(Money::decimal))
}

/// Mark, money and words of one group's lines.
fn finish(index: &Index<'_>, mut group: Group<'_>, live: &BTreeSet<ProductId>, plan: &mut Plan) {
    let products: BTreeSet<ProductId> = group.parts.iter().map(|part| part.pair.1).collect();
    let is_live = products.iter().all(|product| live.contains(product));
    create::offer(index, &mut group);
    if group.has(Severity::Stop) {
        group.spread_stops(index);
    } else {
        holds::judge(index, &mut group);
        group.spread_holds(index);
    }
    let mark = mark(&group);
    if let Some(settle) = settle(index, &group, is_live) {
        plan.settle.push(settle);
    }
    let lines: Vec<Line> = group.parts.iter().map(|part| line(index, &group, part, mark, (is_live, live))).collect();
    if matches!(mark, Mark::Change | Mark::Held) {
        plan.creates.extend(create::create(&group, &lines, &products, is_live));
        plan.changes.extend(change(&group, &lines, products, is_live));
    }
    plan.lines.extend(lines);
}

/// The first that fits.
fn mark(group: &Group<'_>) -> Mark {
    let nowhere = group.target.is_none() && group.create.is_none();
    if group.has(Severity::Stop) || nowhere || group.next.is_none() {
        Mark::Issue
    } else if group.now() == group.next {
        Mark::Unchanged
    } else if group.has(Severity::Hold) {
        Mark::Held
    } else {
        Mark::Change
    }
}

/// What Hive remembers of this addition once the plan is stored.
fn settle(index: &Index<'_>, group: &Group<'_>, is_live: bool) -> Option<Settle> {
    let (_, addition) = group.target.filter(|_| is_live)?;
    let settled = index.standings.get(&addition.id).and_then(|standing| standing.settled);
    let value = addition.quantity?;
    let standing = index.standings.get(&addition.id);
    if group.next != Some(value) && standing.is_some_and(|standing| holds::flipped(standing, value)) {
        return Some(Settle { addition: addition.id, value, why: Settling::Flipped });
    }
    // A value within the dead band is left alone, not agreed with.
    if !group.has(Severity::Stop) && group.next == Some(value) && group.banded.is_none() {
        let new = settled != Some(value);
        return new.then_some(Settle { addition: addition.id, value, why: Settling::SeenEqual });
    }
    settled.is_none().then_some(Settle { addition: addition.id, value, why: Settling::FirstHeld })
}

fn line(index: &Index<'_>, group: &Group<'_>, part: &Part, mark: Mark, live: (bool, &BTreeSet<ProductId>)) -> Line {
    let mut line = empty_line(index, part.pair);
    line.company = Some(Named {
        id: group.company,
        name: index
            .companies
            .get(&group.company)
            .map_or_else(|| company_name(index, group.company), |c| c.name.clone()),
    });
    line.part = part.value.filter(|_| !part.excluded).or(part.excluded.then_some(crate::Quantity::ZERO));
    line.mark = mark;
    line.live = live.0;
    line.trace.clone_from(&part.trace);
    line.trace.extend(group.trace.iter().cloned());
    line.issues.clone_from(&part.issues);
    line.issues.extend(group.issues.iter().cloned());
    line.issues.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
    if !live.1.contains(&part.pair.1) {
        line.issues.push(Issue::note(Code::LinkNotLive, format!(
            "{} has not been taken live under its present rule: it is pushed only when a person starts an Update with this plan's id.",
            line.product,
        )));
    }
    line.money_month = match (group.money_month, group.target) {
        // What cannot be counted has no price either.
        (Some(_), _) if line.issues.iter().any(uncounted) => None,
        (Some(money), _) => Some(money),
        // Something of it is billed already, on one of several additions: what is at stake is not known.
        (None, None) if part.issues.iter().any(|issue| issue.code == Code::AdditionAmbiguous) => None,
        (None, None) => unbilled(index, part.pair, part.value),
        (None, Some(_)) => None,
    };
    if let Some((agreement, addition)) = group.target {
        line.agreement = Some(Named { id: agreement.id, name: agreement.name.clone() });
        line.addition = Some(addition.id);
        line.now = addition.quantity;
        line.currency.clone_from(&agreement.currency);
        line.next = group.next.filter(|_| mark != Mark::Issue);
    } else if let Some(agreement) = group.create {
        line.agreement = Some(Named { id: agreement.id, name: agreement.name.clone() });
        line.currency.clone_from(&agreement.currency);
        line.next = group.next.filter(|_| mark != Mark::Issue);
    }
    line
}

/// Usage that is no longer used, or a sum that lacks a part: the quantity itself is in doubt.
fn uncounted(issue: &Issue) -> bool {
    issue.code == Code::SumPartBlocked || issue.code == Code::UsageStale && issue.severity == Severity::Stop
}

fn change(group: &Group<'_>, lines: &[Line], products: BTreeSet<ProductId>, live: bool) -> Option<Change> {
    let (agreement, addition) = group.target?;
    let held = lines.iter().flat_map(|line| &line.issues).filter(|issue| issue.severity == Severity::Hold);
    Some(Change {
        addition: addition.id,
        agreement: agreement.id,
        item: addition.item,
        from: addition.quantity?,
        to: group.next?,
        lines: lines.iter().map(|line| line.id).collect(),
        products,
        live,
        holds: held.map(|issue| (issue.code, issue.cause.clone().unwrap_or_default())).collect(),
        countable: group.unit().is_none_or(|unit| unit.unit.storage().is_none()),
        money_month: group.money_month,
        currency: agreement.currency.clone(),
    })
}
