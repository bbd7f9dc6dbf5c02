//! The frame around every page: the shield at the top left, the entries on the left, who is here.
//!
//! **Owns:** the HTML document, the navigation, the look (light or dark), where banners stand.
//! **Does not own:** what a page shows.

use crate::asset::{SCRIPT, SHIELD, STYLE};
use crate::auth::{Do, Person, Scheme, Visitor};
use crate::flash::Said;
use crate::part::{self, Icon};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

/// An entry of the navigation, or the overview behind the shield.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    /// MSP Overview, behind the shield.
    Overview,
    /// PSA Sync.
    PsaSync,
    /// Accounts.
    Accounts,
    /// Billable items.
    BillableItems,
    /// Activity.
    Activity,
    /// People.
    People,
    /// Help.
    Help,
    /// None of them: what was asked for is not there.
    None,
}

const ENTRIES: [(Nav, &str, &str); 6] = [
    (Nav::PsaSync, "PSA Sync", "psa-sync"),
    (Nav::Accounts, "Accounts", "accounts"),
    (Nav::BillableItems, "Billable items", "billable-items"),
    (Nav::Activity, "Activity", "activity"),
    (Nav::People, "People", "people"),
    (Nav::Help, "Help", "help"),
];

/// A page in the frame of one MSP.
#[derive(Debug)]
#[must_use]
pub struct Page<'a> {
    visitor: &'a Visitor,
    active: Nav,
    title: String,
    lead: Markup,
    actions: Markup,
    tabs: Markup,
    banners: Markup,
    pulse: Option<(i64, i64)>,
}

impl<'a> Page<'a> {
    /// A page with its heading, under one entry of the navigation.
    pub fn new(visitor: &'a Visitor, active: Nav, title: impl Into<String>) -> Page<'a> {
        let nothing = Markup::default;
        Page {
            visitor,
            active,
            title: title.into(),
            lead: nothing(),
            actions: nothing(),
            tabs: nothing(),
            banners: nothing(),
            pulse: None,
        }
    }

    /// Another heading.
    pub fn titled(mut self, title: impl Into<String>) -> Page<'a> {
        self.title = title.into();
        self
    }

    /// A line below the heading.
    pub fn lead(mut self, lead: Markup) -> Page<'a> {
        self.lead = lead;
        self
    }

    /// Buttons beside the heading; those of before stay.
    #[expect(clippy::needless_pass_by_value, reason = "markup is handed over as html! makes it")]
    pub fn actions(mut self, actions: Markup) -> Page<'a> {
        self.actions.0.insert_str(0, &actions.0);
        self
    }

    /// Tabs below the heading.
    pub fn tabs(mut self, tabs: Markup) -> Page<'a> {
        self.tabs = tabs;
        self
    }

    /// One more banner above the body.
    #[expect(clippy::needless_pass_by_value, reason = "markup is handed over as html! makes it")]
    pub fn banner(mut self, banner: Markup) -> Page<'a> {
        self.banners.0.push_str(&banner.0);
        self
    }

    /// What the page was made from (`Store::pulse`: facts, runs): with it, what changed before the page
    /// listened is not missed.
    pub fn pulse(mut self, facts: i64, runs: i64) -> Page<'a> {
        self.pulse = Some((facts, runs));
        self
    }

    /// The answer.
    #[expect(clippy::needless_pass_by_value, reason = "markup is handed over as html! makes it")]
    pub fn body(self, body: Markup) -> Response {
        let visitor = self.visitor;
        let person = &visitor.person;
        let main = html! {
            header.page-head {
                div { p.msp { (part::name(&visitor.msp.name)) } h1 { (self.title) } @if !self.lead.0.is_empty() { p.lead { (self.lead) } } }
                div.actions { (self.actions) }
            }
            (self.tabs)
            (said(person.said.as_ref()))
            div.banners id="banners" data-live { (self.banners) }
            (body)
        };
        let document = html! {
            (DOCTYPE)
            html lang="en" class=(person.scheme.class()) {
                (head(&format!("{} – {}", self.title, visitor.msp.name)))
                body data-events=(visitor.path("events")) data-pulse=[self.pulse.map(|(facts, runs)| format!("{facts}.{runs}"))] {
                    a.skip href="#main" { "Skip to the page" }
                    (side(visitor, self.active))
                    main id="main" tabindex="-1" { (main) }
                }
            }
        };
        answer(document, person.said.is_some())
    }
}

