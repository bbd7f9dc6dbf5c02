//! What one product or one account has of its own.

use super::{fields, said, set_at};
use crate::part::{self, Column, Combobox, Paged, Table};
use crate::{Answer, Do, Fault, Visitor, Web};
use axum::Form;
use axum::extract::State;
use hive_core::settings::{At, Key};
use hive_core::{AccountId, ProductId};
use hive_desk::{Look, Refused};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// What one account's part may have of its own, in the order of the form.
const OF_A_PART: [Key; 8] =
    [Key::Included, Key::Minimum, Key::Maximum, Key::Rounding, Key::DeadBand, Key::Classes, Key::Basis, Key::Overage];

/// Every override, with a button that takes it back; a form that adds one of actual usage or the bracket.
pub(super) fn panel(visitor: &Visitor, look: &Look) -> Markup {
    let settings = &look.facts.settings;
    let all: Vec<(Key, At, &str)> = settings.entries().filter(|(_, at, _)| *at != At::default()).collect();
    let here = visitor.here().without("section");
    let paged = Paged::of(&here, all.len());
    let columns = [
        Column::new("Setting"),
        Column::new("Product"),
        Column::new("Account"),
        Column::new("Here"),
        Column::new("Otherwise"),
        Column::new("Remove").unseen(),
    ];
    let rows = html! { @for (key, at, text) in paged.slice(&all) { (row(visitor, look, *key, *at, text)) } };
    let body = html! {
        @if all.is_empty() {
            p.panel-note { "No product and no account has a setting of its own." }
        } @else {
            (Table { caption: "Overrides", columns: &columns, sort: None }.rows(rows))
            @if all.len() > part::ROWS_A_PAGE { (part::pager(&here, paged, "override", "overrides")) }
        }
        @if visitor.may(Do::Settings) { div.panel-body { (adding(visitor)) } }
    };
    part::panel(None, "Overrides", html! {}, html! { div.anchor id="overrides" {} (body) })
}

fn row(visitor: &Visitor, look: &Look, key: Key, at: At, text: &str) -> Markup {
    let product = at.product.and_then(|id| look.product(id)).map(|product| product.name.as_str());
    let account = at.account.and_then(|id| look.account(id)).map(|account| account.name.as_str());
    let mut without = look.facts.settings.clone();
    // Taking a setting back is allowed wherever it stands.
    let _ = without.set(key, at, "");
    let label = fields::label(key);
    let of = [product, account].into_iter().flatten().collect::<Vec<_>>().join(", ");
    html! {
        tr {
            th scope="row" { (label) }
            td { @match (product, at.product) { (Some(name), _) => (part::name(name)), (None, Some(id)) => { "product " (id) }, (None, None) => { span.muted { "all" } } } }
            td { @match (account, at.account) { (Some(name), _) => (part::name(name)), (None, Some(id)) => { "account " (id) }, (None, None) => { span.muted { "all" } } } }
            td { (part::name(&fields::value_words(key, text))) }
            td { span.muted { (part::name(&fields::value_words(key, without.text(key, at)))) } }
            td {
                @if visitor.may(Do::Settings) {
                    form.inline method="post" action=(visitor.path("psa-sync/settings/overrides")) {
                        (part::hidden("key", key.name()))
                        @if let Some(id) = at.product { (part::hidden("product", &id.to_string())) }
                        @if let Some(id) = at.account { (part::hidden("account", &id.to_string())) }
                        (part::hidden("value", ""))
                        button.button type="submit" aria-label={ "Remove " (label) " of " (of) } { "Remove" }
                    }
                }
            }
        }
    }
}

fn adding(visitor: &Visitor) -> Markup {
    let (products, accounts) =
        (visitor.path("psa-sync/usages/find?what=product"), visitor.path("psa-sync/usages/find"));
    let of = |id: &'static str, label: &'static str, url: &str, placeholder: &'static str| {
        part::combobox(&Combobox { id, name: id, label, url, value: None, placeholder, sends: false })
    };
    html! {
        form.add-override method="post" action=(visitor.path("psa-sync/settings/overrides")) {
            (part::hidden("key", Key::Mode.name()))
            div.field { label for="product" { "Product" } (of("product", "Product", &products, "All products")) }
            div.field { label for="account" { "Account" } (of("account", "Account", &accounts, "All accounts")) }
            div.field {
                label for="value" { "is billed on" }
                select id="value" name="value" { @for (value, words, _) in fields::MODES { option value=(value) { (words) } } }
            }
            (part::submit("button", "Add an override"))
        }
        (adding_own(&visitor.path("psa-sync/settings/overrides"), &products, &accounts))
    }
}

