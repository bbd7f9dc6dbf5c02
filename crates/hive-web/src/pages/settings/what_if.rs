//! What a form would do, before it is saved.

use super::super::shown::{changes_words, code_link, maybe};
use super::{Read, agreements};
use crate::part::{self, Column, Table, plural};
use crate::{Fault, Visitor, Web};
use hive_core::settings::{Settings, Updates};
use hive_desk::{Look, Moved, Refused, WhatIf, next_slots};
use hive_store::RunKind;
use maud::{Markup, html};
use std::sync::Arc;

/// Slots that are shown of each kind of run.
const SLOTS_SHOWN: usize = 3;

/// The single changes that are listed.
const BIGGEST_MAX: usize = 10;

/// What the changes would do to the plan.
pub(super) async fn preview(web: &Web, visitor: &Visitor, look: &Arc<Look>, read: &Read) -> Result<Markup, Fault> {
    if !read.wrong.is_empty() {
        return Ok(html! {
            div.what-if.bad { strong { "This cannot be saved" } ul { @for (_, why) in &read.wrong { li { (why) } } } }
        });
    }
    if read.changes.is_empty() {
        return Ok(html! { p.hint { "This is how it is now." } });
    }
    if look.mirror().is_none() {
        return Ok(html! { p.hint { "What this would change in ConnectWise is known after the first Sync." } });
    }
    match web.desk.what_if(look, &read.changes).await {
        Ok(what_if) => Ok(html! {
            (told(visitor, look, &what_if, BIGGEST_MAX))
            (agreements::trial(web, visitor, look, &read.changes).await?)
        }),
        Err(Refused::WrongUsage(why)) => Ok(html! { p.wrong { (why) } }),
        Err(refused) => Err(refused.into()),
    }
}

/// What was found, with the biggest so many lines.
pub(in crate::pages) fn told(visitor: &Visitor, look: &Look, what_if: &WhatIf, most: usize) -> Markup {
    let columns = [
        Column::new("Line"),
        Column::new("Now planned").figure(),
        Column::new("Then").figure(),
        Column::new("A month").figure(),
    ];
    let biggest: Vec<&Moved> = what_if.moved.iter().filter(|one| one.moves()).take(most).collect();
    let rows = html! {
        @for one in &biggest {
            tr {
                th scope="row" { a href=(visitor.path(&format!("psa-sync/usages/{}", one.line))) { (part::name(&one.account)) " · " (part::name(&one.product)) } }
                td.figure { (maybe(one.before)) }
                td.figure { (maybe(one.after)) }
                td.figure { @if let Some(month) = one.month { (part::money_change(month, one.currency.as_deref())) } @else { span.muted { "–" } } }
            }
        }
    };
    html! {
        div.what-if {
            strong { (headline(what_if)) }
            @if !what_if.up.is_empty() && !what_if.down.is_empty() {
                p { (changes_words(&what_if.up, what_if.lines)) " more and " (changes_words(&what_if.down, what_if.lines)) " less." }
            }
            (marks(what_if))
            (new_holds(visitor, what_if))
            @if !what_if.wait_again.is_empty() {
                p {
                    "The rule of " (names(look, what_if)) " would be another one: " (plural(what_if.wait_again.len(), "product waits", "products wait"))
                    " for go-live again. Nothing of it is pushed until somebody has looked at a plan and pushed exactly that one."
                }
            }
            @if !biggest.is_empty() {
                (Table { caption: "The biggest of them", columns: &columns, sort: None }.rows(rows))
                @if what_if.lines > biggest.len() { p.hint { "And " (part::count(what_if.lines - biggest.len())) " more." } }
            }
        }
    }
}

/// "This would change 37 lines, +611.00 USD a month."
fn headline(what_if: &WhatIf) -> String {
    if what_if.lines == 0 {
        return "This would change no quantity.".to_owned();
    }
    let lines = plural(what_if.lines, "line", "lines");
    if what_if.money.is_empty() {
        return format!("This would change {lines}; there is no price to say what it comes to.");
    }
    format!("This would change {lines}, {} a month.", changes_words(&what_if.money, what_if.lines))
}

