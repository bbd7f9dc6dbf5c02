//! What one product has of its own: basis, ladder, included, minimum, maximum, rounding, agreements.

use super::super::psa_sync::{self, Tab};
use super::fields::{self, PRODUCT, Shown, value_words};
use super::{SettingsForm, Typed, agreements, read, said, set_at, standing, what_if};
use crate::part::{self, Column, Paged, Table};
use crate::{Answer, Do, Fault, Visitor, Web};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use hive_core::ProductId;
use hive_core::settings::{At, Key, Settings};
use hive_core::usage::Product;
use hive_desk::{Averages, Look};
use maud::{Markup, html};
use std::sync::Arc;

fn at(product: &Product) -> At {
    At { product: Some(product.id), account: None }
}

/// Every product with what holds for it.
pub(super) fn panel(visitor: &Visitor, look: &Look) -> Markup {
    let settings = &look.facts.settings;
    let mut products: Vec<&Product> = look.facts.products.iter().collect();
    products.sort_by_key(|product| product.name.to_lowercase());
    let here = visitor.here().without("section");
    let paged = Paged::of(&here, products.len());
    let columns = [
        Column::new("Product"),
        Column::new("Billed on"),
        Column::new("Basis"),
        Column::new("Ladder (GB)"),
        Column::new("Rules of its own"),
        Column::new("Change").unseen(),
    ];
    let rows = html! {
        @for product in paged.slice(&products) {
            tr {
                th scope="row" { (part::name(&product.name)) " " small { (product.unit) } }
                td { @if product.is_storage() { (own(settings, Key::Mode, product)) } @else { span.muted { "actual usage: no quota" } } }
                td { (own(settings, Key::Basis, product)) }
                td { @if product.is_storage() { (own(settings, Key::Ladder, product)) } @else { span.muted { "–" } } }
                td { (bounds(settings, product)) }
                td {
                    a.button href=(visitor.path(&format!("psa-sync/settings/products/{}", product.id)))
                        aria-label={ @if visitor.may(Do::Settings) { "Change" } @else { "Show" } " the settings of " (product.name) } {
                        @if visitor.may(Do::Settings) { "Change" } @else { "Show" }
                    }
                }
            }
        }
    };
    let body = html! {
        @if products.is_empty() {
            p.panel-note { "Products come with usage." }
        } @else {
            (Table { caption: "Products and what holds for them", columns: &columns, sort: None }.rows(rows))
            @if products.len() > part::ROWS_A_PAGE { (part::pager(&here, paged, "product", "products")) }
        }
    };
    part::panel(None, "Products", html! {}, html! { div.anchor id="products" {} (body) })
}

/// A value; set off where it is the product's own.
fn own(settings: &Settings, key: Key, product: &Product) -> Markup {
    let words = value_words(key, settings.text(key, at(product)));
    html! { @if set_at(settings, key, at(product)).is_some() { b title="its own" { (part::name(&words)) } } @else { (part::name(&words)) } }
}

fn bounds(settings: &Settings, product: &Product) -> Markup {
    let keys = [
        Key::Included,
        Key::Minimum,
        Key::Maximum,
        Key::Rounding,
        Key::Classes,
        Key::Overage,
        Key::BracketOf,
        Key::StepItems,
        Key::DeadBand,
    ];
    let set: Vec<String> = keys
        .into_iter()
        .filter_map(|key| Some(format!("{} {}", key.name(), set_at(settings, key, at(product))?)))
        .collect();
    html! { @if set.is_empty() { span.muted { "none" } } @else { b { (set.join(", ")) } } }
}

fn find<'a>(look: &'a Look, text: &str) -> Result<&'a Product, Fault> {
    let found = text.parse().ok().map(ProductId).and_then(|id| look.product(id));
    found.ok_or_else(|| Fault::NotFound(format!("{} has no product {text}.", look.msp.name)))
}

pub(super) async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, product)): Path<(String, String)>,
) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let typed = Typed::of(visitor.here());
    let product = find(&look, &product)?;
    page(&web, &visitor, &look, product, typed.get("section").map(|_| &typed)).await
}

