//! Creating what is missing: a line whose only stop is that its addition is not there.
//!
//! Only where a person switched `create` on for every product of the sum, and only ever a hold: nothing
//! is created without an approval of exactly it.

use super::group::Group;
use super::index::Index;
use super::target::company_name;
use super::{Create, Line, StepKind, holds, money};
use crate::ids::ProductId;
use crate::issue::{Code, Issue, Severity};
use crate::mirror::{Agreement, ItemsFrom};
use crate::quantity::{Money, Quantity};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Turns the stop `addition.none` of a group into a hold, where Hive may create what is missing.
pub(super) fn offer(index: &Index<'_>, group: &mut Group<'_>) {
    let Some(quantity) = group.next.filter(|next| *next > Quantity::ZERO) else { return };
    if !switched_on(index, group) || !is_sellable(index, group) || !only_the_addition_is_missing(index, group) {
        return;
    }
    let Some(place) = group.place.take() else { return };
    match place.admitted.as_slice() {
        [] => {}
        [agreement] => hold(index, group, (agreement, quantity), &place.beside),
        several => ambiguous(index, group, several),
    }
}

/// What would be created, with the lines that it is for.
pub(super) fn create(group: &Group<'_>, lines: &[Line], products: &BTreeSet<ProductId>, live: bool) -> Option<Create> {
    let agreement = group.create?;
    let held = lines.iter().flat_map(|line| &line.issues).filter(|issue| issue.severity == Severity::Hold);
    Some(Create {
        agreement: agreement.id,
        company: group.company,
        item: group.item,
        quantity: group.next?,
        lines: lines.iter().map(|line| line.id).collect(),
        products: products.clone(),
        live,
        holds: held.map(|issue| (issue.code, issue.cause.clone().unwrap_or_default())).collect(),
        countable: group.unit().is_none_or(|unit| unit.unit.storage().is_none()),
        money_month: group.money_month,
        currency: agreement.currency.clone(),
    })
}

/// Every product of the sum, for each is billed by what is created.
fn switched_on(index: &Index<'_>, group: &Group<'_>) -> bool {
    !group.parts.is_empty() && group.parts.iter().all(|part| index.facts.settings.creates(part.pair.1))
}

/// An item that the catalog itself shows as active: one known from additions alone may be neither.
fn is_sellable(index: &Index<'_>, group: &Group<'_>) -> bool {
    let from_catalog = index.facts.mirror.as_ref().is_some_and(|mirror| mirror.items_from == ItemsFrom::Catalog);
    let item = index.items.get(&group.item);
    from_catalog && item.is_some_and(|item| !item.inactive && !item.is_bundle())
}

/// No other stop, and no pin: who pinned a line said on which addition it belongs.
fn only_the_addition_is_missing(index: &Index<'_>, group: &Group<'_>) -> bool {
    let all = group.issues.iter().chain(group.parts.iter().flat_map(|part| &part.issues));
    let mut stops = all.filter(|issue| issue.severity == Severity::Stop);
    let pinned = group.parts.iter().any(|part| index.pins.contains_key(&part.pair));
    !pinned && group.has(Severity::Stop) && stops.all(|issue| issue.code == Code::AdditionNone)
}

fn hold<'a>(index: &Index<'_>, group: &mut Group<'a>, (agreement, quantity): (&'a Agreement, Quantity), beside: &str) {
    let (company, item) = (company_name(index, group.company), index.item_name(group.item));
    group.money_month = money_month(index, group, agreement, quantity);
    let worth = group.money_month.map_or_else(
        || "which gives none".to_owned(),
        |worth| format!("{} a month", money::words(worth, agreement.currency.as_deref())),
    );
    let cycle = agreement.billing_cycle.as_deref().unwrap_or("without a billing cycle").to_lowercase();
    let words = format!(
        "{company} has no ongoing addition of {item}. Hive can create it on agreement {agreement} (billed {cycle}): quantity {quantity}, billable, at the catalog price ({worth}); ConnectWise decides the price.{beside} Approve it if it is to be billed there; nothing is created without that.",
    );
    for part in &mut group.parts {
        let stops = |issue: &Issue| issue.severity == Severity::Stop;
        let place = part.issues.iter().position(stops).unwrap_or(part.issues.len());
        part.issues.retain(|issue| !stops(issue));
        let cause = format!("{}-{}", agreement.id, group.item);
        part.issues.insert(place.min(part.issues.len()), Issue::hold(Code::AdditionToCreate, cause, words.clone()));
    }
    group.create = Some(agreement);
    group.step(
        StepKind::Target,
        format!("agreement {agreement} is the only one that it can be created on (create=true)"),
    );
    group.step(StepKind::Mark, format!("nothing holds it yet, {quantity} is wanted"));
    holds::sync_stale(index, group);
    holds::updates_off(index, group);
}

/// At the item's list price, which an addition takes over for each billing cycle.
fn money_month(index: &Index<'_>, group: &Group<'_>, agreement: &Agreement, quantity: Quantity) -> Option<Money> {
    let price = index.items.get(&group.item)?.price?.decimal();
    money::worth(quantity, price.checked_div(agreement.cycle_months().unwrap_or(Decimal::ONE)))
}

/// Several agreements could take it: a person says which, by the rule.
fn ambiguous(index: &Index<'_>, group: &mut Group<'_>, several: &[&Agreement]) {
    let list: Vec<String> = several.iter().map(|agreement| format!("agreement {agreement}")).collect();
    let words = format!(
        "{} could be created on {} agreements of {}, and only one can be right: {}. Narrow them (hive settings MSP --product P agreement_rule=…), or add it in ConnectWise and Sync.",
        index.item_name(group.item),
        several.len(),
        company_name(index, group.company),
        list.join("; "),
    );
    for part in &mut group.parts {
        part.issues.insert(0, Issue::stop(Code::AgreementAmbiguous, words.clone()));
    }
}
