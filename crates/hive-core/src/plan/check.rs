//! Second eyes: whether a plan, from whatever hand, obeys the rules. Asked in every planner test and
//! once more before a push.

use super::{Adjust, Change, Facts, Line, Mark, Plan};
use crate::ids::{AccountId, AdditionId, AgreementId, CompanyId, ItemId, LineId, ProductId};
use crate::issue::{Code, Severity};
use crate::link::{AccountTarget, ProductTarget};
use crate::mirror::{Addition, Agreement};
use crate::quantity::{DIGITS_MAX, Quantity};
use crate::settings::{At, Key, TargetDate};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

mod feeds;
mod rules;
use feeds::Told;
mod creates;

/// What is wrong with `plan`; empty: nothing. It plans nothing itself, and shares no code with the
/// planner but the types.
pub fn check(plan: &Plan, facts: &Facts) -> Vec<String> {
    let known = Known::of(facts);
    let mut wrong = Vec::new();
    check_whole(plan, facts, &mut wrong);
    for pair in plan.lines.windows(2).filter(|pair| pair[0].id >= pair[1].id) {
        wrong.push(format!("line {} stands twice or out of order", pair[1].id));
    }
    let mut of_addition: BTreeMap<AdditionId, &Line> = BTreeMap::new();
    let changed: HashMap<AdditionId, &Change> = plan.changes.iter().map(|change| (change.addition, change)).collect();
    for line in &plan.lines {
        check_line(line, &known, &mut wrong);
        check_decided(line, plan.today, facts, &mut wrong);
        if let Some(addition) = line.addition {
            let first = *of_addition.entry(addition).or_insert(line);
            if (first.mark, first.live, first.next) != (line.mark, line.live, line.next) {
                wrong.push(format!("line {}: its addition has two marks", line.id));
            }
        }
        let promised = match line.addition {
            Some(addition) => changed.get(&addition).is_some_and(|change| change.lines.contains(&line.id)),
            None => creates::promised(plan, line),
        };
        if promised != matches!(line.mark, Mark::Change | Mark::Held) {
            wrong.push(format!("line {}: marked {}, and the changes say otherwise", line.id, line.mark.name()));
        }
    }
    rules::check_rules(plan, facts, &mut wrong);
    let told = Told::of(facts, plan.today);
    let mut seen = BTreeSet::new();
    for change in &plan.changes {
        if !seen.insert(change.addition) {
            wrong.push(format!("addition {} is changed twice", change.addition));
        }
        check_change(change, plan, &known, &mut wrong);
        told.check(change, plan, &mut |words| wrong.push(format!("addition {}{words}", change.addition)));
    }
    creates::check(plan, &known, &mut wrong);
    wrong
}

/// What the mirror and the links hold, by id.
struct Known<'a> {
    facts: &'a Facts,
    additions: HashMap<AdditionId, &'a Addition>,
    agreements: HashMap<AgreementId, &'a Agreement>,
    deleted: BTreeSet<CompanyId>,
    accounts: HashMap<AccountId, AccountTarget>,
    products: HashMap<ProductId, ProductTarget>,
    items: HashMap<(AccountId, ProductId), ItemId>,
    /// What accounts fix as the one agreement of their company.
    fixed: HashMap<CompanyId, Vec<(AccountId, &'a str)>>,
}

impl<'a> Known<'a> {
    fn of(facts: &'a Facts) -> Known<'a> {
        let mirrors = || facts.mirror.iter();
        let mut fixed: HashMap<CompanyId, Vec<(AccountId, &str)>> = HashMap::new();
        for link in &facts.account_links {
            let text = facts.settings.text(Key::Agreement, At { product: None, account: Some(link.account) });
            if let (AccountTarget::Company(company), false) = (link.target, text.is_empty()) {
                fixed.entry(company).or_default().push((link.account, text));
            }
        }
        Known {
            facts,
            additions: mirrors().flat_map(|mirror| &mirror.additions).map(|a| (a.id, a)).collect(),
            agreements: mirrors().flat_map(|mirror| &mirror.agreements).map(|a| (a.id, a)).collect(),
            deleted: mirrors().flat_map(|mirror| &mirror.companies).filter(|c| c.deleted).map(|c| c.id).collect(),
            accounts: facts.account_links.iter().map(|link| (link.account, link.target)).collect(),
            products: facts.product_links.iter().map(|link| (link.product, link.target)).collect(),
            items: facts.item_overrides.iter().map(|own| ((own.account, own.product), own.item)).collect(),
            fixed,
        }
    }
}

impl Known<'_> {
    /// Whether a pair may be billed as an item: the account's own, else one of the product's sizes, else
    /// the product's.
    fn bills_as(&self, line: LineId, item: ItemId) -> bool {
        let Some(ProductTarget::Item(of_product)) = self.products.get(&line.product) else { return false };
        if let Some(own) = self.items.get(&(line.account, line.product)) {
            return *own == item;
        }
        let at = At { product: Some(line.product), account: None };
        let sizes = self.facts.settings.text(Key::StepItems, at);
        if sizes.is_empty() {
            return *of_product == item;
        }
        let named = self.facts.mirror.iter().flat_map(|mirror| &mirror.items).find(|found| found.id == item);
        let names = sizes.split(',').filter_map(|size| size.split_once('=').map(|(_, name)| name));
        let of_identifier =
            |name: &str| named.is_some_and(|found| name.trim_start_matches("identifier:") == found.identifier);
        let mut names = names.into_iter();
        *of_product == item || names.any(|name| name == item.to_string() || of_identifier(name))
    }

