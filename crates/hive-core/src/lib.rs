//! The words of Hive and everything that is decided, as pure functions over values.
//!
//! **Owns:** the types every room shares, matching, the planner, `allow`, the check of a plan.
//! **Does not own:** files, sockets, SQL, HTML, the clock. Time comes in as a value.
//! **Limits on purpose:** nothing here is async, nothing logs, nothing fails because the world is
//! wrong: trouble in the data is an [`issue::Issue`] on a line.

pub mod allow;
pub mod ids;
pub mod import;
pub mod issue;
pub mod ladder;
pub mod link;
pub mod matching;
pub mod mirror;
pub mod outcome;
pub mod plan;
pub mod quantity;
pub mod quota;
pub mod rights;
pub mod schedule;
pub mod settings;
pub mod unit;
pub mod usage;
pub mod when;

pub use ids::*;
pub use jiff::{Timestamp, civil::Date, tz::TimeZone};
pub use quantity::{Money, Quantity};
pub use rust_decimal::Decimal;
