//! A view as a spreadsheet: the one writer of workbooks, for the command line and for downloads.
//!
//! **Limits on purpose:** a number is a number in a cell only where the spreadsheet can hold it exactly. Words
//! that a spreadsheet would take for a formula carry its own mark for "this is text", so that they stay text
//! also when a person edits the cell.

use crate::Refused;
use crate::csv::{Csv, FORMULA_STARTS};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde::Serialize;

/// Significant digits that a spreadsheet keeps: it holds numbers as 64-bit floats.
const DIGITS_EXACT: usize = 15;
/// Characters that a spreadsheet takes in one cell.
const CELL_CHARS_MAX: usize = 32_767;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words, never run.
    Words(String),
    /// A plain decimal.
    Number(String),
}

impl Cell {
    /// A number where there is one.
    pub fn number(value: Option<impl ToString>) -> Cell {
        value.map_or(Cell::Words(String::new()), |value| Cell::Number(value.to_string()))
    }

    fn write(&self, sheet: &mut Worksheet, row: u32, column: u16, text: &Format) -> Result<(), XlsxError> {
        match self {
            Cell::Words(words) if words.is_empty() => {}
            Cell::Number(number) if let Some(exact) = exact(number) => {
                sheet.write_number(row, column, exact)?;
            }
            Cell::Words(words) | Cell::Number(words) => {
                let cut: String = words.chars().take(CELL_CHARS_MAX).collect();
                if cut.starts_with(FORMULA_STARTS) {
                    sheet.write_string_with_format(row, column, cut, text)?;
                } else {
                    sheet.write_string(row, column, cut)?;
                }
            }
        }
        Ok(())
    }
}

/// One sheet: a bold head and its rows. Blocking: a large one is work for a thread of its own.
pub fn book<R: IntoIterator<Item = Cell>>(
    name: &str,
    head: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> Result<Vec<u8>, Refused> {
    write(name, head, rows).map_err(|error| Refused::Broken(format!("the spreadsheet could not be made: {error}")))
}

fn write<R: IntoIterator<Item = Cell>>(
    name: &str,
    head: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (bold, text) = (Format::new().set_bold(), Format::new().set_quote_prefix());
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(name)?;
    for (heading, column) in head.iter().zip(0u16..) {
        sheet.write_string_with_format(0, column, *heading, &bold)?;
    }
    for (cells, row) in rows.into_iter().zip(1u32..) {
        for (cell, column) in cells.into_iter().zip(0u16..) {
            cell.write(sheet, row, column, &text)?;
        }
    }
    book.save_to_buffer()
}

/// A view as a workbook, with the rows and columns of its CSV. Blocking.
pub fn of(view: &impl Serialize, columns: Csv<'_>, name: &str) -> Result<Vec<u8>, Refused> {
    let text = columns.of(view)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(text.as_bytes());
    let broken = |error: csv::Error| Refused::Broken(error.to_string());
    let head: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows = reader.records().filter_map(Result::ok);
    book(name, &head, rows.map(|record| record.iter().map(cell).collect::<Vec<_>>()))
}

/// A field of CSV as a cell: CSV guards what a spreadsheet would run; here the cell itself does.
fn cell(field: &str) -> Cell {
    let words = field.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA_STARTS));
    match words {
        Some(words) => Cell::Words(words.to_owned()),
        None if exact(field).is_some() => Cell::Number(field.to_owned()),
        None => Cell::Words(field.to_owned()),
    }
}

/// The number, where a spreadsheet shows it back to the digit.
fn exact(text: &str) -> Option<f64> {
    let plain = text.chars().any(|c| c.is_ascii_digit())
        && text.chars().enumerate().all(|(place, c)| c.is_ascii_digit() || c == '.' || (place == 0 && c == '-'));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').len();
    (plain && significant <= DIGITS_EXACT).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader as _, Xlsx};
    use serde_json::json;
    use std::io::{Cursor, Read as _};

    #[test]
    fn a_number_that_a_spreadsheet_would_bend_stays_text() {
        assert_eq!(exact("-12.5"), Some(-12.5));
        assert_eq!(exact("-123456789012345"), Some(-123_456_789_012_345.0));
        assert_eq!(exact("0.000000000000001"), Some(1e-15));
        for words in ["1234567890123456", "123456789012.345678", "", "-", "1-2", "12 GB", "1.2.3"] {
            assert_eq!(exact(words), None, "{words}");
        }
    }

    #[test]
    fn row_67_what_a_spreadsheet_would_run_is_text_and_a_negative_number_is_a_number() {
        let starts = ["=cmd()", "+1", "-x", "@x", "\t=1", "＝1"];
        let lines: Vec<_> = starts.iter().map(|text| json!({"account": text, "money": "-5.5"})).collect();
        let columns = Csv { rows: "lines", columns: &["account", "money"] };
        let bytes = of(&json!({"lines": lines}), columns, "Report").unwrap();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&bytes)).unwrap();
        let sheet = book.worksheet_range("Report").unwrap();
        for (place, text) in starts.iter().enumerate() {
            let row = u32::try_from(place).unwrap() + 1;
            assert_eq!(sheet.get_value((row, 0)), Some(&Data::String((*text).to_owned())), "the words as they are");
            assert_eq!(sheet.get_value((row, 1)), Some(&Data::Float(-5.5)));
        }
        assert!(book.worksheet_formula("Report").unwrap().is_empty(), "nothing runs");
        let mut styles = String::new();
        let mut zip = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        zip.by_name("xl/styles.xml").unwrap().read_to_string(&mut styles).unwrap();
        assert!(styles.contains("quotePrefix=\"1\""), "it stays text when a person edits the cell");
    }
}
