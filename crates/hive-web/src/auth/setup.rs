//! The first minute of an installation: its first admin, its first MSP.

use super::login::refusal;
use super::{cookie, people};
use crate::{Answer, App, Fault, page, part};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use hive_desk::Refused;
use hive_store::FirstAdmin;
use maud::{Markup, html};
use serde::Deserialize;

const WHO: &str = "setup";

#[derive(Deserialize)]
pub(super) struct First {
    email: String,
    password: String,
    again: String,
    #[serde(default)]
    msp: String,
}

async fn is_open(app: &App, token: &str) -> Result<bool, Fault> {
    Ok(app.web.desk.store.setup_is_open(&cookie::hash(token), app.web.engine.now()).await?)
}

/// `GET /setup/{token}`.
pub(super) async fn show(State(app): State<App>, Path(token): Path<String>) -> Answer {
    if let Some(words) = app.gate.closed() {
        return Ok(refusal(words));
    }
    if !is_open(&app, &token).await? {
        return Ok(used_up());
    }
    let asks_msp = app.web.desk.store.msps().await?.is_empty();
    Ok(page::bare("Welcome to Hive", form(&token, ("", ""), asks_msp, None)))
}

/// `POST /setup/{token}`.
pub(super) async fn take(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(first): Form<First>,
) -> Answer {
    if let Some(words) = app.gate.closed() {
        return Ok(refusal(words));
    }
    if !is_open(&app, &token).await? {
        return Ok(used_up());
    }
    let (store, now) = (&app.web.desk.store, app.web.engine.now());
    let asks_msp = store.msps().await?.is_empty();
    let again = |words: &str| {
        let page = page::bare("Welcome to Hive", form(&token, (&first.email, &first.msp), asks_msp, Some(words)));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let password = match people::new_password(&first.password, &first.again, &first.email) {
        Ok(password) => password,
        Err(words) => return again(&words),
    };
    let Some(phc) = app.gate.hash(password).await else {
        return Err(Fault::Refused(Refused::Broken("the password could not be hashed; try again".to_owned())));
    };
    // What may be refused leaves everything as it was, so that a slip of the pen does not use the link up.
    let asked = FirstAdmin { email: &first.email, phc: &phc, msp: &first.msp };
    let (user, msp) = match store.set_up(&cookie::hash(&token), asked, WHO, now).await {
        Ok(Some(done)) => done,
        Ok(None) => return Ok(used_up()),
        Err(error) => return again(&sentence(&Refused::from(error).to_string())),
    };
    let cookie = people::begin(&app, user, &headers).await?;
    let to = msp.map_or_else(|| "/".to_owned(), |msp| format!("/m/{}/first-run", msp.id.0));
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&to)).into_response())
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn used_up() -> Response {
    let body = html! {
        p { "This link set Hive up already, has expired, or never was." }
        p { "Where Hive runs, " code { "hive user add EMAIL --role admin" } " prints a new link." }
        p.actions { a.button href="/login" { "Log in" } }
    };
    (StatusCode::NOT_FOUND, page::bare("This link does not work any more", body)).into_response()
}

fn form(token: &str, (email, msp): (&str, &str), asks_msp: bool, wrong: Option<&str>) -> Markup {
    let hint =
        format!("At least {} characters. A few words in a row are easy to keep in mind.", people::PASSWORD_CHARS_MIN);
    html! {
        p { "Make the first admin of this installation. You can add others afterwards, under People." }
        @if let Some(words) = wrong { (part::banner(part::Kind::Bad, words, html! {}, html! {})) }
        form.stack method="post" action={ "/setup/" (token) } {
            div.field { label for="email" { "Your e-mail address" }
                input type="email" id="email" name="email" value=(email) autocomplete="username" required autofocus; }
            (part::password("password", "Password", "new-password", &hint))
            (part::password("again", "Password again", "new-password", ""))
            @if asks_msp { (part::field("text", "msp", "Name of your MSP", msp, "As your customers know it. It can stand beside others later.")) }
            (part::submit("button primary", "Begin"))
        }
    }
}