/// A rule of one account's part: what it is, and its value as `hive settings` takes it.
fn adding_own(action: &str, products: &str, accounts: &str) -> Markup {
    let of = |id: &'static str, name: &'static str, label: &'static str, url: &str| {
        part::combobox(&Combobox { id, name, label, url, value: None, placeholder: "", sends: false })
    };
    html! {
        form.add-override method="post" action=(action) {
            div.field { label for="own-product" { "Product" } (of("own-product", "product", "Product of the rule", products)) }
            div.field { label for="own-account" { "Account" } (of("own-account", "account", "Account of the rule", accounts)) }
            div.field {
                label for="own-key" { "has its own" }
                select id="own-key" name="key" {
                    @for key in OF_A_PART { option value=(key.name()) { (fields::label(key)) } }
                }
            }
            div.field {
                label for="own-value" { "Value" }
                input type="text" id="own-value" name="value" required autocomplete="off" aria-describedby="own-hint";
            }
            (part::submit("button", "Add a rule of one account"))
            p.hint id="own-hint" {
                "It acts on this account's part before the sum; where every part has one, it stands in the place of the item's. A number of units; for rounding up:1; for classes billable,trial; for the basis average_30d, peak_30d, average_period, peak_period or latest; for what is billed true (only what exceeds the quota) or false."
            }
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    key: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    account: String,
    value: String,
}

pub(super) async fn set(State(web): State<Arc<Web>>, visitor: Visitor, Form(asked): Form<Asked>) -> Answer {
    visitor.need(Do::Settings)?;
    let done = change(&web, &visitor, &asked).await;
    match done {
        Err(Fault::Refused(refused)) => Ok(visitor.done_at(Err::<String, _>(refused), &back(&visitor))),
        Err(fault) => Err(fault),
        Ok(words) => Ok(visitor.done_at(Ok(words), &back(&visitor))),
    }
}

fn back(visitor: &Visitor) -> String {
    visitor.path("psa-sync/settings#overrides")
}

async fn change(web: &Web, visitor: &Visitor, asked: &Asked) -> Result<String, Fault> {
    let key = Key::parse(&asked.key).map_err(Refused::WrongUsage)?;
    let removes = asked.value.is_empty();
    let settings = web.desk.store.settings(visitor.msp.id).await?;
    let (mut at, mut names, mut counted) = (At::default(), Vec::new(), None);
    if !asked.product.trim().is_empty() {
        if removes {
            at.product = asked.product.parse().ok().map(ProductId);
        } else {
            let product = web.desk.product(&visitor.msp, asked.product.trim()).await?;
            counted = (!product.is_storage()).then(|| product.unit.to_string());
            names.push(product.name);
            at.product = Some(product.id);
        }
    }
    if !asked.account.trim().is_empty() {
        if removes {
            at.account = asked.account.parse().ok().map(AccountId);
        } else {
            let account = web.desk.account(&visitor.msp, asked.account.trim()).await?;
            names.push(account.name);
            at.account = Some(account.id);
        }
    }
    if at == At::default() {
        return Err(Refused::WrongUsage(
            "Choose a product, an account or both; for all of them change the setting above.".to_owned(),
        )
        .into());
    }
    if removes && set_at(&settings, key, at).is_none() {
        return Err(Refused::NotFound("This override is gone already.".to_owned()).into());
    }
    let changes = [(key, at, asked.value.clone())];
    web.desk.set_settings(&visitor.by(), &changes).await?;
    let note = counted.filter(|_| key == Key::Mode).map_or(String::new(), |unit| {
        format!(" It is counted in {unit} and has no quota, so this changes nothing of it.")
    });
    let of = if names.is_empty() { String::new() } else { format!("{}: ", names.join(", ")) };
    Ok(format!("{of}{}{note}", said(&settings, &changes)))
}
