//! Show Settings: how Hive pushes charges, with what a change would do shown before it is saved.
//!
//! **Owns:** which settings stand together, the way from a form to the desk's verb.
//! **Does not own:** what a value may be or does (core), the plans that are compared (the desk).

mod agreements;
mod fields;
mod overrides;
mod product;
mod what_if;

use super::decided;
pub(in crate::pages) use what_if::told as what_if_told;

use super::psa_sync::{self, Tab};
use crate::part::{self, Here};
use crate::{Answer, App, Do, Fault, Visitor, Web};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Form, Router};
use fields::{Field, Shown};
use hive_core::settings::{At, Key, Settings};
use hive_core::usage::Product;
use hive_desk::{Look, Refused};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) fn routes() -> Router<App> {
    let at = |rest: &str| format!("/m/{{msp}}/psa-sync/settings{rest}");
    Router::new()
        .route(&at(""), get(show).post(save))
        .route(&at("/overrides"), post(overrides::set))
        .route(&at("/products/{product}"), get(product::show).post(product::save))
        .route(&at("/products/{product}/pin"), post(agreements::pin))
}

/// Settings that are saved together.
#[derive(Clone, Copy, Debug)]
struct Section {
    name: &'static str,
    title: &'static str,
    words: &'static str,
    fields: &'static [Field],
    button: &'static str,
}

const SECTIONS: [Section; 5] = [
    Section {
        name: "billing",
        title: "How customers are billed",
        words: "For every product and account that has no setting of its own below.",
        fields: fields::BILLING,
        button: "Save how customers are billed",
    },
    Section {
        name: "schedule",
        title: "Syncs and Updates",
        words: "When Hive pulls from ConnectWise, and when it pushes to it.",
        fields: fields::SCHEDULE,
        button: "Save when Syncs and Updates run",
    },
    Section {
        name: "agreements",
        title: "Which agreements count",
        words: "Where a company has several agreements with the item, these say which one is meant.",
        fields: fields::AGREEMENTS,
        button: "Save which agreements count",
    },
    Section {
        name: "limits",
        title: "What is held for a person",
        words: "A change beyond these waits until somebody approves it. Both limits of a pair must be passed.",
        fields: fields::LIMITS,
        button: "Save what is held",
    },
    Section {
        name: "approvals",
        title: "Approvals",
        words: "How far a person's approval of a held change reaches.",
        fields: fields::APPROVALS,
        button: "Save how approvals act",
    },
];

/// What a form holds: names and values as they came.
#[derive(Clone, Debug, Default)]
struct Typed(Vec<(String, String)>);

