//! What goes on by itself and what waits: next runs, last runs, decisions.

use super::super::runs::{counts_words, kind_words, pill, who_words};
use super::super::shown::changes;
use crate::Visitor;
use crate::part::{self, Card, Column, Table};
use hive_core::settings::Updates;
use hive_desk::look::Decision;
use hive_desk::words::without_command;
use hive_desk::{Look, Next, Status};
use hive_store::{RunKind, RunRow};
use maud::{Markup, html};

/// Runs that are shown; Activity has all of them.
pub(super) const RUNS_SHOWN: i64 = 5;
/// Decisions that are shown; Preview and Update has all of them.
const DECISIONS_SHOWN: usize = 5;

/// When a kind of run begins by itself.
pub(super) fn next_card(visitor: &Visitor, status: &Status, kind: RunKind) -> Markup {
    let at = |at| html! { (part::time(at, &status.zone)) };
    let running = status.running.as_ref().filter(|run| run.kind == kind);
    let (figure, detail) = match (running, status.next(kind)) {
        (Some(run), _) => (html! { "Running now" }, html! { (run.step) }),
        (None, Next::At(time)) => (html! { (part::ago(time, status.at)) }, at(time)),
        (None, Next::RetryAt(time)) => (
            html! { "again " (part::ago(time, status.at)) },
            html! { "The last one failed; it is tried again " (at(time)) },
        ),
        (None, Next::Due) => (html! { "In a moment" }, html! { "It is due" }),
        (None, Next::Never(why)) => (html! { "Not by itself" }, html! { (why) }),
    };
    let detail = html! {
        (detail)
        @if kind == RunKind::Update {
            @match status.updates {
                Updates::Automatic => ". Updates are Automatic.",
                Updates::Manual => ". Updates are Manual only.",
                Updates::Off => ". Updates are Off.",
            }
        }
    };
    let title = format!("Next {}", kind_words(kind));
    part::card(&Card { title: &title, figure, detail, href: Some(&visitor.path("psa-sync/report")), values: &[] })
}

/// What waits for a person, the dearest first.
pub(super) fn decisions(visitor: &Visitor, look: &Look, decisions: &[Decision<'_>]) -> Markup {
    let columns = [Column::new("Decision"), Column::new("Additions").figure(), Column::new("A month").figure()];
    let rows = html! {
        @for one in decisions.iter().take(DECISIONS_SHOWN) {
            tr {
                th scope="row" {
                    (first_line(visitor, look, one))
                    @if one.waiting.len() > 1 { " " span.muted { "and " (part::count(one.waiting.len() - 1)) " more of the same cause" } }
                    br; small { (part::name(&without_command(&one.cause.words))) }
                }
                td.figure { (part::count(one.waiting.len())) }
                td.figure { (changes(&one.money, one.waiting.len())) }
            }
        }
    };
    let update = visitor.path("psa-sync/update");
    let body = html! {
        @if decisions.is_empty() {
            (part::empty("Nothing waits", html! {
                @if look.plan.lines.is_empty() { "There are no lines yet." } @else { "No change is held." }
            }, html! {}))
        } @else {
            (Table { caption: "Decisions that wait, the dearest first", columns: &columns, sort: None }.rows(rows))
            @if decisions.len() > DECISIONS_SHOWN {
                p.panel-note { a href=(update) { "All " (part::count(decisions.len())) " decisions" } }
            }
        }
    };
    let actions = part::button("button", &update, "Preview and Update");
    part::panel(Some("decisions"), "Waits for a person", actions, body)
}

/// Whose it is: the first line that the cause holds.
fn first_line(visitor: &Visitor, look: &Look, one: &Decision<'_>) -> Markup {
    let line = one.cause.lines.first().and_then(|id| look.line(*id));
    html! {
        @if let Some(line) = line {
            a href=(visitor.path(&format!("psa-sync/usages/{}", line.id))) { (part::name(&line.account)) " · " (part::name(&line.product)) }
        }
    }
}

/// The last runs with what came of them.
pub(super) fn runs(visitor: &Visitor, status: &Status, runs: &[RunRow]) -> Markup {
    let columns = [Column::new("Run"), Column::new("Ended"), Column::new("Outcome")];
    let rows = html! {
        @for run in runs {
            tr {
                th scope="row" {
                    a href=(visitor.path(&format!("runs/{}", run.id))) { (kind_words(run.kind)) " " (run.id) }
                    br; small { "by " (part::name(&who_words(&run.who))) }
                }
                td {
                    @match run.ended_at {
                        Some(ended) => { (part::time(ended, &status.zone)) br; small { (part::ago(ended, status.at)) } },
                        None => { "since " (part::time(run.started_at, &status.zone)) },
                    }
                }
                td { (pill(run.state)) br; small { (part::name(&counts_words(run))) } }
            }
        }
    };
    let body = html! {
        @if runs.is_empty() {
            (part::empty("Nothing ran yet", html! { "A Sync pulls ConnectWise into Hive; an Update pushes quantities to it." }, html! {}))
        } @else {
            (Table { caption: "The last runs", columns: &columns, sort: None }.rows(rows))
        }
        p.panel-note { (connection(visitor, status)) }
    };
    part::panel(Some("runs"), "Last runs", part::button("button", &visitor.path("activity"), "Activity"), body)
}

fn connection(visitor: &Visitor, status: &Status) -> Markup {
    let href = visitor.path("psa-sync");
    html! {
        @match &status.connection {
            None => { a href=(href) { "ConnectWise is not connected yet." } },
            Some(now) => {
                "Connected to " a href=(href) { (part::name(&now.company)) } " at " (part::name(&now.url))
                @if status.waits_for_admin() { ", waiting for an admin" }
                ", tested " (part::ago(now.tested_at, status.at)) "."
            },
        }
    }
}
