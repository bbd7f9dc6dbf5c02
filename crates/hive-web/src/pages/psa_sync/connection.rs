//! The connection: in one line, in full, and the form behind the pencil.

use super::form::{self, Shown, Typed, Wrong};
use super::{Tab, frame, rights};
use crate::part;
use crate::{Answer, ConnectForm, Connected, Do, Fault, Visitor, Web};
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use hive_core::rights::Rights;
use hive_desk::{Refused, Status};
use hive_store::Connection;
use maud::{Markup, html};
use std::sync::Arc;

/// The connection in one line, below the heading.
pub(super) fn line(status: &Status) -> Markup {
    html! {
        @match &status.connection {
            None => { "Not connected to ConnectWise yet." },
            Some(now) => {
                "Connected to " b { (part::name(&now.company)) } " at " (part::name(&now.url))
                ", tested " (part::ago(now.tested_at, status.at)) "; " (rights::words(&now.rights)) "."
            },
        }
    }
}

/// The connection in full.
pub(super) fn summary(visitor: &Visitor, status: &Status) -> Markup {
    let Some(now) = &status.connection else {
        return html! { p { "Not connected yet. The pencil above opens the form: Company, Public Key, Private Key, URL." } };
    };
    let key = html! { code { (part::name(&now.public_key)) } };
    html! {
        (part::definitions(&[
            ("Company", part::name(&now.company)),
            ("URL", part::name(&now.url)),
            ("Public Key", key),
            ("Private Key", html! { "stored sealed, never shown" }),
            ("Tested", html! { (part::time(now.tested_at, &status.zone)) " (" (part::ago(now.tested_at, status.at)) ")" }),
            ("Saved by", html! { (crate::pages::runs::who_words(&now.set_by)) }),
        ]))
        h3 { "Rights in ConnectWise: " (rights::words(&now.rights)) }
        (rights::table(&now.rights))
        (accepted(now, status))
        @if status.waits_for_admin() && visitor.may(Do::Connect) {
            p.hint { a href=(visitor.help(crate::help::link::ROLE)) { "How to give the role what is missing" } }
        }
    }
}

fn accepted(now: &Connection, status: &Status) -> Markup {
    html! {
        @if let Some((who, at)) = &now.accepted {
            p { "Accepted as it is by " (crate::pages::runs::who_words(who)) ", " (part::time(*at, &status.zone)) "." }
        }
    }
}

/// The window behind the pencil.
pub(super) fn dialog(visitor: &Visitor, before: Option<&Connection>) -> Markup {
    let typed = Typed::of(before);
    let shown = Shown { typed: &typed, before, wrong: &[], asks: false, id: "window-" };
    part::dialog("connection", "Connection to ConnectWise", form::form(visitor, &shown))
}

/// The same form as a page of its own.
pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    visitor.need(Do::Connect)?;
    let before = web.desk.store.connection(visitor.msp.id).await?;
    let typed = Typed::of(before.as_ref());
    page(&web, &visitor, &Shown { typed: &typed, before: before.as_ref(), wrong: &[], asks: false, id: "" }).await
}

async fn page(web: &Web, visitor: &Visitor, shown: &Shown<'_>) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let body = html! {
        (part::panel(None, "Connection to ConnectWise", html! {}, html! { div.panel-body { (form::form(visitor, shown)) } }))
        p.pointer { "Where each of these is in ConnectWise, click by click: " a href=(visitor.help(crate::help::link::CONNECT)) { "Help" } "." }
    };
    let mut answer = frame(web, visitor, &look, Tab::Beside).await?.titled("Edit the connection").body(body);
    if shown.asks || !shown.wrong.is_empty() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

/// Tests, and saves what works.
pub(super) async fn save(State(web): State<Arc<Web>>, visitor: Visitor, Form(typed): Form<Typed>) -> Answer {
    visitor.need(Do::Connect)?;
    let before = web.desk.store.connection(visitor.msp.id).await?;
    let before = before.as_ref();
    let typed = typed.trimmed().placed(before, |url| web.engine.site(url));
    let wrong = typed.wrong(before);
    let asks = typed.moves && !typed.confirmed();
    if asks || !wrong.is_empty() {
        return page(&web, &visitor, &Shown { typed: &typed, before, wrong: &wrong, asks, id: "" }).await;
    }
    let asked = ConnectForm {
        url: typed.url.clone(),
        company: typed.company.clone(),
        public_key: typed.public_key.clone(),
        private_key: typed.key(),
        client_id: Some(typed.client_id.clone()).filter(|id| !id.is_empty()),
    };
    match web.engine.connect(&visitor.msp, asked, &visitor.person.who()).await {
        Ok(connected) => {
            let words = words(&visitor, &typed, &connected);
            Ok(visitor.done_at(Ok::<_, Refused>(words), &visitor.path("psa-sync")))
        }
        Err(refused) => {
            let wrong: [Wrong; 1] = [form::of(&refused)];
            page(&web, &visitor, &Shown { typed: &typed, before, wrong: &wrong, asks: false, id: "" }).await
        }
    }
}

/// What the test found, in words.
fn words(visitor: &Visitor, typed: &Typed, connected: &Connected) -> String {
    let mut words =
        format!("{} is connected to {}; {}.", visitor.msp.name, typed.company, rights::words(&connected.rights));
    if let Rights::Known { missing, restricted } = &connected.rights {
        for missing in missing {
            words.push_str(&format!(" Missing: {missing}."));
        }
        for place in restricted {
            words.push_str(&format!(" Restricted in the role: {place}; rows may be hidden."));
        }
    }
    for warning in &connected.warnings {
        words.push_str(&format!(" Note: {warning}."));
    }
    if connected.moved {
        words.push_str(" It is another ConnectWise than before: Hive previews again.");
    }
    words
}

/// An admin accepts that the missing rights stay missing.
pub(super) async fn accept(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    visitor.need(Do::Connect)?;
    let status = web.desk.status(&visitor.msp, visitor.now()).await?;
    if !status.waits_for_admin() {
        let words = format!("{} is not waiting for an admin: there is nothing to accept.", visitor.msp.name);
        return Err(Fault::Refused(Refused::Stopped(words)));
    }
    let who = visitor.person.who();
    let accepted = web.desk.store.accept_rights(visitor.msp.id, &who, visitor.now()).await;
    let words =
        format!("Accepted by {}: {} goes on without the missing rights.", visitor.person.user.email, visitor.msp.name);
    Ok(visitor.done(accepted.map(|()| words).map_err(Refused::from), "psa-sync"))
}
