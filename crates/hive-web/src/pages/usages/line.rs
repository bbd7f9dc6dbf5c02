//! One number's story: what happens to the line, why, from which samples, on which addition, and the fix.

use super::super::decided;
use super::super::proof;
use super::super::psa_sync::{Tab, frame};
use super::super::shown::{changes, code_link, cycle_of, fate_mark, fate_words, maybe, who as who_words};
use super::{fate_pill, fixes, history};
use crate::part::{self, Column, Kind, Table};
use crate::{Answer, Fault, Visitor, Web};
use axum::extract::{Path, State};
use hive_core::issue::{Issue, Severity};
use hive_core::mirror::{Addition, Agreement};
use hive_core::plan::{Line, Step, StepKind, cost_month, worth_month};
use hive_core::{LineId, Timestamp};
use hive_desk::Look;
use hive_desk::look::Fate;
use hive_desk::words::without_command;
use maud::{Markup, html};
use std::sync::Arc;

/// Characters of an issue's words that are shown at once: long names and long lists go on behind a click.
const WORDS_MAX: usize = 1200;
/// Lines of one sum that the page shows.
const PARTS_MAX: usize = 100;

/// The line of an address.
pub(in crate::pages) fn line_id(text: &str) -> Result<LineId, Fault> {
    LineId::parse(text).ok_or_else(|| Fault::NotFound(format!("\"{text}\" is no line of a plan.")))
}

pub(super) async fn show(State(web): State<Arc<Web>>, visitor: Visitor, Path((_, id)): Path<(i64, String)>) -> Answer {
    let id = line_id(&id)?;
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let Some(line) = look.line(id) else { return excluded(&web, &visitor, &look, id).await };
    let lapses_at = web.desk.would_lapse(&visitor.msp, visitor.now()).await?;
    let past = history::read(&web, &visitor, line).await?;
    let rule = web.desk.rule_version(&visitor.msp, id.product).await?;
    let body = html! {
        div id="line" data-live {
            (verdict(&visitor, &look, line))
            (issues(&visitor, &look, line, lapses_at))
            div.two-columns {
                (part::panel(None, "Why this number", html! {}, steps(line)))
                (part::panel(None, "In ConnectWise", html! {}, connectwise(&visitor, &look, line)))
            }
            (candidates(&look, line))
            (part::panel(None, "The rule", html! {}, html! { div.panel-body { (proof::rule(&visitor, rule.as_ref())) } }))
            (parts(&visitor, &look, line))
            (samples(&visitor, &look, line))
            (history::panels(&visitor, line, &past))
            (decided::of_line(&visitor, &look, id))
        }
    };
    Ok(frame(&web, &visitor, &look, Tab::Usages)
        .await?
        .titled("Why this number")
        .lead(html! { (part::name(&line.account)) " × " (part::name(&line.product)) })
        .actions(part::button("button", &visitor.path("psa-sync/usages"), "Product Usages"))
        .body(body))
}

/// The page of a line that a person excluded; any other has none.
async fn excluded(web: &Web, visitor: &Visitor, look: &Look, id: LineId) -> Answer {
    let names = look.account(id.account).zip(look.product(id.product));
    let Some(((account, product), body)) = names.zip(decided::instead(visitor, look, id)) else {
        return Err(no_line(look, id));
    };
    Ok(frame(web, visitor, look, Tab::Usages)
        .await?
        .titled("Why this number")
        .lead(html! { (part::name(&account.name)) " × " (part::name(&product.name)) })
        .actions(part::button("button", &visitor.path("psa-sync/usages"), "Product Usages"))
        .body(body))
}

fn no_line(look: &Look, id: LineId) -> Fault {
    let (account, product) = (look.account(id.account), look.product(id.product));
    let (Some(account), Some(product)) = (account, product) else {
        return Fault::NotFound(format!("{} has no line {id}.", look.msp.name));
    };
    Fault::NotFound(format!(
        "{} × {} is no line just now: it has no sample, no quota and no pin, or somebody ignored the account or the product. Show Accounts and Show Products say which.",
        account.name, product.name
    ))
}

