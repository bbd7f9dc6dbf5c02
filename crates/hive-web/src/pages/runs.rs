//! Runs: starting one, stopping one, undoing one, and what became of its lines.

mod linked;
mod show;
mod undo;
mod words;

pub(super) use show::capital;
pub(super) use words::{
    counts_words, kind_words, outcome_kind, outcome_name, outcome_words, pill, state_words, undone, who_words,
};

use super::psa_sync;
use crate::part;
use crate::{Answer, App, Do, Fault, RunAsked, Visitor, Web};
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use hive_core::RunId;
use hive_desk::{Refused, Status};
use hive_store::{RunKind, RunRow};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/psa-sync/sync", post(start))
        .route("/m/{msp}/runs/{run}", get(show::show))
        .route("/m/{msp}/runs/{run}/{file}", get(show::download))
        .route("/m/{msp}/runs/{run}/stop", post(stop))
        .route("/m/{msp}/runs/{run}/undo", get(undo::ask).post(undo::start))
}

/// Forces a Sync. (An Update begins where its plan is looked at.)
async fn start(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    visitor.need(Do::Sync)?;
    let status = web.desk.status(&visitor.msp, visitor.now()).await?;
    let begun = match status.no_sync() {
        Some(why) => Err(Refused::Stopped(why)),
        None => web.engine.start(&visitor.msp, RunAsked::Sync, &visitor.person.who()).await,
    };
    Ok(visitor.done(
        begun.map(|run| format!("Sync {run} has begun. How far it is, and how it ended, stands on this page.")),
        "psa-sync",
    ))
}

/// Asks a run to stop after the request in flight.
async fn stop(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, run)): Path<(i64, i64)>) -> Answer {
    let row = found(&web, &visitor, run).await?;
    visitor.need(may_stop(row.kind))?;
    let asked = web.desk.store.ask_stop(visitor.msp.id, row.id, &visitor.person.who()).await?;
    let words = if asked {
        Ok(format!(
            "Run {run} was asked to stop. It ends after the request in flight; what was not reached is listed as not sent."
        ))
    } else {
        Err(Refused::Stopped(format!("Run {run} has ended already.")))
    };
    Ok(visitor.done(words, &format!("runs/{run}")))
}

fn may_stop(kind: RunKind) -> Do {
    match kind {
        RunKind::Sync => Do::Sync,
        RunKind::Update | RunKind::Undo => Do::Update,
    }
}

async fn found(web: &Web, visitor: &Visitor, run: i64) -> Result<RunRow, Fault> {
    let row = web.desk.store.run(visitor.msp.id, RunId(run)).await?;
    row.ok_or_else(|| Fault::NotFound(format!("{} has no run {run}. Activity lists its runs.", visitor.msp.name)))
}

/// What runs now, with its bar and the button that stops it; an empty live region otherwise, so that a
/// run that begins appears by itself.
pub(super) fn progress_panel(visitor: &Visitor, status: &Status) -> Markup {
    html! {
        div id="running" data-live {
            @if let Some(run) = &status.running {
                section.panel {
                    header.panel-head {
                        h2 { a href=(visitor.path(&format!("runs/{}", run.id))) { (kind_words(run.kind)) " " (run.id.to_string()) } " is running" }
                        div.actions {
                            @if visitor.may(may_stop(run.kind)) && run.stop_asked_by.is_none() {
                                (part::post_button(&visitor.path(&format!("runs/{}/stop", run.id)), "button danger", &format!("Stop this {}", kind_words(run.kind)), &[]))
                            }
                        }
                    }
                    div.going { (psa_sync::going(status, run)) }
                }
            }
        }
    }
}
