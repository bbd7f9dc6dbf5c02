//! The questions before what cannot simply be taken back: approving several, pushing a plan.

use super::super::shown::{amounts, changes, changes_words, psa_tabs};
use super::verbs::Fields;
use crate::auth::Do;
use crate::part::{self, Kind};
use crate::{Answer, Nav, Page, Visitor, Web};
use axum::extract::RawForm;
use axum::extract::State;
use hive_core::plan::Change;
use hive_core::{PlanId, ProductId, Timestamp};
use hive_desk::look::{Decision, Together};
use hive_desk::words::without_command;
use hive_desk::{Look, Refused, WouldPush};
use maud::{Markup, html};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Decisions and products that a question lists by name.
const LISTED_MAX: usize = 50;

/// "Approve 3 decisions?" with what they come to, and what of it is written then.
pub(super) fn approve(
    visitor: &Visitor,
    look: &Look,
    asked: &[Decision<'_>],
    (all, lapses_at): (bool, Timestamp),
) -> Answer {
    let together = look.together(asked);
    let (many, decisions) = (
        part::plural(together.additions.len(), "addition", "additions"),
        part::plural(asked.len(), "decision", "decisions"),
    );
    let title = format!("{decisions}: {many}, {} a month", changes_words(&together.money, together.additions.len()));
    let body = html! {
        (part::banner(Kind::Wait, &title, html! {
            (promise(&together)) " It lapses on " (part::time(lapses_at, &visitor.zone))
            ", once it is used, or when the value in ConnectWise changes. Nothing is written by approving."
        }, html! {}))
        section.panel { div.panel-body {
            ul.asked {
                @for one in asked.iter().take(LISTED_MAX) {
                    li { strong { (part::plural(one.waiting.len(), "addition", "additions")) @if asked.len() > 1 { (still(&look.together(std::slice::from_ref(one)), " by itself")) } ", " (changes(&one.money, one.waiting.len())) " a month" } ": " (without_command(&one.cause.words)) }
                }
                @if asked.len() > LISTED_MAX { li { "and " (part::plural(asked.len() - LISTED_MAX, "more", "more")) } }
            }
            form.actions method="post" action=(visitor.path("psa-sync/update/approve")) {
                (part::hidden("plan", &look.plan.id.to_string())) (part::hidden("sure", "yes"))
                @if all { (part::hidden("all", "yes")) } @else { @for one in asked { (part::hidden("cause", &one.cause.cause)) } }
                (part::button("button", &visitor.path("psa-sync/update"), "Not now"))
                (part::submit("button primary", &format!("Approve {many}")))
            }
        } }
    };
    Ok(Page::new(visitor, Nav::PsaSync, format!("Approve {decisions}?")).tabs(psa_tabs(visitor, "update")).body(body))
}

/// What an Update may write after it, and what goes on waiting.
fn promise(together: &Together) -> Markup {
    let (many, freed) = (together.additions.len(), together.freed.len());
    html! {
        @if freed == many { "An approval lets an Update write " @if many == 1 { "this value" } @else { "these values" } "." }
        @else {
            (part::plural(many, "addition", "additions")) (still(together, " after this")) ". "
            @if freed == 0 { "An Update writes none of them yet." }
            @else { "It lets an Update write " strong { (part::plural(freed, "addition", "additions")) ", " (changes(&together.freed_money, freed)) " a month" } "." }
        }
    }
}

/// ", of which 1 still waits for addition.paid_period after this"; nothing where all are freed.
pub(super) fn still(together: &Together, when: &str) -> Markup {
    let waits = together.waits();
    let codes: Vec<&str> = together.still.keys().map(|code| code.name()).collect();
    html! { @if waits > 0 {
        ", of which " (part::count(waits)) " still " @if waits == 1 { "waits" } @else { "wait" } " for " (codes.join(", ")) (when)
    } }
}

/// `POST update/push`: what exactly would be pushed, before it is.
pub(super) async fn push(State(web): State<Arc<Web>>, visitor: Visitor, RawForm(form): RawForm) -> Answer {
    visitor.need(Do::Update)?;
    let fields = Fields::of(&form);
    let plan = fields.one("plan").map(|id| PlanId(id.to_owned()));
    let products = fields.products();
    let look = web.desk.look_fresh(&visitor.msp, visitor.now()).await?;
    let asked = match (&plan, products.is_empty()) {
        (Some(_), true) => Err(Refused::WrongUsage("Tick at least one product: nothing was started.".to_owned())),
        (Some(plan), false) => web.desk.would_push(&look, Some(plan), Some(products.clone()), visitor.now()).await,
        (None, _) => web.desk.would_push(&look, None, None, visitor.now()).await,
    };
    match asked {
        Ok(would) => Ok(question(&visitor, &look, plan.as_ref(), &products, &would)),
        Err(refused) => Ok(visitor.done_at::<String>(Err(refused), &visitor.path("psa-sync/update"))),
    }
}

fn question(
    visitor: &Visitor,
    look: &Look,
    plan: Option<&PlanId>,
    products: &BTreeSet<ProductId>,
    would: &WouldPush,
) -> axum::response::Response {
    let many = part::plural(would.additions.len(), "addition", "additions");
    let written = || would.additions.iter().filter_map(|id| look.change(*id));
    let rise = written().filter(|change| change.to > change.from).count() + would.creates;
    let fall = written().filter(|change| change.to < change.from).count();
    let title = match plan {
        Some(_) => "Push exactly this plan?",
        None => "Update now?",
    };
    let names: Vec<&str> =
        would.going_live.iter().filter_map(|id| look.product(*id)).map(|product| product.name.as_str()).collect();
    let body = html! {
        section.panel.ask { div.panel-body {
            p.ask-words { "This writes " strong { (many) } " in ConnectWise: "
                strong { (changes(&would.up, rise)) } " a month up and " strong { (changes(&would.down, fall)) } " a month down." }
            @if would.creates > 0 { p { "It " strong { "creates " (part::plural(would.creates, "addition", "additions")) } " on the agreement that lacks it, each approved; their money is among what goes up. An undo does not delete them." } }
            @if names.is_empty() { p { "No product goes live with it." } } @else {
                p { strong { (part::plural(names.len(), "product goes live", "products go live")) } ": from now on every Update pushes them by itself." }
                ul { @for name in names.iter().take(LISTED_MAX) { li { (part::name(name)) } } @if names.len() > LISTED_MAX { li { "and " (names.len() - LISTED_MAX) " more" } } }
            }
            @if would.waiting > 0 { p.muted { "Not written with it: " (part::plural(would.waiting, "change", "changes")) ", for want of an approval, an answer, go-live or an invoice that is due." } }
            (sample_rows(look, would))
            @if let Some(plan) = plan { p.small { "Plan " code { (plan) } ". If anything has changed by the time it begins, it says so and writes nothing of another plan." } }
            @else { p.small { "It plans anew from fresh data first, and pushes what is live and released then." } }
            form.actions method="post" action=(visitor.path("psa-sync/update/start")) {
                @if let Some(plan) = plan { (part::hidden("plan", &plan.to_string())) }
                @for product in products { (part::hidden("product", &product.to_string())) }
                (part::button("button", &visitor.path("psa-sync/update"), "Not now"))
                (part::submit("button primary", &push_words(plan, &many)))
            }
        } }
    };
    Page::new(visitor, Nav::PsaSync, title).tabs(psa_tabs(visitor, "update")).body(body)
}

fn push_words(plan: Option<&PlanId>, many: &str) -> String {
    if plan.is_some() { format!("Push {many}") } else { format!("Update now: push {many}") }
}

/// The dearest of what would be written, to recognise it by.
fn sample_rows(look: &Look, would: &WouldPush) -> Markup {
    const SHOWN: usize = 10;
    let mut changes: Vec<&Change> = would.additions.iter().filter_map(|id| look.change(*id)).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.money_month.map(hive_core::Money::abs)));
    html! {
        @if !changes.is_empty() {
            p { @if changes.len() > SHOWN { "The " (SHOWN) " dearest of them:" } @else { "These are:" } }
            ul.asked { @for change in changes.iter().take(SHOWN) {
                @if let Some(line) = change.lines.first().and_then(|id| look.line(*id)) {
                    li { (part::name(&line.account)) " × " (part::name(&line.product)) ": " (part::quantity(change.from)) " → " strong { (part::quantity(change.to)) }
                        @if let Some(month) = change.money_month { ", " (part::money_change(month, change.currency.as_deref())) " a month" } }
                }
            } }
            p.small { "Billed a month now by all additions of the plan: " (amounts(&look.usages().billed_now)) "." }
        }
    }
}
