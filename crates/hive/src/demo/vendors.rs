//! The vendors' files: six months of samples, weekly and then daily, as each vendor would send them.

use super::data::{BRANCH_SILENT, Customer, PRODUCTS, SERVERS, Use, Vendor};
use crate::failure::Failure;
use hive_core::{Quantity, Timestamp};
use jiff::ToSpan as _;
use rust_decimal::Decimal;

/// Days back to the oldest sample.
const DAYS: i64 = 182;
/// The last so many days have a sample each; before them every week has one.
const DAILY_DAYS: i64 = 14;
/// How long ago the newest sample was measured.
const NEWEST_HOURS: i64 = 3;
/// Since when the silent branch sends nothing of its servers.
const SILENT_DAYS: i64 = 42;

/// A vendor's file.
pub(super) struct File {
    pub(super) text: String,
    /// Account x product.
    pub(super) lines: usize,
}

/// What `vendor` measured up to `now`.
pub(super) fn file(vendor: &Vendor, customers: &[Customer], now: Timestamp) -> Result<File, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["account", "product", "quantity", "unit", "measured_at", "quota", "quota_unit"])?;
    let mut lines = 0;
    for customer in customers {
        for used in customer.uses.iter().filter(|used| PRODUCTS[used.product].source == vendor.source) {
            lines += 1;
            let silent = customer.account == BRANCH_SILENT && PRODUCTS[used.product].name == SERVERS;
            for days in days().filter(|days| !silent || *days >= SILENT_DAYS) {
                writer.write_record(row(customer.account, *used, days, now))?;
            }
        }
    }
    let bytes = writer.into_inner().map_err(|error| Failure::stopped(error.to_string()))?;
    Ok(File { text: String::from_utf8(bytes)?, lines })
}

/// Days back, oldest first.
fn days() -> impl Iterator<Item = i64> {
    let weekly = (DAILY_DAYS..=DAYS).rev().filter(|days| days % 7 == 0);
    weekly.chain((0..DAILY_DAYS).rev())
}

fn row(account: &str, used: Use, days: i64, now: Timestamp) -> [String; 7] {
    let product = &PRODUCTS[used.product];
    let hours = (NEWEST_HOURS + days * 24).hours();
    let measured_at = now.saturating_sub(hours).unwrap_or(now);
    let quota = used.quota.filter(|_| days == 0);
    [
        account.to_owned(),
        product.name.to_owned(),
        measured(used.used, product.unit, days).to_string(),
        product.unit.to_owned(),
        format!("{measured_at:.0}"),
        quota.map_or(String::new(), |quota| quota.to_string()),
        quota.map_or(String::new(), |_| product.unit.to_owned()),
    ]
}

/// Today's number, and less of it the further back: a tenth over six months.
fn measured(used: Quantity, unit: &str, days: i64) -> Quantity {
    if days == 0 {
        return used;
    }
    let share = Decimal::new(10_000 - days * 5 - days % 5 * 20, 4);
    let back = used.times(share).unwrap_or(used).decimal();
    Quantity::new(if unit == "GB" { back.round_dp(2) } else { back.floor() })
}
