//! `hive link`, `hive unlink`, `hive ignore`: a person's decisions, which nothing overwrites.

use crate::cli::{Format, Link, One, Side};
use crate::failure::{DONE, Done, Failure};
use crate::house::House;
use crate::show::say;
use hive_core::Quantity;
use hive_core::unit::{ItemUnit, Unit};
use hive_desk::Said;
use hive_store::Msp;

pub(super) async fn link(house: &House, format: Format, asked: &Link) -> Done {
    let msp = house.msp(&asked.msp).await?;
    let unit = unit(asked)?;
    if asked.one.account.is_some() && asked.one.product.is_some() {
        let (Some(item), None) = (&asked.item, &asked.company) else {
            return Err(Failure::wrong_usage(
                "--account with --product needs --item, and no --company: the item that this account's product is billed as",
            ));
        };
        return own_item(house, format, &msp, &asked.one, (item, unit)).await;
    }
    let target = match (&asked.one, &asked.company, &asked.item, &unit) {
        (One { account: Some(_), .. }, Some(company), _, _) => company,
        (One { account: Some(_), .. }, None, _, _) => {
            return Err(Failure::wrong_usage("--account needs --company: the company's id or identifier"));
        }
        (_, _, Some(item), _) => item,
        (One { product: Some(product), .. }, _, None, Some(unit)) => {
            return confirm(house, format, &msp, product, unit.clone()).await;
        }
        (_, _, None, _) => {
            return Err(Failure::wrong_usage(
                "--product needs --item (the item's id or identifier), or --unit and --size to confirm what one unit of its item is",
            ));
        }
    };
    ask(house, format, &msp, &asked.one, target, unit).await
}

pub(super) async fn unlink(house: &House, format: Format, asked: &Side) -> Done {
    let msp = house.msp(&asked.msp).await?;
    if asked.one.account.is_some() && asked.one.product.is_some() {
        return own_item(house, format, &msp, &asked.one, ("", None)).await;
    }
    ask(house, format, &msp, &asked.one, "", None).await
}

pub(super) async fn ignore(house: &House, format: Format, asked: &Side) -> Done {
    let msp = house.msp(&asked.msp).await?;
    if asked.one.account.is_some() && asked.one.product.is_some() {
        return Err(Failure::wrong_usage("an account or a product is ignored: give --account or --product, not both"));
    }
    ask(house, format, &msp, &asked.one, "-", None).await
}

async fn ask(house: &House, format: Format, msp: &Msp, one: &One, target: &str, unit: Option<ItemUnit>) -> Done {
    let (desk, by) = (house.desk(), house.by(msp));
    let Said(words) = match (&one.account, &one.product) {
        (Some(account), _) => desk.link_account(&by, desk.account(msp, account).await?.id, target).await?,
        (None, Some(product)) => desk.map_product(&by, desk.product(msp, product).await?.id, target, unit).await?,
        (None, None) => return Err(Failure::wrong_usage("--account or --product is needed")),
    };
    say(format, &words)?;
    Ok(DONE)
}

/// The item that one account's product is billed as; an empty one takes it back.
async fn own_item(house: &House, format: Format, msp: &Msp, one: &One, (item, unit): (&str, Option<ItemUnit>)) -> Done {
    let (Some(account), Some(product)) = (&one.account, &one.product) else {
        return Err(Failure::wrong_usage("--account and --product are needed"));
    };
    let desk = house.desk();
    let pair = (desk.account(msp, account).await?.id, desk.product(msp, product).await?.id);
    let Said(words) = desk.own_item(&house.by(msp), pair, item, unit).await?;
    say(format, &words)?;
    Ok(DONE)
}

/// A confirmation of the unit alone: of the item that the product is mapped to now.
async fn confirm(house: &House, format: Format, msp: &Msp, product: &str, unit: ItemUnit) -> Done {
    let desk = house.desk();
    let product = desk.product(msp, product).await?.id;
    let Said(words) = desk.confirm_unit(&house.by(msp), product, unit).await?;
    say(format, &words)?;
    Ok(DONE)
}

fn unit(asked: &Link) -> Result<Option<ItemUnit>, Failure> {
    let (Some(unit), Some(size)) = (&asked.unit, &asked.size) else { return Ok(None) };
    let unit = Unit::parse(unit).ok_or_else(|| Failure::wrong_usage("--unit is empty"))?;
    let size = Quantity::parse_plain(size).map_err(|error| Failure::wrong_usage(format!("--size: {error}")))?;
    ItemUnit::new(unit, size).map(Some).ok_or_else(|| Failure::wrong_usage("--size must be over 0"))
}
