//! The usage file: `account,product,quantity,unit,measured_at` and, optionally, quota and ids.

use super::Table;
use hive_core::import::{AHEAD_MINUTES_MAX, BadRow, UsageRow};
use hive_core::unit::{Storage, Unit};
use hive_core::{Quantity, Timestamp};
use jiff::ToSpan;

const REQUIRED: [&str; 5] = ["account", "product", "quantity", "unit", "measured_at"];
const OPTIONAL: [&str; 5] = ["quota", "quota_unit", "account_id", "product_id", "class"];
/// Characters a name may have.
const NAME_CHARACTERS_MAX: usize = 10_000;

/// Every row, or every bad one.
pub fn read_usage(text: &str, now: Timestamp) -> Result<Vec<UsageRow>, Vec<BadRow>> {
    let table = Table::read(text, &REQUIRED, &OPTIONAL)?;
    let mut rows = Vec::new();
    let mut bad = Vec::new();
    for row in table.rows() {
        match read_row(&row, now) {
            Ok(read) => rows.push(read),
            Err(wrong) => bad.extend(wrong),
        }
    }
    if bad.is_empty() { Ok(rows) } else { Err(bad) }
}

fn read_row(row: &super::Row<'_>, now: Timestamp) -> Result<UsageRow, Vec<BadRow>> {
    let mut bad = Vec::new();
    let account = name(row, "account", &mut bad);
    let product = name(row, "product", &mut bad);
    let quantity = Quantity::parse_plain(row.field("quantity"))
        .map_err(|error| bad.push(row.bad("quantity", error.to_string())))
        .ok();
    let unit = Unit::parse(row.field("unit"));
    if unit.is_none() {
        bad.push(row.bad("unit", "the unit is empty; write GB, TB, user …"));
    }
    let measured_at =
        measured_at(row.field("measured_at"), now).map_err(|reason| bad.push(row.bad("measured_at", reason))).ok();
    let quota = quota(row).map_err(|wrong| bad.push(wrong)).ok();
    let optional = |column: &str| Some(row.field(column).trim().to_owned()).filter(|text| !text.is_empty());
    let (Some(quantity), Some(unit), Some(measured_at), Some(quota), true) =
        (quantity, unit, measured_at, quota, bad.is_empty())
    else {
        return Err(bad);
    };
    Ok(UsageRow {
        line: row.line,
        account,
        product,
        quantity,
        unit,
        measured_at,
        quota,
        account_id: optional("account_id"),
        product_id: optional("product_id"),
        class: row.field("class").trim().to_lowercase(),
    })
}

fn name(row: &super::Row<'_>, column: &str, bad: &mut Vec<BadRow>) -> String {
    let name = row.field(column).trim();
    if name.is_empty() {
        bad.push(row.bad(column, format!("the {column} is empty")));
    } else if name.chars().count() > NAME_CHARACTERS_MAX {
        bad.push(row.bad(column, format!("the {column} has more than {NAME_CHARACTERS_MAX} characters")));
    } else if name.chars().any(char::is_control) {
        bad.push(row.bad(column, format!("the {column} holds a control character or a line break")));
    }
    name.to_owned()
}

fn measured_at(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    // RFC 3339 asks for the offset and the seconds; jiff alone would take less.
    let shaped = text.len() >= 20 && text.as_bytes()[10].eq_ignore_ascii_case(&b'T');
    let at = shaped.then(|| text.parse::<Timestamp>().ok()).flatten();
    let at = at.ok_or_else(|| format!("\"{text}\" is no RFC 3339 time such as 2026-11-22T23:00:00Z"))?;
    if at > now.saturating_add(AHEAD_MINUTES_MAX.minutes()).unwrap_or(now) {
        return Err(format!(
            "{text} is more than {AHEAD_MINUTES_MAX} minutes ahead of now ({now:.0}); check the clock or the zone of the source"
        ));
    }
    // Hive keeps time to the microsecond.
    Timestamp::from_microsecond(at.as_microsecond()).map_err(|error| error.to_string())
}

fn quota(row: &super::Row<'_>) -> Result<Option<(Quantity, Storage)>, BadRow> {
    let (size, unit) = (row.field("quota").trim(), row.field("quota_unit").trim());
    if size.is_empty() {
        return Ok(None);
    }
    let size = Quantity::parse_plain(size).map_err(|error| row.bad("quota", error.to_string()))?;
    let unit = if unit.is_empty() { row.field("unit") } else { unit };
    match Unit::parse(unit).and_then(|unit| unit.storage()) {
        Some(unit) => Ok(Some((size, unit))),
        None => Err(row.bad("quota_unit", format!("\"{unit}\" is no unit of storage; a quota needs GB, TB …"))),
    }
}