async fn page(web: &Web, visitor: &Visitor, look: &Arc<Look>, product: &Product, typed: Option<&Typed>) -> Answer {
    let settings = &look.facts.settings;
    let here = at(product);
    let read = typed.map(|typed| read(settings, PRODUCT, here, typed)).unwrap_or_default();
    let value = |key: Key| typed.and_then(|typed| typed.get(key.name())).unwrap_or(standing(settings, key, here));
    let measured = if product.is_storage() { web.desk.averages(look).await? } else { None };
    let fields = html! {
        @for field in PRODUCT.iter().filter(|field| product.is_storage() || !of_storage(field.key)) {
            (fields::show(&Shown {
                field,
                value: value(field.key),
                inherits: Some(inherited(settings, field.key)),
                wrong: read.wrong(field.key),
            }))
            @if field.key == Key::Basis { (days_measured(product, measured.as_deref())) }
        }
    };
    let preview = html! { @if typed.is_some() { (what_if::preview(web, visitor, look, &read).await?) } };
    let form = SettingsForm {
        action: visitor.path(&format!("psa-sync/settings/products/{}", product.id)),
        section: "product",
        place: "preview-product",
        button: "Save the settings of this product",
    };
    let body = html! {
        p.back { a href=(visitor.path("psa-sync/settings#products")) { "Show Settings" } " · " (part::name(&product.name)) }
        (part::panel(None, &format!("Settings of {}", product.name.chars().take(part::NAME_SHOWN_MAX).collect::<String>()), html! {}, html! {
            div.panel-body {
                @if !product.is_storage() {
                    p { "Counted in " (product.unit) ": it has no quota, so actual usage or the bracket of the quota makes no difference to it." }
                }
                (agreements::suggested(visitor, look, product))
                (form.markup(visitor, &fields, &preview))
            }
        }))
        (agreements::many(visitor, look, product))
    };
    let page = psa_sync::frame(web, visitor, look, Tab::Settings).await?.body(body);
    Ok(if read.wrong.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Whether a key means nothing for what has no quota.
fn of_storage(key: Key) -> bool {
    matches!(key, Key::Mode | Key::Ladder | Key::Overage | Key::BracketOf | Key::StepItems)
}

/// What holds where the product has no value of its own.
fn inherited(settings: &Settings, key: Key) -> String {
    match key {
        Key::Included | Key::Minimum | Key::Maximum | Key::DeadBand | Key::StepItems => "none".to_owned(),
        Key::Classes => "every class but trial, nfr and internal".to_owned(),
        Key::Rounding => "as the item says".to_owned(),
        Key::Create => "No, as long as nobody switches it on".to_owned(),
        Key::AgreementRule if settings.text(key, At::default()).is_empty() => "as for all, every agreement".to_owned(),
        _ => format!("as for all, {}", value_words(key, settings.text(key, At::default()))),
    }
}

/// How many of the 30 days were measured: what an average would rest on.
fn days_measured(product: &Product, averages: Option<&Averages>) -> Markup {
    let days: Vec<usize> = averages
        .map(|all| all.iter().filter(|((_, of), _)| *of == product.id).map(|(_, days)| days.measured).collect())
        .unwrap_or_default();
    html! {
        @if product.is_storage() {
            p.hint {
                "For storage the average of 30 days is proposed: one day's peak then bills no month. "
                @match (days.iter().min(), days.iter().max()) {
                    (Some(least), Some(most)) if least == most => { (least) " of 30 days are measured at " (part::plural(days.len(), "account", "accounts")) "." },
                    (Some(least), Some(most)) => { (least) " to " (most) " of 30 days are measured at " (part::plural(days.len(), "account", "accounts")) "." },
                    _ => {},
                }
            }
        }
    }
}

pub(super) async fn save(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, product)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Answer {
    visitor.need(Do::Settings)?;
    let typed = Typed(form);
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let product = find(&look, &product)?;
    let settings = web.desk.store.settings(visitor.msp.id).await?;
    let read = read(&settings, PRODUCT, at(product), &typed);
    if !read.wrong.is_empty() {
        return page(&web, &visitor, &look, product, Some(&typed)).await;
    }
    let saved = web.desk.set_settings(&visitor.by(), &read.changes).await;
    let words = saved.map(|()| format!("{}: {}", product.name, said(&settings, &read.changes)));
    Ok(visitor.done_at(words, &visitor.path(&format!("psa-sync/settings/products/{}", product.id))))
}
