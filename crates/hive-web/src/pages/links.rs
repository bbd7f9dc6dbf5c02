//! Show Accounts and Show Products: what belongs together, decided by a person, one or many at a time.
//!
//! **Owns:** the two tabs, their searches, the file of links, the undo of the last action.
//! **Does not own:** what is alike, what a link does (core, store), the words of a verb (desk).

mod accounts;
mod act;
mod companies;
mod file;
mod map;
mod products;
mod search;
mod unmistakable;

use crate::flash::Undo;
use crate::part::{self, Chip, Kind};
use crate::{Answer, App, Do, Said, Visitor, Web};
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use hive_core::link::LinkedBy;
use hive_core::{TimeZone, Timestamp};
use hive_desk::look::{Boards, LinkState};
use hive_desk::{Refused, UndoLinks};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Characters of a name in a label or on a button; the whole name stands beside it.
const LABEL_CHARS_MAX: usize = 60;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/psa-sync/accounts", get(accounts::show))
        .route("/m/{msp}/psa-sync/accounts/search", get(search::accounts))
        .route("/m/{msp}/psa-sync/accounts/link", post(act::link))
        .route("/m/{msp}/psa-sync/accounts/act", post(act::accounts))
        .route("/m/{msp}/psa-sync/accounts/unmistakable", get(unmistakable::show).post(unmistakable::link))
        .route("/m/{msp}/psa-sync/companies/search", get(search::companies))
        .route("/m/{msp}/psa-sync/products", get(products::show))
        .route("/m/{msp}/psa-sync/products/search", get(search::items))
        .route("/m/{msp}/psa-sync/products/act", post(act::products))
        .route("/m/{msp}/psa-sync/products/map", post(map::take))
        .route("/m/{msp}/psa-sync/products/{product}/map", get(map::show))
        .route("/m/{msp}/psa-sync/links", get(file::show).post(file::take))
        .route("/m/{msp}/psa-sync/links.csv", get(file::download))
        .route("/m/{msp}/psa-sync/links/undo", post(act::undo))
}

/// Does something to links and goes back, with the words of what was done and a button that takes it back.
async fn done(
    web: &Web,
    visitor: &Visitor,
    act: impl Future<Output = Result<String, Refused>>,
    else_to: &str,
) -> Answer {
    let to = visitor.person.back().map_or_else(|| visitor.path(else_to), str::to_owned);
    done_at(web, visitor, act, &to).await
}

/// [`done`], at exactly this address.
async fn done_at(web: &Web, visitor: &Visitor, act: impl Future<Output = Result<String, Refused>>, to: &str) -> Answer {
    let said = match web.desk.undoable(&visitor.by(), act).await {
        Ok((words, undo)) => Said::good(words).with_undo(undo.map(|undo| undo_button(visitor, undo))),
        Err(refused) => Said::bad(refused.to_string()),
    };
    Ok(go(visitor, to, &said))
}

fn go(visitor: &Visitor, to: &str, said: &Said) -> Response {
    visitor.person.go(to, said)
}

fn undo_button(visitor: &Visitor, undo: UndoLinks) -> Undo {
    Undo { path: visitor.path("psa-sync/links/undo"), what: undo.to_string() }
}

/// A name as a label holds it.
fn short(name: &str) -> String {
    match name.char_indices().nth(LABEL_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

fn state_pill(state: LinkState, open: &str) -> Markup {
    match state {
        LinkState::Unlinked => part::pill(Kind::Plain, open),
        LinkState::Suggested => part::pill(Kind::Wait, "suggested"),
        LinkState::Linked => part::pill(Kind::Good, if open == "unmapped" { "mapped" } else { "linked" }),
        LinkState::Ignored => part::pill(Kind::Plain, "ignored"),
        LinkState::Broken => part::pill(Kind::Bad, "broken"),
    }
}

/// Who made a link: what Hive matched by itself and what a person said are told apart in words (AC-28).
fn made_by(by: LinkedBy, who: &str, at: Timestamp, zone: &TimeZone) -> Markup {
    html! {
        @match by {
            LinkedBy::Match => { span.by.match { "matched by Hive" } },
            LinkedBy::Person => { span.by.person { "by hand, " (who.split_once(':').map_or(who, |(_, name)| name)) } },
        }
        ", " (part::time(at, zone))
    }
}

/// How many rows of each state there are.
struct Tally(BTreeMap<LinkState, usize>);

impl Tally {
    fn of(states: impl Iterator<Item = LinkState>) -> Tally {
        let mut counts = BTreeMap::new();
        for state in states {
            *counts.entry(state).or_default() += 1;
        }
        Tally(counts)
    }
}

/// The filter by state, with how many each shows.
fn state_chips(visitor: &Visitor, states: &[(LinkState, &str)], tally: &Tally) -> Markup {
    let all: usize = tally.0.values().sum();
    let mut chips = vec![Chip { value: "", words: "All", count: Some(all) }];
    chips.extend(states.iter().map(|(state, words)| Chip {
        value: state.name(),
        words,
        count: Some(tally.0.get(state).copied().unwrap_or_default()),
    }));
    part::chips(visitor.here(), "By state", "show", &chips)
}

/// What is not there yet while names are being compared.
fn comparing(boards: &Boards) -> Markup {
    html! {
        @if !boards.compared {
            p.note role="status" data-again { "Hive is comparing names. Suggestions appear here in a moment." }
        }
    }
}

/// Buttons for the ticked rows; `form` is theirs.
fn bulk(visitor: &Visitor, buttons: &[(&str, &str)]) -> Markup {
    html! {
        @if visitor.may(Do::Map) {
            div.bulk role="group" aria-label="With the ticked rows" {
                label.checkbox { input type="checkbox" data-tick-all="act"; " Tick all on this page" }
                @for (what, words) in buttons {
                    button.button type="submit" form="act" name="many" value=(what) { (words) }
                }
            }
        }
    }
}

/// What the reader's role lacks, if anything.
fn reach(visitor: &Visitor) -> Markup {
    html! {
        @if !visitor.may(Do::Map) { p.note { (Do::Map.refusal(&visitor.roles, &visitor.msp.name)) } }
    }
}
