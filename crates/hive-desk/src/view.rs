//! Views: what others read, as JSON and CSV. Both are a contract: the command line, the API and the
//! console's downloads say the same bytes.
//!
//! **Owns:** the shape and the columns. **Does not own:** tables for terminals, HTML.

use serde::Serialize;

mod back_test;
mod billing;
mod decided;
mod done;
mod feeds;
mod links;
mod plan;
mod proof;
mod report;
mod totals;
mod what_if;

pub use back_test::*;
pub use billing::*;
pub use decided::*;
pub use done::*;
pub use feeds::*;
pub use links::*;
pub use plan::*;
pub use proof::*;
pub use report::*;
pub use totals::*;
pub use what_if::*;

/// A record of ConnectWise with its name.
#[derive(Debug, Serialize)]
pub struct NamedView<'a> {
    pub id: i64,
    pub name: &'a str,
}

/// A record that has no name of its own.
#[derive(Debug, Serialize)]
pub struct IdView {
    pub id: i64,
}

/// The same, kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedOwned {
    pub id: i64,
    pub name: String,
}
