//! Activity: every run, and the audit trail.
//!
//! **Owns:** what of both is shown and how it is filtered.
//! **Limits on purpose:** pages go back in time from the newest; nothing in here changes anything.

mod audit;

use super::psa_sync;
use super::runs::{capital, counts_words, kind_words, pill, progress_panel, undone, who_words};
use crate::part::{self, Column, ROWS_A_PAGE, Table};
use crate::{Answer, App, Nav, Page, Visitor, Web};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use hive_core::RunId;
use hive_desk::Status;
use hive_store::{RunKind, RunRow};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/activity", get(show))
        .route("/m/{msp}/activity/audit", get(audit::show))
        .route("/m/{msp}/activity/audit.csv", get(audit::csv))
}

fn tabs(visitor: &Visitor, audit: bool) -> Markup {
    let at = |path: &str| visitor.path(path);
    part::tabs("Activity", &[("Runs", at("activity"), !audit), ("Audit trail", at("activity/audit"), audit)])
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let status = web.desk.status(&visitor.msp, visitor.now()).await?;
    let before = visitor.here().get("before").and_then(|before| before.parse().ok()).map_or(RunId(i64::MAX), RunId);
    // One more than is shown says whether there are earlier ones.
    let limit = i64::try_from(ROWS_A_PAGE + 1).unwrap_or(i64::MAX);
    let mut runs = web.desk.store.runs_before(visitor.msp.id, before, limit).await?;
    let more = runs.len() > ROWS_A_PAGE;
    runs.truncate(ROWS_A_PAGE);
    let body = html! {
        (progress_panel(&visitor, &status))
        (next(&visitor, &status))
        section.panel id="runs" data-live {
            @if runs.is_empty() { (none(&visitor)) } @else { (table(&visitor, &status, &runs)) }
            (earlier(&visitor, more, runs.last().map(|run| run.id.0)))
        }
    };
    Ok(Page::new(&visitor, Nav::Activity, "Activity")
        .lead(html! { "Every Sync, Update and undo with what it came to, and who changed what." })
        .tabs(tabs(&visitor, false))
        .pulse(0, status.pulse.runs)
        .body(body))
}

/// What comes next by itself.
fn next(visitor: &Visitor, status: &Status) -> Markup {
    let body = html! {
        div.panel-body {
            p { strong { "Sync: " } (psa_sync::when(status, RunKind::Sync)) }
            p { strong { "Update: " } (psa_sync::when(status, RunKind::Update)) }
            @for schedule in status.schedules.iter().filter(|schedule| !schedule.words.is_empty()) {
                p.hint { (capital(kind_words(schedule.kind))) ": " (schedule.words) }
            }
            p.hint { "Times are in " (part::name(&part::zone(&visitor.zone))) ". " a href=(visitor.path("psa-sync/settings")) { "Show Settings" } " changes when they run." }
        }
    };
    part::panel(Some("next"), "What runs by itself", html! {}, body)
}

fn none(visitor: &Visitor) -> Markup {
    let action = part::button("button primary", &visitor.path("psa-sync"), "PSA Sync");
    part::empty("Nothing ran yet", html! { "The first Sync begins once ConnectWise is connected." }, action)
}

fn table(visitor: &Visitor, status: &Status, runs: &[RunRow]) -> Markup {
    let columns = [
        Column::new("Run"),
        Column::new("State"),
        Column::new("Started"),
        Column::new("Took"),
        Column::new("By"),
        Column::new("What it came to"),
    ];
    let table = Table { caption: "Runs, newest first", columns: &columns, sort: None };
    table.rows(html! {
        @for run in runs {
            tr {
                th scope="row" { a href=(visitor.path(&format!("runs/{}", run.id))) { (capital(kind_words(run.kind))) " " (run.id) } }
                td { (pill(run.state)) }
                td { (part::time(run.started_at, &status.zone)) }
                td { @if let Some(ended) = run.ended_at { (part::took(run.started_at, ended)) } }
                td { (part::name(&who_words(&run.who))) }
                td.why { (part::name(&counts_words(run))) @if run.undone.is_some() { div.below { (undone(run, &status.zone)) } } }
            }
        }
    })
}

/// Leads back in time.
fn earlier(visitor: &Visitor, more: bool, last: Option<i64>) -> Markup {
    let here = visitor.here();
    if !more && here.get("before").is_none() {
        return html! {};
    }
    html! {
        nav.pager aria-label="Pages" {
            @if here.get("before").is_some() { a.button href=(here.without("before")) { "Newest" } }
            @if let (true, Some(last)) = (more, last) { a.button rel="next" href=(here.with("before", &last.to_string())) { "Earlier" } }
        }
    }
}
