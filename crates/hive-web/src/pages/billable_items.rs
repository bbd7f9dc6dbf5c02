//! Billable items: every product with what it comes to over all customers, and which customers those are.

use super::file;
use super::shown::{amounts, cycle_words};
use crate::part::{self, Column, Icon, Kind, Paged, Sort, Table};
use crate::{Answer, App, Fault, Nav, Page, Visitor, Web};
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use hive_core::{Decimal, ProductId, Quantity};
use hive_desk::look::Billable;
use hive_desk::view::{BILLABLE_COLUMNS, BillableView};
use hive_desk::{Averages, Look, Refused};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/billable-items", get(show))
        .route("/m/{msp}/billable-items.csv", get(csv))
        .route("/m/{msp}/billable-items.xlsx", get(xlsx))
        .route("/m/{msp}/billable-items/{product}", get(one))
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let averages = web.desk.averages(&look).await?;
    let here = visitor.here();
    let wanted = here.get("q").unwrap_or_default().to_lowercase();
    let name = |one: &Billable| look.product(one.product).map_or("", |product| product.name.as_str());
    let mut found: Vec<&Billable> =
        look.billables().iter().filter(|one| name(one).to_lowercase().contains(&wanted)).collect();
    let sort = Sort::of(here, &["product", "accounts", "money"], "product");
    // They come in the order of their names.
    match sort.by.as_str() {
        "accounts" => found.sort_by(|a, b| sort.order(a.accounts.cmp(&b.accounts))),
        "money" => found.sort_by(|a, b| sort.order(most(a).cmp(&most(b)))),
        _ if sort.down => found.reverse(),
        _ => {}
    }
    let paged = Paged::of(here, found.len());
    let columns = [
        Column::new("Product").sort("product"),
        Column::new("Billed as"),
        Column::new("Accounts").figure().sort("accounts"),
        Column::new("Usage").figure(),
        Column::new("Quotas").figure(),
        Column::new("30-day average").figure(),
        Column::new("Billed").figure(),
        Column::new("Unit price").figure(),
        Column::new("A month").figure().sort("money"),
    ];
    let rows = html! { @for one in paged.slice(&found) { (row(&visitor, &look, one, averages.as_deref())) } };
    let body = html! {
        section.panel id="billable-items" data-live {
            div.tools {
                (part::search(here, "q", "Search products"))
                (part::pager(here, paged, "product", "products"))
            }
            @if found.is_empty() { (nothing(&visitor, &look)) }
            @else { (Table { caption: "Billable items", columns: &columns, sort: Some((&sort, here)) }.rows(rows)) }
            @if averages.is_none() {
                p.panel-note { "There are too many accounts to work out their 30-day averages here; each account's Billing has its own." }
            }
        }
    };
    Ok(Page::new(&visitor, Nav::BillableItems, "Billable items")
        .lead(html! { "What your customers use and what ConnectWise bills for it now, by product." })
        .actions(downloads(&visitor))
        .pulse(look.pulse.facts, look.pulse.runs)
        .body(body))
}

fn downloads(visitor: &Visitor) -> Markup {
    html! {
        a.button href=(visitor.path("billable-items.csv")) download { (Icon::Download) "CSV" span.unseen { " of the billable items" } }
        a.button href=(visitor.path("billable-items.xlsx")) download { (Icon::Download) "XLSX" span.unseen { " of the billable items" } }
    }
}

/// The largest amount of any currency, for an order alone.
fn most(one: &Billable) -> Option<hive_core::Money> {
    one.money.values().copied().max()
}

fn nothing(visitor: &Visitor, look: &Look) -> Markup {
    if look.facts.products.is_empty() {
        return part::empty(
            "No products yet",
            html! { "Products come with usage: the first file that names one makes it a billable item." },
            part::button("button primary", &visitor.path("usage"), "Bring usage"),
        );
    }
    part::empty("No product is called so", html! { "Search for less." }, html! {})
}

/// Two digits: the exact average is in the explanation of each line.
fn rounded(value: Quantity) -> Quantity {
    value.nearest_to(Decimal::new(1, 2)).unwrap_or(value)
}

fn row(visitor: &Visitor, look: &Look, one: &Billable, averages: Option<&Averages>) -> Markup {
    let Some(product) = look.product(one.product) else { return html! {} };
    let average = averages.and_then(|averages| look.average_of(one.product, averages));
    let storage = product.is_storage();
    html! {
        tr {
            th scope="row" { a href=(visitor.path(&format!("billable-items/{}", one.product))) { (part::name(&product.name)) } }
            td { (item(look, one)) }
            td.figure { (part::count(one.accounts)) }
            td.figure { @match one.usage { Some(usage) => { span.nowrap { (part::quantity(usage)) " " span.unit { (product.unit.name_for(usage)) } } }, None => { span.muted { "–" } } } }
            td.figure { @match one.quota_gb { Some(gb) => { span.nowrap { (part::quantity(gb)) " GB" } }, None => { span.muted { "–" } } } }
            td.figure { @match average { Some(average) => { span.nowrap { (part::quantity(rounded(average))) " " span.unit { (product.unit.name_for(rounded(average))) } } }, None => { span.muted title=[storage.then_some("not known")] { "–" } } } }
            td.figure {
                (part::quantity(one.billed))
                br; small.nowrap { "on " (part::plural(one.additions, "addition", "additions")) @if one.shared { ", shared" } }
            }
            td.figure { (prices(one)) }
            td.figure { @if one.money.is_empty() { span.muted { "–" } } @else { (amounts(&one.money)) } }
        }
    }
}

