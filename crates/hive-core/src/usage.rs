//! What the MSP's customers use: accounts, products and measured samples.

use crate::ids::{AccountId, ProductId};
use crate::quantity::Quantity;
use crate::unit::Unit;
use jiff::Timestamp;

/// The name of the source of an import that names none.
pub const SOURCE_DEFAULT: &str = "import";
/// Classes that do not count unless a product link says otherwise.
pub const CLASSES_NOT_COUNTED: [&str; 3] = ["trial", "nfr", "internal"];

/// A customer of the MSP in Hive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    /// The id its source gave it, if any.
    pub external_id: Option<String>,
}

/// Something metered and sold. The unit it was first seen with makes it storage or countable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    pub id: ProductId,
    pub name: String,
    pub external_id: Option<String>,
    pub unit: Unit,
}

impl Product {
    /// Whether it is measured in bytes, and so may have a quota.
    pub fn is_storage(&self) -> bool {
        self.unit.storage().is_some()
    }
}

/// One measured sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub account: AccountId,
    pub product: ProductId,
    pub source: String,
    pub quantity: Quantity,
    pub unit: Unit,
    pub measured_at: Timestamp,
    /// billable, trial, nfr, internal or the vendor's word, lower case; empty where none was given.
    pub class: String,
}
