//! Product Usages: every account x product with its value, what ConnectWise has, what will be pushed.
//!
//! **Does not own:** which lines a filter finds and in which order (the desk), what a line is worth (the plan).

mod download;
mod fixes;
mod history;

pub(in crate::pages) use fixes::{create_button, needs};
pub(super) use line::{line_id, steps};
mod line;
mod verbs;

use super::psa_sync::{Tab, frame};
use super::shown::{fate_mark, fate_words, maybe};
use crate::part::{self, Chip, Chosen, Column, Combobox, Here, Icon, Kind, Paged, Sort, Table};
use crate::{Answer, App, Visitor, Web};
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use hive_core::issue::Code;
use hive_core::plan::Line;
use hive_core::{AccountId, AgreementId, ProductId, TimeZone};
use hive_desk::Look;
use hive_desk::look::{Fate, Filter, Found, Order};
use maud::{Markup, html};
use std::sync::Arc;

/// Accounts or products that a box offers at once.
const OFFERED_MAX: usize = 20;

pub(super) fn routes() -> Router<App> {
    let at = |rest: &str| format!("/m/{{msp}}/psa-sync/usages{rest}");
    Router::new()
        .route(&at(""), get(show))
        .route(&at(".csv"), get(download::csv))
        .route(&at(".xlsx"), get(download::spreadsheet))
        .route(&at("/find"), get(find))
        .route(&at("/{line}"), get(line::show))
        .route(&at("/{line}/pin"), post(verbs::pin))
        .route(&at("/{line}/relink"), post(verbs::relink))
        .route(&at("/{line}/unit"), post(verbs::unit))
        .route(&at("/{line}/ignore"), post(verbs::ignore))
        .route(&at("/{line}/approve"), post(verbs::approve))
        .route(&at("/{line}/answer"), post(verbs::answer))
        .route(&at("/{line}/source"), post(verbs::source))
}

/// What the address asks for.
struct Asked {
    filter: Filter,
    order: Order,
    sort: Sort,
}

impl Asked {
    fn of(here: &Here, look: &Look) -> Asked {
        let sort = Sort::of(here, &["account", "product", "money", "mark"], "account");
        let order = match sort.by.as_str() {
            "product" => Order::Product,
            "money" => Order::Money,
            "mark" => Order::Mark,
            _ => Order::Account,
        };
        let filter = Filter {
            fate: here.get("mark").and_then(Fate::parse),
            account: here.get("account").map(|text| account_of(look, text)),
            product: here.get("product").map(|text| product_of(look, text)),
            agreement: here.get("agreement").and_then(|text| text.parse().ok()).map(AgreementId),
            code: here.get("code").and_then(Code::parse),
            cause: here.get("cause").map(str::to_owned),
            text: here.get("q").unwrap_or_default().to_owned(),
        };
        Asked { filter, order, sort }
    }
}

/// An id, or a name as it was typed. One that nobody has finds nothing.
fn account_of(look: &Look, text: &str) -> AccountId {
    let named = look.facts.accounts.iter().find(|account| account.name == text).map(|account| account.id);
    named.unwrap_or_else(|| AccountId(text.parse().unwrap_or_default()))
}

fn product_of(look: &Look, text: &str) -> ProductId {
    let named = look.facts.products.iter().find(|product| product.name == text).map(|product| product.id);
    named.unwrap_or_else(|| ProductId(text.parse().unwrap_or_default()))
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let here = visitor.here();
    let asked = Asked::of(here, &look);
    let found = look.find_usages(&asked.filter, asked.order, asked.sort.down);
    let body = html! {
        section.panel.usages aria-label="The lines and their filters" {
            (tools(&visitor, &look, &found))
            div id="usages" data-live {
                (filters(here, &look, &found))
                (table(&visitor, &look, &asked, &found))
            }
        }
    };
    Ok(frame(&web, &visitor, &look, Tab::Usages)
        .await?
        .titled("Product Usages")
        .lead(html! { "What each account uses of each product, what ConnectWise has, and what the next Update pushes. "
        a href=(visitor.path("usage")) { "Bring usage" } })
        .body(body))
}