fn item(look: &Look, one: &Billable) -> Markup {
    html! {
        @match one.item {
            Some(id) => {
                @match look.item(id) {
                    Some(item) => { (part::name(&item.identifier)) @if item.inactive { " " (part::pill(Kind::Wait, "inactive")) } },
                    None => { span.muted { "item " (id) } },
                }
            },
            None if look.product_link(one.product).is_some() => { (part::pill(Kind::Plain, "ignored")) },
            None => { (part::pill(Kind::Wait, "not mapped")) },
        }
    }
}

/// One price, or from which to which; each billing cycle on a line of its own.
fn prices(one: &Billable) -> Markup {
    html! {
        @if one.rates.is_empty() { span.muted { "–" } }
        @for ((currency, months), (lowest, highest)) in &one.rates {
            span.amount {
                @if lowest != highest { (part::money(*lowest, None)) " to " }
                (part::money(*highest, Some(currency.as_str()).filter(|code| !code.is_empty())))
                " " small { (cycle_words(*months)) }
            }
        }
    }
}

/// The customers of one product.
async fn one(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, product)): Path<(String, String)>) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let found = product.parse().ok().map(ProductId).and_then(|id| look.product(id));
    let product = found.ok_or_else(|| Fault::NotFound(format!("{} has no product {product}.", look.msp.name)))?;
    let averages = web.desk.averages(&look).await?;
    let here = visitor.here();
    let wanted = here.get("q").unwrap_or_default().to_lowercase();
    let mut accounts = look.accounts_of_product(product.id);
    accounts.retain(|id| look.account(*id).is_some_and(|account| account.name.to_lowercase().contains(&wanted)));
    let paged = Paged::of(here, accounts.len());
    let columns = [
        Column::new("Account"),
        Column::new("Usage").figure(),
        Column::new("Measured"),
        Column::new("Quota").figure(),
        Column::new("30-day average").figure(),
        Column::new("In ConnectWise").figure(),
        Column::new("A month").figure(),
        Column::new("Cost a month").figure(),
        Column::new("Margin a month").figure(),
        Column::new("Billing").unseen(),
    ];
    let rows = html! { @for id in paged.slice(&accounts) { (account_row(&visitor, &look, *id, product.id, averages.as_deref())) } };
    let body = html! {
        section.panel id="customers" data-live {
            div.tools {
                (part::search(here, "q", "Search accounts"))
                (part::pager(here, paged, "account", "accounts"))
            }
            @if accounts.is_empty() { (part::empty("No account uses it", html! {}, html! {})) }
            @else { (Table { caption: "Accounts that use it", columns: &columns, sort: None }.rows(rows)) }
        }
    };
    Ok(Page::new(&visitor, Nav::BillableItems, product.name.chars().take(part::NAME_SHOWN_MAX).collect::<String>())
        .lead(html! { a href=(visitor.path("billable-items")) { "Billable items" } ": which accounts use it, and what each is billed." })
        .pulse(look.pulse.facts, look.pulse.runs)
        .body(body))
}

fn account_row(
    visitor: &Visitor,
    look: &Look,
    id: hive_core::AccountId,
    product: ProductId,
    averages: Option<&Averages>,
) -> Markup {
    let (Some(account), Some(item)) = (look.account(id), look.line_item_of(id, product)) else { return html! {} };
    let average = averages.and_then(|averages| averages.get(&(id, product)));
    let currency = item.billed.and_then(|(_, agreement)| agreement.currency.as_deref());
    html! {
        tr {
            th scope="row" { (part::name(&account.name)) @if look.own_accounts().contains(&id) { " " (part::pill(Kind::Info, "your own")) } }
            td.figure { @match item.sample { Some(sample) => { span.nowrap { (part::quantity(sample.quantity)) " " span.unit { (sample.unit.name_for(sample.quantity)) } } }, None => { span.muted { "not measured" } } } }
            td { @match item.sample { Some(sample) => { (part::time(sample.measured_at, &visitor.zone)) }, None => { span.muted { "–" } } } }
            td.figure { @match item.quota { Some(quota) => { span.nowrap { (part::quantity(quota.size)) " " (quota.unit.name()) } }, None => { span.muted { "–" } } } }
            td.figure { @match average { Some(days) => { (part::quantity(rounded(days.average))) }, None => { span.muted { "–" } } } }
            td.figure { @match item.billed.and_then(|(addition, _)| addition.quantity) { Some(now) => { (part::quantity(now)) }, None => { span.muted { "–" } } } }
            td.figure { @match item.month() { Some(month) => { (part::money(month, currency)) }, None => { span.muted { "–" } } } }
            @for amount in [item.cost_month(), item.margin_month()] {
                td.figure { @match amount { Some(amount) => { (part::money(amount, currency)) }, None => { span.muted title="ConnectWise has no unit cost" { "–" } } } }
            }
            td { a.button href=(visitor.path(&format!("accounts/{id}/billing"))) aria-label={ "View End User Billing of " (account.name) } { "View End User Billing" } }
        }
    }
}

async fn csv(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    download(&web, &visitor, file::Kind::Csv, "billable-items.csv").await
}

async fn xlsx(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    download(&web, &visitor, file::Kind::Xlsx, "billable-items.xlsx").await
}

async fn download(web: &Web, visitor: &Visitor, kind: file::Kind, name: &str) -> Answer {
    let look = web.desk.look_fresh(&visitor.msp, visitor.now()).await?;
    let averages = web.desk.averages(&look).await?;
    let made = tokio::task::spawn_blocking(move || {
        file::bytes(kind, &BillableView::all(&look, averages.as_deref()), BILLABLE_COLUMNS)
    });
    let bytes = made.await.map_err(|error| Refused::Broken(format!("the file could not be made: {error}")))??;
    file::answer(kind, name, bytes)
}
