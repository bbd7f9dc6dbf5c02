//! The green arrow: what runs now, what ran last, what runs next.

use crate::Visitor;
use crate::pages::runs::{kind_words, state_words, who_words};
use crate::part::{self, Icon};
use hive_core::plan::Brake;
use hive_desk::{Next, Stage, Status};
use hive_store::{RunKind, RunRow};
use maud::{Markup, html};

/// The arrow. Its shape, its class and its words change with the stage.
pub(super) fn arrow(visitor: &Visitor, status: &Status, brake: Option<&Brake>) -> Markup {
    let stage = status.stage();
    let (icon, class) = look_of(stage);
    part::arrow(&visitor.path("psa-sync/report"), icon, class, &headline(status), tip(status, brake))
}

fn look_of(stage: Stage) -> (Icon, &'static str) {
    match stage {
        Stage::NotConnected => (Icon::ArrowOpen, "off"),
        Stage::Running => (Icon::ArrowRunning, "running"),
        Stage::Queued => (Icon::ArrowQueued, "queued"),
        Stage::Failed => (Icon::ArrowFailed, "failed"),
        Stage::PartlyFailed => (Icon::ArrowPartly, "partly"),
        Stage::Disabled => (Icon::ArrowOff, "off"),
        Stage::Succeeded => (Icon::ArrowDone, "done"),
        Stage::Idle => (Icon::Arrow, "idle"),
    }
}

/// What is going on, in one sentence.
pub(super) fn headline(status: &Status) -> String {
    match (status.stage(), &status.running) {
        (_, Some(run)) => format!("{} is running", kind_words(run.kind)),
        (Stage::NotConnected, None) => "Not connected: nothing runs".to_owned(),
        (Stage::Queued, None) => {
            let due = [RunKind::Sync, RunKind::Update].into_iter().find(|kind| status.next(*kind) == Next::Due);
            format!("Queued: {} begins in a moment", due.map_or("a run", kind_words))
        }
        (Stage::Failed, None) => "Nothing runs now. The last run failed".to_owned(),
        (Stage::PartlyFailed, None) => "Nothing runs now. The last Update partly failed".to_owned(),
        (Stage::Disabled, None) => "Nothing runs now. Updates are disabled".to_owned(),
        (Stage::Succeeded, None) => "Nothing runs now. The last run succeeded".to_owned(),
        (Stage::Running | Stage::Idle, None) => "Nothing runs now, and nothing ran yet".to_owned(),
    }
}

fn tip(status: &Status, brake: Option<&Brake>) -> Markup {
    html! {
        @if let Some(run) = &status.running { (going(status, run)) }
        p { (when(status, RunKind::Sync)) }
        p { (when(status, RunKind::Update)) }
        @if let Some(brake) = brake { p { "It waits for a person. " (brake.words()) "." } }
        p.hint { "A click opens the Sync/Update report." }
    }
}

/// How far the run is, and since when.
pub(in crate::pages) fn going(status: &Status, run: &RunRow) -> Markup {
    let step = if run.step.is_empty() { "Starting" } else { run.step.as_str() };
    html! {
        (part::progress(Some(run.id.0), step, run.done, run.total))
        p.hint {
            "Started " (part::time(run.started_at, &status.zone)) " by " (who_words(&run.who)) "."
            @if status.silent() {
                " It was last heard of " (part::ago(run.heartbeat_at, status.at)) ": if it was cut off, Hive ends it and looks up what it wrote."
            }
            @if let Some(who) = &run.stop_asked_by { " " (who_words(who)) " asked it to stop." }
        }
    }
}

/// When the last one ended and how, and when the next begins.
pub(in crate::pages) fn when(status: &Status, kind: RunKind) -> Markup {
    html! { (last(status, kind)) " " (next(status, kind)) }
}

/// When the last one ended, and how.
fn last(status: &Status, kind: RunKind) -> Markup {
    let words = kind_words(kind);
    html! {
        @match status.last(kind) {
            None => { "No " (words) " has ended yet." },
            Some(run) => {
                "The last " (words) " " (state_words(run.state))
                @if let Some(ended) = run.ended_at { ", ended " (part::time(ended, &status.zone)) " (" (part::ago(ended, status.at)) ")" }
                "."
            },
        }
    }
}

/// When the next one begins by itself, or why none does.
fn next(status: &Status, kind: RunKind) -> Markup {
    let words = kind_words(kind);
    let at = |at| html! { (part::time(at, &status.zone)) " (" (part::ago(at, status.at)) ")" };
    html! {
        @match status.next(kind) {
            Next::At(time) => { "The next begins " (at(time)) "." },
            Next::RetryAt(time) => { "It is tried again " (at(time)) "." },
            Next::Due if status.running.is_some() => { "The next " (words) " is queued: it begins after the run that works now." },
            Next::Due => { "The next " (words) " is due and begins in a moment." },
            Next::Never(why) => { "The next: " (why) "." },
        }
    }
}
