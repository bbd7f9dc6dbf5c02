//! What proves a number, and what would become of it: what-if, past months, a past run's line, the
//! configuration as a file.
//!
//! **Owns:** the pages and their forms. **Does not own:** the plans that are compared (the desk).

mod back_test;
mod configuration;
mod run_line;
mod what_if;

pub(super) use run_line::rule;

use crate::part::{self, Here};
use crate::{App, Fault, Visitor, Web};
use axum::Router;
use axum::routing::{get, post};
use hive_core::ProductId;
use hive_core::settings::{At, Key};
use hive_desk::{Look, Refused};
use maud::{Markup, html};

/// Settings that one form asks about together.
const ROWS: usize = 3;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m/{msp}/psa-sync/what-if", get(what_if::show))
        .route("/m/{msp}/psa-sync/back-test", get(back_test::show))
        .route("/m/{msp}/psa-sync/back-test.csv", get(back_test::csv))
        .route("/m/{msp}/psa-sync/back-test.xlsx", get(back_test::spreadsheet))
        .route("/m/{msp}/psa-sync/configuration", get(configuration::show).post(configuration::compare))
        .route("/m/{msp}/psa-sync/configuration/apply", post(configuration::apply))
        .route("/m/{msp}/psa-sync/configuration.toml", get(configuration::download))
        .route("/m/{msp}/runs/{run}/lines/{line}", get(run_line::show))
}

/// What a form asks: settings and where they would stand.
struct Asked {
    changes: Vec<(Key, At, String)>,
    product: Option<ProductId>,
}

/// Whether the form was sent at all.
fn is_asked(here: &Here) -> bool {
    here.get("asked").is_some()
}

async fn asked(web: &Web, visitor: &Visitor) -> Result<Asked, Fault> {
    let here = visitor.here();
    let mut at = At::default();
    if let Some(product) = here.get("product").map(str::trim).filter(|text| !text.is_empty()) {
        at.product = Some(web.desk.product(&visitor.msp, product).await?.id);
    }
    if let Some(account) = here.get("account").map(str::trim).filter(|text| !text.is_empty()) {
        at.account = Some(web.desk.account(&visitor.msp, account).await?.id);
    }
    let mut changes = Vec::new();
    for row in 0..ROWS {
        let Some(key) = here.get(&format!("key{row}")).filter(|key| !key.is_empty()) else { continue };
        let key = Key::parse(key).map_err(Refused::WrongUsage)?;
        changes.push((key, at, here.get(&format!("value{row}")).unwrap_or_default().trim().to_owned()));
    }
    Ok(Asked { changes, product: at.product })
}

/// Rows of a setting and its value, then where they would stand. An empty value asks for the default.
fn fields(visitor: &Visitor, look: &Look) -> Markup {
    let here = visitor.here();
    let finder = |what: &str| visitor.path(&format!("psa-sync/usages/find{what}"));
    let (products, accounts) = (finder("?what=product"), finder(""));
    let of = |id: &'static str, label: &'static str, url: &str, placeholder: &'static str| {
        part::combobox(&part::Combobox {
            id,
            name: id,
            label,
            url,
            value: here.get(id).filter(|text| !text.is_empty()).map(|text| (text.to_owned(), text.to_owned())),
            placeholder,
            sends: false,
        })
    };
    html! {
        (part::hidden("asked", "1"))
        @for row in 0..ROWS {
            @let (key_name, value_name) = (format!("key{row}"), format!("value{row}"));
            @let key = here.get(&key_name).unwrap_or_default();
            div.field {
                label for=(key_name) { "Setting " (row + 1) }
                select id=(key_name) name=(key_name) {
                    option value="" { "–" }
                    @for one in Key::ALL {
                        option value=(one.name()) selected[one.name() == key] {
                            (one.name()) " (now " (shown(look.facts.settings.text(*one, At::default()))) ")"
                        }
                    }
                }
            }
            div.field {
                label for=(value_name) { "would be" }
                input type="text" id=(value_name) name=(value_name) value=(here.get(&value_name).unwrap_or_default()) autocomplete="off";
            }
        }
        div.field { label for="product" { "For the product" } (of("product", "Product", &products, "All products")) }
        div.field { label for="account" { "For the account" } (of("account", "Account", &accounts, "All accounts")) }
    }
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "nothing" } else { text }
}

/// Why a question has no answer, where the person can mend it; anything else is a fault.
fn wrong(fault: Fault) -> Result<Markup, Fault> {
    match fault {
        Fault::Refused(Refused::WrongUsage(why) | Refused::NotFound(why) | Refused::Stopped(why)) => {
            Ok(html! { p.wrong role="alert" { (why) } })
        }
        fault => Err(fault),
    }
}
