//! The audit trail: who, when, what, before, after (AC-97).

use super::{earlier, tabs};
use crate::pages::file::{self, Kind as File};
use crate::pages::runs::who_words;
use crate::part::{self, Column, Here, Icon, Kind, ROWS_A_PAGE, Table};
use crate::{Answer, Nav, Page, Visitor, Web};
use axum::body::Body;
use axum::extract::State;
use futures::stream;
use hive_core::{AccountId, ProductId};
use hive_desk::Look;
use hive_desk::csv::Csv;
use hive_store::{AuditCheck, AuditFilter, AuditRow};
use maud::{Markup, html};
use serde::Serialize;
use std::sync::Arc;

/// What can be done, by the first word of its name in the trail.
const WHATS: [(&str, &str); 14] = [
    ("", "Everything"),
    ("quantity.", "Quantities written"),
    ("account.", "Accounts and their links"),
    ("product.", "Products, maps and go-live"),
    ("pin.", "Pins"),
    ("change.", "Approvals"),
    ("addition.", "Answers to held lines"),
    ("quota.", "Quotas"),
    ("setting.", "Settings and schedules"),
    ("connection.", "Connection and rights"),
    ("usage.", "Imports of usage"),
    ("sample.", "Corrections of usage"),
    ("user.", "People and passwords"),
    ("token.", "API tokens"),
];
/// Rows that are put into words at once for a file.
const ROWS_AT_ONCE: i64 = 500;

/// A row as CSV names it.
#[derive(Serialize)]
struct RowView<'a> {
    seq: i64,
    at: String,
    who: &'a str,
    what: &'a str,
    subject: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    hash: &'a str,
}

const COLUMNS: Csv<'static> =
    Csv { rows: "", columns: &["seq", "at", "who", "what", "subject", "before", "after", "hash"] };

fn filter(here: &Here) -> AuditFilter<'_> {
    let get = |name| here.get(name).unwrap_or_default();
    AuditFilter { who: get("who"), what: get("what"), text: get("q") }
}

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let (store, here) = (&web.desk.store, visitor.here());
    let before = here.get("before").and_then(|before| before.parse().ok());
    let limit = i64::try_from(ROWS_A_PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = store.audit_found(visitor.msp.id, before, limit, &filter(here)).await?;
    let more = rows.len() > ROWS_A_PAGE;
    rows.truncate(ROWS_A_PAGE);
    let checked = match here.get("check") {
        Some(_) => Some(store.verify_audit(visitor.msp.id).await?),
        None => None,
    };
    let (pulse, look) = (store.pulse(visitor.msp.id).await?, web.desk.look(&visitor.msp, visitor.now()).await?);
    let body = html! {
        @if let Some(check) = &checked { (verdict(check)) }
        section.panel {
            div.tools { (filters(here)) }
            div id="audit" data-live {
                @if rows.is_empty() { (part::empty("Nothing found", html! { "No row of the trail is like this." }, html! {})) }
                @else { (table(&visitor, &look, &rows)) }
                (earlier(&visitor, more, rows.last().map(|row| row.seq)))
            }
        }
    };
    let file = Here::new(&visitor.path("activity/audit.csv"), "");
    let file = here
        .parameters()
        .filter(|(name, _)| ["q", "who", "what"].contains(name))
        .fold(file, |file, (name, value)| file.with(name, value));
    let actions = html! {
        a.button href=(here.with("check", "1")) { "Check that the chain is whole" }
        a.button href=(file) download { (Icon::Download) "CSV" span.unseen { " of every row that is found" } }
    };
    Ok(Page::new(&visitor, Nav::Activity, "Activity")
        .lead(html! { "Every change of links, maps, settings and keys, and every quantity that was written: who, when, what, before, after." })
        .actions(actions)
        .tabs(tabs(&visitor, true))
        .pulse(pulse.facts, pulse.runs)
        .body(body))
}