/// Search and the filters that are typed. They stand outside what is swapped while somebody types.
fn tools(visitor: &Visitor, look: &Look, found: &Found) -> Markup {
    let here = visitor.here();
    let box_ = |what: &'static str, label: &'static str, value: Option<(String, String)>, url: &str| {
        part::combobox(&Combobox { id: what, name: what, label, url, value, placeholder: label, sends: true })
    };
    let account = here.get("account").map(|text| {
        let id = account_of(look, text);
        (id.to_string(), look.account(id).map_or_else(|| text.to_owned(), |account| account.name.clone()))
    });
    let product = here.get("product").map(|text| {
        let id = product_of(look, text);
        (id.to_string(), look.product(id).map_or_else(|| text.to_owned(), |product| product.name.clone()))
    });
    let find = |what: &str| visitor.path(&format!("psa-sync/usages/find?what={what}"));
    html! {
        form.tools method="get" action=(here.path()) data-auto aria-label="Filter the lines" {
            @for (name, value) in here.parameters() {
                @if !["q", "account", "product", "code", "page"].contains(&name) { (part::hidden(name, value)) }
            }
            span.search { label { span.unseen { "Search account, company or product" } (Icon::Search)
                input type="search" name="q" value=[here.get("q")] placeholder="Search account, company or product"
                    autocomplete="off" data-search; } }
            (box_("account", "Any account", account, &find("account")))
            (box_("product", "Any product", product, &find("product")))
            select name="code" aria-label="Issue code" {
                option value="" { "Any code" }
                @for (code, many) in codes(here, found) {
                    option value=(code.name()) selected[here.get("code") == Some(code.name())] { (code.name()) " (" (part::count(many)) ")" }
                }
            }
            button.button type="submit" { "Filter" }
        }
    }
}

/// The codes that are there, and the one that was asked for.
fn codes(here: &Here, found: &Found) -> Vec<(Code, usize)> {
    let mut codes = found.codes.clone();
    if let Some(asked) = here.get("code").and_then(Code::parse) {
        codes.entry(asked).or_default();
    }
    codes.into_iter().collect()
}

/// The filters that are pressed, the ones that came by a link, and the downloads.
fn filters(here: &Here, look: &Look, found: &Found) -> Markup {
    let many = |fate: Fate| found.counts.get(&fate).copied().unwrap_or_default();
    let chip = |fate: Fate, words: &'static str| Chip { value: fate.name(), words, count: Some(many(fate)) };
    let mut chips = vec![
        Chip { value: "", words: "All", count: Some(found.counts.values().sum()) },
        chip(Fate::Push, "Will be pushed"),
        chip(Fate::InStep, "Unchanged"),
        chip(Fate::Waits, "Waits for approval"),
        chip(Fate::Issue, "Issues"),
        chip(Fate::AfterGoLive, "Not live"),
    ];
    if many(Fate::AtInvoice) > 0 {
        chips.push(chip(Fate::AtInvoice, "Waits for its invoice"));
    }
    let agreement = here.get("agreement").and_then(|text| text.parse().ok()).map(AgreementId);
    let agreement =
        agreement.and_then(|id| look.agreement(id)).map(|agreement| format!("Agreement {}", agreement.name));
    let cause = here.get("cause").map(|cause| format!("Held by {cause}"));
    let file = |kind: &str| Here::new(&format!("{}.{kind}", here.path()), "").to_string() + &query(here);
    html! {
        div.tools {
            (part::chips(here, "Lines by mark", "mark", &chips))
            @for (name, words) in [("agreement", agreement), ("cause", cause)] {
                @if let Some(words) = words {
                    a.chip.by-link href=(here.without(name).without("page")) aria-current="true" { (part::name(&words)) " " (Icon::Close) span.unseen { "take this filter away" } }
                }
            }
            span.downloads {
                a.button href=(file("csv")) download { (Icon::Download) "CSV" }
                a.button href=(file("xlsx")) download { (Icon::Download) "XLSX" }
            }
        }
    }
}

/// The query of the page, for the same lines elsewhere.
fn query(here: &Here) -> String {
    let shown = here.without("page").to_string();
    shown.find('?').map_or_else(String::new, |at| shown[at..].to_owned())
}

fn table(visitor: &Visitor, look: &Look, asked: &Asked, found: &Found) -> Markup {
    if found.places.is_empty() {
        return nothing(visitor, look);
    }
    let here = visitor.here();
    let columns = [
        Column::new("Account").sort("account"),
        Column::new("Product").sort("product"),
        Column::new("Usage").figure(),
        Column::new("In ConnectWise").figure(),
        Column::new("Will be pushed").figure(),
        Column::new("Difference a month").figure().sort("money"),
        Column::new("Mark").sort("mark"),
    ];
    let table = Table { caption: "Product usages", columns: &columns, sort: Some((&asked.sort, here)) };
    let paged = Paged::of(here, found.places.len());
    let lines = paged.slice(&found.places).iter().filter_map(|place| look.plan.lines.get(*place as usize));
    html! {
        (table.rows(html! { @for line in lines { (row(visitor, look, line)) } }))
        (part::pager(here, paged, "line", "lines"))
    }
}

