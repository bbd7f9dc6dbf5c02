//! Whatever the rows are: written as a text or as a workbook, a profile reads them back equal.

use super::{now, profile, read, saved, table};
use hive_core::import::UsageRow;
use hive_core::unit::{Storage, Unit};
use hive_core::{Decimal, Quantity, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;
use serde_json::json;

const HEADER: [&str; 10] = [
    "account",
    "product",
    "quantity",
    "unit",
    "measured_at",
    "quota",
    "quota_unit",
    "account_id",
    "product_id",
    "class",
];
/// Digits that a workbook's number keeps whatever they are.
const WORKBOOK_DIGITS: usize = 15;

/// Names with everything that CSV and XML have to quote, and none that stands for nothing.
fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9é<&\"';,.=+-][A-Za-z0-9 é<&\"';,=\u{4e2d}-]{0,14}[A-Za-z0-9é中]"
}

fn amount() -> impl Strategy<Value = Quantity> {
    prop_oneof![
        (0i64..1_000_000).prop_map(Quantity::from),
        (0i64..999_999_999_999_999_999).prop_map(|micros| Quantity::new(Decimal::new(micros, 6))),
        Just(Quantity::ZERO),
    ]
}

fn row() -> impl Strategy<Value = UsageRow> {
    let unit = prop_oneof![
        proptest::sample::select(Storage::ALL.to_vec()).prop_map(Unit::Storage),
        Just(Unit::Count("user".into()))
    ];
    let quota = option::of((amount(), proptest::sample::select(Storage::ALL.to_vec())));
    let ids = (option::of(name()), option::of(name()), "[a-z]{0,6}");
    let moment = 0i64..800_000_000_000_000;
    (name(), name(), amount(), unit, moment, quota, ids).prop_map(
        |(account, product, quantity, unit, ago, quota, ids)| {
            let measured_at = Timestamp::from_microsecond(now().as_microsecond() - ago).unwrap();
            let (account_id, product_id, class) = ids;
            UsageRow { line: 0, account, product, quantity, unit, measured_at, quota, account_id, product_id, class }
        },
    )
}

fn texts(row: &UsageRow) -> [String; 10] {
    let (quota, quota_unit) =
        row.quota.map(|(size, unit)| (size.to_string(), unit.name().to_owned())).unwrap_or_default();
    [
        row.account.clone(),
        row.product.clone(),
        row.quantity.to_string(),
        row.unit.to_string(),
        row.measured_at.to_string(),
        quota,
        quota_unit,
        row.account_id.clone().unwrap_or_default(),
        row.product_id.clone().unwrap_or_default(),
        row.class.clone(),
    ]
}

fn as_csv(rows: &[UsageRow], delimiter: u8, point: &str) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(HEADER).unwrap();
    for row in rows {
        let mut texts = texts(row);
        for place in [2, 5] {
            texts[place] = texts[place].replace('.', point);
        }
        writer.write_record(texts).unwrap();
    }
    writer.into_inner().unwrap()
}

fn as_workbook(rows: &[UsageRow]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(HEADER) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (line, row) in (1..).zip(rows) {
        for (column, text) in (0..).zip(texts(row)) {
            let number = matches!(column, 2 | 5) && !text.is_empty();
            if number && text.replace('.', "").len() <= WORKBOOK_DIGITS {
                sheet.write_number(line, column, text.parse::<f64>().unwrap()).unwrap();
            } else {
                sheet.write_string(line, column, text).unwrap();
            }
        }
    }
    saved(workbook)
}

proptest! {
    #[test]
    fn rows_written_either_way_read_back_equal(rows in vec(row(), 1..12)) {
        let mut expected = rows.clone();
        for (line, row) in (2..).zip(&mut expected) {
            row.line = line;
        }
        let of = |decimal: &str, delimiter: Option<&str>| profile(&json!({
            "account": "account", "account_id": "account_id", "class": "class", "delimiter": delimiter,
            "quantities": { "rows": {
                "product": { "column": "product" }, "product_id": "product_id", "quantity": "quantity",
                "unit": { "column": "unit" }, "quota": "quota", "quota_unit": "quota_unit",
            } },
            "measured_at": { "column": "measured_at" }, "dates": ["rfc3339"], "decimal": decimal,
        }));
        for (how, profile, bytes) in [
            ("usage.csv", of("point", Some("comma")), as_csv(&rows, b',', ".")),
            ("semicolons and commas", of("comma", Some("semicolon")), as_csv(&rows, b';', ",")),
            ("workbook", of("point", None), as_workbook(&rows)),
        ] {
            let table = hive_desk::profile::Table::read(&bytes, &profile.opening(bytes.len())).unwrap();
            let read = read(&profile, &table).map(|read| read.rows);
            prop_assert_eq!(read.as_ref(), Ok(&expected), "{}", how);
        }
        // Nobody says what separates: it is found.
        prop_assert_eq!(table(&as_csv(&rows, b'\t', ".")).head(1)[0].1.len(), HEADER.len());
    }
}
