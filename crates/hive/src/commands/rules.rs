//! `hive pin`, `hive quota`, `hive settings`: what shapes a quantity.

use crate::cli::{Format, Pin, Quota};
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, now};
use crate::show::{Align, Csv, say, show, table};
use hive_core::ladder::Ladder;
use hive_core::link::{AccountTarget, ProductTarget};
use hive_core::settings::{At, Key, Scope};
use hive_core::unit::{Storage, Unit};
use hive_core::{AdditionId, Quantity};
use serde::Serialize;

pub(super) async fn pin(house: &House, format: Format, asked: &Pin) -> Done {
    let msp = house.msp(&asked.msp).await?;
    let account = house.account(&msp, &asked.pair.account).await?;
    let product = house.product(&msp, &asked.pair.product).await?;
    let name = format!("{} x {}", account.name, product.name);
    let Some(addition) = asked.addition.map(AdditionId) else {
        house.store.set_pin(msp.id, account.id, product.id, None, &house.who, now()).await?;
        say(format, &format!("{name} has no pin now."))?;
        return Ok(DONE);
    };
    let mirror = house
        .store
        .mirror(msp.id)
        .await?
        .ok_or_else(|| Failure::stopped(format!("nothing was synced yet: hive sync \"{}\"", msp.name)))?;
    let found = mirror.additions.iter().find(|found| found.id == addition);
    let found = found.ok_or_else(|| {
        Failure::stopped(format!("there is no addition {addition} on an active agreement in the last Sync"))
    })?;
    let item = house
        .store
        .product_links(msp.id)
        .await?
        .into_iter()
        .find(|link| link.product == product.id)
        .map(|link| link.target);
    if let Some(ProductTarget::Item(item)) = item
        && item != found.item
    {
        return Err(Failure::stopped(format!(
            "addition {addition} is of item {} ({}), but {} is mapped to item {item}",
            found.item, found.item_identifier, product.name
        )));
    }
    let agreement = mirror.agreements.iter().find(|agreement| agreement.id == found.agreement);
    let company = house
        .store
        .account_links(msp.id)
        .await?
        .into_iter()
        .find(|link| link.account == account.id)
        .map(|link| link.target);
    if let (Some(AccountTarget::Company(company)), Some(agreement)) = (company, agreement)
        && company != agreement.company
    {
        return Err(Failure::stopped(format!(
            "addition {addition} is on agreement {agreement} of company {}, but {} is linked to company {company}",
            agreement.company, account.name
        )));
    }
    house.store.set_pin(msp.id, account.id, product.id, Some(addition), &house.who, now()).await?;
    say(format, &format!("{name} is pinned to addition {addition}."))?;
    Ok(DONE)
}

pub(super) async fn quota(house: &House, format: Format, asked: &Quota) -> Done {
    let msp = house.msp(&asked.msp).await?;
    let account = house.account(&msp, &asked.pair.account).await?;
    let product = house.product(&msp, &asked.pair.product).await?;
    if !product.is_storage() {
        return Err(Failure::stopped(format!(
            "{} is counted in {}: only storage has a quota",
            product.name, product.unit
        )));
    }
    let name = format!("{} x {}", account.name, product.name);
    let (Some(size), Some(unit)) = (&asked.size, &asked.unit) else {
        house.store.set_quota(msp.id, account.id, product.id, None, &house.who, now()).await?;
        say(format, &format!("{name} has no quota now."))?;
        return Ok(DONE);
    };
    let size = Quantity::parse_plain(size).map_err(|error| Failure::wrong_usage(format!("SIZE: {error}")))?;
    let unit = Unit::parse(unit)
        .and_then(|unit| unit.storage())
        .ok_or_else(|| Failure::wrong_usage(format!("UNIT: \"{unit}\" is no unit of storage (GB, TB …)")))?;
    house.store.set_quota(msp.id, account.id, product.id, Some((size, unit, false)), &house.who, now()).await?;
    let ladder = house.store.settings(msp.id).await?.ladder(product.id).unwrap_or_else(Ladder::default);
    let step = unit.convert(size, Storage::GB).and_then(|size_gb| ladder.step(size_gb));
    let bracket = step.map_or(String::new(), |step| format!("; its bracket is {step} GB"));
    say(format, &format!("{name} has a quota of {size} {}{bracket}.", unit.name()))?;
    Ok(DONE)
}

