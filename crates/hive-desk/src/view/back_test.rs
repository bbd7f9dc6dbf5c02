//! What past months would have billed, as others read it.

use crate::back_test::{BackTest, Billed, Month};
use crate::csv::Csv;
use crate::money::Sums;
use hive_core::settings::{At, Key};
use hive_core::{Money, ProductId, Quantity};
use serde::Serialize;
use std::collections::BTreeSet;

/// Past months.
#[derive(Debug, Serialize)]
pub struct BackTestView<'a> {
    pub msp: &'a str,
    /// `KEY=VALUE` as they were compared; nothing is stored.
    pub with: Vec<String>,
    /// What is not as it was then.
    pub note: &'static str,
    pub rows: Vec<BackTestRow>,
}

/// One month of some products in one currency; `product` is null for the month's total.
#[derive(Clone, Debug, Serialize)]
pub struct BackTestRow {
    /// `2026-10`
    pub month: String,
    pub product: Option<String>,
    /// Nothing was measured: no number is known, and none is 0.
    pub no_samples: bool,
    pub quantity: Option<String>,
    pub quantity_with: Option<String>,
    pub quantity_difference: Option<String>,
    pub currency: Option<String>,
    pub money: Option<String>,
    pub money_with: Option<String>,
    pub money_difference: Option<String>,
    /// Additions whose quantity could not be known.
    pub unknown: usize,
    pub unknown_with: Option<usize>,
}

/// What the numbers leave out, in words.
pub const BACK_TEST_NOTE: &str = "Replayed from stored samples, each month as of its last day, through today's links, rules, quotas, agreements and prices. Holds and people's answers are left out.";

/// The columns of CSV: the rows.
pub const BACK_TEST_COLUMNS: Csv<'static> = Csv {
    rows: "rows",
    columns: &[
        "month",
        "product",
        "no_samples",
        "quantity",
        "quantity_with",
        "quantity_difference",
        "currency",
        "money",
        "money_with",
        "money_difference",
        "unknown",
        "unknown_with",
    ],
};

impl<'a> BackTestView<'a> {
    /// Every month with its rows and its total.
    pub fn of(msp: &'a str, asked: &[(Key, At, String)], test: &BackTest) -> BackTestView<'a> {
        BackTestView {
            msp,
            with: asked.iter().map(|(key, _, text)| format!("{}={text}", key.name())).collect(),
            note: BACK_TEST_NOTE,
            rows: test.months.iter().flat_map(|month| rows(test, month)).collect(),
        }
    }
}

/// The names of products that bill together.
pub fn together(test: &BackTest, products: &[ProductId]) -> String {
    let name = |id: &ProductId| test.names.get(id).cloned().unwrap_or_else(|| id.to_string());
    products.iter().map(name).collect::<Vec<_>>().join(" + ")
}

fn rows(test: &BackTest, month: &Month) -> Vec<BackTestRow> {
    let mut all = Vec::new();
    for row in &month.rows {
        let head = BackTestRow {
            month: month.end.strftime("%Y-%m").to_string(),
            product: Some(together(test, &row.products)),
            no_samples: row.billed.is_none(),
            quantity: quantity(row.billed.as_ref()),
            quantity_with: quantity(row.with.as_ref()),
            quantity_difference: difference(row.billed.as_ref(), row.with.as_ref()),
            currency: None,
            money: None,
            money_with: None,
            money_difference: None,
            unknown: row.billed.as_ref().map_or(0, |billed| billed.unknown),
            unknown_with: row.with.as_ref().map(|with| with.unknown),
        };
        let sums = (row.billed.as_ref().map(|one| &one.money), row.with.as_ref().map(|one| &one.money));
        all.extend(by_currency(&head, sums));
    }
    let total = BackTestRow {
        month: month.end.strftime("%Y-%m").to_string(),
        product: None,
        no_samples: !month.has_samples(),
        quantity: None,
        quantity_with: None,
        quantity_difference: None,
        currency: None,
        money: None,
        money_with: None,
        money_difference: None,
        unknown: month.rows.iter().filter_map(|row| row.billed.as_ref()).map(|billed| billed.unknown).sum(),
        unknown_with: test
            .compared
            .then(|| month.rows.iter().filter_map(|row| row.with.as_ref()).map(|billed| billed.unknown).sum()),
    };
    let sums = month.has_samples().then_some(&month.total);
    all.extend(by_currency(&total, (sums, sums.and(month.total_with.as_ref()))));
    all
}

fn quantity(billed: Option<&Billed>) -> Option<String> {
    billed.and_then(|billed| billed.quantity).map(|quantity| quantity.to_string())
}

fn difference(billed: Option<&Billed>, with: Option<&Billed>) -> Option<String> {
    let (was, is) = (billed?.quantity?, with?.quantity?);
    is.minus(was).map(|difference: Quantity| difference.to_string())
}

/// One row a currency; one without any where no money is known.
fn by_currency(head: &BackTestRow, (money, with): (Option<&Sums>, Option<&Sums>)) -> Vec<BackTestRow> {
    let currencies: BTreeSet<&String> = money.into_iter().chain(with).flat_map(|sums| sums.keys()).collect();
    if currencies.is_empty() {
        return vec![head.clone()];
    }
    let one = |currency: &String| {
        let of = |sums: Option<&Sums>| sums.map(|sums| sums.get(currency).copied().unwrap_or_default());
        let (was, is) = (of(money), of(with));
        let less = |was: Money, is: Money| is.decimal().checked_sub(was.decimal()).map(Money::new);
        BackTestRow {
            currency: Some(currency.clone()).filter(|code| !code.is_empty()),
            money: was.map(|money| money.to_string()),
            money_with: is.map(|money| money.to_string()),
            money_difference: was.zip(is).and_then(|(was, is)| less(was, is)).map(|money| money.to_string()),
            ..head.clone()
        }
    };
    currencies.into_iter().map(one).collect()
}