/// What happens on the next Update, in one look.
fn verdict(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let fate = look.fate(line);
    let sample = look.sample_in_force(line.id.account, line.id.product);
    let approved = line.addition.and_then(|addition| look.approved.get(&addition));
    let approved = approved.or_else(|| look.approved_creates.get(&line.id));
    let year = line.money_month.map(|month| hive_core::Money::new(month.decimal().saturating_mul(12.into())));
    html! {
        section.panel.verdict aria-label="What happens to this line" {
            div.panel-body {
                p.verdict-mark { (fate_mark(fate)) " " (fate_pill(fate))
                    @if let Some(who) = approved { " " span.muted { "approved by " (who_words(who)) } } }
                dl.numbers {
                    div { dt { "Usage" } dd { @if let Some(sample) = sample { (part::quantity(sample.quantity)) " " span.unit { (sample.unit.name_for(sample.quantity)) } } @else { "–" } } }
                    div { dt { "In ConnectWise" } dd { (maybe(line.now)) } }
                    div { dt { (next_words(fate)) } dd { (maybe(line.next)) } }
                    div { dt { "Difference a month" } dd { @match line.money_month {
                        Some(month) => { (part::money_change(month, line.currency.as_deref())) @if let Some(year) = year { small.below { (part::money_change(year, line.currency.as_deref())) " a year" } } },
                        None => span.muted title="no price known" { "–" },
                    } } }
                }
                @if fate == Fate::AfterGoLive { p { a href=(visitor.path("psa-sync/update")) { "Preview and Update" } " is where " (part::name(&line.product)) " goes live." } }
            }
        }
    }
}

fn next_words(fate: Fate) -> &'static str {
    match fate {
        Fate::Push => "Will be pushed",
        Fate::InStep => "Wanted, and there already",
        Fate::AfterGoLive => "Pushed after go-live",
        Fate::AtInvoice => "Pushed for its invoice",
        Fate::Waits => "Pushed once approved",
        Fate::Issue => "Cannot be pushed",
    }
}

fn issues(visitor: &Visitor, look: &Look, line: &Line, lapses_at: Timestamp) -> Markup {
    if line.issues.is_empty() {
        return html! {};
    }
    let waits = matches!(look.fate(line), Fate::Issue | Fate::Waits);
    let heading =
        if waits && (line.has(Severity::Stop) || line.has(Severity::Hold)) { "What to do" } else { "Worth knowing" };
    part::panel(
        None,
        heading,
        html! {},
        html! {
            ul.issues { @for issue in &line.issues { li.issue.{ (issue.severity.name()) } { (issue_shown(visitor, look, line, issue)) } } }
            (fixes::approval(visitor, look, line, lapses_at))
        },
    )
}

fn issue_shown(visitor: &Visitor, look: &Look, line: &Line, issue: &Issue) -> Markup {
    let words = without_command(&issue.message);
    let (kind, weight) = match issue.severity {
        Severity::Stop => (Kind::Bad, "issue"),
        Severity::Hold if line.addition.is_some_and(|addition| look.approved.contains_key(&addition)) => {
            (Kind::Good, "approved")
        }
        Severity::Hold if look.approved_creates.contains_key(&line.id) => (Kind::Good, "approved"),
        Severity::Hold => (Kind::Wait, "waits for approval"),
        Severity::Note => (Kind::Plain, "note"),
    };
    html! {
        p.issue-head { (part::pill(kind, weight)) " " (code_link(visitor, issue.code)) }
        @if words.chars().count() > WORDS_MAX {
            p { (words.chars().take(WORDS_MAX).collect::<String>()) "…" }
            (part::reveal(html! { "All of it" }, html! { (words) }))
        } @else { p { (words) } }
        (fixes::fix(visitor, look, line, issue))
        @if words != issue.message { (part::reveal(html! { "On the command line" }, html! { code { (issue.message) } })) }
    }
}

/// Where a step stands in the story. Basis, mode and unit keep the order in which they were worked out.
fn chapter(step: StepKind) -> u8 {
    match step {
        StepKind::Basis | StepKind::Unit | StepKind::Mode | StepKind::Adjusted => 0,
        StepKind::Sum => 1,
        StepKind::Rule => 2,
        StepKind::Target => 3,
        StepKind::Mark => 4,
    }
}

fn step_words(step: StepKind) -> &'static str {
    match step {
        StepKind::Basis => "Basis",
        StepKind::Unit => "Unit",
        StepKind::Mode => "Mode",
        StepKind::Adjusted => "Adjusted",
        StepKind::Sum => "Sum",
        StepKind::Rule => "Rule",
        StepKind::Target => "Addition",
        StepKind::Mark => "Mark",
    }
}

pub(in crate::pages) fn steps(line: &Line) -> Markup {
    let mut trace: Vec<&Step> = line.trace.iter().collect();
    trace.sort_by_key(|step| chapter(step.step));
    let money = hive_desk::money::Sums::from_iter(
        line.money_month.map(|month| (line.currency.clone().unwrap_or_default(), month)),
    );
    html! {
        ol.steps {
            @for step in trace { li { strong { (step_words(step.step)) } " " span { (step.words) } } }
            li { strong { "Money" } " " @if money.is_empty() { span { "no price is known, so no difference is shown" } } @else { span { (changes(&money, 1)) " a month" } } }
        }
    }
}