fn row(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let fate = look.fate(line);
    let href = visitor.path(&format!("psa-sync/usages/{}", line.id));
    let shares = line.addition.map_or(1, |addition| look.lines_of_addition(addition).count());
    html! {
        tr id={ "line-" (line.id) } {
            th scope="row" { (part::name(&line.account)) }
            td { (part::name(&line.product)) }
            td.figure { (usage(look, line, &visitor.zone)) }
            td.figure { (maybe(line.now)) }
            td.figure { (maybe(line.next)) @if shares > 1 { small.below { "sum of " (part::count(shares)) " lines" } } }
            td.figure { (difference(line)) }
            td.mark-cell { a.mark-link href=(href) {
                span aria-hidden="true" { (fate_mark(fate)) } span.mark-words { (fate_words(fate)) }
                span.unseen { ": why, for " (line.account) " " (line.product) }
                @if let Some(code) = reason(fate, line) { small.below { (code.name()) } }
            } }
        }
    }
}

/// Value, unit, and when it was measured.
fn usage(look: &Look, line: &Line, zone: &TimeZone) -> Markup {
    match look.sample_in_force(line.id.account, line.id.product) {
        Some(sample) => html! {
            (part::quantity(sample.quantity)) " " span.unit { (sample.unit.name_for(sample.quantity)) }
            small.below { (part::time(sample.measured_at, zone)) }
        },
        None => html! { span.muted { "no usage yet" } },
    }
}

/// What the line moves a month. What an issue leaves unbilled is no difference yet, and says so.
fn difference(line: &Line) -> Markup {
    let Some(month) = line.money_month else { return html! { span.muted title="no price known" { "–" } } };
    html! {
        (part::money_change(month, line.currency.as_deref()))
        @if line.mark == hive_core::plan::Mark::Issue { small.below { "at stake" } }
    }
}

/// The code that a red mark stands for.
fn reason(fate: Fate, line: &Line) -> Option<Code> {
    matches!(fate, Fate::Issue | Fate::Waits).then(|| line.issues.first().map(|issue| issue.code)).flatten()
}

fn nothing(visitor: &Visitor, look: &Look) -> Markup {
    let sync = || part::button("button primary", &visitor.path("psa-sync"), "To PSA Sync");
    if look.plan.lines.is_empty() && look.mirror().is_none() {
        let words = html! { "Connect to ConnectWise and Sync, then import what your customers use. Each account x product becomes a line here." };
        return part::empty("Nothing was synced and no usage has arrived yet", words, sync());
    }
    if look.plan.lines.is_empty() {
        let words = html! { "Import a usage file, watch a folder or post usage with a token. Each account x product becomes a line here as soon as it arrives." };
        return part::empty(
            "No usage has arrived yet",
            words,
            part::button("button primary", &visitor.path("usage"), "Bring usage"),
        );
    }
    let clear = part::button("button", visitor.here().path(), "Show all lines");
    part::empty(
        "No line fits these filters",
        html! { "There are " (part::plural(look.plan.lines.len(), "line", "lines")) " in all." },
        clear,
    )
}

/// Accounts or products for the boxes above the table.
async fn find(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let wanted = visitor.here().get("q").unwrap_or_default().to_lowercase();
    let one = |id: i64, name: &str| Chosen {
        id: id.to_string(),
        title: name.to_owned(),
        detail: String::new(),
        state: String::new(),
    };
    let fits = |name: &str| name.to_lowercase().contains(&wanted);
    let found: Vec<Chosen> = if visitor.here().get("what") == Some("product") {
        let all = look.facts.products.iter().filter(|product| fits(&product.name));
        all.take(OFFERED_MAX).map(|product| one(product.id.0, &product.name)).collect()
    } else {
        let all = look.facts.accounts.iter().filter(|account| fits(&account.name));
        all.take(OFFERED_MAX).map(|account| one(account.id.0, &account.name)).collect()
    };
    Ok(Json(found).into_response())
}

/// The pill of a fate, for headings.
fn fate_pill(fate: Fate) -> Markup {
    let kind = match fate {
        Fate::Issue => Kind::Bad,
        Fate::Waits => Kind::Wait,
        Fate::AfterGoLive | Fate::AtInvoice => Kind::Info,
        Fate::Push => Kind::Good,
        Fate::InStep => Kind::Plain,
    };
    part::pill(kind, fate_words(fate))
}
