//! Undo: shows first what it would restore, then asks.

use super::found;
use crate::part::{self, Column, Kind, Paged, Table};
use crate::{Answer, Do, Nav, Page, RunAsked, Visitor, Web};
use axum::extract::{Path, State};
use hive_core::allow::Done;
use hive_desk::Refused;
use maud::{Markup, html};
use std::sync::Arc;

/// Created additions that the page lists.
const CREATED_MAX: usize = 100;

pub(super) async fn ask(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, run)): Path<(i64, i64)>) -> Answer {
    visitor.need(Do::Update)?;
    let row = found(&web, &visitor, run).await?;
    let would = web.engine.would_undo(&visitor.msp, row.id).await?;
    let created = web.desk.store.created(visitor.msp.id, row.id).await?;
    let additions = part::plural(would.len(), "addition", "additions");
    let here = visitor.here();
    let paged = Paged::of(here, would.len());
    let columns = [
        Column::new("Addition").figure(),
        Column::new("Agreement").figure(),
        Column::new("It wrote").figure(),
        Column::new("Would be restored to").figure(),
        Column::new("Change").figure(),
    ];
    let table = Table { caption: "What the undo would restore", columns: &columns, sort: None };
    let body = html! {
        (part::banner(Kind::Wait, &format!("This would write to {additions} in ConnectWise"), html! {
            "Each is read again first: what somebody changed since Update " (row.id) " stays as they set it. "
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
            (table.rows(html! { @for done in paged.slice(&would) { (line(done)) } }))
            (part::pager(here, paged, "addition", "additions"))
        }
        div.actions {
            @if !would.is_empty() {
                (part::post_button(&visitor.path(&format!("runs/{}/undo", row.id)), "button danger", &format!("Undo Update {}: restore {additions}", row.id), &[]))
            }
            (part::button("button", &visitor.path(&format!("runs/{}", row.id)), "Leave it as it is"))
        }
    };
    Ok(Page::new(&visitor, Nav::Activity, format!("Undo Update {}?", row.id))
        .lead(html! { "What it would restore, before anything is written." })
        .body(body))
}

fn line(done: &Done) -> Markup {
    html! {
        tr {
            td.figure { (done.addition) }
            td.figure { (done.agreement) }
            td.figure { (part::quantity(done.wrote)) }
            td.figure { strong { (part::quantity(done.found)) } }
            td.figure { (part::quantity_change(done.wrote, done.found)) }
        }
    }
}

pub(super) async fn start(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, run)): Path<(i64, i64)>) -> Answer {
    visitor.need(Do::Update)?;
    let row = found(&web, &visitor, run).await?;
    let begun = web.engine.start(&visitor.msp, RunAsked::Undo { run: row.id }, &visitor.person.who()).await;
    match begun {
        Ok(undo) => {
            let words = format!("Undo {undo} of Update {} has begun.", row.id);
            Ok(visitor.done_at(Ok::<_, Refused>(words), &visitor.path(&format!("runs/{undo}"))))
        }
        Err(refused) => Ok(visitor.done_at(Err::<String, _>(refused), &visitor.path(&format!("runs/{}", row.id)))),
    }
}
