//! The invoices of one day, agreement by agreement.

use super::super::shown::banners;
use super::{date_of, day_of, over_billed, stations, unbilled};
use crate::auth::Do;
use crate::pages::usages::needs;
use crate::part::{self, Column, Paged, Table};
use crate::{Answer, Fault, Nav, Page, Visitor, Web};
use axum::extract::{Path, State};
use hive_core::mirror::Agreement;
use hive_desk::Look;
use hive_desk::look::InvoiceDay;
use hive_desk::month::{AgreementTold, DayTold};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, date)): Path<(i64, String)>,
) -> Answer {
    let date = date_of(&date)?;
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let told = web.desk.month(&look).await?;
    let Some(one) = told.into_iter().find(|one| one.date == Some(date)) else {
        return Err(Fault::NotFound(format!("No agreement is invoiced on {date}, and nobody reviewed that day.")));
    };
    let body = html! {
        (part::panel(Some("state"), "State", review(&visitor, &one, date), state(&visitor, &one)))
        (part::panel(Some("agreements"), "Agreements", html! {}, agreements(&visitor, &look, day_of(&look, date))))
    };
    Ok(Page::new(&visitor, Nav::Overview, format!("Invoices of {}", date.strftime("%-d %b %Y")))
        .lead(html! { "What the agreements with this next invoice date will bill, and what is still missing." })
        .actions(part::button("button", &visitor.path("month"), "The month"))
        .banner(banners(&visitor, &look))
        .pulse(look.pulse.facts, look.pulse.runs)
        .body(body))
}

fn review(visitor: &Visitor, one: &DayTold<'_>, date: hive_core::Date) -> Markup {
    let action = visitor.path(&format!("month/{date}/review"));
    let day = date.strftime("%-d %b");
    html! {
        @if !visitor.may(Do::Approve) { small { "Reviewing " (needs(Do::Approve)) } }
        @else if one.review.is_some() { (part::post_button(&action, "button", "Take the review back", &[("reviewed", "no")])) }
        @else if one.day.is_some() { (part::post_button(&action, "button primary", &format!("I have reviewed the invoices of {day}"), &[("reviewed", "yes")])) }
    }
}

fn state(visitor: &Visitor, one: &DayTold<'_>) -> Markup {
    let in_step = one.day.map_or(0, |day| day.in_step);
    html! {
        div.panel-body {
            (stations(visitor, one))
            dl.numbers {
                div { dt { "In step" } dd { (part::count(in_step)) } }
                div { dt { "To push" } dd { (part::count(one.to_push)) } }
                div { dt { "Waits for somebody" } dd { (part::count(one.waits)) } }
                div { dt { "Cannot be pushed" } dd { (part::count(one.day.map_or(0, |day| day.issues.len()))) } }
                div { dt { "Not billed yet, a month" } dd { (unbilled(&one.owed)) } }
                div { dt { "Over-billed a month" } dd { (over_billed(&one.owed)) } }
                div { dt { "Written" } dd { (part::count(one.written)) } }
            }
            p.hint { "Written counts what Hive wrote to these agreements within one billing cycle of each before that day. An invoice is made when ConnectWise moves an agreement's next invoice date on." }
        }
    }
}

fn agreements(visitor: &Visitor, look: &Look, day: Option<&InvoiceDay>) -> Markup {
    let Some(day) = day else {
        return part::empty(
            "Every invoice of this day is made",
            html! { "ConnectWise has moved each agreement's next invoice date on." },
            html! {},
        );
    };
    let columns = [
        Column::new("Company"),
        Column::new("Agreement"),
        Column::new("Cycle"),
        Column::new("To push").figure(),
        Column::new("Waits").figure(),
        Column::new("Issues").figure(),
        Column::new("Not billed yet, a month").figure(),
        Column::new("Over-billed a month").figure(),
    ];
    let table = Table { caption: "Agreements of this day", columns: &columns, sort: None };
    let told = look.agreements_told(day);
    let here = visitor.here();
    let paged = Paged::of(here, told.len());
    html! {
        (table.rows(html! { @for one in paged.slice(&told) { @if let Some(agreement) = look.agreement(one.agreement) { (row(visitor, look, agreement, one)) } } }))
        (part::pager(here, paged, "agreement", "agreements"))
    }
}

fn row(visitor: &Visitor, look: &Look, agreement: &Agreement, one: &AgreementTold) -> Markup {
    let company =
        look.company(agreement.company).map_or(agreement.company_name.as_str(), |company| company.name.as_str());
    html! {
        tr {
            th scope="row" { (part::name(company)) }
            td { a href=(visitor.path(&format!("psa-sync/usages?agreement={}", agreement.id))) { (part::name(&agreement.name)) } }
            td { (part::name(agreement.billing_cycle.as_deref().unwrap_or("none"))) }
            td.figure { (part::count(one.to_push)) }
            td.figure { (part::count(one.waits)) }
            td.figure { (part::count(one.issues)) }
            td.figure { (unbilled(&one.owed)) }
            td.figure { (over_billed(&one.owed)) }
        }
    }
}
