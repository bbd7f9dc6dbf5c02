//! What a configuration holds: one table of sections. A new kind of record is one more [`Section`].

use crate::rules::must_be_of_the_company;
use hive_core::import::{LinkAsked, LinkRow, LinksKnown, resolve_links};
use hive_core::link::{AccountLink, AccountTarget, LinkedBy, Pin, ProductLink, ProductTarget};
use hive_core::plan::Facts;
use hive_core::settings::{At, Key};
use hive_core::unit::{ItemUnit, Unit};
use hive_core::usage::{Account, Product};
use hive_core::{AdditionId, Quantity, Timestamp};
use hive_store::ConfigChange;
use std::collections::BTreeMap;

/// One entry: its fields with their values.
pub type Row = BTreeMap<&'static str, String>;

/// The field that is wrong, and why.
type Wrong = (&'static str, String);

/// One kind of record: how it is named, read from the facts, judged and changed.
pub(super) struct Section {
    /// `[[name]]`
    pub(super) name: &'static str,
    /// The fields that say which record.
    pub(super) keys: &'static [&'static str],
    /// Those of them that may be left out.
    pub(super) optional: &'static [&'static str],
    /// The fields that say what it is to be; the first must be there.
    pub(super) fields: &'static [&'static str],
    /// Fields that hold ids of ConnectWise: written as numbers.
    pub(super) ids: &'static [&'static str],
    /// Every record that stands.
    pub(super) all: fn(&Facts) -> Vec<Row>,
    /// The entry in its one spelling, or which field is wrong.
    pub(super) check: fn(&Facts, &Row) -> Result<Row, Wrong>,
    /// What the store is to change for a checked entry (`true`: to take it away); the facts follow.
    pub(super) change: fn(&mut Facts, &Row, bool) -> Result<ConfigChange, Wrong>,
}

impl Section {
    /// The values that say which record.
    pub(super) fn key(&self, row: &Row) -> Vec<String> {
        self.keys.iter().map(|field| row.get(field).cloned().unwrap_or_default()).collect()
    }
}

/// All of them, in the order of the document.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "account",
        keys: &["name"],
        optional: &[],
        fields: &["company"],
        ids: &["company"],
        all: accounts,
        check: |facts, row| link_check(facts, "account", "company", row),
        change: account_change,
    },
    Section {
        name: "product",
        keys: &["name"],
        optional: &[],
        fields: &["item", "unit", "size"],
        ids: &["item"],
        all: products,
        check: |facts, row| link_check(facts, "product", "item", row),
        change: product_change,
    },
    Section {
        name: "setting",
        keys: &["key", "product", "account"],
        optional: &["product", "account"],
        fields: &["value"],
        ids: &[],
        all: settings,
        check: setting_check,
        change: setting_change,
    },
    Section {
        name: "pin",
        keys: &["account", "product"],
        optional: &[],
        fields: &["addition"],
        ids: &["addition"],
        all: pins,
        check: pin_check,
        change: pin_change,
    },
];

const IGNORED: &str = "ignored";

fn get<'a>(row: &'a Row, field: &str) -> &'a str {
    row.get(field).map_or("", String::as_str)
}

/// The account that an entry names.
pub(super) fn account<'a>(facts: &'a Facts, row: &Row, field: &'static str) -> Result<&'a Account, Wrong> {
    let name = get(row, field);
    let found = facts.accounts.iter().find(|account| account.name == name);
    found.ok_or_else(|| (field, format!("no account is called \"{name}\"")))
}

/// The product that an entry names.
pub(super) fn product<'a>(facts: &'a Facts, row: &Row, field: &'static str) -> Result<&'a Product, Wrong> {
    let name = get(row, field);
    let found = facts.products.iter().find(|product| product.name == name);
    found.ok_or_else(|| (field, format!("no product is called \"{name}\"")))
}

fn accounts(facts: &Facts) -> Vec<Row> {
    let row = |link: &AccountLink| {
        let name = facts.accounts.iter().find(|account| account.id == link.account)?.name.clone();
        let company = match link.target {
            AccountTarget::Company(company) => company.to_string(),
            AccountTarget::Ignored => IGNORED.to_owned(),
        };
        Some(Row::from([("name", name), ("company", company)]))
    };
    facts.account_links.iter().filter_map(row).collect()
}

