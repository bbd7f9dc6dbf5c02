//! What people decided of single accounts, products and lines: everything that is excluded or adjusted, the forms
//! that decide it, the buttons that take it back.
//!
//! **Does not own:** what a decision does (core), the words of what was done (the desk).

use super::psa_sync::{Tab, frame};
use super::shown::who as who_words;
use super::usages::needs;
use crate::auth::Do;
use crate::part::{self, Column, Kind, Paged, Table};
use crate::{Answer, App, Fault, Visitor, Web};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Form, Router};
use hive_core::plan::{Adjust, Adjustment, Exclusion};
use hive_core::{AccountId, Date, LineId, ProductId, Quantity};
use hive_desk::{ExcludedLine, Look, Refused, Said, StaysBilled};
use hive_store::Excluded;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// Excluded lines that a panel of another page lists; the page of all has the rest.
const LISTED_MAX: usize = 20;

pub(super) fn routes() -> Router<App> {
    let at = |rest: &str| format!("/m/{{msp}}/psa-sync/decided{rest}");
    Router::new()
        .route(&at(""), get(show))
        .route(&at("/exclude"), get(ask).post(exclude))
        .route(&at("/include"), post(include))
        .route(&at("/adjust"), post(adjust))
        .route(&at("/adjust-none"), post(adjust_none))
}

const PLACE: &str = "psa-sync/decided";

/// What a form names, as ids; empty: every one.
#[derive(Clone, Debug, Default, Deserialize)]
struct Named {
    #[serde(default)]
    account: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    how: String,
    #[serde(default)]
    quantity: String,
}

fn wrong(words: impl Into<String>) -> Fault {
    Fault::Refused(Refused::WrongUsage(words.into()))
}

impl Named {
    fn what(&self) -> Result<Excluded, Fault> {
        let id = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse::<i64>().map(Some).map_err(|_| wrong(format!("\"{text}\" is no id"))),
        };
        Ok((id(&self.account)?.map(AccountId), id(&self.product)?.map(ProductId)))
    }

    fn pair(&self) -> Result<(AccountId, ProductId), Fault> {
        let (account, product) = self.what()?;
        account.zip(product).ok_or_else(|| wrong("an adjustment is of one account and one product"))
    }

    fn until(&self) -> Result<Option<Date>, Refused> {
        match self.until.trim() {
            "" => Ok(None),
            text => {
                let date = text.parse().map(Some);
                date.map_err(|_| Refused::WrongUsage(format!("\"{text}\" is no date; write 2026-12-31")))
            }
        }
    }

    fn adjust(&self) -> Result<Adjust, Refused> {
        let quantity = Quantity::parse_plain(self.quantity.trim())
            .map_err(|error| Refused::WrongUsage(format!("How many: {error}")))?;
        Adjust::of(&self.how, quantity).ok_or_else(|| Refused::WrongUsage("Choose plus, minus or fixed".to_owned()))
    }
}

async fn exclude(State(web): State<Arc<Web>>, visitor: Visitor, Form(form): Form<Named>) -> Answer {
    visitor.need(Do::Exclude)?;
    let what = form.what()?;
    let said = match form.until() {
        Ok(until) => web.desk.exclude(&visitor.by(), what, &form.reason, until).await,
        Err(refused) => Err(refused),
    };
    Ok(match said {
        // Back to what asked for it only where it was refused: the list shows what is excluded now.
        Ok(Said(words)) => visitor.done_at(Ok(words), &visitor.path(PLACE)),
        Err(refused) => visitor.done(Err::<String, _>(refused), PLACE),
    })
}

async fn include(State(web): State<Arc<Web>>, visitor: Visitor, Form(form): Form<Named>) -> Answer {
    visitor.need(Do::Exclude)?;
    let said = web.desk.include(&visitor.by(), form.what()?).await;
    Ok(visitor.done(said.map(|Said(words)| words), PLACE))
}

