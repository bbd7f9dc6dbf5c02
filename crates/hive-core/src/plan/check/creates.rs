//! Whether what a plan would create obeys the rules: it is the costliest thing a plan can be wrong in.

use super::{Code, Known, Line, Plan, Severity};
use crate::issue::Issue;
use crate::link::{AccountTarget, ProductTarget};
use crate::mirror::{Agreement, ItemsFrom};
use crate::plan::{Create, Mark};
use crate::quantity::{DIGITS_MAX, Quantity};
use std::collections::BTreeSet;

/// Whether the plan would create something for a line that has no addition.
pub(super) fn promised(plan: &Plan, line: &Line) -> bool {
    line.issues.iter().any(is_to_create) && plan.creates.iter().any(|create| create.lines.contains(&line.id))
}

fn is_to_create(issue: &Issue) -> bool {
    issue.code == Code::AdditionToCreate && issue.severity == Severity::Hold
}

pub(super) fn check(plan: &Plan, known: &Known<'_>, wrong: &mut Vec<String>) {
    for pair in plan.creates.windows(2).filter(|two| (two[0].agreement, two[0].item) >= (two[1].agreement, two[1].item))
    {
        wrong.push(format!("item {} is created twice on agreement {}", pair[1].item, pair[1].agreement));
    }
    for create in &plan.creates {
        let name = format!("the addition of item {} to create on agreement {}", create.item, create.agreement);
        let mut say = |words: &str| wrong.push(format!("{name}: {words}"));
        check_lines(create, plan, known, &mut say);
        check_place(create, plan, known, &mut say);
    }
}

/// Its lines say the same, and a person switched it on for each of their products.
fn check_lines(create: &Create, plan: &Plan, known: &Known<'_>, say: &mut dyn FnMut(&str)) {
    // A new field must be judged here, or passed over by name.
    let Create {
        agreement,
        company,
        item,
        quantity,
        lines,
        products,
        live,
        holds,
        countable: _,
        money_month: _,
        currency: _,
    } = create;
    if *quantity <= Quantity::ZERO || quantity.digits() > DIGITS_MAX {
        say("its quantity is none to create");
    }
    let mut shown = BTreeSet::new();
    for id in lines {
        let Some(line) = plan.line(*id) else {
            say("a line of it is not in the plan");
            continue;
        };
        let place = line.agreement.as_ref().map(|named| named.id);
        let same = (line.addition, line.now, line.next, place) == (None, None, Some(*quantity), Some(*agreement));
        if !same || line.mark != Mark::Held || line.live != *live || !line.issues.iter().any(is_to_create) {
            say("a line of it says otherwise");
        }
        let held = line.issues.iter().filter(|issue| issue.severity == Severity::Hold);
        shown.extend(held.map(|issue| (issue.code, issue.cause.clone().unwrap_or_default())));
        let linked = matches!(known.accounts.get(&id.account), Some(AccountTarget::Company(of)) if of == company);
        if !linked || known.products.get(&id.product) != Some(&ProductTarget::Item(*item)) {
            say("a line of it is not linked to it");
        }
        if known.facts.pins.iter().any(|pin| (pin.account, pin.product) == (id.account, id.product)) {
            say("a line of it is pinned to an addition");
        }
    }
    if lines.is_empty() || lines.iter().collect::<BTreeSet<_>>().len() != lines.len() {
        say("no line explains it, or one stands twice");
    }
    if *products != lines.iter().map(|line| line.product).collect() {
        say("its products are not those of its lines");
    }
    if !products.iter().all(|product| known.facts.settings.creates(*product)) {
        say("nobody switched creating on for all its products");
    }
    if *holds != shown || !holds.iter().any(|(code, _)| *code == Code::AdditionToCreate) {
        say("its holds are not those that its lines show");
    }
}

/// The mirror shows the one agreement that can take it, and nothing of the item that could bill there.
fn check_place(create: &Create, plan: &Plan, known: &Known<'_>, say: &mut dyn FnMut(&str)) {
    let Some(mirror) = &known.facts.mirror else { return };
    let rules = create.products.iter().map(|product| known.facts.settings.agreement_rule(*product));
    let rules: Vec<_> = rules.flatten().collect();
    let fits = |agreement: &&Agreement| {
        agreement.company == create.company
            && agreement.rejected_on(plan.today).is_none()
            && rules.iter().all(|rule| rule.admits(agreement))
    };
    let fitting: Vec<_> = mirror.agreements.iter().filter(fits).map(|agreement| agreement.id).collect();
    if !fitting.contains(&create.agreement) {
        say("the agreement is not an active one of its company that the rule admits");
    }
    // Another one that is active today may be over on the day that the target is judged on.
    let today = create
        .products
        .iter()
        .all(|product| known.facts.settings.target_date(*product) == crate::settings::TargetDate::Today);
    if today && fitting.len() != 1 {
        say("it is not the only agreement that could take it");
    }
    if known.deleted.contains(&create.company) {
        say("its company is deleted");
    }
    let item = mirror.items.iter().find(|item| item.id == create.item);
    if mirror.items_from != ItemsFrom::Catalog || item.is_none_or(|item| item.inactive || item.is_bundle()) {
        say("its item is not an active one of the catalog");
    }
    let bills = mirror.additions.iter().filter(|a| (a.agreement, a.item) == (create.agreement, create.item));
    if bills.into_iter().any(|addition| addition.cancelled.is_none_or(|last| last >= plan.today)) {
        say("it is there already");
    }
}
