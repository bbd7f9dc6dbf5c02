//! The Sync/Update report: what runs now, what the next Update pushes, what it does not push and why.
//!
//! **Owns:** the three lists (pushed, not pushed, already right). Every line of the plan is in exactly one of them.

use super::{Tab, arrow, head};
use crate::pages::file::{self, Kind as File};
use crate::pages::runs;
use crate::pages::shown::{code_link, fate_mark, fate_words, maybe};
use crate::part::{self, Card, Chip, Column, Here, Icon, Paged, Table};
use crate::{Answer, Fault, Visitor, Web};
use axum::body::Body;
use axum::extract::{Path, State};
use hive_core::issue::Code;
use hive_core::plan::Line;
use hive_desk::look::{Fate, Filter, Found, Order};
use hive_desk::view::{LineView, PLAN_NEXT_COLUMNS};
use hive_desk::words::without_command;
use hive_desk::{Look, Status};
use hive_store::RunKind;
use maud::{Markup, html};
use serde::Serialize;
use std::sync::Arc;

/// Rows of each list where both are on the page.
const ROWS_OF_BOTH: usize = 50;
/// Issues that are written out for a line; the rest is one click away.
const ISSUES_SHOWN: usize = 2;
/// Lines that are put into words at once for a file.
const LINES_AT_ONCE: usize = 500;

/// One of the three lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Pushed,
    NotPushed,
    /// ConnectWise holds the value: neither a push nor a reason.
    AlreadyRight,
}

impl List {
    const ALL: [List; 3] = [List::Pushed, List::NotPushed, List::AlreadyRight];

    fn name(self) -> &'static str {
        match self {
            List::Pushed => "pushed",
            List::NotPushed => "not-pushed",
            List::AlreadyRight => "already-right",
        }
    }

    fn parse(text: &str) -> Option<List> {
        List::ALL.into_iter().find(|list| list.name() == text)
    }

    fn holds(self, fate: Fate) -> bool {
        let of = match fate {
            Fate::Push => List::Pushed,
            Fate::InStep => List::AlreadyRight,
            Fate::Issue | Fate::Waits | Fate::AfterGoLive | Fate::AtInvoice => List::NotPushed,
        };
        of == self
    }

    fn title(self) -> &'static str {
        match self {
            List::Pushed => "Will be pushed on the next Update",
            List::NotPushed => "Will not be pushed",
            List::AlreadyRight => "Already right",
        }
    }
}

/// Why a list's lines are asked for.
fn why(list: List, here: &Here) -> Option<Fate> {
    here.get("why").and_then(Fate::parse).filter(|fate| list.holds(*fate))
}

/// All lines that hold the words, the most pressing first; `fate` alone where it is given.
fn find(look: &Look, here: &Here, fate: Option<Fate>) -> Found {
    let filter = Filter { fate, text: here.get("q").unwrap_or_default().to_owned(), ..Filter::default() };
    look.find_usages(&filter, Order::Mark, false)
}

/// The places of a list's lines among what was found: they come in the order of their fates, and each
/// fate is of one list.
fn of_list(found: &Found, list: List, fate: Option<Fate>) -> Vec<u32> {
    let (mut begin, mut places) = (0, Vec::new());
    for (of, count) in found.counts.iter().filter(|(of, _)| fate.is_none_or(|fate| fate == **of)) {
        let end = (begin + count).min(found.places.len());
        if list.holds(*of) {
            places.extend_from_slice(&found.places[begin..end]);
        }
        begin = end;
    }
    places
}

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let status = web.desk.status(&visitor.msp, visitor.now()).await?;
    let here = visitor.here();
    let only = here.get("list").and_then(List::parse);
    let fate = only.and_then(|list| why(list, here));
    let found = find(&look, here, fate);
    let body = html! {
        div id="runs" data-live {
            @if status.running.is_none() { p.now { (arrow::headline(&status)) "." } }
        }
        (runs::progress_panel(&visitor, &status))
        (cards(&visitor, &look, &status, &found))
        (part::search(visitor.here(), "q", "Search accounts and products"))
        @for list in List::ALL { @if only.is_none_or(|only| only == list) { (panel(&visitor, &look, (list, fate), &found, only.is_some())) } }
    };
    Ok(head(&visitor, &look, &status, Tab::Beside, "Sync/Update report").body(body))
}

