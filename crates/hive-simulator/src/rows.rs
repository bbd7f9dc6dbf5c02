//! How a record looks as JSON.
//!
//! **Owns:** printing whole rows, with every member the known clients insist on; what a condition
//! compares (a cell).
//! **Does not own:** which rows (`list`), which members are known (`schema`).
//! **Limits on purpose:** rows are written as text directly: a sweep of 30,000 additions must not
//! build 30,000 trees.

mod addition;
mod agreement;
mod company;
mod item;
mod setup;
mod writer;

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::{
    projection::Fields,
    schema::{Kind, Members},
    world::World,
};

pub(crate) use setup::{Setup, setup_rows};
pub(crate) use writer::{RowWriter, decimal};

/// What printing a row needs besides the row.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) world: &'a World,
    /// `https://host/v2025_1/apis/3.0`: where `_href`s point.
    pub(crate) base: &'a str,
    pub(crate) today: Date,
}

/// A value that a condition compares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell<'a> {
    Null,
    Flag(bool),
    Number(Decimal),
    Time(Timestamp),
    Text(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    pub(crate) fn text(text: &'a str) -> Cell<'a> {
        Cell::Text(Cow::Borrowed(text))
    }

    pub(crate) fn day(day: Option<Date>) -> Cell<'static> {
        let midnight = day.and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok());
        midnight.map_or(Cell::Null, |zoned| Cell::Time(zoned.timestamp()))
    }

    pub(crate) fn id(id: Option<i64>) -> Cell<'static> {
        id.map_or(Cell::Null, |id| Cell::Number(Decimal::from(id)))
    }
}

/// A record that can be listed.
pub(crate) trait Record {
    const MEMBERS: Members;
    fn id(&self) -> i64;
    /// The quick way to the cells that clients filter by; None: look into the printed row.
    fn cell<'a>(&'a self, view: View<'a>, path: &str) -> Option<Cell<'a>>;
    fn write(&self, view: View<'_>, fields: Option<&Fields>, out: &mut String);
}

/// The whole row as a tree.
pub(crate) fn tree<R: Record>(record: &R, view: View<'_>) -> Value {
    let mut text = String::new();
    record.write(view, None, &mut text);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// The cell behind a path, the quick way or through the printed row.
pub(crate) fn cell<'a, R: Record>(record: &'a R, view: View<'a>, path: &str, kind: Kind) -> Cell<'a> {
    record.cell(view, path).unwrap_or_else(|| cell_in(&tree(record, view), path, kind))
}

/// A stamp's bare name is looked up in `_info`.
pub(crate) fn cell_in(row: &Value, path: &str, kind: Kind) -> Cell<'static> {
    let pointer = format!("/{path}");
    let value = row.pointer(&pointer).or_else(|| row.get("_info").and_then(|info| info.get(path)));
    match value {
        Some(Value::Bool(flag)) => Cell::Flag(*flag),
        Some(Value::Number(number)) => number.to_string().parse().map_or(Cell::Null, Cell::Number),
        Some(Value::String(text)) if kind == Kind::Time => text.parse().map_or(Cell::Null, Cell::Time),
        Some(Value::String(text)) => Cell::Text(Cow::Owned(text.clone())),
        _ => Cell::Null,
    }
}
