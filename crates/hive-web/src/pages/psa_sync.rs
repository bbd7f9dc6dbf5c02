//! PSA Sync and its tabs.

use crate::{Answer, App, Nav, Page, Visitor, part};
use axum::Router;
use axum::routing::get;
use maud::html;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/m/{msp}/psa-sync", get(show))
}

async fn show(visitor: Visitor) -> Answer {
    let body = part::empty("Nothing here yet", html! {}, html! {});
    Ok(Page::new(&visitor, Nav::PsaSync, "PSA Sync").body(part::panel(None, "", html! {}, body)))
}
