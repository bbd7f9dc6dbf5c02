//! Undo: shows first what it would restore, then asks.

use super::super::shown::changes;
use super::{capital, found, kind_words};
use crate::part::{self, Column, Kind, Paged, Table};
use crate::{Answer, Do, Nav, Page, RunAsked, Visitor, Web};
use axum::extract::{Path, State};
use hive_desk::{Refused, WouldRestore, WouldUndo};
use maud::{Markup, html};
use std::sync::Arc;

/// Created additions that the page lists.
const CREATED_MAX: usize = 100;

pub(super) async fn ask(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, run)): Path<(i64, i64)>) -> Answer {
    visitor.need(Do::Update)?;
    let row = found(&web, &visitor, run).await?;
    let would = match web.desk.would_undo(&visitor.msp, row.id).await {
        Ok(would) => would,
        Err(refused) => return Ok(visitor.done_at::<String>(Err(refused), &visitor.path(&format!("runs/{}", row.id)))),
    };
    let created = web.desk.store.created(visitor.msp.id, row.id).await?;
    let named = format!("{} {}", capital(kind_words(row.kind)), row.id);
    let additions = part::plural(would.additions.len(), "addition", "additions");
    let here = visitor.here();
    let paged = Paged::of(here, would.additions.len());
    let columns = [
        Column::new("Customer"),
        Column::new("Product"),
        Column::new("Addition").figure(),
        Column::new("From").figure(),
        Column::new("To").figure(),
        Column::new("Change").figure(),
        Column::new("A month").figure(),
    ];
    let table = Table { caption: "What the undo would restore", columns: &columns, sort: None };
    let body = html! {
        (part::banner(Kind::Wait, &format!("This would write to {additions} in ConnectWise"), html! {
            p { (totals(&would)) }
            "Each is read again first: what somebody changed since " (named) " stays as they set it. "
            "Hive does not push the same value again by itself; the lines are held until a person decides."
        }, html! {}))
        @if !created.is_empty() {
            (part::banner(Kind::Wait, &format!("It leaves what was created: {}", part::plural(created.len(), "addition", "additions")), html! {
                "Hive deletes nothing. Cancel in ConnectWise what is not to be billed:"
                ul { @for one in created.iter().take(CREATED_MAX) { li {
                    @match one.addition { Some(id) => { "addition " (id) }, None => { "the addition of item " (one.item) } }
                    " on agreement " (one.agreement) ", created at " (part::quantity(one.quantity))
                } } }
            }, html! {}))
        }
        section.panel {
            (table.rows(html! { @for one in paged.slice(&would.additions) { (line(one)) } }))
            (part::pager(here, paged, "addition", "additions"))
        }
        div.actions {
            (part::post_button(&visitor.path(&format!("runs/{}/undo", row.id)), "button danger", &format!("Undo {named}: restore {additions}"), &[]))
            (part::button("button", &visitor.path(&format!("runs/{}", row.id)), "Leave it as it is"))
        }
    };
    Ok(Page::new(&visitor, Nav::Activity, format!("Undo {named}?"))
        .lead(html! { "What it would restore, before anything is written." })
        .body(body))
}

/// What all of it moves a month.
fn totals(would: &WouldUndo) -> Markup {
    html! {
        "In all " strong { (changes(&would.up, 0)) } " a month up and " strong { (changes(&would.down, 0)) } " a month down."
        @if would.unpriced > 0 { " The money of " (part::plural(would.unpriced, "addition", "additions")) " is not known." }
    }
}

fn line(one: &WouldRestore) -> Markup {
    let WouldRestore { done, accounts, products, money_month, currency } = one;
    html! {
        tr {
            th scope="row" { (names(accounts)) }
            td { (names(products)) }
            td.figure { (done.addition) small.below { "agreement " (done.agreement) } }
            td.figure { (part::quantity(done.wrote)) }
            td.figure { strong { (part::quantity(done.found)) } }
            td.figure { (part::quantity_change(done.wrote, done.found)) }
            td.figure { @match money_month {
                Some(month) => (part::money_change(*month, currency.as_deref())),
                None => span.muted { "not known" },
            } }
        }
    }
}

/// Several customers or products may share one addition.
fn names(names: &[String]) -> Markup {
    html! { @for (place, name) in names.iter().enumerate() { @if place > 0 { br; } (part::name(name)) } }
}

pub(super) async fn start(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, run)): Path<(i64, i64)>) -> Answer {
    visitor.need(Do::Update)?;
    let row = found(&web, &visitor, run).await?;
    let begun = web.engine.start(&visitor.msp, RunAsked::Undo { run: row.id }, &visitor.person.who()).await;
    match begun {
        Ok(undo) => {
            let words = format!("Undo {undo} of {} {} has begun.", capital(kind_words(row.kind)), row.id);
            Ok(visitor.done_at(Ok::<_, Refused>(words), &visitor.path(&format!("runs/{undo}"))))
        }
        Err(refused) => Ok(visitor.done_at(Err::<String, _>(refused), &visitor.path(&format!("runs/{}", row.id)))),
    }
}
