//! The quota of one line item: what it is, what a request would become, how it changed.

use super::Whose;
use super::billing::{chart, hardness, quota_size, whole_tb};
use crate::part::{self, Card, Column, Kind, Table};
use crate::{Answer, Do, Fault, Nav, Page, Visitor, Web};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use hive_core::ladder::Ladder;
use hive_core::settings::Mode;
use hive_core::unit::{Storage, Unit};
use hive_core::{AccountId, ProductId, Quantity};
use hive_desk::look::LineItem;
use hive_desk::{Look, Past, Refused};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// Steps of the ladder that are offered: from the one usage is on.
const STEPS_OFFERED: usize = 8;
const UNITS: [(&str, &str); 4] = [("GB", "GB"), ("TB", "TB"), ("GiB", "GiB"), ("TiB", "TiB")];

/// What the form holds.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    size: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    hard: String,
    /// `none` takes the quota away.
    #[serde(default)]
    what: String,
}

impl Typed {
    fn of(item: &LineItem<'_>, visitor: &Visitor) -> Typed {
        let here = visitor.here();
        let (size, unit, hard) = match item.quota {
            Some(quota) => (quota.size.to_string(), quota.unit.name().to_owned(), quota.hard),
            None => (String::new(), "GB".to_owned(), false),
        };
        Typed {
            size: here.get("size").map_or(size, str::to_owned),
            unit: here.get("unit").map_or(unit, str::to_owned),
            hard: here.get("hard").map_or_else(|| if hard { "true" } else { "" }.to_owned(), str::to_owned),
            what: String::new(),
        }
    }

    fn read(&self) -> Result<(Quantity, Storage), String> {
        let size = Quantity::parse_plain(self.size.trim()).map_err(|error| error.to_string())?;
        let unit = Unit::parse(&self.unit).and_then(|unit| unit.storage());
        Ok((size, unit.ok_or_else(|| format!("\"{}\" is no unit of storage", self.unit))?))
    }
}

/// Everything the page is made of.
struct Shown<'a> {
    visitor: &'a Visitor,
    look: &'a Look,
    whose: &'a Whose,
    item: &'a LineItem<'a>,
    past: &'a Past,
    typed: &'a Typed,
    /// Why it was not set.
    wrong: Option<&'a str>,
}

fn item_of<'a>(look: &'a Look, whose: &Whose, product: &str) -> Result<LineItem<'a>, Fault> {
    let none = || Fault::NotFound(format!("{} has no product {product}.", look.msp.name));
    let product = product.parse().map(ProductId).map_err(|_| none())?;
    let account = whose.account().map_or(AccountId(0), |account| account.id);
    look.line_item_of(account, product).ok_or_else(none)
}

pub(super) async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, account, product)): Path<(String, String, String)>,
) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let whose = Whose::find(&look, &account)?;
    let item = item_of(&look, &whose, &product)?;
    let typed = Typed::of(&item, &visitor);
    page(&web, &visitor, &look, &whose, &item, &typed, None).await
}

