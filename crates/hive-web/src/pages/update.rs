//! Preview and Update: exactly what an Update writes, what waits for whom, what is not pushed and why.
//!
//! **Does not own:** what may be pushed (core's `allow`, asked through the desk), the run (the engine).

mod ask;
mod creates;
mod decisions;
mod golive;
mod lists;
mod verbs;

use super::psa_sync::{Tab, frame};
use super::shown::{amounts, changes, who as who_words};
use crate::auth::Do;
use crate::part::{self, Card, Kind};
use crate::{Answer, App, Visitor, Web};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use hive_core::plan::Change;
use hive_desk::Look;
use hive_desk::look::{Decision, Fate};
use hive_desk::money::Sums;
use hive_store::{RunKind, RunRow, RunState};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) use decisions::questions;
pub(super) use verbs::answer_word;

pub(super) fn routes() -> Router<App> {
    let at = |rest: &str| format!("/m/{{msp}}/psa-sync/update{rest}");
    Router::new()
        .route(&at(""), get(show))
        .route(&at("/approve"), post(verbs::approve))
        .route(&at("/answer"), post(verbs::answer))
        .route(&at("/push"), post(ask::push))
        .route(&at("/pass"), post(verbs::pass))
        .route(&at("/start"), post(verbs::start))
        .route(&at("/stop"), post(verbs::stop))
}

/// The changes that nothing but go-live, an invoice or the next Update stands before.
struct Open<'a> {
    /// Those of most money first.
    changes: Vec<(&'a Change, Fate)>,
    money: Sums,
    /// What is pushed by any next Update.
    at_once: usize,
}

impl<'a> Open<'a> {
    fn of(look: &'a Look) -> Open<'a> {
        let by_money = look.usages().changes_by_money.iter().filter_map(|place| look.plan.changes.get(*place as usize));
        let fated = by_money.map(|change| (change, look.fate_of(change)));
        let changes: Vec<(&Change, Fate)> =
            fated.filter(|(_, fate)| matches!(fate, Fate::Push | Fate::AfterGoLive | Fate::AtInvoice)).collect();
        let money = look.money_of_changes(changes.iter().map(|(change, _)| *change));
        let at_once = changes.iter().filter(|(_, fate)| *fate == Fate::Push).count();
        Open { changes, money, at_once }
    }
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let runs = web.desk.store.runs(visitor.msp.id, 20).await?;
    let decisions = web.desk.decisions(&look, visitor.now()).await?;
    let open = Open::of(&look);
    let running = runs.first().filter(|run| run.state == RunState::Running);
    let body = html! {
        (under_way(&visitor, running, runs.iter().find(|run| run.kind == RunKind::Update)))
        div id="sums" data-live { (cards(&look, &open, &decisions)) (made_from(&visitor, &look)) }
        (decisions::panel(&visitor, &look, &decisions))
        (creates::panel(&visitor, &look))
        (golive::panel(&visitor, &look, &open, running))
        (lists::will_be_pushed(&visitor, &look, &open))
        (lists::will_not(&visitor, &look))
    };
    Ok(frame(&web, &visitor, &look, Tab::Update)
        .await?
        .titled("Preview and Update")
        .lead(html! { "Exactly what an Update writes to ConnectWise, what waits for somebody, and what is not pushed and why." })
        .actions(update_now(&visitor, &look, running))
        .body(body))
}

/// Pushes what is live; asks first.
fn update_now(visitor: &Visitor, look: &Look, running: Option<&RunRow>) -> Markup {
    html! { @if visitor.may(Do::Update) && running.is_none() {
        @if look.live.is_empty() {
            button.button type="button" disabled aria-describedby="not-live" { "Update now" }
            span.hint id="not-live" { "Nothing is live yet: push exactly this plan first, below." }
        } @else { (part::post_button(&visitor.path("psa-sync/update/push"), "button", "Update now", &[])) }
    } }
}

/// The run that goes on, or how the last Update ended.
fn under_way(visitor: &Visitor, running: Option<&RunRow>, last: Option<&RunRow>) -> Markup {
    let page = |run: &RunRow| visitor.path(&format!("runs/{}", run.id));
    html! {
        div id="run" data-live {
            @if let Some(run) = running {
                section.panel aria-label="What runs now" {
                    (part::progress(Some(run.id.0), &run.step, run.done, run.total))
                    div.panel-body.run-foot {
                        span { (kind_words(run.kind)) " " (run.id) " by " (who_words(&run.who)) ", since " (part::time(run.started_at, &visitor.zone)) "." }
                        div.actions {
                            (part::button("button", &page(run), "Watch it line by line"))
                            @if let Some(who) = &run.stop_asked_by { span { (who_words(who)) " asked it to stop: it ends after the write in flight." } }
                            @else if visitor.may(if run.kind == RunKind::Sync { Do::Sync } else { Do::Update }) {
                                (part::post_button(&visitor.path("psa-sync/update/stop"), "button danger", &format!("Stop {} {}", kind_words(run.kind), run.id), &[("run", &run.id.to_string())]))
                            }
                        }
                    }
                }
            } @else if let Some(run) = last {
                (ended(visitor, run, &page(run)))
            }
        }
    }
}

fn kind_words(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Sync => "Sync",
        RunKind::Update => "Update",
        RunKind::Undo => "Undo",
    }
}

