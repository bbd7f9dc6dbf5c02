//! What people decided of single lines, and what long cycles leave to be billed by hand.

use super::{IdView, NamedView};
use crate::csv::Csv;
use crate::true_up::TrueUps;
use hive_core::link::ProductLink;
use hive_core::plan::{Adjustment, Exclusion};
use hive_core::usage::{Account, Product};
use hive_core::{AccountId, Date, ProductId};
use serde::Serialize;

/// An exclusion as others read it.
#[derive(Clone, Debug, Serialize)]
pub struct ExclusionView {
    pub account: Option<String>,
    pub account_id: Option<i64>,
    pub product: Option<String>,
    pub product_id: Option<i64>,
    pub reason: String,
    pub until: Option<String>,
    /// Whether it acts today.
    pub acts: bool,
    pub who: String,
    pub at: String,
}

/// The columns of CSV.
pub const EXCLUSION_COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &["account", "account_id", "product", "product_id", "reason", "until", "acts", "who", "at"],
};

/// An adjustment as others read it.
#[derive(Clone, Debug, Serialize)]
pub struct AdjustmentView {
    pub line: String,
    pub account: String,
    pub account_id: i64,
    pub product: String,
    pub product_id: i64,
    /// plus, minus or fixed.
    pub adjust: &'static str,
    pub quantity: String,
    /// What one unit of the item is, where that was said.
    pub unit: Option<String>,
    pub reason: String,
    pub until: Option<String>,
    /// Whether it acts today.
    pub acts: bool,
    pub who: String,
    pub at: String,
}

/// The columns of CSV.
pub const ADJUSTMENT_COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &[
        "line",
        "account",
        "account_id",
        "product",
        "product_id",
        "adjust",
        "quantity",
        "unit",
        "reason",
        "until",
        "acts",
        "who",
        "at",
    ],
};

fn account_name(accounts: &[Account], id: AccountId) -> String {
    accounts.iter().find(|account| account.id == id).map_or_else(|| id.to_string(), |account| account.name.clone())
}

fn product_name(products: &[Product], id: ProductId) -> String {
    products.iter().find(|product| product.id == id).map_or_else(|| id.to_string(), |product| product.name.clone())
}

impl ExclusionView {
    pub(crate) fn of(one: &Exclusion, accounts: &[Account], products: &[Product], today: Date) -> ExclusionView {
        ExclusionView {
            account: one.account.map(|id| account_name(accounts, id)),
            account_id: one.account.map(|id| id.0),
            product: one.product.map(|id| product_name(products, id)),
            product_id: one.product.map(|id| id.0),
            reason: one.reason.clone(),
            until: one.until.map(|until| until.to_string()),
            acts: one.acts(today),
            who: one.who.clone(),
            at: format!("{:.0}", one.at),
        }
    }
}

impl AdjustmentView {
    pub(crate) fn of(
        one: &Adjustment,
        (accounts, products, links): (&[Account], &[Product], &[ProductLink]),
        today: Date,
    ) -> AdjustmentView {
        let link = links.iter().find(|link| link.product == one.product);
        AdjustmentView {
            line: hive_core::LineId { account: one.account, product: one.product }.to_string(),
            account: account_name(accounts, one.account),
            account_id: one.account.0,
            product: product_name(products, one.product),
            product_id: one.product.0,
            adjust: one.adjust.name(),
            quantity: one.adjust.quantity().to_string(),
            unit: link.and_then(|link| link.unit.as_ref()).map(ToString::to_string),
            reason: one.reason.clone(),
            until: one.until.map(|until| until.to_string()),
            acts: one.acts(today),
            who: one.who.clone(),
            at: format!("{:.0}", one.at),
        }
    }
}

/// What pushed changes did not bill until the next invoice, as others read it.
#[derive(Debug, Serialize)]
pub struct TrueUpsView<'a> {
    pub msp: &'a str,
    pub run: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    /// One sum a currency.
    pub sums: Vec<SumView<'a>>,
    /// Rows whose amount is not known: they are in no sum.
    pub unknown: usize,
    /// Writes on agreements or additions that the last Sync does not have: nothing says how they are billed.
    pub not_judged: usize,
    pub lines: Vec<TrueUpView<'a>>,
}

/// An amount of one currency.
#[derive(Debug, Serialize)]
pub struct SumView<'a> {
    pub amount: String,
    pub currency: Option<&'a str>,
}

/// One write.
#[derive(Debug, Serialize)]
pub struct TrueUpView<'a> {
    pub run: String,
    pub customer: &'a str,
    pub agreement: NamedView<'a>,
    pub addition: IdView,
    pub item: &'a str,
    pub from: String,
    pub to: String,
    pub pushed_on: String,
    pub next_invoice: Option<String>,
    pub days: Option<i64>,
    pub amount: Option<String>,
    pub currency: Option<&'a str>,
}

/// The columns of CSV.
pub const TRUE_UP_COLUMNS: Csv<'static> = Csv {
    rows: "lines",
    columns: &[
        "run",
        "customer",
        "agreement.id",
        "agreement.name",
        "addition.id",
        "item",
        "from",
        "to",
        "pushed_on",
        "next_invoice",
        "days",
        "amount",
        "currency",
    ],
};

impl<'a> TrueUpsView<'a> {
    /// A list with its sums.
    pub fn of(found: &'a TrueUps) -> TrueUpsView<'a> {
        let currency = |code: &'a str| Some(code).filter(|code| !code.is_empty());
        let sum = |(code, amount): (&'a String, &hive_core::Money)| SumView {
            amount: amount.to_string(),
            currency: currency(code),
        };
        let line = |one: &'a crate::true_up::TrueUpLine| TrueUpView {
            run: one.run.to_string(),
            customer: &one.customer,
            agreement: NamedView { id: one.agreement.0.0, name: &one.agreement.1 },
            addition: IdView { id: one.addition.0 },
            item: &one.item,
            from: one.from.to_string(),
            to: one.to.to_string(),
            pushed_on: one.pushed_on.to_string(),
            next_invoice: one.owed.next_invoice.map(|date| date.to_string()),
            days: one.owed.days,
            amount: one.owed.amount.map(|amount| hive_core::Money::new(amount.decimal().round_dp(2)).to_string()),
            currency: currency(&one.currency),
        };
        TrueUpsView {
            msp: &found.msp,
            run: found.run.map(|run| run.to_string()),
            from: found.span.map(|(from, _)| from.to_string()),
            to: found.span.map(|(_, to)| to.to_string()),
            sums: found.sums.iter().map(sum).collect(),
            unknown: found.lines.iter().filter(|one| one.owed.amount.is_none()).count(),
            not_judged: found.not_judged,
            lines: found.lines.iter().map(line).collect(),
        }
    }
}
