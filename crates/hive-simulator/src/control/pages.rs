//! The pages: the agreements of every company, and one agreement with its additions.
//!
//! **Owns:** their HTML, the style, the headers of a page.
//! **Does not own:** what the forms do (`forms`), the panel beside them (`panel`).
//! **Limits on purpose:** no script, so they work in anything; a hundred rows a page; times are UTC.

mod additions;

use maud::{DOCTYPE, Markup, html};

use super::{forms::WHO_USUAL, panel};
use crate::{
    list::Query,
    route::Answer,
    sim::{Sim, State},
    world::{Agreement, Company, name_of},
};

pub(super) const STYLE_PATH: &str = "/style.css";
pub(super) const ICON_PATH: &str = "/icon.svg";

const ROWS_SHOWN: usize = 100;
const WRITES_SHOWN: usize = 8;

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// How a person came to a page.
pub(super) struct Seen {
    /// Who they are in ConnectWise, as said in the form before.
    pub(super) who: String,
    /// What they asked for was refused: why.
    pub(super) refused: Option<String>,
}

impl Seen {
    pub(super) fn of(query: &Query) -> Seen {
        Seen { who: query.get("who").unwrap_or(WHO_USUAL).to_owned(), refused: None }
    }
}

pub(super) fn style() -> Answer {
    let css = include_str!("pages/style.css").to_owned();
    Answer { content_type: "text/css; charset=utf-8", ..Answer::json(css) }
}

pub(super) fn icon() -> Answer {
    let svg = include_str!("pages/icon.svg").to_owned();
    Answer { content_type: "image/svg+xml", ..Answer::json(svg) }
}

/// A whole page under the banner that says what this is.
fn page(title: &str, body: &Markup) -> Answer {
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · A simulated ConnectWise" }
                link rel="icon" href="/_sim/icon.svg";
                link rel="stylesheet" href="/_sim/style.css";
            }
            body {
                header {
                    p.name { a href="/" { "A simulated ConnectWise" } }
                    p { "Nothing here is real: no customer, no price, no invoice. Play the human, and break things." }
                }
                (body)
                footer {
                    p {
                        "For programs: " a href="/_sim/writes" { "writes" } " · " a href="/_sim/requests" { "requests" }
                        " · " a href="/_sim/usage.csv?changed=10" { "usage.csv" } " · "
                        a href="/_sim/links.csv" { "links.csv" }
                    }
                }
            }
        }
    };
    let mut answer = Answer::html(200, &whole.into_string());
    answer.headers.push(("content-security-policy", POLICY.to_owned()));
    answer.headers.push(("referrer-policy", "no-referrer".to_owned()));
    answer.headers.push(("x-content-type-options", "nosniff".to_owned()));
    answer
}

/// What was asked for cannot be done, and there is no page to say it on.
pub(super) fn refused(words: &str) -> Answer {
    let body =
        html! { main { h1 { "Not done" } p.refused role="alert" { (words) } p { a href="/" { "All agreements" } } } };
    page("Not done", &body).with_status(400)
}

pub(super) fn agreement(sim: &Sim, id: i64, seen: &Seen) -> Answer {
    let state = sim.state();
    let Some(agreement) = state.world.agreements.get(&id) else {
        let body = html! { main { h1 { "No agreement " (id) } p { "It was deleted, or never was." }
        p { a href="/" { "All agreements" } } } };
        return page("No such agreement", &body).with_status(404);
    };
    let (title, main) = additions::page(&state, agreement, seen);
    page(&title, &html! { (main) (panel::panel(&state, Some(id))) })
}

/// A company, and one of its agreements if it has any.
type Row<'a> = (&'a Company, Option<&'a Agreement>);

/// Every company with each of its agreements, by name, as far as the words are in them.
fn rows<'a>(state: &'a State, words: &str) -> Vec<Row<'a>> {
    let world = &state.world;
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut with: std::collections::HashSet<i64> = std::collections::HashSet::new();
    for agreement in world.agreements.values() {
        if let Some(company) = world.companies.get(&agreement.company) {
            with.insert(company.id);
            rows.push((company, Some(agreement)));
        }
    }
    rows.extend(world.companies.values().filter(|company| !with.contains(&company.id)).map(|company| (company, None)));
    rows.retain(|(company, agreement)| {
        let has = |text: &str| text.to_lowercase().contains(words);
        let named = has(&company.name) || has(&company.identifier) || has(&company.id.to_string());
        named || agreement.is_some_and(|agreement| has(&agreement.name) || has(&agreement.id.to_string()))
    });
    rows.sort_by_cached_key(|(company, agreement)| {
        (company.name.to_lowercase(), company.id, agreement.map(|agreement| agreement.id))
    });
    rows
}

