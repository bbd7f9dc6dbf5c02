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
use hive_core::MspId;
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
    /// "I know this person", where the account was made at another MSP.
    #[serde(default)]
    known: String,
}

async fn add(State(web): State<Arc<Web>>, visitor: Visitor, Form(added): Form<Added>) -> Answer {
    visitor.need(Do::People)?;
    let (store, msp, now) = (&web.desk.store, visitor.msp.id, visitor.now());
    let role = role(&added.role)?;
    let before = store.user_by_email(&added.email).await?;
    if let Some(user) = before.as_ref().filter(|user| added.known.is_empty() && is_strange(&visitor, user)) {
        return page(&web, &visitor, asked_whether_known(&visitor, user, role)).await;
    }
    let made_at = (!visitor.person.runs_all()).then_some(msp);
    let user = match store.add_user_from(&added.email, role, Some(msp), made_at, &visitor.person.who(), now).await {
        Ok(user) => user,
        Err(error) => {
            let words = Refused::from(error).to_string();
            let above = part::banner(Kind::Bad, "Nobody was added", html! { (words) }, html! {});
            return page(&web, &visitor, above).await;
        }
    };
    if before.is_some_and(|user| user.has_password) {
        let words = format!("{} is {} here now and logs in with their password.", added.email.trim(), role.name());
        return Ok(visitor.done::<String>(Ok(words), "people"));
    }
    let title = format!("{} is added as {}", added.email.trim(), role.name());
    match link_for(&web, &visitor, user).await? {
        Some(link) => page(&web, &visitor, link_shown(&title, &link)).await,
        None => {
            let words = "They have no password yet, and you are not admin everywhere that they have a role: \
                an admin of every MSP sends them the link.";
            page(&web, &visitor, part::banner(Kind::Wait, &title, html! { (words) }, html! {})).await
        }
    }
}

/// Whether only admins of an MSP where this visitor has no say vouch for an account. Who made it may know its
/// password, so whoever lets it in here says that they know the person.
fn is_strange(visitor: &Visitor, user: &User) -> bool {
    let here = user.roles.iter().any(|(at, _)| at.is_none_or(|at| at == visitor.msp.id));
    !here && user.added_by.is_some_and(|made_at| !visitor.person.roles(made_at).contains(&Role::Admin))
}

fn asked_whether_known(visitor: &Visitor, user: &User, role: Role) -> Markup {
    let body = html! {
        p { "This person's account was made at another MSP; whoever made it may know its password. \
            Ask the person whether the account is theirs. Their sessions end, and they log in again." }
        form.stack method="post" action=(visitor.path("people")) {
            (part::hidden("email", &user.email))
            (part::hidden("role", role.name()))
            label { input type="checkbox" name="known" value="yes" required; " I know this person" }
            (part::submit("button", "Add"))
        }
    };
    part::banner(Kind::Wait, &format!("{} is not added yet", user.email), body, html! {})
}

/// A password link, as far as this visitor may make one: who sets a password with it acts as that person
/// everywhere, so only somebody does who is admin wherever the person has a role.
async fn link_for(web: &Web, visitor: &Visitor, id: UserId) -> Result<Option<String>, Fault> {
    let Some(user) = web.desk.store.user(id).await? else { return Ok(None) };
    let runs = |at: &Option<MspId>| at.is_some_and(|at| visitor.person.roles(at).contains(&Role::Admin));
    if !visitor.person.runs_all() && !user.roles.iter().all(|(at, _)| runs(at)) {
        return Ok(None);
    }
    Ok(Some(invite(&web.desk.store, &web.public_url, id, visitor.now()).await?))
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

/// A new link for somebody who has no password or forgot it.
async fn link(State(web): State<Arc<Web>>, visitor: Visitor, Form(linked): Form<Linked>) -> Answer {
    visitor.need(Do::People)?;
    let user = of_here(&web, &visitor, linked.user).await?;
    let Some(link) = link_for(&web, &visitor, user.id).await? else {
        let words =
            format!("{} has roles beyond {}; an admin of every MSP makes their link.", user.email, visitor.msp.name);
        return Err(Fault::Forbidden(words));
    };
    page(&web, &visitor, link_shown(&format!("A new link for {}", user.email), &link)).await
}
