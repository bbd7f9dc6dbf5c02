//! A links file against the accounts, products and records that are known.

use super::BadRow;
use super::usage::clean;
use crate::ids::{AccountId, CompanyId, ItemId, ProductId};
use crate::mirror::Mirror;
use crate::unit::{ItemUnit, Unit};
use crate::usage::{Account, Product};
use std::collections::HashMap;

/// One row of a links file as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    pub line: u64,
    pub kind: String,
    pub hive: String,
    pub connectwise: String,
    /// What one unit of the item is, where the row says so.
    pub unit: Option<ItemUnit>,
}

/// What is known before a links file is read.
#[derive(Clone, Copy, Debug)]
pub struct LinksKnown<'a> {
    pub accounts: &'a [Account],
    pub products: &'a [Product],
    pub mirror: Option<&'a Mirror>,
}

/// What a row asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkAsked {
    Account(AccountId, CompanyId),
    UnlinkAccount(AccountId),
    IgnoreAccount(AccountId),
    Product(ProductId, ItemId, Option<ItemUnit>),
    UnlinkProduct(ProductId),
    IgnoreProduct(ProductId),
}

/// All rows or none.
pub fn resolve_links(rows: &[LinkRow], known: LinksKnown<'_>) -> Result<Vec<LinkAsked>, Vec<BadRow>> {
    let mut asked = Vec::new();
    let mut bad = Vec::new();
    let mut seen: HashMap<(bool, i64), u64> = HashMap::new();
    for row in rows {
        match ask(row, known) {
            Ok(ask) => {
                let key = subject(&ask);
                if let Some(before) = seen.insert(key, row.line) {
                    let reason = format!("\"{}\" stands in line {before} already", row.hive);
                    bad.push(BadRow { line: row.line, column: "hive".into(), reason });
                }
                asked.push(ask);
            }
            Err((column, reason)) => bad.push(BadRow { line: row.line, column: column.to_owned(), reason }),
        }
    }
    if bad.is_empty() { Ok(asked) } else { Err(bad) }
}

type Refused = (&'static str, String);

fn ask(row: &LinkRow, known: LinksKnown<'_>) -> Result<LinkAsked, Refused> {
    let name = clean(&row.hive);
    let target = row.connectwise.trim();
    match row.kind.trim() {
        "account" => {
            let account = known.accounts.iter().find(|account| account.name == name).map(|account| account.id);
            let account = account.ok_or_else(|| ("hive", format!("no account is called \"{name}\"")))?;
            match target {
                "" => Ok(LinkAsked::UnlinkAccount(account)),
                "-" => Ok(LinkAsked::IgnoreAccount(account)),
                text => Ok(LinkAsked::Account(account, company(text, mirror(known)?)?)),
            }
        }
        "product" => {
            let product = known.products.iter().find(|product| product.name == name);
            let product = product.ok_or_else(|| ("hive", format!("no product is called \"{name}\"")))?;
            match target {
                "" => Ok(LinkAsked::UnlinkProduct(product.id)),
                "-" => Ok(LinkAsked::IgnoreProduct(product.id)),
                text => {
                    let item = item(text, mirror(known)?)?;
                    let unit =
                        row.unit.clone().map(|unit| fits(product, unit)).transpose().map_err(|why| ("unit", why))?;
                    Ok(LinkAsked::Product(product.id, item, unit))
                }
            }
        }
        other => Err(("kind", format!("\"{other}\" is neither account nor product"))),
    }
}

/// The unit of an item must count what the product is measured in.
pub(crate) fn fits(product: &Product, unit: ItemUnit) -> Result<ItemUnit, String> {
    let storage = |unit: &Unit| unit.storage().is_some();
    if storage(&product.unit) == storage(&unit.unit) {
        return Ok(unit);
    }
    Err(format!("\"{}\" is measured in {}; one unit of its item cannot be {unit}", product.name, product.unit))
}

fn mirror(known: LinksKnown<'_>) -> Result<&Mirror, Refused> {
    known.mirror.ok_or_else(|| ("connectwise", "nothing was synced yet; run a Sync first (hive sync)".to_owned()))
}

fn company(text: &str, mirror: &Mirror) -> Result<CompanyId, Refused> {
    let records = mirror.companies.iter().map(|c| (c.id.0, c.identifier.as_str(), c.name.as_str(), c.deleted));
    find(text, "company", records).map(CompanyId)
}

fn item(text: &str, mirror: &Mirror) -> Result<ItemId, Refused> {
    let records = mirror.items.iter().map(|i| (i.id.0, i.identifier.as_str(), i.description.as_str(), false));
    find(text, "item", records).map(ItemId)
}

/// An id (digits), or an identifier where exactly one matches.
fn find<'a>(
    text: &str,
    what: &str,
    mut records: impl Iterator<Item = (i64, &'a str, &'a str, bool)>,
) -> Result<i64, Refused> {
    let refuse = |reason: String| ("connectwise", reason);
    let (text, digits) = match text.strip_prefix("identifier:") {
        Some(identifier) => (identifier.trim(), false),
        None => (text, text.bytes().all(|b| b.is_ascii_digit())),
    };
    if digits {
        let found = records.find(|(id, ..)| id.to_string() == text);
        let (id, _, name, deleted) =
            found.ok_or_else(|| refuse(format!("no {what} has the id {text} in the last Sync")))?;
        return if deleted { Err(refuse(format!("{what} {id} \"{name}\" is deleted in ConnectWise"))) } else { Ok(id) };
    }
    let found: Vec<i64> =
        records.filter(|(_, identifier, _, deleted)| !deleted && *identifier == text).map(|r| r.0).collect();
    match found.as_slice() {
        [id] => Ok(*id),
        [] => Err(refuse(format!("no {what} has the identifier \"{text}\" in the last Sync"))),
        several => Err(refuse(format!(
            "{} {what} records have the identifier \"{text}\": {several:?}; write the id",
            several.len()
        ))),
    }
}

fn subject(ask: &LinkAsked) -> (bool, i64) {
    match ask {
        LinkAsked::Account(id, _) | LinkAsked::UnlinkAccount(id) | LinkAsked::IgnoreAccount(id) => (true, id.0),
        LinkAsked::Product(id, _, _) | LinkAsked::UnlinkProduct(id) | LinkAsked::IgnoreProduct(id) => (false, id.0),
    }
}