fn products(facts: &Facts) -> Vec<Row> {
    let row = |link: &ProductLink| {
        let name = facts.products.iter().find(|product| product.id == link.product)?.name.clone();
        let item = match link.target {
            ProductTarget::Item(item) => item.to_string(),
            ProductTarget::Ignored => IGNORED.to_owned(),
        };
        let mut row = Row::from([("name", name), ("item", item)]);
        if let Some(unit) = &link.unit {
            row.insert("unit", unit.unit.to_string());
            row.insert("size", unit.size.to_string());
        }
        Some(row)
    };
    facts.product_links.iter().filter_map(row).collect()
}

fn settings(facts: &Facts) -> Vec<Row> {
    let row = |(key, at, text): (Key, At, &str)| {
        let mut row = Row::from([("key", key.name().to_owned()), ("value", text.to_owned())]);
        if let Some(id) = at.product {
            row.insert("product", facts.products.iter().find(|product| product.id == id)?.name.clone());
        }
        if let Some(id) = at.account {
            row.insert("account", facts.accounts.iter().find(|account| account.id == id)?.name.clone());
        }
        Some(row)
    };
    facts.settings.entries().filter_map(row).collect()
}

fn pins(facts: &Facts) -> Vec<Row> {
    let row = |pin: &Pin| {
        let account = facts.accounts.iter().find(|account| account.id == pin.account)?.name.clone();
        let product = facts.products.iter().find(|product| product.id == pin.product)?.name.clone();
        Some(Row::from([("account", account), ("product", product), ("addition", pin.addition.to_string())]))
    };
    facts.pins.iter().filter_map(row).collect()
}

/// The unit of an entry, where it has one.
fn unit_of(row: &Row) -> Result<Option<ItemUnit>, Wrong> {
    let (unit, size) = (get(row, "unit"), get(row, "size"));
    match (unit.is_empty(), size.is_empty()) {
        (true, true) => return Ok(None),
        (false, true) => return Err(("size", "it is missing: how many of unit one unit of the item holds".to_owned())),
        (true, false) => return Err(("unit", "it is missing: what one unit of the item is counted in".to_owned())),
        (false, false) => {}
    }
    let unit = Unit::parse(unit).ok_or_else(|| ("unit", format!("\"{unit}\" is no unit")))?;
    let size = Quantity::parse_plain(size).map_err(|error| ("size", error.to_string()))?;
    let unit = ItemUnit::new(unit, size).ok_or_else(|| ("size", "it must be more than 0".to_owned()))?;
    Ok(Some(unit))
}

/// A link as a links file asks for it: the same door, the same words.
fn link_asked(facts: &Facts, kind: &str, target: &'static str, row: &Row, remove: bool) -> Result<LinkAsked, Wrong> {
    let connectwise = match get(row, target) {
        _ if remove => "",
        IGNORED => "-",
        text => text,
    };
    let asked = LinkRow {
        line: 1,
        kind: kind.to_owned(),
        hive: get(row, "name").to_owned(),
        connectwise: connectwise.to_owned(),
        unit: if remove { None } else { unit_of(row)? },
    };
    let known = LinksKnown { accounts: &facts.accounts, products: &facts.products, mirror: facts.mirror.as_ref() };
    let asked = resolve_links(&[asked], known).map_err(|bad| {
        let bad = bad.into_iter().next();
        let column = bad.as_ref().map_or("", |bad| bad.column.as_str());
        let field = ["unit", "size"].into_iter().find(|field| *field == column);
        let field = field.unwrap_or(if column == "hive" { "name" } else { target });
        (field, bad.map_or_else(String::new, |bad| bad.reason))
    })?;
    asked.into_iter().next().ok_or((target, "it asks for nothing".to_owned()))
}

fn link_check(facts: &Facts, kind: &str, target: &'static str, row: &Row) -> Result<Row, Wrong> {
    if get(row, target).is_empty() || get(row, target) == "-" {
        return Err((target, format!("it is an id, an identifier or \"{IGNORED}\"; to unlink, write remove = true")));
    }
    let mut checked = row.clone();
    let id = match link_asked(facts, kind, target, row, false)? {
        LinkAsked::Account(_, company) => company.to_string(),
        LinkAsked::Product(_, item, unit) => {
            if let Some(unit) = unit {
                checked.insert("unit", unit.unit.to_string());
                checked.insert("size", unit.size.to_string());
            }
            item.to_string()
        }
        LinkAsked::UnlinkAccount(_)
        | LinkAsked::IgnoreAccount(_)
        | LinkAsked::UnlinkProduct(_)
        | LinkAsked::IgnoreProduct(_) => IGNORED.to_owned(),
    };
    checked.insert(target, id);
    Ok(checked)
}

