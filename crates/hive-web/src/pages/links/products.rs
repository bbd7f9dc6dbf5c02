//! Show Products: Hive products on the left, the ConnectWise item each is billed as on the right.

use super::super::decided;
use super::accounts::capital;
use super::search::{id_words, item_state};
use super::{Tally, bulk, comparing, made_by, reach, short, state_chips, state_pill};
use crate::pages::psa_sync::{Tab, frame};
use crate::pages::shown::amounts;
use crate::part::{self, Column, Combobox, Kind, Paged, Table};
use crate::{Answer, Do, Visitor, Web};
use axum::extract::State;
use hive_core::link::{ProductLink, ProductTarget};
use hive_core::mirror::{CatalogItem, ItemsFrom};
use hive_core::usage::Product;
use hive_core::{ItemId, ProductId, Quantity};
use hive_desk::Look;
use hive_desk::look::{Boards, LinkState, ProductRow};
use hive_desk::view::SuggestionView;
use maud::{Markup, html};
use std::sync::Arc;

/// Said where the API member's role is the article's own: it may not read the catalog.
pub(super) const ONLY_ON_AGREEMENTS: &str =
    "Hive may not read the product catalog: it knows only items that are on an agreement.";
/// Suggestions in one row; a person who wants more searches.
const SUGGESTED_MAX: usize = 3;
/// Other products that are named where they share an item.
const SHARED_NAMED_MAX: usize = 3;
const STATES: [(LinkState, &str); 5] = [
    (LinkState::Unlinked, "Unmapped"),
    (LinkState::Suggested, "Suggested"),
    (LinkState::Linked, "Mapped"),
    (LinkState::Ignored, "Ignored"),
    (LinkState::Broken, "Broken"),
];

/// Whether the search knows only what is on an agreement.
pub(super) fn only_on_agreements(look: &Look) -> bool {
    look.mirror().is_some_and(|mirror| mirror.items_from == ItemsFrom::Additions)
}

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let boards = web.desk.boards(&look).await?;
    let here = visitor.here();
    let body = html! {
        section.panel.links aria-label="Show Products" {
            div.tools {
                (part::search(here, "q", "Search Hive products"))
                div.actions { (part::button("button", &visitor.path("psa-sync/links"), "Links as a file")) }
            }
            @if only_on_agreements(&look) {
                p.note id="search-knows" { (ONLY_ON_AGREEMENTS) " To offer the whole catalog, allow Product Catalog: Inquire for the API member's role. "
                    a href=(visitor.help(crate::help::link::CATALOG)) { "Help says where" } "." }
            }
            div id="links" data-live { (board(&visitor, &look, &boards)) }
        }
    };
    Ok(frame(&web, &visitor, &look, Tab::Products).await?.body(body))
}

fn board(visitor: &Visitor, look: &Look, boards: &Boards) -> Markup {
    let here = visitor.here();
    let typed = here.get("q").unwrap_or_default().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&typed);
    let fits = |row: &&ProductRow| {
        let product = look.product(row.id);
        let item = item_of(row.link.as_ref()).and_then(|id| look.item(id));
        typed.is_empty()
            || product.is_some_and(|product| holds(&product.name))
            || item.is_some_and(|item| holds(&item.identifier) || holds(&item.description))
    };
    let found: Vec<&ProductRow> = boards.products.iter().filter(fits).collect();
    let tally = Tally::of(found.iter().map(|row| row.state));
    let show = here.get("show").and_then(LinkState::parse);
    let rows: Vec<&ProductRow> = found.into_iter().filter(|row| show.is_none_or(|state| row.state == state)).collect();
    let paged = Paged::of(here, rows.len());
    html! {
        div.tools {
            (state_chips(visitor, &STATES, &tally))
            (part::pager(here, paged, "product", "products"))
        }
        (comparing(boards))
        @if boards.products.is_empty() {
            (part::empty("No product is known yet", html! { "Products come with usage: import a usage file, or let it arrive by itself." },
                part::button("button primary", &visitor.path("usage"), "Bring usage")))
        } @else if rows.is_empty() {
            (part::empty("No product is like this", html! { "Take away a filter or the search." },
                part::button("button", &here.without("show").without("q").to_string(), "All products")))
        } @else {
            (table(visitor, look, boards, paged.slice(&rows)))
        }
    }
}