/// What `hive settings` was asked.
pub(super) struct SettingsAsked {
    pub(super) changes: Vec<String>,
    pub(super) product: Option<String>,
    pub(super) account: Option<String>,
}

#[derive(Debug, Serialize)]
struct SettingView {
    key: &'static str,
    value: String,
    default: &'static str,
    product: Option<String>,
    account: Option<String>,
    set: bool,
}

const COLUMNS: Csv<'static> = Csv { rows: "", columns: &["key", "value", "default", "product", "account", "set"] };

pub(super) async fn settings(house: &House, format: Format, msp: &str, asked: &SettingsAsked) -> Done {
    let msp = house.msp(msp).await?;
    let mut at = At::default();
    if let Some(product) = &asked.product {
        at.product = Some(house.product(&msp, product).await?.id);
    }
    if let Some(account) = &asked.account {
        at.account = Some(house.account(&msp, account).await?.id);
    }
    let mut changes = Vec::new();
    for change in &asked.changes {
        let (key, text) =
            change.split_once('=').ok_or_else(|| Failure::wrong_usage(format!("\"{change}\" is not KEY=VALUE")))?;
        let key = Key::parse(key.trim()).map_err(Failure::wrong_usage)?;
        let mut trial = hive_core::settings::Settings::default();
        trial.set(key, at, text.trim()).map_err(Failure::wrong_usage)?;
        changes.push((key, at, text.trim().to_owned()));
    }
    if !changes.is_empty() {
        house.store.set_settings(msp.id, &changes, &house.who, now()).await?;
    }
    let views = views(house, msp.id, at).await?;
    show(format, &views, COLUMNS, || {
        let columns = [
            ("Setting", Align::Left),
            ("Value", Align::Left),
            ("Default", Align::Left),
            ("Product", Align::Left),
            ("Account", Align::Left),
        ];
        let star = |view: &SettingView| if view.set { format!("{} *", view.value) } else { view.value.clone() };
        let rows = views.iter().map(|view| {
            vec![
                view.key.to_owned(),
                star(view),
                view.default.to_owned(),
                view.product.clone().unwrap_or_default(),
                view.account.clone().unwrap_or_default(),
            ]
        });
        format!("{}\n* set by a person", table(&columns, rows))
    })?;
    Ok(DONE)
}

/// The settings in force here, then every override.
async fn views(house: &House, msp: hive_core::MspId, at: At) -> Result<Vec<SettingView>, Failure> {
    let settings = house.store.settings(msp).await?;
    let products = house.store.products(msp).await?;
    let accounts = house.store.accounts(msp).await?;
    let product_name = |at: At| {
        at.product.and_then(|id| products.iter().find(|product| product.id == id)).map(|product| product.name.clone())
    };
    let account_name = |at: At| {
        at.account.and_then(|id| accounts.iter().find(|account| account.id == id)).map(|account| account.name.clone())
    };
    let here = Key::ALL
        .iter()
        .filter(|key| key.allowed_at(at).is_ok() || !matches!(key.scope(), Scope::Msp | Scope::Account))
        .map(|key| SettingView {
            key: key.name(),
            value: settings.text(*key, at).to_owned(),
            default: key.default(),
            product: product_name(at),
            account: account_name(at),
            set: settings.entries().any(|(set, place, _)| set == *key && place == at),
        });
    let mut views: Vec<SettingView> = here.collect();
    views.extend(settings.entries().filter(|(_, place, _)| *place != at && *place != At::default()).map(
        |(key, place, text)| SettingView {
            key: key.name(),
            value: text.to_owned(),
            default: key.default(),
            product: product_name(place),
            account: account_name(place),
            set: true,
        },
    ));
    Ok(views)
}
