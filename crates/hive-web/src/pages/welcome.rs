//! `/`: leads to the reader's MSP, or lets them choose among several.

use crate::auth::Person;
use crate::flash::Said;
use crate::{Answer, App, Web, page, part};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Form, Router};
use hive_desk::Refused;
use hive_store::Msp;
use maud::html;
use serde::Deserialize;
use std::sync::Arc;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/", get(show)).route("/msps", post(add))
}

async fn show(State(web): State<Arc<Web>>, person: Person) -> Answer {
    let mut msps: Vec<Msp> = web.desk.store.msps().await?;
    msps.retain(|msp| !person.roles(msp.id).is_empty());
    if let ([only], None) = (msps.as_slice(), person.here.get("all")) {
        let said = person.said.as_ref().and_then(Said::cookie);
        let to = Redirect::to(&format!("/m/{}", only.id.0));
        return Ok(match said {
            Some(cookie) => ([(axum::http::header::SET_COOKIE, cookie)], to).into_response(),
            None => to.into_response(),
        });
    }
    let wanted = person.here.get("q").unwrap_or_default().to_lowercase();
    msps.retain(|msp| msp.name.to_lowercase().contains(&wanted));
    let paged = part::Paged::of(&person.here, msps.len());
    let body = html! {
        @if msps.is_empty() && wanted.is_empty() {
            p { "There is no MSP that you have a role at. An admin gives you one under People." }
        }
        (part::search(&person.here, "q", "Search MSPs"))
        div id="msps" data-live {
            ul.choices { @for msp in paged.slice(&msps) { li { a href={ "/m/" (msp.id.0) } { (part::name(&msp.name)) } } } }
            (part::pager(&person.here, paged, "MSP", "MSPs"))
        }
        @if person.runs_all() {
            (part::reveal(html! { "Add an MSP" }, html! {
                form.stack method="post" action="/msps" {
                    (part::field("text", "name", "Name", "", "As its customers know it."))
                    (part::submit("button primary", "Add"))
                }
            }))
        }
    };
    Ok(page::alone(&person, "Which MSP?", body))
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

async fn add(State(web): State<Arc<Web>>, person: Person, Form(named): Form<Named>) -> Answer {
    if !person.runs_all() {
        return Err(crate::Fault::Forbidden("Adding an MSP needs the role admin at every MSP.".to_owned()));
    }
    match web.desk.store.add_msp(&named.name, person.now).await {
        Ok(msp) => Ok(Redirect::to(&format!("/m/{}/first-run", msp.id.0)).into_response()),
        Err(error) => Ok(person.go("/?all=1", &Said::bad(Refused::from(error).to_string()))),
    }
}
