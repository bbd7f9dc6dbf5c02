//! `hive link`, `hive unlink`, `hive ignore`: a person's decisions, which nothing overwrites.

use super::import::suspected;
use crate::cli::{Format, Link, One, Side};
use crate::failure::{DONE, Done, Failure};
use crate::house::{House, account_target_words, now, product_target_words};
use crate::show::say;
use hive_core::Quantity;
use hive_core::import::{LinkAsked, LinkRow, LinksKnown, resolve_links};
use hive_core::link::{AccountTarget, LinkedBy, ProductTarget};
use hive_core::unit::{ItemUnit, Unit};
use hive_store::Msp;
use std::collections::BTreeSet;

pub(super) async fn link(house: &House, format: Format, asked: &Link) -> Done {
    let msp = house.msp(&asked.msp).await?;
    let unit = unit(asked)?;
    let target = match (&asked.one, &asked.company, &asked.item) {
        (One { account: Some(_), .. }, Some(company), _) => company.clone(),
        (One { account: Some(_), .. }, None, _) => {
            return Err(Failure::wrong_usage("--account needs --company: the company's id or identifier"));
        }
        (_, _, Some(item)) => item.clone(),
        (One { product: Some(product), .. }, _, None) if unit.is_some() => present_item(house, &msp, product).await?,
        (_, _, None) => {
            return Err(Failure::wrong_usage(
                "--product needs --item (the item's id or identifier), or --unit and --size to confirm what one unit of its item is",
            ));
        }
    };
    ask(house, format, &msp, &asked.one, &target, unit).await
}

pub(super) async fn unlink(house: &House, format: Format, asked: &Side) -> Done {
    let msp = house.msp(&asked.msp).await?;
    ask(house, format, &msp, &asked.one, "", None).await
}

pub(super) async fn ignore(house: &House, format: Format, asked: &Side) -> Done {
    let msp = house.msp(&asked.msp).await?;
    ask(house, format, &msp, &asked.one, "-", None).await
}

/// One row of a links file, typed as a command: the same door, the same words when it is refused.
async fn ask(house: &House, format: Format, msp: &Msp, one: &One, target: &str, unit: Option<ItemUnit>) -> Done {
    let (kind, hive) = match (&one.account, &one.product) {
        (Some(account), _) => ("account", house.account(msp, account).await?.name),
        (None, Some(product)) => ("product", house.product(msp, product).await?.name),
        (None, None) => return Err(Failure::wrong_usage("--account or --product is needed")),
    };
    let row = LinkRow {
        line: 1,
        kind: kind.to_owned(),
        hive: hive.clone(),
        connectwise: target.to_owned(),
        unit: unit.clone(),
    };
    let accounts = house.store.accounts(msp.id).await?;
    let products = house.store.products(msp.id).await?;
    let mirror = house.store.mirror(msp.id).await?;
    let known = LinksKnown { accounts: &accounts, products: &products, mirror: mirror.as_ref() };
    let asked = resolve_links(&[row], known).map_err(|bad| {
        let reasons: Vec<String> = bad.into_iter().map(|row| row.reason).collect();
        Failure::stopped(reasons.join("; "))
    })?;
    let suspected: BTreeSet<_> = if unit.is_some() { suspected(house, msp).await? } else { BTreeSet::new() };
    house.store.apply_links(msp.id, &asked, &suspected, &house.who, now()).await?;
    if let Some(LinkAsked::Account(account, company)) = asked.first() {
        // Said by a person, also where it was matched before.
        let target = Some(AccountTarget::Company(*company));
        house.store.set_account_link(msp.id, *account, target, LinkedBy::Person, &house.who, now()).await?;
    }
    let words = match asked.first() {
        Some(LinkAsked::Account(_, company)) => {
            format!("is linked to {}", account_target_words(AccountTarget::Company(*company)))
        }
        Some(LinkAsked::Product(_, item, _)) => format!(
            "is mapped to {}{}; it is pushed once a person starts an Update with a plan's id",
            product_target_words(ProductTarget::Item(*item)),
            unit.map_or(String::new(), |unit| format!(", one unit of which is {unit}")),
        ),
        Some(LinkAsked::UnlinkAccount(_) | LinkAsked::UnlinkProduct(_)) => {
            "is linked to nothing now; this pair is never linked automatically again".to_owned()
        }
        Some(LinkAsked::IgnoreAccount(_) | LinkAsked::IgnoreProduct(_)) => {
            "is ignored: its usage is counted apart and never pushed".to_owned()
        }
        None => "stays as it was".to_owned(),
    };
    let shared = match asked.first() {
        Some(asked) => shared(house, msp, asked).await?,
        None => String::new(),
    };
    say(format, &format!("{kind} \"{hive}\" {words}.{shared}"))?;
    Ok(DONE)
}

/// Two accounts on one company, or two products on one item, are allowed and add up; a person who did
/// not mean it should see it now.
async fn shared(house: &House, msp: &Msp, asked: &LinkAsked) -> Result<String, Failure> {
    let names: Vec<String> = match asked {
        LinkAsked::Account(account, company) => {
            let accounts = house.store.accounts(msp.id).await?;
            let links = house.store.account_links(msp.id).await?;
            let same =
                links.iter().filter(|link| link.account != *account && link.target == AccountTarget::Company(*company));
            same.filter_map(|link| accounts.iter().find(|found| found.id == link.account))
                .map(|found| format!("\"{}\"", found.name))
                .collect()
        }
        LinkAsked::Product(product, item, _) => {
            let products = house.store.products(msp.id).await?;
            let links = house.store.product_links(msp.id).await?;
            let same =
                links.iter().filter(|link| link.product != *product && link.target == ProductTarget::Item(*item));
            same.filter_map(|link| products.iter().find(|found| found.id == link.product))
                .map(|found| format!("\"{}\"", found.name))
                .collect()
        }
        LinkAsked::UnlinkAccount(_)
        | LinkAsked::IgnoreAccount(_)
        | LinkAsked::UnlinkProduct(_)
        | LinkAsked::IgnoreProduct(_) => Vec::new(),
    };
    if names.is_empty() {
        return Ok(String::new());
    }
    let names = names.join(", ");
    Ok(format!(
        "\nIt shares this with {names}: their usage adds up on one addition. If that is not meant, link one of them elsewhere."
    ))
}

fn unit(asked: &Link) -> Result<Option<ItemUnit>, Failure> {
    let (Some(unit), Some(size)) = (&asked.unit, &asked.size) else { return Ok(None) };
    let unit = Unit::parse(unit).ok_or_else(|| Failure::wrong_usage("--unit is empty"))?;
    let size = Quantity::parse_plain(size).map_err(|error| Failure::wrong_usage(format!("--size: {error}")))?;
    ItemUnit::new(unit, size).map(Some).ok_or_else(|| Failure::wrong_usage("--size must be over 0"))
}

/// The item that a product is mapped to now, for a confirmation of its unit alone.
async fn present_item(house: &House, msp: &Msp, product: &str) -> Result<String, Failure> {
    let product = house.product(msp, product).await?;
    let links = house.store.product_links(msp.id).await?;
    let target = links.iter().find(|link| link.product == product.id).map(|link| link.target);
    match target {
        Some(ProductTarget::Item(item)) => Ok(item.to_string()),
        Some(ProductTarget::Ignored) | None => {
            Err(Failure::stopped(format!("\"{}\" is mapped to no item yet; give --item too", product.name)))
        }
    }
}
