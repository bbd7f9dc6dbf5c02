//! The sources: their last batches, how often they are expected, what is missing.

use super::super::shown::code_link;
use crate::auth::{Do, Visitor};
use crate::pages::usages::needs;
use crate::part::{self, Column, Kind, Table};
use crate::{Answer, Web};
use axum::Form;
use axum::extract::State;
use hive_core::issue::Code;
use hive_desk::view::{SourceBatchView, SourceProductView, SourceView, SourcesView};
use hive_desk::{Refused, Said};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// Batches of a source that are shown.
const BATCHES_SHOWN: usize = 4;
/// Names that are shown of what is missing.
const NAMES_SHOWN: usize = 12;

/// One row a source and product; the source's own cells stand before its first.
pub(super) fn panel(visitor: &Visitor, view: &SourcesView) -> Markup {
    if view.sources.is_empty() {
        return html! {};
    }
    let columns = [
        Column::new("Source"),
        Column::new("Last batches"),
        Column::new("Product"),
        Column::new("Accounts").figure(),
        Column::new("What is missing"),
    ];
    let table = Table { caption: "Sources and their last batches", columns: &columns, sort: None };
    let rows = html! {
        @for source in &view.sources {
            @if source.products.is_empty() {
                tr { (head(visitor, source)) td colspan="3" { "Nothing is known of its batches yet: the next one tells." } }
            }
            @for (place, product) in source.products.iter().enumerate() {
                tr {
                    @if place == 0 { (head(visitor, source)) } @else { td {} td {} }
                    td { (part::name(&product.product)) @if product.partial { " " (part::pill(Kind::Wait, "half an answer?")) } }
                    td.figure { (part::count(product.accounts)) @if let Some(before) = product.accounts_before { small.below { "of " (part::count(before)) } } }
                    td { (missing(visitor, product)) }
                }
            }
        }
    };
    part::panel(Some("sources-panel"), "Sources", html! {}, table.rows(rows))
}

fn head(visitor: &Visitor, source: &SourceView) -> Markup {
    let every = if source.rhythm_days == 1 { "daily".to_owned() } else { format!("every {} days", source.rhythm_days) };
    html! {
        th scope="row" {
            (part::name(&source.source))
            div.small { "expected " (every) @if source.declared { ", as declared" } }
            @if visitor.may(Do::Settings) { (rhythm(visitor, source)) }
        }
        td { @for batch in source.batches.iter().take(BATCHES_SHOWN) { div { (shown(visitor, batch)) } } }
    }
}

fn shown(visitor: &Visitor, batch: &SourceBatchView) -> Markup {
    let at = batch.measured_at.parse::<hive_core::Timestamp>();
    html! {
        @match (&batch.day, at) {
            (Some(day), _) => { (day) span.small { " one by one" } },
            (None, Ok(at)) => (part::time(at, &visitor.zone)),
            (None, Err(_)) => (batch.measured_at),
        }
        @if batch.complete { " " (part::pill(Kind::Info, "everyone")) }
    }
}

/// How often the source is expected, declared or learned.
fn rhythm(visitor: &Visitor, source: &SourceView) -> Markup {
    let days = if source.declared { source.rhythm_days.to_string() } else { String::new() };
    part::reveal(
        html! { "Say how often" },
        html! {
            form.inline method="post" action=(visitor.path("usage/rhythm")) {
                (part::hidden("source", &source.source))
                input type="number" name="days" min="1" max=(hive_store::RHYTHM_DAYS_MAX) value=(days) aria-label={ "Days from one batch of " (source.source) " to the next" };
                " days "
                (part::submit("button", "Declare it"))
                p.hint { "Empty: it is learned from the last batches." }
            }
        },
    )
}

fn missing(visitor: &Visitor, product: &SourceProductView) -> Markup {
    let names = |all: &[String]| {
        html! {
            @for (place, name) in all.iter().take(NAMES_SHOWN).enumerate() { @if place > 0 { ", " } (part::name(name)) }
            @if all.len() > NAMES_SHOWN { " and " (part::count(all.len() - NAMES_SHOWN)) " more" }
        }
    };
    html! {
        @if let (Some(cause), Some(total), Some(before)) = (&product.cause, &product.total, &product.total_before) {
            p { (code_link(visitor, Code::UsageFeedPartial)) " In all " (total) " after " (before)
                @if let Some(down) = product.lines_down { ", " (part::plural(down, "line", "lines")) " down" } "." }
            @if !product.missing.is_empty() { p.small { "Missing: " (names(&product.missing)) } }
            @if visitor.may(Do::Approve) {
                (part::post_button(&visitor.path("usage/accept"), "button", "The batch is right", &[("cause", cause)]))
            } @else { small { "Accepting it " (needs(Do::Approve)) "." } }
        }
        @if !product.gone.is_empty() {
            p.small { (code_link(visitor, Code::UsageGone)) " Not listed any more: " (names(&product.gone)) ". "
                a href=(visitor.path("psa-sync/usages?code=usage.gone")) { "Answer on their lines" } }
        }
        @if product.cause.is_none() && product.gone.is_empty() { "nothing" }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Accepted {
    cause: String,
}

/// `POST usage/accept`: the batch is right as it is.
pub(super) async fn accept(State(web): State<Arc<Web>>, visitor: Visitor, Form(form): Form<Accepted>) -> Answer {
    visitor.need(Do::Approve)?;
    let said = web.desk.accept_batch(&visitor.by(), &form.cause).await;
    Ok(visitor.done_at(said.map(|Said(words)| words), &visitor.path("usage")))
}

#[derive(Debug, Deserialize)]
pub(super) struct Declared {
    source: String,
    days: String,
}

/// `POST usage/rhythm`.
pub(super) async fn declare(State(web): State<Arc<Web>>, visitor: Visitor, Form(form): Form<Declared>) -> Answer {
    visitor.need(Do::Settings)?;
    let days = match form.days.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Refused::WrongUsage(format!("\"{text}\" is no number of days"))),
    };
    let said = match days {
        Ok(days) => web.desk.set_rhythm(&visitor.by(), &form.source, days).await,
        Err(refused) => Err(refused),
    };
    Ok(visitor.done_at(said.map(|Said(words)| words), &visitor.path("usage")))
}