async fn adjust(State(web): State<Arc<Web>>, visitor: Visitor, Form(form): Form<Named>) -> Answer {
    visitor.need(Do::Adjust)?;
    let pair = form.pair()?;
    let said = match (form.adjust(), form.until()) {
        (Ok(adjust), Ok(until)) => web.desk.adjust(&visitor.by(), pair, adjust, &form.reason, until).await,
        (Err(refused), _) | (_, Err(refused)) => Err(refused),
    };
    Ok(visitor.done(said.map(|Said(words)| words), PLACE))
}

async fn adjust_none(State(web): State<Arc<Web>>, visitor: Visitor, Form(form): Form<Named>) -> Answer {
    visitor.need(Do::Adjust)?;
    let (account, product) = form.pair()?;
    let said = web.desk.adjust_none(&visitor.by(), account, product).await;
    Ok(visitor.done(said.map(|Said(words)| words), PLACE))
}

/// Where an account, a product or a line is excluded: what stays billed stands before the button.
async fn ask(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let here = visitor.here();
    let text = |name: &str| here.get(name).unwrap_or_default().to_owned();
    let form = Named { account: text("account"), product: text("product"), ..Named::default() };
    let what = form.what()?;
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let name = names(&look, what)?;
    let body = html! {
        section.panel {
            header.panel-head { h2 { "Exclude " (part::name(&name)) } }
            div.panel-body {
                p { "What is excluded is no line of the plan: no Update touches it, no hold and no issue asks about it. It is counted apart until somebody takes it back, or through the day you name." }
                (exclude_form(&visitor, &look, what))
            }
        }
    };
    Ok(frame(&web, &visitor, &look, Tab::Beside)
        .await?
        .titled("Exclude")
        .actions(part::button("button", &visitor.path(PLACE), "Excluded and adjusted"))
        .body(body))
}

/// The address of [`ask`] for an account or a product.
fn ask_path(visitor: &Visitor, (account, product): Excluded) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(account) = account {
        query.append_pair("account", &account.to_string());
    }
    if let Some(product) = product {
        query.append_pair("product", &product.to_string());
    }
    visitor.path(&format!("{PLACE}/exclude?{}", query.finish()))
}

/// In the row of an account or a product: whether it is excluded, else the way to exclude it.
pub(super) fn of_row(visitor: &Visitor, look: &Look, what: Excluded, name: &str) -> Markup {
    let own = look.facts.exclusions.iter().find(|one| (one.account, one.product) == what);
    html! {
        @if let Some(exclusion) = own.filter(|one| one.acts(look.plan.today)) {
            div.small { a href=(visitor.path(PLACE)) { "Excluded" } (through(exclusion.until, look.plan.today)) ": " (exclusion.reason) }
        } @else if visitor.may(Do::Exclude) {
            " " a href=(ask_path(visitor, what)) aria-label={ "Exclude " (name) } { "Exclude" }
        }
    }
}

fn names(look: &Look, what: Excluded) -> Result<String, Fault> {
    let none = || Fault::NotFound(format!("{} has no such account or product.", look.msp.name));
    let account = what.0.map(|id| look.account(id).map(|account| account.name.clone()).ok_or_else(none));
    let product = what.1.map(|id| look.product(id).map(|product| product.name.clone()).ok_or_else(none));
    let names: Vec<String> = account.into_iter().chain(product).collect::<Result<_, _>>()?;
    if names.is_empty() { Err(none()) } else { Ok(names.join(" × ")) }
}

fn ids((account, product): Excluded) -> Markup {
    html! {
        @if let Some(account) = account { (part::hidden("account", &account.to_string())) }
        @if let Some(product) = product { (part::hidden("product", &product.to_string())) }
    }
}