/// The last Sync, the last Update, and both lists in figures.
fn cards(visitor: &Visitor, look: &Look, status: &Status, found: &Found) -> Markup {
    let run = |kind: RunKind, title: &str| {
        let last = status.last(kind);
        let href = last.map(|run| visitor.path(&format!("runs/{}", run.id)));
        let figure = last.map_or_else(|| html! { "none yet" }, |run| html! { (runs::state_words(run.state)) });
        let detail = html! { (arrow::when(status, kind)) @if let Some(run) = last { " " (part::name(&runs::counts_words(run))) } };
        part::card(&Card { title, figure, detail, href: href.as_deref(), values: &[] })
    };
    // The whole plan, whatever words were looked for; a fate alone leaves the counts as they are.
    let searched = visitor.here().get("q").is_some_and(|words| !words.is_empty());
    let whole = searched.then(|| look.find_usages(&Filter::default(), Order::Account, false));
    let all = whole.as_ref().unwrap_or(found);
    let pushed = all.counts.get(&Fate::Push).copied().unwrap_or_default();
    let total: usize = all.counts.values().sum();
    let figure = html! { (part::count(pushed)) " of " (part::count(total)) };
    let right = all.counts.get(&Fate::InStep).copied().unwrap_or_default();
    let kept = total.saturating_sub(pushed + right);
    let detail = html! { "lines will be pushed on the next Update; " (part::count(kept)) " will not, each with its reason; " (part::count(right)) " are already right." };
    html! {
        div.cards id="report-cards" data-live {
            (run(RunKind::Sync, "Last Sync"))
            (run(RunKind::Update, "Last Update"))
            (part::card(&Card { title: "Next Update", figure, detail, href: None, values: &[] }))
        }
    }
}

fn panel(visitor: &Visitor, look: &Look, (list, fate): (List, Option<Fate>), counted: &Found, alone: bool) -> Markup {
    let here = visitor.here();
    let places = of_list(counted, list, fate);
    let paged = Paged::of(here, places.len());
    // What is right already needs nobody's eyes: it is counted, and listed one click away.
    let rows = if list == List::AlreadyRight { 0 } else { ROWS_OF_BOTH };
    let shown = if alone { paged.slice(&places) } else { &places[..places.len().min(rows)] };
    let lines: Vec<&Line> = shown.iter().filter_map(|place| look.plan.lines.get(*place as usize)).collect();
    let title = format!("{}: {}", list.title(), part::plural(places.len(), "line", "lines"));
    let file = Here::new(&visitor.path(&format!("psa-sync/report/{}.csv", list.name())), "");
    let file = here
        .parameters()
        .filter(|(name, _)| ["q", "why"].contains(name))
        .fold(file, |file, (name, value)| file.with(name, value));
    let download = html! { a.button href=(file) download { (Icon::Download) "CSV" span.unseen { " of all lines that " (list.title().to_lowercase()) } } };
    let body = html! {
        @if alone { div.tools { (reasons(here, list, counted)) @if alone { a.button href=(here.without("list").without("why").without("page")) { "All lists" } } } }
        @if counted.codes.contains_key(&Code::LinkNotLive) && places.iter().any(|place| look.plan.lines.get(*place as usize).is_some_and(not_live)) {
            p.panel-note { (code_link(visitor, Code::LinkNotLive)) " Nothing is written for a product that is not live yet. It goes live under "
                a href=(visitor.path("psa-sync/update")) { "Preview and Update" } "." }
        }
        @if places.is_empty() { (nothing(visitor, look, list, here)) }
        @else if lines.is_empty() {}
        @else { (table(visitor, look, list, &lines)) }
        @if alone { (part::pager(here, paged, "line", "lines")) }
        @else if places.len() > lines.len() {
            p.panel-body { a href=(here.with("list", list.name()).without("page")) { "All " (part::plural(places.len(), "line", "lines")) } }
        }
    };
    part::panel(Some(list.name()), &title, download, body)
}

fn reasons(here: &Here, list: List, found: &Found) -> Markup {
    let of = |fate: Fate| Chip { value: fate.name(), words: fate_words(fate), count: found.counts.get(&fate).copied() };
    let fates = Fate::ALL.into_iter().filter(|fate| list.holds(*fate));
    let mut chips = vec![Chip { value: "", words: "All", count: None }];
    chips.extend(fates.map(of));
    html! { @if list == List::NotPushed { (part::chips(here, "Why not", "why", &chips)) } }
}