fn connectwise(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let company = line.company.as_ref().map(|named| (named, look.company(named.id)));
    let agreement = line.agreement.as_ref().and_then(|named| look.agreement(named.id));
    let addition = line.addition.and_then(|id| look.addition(id));
    let mut pairs: Vec<(&str, Markup)> = Vec::new();
    pairs.push(("Company", match company {
        Some((named, found)) => html! { (part::name(&named.name)) " " small { "id " (named.id) @if let Some(found) = found { ", " (part::name(&found.identifier)) @if let Some(status) = &found.status { ", " (status) } } } },
        None => html! { span.muted { "not linked" } },
    }));
    if let Some(agreement) = agreement {
        pairs.extend(agreement_words(agreement));
    }
    if let Some(addition) = addition {
        pairs.extend(addition_words(visitor, addition, look.agreement(addition.agreement)));
    }
    if let Some(standing) = line.addition.and_then(|id| look.standing(id)) {
        pairs.push(("Hive pushed last", maybe(standing.pushed)));
        if let Some(minimum) = &standing.minimum {
            pairs.push(("Minimum", html! { (part::quantity(minimum.value)) ", said by " (who_words(&minimum.who)) }));
        }
        if let Some(locked) = &standing.locked {
            pairs.push(("Locked", html! { "at " (part::quantity(locked.value)) " through " (part::date(locked.until)) ", by " (who_words(&locked.who)) }));
        }
    }
    html! {
        div.panel-body {
            (part::definitions(&pairs))
            @if let Some(mirror) = look.mirror() { p.hint {
                @if let Some(read) = addition.map(|addition| addition.read_at).filter(|read| *read > mirror.pulled_at) {
                    "The addition was read again on " (part::time(read, &visitor.zone)) ", after an Update wrote to it or looked at it. The rest is as of the Sync of " (part::time(mirror.pulled_at, &visitor.zone)) "."
                } @else { "As of the Sync of " (part::time(mirror.pulled_at, &visitor.zone)) "." }
            } }
            (fixes::take_back(visitor, look, line))
        }
    }
}

fn agreement_words(agreement: &Agreement) -> Vec<(&'static str, Markup)> {
    let kind = agreement.agreement_type.as_deref().unwrap_or("no type");
    let cycle = agreement.billing_cycle.as_deref().unwrap_or("no billing cycle");
    vec![
        (
            "Agreement",
            html! { (part::name(&agreement.name)) " " small { "id " (agreement.id) ", " (part::name(kind)) ", " (part::name(cycle)) } },
        ),
        (
            "Next invoice",
            match agreement.next_invoice {
                Some(day) => part::date(day),
                None => html! { "ConnectWise gives no date" },
            },
        ),
        (
            "Prorates",
            match agreement.prorates {
                Some(true) => {
                    html! { "yes, but a quantity has no date of its own: the whole period is billed at the new one" }
                }
                Some(false) => html! { "no" },
                None => html! { span.muted { "ConnectWise does not say" } },
            },
        ),
    ]
}

fn addition_words(
    visitor: &Visitor,
    addition: &Addition,
    agreement: Option<&Agreement>,
) -> Vec<(&'static str, Markup)> {
    let by = addition.updated_by.as_deref().unwrap_or("somebody whom ConnectWise does not name");
    vec![
        (
            "Addition",
            html! { (addition.id) " " small { (part::name(&addition.item_identifier)) @if !addition.description.is_empty() { ", " (part::name(&addition.description)) } } },
        ),
        ("Quantity there", html! { (maybe(addition.quantity)) }),
        (
            "Unit price",
            match addition.unit_price {
                Some(price) => {
                    html! { (part::money(price, agreement.and_then(|agreement| agreement.currency.as_deref()))) " a unit" @if let Some(agreement) = agreement { " " (cycle_of(agreement)) } }
                }
                None => html! { "none" },
            },
        ),
        ("Cost and margin a month", margin(addition, agreement)),
        (
            "In effect",
            html! {
                @if let Some(from) = addition.effective { "from " (part::date(from)) " " }
                @if let Some(last) = addition.cancelled { "through " (part::date(last)) }
                @if addition.effective.is_none() && addition.cancelled.is_none() { span.muted { "ConnectWise gives no dates" } }
            },
        ),
        (
            "Last changed",
            html! { "by " (part::name(by)) @if let Some(at) = addition.updated_at { ", " (part::time(at, &visitor.zone)) } },
        ),
    ]
}