fn table(visitor: &Visitor, look: &Look, boards: &Boards, rows: &[&ProductRow]) -> Markup {
    let columns = [
        Column::new("Tick").unseen(),
        Column::new("Hive product"),
        Column::new("Used").figure(),
        Column::new("ConnectWise item"),
        Column::new("State"),
    ];
    let columns = if visitor.may(Do::Map) { &columns[..] } else { &columns[1..] };
    let table = Table { caption: "Hive products and the ConnectWise items they are billed as", columns, sort: None };
    let many = [
        ("accept", "Accept the suggestions of ticked products"),
        ("unmap", "Unmap ticked products"),
        ("ignore", "Ignore ticked products"),
        ("ignore-rest", "Ignore the rest"),
    ];
    html! {
        (reach(visitor))
        @if look.mirror().is_none() {
            p.note { "Nothing was synced yet, so there is nothing to map to. "
                a href=(visitor.path("psa-sync")) { "Force a Sync" } " first." }
        }
        form id="act" method="post" action=(visitor.path("psa-sync/products/act")) {}
        (table.rows(html! { @for row in rows { (product_row(visitor, look, boards, row)) } }))
        (bulk(visitor, &many))
        @if visitor.may(Do::Map) {
            p.hint.below { "Tick the products you bill through ConnectWise. \"Ignore the rest\" ignores what is open on this page and not ticked; it can be taken up again." }
        }
    }
}

fn product_row(visitor: &Visitor, look: &Look, boards: &Boards, row: &ProductRow) -> Markup {
    let Some(product) = look.product(row.id) else { return html! {} };
    let name = short(&product.name);
    let suggested = boards.suggestions_of(row.id);
    let tick = suggested.first().map_or_else(|| row.id.to_string(), |best| format!("{}.{}", row.id, best.id));
    html! {
        tr {
            @if visitor.may(Do::Map) {
                td.tick {
                    input type="checkbox" form="act" name="row" value=(tick) aria-label={ "Tick " (name) };
                    input type="hidden" form="act" name="shown" value=(row.id);
                }
            }
            th scope="row" {
                (part::name(&product.name))
                div.small { "in " (short(&product.unit.to_string())) " · id " (row.id)
                    @if let Some(own_id) = &product.external_id { " · " (short(own_id)) } }
            }
            td.figure { (used(look, product, row)) }
            td.other {
                (target(visitor, look, boards, product, row))
                @for one in suggested.iter().take(SUGGESTED_MAX) { (perhaps(visitor, look, row.id, &name, one)) }
                @if visitor.may(Do::Map) { (choose(visitor, look, row.id, &name)) }
            }
            td {
                (state_pill(row.state, "unmapped"))
                @if row.state.is_open() && visitor.may(Do::Map) {
                    button.link type="submit" form="act" name="ignore" value=(row.id) aria-label={ "Ignore " (name) } { "Ignore" }
                }
                (decided::of_row(visitor, look, (None, Some(row.id)), &name))
            }
        }
    }
}

fn used(look: &Look, product: &Product, row: &ProductRow) -> Markup {
    let unbilled = look.unmapped_with_usage().iter().find(|one| one.id == row.id).filter(|_| row.state.is_open());
    html! {
        @if row.usage.accounts == 0 { span.muted { "by nobody" } }
        @else {
            @match row.usage.total {
                Some(total) => { (part::quantity(total)) " " (unit_of(product, total)) },
                None => { span.muted { "in several units" } },
            }
            div.small { "by " (part::plural(row.usage.accounts, "account", "accounts")) }
        }
        @if let Some(unbilled) = unbilled.filter(|one| !one.money.is_empty()) {
            div.small { "not billed: " (amounts(&unbilled.money)) " a month" }
        }
    }
}

/// The product's unit as it follows a quantity: 1 user, 24 users.
pub(super) fn unit_of(product: &Product, quantity: Quantity) -> String {
    let counted = product.unit.counted(quantity);
    short(counted.split_once(' ').map_or("", |(_, unit)| unit))
}

fn item_of(link: Option<&ProductLink>) -> Option<ItemId> {
    match link?.target {
        ProductTarget::Item(item) => Some(item),
        ProductTarget::Ignored => None,
    }
}

/// An item by its product ID and description, with what speaks against it.
pub(super) fn item_words(item: &CatalogItem) -> Markup {
    html! {
        span.item { (part::name(&item.identifier)) } " " (part::name(&item.description))
        " " span.small { "id " (item.id) }
        @if let Some(state) = item_state(item) { " " (part::pill(Kind::Bad, state)) }
    }
}

