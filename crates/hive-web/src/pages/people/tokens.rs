//! API tokens: with one, a program brings usage to this MSP.
//!
//! **Limits on purpose:** a token is shown once, when it is made; only its SHA-256 is stored. What was
//! revoked stays in the list, so that one sees what once had access.

use super::tabs;
use crate::auth::{Do, Visitor, new_api_token};
use crate::part::{self, Column, Kind, Paged, Table};
use crate::{Answer, App, Nav, Page, Web};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Form, Router};
use hive_desk::Refused;
use hive_store::Token;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

const RIGHTS: [(&str, &str); 3] = [
    ("usage", "usage: may bring usage, and see nothing"),
    ("read", "read: may look, and change nothing"),
    ("all", "all: may do everything the API can"),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/people/tokens", get(show).post(make))
        .route("/m/{msp}/people/tokens/revoke", post(revoke))
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    visitor.need(Do::People)?;
    page(&web, &visitor, html! {}).await
}

async fn page(web: &Web, visitor: &Visitor, above: Markup) -> Answer {
    let tokens = web.desk.store.tokens(visitor.msp.id).await?;
    let paged = Paged::of(visitor.here(), tokens.len());
    let body = html! {
        (above)
        (part::panel(None, "Make a token", html! {}, html! { div.panel-body { (making(visitor)) } }))
        @if tokens.is_empty() {
            (part::panel(None, "", html! {}, part::empty("No tokens yet", html! {
                "A token lets a program send usage to " code { "POST /api/v1/usage" } ". What it can send stands in "
                a href="/api/v1/openapi.json" { "the API's description" } "."
            }, html! {})))
        } @else {
            (part::panel(None, "Tokens", html! {}, html! { (list(visitor, paged.slice(&tokens))) (part::pager(visitor.here(), paged, "token", "tokens")) }))
        }
    };
    Ok(Page::new(visitor, Nav::People, "API tokens")
        .lead(html! { "With a token a program brings usage to " (part::name(&visitor.msp.name)) ", and to no other MSP." })
        .tabs(tabs(visitor, true))
        .body(body))
}

fn making(visitor: &Visitor) -> Markup {
    html! {
        form.stack method="post" action=(visitor.path("people/tokens")) {
            (part::field("text", "name", "Name", "", "Who or what has it: \"Backup meter\". It is the source of what it sends, unless it names another."))
            (part::select("rights", "Rights", &RIGHTS, "usage", ""))
            (part::submit("button primary", "Make the token"))
        }
    }
}

fn list(visitor: &Visitor, tokens: &[Token]) -> Markup {
    let columns = ["Token", "Rights", "Made", "Last used", "State"].map(Column::new);
    let table = Table { caption: "API tokens", columns: &columns, sort: None };
    table.rows(html! { @for token in tokens { (row(visitor, token)) } })
}

fn row(visitor: &Visitor, token: &Token) -> Markup {
    let id = token.id.to_string();
    let dialog = format!("revoke-{id}");
    html! {
        tr {
            th scope="row" { (part::name(&token.name)) }
            td { (token.rights) }
            td { (part::time(token.made_at, &visitor.zone)) div.small { "by " (part::name(&token.made_by)) } }
            td { @if let Some(at) = token.used_at { (part::time(at, &visitor.zone)) div.small { (part::ago(at, visitor.now())) } } @else { "never" } }
            td {
                @if let Some(at) = token.revoked_at {
                    (part::pill(Kind::Plain, "revoked")) " " (part::time(at, &visitor.zone))
                } @else {
                    (part::open_dialog(&dialog, "button danger", html! { "Revoke" span.unseen { " " (token.name) } }))
                    (part::dialog(&dialog, "Revoke this token?", html! {
                        p { "Programs that use " strong { (part::name(&token.name)) } " are refused from now on. This cannot be undone; make a new token for them first." }
                        form method="post" action=(visitor.path("people/tokens/revoke")) {
                            (part::hidden("id", &id))
                            div.actions { (part::cancel()) " " (part::submit("button danger", "Revoke the token")) }
                        }
                    }))
                }
            }
        }
    }
}

#[derive(Debug, Deserialize)]
struct Made {
    name: String,
    rights: String,
}

async fn make(State(web): State<Arc<Web>>, visitor: Visitor, Form(made): Form<Made>) -> Answer {
    visitor.need(Do::People)?;
    let (token, hash) = new_api_token().map_err(|error| Refused::Broken(error.to_string()))?;
    let (store, who) = (&web.desk.store, visitor.person.who());
    let stored = store.make_token(visitor.msp.id, &made.name, &hash, &made.rights, &who, visitor.now()).await;
    let above = match stored {
        Ok(_) => shown(&made.name, &token, &web),
        Err(error) => {
            let words = Refused::from(error).to_string();
            part::banner(Kind::Bad, "No token was made", html! { (words) }, html! {})
        }
    };
    page(&web, &visitor, above).await
}

/// The token, this one time.
fn shown(name: &str, token: &str, web: &Web) -> Markup {
    let url = format!("{}/api/v1/usage", web.public_url.as_str().trim_end_matches('/'));
    let body = html! {
        p { "Copy it now: it is shown only this once. Whoever has it can send usage, so keep it like a password." }
        p { input.whole type="text" readonly value=(token) aria-label="The token" data-select; }
        p { "It goes with each request to " code { (url) } " as " code { "Authorization: Bearer hive_…" } "." }
    };
    part::banner(Kind::Good, &format!("The token \"{}\" is made", name.trim()), body, html! {})
}

#[derive(Debug, Deserialize)]
struct Revoked {
    id: i64,
}

async fn revoke(State(web): State<Arc<Web>>, visitor: Visitor, Form(revoked): Form<Revoked>) -> Answer {
    visitor.need(Do::People)?;
    let who = visitor.person.who();
    let done = web.desk.store.revoke_token(visitor.msp.id, revoked.id, &who, visitor.now()).await;
    let said = done.map(|()| "The token is revoked: it opens nothing any more.").map_err(Refused::from);
    Ok(visitor.done_at(said, &visitor.path("people/tokens")))
}