fn exclude_form(visitor: &Visitor, look: &Look, what: Excluded) -> Markup {
    if !visitor.may(Do::Exclude) {
        return html! { p { small { "Excluding " (needs(Do::Exclude)) "." } } };
    }
    let stays = StaysBilled::of(&look.facts, &look.plan, what).words();
    html! {
        form.decide method="post" action=(visitor.path(&format!("{PLACE}/exclude"))) aria-label="Exclude" {
            (ids(what))
            @if !stays.is_empty() { p.stays { (stays) } }
            (why_and_until("exclude"))
            (part::submit("button", "Exclude"))
        }
    }
}

/// Reason and end, each with an id of its own on the page.
fn why_and_until(form: &str) -> Markup {
    html! {
        div.field {
            label for={ (form) "-reason" } { "Reason" }
            input type="text" id={ (form) "-reason" } name="reason" required maxlength="500" autocomplete="off";
        }
        div.field {
            label for={ (form) "-until" } { "Through (optional)" }
            input type="date" id={ (form) "-until" } name="until" aria-describedby={ (form) "-until-hint" };
            p.hint id={ (form) "-until-hint" } { "After that day it ends by itself, and the line says so for a fortnight." }
        }
    }
}

fn adjust_form(visitor: &Visitor, line: LineId, unit: &str) -> Markup {
    if !visitor.may(Do::Adjust) {
        return html! { p { small { "Adjusting " (needs(Do::Adjust)) "." } } };
    }
    html! {
        form.decide method="post" action=(visitor.path(&format!("{PLACE}/adjust"))) aria-label="Adjust" {
            (ids((Some(line.account), Some(line.product))))
            (part::select("how", "What was measured is", &[("plus", "plus"), ("minus", "minus"), ("fixed", "replaced by")], "plus", ""))
            (part::field("text", "quantity", "How many", "", unit))
            (why_and_until("adjust"))
            (part::submit("button", "Adjust"))
        }
    }
}

/// On a line's page: exclude it, adjust it, take either back.
pub(super) fn of_line(visitor: &Visitor, look: &Look, line: LineId) -> Markup {
    let what = (Some(line.account), Some(line.product));
    let unit = look.product_link(line.product).and_then(|link| link.unit.as_ref());
    let unit =
        unit.map_or_else(|| "In units of the item.".to_owned(), |unit| format!("In units of the item: {unit} each."));
    let adjustment = look.adjustment(line.account, line.product);
    part::panel(
        None,
        "Decide for this line alone",
        part::button("button", &visitor.path(PLACE), "Excluded and adjusted"),
        html! {
            div.panel-body {
                @if let Some(adjustment) = adjustment {
                    p { "Adjusted: " strong { (adjustment.adjust) } ", " (adjustment.reason) ", by " (who_words(&adjustment.who)) (through(adjustment.until, look.plan.today)) " " (take_adjustment_back(visitor, adjustment)) }
                }
                (part::reveal(html! { @if adjustment.is_some() { "Adjust it otherwise" } @else { "Adjust" } }, adjust_form(visitor, line, &unit)))
                (part::reveal(html! { "Exclude this line" }, exclude_form(visitor, look, what)))
            }
        },
    )
}

/// In place of the story of a line that is excluded.
pub(super) fn instead(visitor: &Visitor, look: &Look, line: LineId) -> Option<Markup> {
    let exclusion = look.exclusion(line.account, line.product)?;
    Some(part::panel(
        None,
        "Excluded",
        part::button("button", &visitor.path(PLACE), "Excluded and adjusted"),
        html! { div.panel-body {
            p { (part::pill(Kind::Plain, "excluded")) " " (exclusion.reason) ", by " (who_words(&exclusion.who)) ", " (part::time(exclusion.at, &visitor.zone)) (through(exclusion.until, look.plan.today)) "." }
            p { "It is no line of the plan: no Update touches it, and what ConnectWise bills for it stays as it is." }
            (take_exclusion_back(visitor, exclusion))
        } },
    ))
}

fn through(until: Option<Date>, today: Date) -> Markup {
    html! {
        @match until {
            None => "",
            Some(until) if until < today => { ", ended on " (part::date(until)) },
            Some(until) => { ", through " (part::date(until)) },
        }
    }
}

