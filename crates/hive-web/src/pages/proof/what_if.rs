//! What other settings would change in the next Update: any key, several at once.

use super::super::psa_sync::{Tab, frame};
use super::super::settings::what_if_told;
use super::{asked, fields, is_asked, wrong};
use crate::part;
use crate::{Answer, Fault, Visitor, Web};
use axum::extract::State;
use hive_desk::Look;
use maud::{Markup, html};
use std::sync::Arc;

/// Lines that are listed; the command line lists all.
const LINES_MAX: usize = 100;

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let found = if is_asked(visitor.here()) { Some(answer(&web, &visitor, &look).await.or_else(wrong)?) } else { None };
    let form = html! {
        div.panel-body {
            p.hint { "Nothing is saved here. An empty value asks what the default would do." }
            form.settings method="get" action=(visitor.path("psa-sync/what-if")) {
                (fields(&visitor, &look))
                div.actions { (part::submit("button primary", "See what it would change")) }
            }
        }
    };
    let body = html! {
        (part::panel(None, "What if", html! {}, form))
        @if let Some(found) = found { (part::panel(Some("answer"), "What it would change", html! {}, html! { div.panel-body { (found) } })) }
    };
    Ok(frame(&web, &visitor, &look, Tab::Settings).await?.titled("What if").body(body))
}

async fn answer(web: &Web, visitor: &Visitor, look: &Arc<Look>) -> Result<Markup, Fault> {
    let asked = asked(web, visitor).await?;
    let what_if = web.desk.what_if(look, &asked.changes).await?;
    Ok(what_if_told(visitor, look, &what_if, LINES_MAX))
}
