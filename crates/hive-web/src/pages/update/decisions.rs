//! What waits for a person: one row a cause, however many lines it holds.

use super::super::shown::{changes, code_link};
use crate::Visitor;
use crate::auth::Do;
use crate::pages::usages::needs;
use crate::part::{self, Column, Paged, Table};
use hive_core::issue::Code;
use hive_desk::Look;
use hive_desk::look::Decision;
use hive_desk::words::without_command;
use maud::{Markup, html};
use url::form_urlencoded;

/// Characters of a cause's words that are shown.
const WORDS_MAX: usize = 320;
/// The form that the ticks belong to, wherever they stand.
const FORM: &str = "approve";

pub(super) fn panel(visitor: &Visitor, look: &Look, decisions: &[Decision<'_>]) -> Markup {
    let title = format!("What waits for a decision: {}", part::count(decisions.len()));
    if decisions.is_empty() {
        let words = html! { "Large changes, values edited by hand and old usage wait here until somebody agrees." };
        return part::panel(
            Some("waits"),
            &title,
            html! {},
            part::empty("Nothing waits for a decision", words, html! {}),
        );
    }
    let columns = [
        Column::new("Tick").unseen(),
        Column::new("Decision"),
        Column::new("Additions").figure(),
        Column::new("A month").figure(),
        Column::new("Answer"),
    ];
    let table = Table { caption: "Decisions, the dearest first", columns: &columns, sort: None };
    let here = visitor.here().without("page");
    let paged = Paged::of(
        &part::Here::new("", &format!("page={}", visitor.here().get("waits").unwrap_or("1"))),
        decisions.len(),
    );
    let may = visitor.may(Do::Approve);
    part::panel(
        Some("waits"),
        &title,
        html! {},
        html! {
            @if may {
                form.tools id=(FORM) method="post" action=(visitor.path("psa-sync/update/approve")) {
                    (part::hidden("plan", &look.plan.id.to_string()))
                    button.button.primary type="submit" { "Approve the ticked decisions…" }
                    @if decisions.len() > 1 { button.button type="submit" name="all" value="yes" { "Approve all " (part::count(decisions.len())) "…" } }
                    span.hint { "It asks first, with the count and the money." }
                }
            } @else { div.tools { span.hint { "Approving " (needs(Do::Approve)) "." } } }
            (table.rows(html! { @for one in paged.slice(decisions) { (row(visitor, look, one, may)) } }))
            @if decisions.len() > part::ROWS_A_PAGE { (pages(&here, paged, decisions.len())) }
        },
    )
}

fn pages(here: &part::Here, paged: Paged, all: usize) -> Markup {
    let page = paged.offset() / part::ROWS_A_PAGE + 1;
    html! {
        nav.pager aria-label="Pages of decisions" {
            span { "from " (part::count(paged.offset() + 1)) " of " (part::plural(all, "decision", "decisions")) }
            @if page > 1 { a.button href=(here.with("waits", &(page - 1).to_string())) { "Earlier" } }
            @if paged.offset() + part::ROWS_A_PAGE < all { a.button href=(here.with("waits", &(page + 1).to_string())) { "Later" } }
        }
    }
}

fn row(visitor: &Visitor, look: &Look, one: &Decision<'_>, may: bool) -> Markup {
    let words = without_command(&one.cause.words);
    let shown: String = words.chars().take(WORDS_MAX).collect();
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("cause", &one.cause.cause).finish();
    let lines = visitor.path(&format!("psa-sync/usages?{query}"));
    let label = format!("{} ({})", one.cause.cause, part::plural(one.waiting.len(), "addition", "additions"));
    let waits = one.others.len();
    let codes: std::collections::BTreeSet<&str> = one.others.values().flatten().map(|code| code.name()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    html! {
        tr {
            td { @if may { input type="checkbox" name="cause" value=(one.cause.cause) form=(FORM) aria-label={ "Approve " (label) }; } }
            th.decision scope="row" {
                p { (shown) @if words.chars().count() > WORDS_MAX { "…" } }
                p.small { (code_link(visitor, one.cause.code)) " · " a href=(lines) { "Show its " (part::plural(one.cause.lines.len(), "line", "lines")) } }
            }
            td.figure { (part::count(one.waiting.len())) @if waits > 0 { small.below { (part::count(waits)) " also " @if waits == 1 { "waits" } @else { "wait" } " for " (codes.join(", ")) } } }
            td.figure { (changes(&one.money, one.waiting.len())) }
            td.answers { @if may { (answers(visitor, look, one)) } @else { small { (needs(Do::Approve)) } } }
        }
    }
}

/// The answers that a code has beside an approval: the word, and the button.
pub(in crate::pages) fn questions(code: Code) -> &'static [(&'static str, &'static str)] {
    match code {
        Code::UsageGone => &[("left", "Left: set 0"), ("keep", "Still there: keep"), ("later", "Ask again next time")],
        Code::UsageFeedPartial => &[("accept", "The batch is right")],
        _ => &[],
    }
}

/// Approve; for a value that somebody typed, the three answers as well.
fn answers(visitor: &Visitor, look: &Look, one: &Decision<'_>) -> Markup {
    let cause = one.cause.cause.as_str();
    let approve = visitor.path("psa-sync/update/approve");
    let answer = visitor.path("psa-sync/update/answer");
    let plan = look.plan.id.to_string();
    let change = one.waiting.first().and_then(|addition| look.change(*addition));
    html! {
        @match change.filter(|_| one.cause.code == Code::AdditionEditedByHand) {
            Some(change) => {
                (part::post_button(&answer, "button", &format!("Overwrite {} with {}", change.from, change.to), &[("plan", &plan), ("cause", cause), ("answer", "overwrite")]))
                (part::post_button(&answer, "button", &format!("Make {} the minimum", change.from), &[("plan", &plan), ("cause", cause), ("answer", "minimum")]))
                (part::reveal(html! { "Lock it through a day" }, html! {
                    form.inline method="post" action=(answer) {
                        (part::hidden("plan", &plan)) (part::hidden("cause", cause)) (part::hidden("answer", "lock"))
                        input type="date" name="until" required min=(look.plan.today) aria-label={ "Lock addition " (change.addition) " through" };
                        (part::submit("button", "Lock it"))
                    }
                }))
            },
            None => {
                @for (word, label) in questions(one.cause.code) {
                    (part::post_button(&answer, "button", label, &[("plan", &plan), ("cause", cause), ("answer", word)]))
                }
                @if one.cause.code != Code::UsageGone { (part::post_button(&approve, "button", "Approve…", &[("plan", &plan), ("cause", cause)])) }
            },
        }
    }
}
