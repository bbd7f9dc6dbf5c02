//! Additions that are missing and could be created: each a decision of its own.

use crate::Visitor;
use crate::pages::usages::create_button;
use crate::part::{self, Column, Kind, Paged, Table};
use hive_core::plan::Create;
use hive_desk::Look;
use maud::{Markup, html};

/// Nothing, where nothing could be created.
pub(super) fn panel(visitor: &Visitor, look: &Look) -> Markup {
    let creates = &look.plan.creates;
    if creates.is_empty() {
        return html! {};
    }
    let columns = [
        Column::new("For"),
        Column::new("On"),
        Column::new("Quantity").figure(),
        Column::new("A month").figure(),
        Column::new("Answer"),
    ];
    let table = Table { caption: "Additions that would be created", columns: &columns, sort: None };
    let page = visitor.here().get("creates").unwrap_or("1");
    let paged = Paged::of(&part::Here::new("", &format!("page={page}")), creates.len());
    let title = format!("What is missing and could be created: {}", part::count(creates.len()));
    part::panel(
        Some("creates"),
        &title,
        html! {},
        html! {
            p.panel-note { "Each is a new line on a customer's invoice, at the price that ConnectWise gives it, and is created only once it is approved here. Money at the catalog's price." }
            (table.rows(html! { @for create in paged.slice(creates) { (row(visitor, look, create)) } }))
            @if creates.len() > part::ROWS_A_PAGE { (pages(visitor, paged, creates.len())) }
        },
    )
}

fn pages(visitor: &Visitor, paged: Paged, all: usize) -> Markup {
    let here = visitor.here().without("page");
    let page = paged.offset() / part::ROWS_A_PAGE + 1;
    html! {
        nav.pager aria-label="Pages of additions to create" {
            span { "from " (part::count(paged.offset() + 1)) " of " (part::plural(all, "addition", "additions")) }
            @if page > 1 { a.button href=(here.with("creates", &(page - 1).to_string())) { "Earlier" } }
            @if paged.offset() + part::ROWS_A_PAGE < all { a.button href=(here.with("creates", &(page + 1).to_string())) { "Later" } }
        }
    }
}

fn row(visitor: &Visitor, look: &Look, create: &Create) -> Markup {
    let Some(line) = create.lines.first().and_then(|id| look.line(*id)) else { return html! {} };
    let others = create.lines.len() - 1;
    let agreement = line.agreement.as_ref().map_or("", |agreement| agreement.name.as_str());
    let item = look.item(create.item).map_or("item", |item| item.identifier.as_str());
    html! {
        tr {
            th scope="row" { a href=(visitor.path(&format!("psa-sync/usages/{}", line.id))) { (part::name(&line.account)) " × " (part::name(&line.product)) }
                @if others > 0 { small.below { "and " (part::plural(others, "more line", "more lines")) } } }
            td { (part::name(agreement)) " " small { "id " (create.agreement) } small.below { (part::name(item)) " (" (create.item) ")" } }
            td.figure { (part::quantity(create.quantity)) }
            td.figure { @match create.money_month { Some(month) => (part::money_change(month, create.currency.as_deref())), None => span.muted { "–" } } }
            td {
                @match look.approved_creates.get(&line.id) {
                    Some(_) if line.live => (part::pill(Kind::Good, "approved, the next Update creates it")),
                    Some(_) => (part::pill(Kind::Good, "approved, created after go-live")),
                    None => (create_button(visitor, look, line, create)),
                }
            }
        }
    }
}
