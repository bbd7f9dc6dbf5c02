//! The rules of one row of usage, whoever wrote it: `usage.csv` or a vendor's table by its profile.
//!
//! **Owns:** what the ten texts of a row may say, and the words that refuse them.
//! **Does not own:** where the texts stand in a file.

use hive_core::import::{AHEAD_MINUTES_MAX, UsageRow};
use hive_core::unit::{Storage, Unit};
use hive_core::{Quantity, Timestamp};
use jiff::ToSpan;

/// Characters a name may have.
const NAME_CHARACTERS_MAX: usize = 10_000;
/// The shortest RFC 3339 time: `2026-11-22T23:00:00Z`.
const RFC_3339_BYTES_MIN: usize = 20;

/// The texts of a row, by the columns of `usage.csv`. Empty where there is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct UsageTexts<'a> {
    /// The account's name.
    pub account: &'a str,
    /// The product's name.
    pub product: &'a str,
    /// A plain decimal.
    pub quantity: &'a str,
    /// Its unit.
    pub unit: &'a str,
    /// An RFC 3339 time.
    pub measured_at: &'a str,
    /// A plain decimal; the quota.
    pub quota: &'a str,
    /// The quota's unit of storage; the quantity's own where this is empty.
    pub quota_unit: &'a str,
    /// The source's id of the account.
    pub account_id: &'a str,
    /// The source's id of the product.
    pub product_id: &'a str,
    /// What kind of usage it is.
    pub class: &'a str,
}

/// The row that these texts give, or each column of `usage.csv` that is wrong and why.
pub fn usage_row(line: u64, texts: &UsageTexts<'_>, now: Timestamp) -> Result<UsageRow, Vec<(&'static str, String)>> {
    let mut bad = Vec::new();
    let account = name(texts.account, "account", &mut bad);
    let product = name(texts.product, "product", &mut bad);
    let quantity =
        Quantity::parse_plain(texts.quantity).map_err(|error| bad.push(("quantity", error.to_string()))).ok();
    let unit = Unit::parse(texts.unit);
    if unit.is_none() {
        bad.push(("unit", "the unit is empty; write GB, TB, user …".to_owned()));
    }
    let measured_at = rfc_3339(texts.measured_at)
        .and_then(|at| not_ahead(at, texts.measured_at, now))
        .map_err(|reason| bad.push(("measured_at", reason)))
        .ok();
    let quota = quota(texts).map_err(|wrong| bad.push(wrong)).ok();
    let (Some(quantity), Some(unit), Some(measured_at), Some(quota), true) =
        (quantity, unit, measured_at, quota, bad.is_empty())
    else {
        return Err(bad);
    };
    let optional = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(UsageRow {
        line,
        account,
        product,
        quantity,
        unit,
        measured_at,
        quota,
        account_id: optional(texts.account_id),
        product_id: optional(texts.product_id),
        class: texts.class.trim().to_lowercase(),
    })
}

fn name(text: &str, column: &'static str, bad: &mut Vec<(&'static str, String)>) -> String {
    let name = text.trim();
    if name.is_empty() {
        bad.push((column, format!("the {column} is empty")));
    } else if name.chars().count() > NAME_CHARACTERS_MAX {
        bad.push((column, format!("the {column} has more than {NAME_CHARACTERS_MAX} characters")));
    } else if name.chars().any(char::is_control) {
        bad.push((column, format!("the {column} holds a control character or a line break")));
    }
    name.to_owned()
}

/// A time with its offset and its seconds; jiff alone would take less.
pub(super) fn rfc_3339(text: &str) -> Result<Timestamp, String> {
    let shaped = text.len() >= RFC_3339_BYTES_MIN && text.as_bytes()[10].eq_ignore_ascii_case(&b'T');
    let at = shaped.then(|| text.parse::<Timestamp>().ok()).flatten();
    at.ok_or_else(|| format!("\"{text}\" is no RFC 3339 time such as 2026-11-22T23:00:00Z"))
}

/// The moment as it is kept, unless it is ahead of the clock.
pub(super) fn not_ahead(at: Timestamp, text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if at > now.saturating_add(AHEAD_MINUTES_MAX.minutes()).unwrap_or(now) {
        return Err(format!(
            "{text} is more than {AHEAD_MINUTES_MAX} minutes ahead of now ({now:.0}); check the clock or the zone of the source"
        ));
    }
    // Hive keeps time to the microsecond.
    Timestamp::from_microsecond(at.as_microsecond()).map_err(|error| error.to_string())
}

fn quota(texts: &UsageTexts<'_>) -> Result<Option<(Quantity, Storage)>, (&'static str, String)> {
    let (size, unit) = (texts.quota.trim(), texts.quota_unit.trim());
    if size.is_empty() {
        return Ok(None);
    }
    let size = Quantity::parse_plain(size).map_err(|error| ("quota", error.to_string()))?;
    let unit = if unit.is_empty() { texts.unit } else { unit };
    match Unit::parse(unit).and_then(|unit| unit.storage()) {
        Some(unit) => Ok(Some((size, unit))),
        None => Err(("quota_unit", format!("\"{unit}\" is no unit of storage; a quota needs GB, TB …"))),
    }
}
