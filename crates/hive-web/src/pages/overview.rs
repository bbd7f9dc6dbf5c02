//! MSP Overview: the page behind the shield.

use crate::{Answer, App, Nav, Page, Visitor, part};
use axum::Router;
use axum::routing::get;
use maud::html;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/m/{msp}", get(show))
}

async fn show(visitor: Visitor) -> Answer {
    let body = part::empty("Nothing here yet", html! {}, html! {});
    Ok(Page::new(&visitor, Nav::Overview, "MSP Overview").body(part::panel(None, "", html! {}, body)))
}
