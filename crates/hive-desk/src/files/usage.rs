//! The usage file: `account,product,quantity,unit,measured_at` and, optionally, quota and ids.
//!
//! **Owns:** its columns. **Does not own:** the rules of a row, which are every source's
//! ([`crate::profile::usage_row`]).

use super::Table;
use crate::profile::{UsageTexts, usage_row};
use hive_core::Timestamp;
use hive_core::import::{BadRow, UsageRow};

const REQUIRED: [&str; 5] = ["account", "product", "quantity", "unit", "measured_at"];
const OPTIONAL: [&str; 5] = ["quota", "quota_unit", "account_id", "product_id", "class"];

/// Whether a file is Hive's own usage file: text whose first line names every column it must have.
/// A file that says so is held to it; any other is a vendor's and needs a profile.
pub fn is_usage_csv(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let names: Vec<&str> = line.split(',').map(|name| name.trim().trim_matches('"').trim()).collect();
    REQUIRED.iter().all(|name| names.contains(name))
}

/// Every row, or every bad one.
pub fn read_usage(text: &str, now: Timestamp) -> Result<Vec<UsageRow>, Vec<BadRow>> {
    let table = Table::read(text, &REQUIRED, &OPTIONAL)?;
    let mut rows = Vec::new();
    let mut bad = Vec::new();
    for row in table.rows() {
        let texts = UsageTexts {
            account: row.field("account"),
            product: row.field("product"),
            quantity: row.field("quantity"),
            unit: row.field("unit"),
            measured_at: row.field("measured_at"),
            quota: row.field("quota"),
            quota_unit: row.field("quota_unit"),
            account_id: row.field("account_id"),
            product_id: row.field("product_id"),
            class: row.field("class"),
        };
        match usage_row(row.line, &texts, now) {
            Ok(read) => rows.push(read),
            Err(wrong) => bad.extend(wrong.into_iter().map(|(column, reason)| row.bad(column, reason))),
        }
    }
    if bad.is_empty() { Ok(rows) } else { Err(bad) }
}

#[cfg(test)]
mod tests {
    use super::is_usage_csv;

    #[test]
    fn a_file_that_names_every_column_is_hives_own() {
        for own in [
            "account,product,quantity,unit,measured_at\n",
            "\u{feff}\"product\",account, unit,measured_at,quantity,class\r\nx",
        ] {
            assert!(is_usage_csv(own.as_bytes()), "{own}");
        }
        for other in ["", "Customer,Used\n", "account;product;quantity;unit;measured_at\n", "PK\u{3}\u{4}"] {
            assert!(!is_usage_csv(other.as_bytes()), "{other}");
        }
    }
}