/// A page without an MSP's navigation, for somebody who is signed in.
#[expect(clippy::needless_pass_by_value, reason = "markup is handed over as html! makes it")]
pub fn alone(person: &Person, title: &str, body: Markup) -> Response {
    let inner = html! {
        (said(person.said.as_ref()))
        (body)
        footer.alone-foot { span { (person.user.email) } (look_switch(person.scheme)) (log_out()) }
    };
    answer(small(person.scheme, title, &inner), person.said.is_some())
}

/// A page for somebody who is not known (yet): login, errors.
#[expect(clippy::needless_pass_by_value, reason = "markup is handed over as html! makes it")]
pub fn bare(title: &str, body: Markup) -> Response {
    answer(small(Scheme::Auto, title, &body), false)
}

fn small(scheme: Scheme, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" class=(scheme.class()) {
            (head(&format!("{title} – Hive")))
            body.alone {
                main id="main" {
                    p.brand { (Icon::Shield) b { "Hive" } }
                    section.panel { div.panel-body { h1 { (title) } (body) } }
                }
            }
        }
    }
}

fn answer(document: Markup, said: bool) -> Response {
    let mut answer = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], document.into_string()).into_response();
    if said {
        answer.headers_mut().append(header::SET_COOKIE, Said::forget());
    }
    answer
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (title) }
            link rel="icon" href=(SHIELD.path()) type="image/svg+xml";
            link rel="stylesheet" href=(STYLE.path());
            script type="module" src=(SCRIPT.path()) {}
        }
    }
}

fn said(said: Option<&Said>) -> Markup {
    html! {
        div.said aria-live="polite" {
            @if let Some(said) = said {
                @let undo = said.undo.as_ref().map(|undo| part::post_button(&undo.path, "button", "Undo", &[("undo", &undo.what)]));
                (part::banner(said.kind, &said.words, html! {}, undo.unwrap_or_default()))
             }
        }
    }
}

fn side(visitor: &Visitor, active: Nav) -> Markup {
    let current = |nav: Nav| (nav == active).then_some("page");
    html! {
        header.side {
            div.side-top {
                a.shield href=(visitor.path("")) title="MSP Overview" aria-current=[current(Nav::Overview)] {
                    (Icon::Shield) span { b { "Hive" } small { "MSP Overview" } }
                }
                details.menu { summary { (Icon::Menu) span.unseen { "Menu" } } }
            }
            div.side-body {
                nav aria-label="Hive" {
                    ul {
                        @for (nav, words, path) in ENTRIES {
                            @if nav != Nav::People || visitor.may(Do::People) {
                                li { a href=(visitor.path(path)) aria-current=[current(nav)] { (words) } }
                            }
                        }
                    }
                }
                div.side-foot {
                    strong { (part::name(&visitor.msp.name)) }
                    @if visitor.person.many() { a.small href="/?all=yes" { "Another MSP" } }
                    span.small title=(visitor.person.user.email) { (visitor.person.user.email) }
                    span.small { (visitor.role_words()) }
                    div.side-tools { (look_switch(visitor.person.scheme)) (log_out()) }
                }
            }
        }
    }
}

/// Light, dark, or as the device has it.
fn look_switch(scheme: Scheme) -> Markup {
    html! {
        form.looks method="post" action="/look" {
            @for (one, icon) in [(Scheme::Auto, Icon::Auto), (Scheme::Light, Icon::Sun), (Scheme::Dark, Icon::Moon)] {
                button type="submit" name="look" value=(one.name()) aria-pressed=(one == scheme) title=(one.words()) {
                    (icon) span.unseen { (one.words()) }
                }
            }
        }
    }
}

fn log_out() -> Markup {
    part::post_button("/logout", "link", "Log out", &[])
}
