//! Logging in and out.

use super::visitor::local;
use super::{Person, Scheme, cookie, gate, people};
use crate::{Answer, App, page, part};
use axum::Form;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use std::net::SocketAddr;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct Entered {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Looked {
    look: String,
}

/// `GET /login`.
pub(super) async fn show(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    person: Result<Person, crate::Fault>,
) -> Response {
    if person.is_ok() {
        return Redirect::to(local(&asked.next).unwrap_or("/")).into_response();
    }
    match app.gate.closed() {
        Some(words) => refusal(words),
        None => page::bare("Log in", form("", &asked.next, None)),
    }
}

/// Why no password is asked for at this address.
pub(super) fn refusal(words: &str) -> Response {
    (StatusCode::FORBIDDEN, page::bare("Not without https", html! { p { (words) } })).into_response()
}

fn form(email: &str, next: &str, wrong: Option<&str>) -> Markup {
    html! {
        @if let Some(words) = wrong { (part::banner(part::Kind::Bad, words, html! {}, html! {})) }
        form.stack method="post" action="/login" {
            (part::hidden("next", next))
            div.field { label for="email" { "E-mail address" }
                input type="email" id="email" name="email" value=(email) autocomplete="username" required autofocus; }
            (part::password("password", "Password", "current-password", ""))
            (part::submit("button primary", "Log in"))
        }
        p.hint { "No password yet, or forgotten? An admin of your MSP makes you a one-time link under People." }
    }
}

/// `POST /login`.
pub(super) async fn enter(
    State(app): State<App>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(entered): Form<Entered>,
) -> Answer {
    if let Some(words) = app.gate.closed() {
        return Ok(refusal(words));
    }
    let address = gate::address(peer.map(|peer| peer.0.0.ip()), &headers);
    match app.gate.check(&app.web, &entered.email, entered.password, address).await? {
        Ok(user) => {
            let cookie = people::begin(&app, user.id, &headers).await?;
            let to = local(&entered.next).unwrap_or("/");
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response())
        }
        Err(words) => {
            let page = page::bare("Log in", form(&entered.email, &entered.next, Some(&words)));
            Ok((StatusCode::FORBIDDEN, page).into_response())
        }
    }
}

/// `POST /logout`.
pub(super) async fn leave(State(app): State<App>, person: Person) -> Answer {
    app.web.desk.store.end_session(&person.session).await?;
    let mut answer = Redirect::to("/login").into_response();
    if let Some(gone) = cookie::session("", 0, app.gate.secure) {
        answer.headers_mut().append(header::SET_COOKIE, gone);
    }
    Ok(answer)
}

/// `POST /look`: light, dark, or as the device has it.
pub(super) async fn look(person: Person, Form(looked): Form<Looked>) -> Response {
    let mut answer = Redirect::to(person.back().unwrap_or("/")).into_response();
    if let Some(cookie) = Scheme::parse(&looked.look).cookie() {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}