impl Typed {
    fn of(here: &Here) -> Typed {
        Typed(here.parameters().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }
}

/// A change of one setting, as [`hive_desk::Desk::set_settings`] takes it.
type Change = (Key, At, String);

/// What a form changes.
#[derive(Clone, Debug, Default)]
struct Read {
    changes: Vec<Change>,
    /// Which values cannot be, and why.
    wrong: Vec<(Key, String)>,
}

impl Read {
    fn wrong(&self, key: Key) -> Option<&str> {
        self.wrong.iter().find(|(of, _)| *of == key).map(|(_, why)| why.as_str())
    }
}

/// What is set at a place itself; not what it inherits.
fn set_at(settings: &Settings, key: Key, at: At) -> Option<&str> {
    settings.entries().find(|(known, place, _)| *known == key && *place == at).map(|(_, _, text)| text)
}

/// What a field shows: the MSP's always has a value, a product's only where it has one of its own.
fn standing(settings: &Settings, key: Key, at: At) -> &str {
    if at == At::default() { settings.text(key, at) } else { set_at(settings, key, at).unwrap_or_default() }
}

/// Which of the fields were changed. An empty field, and the default at the MSP, take a setting back.
fn read(settings: &Settings, fields: &[Field], at: At, typed: &Typed) -> Read {
    let mut read = Read::default();
    for field in fields {
        let key = field.key;
        let Some(text) = typed.get(key.name()).filter(|text| *text != standing(settings, key, at)) else { continue };
        if text.is_empty() || at == At::default() && text == key.default() {
            if set_at(settings, key, at).is_some() {
                read.changes.push((key, at, String::new()));
            }
            continue;
        }
        match key.check(text) {
            Ok(text) => read.changes.push((key, at, text)),
            Err(why) => read.wrong.push((key, why)),
        }
    }
    read
}

/// What saving did, in words.
fn said(before: &Settings, changes: &[Change]) -> String {
    if changes.is_empty() {
        return "Nothing was changed.".to_owned();
    }
    let mut after = before.clone();
    let mut all = Vec::new();
    for (key, at, text) in changes {
        // They were checked when they were read.
        if after.set(*key, *at, text).is_ok() {
            let value = |settings: &Settings| fields::value_words(*key, settings.text(*key, *at));
            all.push(format!("{}: {} now, {} before", fields::label(*key), value(&after), value(before)));
        }
    }
    format!("{}.", all.join("; "))
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let typed = Typed::of(visitor.here());
    let asked = typed.get("section").and_then(|name| SECTIONS.iter().find(|section| section.name == name));
    page(&web, &visitor, &look, asked, &typed).await
}

/// The page; `asked` is the section whose form holds `typed`.
async fn page(web: &Web, visitor: &Visitor, look: &Arc<Look>, asked: Option<&Section>, typed: &Typed) -> Answer {
    let mut sections: Vec<Markup> = Vec::new();
    let mut wrong = false;
    for section in &SECTIONS {
        let of_this = asked.filter(|asked| asked.name == section.name).map(|_| typed);
        let (markup, is_wrong) = one(web, visitor, look, section, of_this).await?;
        sections.push(markup);
        wrong |= is_wrong;
    }
    let body = html! {
        p.pointer {
            a href=(visitor.path("psa-sync/what-if")) { "What if" } " asks about any setting before it is saved, "
            a href=(visitor.path("psa-sync/back-test")) { "Past months" } " replays them, and "
            a href=(visitor.path("psa-sync/configuration")) { "Configuration" } " is all of it as a file."
        }
        @for section in &sections[..2] { (section) }
        (overrides::panel(visitor, look))
        (product::panel(visitor, look))
        @for section in &sections[2..] { (section) }
        (decided::from_settings(visitor, look))
    };
    let page = psa_sync::frame(web, visitor, look, Tab::Settings).await?.body(body);
    Ok(if wrong { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

async fn one(
    web: &Web,
    visitor: &Visitor,
    look: &Arc<Look>,
    section: &Section,
    typed: Option<&Typed>,
) -> Result<(Markup, bool), Fault> {
    let settings = &look.facts.settings;
    let read = typed.map(|typed| read(settings, section.fields, At::default(), typed)).unwrap_or_default();
    let value = |key: Key| typed.and_then(|typed| typed.get(key.name())).unwrap_or(settings.text(key, At::default()));
    let fields = html! {
        @for field in section.fields {
            (fields::show(&Shown { field, value: value(field.key), inherits: None, wrong: read.wrong(field.key) }))
        }
        @if section.name == "billing" { (not_touched(look)) }
    };
    let preview = html! {
        @if typed.is_some() { (what_if::preview(web, visitor, look, &read).await?) }
        @if section.name == "schedule" { (what_if::slots(web, visitor, look, &read).await?) }
    };
    let place = format!("preview-{}", section.name);
    let form = SettingsForm {
        action: visitor.path("psa-sync/settings"),
        section: section.name,
        place: &place,
        button: section.button,
    };
    let body = html! {
        div.panel-body {
            p.hint { (section.words) }
            (form.markup(visitor, &fields, &preview))
        }
    };
    Ok((
        part::panel(None, section.title, html! {}, html! { div.anchor id=(section.name) {} (body) }),
        !read.wrong.is_empty(),
    ))
}

/// AC-89: what has no quota is billed on actual usage whatever is chosen.
fn not_touched(look: &Look) -> Markup {
    const NAMED: usize = 5;
    let counted: Vec<&Product> = look.facts.products.iter().filter(|product| !product.is_storage()).collect();
    html! {
        @if !counted.is_empty() {
            p.hint {
                "Users and licences have no quota, so this choice does not touch them: "
                @for (place, product) in counted.iter().take(NAMED).enumerate() { @if place > 0 { ", " } (part::name(&product.name)) }
                @if counted.len() > NAMED { " and " (part::count(counted.len() - NAMED)) " more" }
                "."
            }
        }
    }
}

/// A form of settings: its fields, what they would do, its buttons.
struct SettingsForm<'a> {
    action: String,
    section: &'a str,
    place: &'a str,
    button: &'a str,
}

impl SettingsForm<'_> {
    fn markup(&self, visitor: &Visitor, fields: &Markup, preview: &Markup) -> Markup {
        let may = visitor.may(Do::Settings);
        html! {
            form.settings method="post" action=(self.action) data-sketch=(self.place) {
                (part::hidden("section", self.section))
                fieldset.bare disabled[!may] { div.settings-fields .pairs[matches!(self.section, "limits" | "schedule")] { (fields) } }
                div.preview id=(self.place) aria-live="polite" { (preview) }
                div.actions {
                    @if may {
                        (part::submit("button primary", self.button))
                        button.button type="submit" formmethod="get" formaction={ (self.action) "#" (self.section) } {
                            @if self.section == "agreements" { "Try" } @else { "See what it would change" }
                        }
                    } @else { p.hint { (Do::Settings.refusal(&visitor.roles, &visitor.msp.name)) } }
                }
            }
        }
    }
}

async fn save(State(web): State<Arc<Web>>, visitor: Visitor, Form(form): Form<Vec<(String, String)>>) -> Answer {
    visitor.need(Do::Settings)?;
    let typed = Typed(form);
    let section = typed.get("section").and_then(|name| SECTIONS.iter().find(|section| section.name == name));
    let section = section.ok_or_else(|| Refused::WrongUsage("The form names no part of the settings.".to_owned()))?;
    let settings = web.desk.store.settings(visitor.msp.id).await?;
    let read = read(&settings, section.fields, At::default(), &typed);
    if !read.wrong.is_empty() {
        let look = web.desk.look(&visitor.msp, visitor.now()).await?;
        return page(&web, &visitor, &look, Some(section), &typed).await;
    }
    let saved = web.desk.set_settings(&visitor.by(), &read.changes).await.map(|()| said(&settings, &read.changes));
    Ok(visitor.done_at(saved, &visitor.path("psa-sync/settings")))
}