async fn page(
    web: &Web,
    visitor: &Visitor,
    look: &Look,
    whose: &Whose,
    item: &LineItem<'_>,
    typed: &Typed,
    wrong: Option<&str>,
) -> Answer {
    let past = match whose.account() {
        Some(account) => web.desk.past(look, account.id, item.product.id).await?,
        None => Past::default(),
    };
    let shown = Shown { visitor, look, whose, item, past: &past, typed, wrong };
    let back = visitor.path(&format!("accounts/{}/billing", whose.key()));
    let body = html! {
        (tiles(&shown))
        @if item.product.is_storage() {
            (part::panel(None, "Set the quota", html! {}, html! { div.panel-body { (form(&shown)) } }))
        } @else {
            (part::banner(Kind::Info, "Only storage has a quota", html! { (part::name(&item.product.name)) " is counted in " (item.product.unit) "." }, html! {}))
        }
        @if past.usage_gb.len() > 1 { (part::panel(Some("chart"), "Usage and quota", html! {}, chart(whose, item, &past))) }
        (part::panel(Some("history"), "How the quota changed", html! {}, history(&shown)))
    };
    let page = Page::new(visitor, Nav::Accounts, format!("Quota of {}", item.product.name))
        .lead(html! { "For " a href=(back) { (part::name(whose.name())) } ". " (what_it_does(&shown)) })
        .actions(part::button("button", &back, "Billing"))
        .pulse(look.pulse.facts, look.pulse.runs)
        .body(body);
    Ok(if wrong.is_some() { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

/// What the quota is good for here.
fn what_it_does(shown: &Shown<'_>) -> Markup {
    html! {
        @match (shown.whose, shown.item.mode) {
            (Whose::Own(_), _) => "This is the MSP's own quota: it changes no customer's bill, and no customer's quota changes it.",
            (Whose::Customer(_), Mode::QuotaBracket) => "The upper bracket of the quota is billed: a larger quota is a larger bill from the next Update.",
            (Whose::Customer(_), Mode::Actual) => "Actual usage is billed: the quota changes no bill.",
        }
    }
}

fn tiles(shown: &Shown<'_>) -> Markup {
    let item = shown.item;
    let time = |sample: &hive_core::usage::Sample| part::time(sample.measured_at, &shown.visitor.zone);
    html! {
        div.cards id="tiles" data-live {
            (part::card(&Card {
                title: "Used now",
                figure: html! { @match item.sample { Some(sample) => { (part::quantity(sample.quantity)) " " small { (sample.unit.to_string()) } }, None => "Not measured" } },
                detail: html! { @if let Some(sample) = item.sample { "measured " (time(sample)) } },
                ..Card::default()
            }))
            (part::card(&Card {
                title: "Quota",
                figure: html! { @match item.quota { Some(quota) => (quota_size(quota.size, quota.unit)), None => "None" } },
                detail: html! {
                    @match item.quota {
                        Some(quota) if quota.hard => "hard: it never rises by itself",
                        Some(_) => "soft: it rises by itself when usage passes it",
                        None => "usage alone counts",
                    }
                },
                ..Card::default()
            }))
            @if let Some(days) = &shown.past.thirty {
                (part::card(&Card {
                    title: "30-day average",
                    figure: html! { (part::quantity(days.average.nearest_to(hive_core::Decimal::new(1, 2)).unwrap_or(days.average))) " " small { (item.sample.map_or_else(String::new, |sample| sample.unit.to_string())) } },
                    detail: html! { "measured on " (days.measured) " of 30 days" },
                    ..Card::default()
                }))
            }
        }
    }
}

fn form(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, item, typed, wrong, .. } = shown;
    if !visitor.may(Do::Map) {
        return html! { p.hint { (Do::Map.refusal(&visitor.roles, &visitor.msp.name)) } };
    }
    let action = visitor.here().path();
    let hard = typed.hard == "true";
    html! {
        form.stack.wide method="post" action=(action) data-sketch="becomes" {
            div.field {
                label for="size" { "Size" }
                div.size {
                    input type="text" inputmode="decimal" id="size" name="size" value=(typed.size) list="steps" autocomplete="off"
                        aria-describedby="size-hint becomes" aria-invalid=[wrong.map(|_| "true")];
                    select name="unit" aria-label="Unit" { @for (value, words) in UNITS { option value=(value) selected[value.eq_ignore_ascii_case(&typed.unit)] { (words) } } }
                }
                p.hint id="size-hint" { (ladder_words(item)) }
                @if let Some(wrong) = wrong { p.wrong role="alert" { (wrong) } }
            }
            datalist id="steps" { @for step in offered(item) { option value=(step) { (step) " GB" } } }
            (steps(shown))
            fieldset {
                legend { "When usage reaches it" }
                label.checkbox { input type="radio" name="hard" value="" checked[!hard]; " Soft: it rises to usage's own step, and the change is recorded" }
                label.checkbox { input type="radio" name="hard" value="true" checked[hard]; " Hard: it stays, whatever is used" }
            }
            div id="becomes" aria-live="polite" { (becomes(shown)) }
            div.actions {
                (part::submit("button primary", &format!("Set the quota of {}", cut(&item.product.name))))
                button.button type="submit" formmethod="get" { "Check first" }
                @if item.quota.is_some() { button.button.danger type="submit" name="what" value="none" { "Remove the quota" } }
            }
        }
    }
}

/// A name on a button.
fn cut(name: &str) -> String {
    name.chars().take(60).collect()
}

fn ladder_words(item: &LineItem<'_>) -> String {
    match &item.ladder {
        Some(ladder) => {
            format!("Rounded up to the next step of the ladder {ladder} (GB); never below what is used now.")
        }
        None => "This product has no ladder: the size stays as it is. Never below what is used now.".to_owned(),
    }
}

/// The ladder's steps from the one that usage is on.
fn offered(item: &LineItem<'_>) -> Vec<Quantity> {
    let Some(ladder) = &item.ladder else { return Vec::new() };
    let used = item.usage_gb().unwrap_or_default();
    let first = if used.is_zero() { ladder.above(Quantity::ZERO) } else { ladder.step(used) };
    std::iter::successors(first, |step: &Quantity| Ladder::above(ladder, *step)).take(STEPS_OFFERED).collect()
}

/// Each step as one click, so that nobody has to type.
fn steps(shown: &Shown<'_>) -> Markup {
    let steps = offered(shown.item);
    let now = shown.item.quota_gb();
    let here = shown.visitor.here();
    html! {
        @if !steps.is_empty() {
            nav.chips aria-label="Steps of the ladder" {
                @for step in steps {
                    a.chip href=(here.with("size", &step.to_string()).with("unit", "GB")) aria-current=[(now == Some(step)).then_some("true")] {
                        @match whole_tb(step) { Some(tb) => { (tb) " TB" }, None => { (step) " GB" } }
                    }
                }
            }
        }
    }
}

/// What the request becomes, before it is saved.
fn becomes(shown: &Shown<'_>) -> Markup {
    let (item, typed) = (shown.item, shown.typed);
    if typed.size.trim().is_empty() || shown.wrong.is_some() {
        return html! {};
    }
    let account = shown.whose.account().map_or(AccountId(0), |account| account.id);
    let asked = typed.read().and_then(|(size, unit)| {
        let granted = shown.look.quota_asked(account, item.product.id, size, unit)?;
        Ok((granted, unit.convert(size, Storage::GB) == Some(granted), format!("{size} {}", unit.name())))
    });
    html! {
        @match asked {
            Ok((granted, true, _)) if Some(granted) == item.quota_gb() => { p.hint { "This is the quota as it is." } },
            Ok((granted, true, _)) => { p { "The quota becomes " b { (granted) " GB" } "." } },
            Ok((granted, false, asked)) => { p { (asked) " is rounded up: the quota becomes " b { (granted) " GB" } "." } },
            Err(why) => { p.wrong { "This would be refused: " (why) "." } },
        }
    }
}

fn history(shown: &Shown<'_>) -> Markup {
    let columns = [Column::new("When"), Column::new("From"), Column::new("To"), Column::new("Who"), Column::new("Why")];
    let rows = html! {
        @for change in &shown.past.changes {
            tr {
                th scope="row" { (part::time(change.at, &shown.visitor.zone)) }
                td { (change.before.as_deref().unwrap_or("none")) }
                td { (change.after.as_deref().unwrap_or("none")) }
                td { (part::name(&super::super::runs::who_words(&change.who))) }
                td { (part::name(&change.reason)) }
            }
        }
    };
    html! {
        @if shown.past.changes.is_empty() {
            (part::empty("It never changed", html! { "Each change is listed here: who, when, from what to what." }, html! {}))
        } @else {
            (Table { caption: "Changes of the quota, the newest first", columns: &columns, sort: None }.rows(rows))
        }
        @if let Some(quota) = shown.item.quota { p.panel-note { "Now: " (quota_size(quota.size, quota.unit)) " " (hardness(quota.hard)) } }
    }
}

pub(super) async fn set(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, account, product)): Path<(String, String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    visitor.need(Do::Map)?;
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let whose = Whose::find(&look, &account)?;
    let item = item_of(&look, &whose, &product)?;
    let size = match typed.what.as_str() {
        "none" => Ok(None),
        _ => typed.read().map(Some),
    };
    let set = match size {
        Ok(size) => save(&web, &visitor, &whose, item.product.id, size, typed.hard == "true").await,
        Err(why) => Err(Refused::WrongUsage(why)),
    };
    match set {
        Ok(words) => {
            Ok(visitor.done_at(Ok::<_, Refused>(words), &visitor.path(&format!("accounts/{}/billing", whose.key()))))
        }
        Err(refused @ (Refused::Stopped(_) | Refused::WrongUsage(_))) => {
            page(&web, &visitor, &look, &whose, &item, &typed, Some(&refused.to_string())).await
        }
        Err(refused) => Err(refused.into()),
    }
}

/// Sets it; the MSP's own account is made with its first quota.
async fn save(
    web: &Web,
    visitor: &Visitor,
    whose: &Whose,
    product: ProductId,
    size: Option<(Quantity, Storage)>,
    hard: bool,
) -> Result<String, Refused> {
    let by = visitor.by();
    let account = match whose.account() {
        Some(account) => account.id,
        None => web.desk.set_own(&by, None).await?.0,
    };
    Ok(web.desk.set_quota(&by, account, product, size, hard).await?.0)
}