fn take_exclusion_back(visitor: &Visitor, exclusion: &Exclusion) -> Markup {
    let id = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
    let (account, product) = (id(exclusion.account.map(|id| id.0)), id(exclusion.product.map(|id| id.0)));
    if !visitor.may(Do::Exclude) {
        return html! { small { (needs(Do::Exclude)) } };
    }
    let action = visitor.path(&format!("{PLACE}/include"));
    part::post_button(&action, "button", "Take the exclusion back", &[("account", &account), ("product", &product)])
}

fn take_adjustment_back(visitor: &Visitor, adjustment: &Adjustment) -> Markup {
    if !visitor.may(Do::Adjust) {
        return html! { small { (needs(Do::Adjust)) } };
    }
    let action = visitor.path(&format!("{PLACE}/adjust-none"));
    let (account, product) = (adjustment.account.to_string(), adjustment.product.to_string());
    part::post_button(&action, "button", "Take the adjustment back", &[("account", &account), ("product", &product)])
}

/// From Show Settings to the page of all.
pub(super) fn from_settings(visitor: &Visitor, look: &Look) -> Markup {
    let (excluded, adjusted) = (look.facts.exclusions.len(), look.facts.adjustments.len());
    let all = part::button("button", &visitor.path(PLACE), "Excluded and adjusted");
    part::panel(
        None,
        "Decided for single accounts, products and lines",
        all,
        html! { div.panel-body {
            p { (part::plural(excluded, "exclusion", "exclusions")) " and " (part::plural(adjusted, "adjustment", "adjustments")) ", each with its reason and its end. They are no rule: they ask for no go-live, and are in the next plan at once." }
        } },
    )
}

/// Everything that is excluded or adjusted, with its end.
async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let body = html! {
        (exclusions(&visitor, &look))
        (adjustments(&visitor, &look))
        (lines_panel(&visitor, &look, &look.excluded_lines(), usize::MAX))
    };
    Ok(frame(&web, &visitor, &look, Tab::Beside)
        .await?
        .titled("Excluded and adjusted")
        .lead(html! { "What people decided of single accounts, products and lines, and until when." })
        .body(body))
}

fn state(acts: bool) -> Markup {
    if acts { part::pill(Kind::Info, "acts") } else { part::pill(Kind::Plain, "ended") }
}

fn exclusions(visitor: &Visitor, look: &Look) -> Markup {
    let all = &look.facts.exclusions;
    let title = "Excluded";
    if all.is_empty() {
        let words = html! { "Accounts and products are excluded where they stand in a list, a line on its own page. What is ignored is a state of its link, and stands in Show Accounts and Show Products." };
        return part::panel(Some("exclusions"), title, html! {}, part::empty("Nothing is excluded", words, html! {}));
    }
    let columns = ["Account", "Product", "Reason", "Through", "State", "By"].map(Column::new);
    let columns = [&columns[..], &[Column::new("Take back").unseen()]].concat();
    let table = Table { caption: "Exclusions", columns: &columns, sort: None };
    let paged = Paged::of(visitor.here(), all.len());
    let every =
        |name: Option<&str>| html! { @match name { Some(name) => (part::name(name)), None => span.muted { "every" } } };
    part::panel(
        Some("exclusions"),
        title,
        html! {},
        html! {
            (table.rows(html! { @for one in paged.slice(all) { tr {
                th scope="row" { (every(one.account.and_then(|id| look.account(id)).map(|account| account.name.as_str()))) }
                td { (every(one.product.and_then(|id| look.product(id)).map(|product| product.name.as_str()))) }
                td { (one.reason) }
                td { @match one.until { Some(until) => (part::date(until)), None => span.muted { "no end" } } }
                td { (state(one.acts(look.plan.today))) }
                td { (who_words(&one.who)) small.below { (part::time(one.at, &visitor.zone)) } }
                td { (take_exclusion_back(visitor, one)) }
            } } }))
            (part::pager(visitor.here(), paged, "exclusion", "exclusions"))
        },
    )
}

