//! Downloads: the desk's views as CSV, XLSX and JSON, the same bytes as the command line's.
//!
//! **Limits on purpose:** a number is a number in a spreadsheet only where the spreadsheet can hold it exactly.

use crate::Fault;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hive_desk::Refused;
use hive_desk::csv::Csv;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Serialize;

/// Significant digits that a spreadsheet keeps: it holds numbers as 64-bit floats.
const DIGITS_EXACT: usize = 15;
/// Characters that a spreadsheet takes in one cell.
const CELL_CHARS_MAX: usize = 32_767;

/// What a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Csv,
    Xlsx,
    Json,
}

impl Kind {
    /// The kind that a file's name ends with, and the name before it.
    pub(super) fn of(file: &str) -> Option<(&str, Kind)> {
        let (name, end) = file.rsplit_once('.')?;
        let kind = [("csv", Kind::Csv), ("xlsx", Kind::Xlsx), ("json", Kind::Json)];
        kind.into_iter().find(|(known, _)| *known == end).map(|(_, kind)| (name, kind))
    }

    fn words(self) -> &'static str {
        match self {
            Kind::Csv => "text/csv; charset=utf-8",
            Kind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Kind::Json => "application/json",
        }
    }
}

/// A view as a file. Blocking: a large one is work for a thread of its own.
pub(super) fn bytes(kind: Kind, view: &impl Serialize, columns: Csv<'_>) -> Result<Vec<u8>, Refused> {
    let broken = |error: &dyn std::fmt::Display| Refused::Broken(format!("the file could not be made: {error}"));
    match kind {
        Kind::Csv => Ok(columns.of(view)?.into_bytes()),
        Kind::Json => serde_json::to_vec_pretty(view).map_err(|error| broken(&error)),
        Kind::Xlsx => workbook(&columns.of(view)?).map_err(|error| broken(&error)),
    }
}

/// The answer that a browser saves under this name.
pub(super) fn answer(kind: Kind, name: &str, body: impl Into<Body>) -> Result<Response, Fault> {
    let mut answer = ([(header::CONTENT_TYPE, kind.words())], body.into()).into_response();
    let value = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let value = value.map_err(|_| Refused::Broken("the file has no name that a browser takes".to_owned()))?;
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    Ok(answer)
}

fn workbook(csv: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet_with_constant_memory()?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    for (record, row) in reader.records().filter_map(Result::ok).zip(0u32..) {
        for (cell, column) in record.iter().zip(0u16..) {
            // CSV guards what a spreadsheet would run; a cell of words runs nothing.
            let words = cell.strip_prefix('\'').filter(|rest| rest.starts_with(hive_desk::csv::FORMULA_STARTS));
            let words: String = words.unwrap_or(cell).chars().take(CELL_CHARS_MAX).collect();
            match exact(cell) {
                _ if row == 0 => sheet.write_string_with_format(row, column, words, &bold)?,
                Some(number) => sheet.write_number(row, column, number)?,
                None => sheet.write_string(row, column, words)?,
            };
        }
    }
    book.save_to_buffer()
}

/// The number, where a spreadsheet shows it back to the digit.
fn exact(text: &str) -> Option<f64> {
    let plain = !text.is_empty()
        && text.chars().enumerate().all(|(place, c)| c.is_ascii_digit() || c == '.' || (place == 0 && c == '-'));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').len();
    (plain && significant <= DIGITS_EXACT).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_a_spreadsheet_would_bend_stays_text() {
        assert_eq!(exact("-12.5"), Some(-12.5));
        for words in ["1234567890123456", "", "1-2", "12 GB", "1.2.3"] {
            assert_eq!(exact(words), None, "{words}");
        }
    }

    #[test]
    fn a_name_says_what_it_is() {
        assert_eq!(Kind::of("run-7.csv"), Some(("run-7", Kind::Csv)));
        assert_eq!(Kind::of("run-7.exe"), None);
    }
}
