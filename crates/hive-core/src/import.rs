//! Usage and links as files bring them: rows in, records or named bad rows out.
//!
//! **Owns:** what a row means against the accounts, products and records that are known.
//! **Does not own:** CSV, the database. All rows are good or nothing is imported.

use crate::ids::{AccountId, ProductId};
use crate::quantity::Quantity;
use crate::unit::{Storage, Unit};
use crate::usage::{Account, Product};
use jiff::Timestamp;
use std::fmt;

mod links;
mod usage;

pub use links::{LinkAsked, LinkRow, LinksKnown, resolve_links};
pub(crate) use usage::loose;
pub use usage::resolve_usage;

/// Rows a file may have (design, section 10).
pub const ROWS_MAX: usize = 200_000;
/// How far ahead of the clock a sample may be.
pub const AHEAD_MINUTES_MAX: i64 = 10;

/// A row that cannot be taken, in words for the person whose file it stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BadRow {
    /// The line of the file, the header being 1.
    pub line: u64,
    pub column: String,
    pub reason: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

/// One row of a usage file, each field already what it says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    pub line: u64,
    pub account: String,
    pub product: String,
    pub quantity: Quantity,
    pub unit: Unit,
    pub measured_at: Timestamp,
    pub quota: Option<(Quantity, Storage)>,
    pub account_id: Option<String>,
    pub product_id: Option<String>,
    /// Lower case; empty where none was given.
    pub class: String,
}

/// A record that is known, or the n-th new one of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ref<Id> {
    Known(Id),
    New(usize),
}

/// An account of this file that was not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    pub name: String,
    pub external_id: Option<String>,
}

/// A product of this file that was not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProduct {
    pub name: String,
    pub external_id: Option<String>,
    pub unit: Unit,
}

/// A record whose name or id a file changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed<Id> {
    pub id: Id,
    pub before: String,
    pub after: String,
    pub external_id: Option<String>,
}

/// A sample whose account and product are settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledSample {
    pub account: Ref<AccountId>,
    pub product: Ref<ProductId>,
    pub quantity: Quantity,
    pub unit: Unit,
    pub measured_at: Timestamp,
    pub class: String,
}

/// What a usage file comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    pub new_accounts: Vec<NewAccount>,
    pub new_products: Vec<NewProduct>,
    /// Known accounts that get another name (`before` differs) or their source's id.
    pub accounts: Vec<Renamed<AccountId>>,
    pub products: Vec<Renamed<ProductId>>,
    pub samples: Vec<SettledSample>,
    pub quotas: Vec<(Ref<AccountId>, Ref<ProductId>, Quantity, Storage)>,
}

/// What is known before a usage file is read.
#[derive(Clone, Copy, Debug)]
pub struct UsageKnown<'a> {
    pub accounts: &'a [Account],
    pub products: &'a [Product],
}
