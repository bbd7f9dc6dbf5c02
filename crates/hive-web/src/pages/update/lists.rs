//! The two lists: what will be pushed, and what will not, by its reason.

use super::super::shown::{changes, code_link, fate_mark, fate_words, who as who_words};
use super::Open;
use crate::Visitor;
use crate::part::{self, Column, Paged, Table};
use hive_core::plan::Change;
use hive_desk::Look;
use hive_desk::look::Fate;
use hive_desk::words::without_command;
use maud::{Markup, html};

/// Characters of a reason's example that are shown.
const EXAMPLE_MAX: usize = 240;

pub(super) fn will_be_pushed(visitor: &Visitor, look: &Look, open: &Open<'_>) -> Markup {
    let title = format!("What will be pushed: {}", part::plural(open.changes.len(), "addition", "additions"));
    if open.changes.is_empty() {
        let words =
            html! { "ConnectWise holds what it should, or what differs waits for somebody or cannot be pushed." };
        return part::panel(Some("pushed"), &title, html! {}, part::empty("Nothing to push", words, html! {}));
    }
    let columns = [
        Column::new("Account"),
        Column::new("Product"),
        Column::new("Agreement"),
        Column::new("In ConnectWise").figure(),
        Column::new("Will be pushed").figure(),
        Column::new("Difference").figure(),
        Column::new("A month").figure(),
        Column::new("When"),
    ];
    let table = Table { caption: "What will be pushed", columns: &columns, sort: None };
    let here = visitor.here();
    let paged = Paged::of(here, open.changes.len());
    let rows = paged.slice(&open.changes);
    part::panel(
        Some("pushed"),
        &title,
        changes(&open.money, open.changes.len()),
        html! {
            (table.rows(html! { @for (change, fate) in rows { (row(visitor, look, change, *fate)) } }))
            (part::pager(here, paged, "addition", "additions"))
        },
    )
}

fn row(visitor: &Visitor, look: &Look, change: &Change, fate: Fate) -> Markup {
    let Some(line) = change.lines.first().and_then(|id| look.line(*id)) else { return html! {} };
    let more = change.lines.len().saturating_sub(1);
    let href = visitor.path(&format!("psa-sync/usages/{}", line.id));
    let approved = look.approved.get(&change.addition);
    html! {
        tr {
            th scope="row" { (part::name(&line.account)) @if more > 0 { small.below { "and " (part::plural(more, "more line", "more lines")) } } }
            td { (part::name(&line.product)) }
            td { @if let Some(agreement) = &line.agreement { (part::name(&agreement.name)) } small.below { "addition " (change.addition) } }
            td.figure { (part::quantity(change.from)) }
            td.figure { strong { (part::quantity(change.to)) } }
            td.figure { (part::quantity_change(change.from, change.to)) }
            td.figure { @match change.money_month { Some(month) => (part::money_change(month, change.currency.as_deref())), None => span.muted { "–" } } }
            td.mark-cell { a.mark-link href=(href) { span aria-hidden="true" { (fate_mark(fate)) } span.mark-words { (when(fate)) } span.unseen { ": why, for " (line.account) " " (line.product) }
                @if let Some(who) = approved { small.below { "approved by " (who_words(who)) } } } }
        }
    }
}

fn when(fate: Fate) -> &'static str {
    match fate {
        Fate::Push => "next Update",
        other => fate_words(other),
    }
}

/// The lines that cannot be pushed, by the first issue of each: every line is in one row.
pub(super) fn will_not(visitor: &Visitor, look: &Look) -> Markup {
    let groups = &look.usages().not_pushed;
    let lines: usize = groups.iter().map(|group| group.lines).sum();
    let title = format!("What will not be pushed, and why: {}", part::plural(lines, "line", "lines"));
    if groups.is_empty() {
        return part::panel(
            Some("will-not"),
            &title,
            html! {},
            part::empty("No line has an issue", html! {}, html! {}),
        );
    }
    let columns = [
        Column::new("Why"),
        Column::new("For example"),
        Column::new("Lines").figure(),
        Column::new("At stake a month").figure(),
        Column::new("Show").unseen(),
    ];
    let table = Table { caption: "What will not be pushed", columns: &columns, sort: None };
    part::panel(Some("will-not"), &title, html! {}, table.rows(html! {
        @for group in groups {
            @let words = without_command(&group.words);
            @let example: String = words.chars().take(EXAMPLE_MAX).collect();
            tr {
                th scope="row" { (code_link(visitor, group.code)) }
                td.example { (example) @if words.chars().count() > EXAMPLE_MAX { "…" } }
                td.figure { (part::count(group.lines)) }
                td.figure { @if group.money.is_empty() { span.muted { "not known" } } @else { (changes(&group.money, group.lines)) } }
                td { a href=(visitor.path(&format!("psa-sync/usages?mark=issue&code={}", group.code))) { "Show" span.unseen { " the lines with " (group.code) } } }
            }
        }
    }))
}