fn target(visitor: &Visitor, look: &Look, boards: &Boards, product: &Product, row: &ProductRow) -> Markup {
    let Some(link) = &row.link else { return html! {} };
    let name = short(&product.name);
    let made = html! { div.small { (made_by(link.by, &link.who, link.at, &visitor.zone)) } };
    let unmap = |words: &str, label: String| {
        html! {
            @if visitor.may(Do::Map) {
                button.button type="submit" form="act" name="unmap" value=(row.id) aria-label=(label) { (words) }
            }
        }
    };
    let ProductTarget::Item(id) = link.target else {
        return html! {
            div.linked {
                div { "Ignored: its usage is never pushed." (made) }
                (unmap("Take it up again", format!("Take up {name} again")))
            }
        };
    };
    html! {
        div.linked {
            div {
                @match look.item(id) { Some(item) => (item_words(item)), None => { "Item " (id) } }
                @if let Some(note) = row.note { div.small.bad { (capital(note)) ". Choose another item, or unmap." } }
                div.small { (unit_words(visitor, product, link)) }
                (summed(look, boards, row.id, id))
                (made)
            }
            (unmap("Unmap", format!("Unmap {name}")))
        }
    }
}

fn unit_words(visitor: &Visitor, product: &Product, link: &ProductLink) -> Markup {
    let confirm = visitor.path(&format!("psa-sync/products/{}/map", product.id));
    html! {
        @match &link.unit {
            Some(unit) => {
                "One unit of the item is " (short(&unit.to_string()))
                @if link.unit_trusted { ", confirmed again" }
                "."
                @if visitor.may(Do::Map) { " " a href=(confirm) aria-label={ "Change the unit of " (short(&product.name)) } { "Change" } }
            },
            None if product.is_storage() => {
                (part::pill(Kind::Wait, "unit not confirmed")) " Nothing is pushed before somebody says what one unit is."
                @if visitor.may(Do::Map) { " " a href=(confirm) aria-label={ "Confirm the unit of " (short(&product.name)) } { "Confirm the unit" } }
            },
            None => {
                "One unit of the item is 1 " (short(&product.unit.to_string())) "."
                @if visitor.may(Do::Map) { " " a href=(confirm) aria-label={ "Change the unit of " (short(&product.name)) } { "Change" } }
            },
        }
    }
}

/// AC-39: several products on one item are summed, and it is said.
pub(super) fn summed(look: &Look, boards: &Boards, own: ProductId, item: ItemId) -> Markup {
    let others: Vec<ProductId> = boards.products_on(item).iter().copied().filter(|product| *product != own).collect();
    let named = others.iter().take(SHARED_NAMED_MAX).filter_map(|id| look.product(*id));
    let named: Vec<String> = named.map(|product| format!("\"{}\"", short(&product.name))).collect();
    let more = others.len().saturating_sub(named.len());
    html! {
        @if !others.is_empty() {
            div.small { "Summed with " (named.join(", ")) @if more > 0 { " and " (more) " more" } ": their usage adds up on one addition." }
        }
    }
}

fn perhaps(visitor: &Visitor, look: &Look, product: ProductId, name: &str, one: &SuggestionView) -> Markup {
    let item = look.item(ItemId(one.id));
    html! {
        div.linked.perhaps {
            div {
                "Perhaps " @match item { Some(item) => (item_words(item)), None => (part::name(&one.name)) }
                div.small { "Score " (one.score) " of 100: " (one.reason) }
            }
            @if visitor.may(Do::Map) {
                form.inline method="post" action=(visitor.path("psa-sync/products/map")) {
                    (part::hidden("product", &product.to_string())) (part::hidden("item", &id_words(one.id)))
                    button.button type="submit" aria-label={ "Accept: map " (name) " to " (short(&one.name)) } { "Accept" }
                }
            }
        }
    }
}

fn choose(visitor: &Visitor, look: &Look, product: ProductId, name: &str) -> Markup {
    let knows = if only_on_agreements(look) { " (only items that are on an agreement)" } else { "" };
    let combobox = Combobox {
        id: &format!("item-of-{product}"),
        name: "item",
        label: &format!("Search for product: ConnectWise item for {name}{knows}"),
        url: &visitor.path("psa-sync/products/search"),
        value: None,
        placeholder: "Search for product...",
        sends: true,
    };
    html! {
        form.choose method="post" action=(visitor.path("psa-sync/products/map")) {
            (part::hidden("product", &product.to_string()))
            (part::combobox(&combobox))
            button.unseen type="submit" tabindex="-1" { "Map" }
        }
    }
}