    /// Too early for its invoice, or pushed for it already.
    fn waits(&self, agreement: &Agreement, today: Date) -> bool {
        let (Some(days), Some(invoice)) = (self.facts.settings.invoice_days(), agreement.next_invoice) else {
            return false;
        };
        let left = today.until(invoice).map_or(0, |span| i64::from(span.get_days()));
        left > days || self.facts.invoiced.get(&agreement.id) == Some(&invoice)
    }
}

fn check_whole(plan: &Plan, facts: &Facts, wrong: &mut Vec<String>) {
    if plan.msp != facts.msp {
        wrong.push(format!("the plan is of MSP {}, the facts are of MSP {}", plan.msp, facts.msp));
    }
    let made_from = plan.mirror.as_ref().map(|mirror| mirror.id);
    if made_from != facts.mirror.as_ref().map(|mirror| mirror.id) {
        wrong.push("the plan was made from another mirror".to_owned());
    }
    if plan.mirror.is_none() && !(plan.changes.is_empty() && plan.creates.is_empty()) {
        wrong.push("something is changed, though nothing was ever synced".to_owned());
    }
    for pair in plan.settle.windows(2).filter(|pair| pair[0].addition >= pair[1].addition) {
        wrong.push(format!("addition {} is settled twice or out of order", pair[1].addition));
    }
}

fn check_line(line: &Line, known: &Known<'_>, wrong: &mut Vec<String>) {
    let id = line.id;
    let stopped = line.has(Severity::Stop);
    if (line.mark == Mark::Issue) != stopped {
        wrong.push(format!("line {id}: marked {} against its issues", line.mark.name()));
    }
    if (line.mark == Mark::Issue) != line.next.is_none() {
        wrong.push(format!("line {id}: marked {}, and its next quantity says otherwise", line.mark.name()));
    }
    if (line.mark == Mark::Held && !line.has(Severity::Hold)) || (line.mark == Mark::Change && line.has(Severity::Hold))
    {
        wrong.push(format!("line {id}: marked {} against its holds", line.mark.name()));
    }
    if line.mark != Mark::Issue && (line.mark == Mark::Unchanged) != (line.now == line.next) {
        wrong.push(format!(
            "line {id}: marked {}, but it is {:?} now and {:?} next",
            line.mark.name(),
            line.now,
            line.next
        ));
    }
    for issue in &line.issues {
        if (issue.severity == Severity::Hold) != issue.cause.is_some() {
            wrong.push(format!("line {id}: {} names a cause and is no hold, or the other way round", issue.code));
        }
        if issue.message.trim().is_empty() {
            wrong.push(format!("line {id}: {} has no words", issue.code));
        }
    }
    let held = line.addition.map(|addition| known.additions.get(&addition));
    if held.is_some_and(|found| found.is_none_or(|addition| addition.quantity != line.now)) {
        wrong.push(format!("line {id}: now {:?} is not what the mirror holds", line.now));
    }
    if line.live && !known.facts.live_rules.contains_key(&id.product) {
        wrong.push(format!("line {id}: live, but its product never went live"));
    }
}

/// What a person excluded is no line, and what a person adjusted says so.
fn check_decided(line: &Line, today: Date, facts: &Facts, wrong: &mut Vec<String>) {
    let LineId { account, product } = line.id;
    let acts = |until: Option<Date>| until.is_none_or(|until| until >= today);
    let excluded = facts.exclusions.iter().any(|exclusion| {
        acts(exclusion.until)
            && exclusion.account.unwrap_or(account) == account
            && exclusion.product.unwrap_or(product) == product
    });
    if excluded {
        wrong.push(format!("line {} is excluded, and stands in the plan", line.id));
    }
    if !matches!(line.mark, Mark::Change | Mark::Held) {
        return;
    }
    if line.part.is_none() {
        wrong.push(format!("line {} is changed, and has no part in it", line.id));
    }
    let said = line.issues.iter().any(|issue| issue.code == Code::QuantityAdjusted);
    let adjustment = facts.adjustments.iter().find(|one| (one.account, one.product) == (account, product));
    let Some(adjustment) = adjustment else {
        if said {
            wrong.push(format!("line {} says that it is adjusted, and nobody adjusted it", line.id));
        }
        return;
    };
    let since = adjustment.until.and_then(|until| until.until(today).ok()).map_or(0, |span| span.get_days());
    if since > 0 {
        // It ended: said for a fortnight, and followed no more.
        if said != (since <= 14) {
            wrong.push(format!("line {} says otherwise than that its adjustment ended", line.id));
        }
        return;
    }
    let kept = match adjustment.adjust {
        Adjust::Fixed(fixed) => line.part == Some(fixed),
        Adjust::Plus(more) => line.part.is_some_and(|part| part >= more),
        Adjust::Minus(_) => line.part.is_some_and(|part| part >= Quantity::ZERO),
    };
    if !said || !kept {
        wrong.push(format!("line {} does not follow its adjustment ({})", line.id, adjustment.adjust));
    }
}

