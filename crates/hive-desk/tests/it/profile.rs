//! The door to profiles: a vendor's export and a profile in, rows as lines of text out.

mod equal;
mod files;
mod folders;
mod guesses;
mod rows;

use hive_core::import::{BadRow, UsageRow};
use hive_core::{TimeZone, Timestamp};
use hive_desk::profile::{Arrived, Opening, Profile, Table};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

pub(crate) const BYTES_MAX: usize = 10 << 20;

/// A Thursday morning in Melbourne: 09:00, ten hours ahead of UTC.
pub(crate) fn now() -> Timestamp {
    "2026-07-01T23:00:00Z".parse().unwrap()
}

pub(crate) fn opening() -> Opening<'static> {
    Opening { sheet: None, delimiter: None, bytes_max: BYTES_MAX }
}

pub(crate) fn table(bytes: &[u8]) -> Table {
    Table::read(bytes, &opening()).unwrap()
}

/// A profile of `Customer`, `Service`, `Used`, `Unit` and `Date`, with what is said otherwise.
pub(crate) fn profile(changes: &Value) -> Profile {
    let mut all = json!({
        "version": 1,
        "account": "Customer",
        "quantities": { "rows": {
            "product": { "column": "Service" }, "quantity": "Used", "unit": { "column": "Unit" },
        } },
        "measured_at": { "column": "Date" },
        "dates": ["%Y-%m-%d"],
    });
    for (field, value) in changes.as_object().unwrap() {
        all[field] = value.clone();
    }
    Profile::from_json(&all.to_string()).unwrap()
}

/// Read in Melbourne, as a file `usage-2026-06-30.csv` last written an hour ago.
pub(crate) fn read(profile: &Profile, table: &Table) -> Result<hive_desk::profile::Read, Vec<BadRow>> {
    let zone = TimeZone::get("Australia/Melbourne").unwrap();
    let modified_at = Some("2026-07-01T22:00:00Z".parse().unwrap());
    profile.read(table, &Arrived { file_name: "usage-2026-06-30.csv", modified_at, now: now(), zone: &zone })
}

/// `2: Acme | Backup | 12.5 GB | 2026-06-30T13:59:59Z` and what else there is.
pub(crate) fn line(row: &UsageRow) -> String {
    let UsageRow { line, account, product, quantity, unit, measured_at, quota, account_id, product_id, class } = row;
    let mut text = format!("{line}: {account} | {product} | {quantity} {unit} | {measured_at}");
    if let Some((size, unit)) = quota {
        text.push_str(&format!(" | quota {size} {}", unit.name()));
    }
    for id in [account_id, product_id].into_iter().flatten() {
        text.push_str(&format!(" | id {id}"));
    }
    if !class.is_empty() {
        text.push_str(&format!(" | class {class}"));
    }
    text
}

/// The rows as lines, or the bad cells as lines.
pub(crate) fn lines(profile: &Profile, table: &Table) -> Vec<String> {
    match read(profile, table) {
        Ok(read) => read.rows.iter().map(line).collect(),
        Err(bad) => bad.iter().map(ToString::to_string).collect(),
    }
}

pub(crate) fn saved(mut workbook: Workbook) -> Vec<u8> {
    workbook.save_to_buffer().unwrap()
}
