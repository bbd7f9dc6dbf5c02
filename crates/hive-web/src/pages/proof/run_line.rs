//! One line of a past run: what was planned, by which rule, what was sent and what came of it. The address
//! stays, so that it can be sent to somebody.

use super::super::runs::{capital, kind_words, outcome_kind, outcome_name, who_words};
use super::super::shown::maybe;
use super::super::usages::{line_id, steps};
use crate::part::{self, Column, Table};
use crate::{Answer, Nav, Page, Visitor, Web};
use axum::extract::{Path, State};
use hive_core::RunId;
use hive_desk::{ExplainedRun, RuleVersion};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, run, line)): Path<(i64, i64, String)>,
) -> Answer {
    let id = line_id(&line)?;
    let explained = web.desk.explain_run(&visitor.msp, RunId(run), id).await?;
    let line = &explained.line;
    let body = html! {
        (part::panel(None, "What became of it", html! {}, html! { div.panel-body { (outcome(&visitor, &explained)) } }))
        @if explained.made_at.is_some() { (part::panel(None, "Why this number", html! {}, steps(line))) }
        (part::panel(None, "The rule it was made by", html! {}, html! { div.panel-body { (rule(&visitor, explained.rule.as_ref())) } }))
        (part::panel(None, "Sent to ConnectWise", html! {}, sent(&visitor, &explained)))
    };
    let title = format!("{} {run}, one line", capital(kind_words(explained.run.kind)));
    let next = visitor.path(&format!("psa-sync/usages/{id}"));
    Ok(Page::new(&visitor, Nav::Activity, title)
        .lead(html! { (part::name(&line.account)) " × " (part::name(&line.product)) })
        .actions(html! {
            (part::button("button", &visitor.path(&format!("runs/{run}")), "The whole run"))
            (part::button("button", &next, "The line as it is now"))
        })
        .body(body))
}

fn outcome(visitor: &Visitor, explained: &ExplainedRun) -> Markup {
    let (line, run) = (&explained.line, &explained.run);
    let mut pairs = vec![(
        "Run",
        html! { a href=(visitor.path(&format!("runs/{}", run.id))) { (run.id) } " by " (part::name(&who_words(&run.who))) ", " (part::time(run.started_at, &visitor.zone)) },
    )];
    if let Some(report) = &explained.report {
        pairs.push(("Outcome", html! { (part::pill(outcome_kind(report.outcome), &outcome_name(report.outcome))) @if let Some(message) = &report.message { " " (part::name(message)) } }));
        pairs.push(("Found", maybe(report.found)));
    }
    pairs.push(("From", maybe(line.now)));
    pairs.push(("To", maybe(line.next)));
    pairs.push(("Its part", maybe(line.part)));
    if let Some(made) = explained.made_at {
        let later = run.ended_at.is_some_and(|ended| ended < made);
        pairs.push(("Planned", html! { (part::time(made, &visitor.zone)) @if later { " (a later plan with the same numbers took its place: the words below are of then)" } }));
    }
    for issue in &line.issues {
        pairs.push((issue.severity.name(), html! { (issue.code.name()) ": " (part::name(&issue.message)) }));
    }
    part::definitions(&pairs)
}

/// The version of a rule, since when, and who set it.
pub(in crate::pages) fn rule(visitor: &Visitor, rule: Option<&RuleVersion>) -> Markup {
    let Some(rule) = rule else {
        return html! { p.hint { "No rule: the product was not live, or is mapped to nothing." } };
    };
    html! {
        dl.definitions {
            div { dt { "Version" } dd { code { (rule.version) } } }
            @if let Some((since, who)) = &rule.set {
                div { dt { "Since" } dd { (part::time(*since, &visitor.zone)) ", set last by " (part::name(&who_words(who))) } }
            }
            div { dt { "It says" } dd { code { (rule.rule) } } }
        }
    }
}

fn sent(visitor: &Visitor, explained: &ExplainedRun) -> Markup {
    if explained.sent.is_empty() {
        return part::empty("Nothing was sent", html! { "This run wrote nothing to its addition." }, html! {});
    }
    let columns = [
        Column::new("When"),
        Column::new("From").figure(),
        Column::new("To").figure(),
        Column::new("Who"),
        Column::new("What was learnt"),
    ];
    Table { caption: "Requests of this run", columns: &columns, sort: None }.rows(html! {
        @for one in &explained.sent {
            tr {
                th scope="row" { (part::time(one.at, &visitor.zone)) }
                td.figure { (part::quantity(one.from)) }
                td.figure { (part::quantity(one.to)) }
                td {
                    (part::name(&who_words(&one.who)))
                    @if let Some(who) = &one.approved_by { small.below { "approved by " (part::name(&who_words(who))) } }
                    @if let Some(run) = one.undone_by { small.below { "undone by run " (run) } }
                }
                td {
                    @for answer in &one.answers {
                        p { (part::pill(outcome_kind(answer.outcome), &outcome_name(answer.outcome))) " " (part::time(answer.at, &visitor.zone))
                            @if let Some(found) = answer.found { ", found " (part::quantity(found)) }
                            @if let Some(who) = &answer.found_by { " set by " (part::name(who)) }
                            @if let Some(message) = &answer.message { ": " (part::name(message)) } }
                    }
                    @if one.answers.is_empty() { "not known yet" }
                }
            }
        }
    })
}
