//! Billable items as a file: one row for each product and currency.

use crate::csv::Csv;
use crate::look::Billable;
use crate::{Averages, Look};
use hive_core::Quantity;
use serde::Serialize;
use std::collections::BTreeSet;

/// The columns of CSV, in JSON's words.
pub const BILLABLE_COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &[
        "product",
        "unit",
        "item",
        "accounts",
        "usage",
        "quota_gb",
        "average_30d",
        "additions",
        "billed",
        "unit_price_month_lowest",
        "unit_price_month_highest",
        "money_month",
        "currency",
        "cost_month",
        "margin_month",
    ],
};

/// One product in one currency.
#[derive(Debug, Serialize)]
pub struct BillableView<'a> {
    pub product: &'a str,
    pub unit: String,
    pub item: Option<&'a str>,
    pub accounts: usize,
    pub usage: Option<String>,
    pub quota_gb: Option<String>,
    pub average_30d: Option<String>,
    pub additions: usize,
    pub billed: String,
    pub unit_price_month_lowest: Option<String>,
    pub unit_price_month_highest: Option<String>,
    pub money_month: Option<String>,
    pub currency: Option<&'a str>,
    pub cost_month: Option<String>,
    pub margin_month: Option<String>,
}

impl<'a> BillableView<'a> {
    /// Every product of a look.
    pub fn all(look: &'a Look, averages: Option<&Averages>) -> Vec<BillableView<'a>> {
        look.billables().iter().flat_map(|one| rows(look, one, averages)).collect()
    }
}

fn rows<'a>(look: &'a Look, one: &'a Billable, averages: Option<&Averages>) -> Vec<BillableView<'a>> {
    let Some(product) = look.product(one.product) else { return Vec::new() };
    let mut currencies: BTreeSet<&str> = one.prices.keys().chain(one.money.keys()).map(String::as_str).collect();
    if currencies.is_empty() {
        currencies.insert("");
    }
    let text = |value: Option<Quantity>| value.map(|value| value.to_string());
    let average = averages.and_then(|averages| look.average_of(one.product, averages));
    let row = |currency: &'a str| BillableView {
        product: &product.name,
        unit: product.unit.to_string(),
        item: one.item.and_then(|item| look.item(item)).map(|item| item.identifier.as_str()),
        accounts: one.accounts,
        usage: text(one.usage),
        quota_gb: text(one.quota_gb),
        average_30d: text(average),
        additions: one.additions,
        billed: one.billed.to_string(),
        unit_price_month_lowest: one.prices.get(currency).map(|(lowest, _)| lowest.to_string()),
        unit_price_month_highest: one.prices.get(currency).map(|(_, highest)| highest.to_string()),
        money_month: one.money.get(currency).map(ToString::to_string),
        currency: Some(currency).filter(|code| !code.is_empty()),
        cost_month: one.cost_and_margin(currency).map(|(cost, _)| cost.to_string()),
        margin_month: one.cost_and_margin(currency).map(|(_, margin)| margin.to_string()),
    };
    currencies.into_iter().map(row).collect()
}