fn adjustments(visitor: &Visitor, look: &Look) -> Markup {
    let all = &look.facts.adjustments;
    if all.is_empty() {
        let words = html! { "A line is adjusted on its own page: plus, minus or fixed, with a reason." };
        return part::panel(
            Some("adjustments"),
            "Adjusted",
            html! {},
            part::empty("Nothing is adjusted", words, html! {}),
        );
    }
    let columns = ["Account", "Product", "Adjusted", "Reason", "Through", "State", "By"].map(Column::new);
    let columns = [&columns[..], &[Column::new("Take back").unseen()]].concat();
    let table = Table { caption: "Adjustments", columns: &columns, sort: None };
    let paged = Paged::of(visitor.here(), all.len());
    let name = |name: Option<&str>| html! { (part::name(name.unwrap_or("(unknown)"))) };
    part::panel(
        Some("adjustments"),
        "Adjusted",
        html! {},
        html! {
            (table.rows(html! { @for one in paged.slice(all) { tr {
                th scope="row" { a href=(visitor.path(&format!("psa-sync/usages/{}", LineId { account: one.account, product: one.product }))) { (name(look.account(one.account).map(|account| account.name.as_str()))) } }
                td { (name(look.product(one.product).map(|product| product.name.as_str()))) }
                td { (one.adjust) }
                td { (one.reason) }
                td { @match one.until { Some(until) => (part::date(until)), None => span.muted { "no end" } } }
                td { (state(one.acts(look.plan.today))) }
                td { (who_words(&one.who)) small.below { (part::time(one.at, &visitor.zone)) } }
                td { (take_adjustment_back(visitor, one)) }
            } } }))
            (part::pager(visitor.here(), paged, "adjustment", "adjustments"))
        },
    )
}

/// The lines that are excluded, each with its reason: decided, so in no sum of what is not billed. Empty where
/// nothing is.
pub(super) fn lines(visitor: &Visitor, look: &Look) -> Markup {
    let all = look.excluded_lines();
    if all.is_empty() {
        html! {}
    } else {
        lines_panel(visitor, look, &all, LISTED_MAX)
    }
}

fn lines_panel(visitor: &Visitor, look: &Look, all: &[ExcludedLine<'_>], most: usize) -> Markup {
    if all.is_empty() {
        return html! {};
    }
    let columns = ["Account", "Product", "Used", "Reason", "Through"].map(Column::new);
    let table = Table { caption: "Excluded lines", columns: &columns, sort: None };
    let paged = Paged::of(visitor.here(), all.len());
    let whole = most == usize::MAX;
    let shown = if whole { paged.slice(all) } else { &all[..all.len().min(most)] };
    let title = format!("Decided, not billed: {}", part::plural(all.len(), "excluded line", "excluded lines"));
    part::panel(
        Some("excluded"),
        &title,
        html! {},
        html! {
            (table.rows(html! { @for one in shown { tr {
                th scope="row" { a href=(visitor.path(&format!("psa-sync/usages/{}", LineId { account: one.account.id, product: one.product.id }))) { (part::name(&one.account.name)) } }
                td { (part::name(&one.product.name)) }
                td { @match look.sample_in_force(one.account.id, one.product.id) { Some(sample) => (sample.unit.counted(sample.quantity)), None => span.muted { "–" } } }
                td { (one.exclusion.reason) }
                td { @match one.exclusion.until { Some(until) => (part::date(until)), None => span.muted { "no end" } } }
            } } }))
            @if whole { (part::pager(visitor.here(), paged, "excluded line", "excluded lines")) }
            @else if all.len() > shown.len() { p.panel-note { a href=(visitor.path(PLACE)) { "All " (part::count(all.len())) " excluded lines" } } }
        },
    )
}
