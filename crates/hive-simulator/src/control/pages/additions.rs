//! One agreement as ConnectWise shows it: its facts, its additions, and the forms to be the human.
//!
//! **Owns:** that page's HTML; how long ago something was, in words.
//! **Does not own:** what the forms do (`forms`).
//! **Limits on purpose:** two hundred catalog items are offered while typing; any other is found by its
//! identifier or id.

use jiff::Timestamp;
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::{Seen, cycle_of, status_of};
use crate::{
    rows::decimal,
    sim::State,
    world::{Addition, Agreement, name_of},
};

const ITEMS_OFFERED: usize = 200;
/// What changed less than this ago stands out.
const FRESH_SECONDS: i64 = 60;

/// The page's title, and all of it but the panel.
pub(super) fn page(state: &State, agreement: &Agreement, seen: &Seen) -> (String, Markup) {
    let company = state.world.companies.get(&agreement.company).map_or("", |company| company.name.as_str());
    let title = format!("{company}: {}", agreement.name);
    let additions: Vec<&Addition> = state.world.additions_of(agreement.id).collect();
    let main = html! {
        main {
            p { a href="/" { "All agreements" } " · " a href={ "/_sim/agreements/" (agreement.id) } { "Look again" } }
            h1 { (title) }
            @if let Some(words) = &seen.refused { p.refused role="alert" { "Not done. " (words) } }
            (facts(state, agreement, company))
            h2 id="additions" { "Additions" }
            @if additions.is_empty() {
                p { "This agreement has no additions." }
            } @else {
                div.wide tabindex="0" role="region" aria-labelledby="additions" {
                    table {
                        thead { tr {
                            th { "Product" } th.number { "Quantity" } th.number { "Unit price" } th.number { "Price" }
                            th { "Billed" } th { "Status" } th { "Last changed" } th { "Be the human" }
                        } }
                        tbody { @for addition in additions { (row(state, addition, &seen.who)) } }
                    }
                }
            }
            (add(state, agreement.id, &seen.who))
        }
    };
    (title, main)
}

fn facts(state: &State, agreement: &Agreement, company: &str) -> Markup {
    let world = &state.world;
    let status = agreement.status(state.clock.today());
    html! {
        dl.facts {
            div { dt { "Company" } dd { (company) " " span.hint { (agreement.company) } } }
            div { dt { "Agreement" } dd { (agreement.name) " " span.hint { (agreement.id) } } }
            div { dt { "Type" } dd { (name_of(&world.agreement_types, agreement.kind)) } }
            div { dt { "Status" } dd { (status_of(status)) } }
            div { dt { "Billed" } dd { (cycle_of(state, agreement)) } }
            @if let Some(day) = agreement.next_invoice { div { dt { "Next invoice" } dd { (day) } } }
            div { dt { "From" } dd { (agreement.start) } }
            @if let Some(day) = agreement.end { div { dt { "To" } dd { (day) } } }
        }
        @if status == "Active" {
            form method="post" action="/_sim/be/cancel_agreement" {
                input type="hidden" name="agreement" value=(agreement.id);
                button { "Cancel this agreement" }
            }
        }
    }
}

fn row(state: &State, addition: &Addition, who: &str) -> Markup {
    let now = state.clock.now();
    let item = state.world.items.get(&addition.item);
    let (identifier, name) = item.map_or(("", "an item that is gone"), |item| (&item.identifier, &item.description));
    let unit = item.and_then(|item| item.unit).map_or("", |unit| name_of(&state.world.units, unit));
    let unit = addition.uom.as_deref().unwrap_or(unit);
    let price = addition.quantity.checked_mul(addition.unit_price);
    let fresh = is_fresh(now, addition.stamp.at);
    html! {
        tr.fresh[fresh] id={ "addition-" (addition.id) } {
            td { (name) br; span.hint { (identifier) " · " (addition.id) } }
            td.number { strong { (addition.quantity.normalize()) } " " span.hint { (unit) } }
            td.number { (decimal(addition.unit_price, 2)) }
            td.number { @if let Some(price) = price { (decimal(price, 2)) } }
            td { (billed(addition)) }
            td { (status(state, addition)) }
            td {
                @if fresh { strong { "Changed " (since(now, addition.stamp.at)) } } @else { (since(now, addition.stamp.at)) }
                br; span.hint { "by " (addition.stamp.by) }
            }
            td { (human(addition, name, who)) }
        }
    }
}

