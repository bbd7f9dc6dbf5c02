//! PSA Sync: the head that all its tabs share, and the page itself.
//!
//! **Owns:** the head (connection, pencil, arrow, tabs, banners), the summary page.
//! **Does not own:** the tabs' own pages, runs.

mod arrow;
mod banners;
mod connection;
mod form;
mod report;
mod rights;

pub(super) use arrow::{going, when};
pub(super) use banners::banners;

use super::{first_run, runs};
use crate::help;
use crate::part::{self, Icon};
use crate::{Answer, App, Do, Fault, Nav, Page, Visitor, Web};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use hive_desk::{Look, Status};
use hive_store::RunKind;
use maud::{Markup, html};
use std::sync::Arc;

/// What of PSA Sync is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    /// The page itself.
    Summary,
    /// Show Accounts.
    Accounts,
    /// Show Products.
    Products,
    /// Show Product Usages.
    Usages,
    /// Show Settings.
    Settings,
    /// Preview and Update.
    Update,
    /// None of the tabs: the report, the connection.
    Beside,
}

impl Tab {
    /// The tabs in their order, with their words and the last part of their paths.
    const SHOWN: [(Tab, &'static str, &'static str); 6] = [
        (Tab::Summary, "PSA Sync", ""),
        (Tab::Accounts, "Show Accounts", "accounts"),
        (Tab::Products, "Show Products", "products"),
        (Tab::Usages, "Show Product Usages", "usages"),
        (Tab::Settings, "Show Settings", "settings"),
        (Tab::Update, "Preview and Update", "update"),
    ];
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/psa-sync", get(show))
        .route("/m/{msp}/psa-sync/connection", get(connection::show).post(connection::save))
        .route("/m/{msp}/psa-sync/connection/accept", post(connection::accept))
        .route("/m/{msp}/psa-sync/report", get(report::show))
        .route("/m/{msp}/psa-sync/report/{file}", get(report::download))
}

/// The head of PSA Sync around one of its tabs: heading, connection, pencil, arrow, tabs, banners.
pub(super) async fn frame<'a>(web: &Web, visitor: &'a Visitor, look: &Look, tab: Tab) -> Result<Page<'a>, Fault> {
    let status = web.desk.status(&visitor.msp, visitor.now()).await?;
    Ok(head(visitor, look, &status, tab, "PSA Sync"))
}

/// [`frame`], where the status is at hand; with a heading of its own.
fn head<'a>(visitor: &'a Visitor, look: &Look, status: &Status, tab: Tab, title: &str) -> Page<'a> {
    let path = |rest: &str| visitor.path(format!("psa-sync/{rest}").trim_end_matches('/'));
    let tabs = Tab::SHOWN.map(|(one, words, rest)| (words, path(rest), one == tab));
    let actions = html! { (arrow::arrow(visitor, status, look.brake.as_ref())) (pencil(visitor)) };
    Page::new(visitor, Nav::PsaSync, title)
        .lead(connection::line(status))
        .actions(actions)
        .tabs(part::tabs("PSA Sync", &tabs))
        .banner(banners(look, status, visitor))
        .pulse(look.pulse.facts, status.pulse.runs)
}

/// The small pencil: the window where the page has it, else the page with the same form.
fn pencil(visitor: &Visitor) -> Markup {
    html! {
        @if visitor.may(Do::Connect) {
            a.icon-button role="button" href=(visitor.path("psa-sync/connection")) data-dialog="connection"
                title="Edit the connection" aria-label="Edit the connection" { (Icon::Pencil) }
        } @else {
            button.icon-button type="button" disabled title="Only an admin may edit the connection"
                aria-label="Edit the connection (only an admin may)" { (Icon::Pencil) }
        }
    }
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let status = web.desk.status(&visitor.msp, visitor.now()).await?;
    let body = html! {
        (runs::progress_panel(&visitor, &status))
        (forcing(&visitor, &look, &status))
        (part::panel(Some("connection-summary"), "Connection", html! {}, html! { div.panel-body { (connection::summary(&visitor, &status)) } }))
        (first_run::panel(&first_run::steps(&visitor, &look, &status)))
        p.pointer {
            "What a customer may store, and so what usage appears as, is governed by quotas: "
            a href=(visitor.help(help::link::QUOTAS)) { "How to set storage quotas" } "."
        }
        @if visitor.may(Do::Connect) { (connection::dialog(&visitor, status.connection.as_ref())) }
    };
    Ok(head(&visitor, &look, &status, Tab::Summary, "PSA Sync").body(body))
}

/// "Forcing a Sync", with its button, and Update now.
fn forcing(visitor: &Visitor, look: &Look, status: &Status) -> Markup {
    let body = html! {
        div.panel-body {
            p { "A Sync pulls companies, products, agreements and additions from ConnectWise into Hive. Nothing is written. "
                "An Update pushes the quantities that are live from Hive into ConnectWise." }
            div.forcing {
                div {
                    (start(visitor, "sync", "Force a Sync", "button primary", status.no_sync().or_else(|| refused(visitor, Do::Sync))))
                    p.hint { (when(status, RunKind::Sync)) }
                }
                div {
                    (start(visitor, "update/push", "Update now", "button", status.no_update(!look.live.is_empty()).or_else(|| refused(visitor, Do::Update))))
                    p.hint { (when(status, RunKind::Update)) }
                }
            }
        }
    };
    part::panel(Some("forcing"), "Forcing a Sync", html! {}, body)
}

fn refused(visitor: &Visitor, what: Do) -> Option<String> {
    (!visitor.may(what)).then(|| what.refusal(&visitor.roles, &visitor.msp.name))
}

/// The button that begins a run; where it cannot, it says why.
fn start(visitor: &Visitor, path: &str, label: &str, class: &str, why_not: Option<String>) -> Markup {
    let id = format!("no-{path}").replace('/', "-");
    html! {
        @match why_not {
            None => form method="post" action=(visitor.path(&format!("psa-sync/{path}"))) { (part::submit(class, label)) },
            Some(why) => { button class=(class) type="button" disabled aria-describedby=(id) { (label) } p.hint id=(id) { (why) } },
        }
    }
}
