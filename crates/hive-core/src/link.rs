//! The links between Hive and ConnectWise, kept in Hive, and the pins that choose one addition.

use crate::ids::{AccountId, AdditionId, CompanyId, ItemId, ProductId};
use crate::unit::ItemUnit;
use jiff::Timestamp;

/// Who made a link. A person's link is never overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkedBy {
    /// The first Sync of a connection, or `match --apply`.
    Match,
    /// A person, by command, file or page.
    Person,
}

/// An account and its company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLink {
    pub account: AccountId,
    pub target: AccountTarget,
    pub by: LinkedBy,
    /// Who, as `cli:USER`; `hive` for [`LinkedBy::Match`].
    pub who: String,
    pub at: Timestamp,
}

/// Where an account's usage is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountTarget {
    Company(CompanyId),
    /// A person decided that it is not billed.
    Ignored,
}

/// A product and its catalog item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductLink {
    pub product: ProductId,
    pub target: ProductTarget,
    /// What one unit of the item is, once a person or a file said so.
    pub unit: Option<ItemUnit>,
    /// A person confirmed unit and size again after `unit.suspect` was shown.
    pub unit_trusted: bool,
    pub by: LinkedBy,
    pub who: String,
    pub at: Timestamp,
}

/// What a product is billed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductTarget {
    Item(ItemId),
    /// A person decided that it is not billed.
    Ignored,
}

/// A person's choice of one addition for one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    pub account: AccountId,
    pub product: ProductId,
    pub addition: AdditionId,
}

/// A person's choice of another item for one account's product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemOverride {
    pub account: AccountId,
    pub product: ProductId,
    pub item: ItemId,
    /// What one unit of that item is; `None`: as the product link says.
    pub unit: Option<ItemUnit>,
}
