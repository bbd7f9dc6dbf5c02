//! One run: how far it is, what it came to.

use crate::{Answer, App, Nav, Page, Visitor, part};
use axum::Router;
use axum::routing::get;
use maud::html;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/m/{msp}/runs/{run}", get(show))
}

async fn show(visitor: Visitor) -> Answer {
    let body = part::empty("Nothing here yet", html! {}, html! {});
    Ok(Page::new(&visitor, Nav::PsaSync, "Run").body(part::panel(None, "", html! {}, body)))
}