pub(super) fn agreements(sim: &Sim, query: &Query) -> Answer {
    let state = sim.state();
    let words = query.get("q").unwrap_or("").trim();
    let rows = rows(&state, &words.to_lowercase());
    let pages = rows.len().div_ceil(ROWS_SHOWN).max(1);
    let asked = query.get("page").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
    let shown = asked.clamp(1, pages);
    let on_page = rows.iter().skip((shown - 1) * ROWS_SHOWN).take(ROWS_SHOWN);
    let [companies, items, agreements, additions] = state.world.sizes();
    let main = html! {
        main {
            h1 { "Companies and agreements" }
            p {
                (companies) " companies, " (agreements) " agreements, " (additions) " additions, " (items)
                " catalog items. " (state.requests.total) " requests over the API so far, " (state.writes.len())
                " writes."
            }
            form.search method="get" action="/" role="search" {
                label for="q" { "Company or agreement" } " "
                input id="q" name="q" type="search" value=(words); " "
                button { "Find" }
            }
            @if rows.is_empty() {
                p { "No company and no agreement has “" (words) "” in its name or id. " a href="/" { "Show all" } }
            } @else {
                (table(&state, on_page))
                (turn(words, shown, pages))
            }
            (latest_writes(&state))
        }
        (panel::panel(&state, None))
    };
    page("Companies and agreements", &main)
}

fn table<'a>(state: &State, rows: impl Iterator<Item = &'a Row<'a>>) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Agreements" {
            table {
                thead { tr { th { "Company" } th { "Agreement" } th { "Status" } th { "Billed" } th { "Next invoice" }
                    th.number { "Additions" } } }
                tbody { @for row in rows { (row_of(state, row)) } }
            }
        }
    }
}

fn row_of(state: &State, (company, agreement): &Row<'_>) -> Markup {
    let world = &state.world;
    html! {
        tr {
            td {
                (company.name) " " span.hint { (company.id) }
                @if company.deleted { " " span.off { "recycle bin" } }
                @let status = name_of(&world.statuses, company.status);
                @if status != "Active" { " " span.off { (status) } }
            }
            @if let Some(agreement) = agreement {
                td { a href={ "/_sim/agreements/" (agreement.id) } { (agreement.name) " " (agreement.id) } }
                td { (status_of(agreement.status(state.clock.today()))) }
                td { (cycle_of(state, agreement)) }
                td { @if let Some(day) = agreement.next_invoice { (day) } }
                td.number { (world.additions_of(agreement.id).count()) }
            } @else {
                td colspan="5" { span.hint { "no agreement" } }
            }
        }
    }
}

fn status_of(status: &str) -> Markup {
    html! { @if status == "Active" { span.on { "Active" } } @else { span.off { (status) } } }
}

fn cycle_of<'a>(state: &'a State, agreement: &Agreement) -> &'a str {
    agreement.cycle.map_or("no billing cycle", |cycle| name_of(&state.world.cycles, cycle))
}

/// The way to the other pages of a long list.
fn turn(words: &str, shown: usize, pages: usize) -> Markup {
    let link = |page: usize, label: &str| {
        let words: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        html! { a href={ "/?q=" (words) "&page=" (page) } { (label) } }
    };
    html! {
        @if pages > 1 {
            nav aria-label="Pages" {
                @if shown > 1 { (link(shown - 1, "Previous")) " " }
                "Page " (shown) " of " (pages)
                @if shown < pages { " " (link(shown + 1, "Next")) }
            }
        }
    }
}

/// What arrived over the API last, newest first.
fn latest_writes(state: &State) -> Markup {
    html! {
        h2 { "Latest writes over the API" }
        @if state.writes.is_empty() {
            p { "None yet." }
        } @else {
            ul.writes {
                @for write in state.writes.iter().rev().take(WRITES_SHOWN) {
                    li {
                        a href={ "/_sim/agreements/" (write.agreement) } { "Agreement " (write.agreement) }
                        ", addition " (write.addition) ": " (write.from.normalize()) " → "
                        strong { (write.to.normalize()) } " "
                        span.hint { (additions::since(state.clock.now(), write.at)) " by " (write.by) }
                    }
                }
            }
        }
    }
}