fn nothing(visitor: &Visitor, look: &Look, list: List, here: &Here) -> Markup {
    if here.get("q").is_some() {
        return part::empty("Nothing found", html! { "No line of this list holds these words." }, html! {});
    }
    match list {
        List::Pushed if look.live.is_empty() => part::empty(
            "Nothing is pushed in preview",
            html! { "Products go live when a person pushes exactly a plan." },
            part::button("button", &visitor.path("psa-sync/update"), "Look at the plan"),
        ),
        List::Pushed => part::empty(
            "Nothing to push",
            html! { "ConnectWise holds what it should, as far as anything is live and not held." },
            html! {},
        ),
        List::NotPushed => part::empty(
            "Every line is pushed",
            html! { "There is no line with an issue and none that waits." },
            html! {},
        ),
        List::AlreadyRight => part::empty(
            "No line is right already",
            html! { "A line comes here once ConnectWise holds what it should." },
            html! {},
        ),
    }
}

fn table(visitor: &Visitor, look: &Look, list: List, lines: &[&Line]) -> Markup {
    let mut columns = vec![
        Column::new("Mark").unseen(),
        Column::new("Account"),
        Column::new("Product"),
        Column::new("In ConnectWise").figure(),
        Column::new(if list == List::Pushed { "Will be pushed" } else { "Would be" }).figure(),
        Column::new("Change").figure(),
        Column::new("A month").figure(),
    ];
    columns.push(Column::new(if list == List::NotPushed { "Why not, and which issues" } else { "To know" }));
    let table = Table { caption: list.title(), columns: &columns, sort: None };
    table.rows(html! { @for line in lines { (row(visitor, look, line)) } })
}

fn row(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let fate = look.fate(line);
    let href = visitor.path(&format!("psa-sync/usages/{}", line.id));
    let change = line.now.zip(line.next).filter(|(now, next)| now != next);
    // Said once above the list.
    let issues: Vec<_> = line.issues.iter().filter(|issue| issue.code != Code::LinkNotLive).collect();
    let more = issues.len().saturating_sub(ISSUES_SHOWN);
    html! {
        tr {
            td { (fate_mark(fate)) }
            th scope="row" { a href=(href) { (part::name(&line.account)) } }
            td { (part::name(&line.product)) }
            td.figure { (maybe(line.now)) }
            td.figure { (maybe(line.next)) }
            td.figure { @if let Some((now, next)) = change { (part::quantity_change(now, next)) } }
            td.figure { @if let Some(month) = line.money_month { (part::money_change(month, line.currency.as_deref())) } }
            td.why {
                @if fate != Fate::Push { strong { (fate_words(fate)) } }
                @for issue in issues.iter().take(ISSUES_SHOWN) {
                    p { (code_link(visitor, issue.code)) " " (part::name(&without_command(&issue.message))) }
                }
                @if more > 0 { p { a href=(href) { "and " (part::plural(more, "more", "more")) } } }
            }
        }
    }
}

fn not_live(line: &Line) -> bool {
    line.issues.iter().any(|issue| issue.code == Code::LinkNotLive)
}

/// Some lines, under the name that the columns know.
#[derive(Serialize)]
struct Lines<'a> {
    lines: Vec<LineView<'a>>,
}

/// A whole list as CSV, with the columns of `hive report --run next`.
pub(super) async fn download(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, name)): Path<(i64, String)>,
) -> Answer {
    let asked = File::of(&name).filter(|(_, kind)| *kind == File::Csv).and_then(|(list, _)| List::parse(list));
    let list = asked.ok_or_else(Fault::no_page)?;
    let look = web.desk.look_fresh(&visitor.msp, visitor.now()).await?;
    let fate = why(list, visitor.here());
    let places = of_list(&find(&look, visitor.here(), fate), list, fate);
    let approved = look.approvals();
    // At least one part, so that the header is there where nothing was found.
    let parts = places.len().div_ceil(LINES_AT_ONCE).max(1);
    let text = (0..parts).map(move |part| {
        let of_part = places.iter().skip(part * LINES_AT_ONCE).take(LINES_AT_ONCE);
        let lines = of_part.filter_map(|place| look.plan.lines.get(*place as usize));
        let lines = Lines { lines: lines.map(|line| LineView::of(line, Some(&approved))).collect() };
        let text = PLAN_NEXT_COLUMNS.of(&lines).map_err(|refused| std::io::Error::other(refused.to_string()))?;
        let header_end = text.find('\n').map_or(0, |end| end + 1);
        Ok::<String, std::io::Error>(if part == 0 { text } else { text[header_end..].to_owned() })
    });
    file::answer(File::Csv, &name, Body::from_stream(futures::stream::iter(text)))
}
