//! Which products go live: the ticks, and the button that pushes exactly this plan.

use super::super::shown::changes;
use super::Open;
use crate::Visitor;
use crate::auth::Do;
use crate::pages::usages::needs;
use crate::part::{self, Column, Kind, Table};
use hive_core::ProductId;
use hive_core::link::ProductTarget;
use hive_core::plan::Change;
use hive_core::settings::Updates;
use hive_desk::Look;
use hive_desk::look::Fate;
use hive_store::RunRow;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Products that are listed; those with most to push come first.
const PRODUCTS_MAX: usize = 200;

/// A product with what this plan would push of it.
struct Going<'a> {
    id: ProductId,
    name: &'a str,
    item: String,
    live: bool,
    changes: Vec<&'a Change>,
    lines: usize,
}

fn going<'a>(look: &'a Look, open: &Open<'a>) -> Vec<Going<'a>> {
    let mut of_product: BTreeMap<ProductId, Vec<&Change>> = BTreeMap::new();
    for (change, _) in &open.changes {
        for product in &change.products {
            of_product.entry(*product).or_default().push(change);
        }
    }
    let mut all: Vec<Going<'_>> = Vec::new();
    for link in &look.facts.product_links {
        let ProductTarget::Item(item) = link.target else { continue };
        let lines = look.lines_of_product(link.product).count();
        let Some(product) = look.product(link.product).filter(|_| lines > 0) else { continue };
        let item = look.item(item).map_or_else(|| format!("item {item}"), |found| found.identifier.clone());
        let changes = of_product.remove(&link.product).unwrap_or_default();
        all.push(Going {
            id: product.id,
            name: &product.name,
            item,
            live: look.live.contains(&product.id),
            changes,
            lines,
        });
    }
    all.sort_by_key(|one| (std::cmp::Reverse(one.changes.len()), one.live, one.name));
    all
}

pub(super) fn panel(visitor: &Visitor, look: &Look, open: &Open<'_>, running: Option<&RunRow>) -> Markup {
    let all = going(look, open);
    let title = "Push exactly this plan";
    if all.is_empty() {
        let words = html! { "Map a product to an item of ConnectWise first: then it can go live here." };
        let map = part::button("button primary", &visitor.path("psa-sync/products"), "Show Products");
        return part::panel(Some("go-live"), title, html! {}, part::empty("No product is mapped yet", words, map));
    }
    let columns = [
        Column::new("Tick").unseen(),
        Column::new("Product"),
        Column::new("Item in ConnectWise"),
        Column::new("Lines").figure(),
        Column::new("Additions to push").figure(),
        Column::new("A month").figure(),
        Column::new("State"),
    ];
    let table = Table { caption: "Products of this plan", columns: &columns, sort: None };
    let off = look.facts.settings.updates() == Updates::Off;
    part::panel(
        Some("go-live"),
        title,
        html! {},
        html! {
            form method="post" action=(visitor.path("psa-sync/update/push")) {
                (part::hidden("plan", &look.plan.id.to_string()))
                div.panel-body { p.hint { "Tick the products. A product that is not live goes live with this Update: from then on every Update pushes it by itself. " (at_once(open)) } }
                (table.rows(html! { @for one in all.iter().take(PRODUCTS_MAX) { (row(visitor, look, one)) } }))
                @if all.len() > PRODUCTS_MAX { p.hint.panel-body { "The page lists " (PRODUCTS_MAX) " of " (part::count(all.len())) " products, those with most to push first." } }
                div.tools {
                    @if running.is_some() { span.hint { "A run is under way; an Update can begin when it ended." } }
                    @else if off { span.hint { "Updates are off. " a href=(visitor.path("psa-sync/settings")) { "Show Settings" } " turns them on." } }
                    @else if visitor.may(Do::Update) { button.button.primary type="submit" { "Push exactly this plan…" } span.hint { "It asks first." } }
                    @else { button.button type="button" disabled { "Push exactly this plan…" } span.hint { "Starting an Update " (needs(Do::Update)) "." } }
                }
            }
        },
    )
}

fn at_once(open: &Open<'_>) -> Markup {
    html! { "Without go-live the next Update pushes " (part::plural(open.at_once, "addition", "additions")) "." }
}

fn row(visitor: &Visitor, look: &Look, one: &Going<'_>) -> Markup {
    let money = look.money_of_changes(one.changes.iter().copied());
    let shared = one.changes.iter().filter(|change| change.products.len() > 1).count();
    let waits = one.changes.iter().filter(|change| look.fate_of(change) == Fate::AtInvoice).count();
    html! {
        tr {
            td { input type="checkbox" name="product" value=(one.id) checked[one.live] aria-label={ "Push " (one.name) } disabled[!visitor.may(Do::Update)]; }
            th scope="row" { a href=(visitor.path(&format!("psa-sync/usages?product={}", one.id))) { (part::name(one.name)) } }
            td { (part::name(&one.item)) }
            td.figure { (part::count(one.lines)) }
            td.figure { (part::count(one.changes.len())) @if shared > 0 { small.below { (part::count(shared)) " shared with another product" } } @if waits > 0 { small.below { (part::count(waits)) " before their invoice" } } }
            td.figure { @if one.changes.is_empty() { span.muted { "–" } } @else { (changes(&money, one.changes.len())) } }
            td { @if one.live { (part::pill(Kind::Good, "live")) } @else { (part::pill(Kind::Info, "not live")) } }
        }
    }
}
