//! `hive pin`, `hive quota`, `hive settings`: what shapes a quantity.

use crate::cli::{Format, Pin, Quota};
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, now};
use crate::show::{Align, say, show, table, tell, trial};
use hive_core::settings::{At, Key};
use hive_core::unit::{Storage, Unit};
use hive_core::{AdditionId, ProductId, Quantity};
use hive_desk::Said;
use hive_desk::view::{SETTINGS_COLUMNS, SettingView, TRIAL_COLUMNS};
use hive_store::Msp;

pub(super) async fn pin(house: &House, format: Format, asked: &Pin) -> Done {
    let (msp, desk) = (house.msp(&asked.msp).await?, house.desk());
    let account = desk.account(&msp, &asked.pair.account).await?;
    let product = desk.product(&msp, &asked.pair.product).await?;
    let addition = asked.addition.map(AdditionId);
    let Said(words) = desk.pin(&house.by(&msp), account.id, product.id, addition).await?;
    say(format, &words)?;
    Ok(DONE)
}

pub(super) async fn quota(house: &House, format: Format, asked: &Quota) -> Done {
    let (msp, desk) = (house.msp(&asked.msp).await?, house.desk());
    let account = desk.account(&msp, &asked.pair.account).await?;
    let product = desk.product(&msp, &asked.pair.product).await?;
    let size = size(asked)?;
    let Said(words) = desk.set_quota(&house.by(&msp), account.id, product.id, size, asked.hard).await?;
    say(format, &words)?;
    Ok(DONE)
}

fn size(asked: &Quota) -> Result<Option<(Quantity, Storage)>, Failure> {
    let (Some(size), Some(unit)) = (&asked.size, &asked.unit) else { return Ok(None) };
    let size = Quantity::parse_plain(size).map_err(|error| Failure::wrong_usage(format!("SIZE: {error}")))?;
    let unit = Unit::parse(unit)
        .and_then(|unit| unit.storage())
        .ok_or_else(|| Failure::wrong_usage(format!("UNIT: \"{unit}\" is no unit of storage (GB, TB …)")))?;
    Ok(Some((size, unit)))
}

/// What `hive settings` was asked.
pub(super) struct SettingsAsked {
    pub(super) changes: Vec<String>,
    pub(super) product: Option<String>,
    pub(super) account: Option<String>,
    /// Only what it would do.
    pub(super) tried: bool,
}

/// A rule that would do what people's pins do: told beside the settings, never saved by itself.
async fn suggest(house: &House, msp: &Msp, product: ProductId) -> Result<(), Failure> {
    let desk = house.desk();
    if let Some(rule) = desk.suggested_rule(msp, product, now()).await? {
        tell(&format!(
            "{} Try it: hive settings \"{}\" --product {product} \"agreement_rule={}\" --try",
            rule.words(),
            msp.name,
            rule.rule
        ));
    }
    Ok(())
}

/// Which settings are meant, and where.
pub(super) async fn read(
    house: &House,
    msp: &Msp,
    asked: &SettingsAsked,
) -> Result<(At, Vec<(Key, At, String)>), Failure> {
    let (desk, mut at) = (house.desk(), At::default());
    if let Some(product) = &asked.product {
        at.product = Some(desk.product(msp, product).await?.id);
    }
    if let Some(account) = &asked.account {
        at.account = Some(desk.account(msp, account).await?.id);
    }
    let mut changes = Vec::new();
    for change in &asked.changes {
        let (key, text) =
            change.split_once('=').ok_or_else(|| Failure::wrong_usage(format!("\"{change}\" is not KEY=VALUE")))?;
        changes.push((Key::parse(key.trim()).map_err(Failure::wrong_usage)?, at, text.trim().to_owned()));
    }
    Ok((at, changes))
}

pub(super) async fn settings(house: &House, format: Format, msp: &str, asked: &SettingsAsked) -> Done {
    let (msp, desk) = (house.msp(msp).await?, house.desk());
    let (at, changes) = read(house, &msp, asked).await?;
    if asked.tried {
        let trial = desk.try_rule_now(&msp, now(), &changes).await?;
        show(format, &trial, TRIAL_COLUMNS, || trial::words(&trial))?;
        return Ok(DONE);
    }
    desk.set_settings(&house.by(&msp), &changes).await?;
    let views = desk.settings(&msp, at).await?;
    show(format, &views, SETTINGS_COLUMNS, || {
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
    if let (Some(product), None, true) = (at.product, at.account, changes.is_empty()) {
        suggest(house, &msp, product).await?;
    }
    Ok(DONE)
}
