//! The month: the invoices of each day, from open over reviewed and pushed to invoiced.
//!
//! **Does not own:** which agreements a day has and what is left to write (the desk), who reviewed (the store).

mod day;

use super::decided;
use super::shown::{banners, changes, code_link, who as who_words};
use crate::auth::Do;
use crate::part::{self, Column, Paged, Table};
use crate::{Answer, App, Fault, Nav, Page, Visitor, Web};
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Form, Router};
use hive_core::Date;
use hive_core::plan::Line;
use hive_desk::Look;
use hive_desk::Refused;
use hive_desk::look::InvoiceDay;
use hive_desk::money::Sums;
use hive_desk::month::{DayState, DayTold, Owed};
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
        (decided::lines(&visitor, &look))
    };
    Ok(Page::new(&visitor, Nav::Overview, "The month")
        .lead(html! { "The agreements by their next invoice: what was reviewed, what was pushed, what is still missing in money." })
        .actions(part::button("button", &visitor.path("true-up"), "True-up"))
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
        Column::new("Not billed yet, a month").figure(),
        Column::new("Over-billed a month").figure(),
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
                td.figure { (unbilled(&one.owed)) }
                td.figure { (over_billed(&one.owed)) }
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
    let all = !matches!(one.state, DayState::Open);
    let mut pushed = match (all, one.written) {
        (false, 0) => "not pushed".to_owned(),
        (false, written) => {
            format!("{} written, {} left", part::count(written), part::count(one.to_push + one.waits))
        }
        (true, 0) => "all in step".to_owned(),
        (true, written) => format!("pushed, {} written", part::count(written)),
    };
    if all && issues > 0 {
        pushed.push_str(&format!("; {} left", part::plural(issues, "issue", "issues")));
    }
    html! {
        ol.stations {
            li.done { "open" }
            li.done[reviewed.is_some()] { @match reviewed { Some(words) => (words), None => "not reviewed" } }
            li.done[all && issues == 0] { (pushed) }
            @match (one.state, one.overdue) {
                (DayState::Invoiced, _) => li.done { "invoiced" },
                (_, true) => li.late { "invoice is overdue" },
                (_, false) => li { "not invoiced" },
            }
        }
    }
}

/// What is used and not billed, with how many lines nobody can put a price on.
fn unbilled(owed: &Owed) -> Markup {
    html! {
        (sums_or_nothing(&owed.unbilled))
        @if owed.unknown > 0 { small.below { "and " (part::plural(owed.unknown, "line whose money is not known", "lines whose money is not known")) } }
    }
}

/// What is billed and not used; never netted with what is not billed.
fn over_billed(owed: &Owed) -> Markup {
    sums_or_nothing(&owed.over_billed)
}

fn sums_or_nothing(sums: &Sums) -> Markup {
    html! { @if sums.is_empty() { span.muted { "nothing" } } @else { (changes(sums, 1)) } }
}

/// Lines that stand on no invoice day: no invoice will ever have them as they are.
fn nowhere(visitor: &Visitor, look: &Look) -> Markup {
    let (lines, here) = (look.on_no_invoice(), visitor.here());
    if lines.is_empty() {
        return html! {};
    }
    let owed = look.owed_by(lines);
    let columns = [Column::new("Account"), Column::new("Product"), Column::new("Why"), Column::new("A month").figure()];
    let table = Table { caption: "Lines on no invoice", columns: &columns, sort: None };
    // Its pages have a name of their own: the days above have theirs.
    let own = part::Here::new("", &format!("page={}", here.get("nowhere").unwrap_or("1")));
    let paged = Paged::of(&own, lines.len());
    let page = paged.offset() / part::ROWS_A_PAGE + 1;
    let title = format!("On no invoice at all: {}", part::plural(lines.len(), "line", "lines"));
    part::panel(
        Some("nowhere"),
        &title,
        html! {},
        html! {
            div.panel-body { p { "No invoice day has these lines: their account is linked to no company, or the company has no active agreement. Not billed yet: " (unbilled(&owed)) " Over-billed: " (over_billed(&owed)) } }
            (table.rows(html! { @for line in paged.slice(lines).iter().filter_map(|id| look.line(*id)) { (nowhere_row(visitor, line)) } }))
            @if lines.len() > part::ROWS_A_PAGE {
                nav.pager aria-label="Pages of lines on no invoice" {
                    span { "from " (part::count(paged.offset() + 1)) " of " (part::plural(lines.len(), "line", "lines")) }
                    @if page > 1 { a.button href=(here.with("nowhere", &(page - 1).to_string())) { "Earlier" } }
                    @if paged.offset() + part::ROWS_A_PAGE < lines.len() { a.button href=(here.with("nowhere", &(page + 1).to_string())) { "Later" } }
                }
            }
        },
    )
}

fn nowhere_row(visitor: &Visitor, line: &Line) -> Markup {
    let money = Sums::from_iter(line.money_month.map(|month| (line.currency.clone().unwrap_or_default(), month)));
    html! {
        tr {
            th scope="row" { a href=(visitor.path(&format!("psa-sync/usages/{}", line.id))) { (part::name(&line.account)) } }
            td { (part::name(&line.product)) }
            td { @for issue in &line.issues { (code_link(visitor, issue.code)) " " } }
            td.figure { @if money.is_empty() { span.muted { "not known" } } @else { (changes(&money, 1)) } }
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
