//! The true-up list of a run or of a span: what pushed changes did not bill until the next invoice of a long cycle.
//!
//! **Does not own:** how it is counted (core), which writes stand (store). Never written to ConnectWise.

use super::file::{self, Kind as File};
use crate::part::{self, Column, Paged, Table};
use crate::{Answer, App, Fault, Nav, Page, Visitor, Web};
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use hive_core::{Date, RunId};
use hive_desk::view::{TRUE_UP_COLUMNS, TrueUpsView};
use hive_desk::{Refused, TrueUpLine, TrueUpOf, TrueUps};
use jiff::ToSpan as _;
use maud::{Markup, html};
use std::sync::Arc;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/m/{msp}/true-up", get(show)).route("/m/{msp}/true-up/{file}", get(download))
}

/// Which writes the address asks for; without any, those of this month.
fn asked(visitor: &Visitor) -> Result<TrueUpOf, Fault> {
    let here = visitor.here();
    if let Some(run) = here.get("run") {
        let run = run.parse().map(RunId);
        return run
            .map(|run| TrueUpOf::Run(Some(run)))
            .map_err(|_| Fault::Refused(Refused::WrongUsage("A run has a number.".to_owned())));
    }
    let today = visitor.now().to_zoned(visitor.zone.clone()).date();
    let date = |name: &str, usual: Date| match here.get(name) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| Fault::Refused(Refused::WrongUsage(format!("\"{text}\" is no date.")))),
    };
    Ok(TrueUpOf::Span(date("from", today.first_of_month())?, date("to", today)?))
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let of = asked(&visitor)?;
    let found = web.desk.true_up(&visitor.msp, of).await?;
    let query = match of {
        TrueUpOf::Run(run) => format!("run={}", run.map_or_else(String::new, |run| run.to_string())),
        TrueUpOf::Span(from, to) => format!("from={from}&to={to}"),
    };
    let at = |end: &str| visitor.path(&format!("true-up/true-up.{end}?{query}"));
    let downloads = html! { @for (end, words) in [("csv", "CSV"), ("xlsx", "XLSX"), ("json", "JSON")] {
        a.button href=(at(end)) download { (part::Icon::Download) (words) span.unseen { " of this list" } }
    } };
    let body = html! {
        section.panel {
            header.panel-head { h2 { (title(&found)) } div.actions { (downloads) } }
            (span_form(&visitor, of))
            (table(&visitor, &found))
        }
    };
    Ok(Page::new(&visitor, Nav::Activity, "True-up")
        .lead(html! { "What changes that Hive pushed do not bill until the next invoice, where an agreement is billed less often than monthly. For you to bill by hand: Hive writes none of it to ConnectWise." })
        .actions(part::button("button", &visitor.path("month"), "The month"))
        .body(body))
}

fn title(found: &TrueUps) -> String {
    match (found.run, found.span) {
        (_, Some((from, to))) => format!("Pushed from {} through {}", day(from), day(to)),
        (Some(run), None) => format!("Pushed by run {run}"),
        (None, None) => "Pushed".to_owned(),
    }
}

fn day(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

fn span_form(visitor: &Visitor, of: TrueUpOf) -> Markup {
    let today = visitor.now().to_zoned(visitor.zone.clone()).date();
    let (from, to) = match of {
        TrueUpOf::Span(from, to) => (from, to),
        TrueUpOf::Run(_) => (today.saturating_sub(1.month()), today),
    };
    html! {
        form.tools method="get" action=(visitor.path("true-up")) aria-label="Another span" {
            (part::field("date", "from", "From", &from.to_string(), ""))
            (part::field("date", "to", "Through", &to.to_string(), ""))
            (part::submit("button", "Show this span"))
        }
    }
}

fn table(visitor: &Visitor, found: &TrueUps) -> Markup {
    let not_judged = html! { @if found.not_judged > 0 { p.panel-note { (part::plural(found.not_judged, "write is", "writes are")) " on agreements that the last Sync does not have, and not judged." } } };
    if found.lines.is_empty() {
        let words = html! { "Nothing that was pushed is on an agreement billed less often than monthly." };
        return html! { (part::empty("Nothing to make up for", words, html! {})) (not_judged) };
    }
    let columns = [
        Column::new("Customer"),
        Column::new("Agreement"),
        Column::new("Addition"),
        Column::new("From").figure(),
        Column::new("To").figure(),
        Column::new("Pushed on"),
        Column::new("Next invoice"),
        Column::new("Days").figure(),
        Column::new("Not billed").figure(),
    ];
    let table = Table { caption: "What is not billed until the next invoice", columns: &columns, sort: None };
    let paged = Paged::of(visitor.here(), found.lines.len());
    html! {
        div.panel-body { dl.numbers { @for (currency, sum) in &found.sums {
            div { dt { "Not billed" @if !currency.is_empty() { ", " (currency) } } dd { (part::money_change(*sum, Some(currency.as_str()).filter(|code| !code.is_empty()))) } }
        } } }
        (table.rows(html! { @for one in paged.slice(&found.lines) { (row(visitor, one)) } }))
        (part::pager(visitor.here(), paged, "write", "writes"))
        (not_judged)
    }
}

fn row(visitor: &Visitor, one: &TrueUpLine) -> Markup {
    let currency = Some(one.currency.as_str()).filter(|code| !code.is_empty());
    let unknown = || html! { span.muted { "not known" } };
    html! {
        tr {
            th scope="row" { (part::name(&one.customer)) }
            td { (part::name(&one.agreement.1)) small.below { "id " (one.agreement.0) } }
            td { (part::name(&one.item)) small.below { "id " (one.addition) ", " a href=(visitor.path(&format!("runs/{}", one.run))) { "run " (one.run) } } }
            td.figure { (part::quantity(one.from)) }
            td.figure { (part::quantity(one.to)) }
            td { (part::date(one.pushed_on)) }
            td { @match one.owed.next_invoice { Some(date) => (part::date(date)), None => (unknown()) } }
            td.figure { @match one.owed.days { Some(days) => (days), None => (unknown()) } }
            td.figure { @match one.owed.amount { Some(amount) => (part::money_change(amount, currency)), None => (unknown()) } }
        }
    }
}

/// The same list, as `hive report --true-up` gives it.
async fn download(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, name)): Path<(i64, String)>) -> Answer {
    let kind =
        File::of(&name).filter(|(name, _)| *name == "true-up").map(|(_, kind)| kind).ok_or_else(Fault::no_page)?;
    let found = web.desk.true_up(&visitor.msp, asked(&visitor)?).await?;
    let made = tokio::task::spawn_blocking(move || file::bytes(kind, &TrueUpsView::of(&found), TRUE_UP_COLUMNS)).await;
    let bytes = made.map_err(|error| Refused::Broken(format!("the file could not be made: {error}")))??;
    file::answer(kind, &name, bytes)
}
