//! Runs, states and outcomes as people call them.

pub(in crate::pages) use hive_desk::words::who as who_words;

use crate::part::{self, Kind};
use hive_core::TimeZone;
use hive_core::outcome::Outcome;
use hive_desk::undone_words;
use hive_store::{RunKind, RunRow, RunState};
use maud::{Markup, html};

/// Sync, Update, undo.
pub(in crate::pages) fn kind_words(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Sync => "Sync",
        RunKind::Update => "Update",
        RunKind::Undo => "undo",
    }
}

/// How it ended.
pub(in crate::pages) fn state_words(state: RunState) -> &'static str {
    match state {
        RunState::Running => "is running",
        RunState::Succeeded => "succeeded",
        RunState::PartlyFailed => "partly failed",
        RunState::Failed => "failed",
        RunState::Cancelled => "was stopped",
    }
}

/// A run's state as a pill.
pub(in crate::pages) fn pill(state: RunState) -> Markup {
    let kind = match state {
        RunState::Running => Kind::Info,
        RunState::Succeeded => Kind::Good,
        RunState::PartlyFailed | RunState::Cancelled => Kind::Wait,
        RunState::Failed => Kind::Bad,
    };
    part::pill(kind, state_words(state))
}

/// What a run came to, in a few figures.
pub(in crate::pages) fn counts_words(run: &RunRow) -> String {
    let many = |of: fn(&Outcome) -> bool| -> usize {
        run.counts.iter().filter(|(outcome, _)| of(outcome)).map(|(_, many)| *many).sum()
    };
    let (pushed, failed) = (many(|outcome| outcome.wrote()), many(|outcome| outcome.is_failure()));
    let own =
        if run.words.is_empty() || run.words.ends_with('.') { run.words.clone() } else { format!("{}.", run.words) };
    match run.kind {
        RunKind::Sync => own,
        RunKind::Update | RunKind::Undo if pushed + failed == 0 && !own.is_empty() => own,
        RunKind::Update | RunKind::Undo => format!("{} pushed, {} failed.", part::count(pushed), part::count(failed)),
    }
}

/// An outcome's own name.
pub(in crate::pages) fn outcome_name(outcome: Outcome) -> String {
    outcome.name().replace('_', " ")
}

/// What an outcome means.
pub(in crate::pages) fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pushed => "written, and ConnectWise answered with it",
        Outcome::Confirmed => "written, seen by reading it back",
        Outcome::AlreadyRight => "ConnectWise held it before",
        Outcome::Drifted => "somebody changed it since the plan: not written",
        Outcome::NotATarget => "cancelled, ended or gone: not written",
        Outcome::Alarm => "written, but ConnectWise kept another quantity",
        Outcome::Refused => "ConnectWise said no",
        Outcome::Unknown => "the answer was lost; the next run looks it up first",
        Outcome::NotSent => "never sent",
        Outcome::Held => "waits for a person",
        Outcome::Issue => "cannot be pushed",
        Outcome::Unchanged => "nothing to write",
    }
}

/// Its mood.
pub(in crate::pages) fn outcome_kind(outcome: Outcome) -> Kind {
    match outcome {
        Outcome::Pushed | Outcome::Confirmed | Outcome::AlreadyRight => Kind::Good,
        Outcome::Held => Kind::Wait,
        Outcome::Unchanged => Kind::Plain,
        Outcome::Issue => Kind::Info,
        Outcome::Drifted
        | Outcome::NotATarget
        | Outcome::Alarm
        | Outcome::Refused
        | Outcome::Unknown
        | Outcome::NotSent => Kind::Bad,
    }
}

/// What undos took back of it; nothing where all of it stands.
pub(in crate::pages) fn undone(run: &RunRow, zone: &TimeZone) -> Markup {
    html! { @if let Some(undone) = &run.undone {
        (part::pill(if undone.whole() { Kind::Plain } else { Kind::Wait }, if undone.whole() { "undone" } else { "partly undone" }))
        " " (part::name(&undone_words(undone, zone)))
    } }
}
