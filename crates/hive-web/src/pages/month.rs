//! The month: the invoices of each day, from open over reviewed and pushed to invoiced.
//!
//! **Does not own:** which agreements a day has and what is left to write (the desk), who reviewed (the store).

mod day;

use super::shown::{banners, changes, who as who_words};
use crate::auth::Do;
use crate::part::{self, Column, Kind, Paged, Table};
use crate::{Answer, App, Fault, Nav, Page, Visitor, Web};
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Form, Router};
use hive_core::Date;
use hive_desk::Look;
use hive_desk::Refused;
use hive_desk::look::InvoiceDay;
use hive_desk::money::Sums;
use hive_desk::month::{DayState, DayTold};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/month", get(show))
        .route("/m/{msp}/month/{date}", get(day::show))
        .route("/m/{msp}/month/{date}/review", post(review))
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let told = web.desk.month(&look).await?;
    let body = html! {
        (part::panel(Some("month"), "", html! {}, days(&visitor, &told)))
        (nowhere(&visitor, &look))
    };
    Ok(Page::new(&visitor, Nav::Overview, "The month")
        .lead(html! { "The agreements by their next invoice: what was reviewed, what was pushed, what is still missing in money." })
        .banner(banners(&visitor, &look))
        .pulse(look.pulse.facts, look.pulse.runs)
        .body(body))
}

fn days(visitor: &Visitor, told: &[DayTold<'_>]) -> Markup {
    if told.is_empty() {
        let words = html! { "After a Sync the active agreements stand here, by the day of their next invoice." };
        return part::empty(
            "No agreement is known yet",
            words,
            part::button("button primary", &visitor.path("psa-sync"), "To PSA Sync"),
        );
    }
    let columns = [
        Column::new("Invoice of"),
        Column::new("State"),
        Column::new("Agreements").figure(),
        Column::new("To push").figure(),
        Column::new("Waits").figure(),
        Column::new("Issues").figure(),
        Column::new("Still missing a month").figure(),
    ];
    let table = Table { caption: "Invoice days", columns: &columns, sort: None };
    let here = visitor.here();
    let paged = Paged::of(here, told.len());
    html! {
        (table.rows(html! { @for one in paged.slice(told) {
            tr {
                th scope="row" { @match one.date {
                    Some(date) => a href=(visitor.path(&format!("month/{date}"))) { (part::date(date)) },
                    None => "no date in ConnectWise",
                } }
                td { (stations(visitor, one)) }
                td.figure { (part::count(one.day.map_or(0, |day| day.agreements.len()))) }
                td.figure { (part::count(one.to_push)) }
                td.figure { (part::count(one.waits)) }
                td.figure { (part::count(one.day.map_or(0, |day| day.issues.len()))) }
                td.figure { (missing(&one.missing, one.day.map_or(0, |day| day.issues.len()))) }
            }
        } }))
        (part::pager(here, paged, "invoice day", "invoice days"))
    }
}

/// open → reviewed → pushed → invoiced: what is done, what comes next.
fn stations(visitor: &Visitor, one: &DayTold<'_>) -> Markup {
    let reviewed = one
        .review
        .as_ref()
        .map(|review| html! { "reviewed by " (who_words(&review.who)) ", " (part::time(review.at, &visitor.zone)) });
    let issues = one.day.map_or(0, |day| day.issues.len());
    let pushed = match (one.state, one.written) {
        (DayState::Open, _) => None,
        (_, 0) => Some("all in step".to_owned()),
        (_, written) => Some(format!("pushed, {} written", part::count(written))),
    };
    let pushed = pushed.map(|words| {
        if issues > 0 { format!("{words}; {} left", part::plural(issues, "issue", "issues")) } else { words }
    });
    html! {
        ol.stations {
            li.done { "open" }
            li.done[reviewed.is_some()] { @match reviewed { Some(words) => (words), None => "not reviewed" } }
            li.done[pushed.is_some() && issues == 0] { (pushed.as_deref().unwrap_or("not pushed")) }
            @match (one.state, one.overdue) {
                (DayState::Invoiced, _) => li.done { "invoiced" },
                (_, true) => li.late { "invoice is overdue" },
                (_, false) => li { "not invoiced" },
            }
        }
    }
}

/// What is still missing: nothing only where nothing is left that might be worth something.
fn missing(sums: &Sums, issues: usize) -> Markup {
    html! {
        @if !sums.is_empty() { (changes(sums, 1)) } @else if issues > 0 { span.muted { "not known" } } @else { span.muted { "nothing" } }
    }
}

/// Lines that stand on no agreement: no invoice will ever have them as they are.
fn nowhere(visitor: &Visitor, look: &Look) -> Markup {
    let (accounts, products) = (look.unlinked_with_usage(), look.unmapped_with_usage());
    html! {
        @if !accounts.is_empty() || !products.is_empty() {
            (part::banner(Kind::Wait, "On no invoice at all", html! {
                (part::plural(accounts.len(), "account", "accounts")) " with usage " @if accounts.len() == 1 { "is" } @else { "are" } " linked to no company, and "
                (part::plural(products.len(), "product", "products")) " with usage " @if products.len() == 1 { "is" } @else { "are" } " mapped to no item."
            }, part::button("button", &visitor.path("psa-sync/usages?mark=issue"), "Show the lines")))
        }
    }
}

/// The day of an address.
fn date_of(text: &str) -> Result<Date, Fault> {
    text.parse().map_err(|_| Fault::NotFound(format!("\"{text}\" is no day of an invoice.")))
}

/// The day of the look, where agreements still have it.
fn day_of(look: &Look, date: Date) -> Option<&InvoiceDay> {
    look.invoice_days().iter().find(|day| day.date == Some(date))
}

#[derive(Debug, Deserialize)]
struct Reviewed {
    reviewed: String,
}

async fn review(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, date)): Path<(i64, String)>,
    Form(form): Form<Reviewed>,
) -> Answer {
    visitor.need(Do::Approve)?;
    let date = date_of(&date)?;
    let reviewed = form.reviewed == "yes";
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    if reviewed && day_of(&look, date).is_none() {
        return Err(Fault::Refused(Refused::Stopped(format!("no active agreement is invoiced next on {date}"))));
    }
    let set = web.desk.store.set_review(visitor.msp.id, date, reviewed, &visitor.person.who(), visitor.now()).await;
    let words = if reviewed {
        format!("You reviewed the invoices of {date}.")
    } else {
        format!("The invoices of {date} are open again.")
    };
    Ok(visitor.done(set.map(|()| words).map_err(Refused::from), &format!("month/{date}")))
}