fn verdict(check: &AuditCheck) -> Markup {
    match check {
        AuditCheck::Whole { rows, head } => part::banner(
            Kind::Good,
            "The chain is whole",
            html! {
                "All " (part::count(usize::try_from(*rows).unwrap_or_default())) " rows are as they were written. Head: " code { (head) }
            },
            html! {},
        ),
        AuditCheck::Broken { at } => part::banner(
            Kind::Bad,
            "The chain is broken",
            html! { "Row " (at) " is the first that was changed, taken out or put in. Restore the database from a backup before it, and find out who could write to it." },
            html! {},
        ),
    }
}

fn filters(here: &Here) -> Markup {
    html! {
        form.filters method="get" action=(here.path()) role="search" data-auto {
            div.field { label for="q" { "Search" } input type="search" id="q" name="q" value=[here.get("q")] data-search autocomplete="off"; }
            div.field { label for="who" { "Person" } input type="search" id="who" name="who" value=[here.get("who")] autocomplete="off"; }
            (part::select("what", "What", &WHATS, here.get("what").unwrap_or_default(), ""))
            button.button type="submit" { "Filter" }
        }
    }
}

fn table(visitor: &Visitor, look: &Look, rows: &[AuditRow]) -> Markup {
    let columns = [
        Column::new("When"),
        Column::new("Who"),
        Column::new("What"),
        Column::new("To which record"),
        Column::new("Before"),
        Column::new("After"),
    ];
    let table = Table { caption: "Audit trail, newest first", columns: &columns, sort: None };
    let or_nothing = |text: &Option<String>| match text {
        Some(text) if !text.is_empty() => part::name(text),
        _ => html! { span.muted { "–" } },
    };
    table.rows(html! {
        @for row in rows {
            tr {
                td { (part::time(row.at, &visitor.zone)) }
                td.who { (part::name(&who_words(&row.who))) }
                td { code { (row.what) } }
                th scope="row" { (part::name(&row.subject)) @if let Some(name) = named(look, row) { small.below { (part::name(name)) } } }
                td.value { (or_nothing(&row.before)) }
                td.value { (or_nothing(&row.after)) }
            }
        }
    })
}

/// The name of the account or the product that a row is about, as it is called now.
fn named<'a>(look: &'a Look, row: &AuditRow) -> Option<&'a str> {
    let id: i64 = row.subject.parse().ok()?;
    match row.what.split_once('.')?.0 {
        "account" => look.account(AccountId(id)).map(|account| account.name.as_str()),
        "product" => look.product(ProductId(id)).map(|product| product.name.as_str()),
        _ => None,
    }
}

/// Every row that is found, the newest first, part by part.
pub(super) async fn csv(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let parts = stream::try_unfold(Some(None::<i64>), move |before| {
        let (web, visitor) = (web.clone(), visitor.clone());
        async move {
            let Some(before) = before else { return Ok::<_, std::io::Error>(None) };
            let found = web.desk.store.audit_found(visitor.msp.id, before, ROWS_AT_ONCE, &filter(visitor.here())).await;
            let rows = found.map_err(std::io::Error::other)?;
            let text = COLUMNS.of(&rows.iter().map(view).collect::<Vec<_>>()).map_err(std::io::Error::other)?;
            let header_end = text.find('\n').map_or(0, |end| end + 1);
            let text = if before.is_none() { text } else { text[header_end..].to_owned() };
            let next = rows.last().filter(|_| i64::try_from(rows.len()) == Ok(ROWS_AT_ONCE)).map(|row| Some(row.seq));
            Ok(Some((text, next)))
        }
    });
    file::answer(File::Csv, "audit.csv", Body::from_stream(parts))
}

fn view(row: &AuditRow) -> RowView<'_> {
    let AuditRow { seq, at, who, what, subject, before, after, hash } = row;
    RowView {
        seq: *seq,
        at: format!("{at:.0}"),
        who,
        what,
        subject,
        before: before.as_deref(),
        after: after.as_deref(),
        hash,
    }
}
