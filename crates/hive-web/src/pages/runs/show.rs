//! One run: what it was, what it came to, line by line.

use super::{
    found, kind_words, linked, may_stop, outcome_kind, outcome_name, outcome_words, pill, state_words, undone,
    who_words,
};
use crate::pages::file::{self, Kind as File};
use crate::pages::psa_sync;
use crate::pages::shown::maybe;
use crate::part::{self, Chip, Column, Here, Icon, Kind, Paged, ROWS_A_PAGE, Table};
use crate::{Answer, Do, Fault, Nav, Page, Visitor, Web};
use axum::extract::{Path, State};
use hive_core::RunId;
use hive_core::outcome::Outcome;
use hive_desk::view::{REPORT_COLUMNS, ReportView};
use hive_desk::{Refused, Status};
use hive_store::{OutcomeCounts, ReportLine, RunKind, RunRow, RunState, Undone};
use maud::{Markup, html};
use std::sync::Arc;

/// The filters, with the outcomes that each shows.
const SHOWS: [(&str, &str, &[Outcome]); 6] = [
    (
        "",
        "What it did",
        &[
            Outcome::Pushed,
            Outcome::Confirmed,
            Outcome::AlreadyRight,
            Outcome::Drifted,
            Outcome::NotATarget,
            Outcome::Alarm,
            Outcome::Refused,
            Outcome::Unknown,
            Outcome::NotSent,
        ],
    ),
    (
        "failed",
        "Only failed",
        &[Outcome::Drifted, Outcome::NotATarget, Outcome::Alarm, Outcome::Refused, Outcome::Unknown, Outcome::NotSent],
    ),
    ("held", "Held", &[Outcome::Held]),
    ("issue", "Issues", &[Outcome::Issue]),
    ("unchanged", "Unchanged", &[Outcome::Unchanged]),
    ("all", "Every line", &Outcome::ALL),
];

fn outcomes(here: &Here) -> &'static [Outcome] {
    let asked = here.get("show").unwrap_or_default();
    SHOWS.iter().find(|(value, ..)| *value == asked).map_or(SHOWS[0].2, |(_, _, outcomes)| outcomes)
}

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, run)): Path<(i64, i64)>) -> Answer {
    let row = found(&web, &visitor, run).await?;
    let status = web.desk.status(&visitor.msp, visitor.now()).await?;
    let (store, here) = (&web.desk.store, visitor.here());
    let text = here.get("q").unwrap_or_default();
    let tally = store.report_tally(visitor.msp.id, row.id, text).await?;
    let of = |outcomes: &[Outcome]| -> usize { outcomes.iter().filter_map(|outcome| tally.get(outcome)).sum() };
    let paged = Paged::of(here, of(outcomes(here)));
    let (offset, limit) = (paged.offset().try_into().unwrap_or(i64::MAX), ROWS_A_PAGE.try_into().unwrap_or(i64::MAX));
    let lines = store.report_page(visitor.msp.id, row.id, outcomes(here), text, offset, limit).await?;
    let body = html! {
        (summary(&visitor, &status, &row))
        @if row.kind == RunKind::Sync && row.ended_at.is_some() { (linked::panel(&visitor, &*web.desk.look(&visitor.msp, visitor.now()).await?, &row)) }
        @if row.kind != RunKind::Sync {
            (counts(&row, &tally))
            section.panel id="lines" data-live {
                header.panel-head { h2 { "Line by line" } div.actions { (downloads(&visitor, row.id)) } }
                div.tools {
                    (part::search(here, "q", "Search accounts and products"))
                    (part::chips(here, "Which lines", "show", &chips(&of)))
                }
                @if lines.is_empty() { (nothing(here, &row)) } @else { (table(&visitor, row.id, &lines)) }
                (part::pager(here, paged, "line", "lines"))
            }
        }
    };
    let title = format!("{} {}", capital(kind_words(row.kind)), row.id);
    Ok(Page::new(&visitor, Nav::Activity, title)
        .lead(html! { a href=(visitor.path("activity")) { "All runs" } })
        .actions(actions(&visitor, &row))
        .pulse(0, status.pulse.runs)
        .body(body))
}

pub(in crate::pages) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn actions(visitor: &Visitor, row: &RunRow) -> Markup {
    let at = |rest: &str| visitor.path(&format!("runs/{}/{rest}", row.id));
    let wrote: usize =
        [Outcome::Pushed, Outcome::Confirmed, Outcome::Alarm].iter().filter_map(|one| row.counts.get(one)).sum();
    html! {
        div.actions id="run-actions" data-live {
            @if row.state == RunState::Running {
                @if let Some(who) = &row.stop_asked_by { span.hint { (who_words(who)) " asked it to stop" } }
                @else if visitor.may(may_stop(row.kind)) { (part::post_button(&at("stop"), "button danger", &format!("Stop this {}", kind_words(row.kind)), &[])) }
            } @else if row.kind == RunKind::Update && wrote > 0 {
                (part::button("button", &visitor.path(&format!("true-up?run={}", row.id)), "True-up"))
                @if visitor.may(Do::Update) && !row.undone.as_ref().is_some_and(Undone::whole) {
                    (part::button("button", &at("undo"), &format!("Undo this {}…", kind_words(row.kind))))
                }
            }
        }
    }
}

