//! People: who may do what at this MSP.
//!
//! **Limits on purpose:** no mail is sent; the link for a new person is shown once, to be handed over.

mod tokens;

use crate::auth::{Do, Visitor, invite};
use crate::part::{self, Column, Kind, Table};
use crate::{Answer, App, Fault, Nav, Page, Web};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Form, Router};
use hive_desk::Refused;
use hive_store::{Role, User, UserId};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

const ROLES: [(&str, &str); 4] = [
    ("admin", "admin: everything, and who may do what"),
    ("approver", "approver: approves, answers, starts Updates and Syncs"),
    ("mapper", "mapper: links, maps, pins, quotas, imports, Syncs"),
    ("read-only", "read-only: looks"),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/people", get(show).post(add))
        .route("/m/{msp}/people/role", post(change))
        .route("/m/{msp}/people/link", post(link))
        .merge(tokens::routes())
}

fn tabs(visitor: &Visitor, tokens: bool) -> Markup {
    let people = ("People", visitor.path("people"), !tokens);
    part::tabs("People", &[people, ("API tokens", visitor.path("people/tokens"), tokens)])
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    visitor.need(Do::People)?;
    page(&web, &visitor, html! {}).await
}

async fn page(web: &Web, visitor: &Visitor, above: Markup) -> Answer {
    let users = web.desk.store.users_of(visitor.msp.id).await?;
    let columns =
        [Column::new("Person"), Column::new("Role here"), Column::new("Password"), Column::new("What you can do")];
    let table = Table { caption: "People", columns: &columns, sort: None };
    let rows = html! { @for user in &users { (row(visitor, user)) } };
    let body = html! {
        (above)
        (part::panel(Some("people"), "", html! {}, table.rows(rows)))
        (part::panel(None, "Add a person", html! {}, html! { div.panel-body { (adding(visitor)) } }))
    };
    Ok(Page::new(visitor, Nav::People, "People")
        .lead(html! { "Who may look, map, approve and change settings at " (part::name(&visitor.msp.name)) "." })
        .tabs(tabs(visitor, false))
        .body(body))
}

fn row(visitor: &Visitor, user: &User) -> Markup {
    let id = user.id.0.to_string();
    let everywhere = user.roles.iter().find(|(at, _)| at.is_none()).map(|(_, role)| *role);
    let here = user.roles.iter().find(|(at, _)| at.is_some()).map(|(_, role)| *role);
    html! {
        tr {
            th scope="row" { (part::name(&user.email)) @if user.id == visitor.person.user.id { " " (part::pill(Kind::Plain, "you")) } }
            td {
                @if let Some(role) = everywhere { (part::pill(Kind::Info, role.name())) " at every MSP " }
                @if everywhere.is_none() || here.is_some() {
                    form.inline method="post" action=(visitor.path("people/role")) {
                        (part::hidden("user", &id))
                        select name="role" aria-label={ "Role of " (user.email) } {
                            @for role in Role::ALL { option value=(role.name()) selected[here == Some(role)] { (role.name()) } }
                            option value="" { "none: take away" }
                        }
                        " " (part::submit("button", "Change"))
                    }
                }
            }
            td { @if user.has_password { "chosen" } @else { (part::pill(Kind::Wait, "not chosen yet")) } }
            td { @if everywhere.is_none() || visitor.person.runs_all() {
                (part::post_button(&visitor.path("people/link"), "button", "New password link", &[("user", &id)]))
            } }
        }
    }
}

fn adding(visitor: &Visitor) -> Markup {
    html! {
        form.stack method="post" action=(visitor.path("people")) {
            div.field { label for="email" { "E-mail address" }
                input type="email" id="email" name="email" required autocomplete="off"; }
            (part::select("role", "Role", &ROLES, "read-only", "Somebody who is known already gets this role here."))
            (part::submit("button primary", "Add"))
        }
    }
}

#[derive(Debug, Deserialize)]
struct Added {
    email: String,
    role: String,
}