fn ended(visitor: &Visitor, run: &RunRow, page: &str) -> Markup {
    let failed: usize = run.counts.iter().filter(|(outcome, _)| outcome.is_failure()).map(|(_, many)| many).sum();
    let (kind, title) = match (run.state, failed) {
        (RunState::Succeeded, 0) => (Kind::Good, format!("Update {} succeeded", run.id)),
        (RunState::Succeeded, _) => {
            (Kind::Wait, format!("Update {} ended; {} did not land", run.id, part::plural(failed, "write", "writes")))
        }
        _ => (Kind::Bad, format!("Update {} {}", run.id, run.state.name().replace('_', " "))),
    };
    let when = run.ended_at.unwrap_or(run.started_at);
    let shown = run.counts.iter().filter(|(_, many)| **many > 0);
    let body = html! {
        p.tally-row { @for (outcome, many) in shown { span { (part::count(*many)) " " (outcome.name().replace('_', " ")) } } }
        p.small { (part::time(when, &visitor.zone)) " (" (part::ago(when, visitor.now())) "), started by " (who_words(&run.who)) @if !run.words.is_empty() { ". " (part::name(&run.words)) } }
    };
    part::banner(kind, &title, body, part::button("button", page, "The outcome line by line"))
}

fn cards(look: &Look, open: &Open<'_>, decisions: &[Decision<'_>]) -> Markup {
    let usages = look.usages();
    let waiting: Vec<&Change> = {
        let ids: std::collections::BTreeSet<_> = decisions.iter().flat_map(|one| &one.waiting).collect();
        ids.into_iter().filter_map(|id| look.change(*id)).collect()
    };
    let waiting_money = look.money_of_changes(waiting.iter().copied());
    let mut next = usages.billed_now.clone();
    for (currency, month) in &open.money {
        let sum = next.entry(currency.clone()).or_default();
        *sum = sum.plus(*month);
    }
    let stuck: usize = usages.not_pushed.iter().map(|group| group.lines).sum();
    html! {
        div.cards {
            (part::card(&Card { title: "Billed a month now", figure: amounts(&usages.billed_now), detail: html! { "by the additions that lines stand on" }, ..Card::default() }))
            (part::card(&Card { title: "After this Update", figure: amounts(&next), detail: html! { @if !open.changes.is_empty() { (changes(&open.money, open.changes.len())) ", " } (part::plural(open.changes.len(), "addition", "additions")) }, ..Card::default() }))
            (part::card(&Card { title: "Waits for a decision", figure: html! { @if waiting.is_empty() { "nothing" } @else { (changes(&waiting_money, waiting.len())) } }, detail: html! { (part::plural(decisions.len(), "decision", "decisions")) ", " (part::plural(waiting.len(), "addition", "additions")) }, href: Some("#waits"), ..Card::default() }))
            (part::card(&Card { title: "Cannot be pushed", figure: html! { (part::plural(stuck, "line", "lines")) }, detail: html! { "why: see below" }, href: Some("#will-not"), ..Card::default() }))
        }
    }
}

/// What the plan is made from: two people who see the same id see the same plan.
fn made_from(visitor: &Visitor, look: &Look) -> Markup {
    let pairs = [
        ("Plan", html! { code { (look.plan.id) } }),
        ("Made", part::time(look.plan.made_at, &visitor.zone)),
        (
            "From the Sync of",
            match look.mirror() {
                Some(mirror) => {
                    html! { (part::time(mirror.pulled_at, &visitor.zone)) " (" (part::ago(mirror.pulled_at, visitor.now())) ")" }
                }
                None => html! { "nothing was synced yet" },
            },
        ),
        (
            "From usage through",
            html! { "sample " (look.plan.samples_through) ", of " (part::plural(look.facts.accounts.len(), "account", "accounts")) " and " (part::plural(look.facts.products.len(), "product", "products")) },
        ),
        (
            "Left out",
            html! { (part::plural(look.plan.ignored, "line", "lines")) " of ignored accounts and products; " a href=(visitor.path("psa-sync/decided")) { (part::count(look.plan.excluded)) " excluded" } },
        ),
    ];
    part::panel(None, "This plan", html! {}, html! { div.panel-body { (part::definitions(&pairs)) } })
}