fn summary(visitor: &Visitor, status: &Status, row: &RunRow) -> Markup {
    let mut pairs = vec![
        ("State", html! { (pill(row.state)) @if !row.words.is_empty() { " " (row.words) } }),
        ("Started", html! { (part::time(row.started_at, &status.zone)) " by " (part::name(&who_words(&row.who))) }),
    ];
    if let Some(ended) = row.ended_at {
        let took = part::took(row.started_at, ended);
        pairs.push(("Ended", html! { (part::time(ended, &status.zone)) ", after " (took) }));
    }
    if let Some(by) = row.undone.as_ref().map(|undone| undone.by) {
        let href = visitor.path(&format!("runs/{by}"));
        pairs.push(("Undone", html! { (undone(row, &status.zone)) " " a href=(href) { "To the undo" } }));
    }
    if let Some(plan) = &row.plan {
        pairs.push(("Plan", html! { code { (plan.to_string()) } }));
    }
    if let Some(who) = row.stop_asked_by.as_ref().filter(|_| row.state != RunState::Running) {
        pairs.push(("Stopped by", html! { (part::name(&who_words(who))) }));
    }
    let going = (row.state == RunState::Running).then(|| psa_sync::going(status, row));
    html! {
        section.panel id="run" data-live aria-label={ "How this run " (state_words(row.state)) } {
            @if let Some(going) = going { div.going { (going) } }
            div.panel-body { (part::definitions(&pairs)) }
        }
    }
}

/// All twelve outcomes, by addition, as every report counts them.
fn counts(row: &RunRow, tally: &OutcomeCounts) -> Markup {
    let ended = row.state != RunState::Running;
    // Until it ended, only lines are counted.
    let counts = if ended { &row.counts } else { tally };
    html! {
        section.panel id="counts" data-live {
            header.panel-head { h2 { "What became of " @if ended { "its additions" } @else { "its lines so far" } } }
            dl.outcomes {
                @for outcome in Outcome::ALL {
                    @let many = counts.get(&outcome).copied().unwrap_or_default();
                    div .none[many == 0] {
                        dt { (part::pill(if many == 0 { Kind::Plain } else { outcome_kind(outcome) }, &outcome_name(outcome))) small { (outcome_words(outcome)) } }
                        dd.figure { (part::count(many)) }
                    }
                }
            }
        }
    }
}

fn chips<'a>(of: &impl Fn(&[Outcome]) -> usize) -> Vec<Chip<'a>> {
    SHOWS.iter().map(|(value, words, outcomes)| Chip { value, words, count: Some(of(outcomes)) }).collect()
}

fn downloads(visitor: &Visitor, run: RunId) -> Markup {
    let at = |end: &str| visitor.path(&format!("runs/{run}/run-{run}.{end}"));
    html! {
        @for (end, words) in [("csv", "CSV"), ("xlsx", "XLSX"), ("json", "JSON")] {
            a.button href=(at(end)) download { (Icon::Download) (words) span.unseen { " of every line of run " (run) } }
        }
    }
}

fn nothing(here: &Here, row: &RunRow) -> Markup {
    if here.get("q").is_some() {
        return part::empty("Nothing found", html! { "No line of this filter holds these words." }, html! {});
    }
    let words = match (row.state, here.get("show")) {
        (RunState::Running, _) => "Its lines appear here as soon as it has planned them.",
        (_, None) => "It had nothing to write: everything was in step, held or stopped by an issue.",
        (_, Some(_)) => "No line came to this.",
    };
    part::empty("No lines here", html! { (words) }, html! {})
}

fn table(visitor: &Visitor, run: RunId, lines: &[ReportLine]) -> Markup {
    let columns = [
        Column::new("Outcome"),
        Column::new("Account"),
        Column::new("Product"),
        Column::new("Addition").figure(),
        Column::new("From").figure(),
        Column::new("To").figure(),
        Column::new("Found").figure(),
        Column::new("In words"),
    ];
    let table = Table { caption: "What became of each line", columns: &columns, sort: None };
    table.rows(html! {
        @for line in lines {
            tr {
                td { (part::pill(outcome_kind(line.outcome), &outcome_name(line.outcome))) }
                th scope="row" { a href=(visitor.path(&format!("runs/{run}/lines/{}", line.line))) { (part::name(&line.account)) } }
                td { (part::name(&line.product)) }
                td.figure { @if let Some(addition) = line.addition { (addition) } }
                td.figure { (maybe(line.from)) }
                td.figure { (maybe(line.to)) }
                td.figure { (maybe(line.found)) }
                td.why { (outcome_words(line.outcome)) @if let Some(message) = &line.message { p { (part::name(message)) } } }
            }
        }
    })
}

/// The whole report, as `hive report --run N` gives it.
pub(super) async fn download(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, run, name)): Path<(i64, i64, String)>,
) -> Answer {
    let kind = File::of(&name).map(|(_, kind)| kind).ok_or_else(Fault::no_page)?;
    let row = found(&web, &visitor, run).await?;
    let report = web.desk.report(&visitor.msp, Some(row.id)).await?;
    let made = tokio::task::spawn_blocking(move || file::bytes(kind, &ReportView::of(&report), REPORT_COLUMNS)).await;
    let bytes = made.map_err(|error| Refused::Broken(format!("the file could not be made: {error}")))??;
    file::answer(kind, &format!("run-{run}.{}", name.rsplit('.').next().unwrap_or_default()), bytes)
}
