//! `hive exclude`, `hive include`, `hive exclusions`, `hive adjust`, `hive adjustments`: what a person decides for
//! one account, one product or one line.

use crate::cli::{Adjust, Adjusting, Exclude, Format, Include, What};
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, now};
use crate::show::{Align, say, show, table};
use hive_core::plan::Adjust as Adjusted;
use hive_core::{Date, Quantity};
use hive_desk::Said;
use hive_desk::view::{ADJUSTMENT_COLUMNS, AdjustmentView, EXCLUSION_COLUMNS, ExclusionView};
use hive_store::{Excluded, Msp};

pub(super) async fn exclude(house: &House, format: Format, asked: &Exclude) -> Done {
    let msp = house.msp(&asked.msp).await?;
    let what = what(house, &msp, &asked.what).await?;
    let until = date(asked.until.as_deref(), "--until")?;
    let Said(words) = house.desk().exclude(&house.by(&msp), what, &asked.reason, until).await?;
    say(format, &words)?;
    Ok(DONE)
}

pub(super) async fn include(house: &House, format: Format, asked: &Include) -> Done {
    let msp = house.msp(&asked.msp).await?;
    let what = what(house, &msp, &asked.what).await?;
    let Said(words) = house.desk().include(&house.by(&msp), what).await?;
    say(format, &words)?;
    Ok(DONE)
}

async fn what(house: &House, msp: &Msp, asked: &What) -> Result<Excluded, Failure> {
    let desk = house.desk();
    let account = match &asked.account {
        Some(account) => Some(desk.account(msp, account).await?.id),
        None => None,
    };
    let product = match &asked.product {
        Some(product) => Some(desk.product(msp, product).await?.id),
        None => None,
    };
    Ok((account, product))
}

/// A date as it is typed on the command line.
pub(super) fn date(text: Option<&str>, option: &str) -> Result<Option<Date>, Failure> {
    let read = |text: &str| {
        let date = text.parse::<Date>();
        date.map_err(|_| Failure::wrong_usage(format!("{option}: \"{text}\" is no date; write 2026-12-31")))
    };
    text.map(read).transpose()
}

pub(super) async fn exclusions(house: &House, format: Format, msp: &str) -> Done {
    let msp = house.msp(msp).await?;
    let all = house.desk().exclusions(&msp, now()).await?;
    show(format, &all, EXCLUSION_COLUMNS, || {
        if all.is_empty() {
            return format!("Nothing of {} is excluded.", msp.name);
        }
        let columns =
            ["Account", "Product", "Reason", "Through", "Acts", "By", "Since"].map(|name| (name, Align::Left));
        let every = |name: &Option<String>| name.clone().unwrap_or_else(|| "(every)".to_owned());
        let row = |one: &ExclusionView| {
            let until = one.until.clone().unwrap_or_default();
            vec![
                every(&one.account),
                every(&one.product),
                one.reason.clone(),
                until,
                acts(one.acts),
                one.who.clone(),
                one.at.clone(),
            ]
        };
        table(&columns, all.iter().map(row))
    })?;
    Ok(DONE)
}

fn acts(acts: bool) -> String {
    if acts { "yes" } else { "ended" }.to_owned()
}

pub(super) async fn adjust(house: &House, format: Format, asked: &Adjust) -> Done {
    let (msp, desk) = (house.msp(&asked.msp).await?, house.desk());
    let account = desk.account(&msp, &asked.pair.account).await?;
    let product = desk.product(&msp, &asked.pair.product).await?;
    let by = house.by(&msp);
    let Said(words) = match (asked.how, &asked.quantity, &asked.reason) {
        (Some(how), Some(quantity), Some(reason)) => {
            let quantity =
                Quantity::parse_plain(quantity).map_err(|error| Failure::wrong_usage(format!("N: {error}")))?;
            let adjust = match how {
                Adjusting::Plus => Adjusted::Plus(quantity),
                Adjusting::Minus => Adjusted::Minus(quantity),
                Adjusting::Fixed => Adjusted::Fixed(quantity),
            };
            let until = date(asked.until.as_deref(), "--until")?;
            desk.adjust(&by, (account.id, product.id), adjust, reason, until).await?
        }
        _ => desk.adjust_none(&by, account.id, product.id).await?,
    };
    say(format, &words)?;
    Ok(DONE)
}

pub(super) async fn adjustments(house: &House, format: Format, msp: &str) -> Done {
    let msp = house.msp(msp).await?;
    let all = house.desk().adjustments(&msp, now()).await?;
    show(format, &all, ADJUSTMENT_COLUMNS, || {
        if all.is_empty() {
            return format!("Nothing of {} is adjusted.", msp.name);
        }
        let columns = ["Account", "Product", "Adjusted", "Reason", "Through", "Acts", "By", "Since"]
            .map(|name| (name, Align::Left));
        let row = |one: &AdjustmentView| {
            let until = one.until.clone().unwrap_or_default();
            let unit = one.unit.as_ref().map_or(String::new(), |unit| format!(" x {unit}"));
            let adjusted = format!("{} {}{unit}", one.adjust, one.quantity);
            let (account, product) = (one.account.clone(), one.product.clone());
            vec![account, product, adjusted, one.reason.clone(), until, acts(one.acts), one.who.clone(), one.at.clone()]
        };
        table(&columns, all.iter().map(row))
    })?;
    Ok(DONE)
}