/// The addition is the mirror's, and billed on the day of the plan.
fn check_target(change: &Change, plan: &Plan, known: &Known<'_>, say: &mut dyn FnMut(String)) {
    let Change { addition, agreement, item, from, products, .. } = change;
    match known.additions.get(addition) {
        None => say(" is not in the mirror".to_owned()),
        Some(found) => {
            if found.quantity != Some(*from) {
                say(format!(": from {from} is not what the mirror holds"));
            }
            if found.item != *item || found.agreement != *agreement {
                say(": its item or agreement is not the mirror's".to_owned());
            }
            let judged_today =
                products.iter().all(|product| known.facts.settings.target_date(*product) == TargetDate::Today);
            let over = found.cancelled.is_some_and(|last| last < plan.today)
                || found.effective.is_some_and(|first| first > plan.today);
            if judged_today && over {
                say(format!(" is not ongoing on {}", plan.today));
            }
        }
    }
}

/// The agreement is the one that an account of its company fixes; where none does, every product's rule
/// admits it.
fn check_meant(change: &Change, known: &Known<'_>, say: &mut dyn FnMut(String)) {
    let Some(agreement) = known.agreements.get(&change.agreement) else { return };
    let fixed = known.fixed.get(&agreement.company).map_or(&[][..], Vec::as_slice);
    for (account, text) in fixed {
        let same = match text.parse::<i64>() {
            Ok(id) => agreement.id == AgreementId(id),
            Err(_) => agreement.name.trim().to_lowercase() == text.to_lowercase(),
        };
        if !same {
            say(format!(" is on agreement {}, but account {account} fixes {text}", agreement.id));
        }
    }
    if !fixed.is_empty() {
        return;
    }
    let settings = &known.facts.settings;
    let rules = change.products.iter().filter_map(|product| settings.agreement_rule(*product));
    for rule in rules.filter(|rule| !rule.admits(agreement)) {
        say(format!(" is on agreement {}, which the rule {rule} leaves out", agreement.id));
    }
}

fn check_change(change: &Change, plan: &Plan, known: &Known<'_>, wrong: &mut Vec<String>) {
    // A new field must be judged here, or passed over by name.
    let Change {
        addition,
        agreement,
        item,
        from,
        to,
        lines,
        products,
        live,
        holds,
        countable: _,
        money_month: _,
        currency: _,
    } = change;
    let name = format!("addition {addition}");
    let mut say = |words: String| wrong.push(format!("{name}{words}"));
    check_target(change, plan, known, &mut say);
    check_meant(change, known, &mut say);
    if from == to || *to < Quantity::ZERO || to.digits() > DIGITS_MAX {
        say(format!(": {from} -> {to} is no change to make"));
    }
    let company = known.agreements.get(agreement).map(|agreement| agreement.company);
    if known.agreements.get(agreement).is_some_and(|agreement| agreement.cancelled) {
        say(" is on a cancelled agreement".to_owned());
    }
    if company.is_some_and(|company| known.deleted.contains(&company)) {
        say(" is of a deleted company".to_owned());
    }
    let waits = known.agreements.get(agreement).is_some_and(|agreement| known.waits(agreement, plan.today));
    let mut shown = BTreeSet::new();
    for id in lines {
        let line = plan.line(*id);
        let said = line.is_some_and(|line| line.issues.iter().any(|i| i.code == Code::AgreementWaitsInvoice));
        if said != waits {
            say(format!(": line {id} says otherwise whether it waits for an invoice"));
        }
        let same =
            line.is_some_and(|line| (line.addition, line.now, line.next) == (Some(*addition), Some(*from), Some(*to)));
        if !same {
            say(format!(": line {id} does not say so"));
        }
        if line.is_some_and(|line| line.live != *live) {
            say(format!(": line {id} says otherwise whether it is live"));
        }
        let of_line = line.into_iter().flat_map(|line| &line.issues).filter(|issue| issue.severity == Severity::Hold);
        shown.extend(of_line.map(|issue| (issue.code, issue.cause.clone().unwrap_or_default())));
        let linked = matches!((known.accounts.get(&id.account), company), (Some(AccountTarget::Company(linked)), Some(company)) if *linked == company);
        if !linked || !known.bills_as(*id, *item) {
            say(format!(": line {id} is not linked to it"));
        }
    }
    if lines.is_empty() || lines.iter().collect::<BTreeSet<_>>().len() != lines.len() {
        say(": no line explains it, or one stands twice".to_owned());
    }
    if *products != lines.iter().map(|line| line.product).collect() {
        say(": its products are not those of its lines".to_owned());
    }
    if *holds != shown {
        say(": its holds are not those that its lines show".to_owned());
    }
}
