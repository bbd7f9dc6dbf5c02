//! One-time links, and choosing a password.
//!
//! **Limits on purpose:** opening a link does not take it, since mail programs open links to look at them;
//! pressing its button does.

use super::login::refusal;
use super::{Person, cookie, people};
use crate::flash::Said;
use crate::{Answer, App, Fault, page, part};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use hive_desk::Refused;
use hive_store::User;
use maud::{Markup, html};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

/// `GET /login/once/{token}`: looks, does not take.
pub(super) async fn show(State(app): State<App>, Path(token): Path<String>) -> Answer {
    if let Some(words) = app.gate.closed() {
        return Ok(refusal(words));
    }
    let Some((user, chooses)) = whose(&app, &token).await? else { return Ok(used_up()) };
    let body = if chooses { choose(&user, &token, None) } else { button(&user, &token) };
    Ok(page::bare(if chooses { "Choose your password" } else { "Log in once" }, body))
}

/// `POST /login/once/{token}`: takes the link.
pub(super) async fn take(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Answer {
    if let Some(words) = app.gate.closed() {
        return Ok(refusal(words));
    }
    let Some((user, chooses)) = whose(&app, &token).await? else { return Ok(used_up()) };
    let (store, now) = (&app.web.desk.store, app.web.engine.now());
    let password = match chooses.then(|| people::new_password(&chosen.password, &chosen.again, &user.email)).transpose()
    {
        Ok(password) => password,
        Err(words) => {
            let page = page::bare("Choose your password", choose(&user, &token, Some(&words)));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let phc = match password {
        Some(password) => Some(app.gate.hash(password).await.ok_or_else(not_hashed)?),
        None => None,
    };
    if store.take_link(&cookie::hash(&token), now).await?.is_none() {
        return Ok(used_up());
    }
    if let Some(phc) = phc {
        store.set_password(user.id, &phc, &format!("user:{}", user.email), now).await?;
        store.login_succeeded(&format!("account:{}", user.email)).await?;
    }
    let cookie = people::begin(&app, user.id, &headers).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// Whose link it is, and whether it is for choosing a password.
async fn whose(app: &App, token: &str) -> Result<Option<(User, bool)>, Fault> {
    let (store, now) = (&app.web.desk.store, app.web.engine.now());
    let Some(link) = store.link(&cookie::hash(token), now).await? else { return Ok(None) };
    let Some(user) = link.user.filter(|_| link.purpose == "login" || link.purpose == "password") else {
        return Ok(None);
    };
    Ok(store.user(user).await?.map(|user| (user, link.purpose == "password")))
}

fn not_hashed() -> Fault {
    Fault::Refused(Refused::Broken("the password could not be hashed; try again".to_owned()))
}

fn used_up() -> Response {
    let body = html! {
        p { "This link was used already, has expired, or never was. Each link works once." }
        p { "An admin of your MSP makes a new one under People; the operator prints one with " code { "hive user add" } "." }
        p.actions { a.button href="/login" { "Log in with a password" } }
    };
    (StatusCode::NOT_FOUND, page::bare("This link does not work any more", body)).into_response()
}

fn button(user: &User, token: &str) -> Markup {
    html! {
        p { "This link logs in " strong { (user.email) } ", once." }
        (part::post_button(&format!("/login/once/{token}"), "button primary", "Log in", &[]))
    }
}

fn choose(user: &User, token: &str, wrong: Option<&str>) -> Markup {
    html! {
        p { "You are " strong { (user.email) } ". Choose the password you will log in with." }
        (new_password(&format!("/login/once/{token}"), &user.email, false, wrong))
    }
}

fn new_password(action: &str, email: &str, asks_current: bool, wrong: Option<&str>) -> Markup {
    let hint =
        format!("At least {} characters. A few words in a row are easy to keep in mind.", people::PASSWORD_CHARS_MIN);
    html! {
        @if let Some(words) = wrong { (part::banner(part::Kind::Bad, words, html! {}, html! {})) }
        form.stack method="post" action=(action) {
            input.unseen type="text" name="email" value=(email) autocomplete="username" tabindex="-1" aria-hidden="true";
            @if asks_current { (part::password("current", "Present password", "current-password", "")) }
            (part::password("password", "New password", "new-password", &hint))
            (part::password("again", "New password again", "new-password", ""))
            (part::submit("button primary", "Save the password"))
        }
    }
}

/// `GET /password`: one's own.
pub(super) async fn show_own(person: Person) -> Response {
    let asks = person.user.has_password;
    page::alone(&person, "Your password", new_password("/password", &person.user.email, asks, None))
}

/// `POST /password`.
pub(super) async fn set_own(
    State(app): State<App>,
    person: Person,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Answer {
    let user = &person.user;
    let (store, now) = (&app.web.desk.store, app.web.engine.now());
    if let Some(words) = app.gate.closed() {
        return Ok(refusal(words));
    }
    let again = |words: &str| {
        let form = new_password("/password", &user.email, user.has_password, Some(words));
        (StatusCode::UNPROCESSABLE_ENTITY, page::alone(&person, "Your password", form)).into_response()
    };
    if user.has_password
        && let Err(words) = app.gate.check(&app.web, &user.email, chosen.current, None).await?
    {
        return Ok(again(&words));
    }
    let password = match people::new_password(&chosen.password, &chosen.again, &user.email) {
        Ok(password) => password,
        Err(words) => return Ok(again(&words)),
    };
    let phc = app.gate.hash(password).await.ok_or_else(not_hashed)?;
    store.set_password(user.id, &phc, &person.who(), now).await?;
    let cookie = people::begin(&app, user.id, &headers).await?;
    let mut answer = person.go("/", &Said::good("Your password is changed. Everywhere else you are logged out."));
    answer.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(answer)
}