fn billed(addition: &Addition) -> Markup {
    let words = match &*addition.bill_customer {
        "Billable" => "Billable",
        "DoNotBill" => "Do not bill",
        "NoCharge" => "No charge",
        other => other,
    };
    html! {
        (words)
        @if !addition.less_included.is_zero() {
            @let billed = (addition.quantity - addition.less_included).max(Decimal::ZERO);
            br; span.hint { (billed.normalize()) ", " (addition.less_included.normalize()) " included" }
        }
    }
}

fn status(state: &State, addition: &Addition) -> Markup {
    let today = state.clock.today();
    html! {
        @match (addition.cancelled, addition.effective) {
            (Some(day), _) if day <= today => span.off { "Cancelled " (day) },
            (Some(day), _) => span.on { "Active until " (day) },
            (None, Some(day)) if day > today => span.off { "Starts " (day) },
            _ => span.on { "Active" },
        }
    }
}

/// Set a quantity, cancel or take the cancellation back, delete.
fn human(addition: &Addition, name: &str, who: &str) -> Markup {
    let about = format!("{name} ({})", addition.id);
    let hidden = || {
        html! {
            input type="hidden" name="agreement" value=(addition.agreement);
            input type="hidden" name="addition" value=(addition.id);
        }
    };
    let (verb, label) = if addition.cancelled.is_some() { ("restore", "Restore") } else { ("cancel", "Cancel") };
    html! {
        form.inline method="post" action="/_sim/be/set" {
            (hidden())
            input name="quantity" size="6" inputmode="decimal" required value=(addition.quantity.normalize())
                aria-label={ "Quantity of " (about) };
            " as "
            input name="who" size="7" value=(who) aria-label={ "Who changes " (about) };
            " "
            button aria-label={ "Set " (about) } { "Set" }
            br;
            button formaction={ "/_sim/be/" (verb) } formnovalidate aria-label={ (label) " " (about) } { (label) }
            " "
            button formaction="/_sim/be/delete" formnovalidate aria-label={ "Delete " (about) } { "Delete" }
        }
    }
}

fn add(state: &State, agreement: i64, who: &str) -> Markup {
    html! {
        h2 { "Add an addition" }
        form.add method="post" action="/_sim/be/add" {
            input type="hidden" name="agreement" value=(agreement);
            p { label { "Catalog item " input name="item" list="items" required size="18" autocomplete="off"; } }
            datalist id="items" {
                @for item in state.world.items.values().filter(|item| !item.inactive).take(ITEMS_OFFERED) {
                    option value=(item.identifier) { (item.description) }
                }
            }
            p { label { "New quantity " input name="quantity" size="6" inputmode="decimal" required; } }
            p { label { "Unit price, if not the item's " input name="price" size="6" inputmode="decimal"; } }
            p { label { "As " input name="who" size="7" value=(who); } }
            button { "Add" }
        }
    }
}

fn is_fresh(now: Timestamp, at: Timestamp) -> bool {
    (0..=FRESH_SECONDS).contains(&now.duration_since(at).as_secs())
}

/// `just now`, `40 seconds ago`, `5 minutes ago`; the date and time where it is longer.
pub(super) fn since(now: Timestamp, at: Timestamp) -> String {
    match now.duration_since(at).as_secs() {
        0..=4 => "just now".to_owned(),
        seconds @ 5..=119 => format!("{seconds} seconds ago"),
        seconds @ 120..=3_599 => format!("{} minutes ago", seconds / 60),
        _ => at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_tell_them() {
        let told = |now: i64| {
            let at = |second| Timestamp::from_second(1_767_601_800 + second).unwrap();
            (since(at(now), at(0)), is_fresh(at(now), at(0)))
        };
        assert_eq!(told(3), ("just now".to_owned(), true));
        assert_eq!(told(60), ("60 seconds ago".to_owned(), true));
        assert_eq!(told(61), ("61 seconds ago".to_owned(), false));
        assert_eq!(told(300), ("5 minutes ago".to_owned(), false));
        assert_eq!(told(7_200), ("2026-01-05 08:30 UTC".to_owned(), false));
        assert_eq!(told(-5), ("2026-01-05 08:30 UTC".to_owned(), false), "a clock set back");
    }
}
