//! The links file: `kind,hive,connectwise` and, for products, what one unit of the item is.

use super::Table;
use hive_core::Quantity;
use hive_core::import::{BadRow, LinkRow};
use hive_core::unit::{ItemUnit, Unit};

/// Every row, or every bad one.
pub fn read_links(text: &str) -> Result<Vec<LinkRow>, Vec<BadRow>> {
    let table = Table::read(text, &["kind", "hive", "connectwise"], &["unit", "size"])?;
    let mut rows = Vec::new();
    let mut bad = Vec::new();
    for row in table.rows() {
        match unit(&row) {
            Ok(unit) => rows.push(LinkRow {
                line: row.line,
                kind: row.field("kind").to_owned(),
                hive: unguarded(row.field("hive")).to_owned(),
                connectwise: unguarded(row.field("connectwise")).to_owned(),
                unit,
            }),
            Err(wrong) => bad.push(wrong),
        }
    }
    if bad.is_empty() { Ok(rows) } else { Err(bad) }
}

/// Takes back the apostrophe that an export puts before a cell a spreadsheet would run.
fn unguarded(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(rest) if rest.starts_with(crate::csv::FORMULA_STARTS) => rest,
        Some(_) | None => field,
    }
}

fn unit(row: &super::Row<'_>) -> Result<Option<ItemUnit>, BadRow> {
    let (unit, size) = (row.field("unit").trim(), row.field("size").trim());
    if unit.is_empty() && size.is_empty() {
        return Ok(None);
    }
    let Some(unit) = Unit::parse(unit) else {
        return Err(row.bad("unit", "a size needs its unit: GB, TB, user …"));
    };
    let size = if size.is_empty() {
        Quantity::from(1)
    } else {
        Quantity::parse_plain(size).map_err(|error| row.bad("size", error.to_string()))?
    };
    ItemUnit::new(unit, size).map(Some).ok_or_else(|| row.bad("size", "the size must be over 0"))
}