async fn add(State(web): State<Arc<Web>>, visitor: Visitor, Form(added): Form<Added>) -> Answer {
    visitor.need(Do::People)?;
    let (store, msp, now) = (&web.desk.store, visitor.msp.id, visitor.now());
    let role = role(&added.role)?;
    let known = store.user_by_email(&added.email).await?.is_some_and(|user| user.has_password);
    let user = match store.add_user(&added.email, role, Some(msp), &visitor.person.who(), now).await {
        Ok(user) => user,
        Err(error) => {
            let words = Refused::from(error).to_string();
            let above = part::banner(Kind::Bad, "Nobody was added", html! { (words) }, html! {});
            return page(&web, &visitor, above).await;
        }
    };
    if known {
        let words = format!("{} is {} here now and logs in as before.", added.email.trim(), role.name());
        return Ok(visitor.done::<String>(Ok(words), "people"));
    }
    let link = invite(store, &web.public_url, user, now).await?;
    let title = format!("{} is added as {}", added.email.trim(), role.name());
    page(&web, &visitor, link_shown(&title, &link)).await
}

/// The link, this one time.
fn link_shown(title: &str, link: &str) -> Markup {
    let body = html! {
        p { "Hand over this link. It is shown only now, works once and for three days; with it they choose a password." }
        p { input.whole type="text" readonly value=(link) aria-label="One-time link" data-select; }
    };
    part::banner(Kind::Good, title, body, html! {})
}

fn role(text: &str) -> Result<Role, Fault> {
    Role::parse(text).ok_or_else(|| Refused::WrongUsage(format!("{text} is not a role")).into())
}

#[derive(Debug, Deserialize)]
struct Changed {
    user: i64,
    role: String,
}

/// The user with this number, as far as they are of this MSP.
async fn of_here(web: &Web, visitor: &Visitor, id: i64) -> Result<User, Fault> {
    let users = web.desk.store.users_of(visitor.msp.id).await?;
    let found = users.into_iter().find(|user| user.id == UserId(id));
    found.ok_or_else(|| Fault::NotFound(format!("There is nobody with this number at {}.", visitor.msp.name)))
}

async fn change(State(web): State<Arc<Web>>, visitor: Visitor, Form(changed): Form<Changed>) -> Answer {
    visitor.need(Do::People)?;
    let user = of_here(&web, &visitor, changed.user).await?;
    let to = if changed.role.is_empty() { None } else { Some(role(&changed.role)?) };
    let who = visitor.person.who();
    let set = web.desk.store.set_role(user.id, Some(visitor.msp.id), to, &who, visitor.now()).await;
    let said = match to {
        Some(role) => format!("{} is {} here now.", user.email, role.name()),
        None => format!("{} has no role here any more.", user.email),
    };
    let at = visitor.path("people");
    Ok(visitor.done_at(set.map(|()| said).map_err(Refused::from), &at))
}

#[derive(Debug, Deserialize)]
struct Linked {
    user: i64,
}

/// A new link for somebody who has no password or forgot it. Who sets a password with it acts as them
/// everywhere, so an admin of one MSP gives none to somebody who reaches further.
async fn link(State(web): State<Arc<Web>>, visitor: Visitor, Form(linked): Form<Linked>) -> Answer {
    visitor.need(Do::People)?;
    let here = of_here(&web, &visitor, linked.user).await?;
    let whole = web.desk.store.user(here.id).await?.unwrap_or(here);
    let further = whole.roles.iter().any(|(at, _)| *at != Some(visitor.msp.id));
    if further && !visitor.person.runs_all() {
        let words =
            format!("{} has roles beyond {}; an admin of every MSP makes their link.", whole.email, visitor.msp.name);
        return Err(Fault::Forbidden(words));
    }
    let link = invite(&web.desk.store, &web.public_url, whole.id, visitor.now()).await?;
    page(&web, &visitor, link_shown(&format!("A new link for {}", whole.email), &link)).await
}