fn marks(what_if: &WhatIf) -> Markup {
    let (before, after) = (what_if.before, what_if.after);
    let (wait_now, wait_then) = what_if.after_go_live;
    let moved: Vec<String> = [
        ("would be pushed", before.change.saturating_sub(wait_now), after.change.saturating_sub(wait_then)),
        ("would be pushed after go-live", wait_now, wait_then),
        ("would be held", before.held, after.held),
        ("would have an issue", before.issue, after.issue),
        ("would be in step", before.unchanged, after.unchanged),
    ]
    .into_iter()
    .filter(|(_, was, will)| was != will)
    .map(|(words, was, will)| format!("{} {words} ({} now)", part::count(will), part::count(was)))
    .collect();
    html! { @if !moved.is_empty() { p { "Of all additions " (moved.join(", ")) "." } } }
}

/// Which holds would be new, and on how many additions.
fn new_holds(visitor: &Visitor, what_if: &WhatIf) -> Markup {
    html! {
        @if !what_if.new_holds.is_empty() {
            p {
                "Newly held: "
                @for (place, (code, many)) in what_if.new_holds.iter().enumerate() {
                    @if place > 0 { ", " }
                    (plural(*many, "addition", "additions")) " by " (code_link(visitor, *code))
                }
                "."
            }
        }
        @if !what_if.new_stops.is_empty() {
            p {
                "Newly stopped: "
                @for (place, (code, many)) in what_if.new_stops.iter().enumerate() {
                    @if place > 0 { ", " }
                    (plural(*many, "addition", "additions")) " by " (code_link(visitor, *code))
                }
                "."
            }
        }
    }
}

fn names(look: &Look, what_if: &WhatIf) -> String {
    const NAMED: usize = 3;
    let found = what_if.wait_again.iter().take(NAMED).filter_map(|id| look.product(*id));
    let named: Vec<String> = found.map(|product| product.name.chars().take(part::NAME_SHOWN_MAX).collect()).collect();
    let more = what_if.wait_again.len().saturating_sub(NAMED);
    if more == 0 { named.join(", ") } else { format!("{} and {more} more", named.join(", ")) }
}

/// When runs would begin: as it is, and as it would become.
pub(super) async fn slots(web: &Web, visitor: &Visitor, look: &Look, read: &Read) -> Result<Markup, Fault> {
    let now = &look.facts.settings;
    let mut then = now.clone();
    for (key, at, text) in &read.changes {
        then.set(*key, *at, text).map_err(Refused::WrongUsage)?;
    }
    let rows = web.desk.store.schedules(visitor.msp.id).await?;
    let row = |kind: RunKind| rows.iter().find(|row| row.kind == kind);
    let times = |settings: &Settings, kind: RunKind| next_slots(settings, kind, row(kind), visitor.now(), SLOTS_SHOWN);
    let would = if *now == then { "" } else { "would " };
    let zone = then.time_zone();
    Ok(html! {
        dl.slots {
            @for (kind, words) in [(RunKind::Sync, "Syncs"), (RunKind::Update, "Updates")] {
                div {
                    dt { (words) " " (would) "begin" }
                    dd {
                        @match (kind, then.updates()) {
                            (RunKind::Update, Updates::Off) => "never: Updates are Off. Nothing is written.",
                            (RunKind::Update, Updates::Manual) => "only when a person starts one.",
                            _ => {
                                @for (place, at) in times(&then, kind).into_iter().enumerate() {
                                    @if place > 0 { ", " }
                                    (part::time(at, &zone)) @if place == 0 { " (" (part::ago(at, visitor.now())) ")" }
                                }
                            },
                        }
                    }
                }
            }
        }
    })
}