/// Every addition that the line could be billed on, chosen or not, and why.
fn candidates(look: &Look, line: &Line) -> Markup {
    let all = look.candidates(line.id);
    if all.is_empty() {
        return html! {};
    }
    let columns = [
        Column::new("Addition"),
        Column::new("Agreement"),
        Column::new("Quantity").figure(),
        Column::new("In effect"),
        Column::new("Why"),
    ];
    let table = Table { caption: "Additions of the company and the item", columns: &columns, sort: None };
    part::panel(None, "Additions that could bill it", html! {}, table.rows(html! {
        @for one in all.iter().take(PARTS_MAX) {
            tr {
                th scope="row" { (one.addition.id) @if one.chosen { " " (part::pill(Kind::Good, "chosen")) } }
                td { (part::name(&one.agreement.name)) " " small { (one.agreement.id) @if let Some(parent) = one.parent { ", child of " (part::name(&parent.name)) } } }
                td.figure { (maybe(one.addition.quantity)) }
                td {
                    @if let Some(from) = one.addition.effective { "from " (part::date(from)) " " }
                    @if let Some(last) = one.addition.cancelled { "through " (part::date(last)) }
                    @if one.addition.effective.is_none() && one.addition.cancelled.is_none() { span.muted { "no dates" } }
                }
                td { (part::name(&one.why)) }
            }
        }
    }))
}

/// What the addition costs the MSP as it stands, and what is left of its price. Shown only.
fn margin(addition: &Addition, agreement: Option<&Agreement>) -> Markup {
    let of = agreement.zip(addition.quantity);
    let cost = of.and_then(|(agreement, quantity)| cost_month(agreement, addition, quantity));
    let price = of.and_then(|(agreement, quantity)| worth_month(agreement, addition, quantity));
    let currency = agreement.and_then(|agreement| agreement.currency.as_deref());
    html! {
        @match (cost, price) {
            (Some(cost), Some(price)) => { (part::money(cost, currency)) " cost, " (part::money(price.minus(cost), currency)) " margin" },
            (Some(cost), None) => { (part::money(cost, currency)) " cost; no price, so no margin" },
            (None, _) => { span.muted { "ConnectWise has no unit cost" } },
        }
    }
}

/// The lines that add up on the same addition.
fn parts(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let Some(addition) = line.addition else { return html! {} };
    let all: Vec<&Line> = look.lines_of_addition(addition).take(PARTS_MAX + 1).collect();
    if all.len() < 2 {
        return html! {};
    }
    let columns =
        [Column::new("Account"), Column::new("Product"), Column::new("Its part").figure(), Column::new("Mark")];
    let table = Table { caption: "Parts of the sum", columns: &columns, sort: None };
    let shown = all.len().min(PARTS_MAX);
    part::panel(None, "The parts of this sum", html! {}, table.rows(html! {
        @for part_line in &all[..shown] {
            tr {
                th scope="row" { @if part_line.id == line.id { (part::name(&part_line.account)) " " (part::pill(Kind::Plain, "this line")) } @else { a href=(visitor.path(&format!("psa-sync/usages/{}", part_line.id))) { (part::name(&part_line.account)) } } }
                td { (part::name(&part_line.product)) }
                td.figure { (maybe(part_line.part)) }
                td { (fate_mark(look.fate(part_line))) " " (fate_words(look.fate(part_line))) }
            }
        }
        @if all.len() > shown { tr { td colspan="4" { "And more: the page shows " (shown) "." } } }
    }))
}

/// The newest sample of each source.
fn samples(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let in_force = look.sample_in_force(line.id.account, line.id.product);
    let columns = [Column::new("Source"), Column::new("Value").figure(), Column::new("Measured"), Column::new("Class")];
    let table = Table { caption: "Newest sample of each source", columns: &columns, sort: None };
    let all: Vec<_> = look.samples(line.id.account, line.id.product).collect();
    if all.is_empty() {
        let words = html! { "No usage of this product has ever arrived for this account. It is never taken as 0." };
        return part::panel(None, "Samples behind it", html! {}, part::empty("No sample", words, html! {}));
    }
    part::panel(None, "Samples behind it", html! {}, table.rows(html! {
        @for sample in all {
            tr {
                th scope="row" { (part::name(&sample.source)) @if in_force == Some(sample) { " " (part::pill(Kind::Info, "counts")) } }
                td.figure { (part::quantity(sample.quantity)) " " span.unit { (sample.unit.name_for(sample.quantity)) } }
                td { (part::time(sample.measured_at, &visitor.zone)) " " small { "(" (part::ago(sample.measured_at, visitor.now())) ")" } }
                td { @if sample.class.is_empty() { span.muted { "billable" } } @else { (part::name(&sample.class)) } }
            }
        }
    }))
}