fn account_change(facts: &mut Facts, row: &Row, remove: bool) -> Result<ConfigChange, Wrong> {
    let asked = link_asked(facts, "account", "company", row, remove)?;
    let id = account(facts, row, "name")?.id;
    facts.account_links.retain(|link| link.account != id);
    let target = match &asked {
        LinkAsked::Account(_, company) => Some(AccountTarget::Company(*company)),
        LinkAsked::IgnoreAccount(_) => Some(AccountTarget::Ignored),
        _ => None,
    };
    facts.account_links.extend(target.map(|target| AccountLink {
        account: id,
        target,
        by: LinkedBy::Person,
        who: String::new(),
        at: Timestamp::UNIX_EPOCH,
    }));
    Ok(ConfigChange::Link(asked))
}

fn product_change(facts: &mut Facts, row: &Row, remove: bool) -> Result<ConfigChange, Wrong> {
    let asked = link_asked(facts, "product", "item", row, remove)?;
    let id = product(facts, row, "name")?.id;
    facts.product_links.retain(|link| link.product != id);
    let target = match &asked {
        LinkAsked::Product(_, item, _) => Some(ProductTarget::Item(*item)),
        LinkAsked::IgnoreProduct(_) => Some(ProductTarget::Ignored),
        _ => None,
    };
    facts.product_links.extend(target.map(|target| ProductLink {
        product: id,
        target,
        unit: None,
        unit_trusted: false,
        by: LinkedBy::Person,
        who: String::new(),
        at: Timestamp::UNIX_EPOCH,
    }));
    Ok(ConfigChange::Link(asked))
}

fn place(facts: &Facts, row: &Row) -> Result<At, Wrong> {
    let mut at = At::default();
    if row.contains_key("product") {
        at.product = Some(product(facts, row, "product")?.id);
    }
    if row.contains_key("account") {
        at.account = Some(account(facts, row, "account")?.id);
    }
    Ok(at)
}

fn setting_check(facts: &Facts, row: &Row) -> Result<Row, Wrong> {
    let key = Key::parse(get(row, "key")).map_err(|why| ("key", why))?;
    let at = place(facts, row)?;
    key.allowed_at(at).map_err(|why| ("key", why))?;
    if get(row, "value").is_empty() {
        return Err(("value", "it is empty; to take a setting back, write remove = true".to_owned()));
    }
    let mut checked = row.clone();
    checked.insert("value", key.check(get(row, "value")).map_err(|why| ("value", why))?);
    Ok(checked)
}

fn setting_change(facts: &mut Facts, row: &Row, remove: bool) -> Result<ConfigChange, Wrong> {
    let key = Key::parse(get(row, "key")).map_err(|why| ("key", why))?;
    let at = place(facts, row)?;
    let text = if remove { "" } else { get(row, "value") };
    facts.settings.set(key, at, text).map_err(|why| ("value", why))?;
    Ok(ConfigChange::Setting(key, at, text.to_owned()))
}

fn pin_check(facts: &Facts, row: &Row) -> Result<Row, Wrong> {
    let (account, product) = (account(facts, row, "account")?, product(facts, row, "product")?);
    let text = get(row, "addition");
    let found = text.parse().ok().map(AdditionId);
    let mirror = facts.mirror.as_ref().ok_or_else(|| ("addition", "nothing was synced yet".to_owned()))?;
    let found = found.and_then(|id| mirror.additions.iter().find(|addition| addition.id == id));
    let Some(found) = found else {
        return Err(("addition", format!("there is no addition {text} on an active agreement in the last Sync")));
    };
    let item = facts.product_links.iter().find(|link| link.product == product.id).map(|link| link.target);
    if let Some(ProductTarget::Item(item)) = item
        && item != found.item
    {
        let words = format!("addition {text} is of item {}, but {} is mapped to item {item}", found.item, product.name);
        return Err(("addition", words));
    }
    let target = facts.account_links.iter().find(|link| link.account == account.id).map(|link| link.target);
    must_be_of_the_company(mirror, found, account, target).map_err(|why| ("addition", why.to_string()))?;
    Ok(row.clone())
}

fn pin_change(facts: &mut Facts, row: &Row, remove: bool) -> Result<ConfigChange, Wrong> {
    let (account, product) = (account(facts, row, "account")?.id, product(facts, row, "product")?.id);
    let addition = if remove { None } else { get(row, "addition").parse().ok().map(AdditionId) };
    Ok(ConfigChange::Pin(account, product, addition))
}
