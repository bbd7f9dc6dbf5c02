//! A vendor's file as rows of cells, each with the place where the vendor wrote it.
//!
//! **Owns:** the two kinds of file, what a cell says and where it stands, the limits of a file.
//! **Does not own:** what a cell means ([`super::Profile`]), where the bytes come from.
//! **Limits on purpose:** one sheet at a time; no .xls, no .ods, no password.

mod text;
mod workbook;

use hive_core::import::ROWS_MAX;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// Lines above and below the rows proper that a file may have besides: titles, totals, notes.
const ROWS_BESIDE_MAX: usize = 1_000;
/// Columns a table may have. Vendors' widest exports have about a hundred.
pub const COLUMNS_MAX: usize = 200;
/// Filled cells a table may have: what 200,000 rows of 40 columns come to, and what fits into memory.
const CELLS_MAX: usize = 8_000_000;
/// Characters a cell may have: names and notes are far shorter, and each is compared with every word known.
const CELL_CHARS_MAX: usize = 10_000;
/// Bytes all texts of a table may have together. A workbook can refer to one long text a million times.
const TEXT_BYTES_MAX: usize = 128 << 20;

/// What separates the columns of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tabulator.
    Tab,
}

impl Delimiter {
    pub(super) const ALL: [Delimiter; 3] = [Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab];

    fn byte(self) -> u8 {
        match self {
            Delimiter::Comma => b',',
            Delimiter::Semicolon => b';',
            Delimiter::Tab => b'\t',
        }
    }
}

/// How a file is to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// The sheet; the first visible one with data where there is none.
    pub sheet: Option<&'a str>,
    /// What separates the columns of a text file; found where there is none.
    pub delimiter: Option<Delimiter>,
    /// The most bytes a file may have (`HIVE_UPLOAD_BYTES_MAX`).
    pub bytes_max: usize,
}

/// A file, opened: every row that is not empty.
#[derive(Clone, Debug)]
pub struct Table {
    sheets: Vec<String>,
    sheet: Option<String>,
    delimiter: Option<Delimiter>,
    pub(super) rows: Vec<Row>,
}

/// One row, cells as they stand.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The vendor's line, or the sheet's row: both begin at 1.
    pub(super) line: u64,
    /// Fields as the file has them, blank ones at the end and all.
    pub(super) fields: usize,
    /// Up to the last field that says something.
    record: csv::StringRecord,
    /// Per cell; empty where all is text.
    kinds: Vec<Kind>,
}

/// What kind of cell a text stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A workbook's number: a plain decimal whatever the country.
    Number,
    /// A workbook's number that is shown as a percentage.
    Percent,
    /// A workbook's number with more digits than it can have kept.
    Inexact,
    /// A day without a time, `2026-06-30`.
    Date,
    /// A day with its time, `2026-06-30T13:00:00`.
    DateTime,
    /// A formula whose value was never worked out.
    Formula,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    /// Trimmed.
    pub(super) text: &'a str,
    pub(super) kind: Kind,
}

impl Cell<'_> {
    pub(super) fn is_empty(self) -> bool {
        self.text.is_empty() && self.kind != Kind::Formula
    }
}

impl Row {
    pub(super) fn cell(&self, place: usize) -> Cell<'_> {
        let text = self.record.get(place).unwrap_or_default().trim();
        Cell { text, kind: self.kinds.get(place).copied().unwrap_or(Kind::Text) }
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.record.len()).map(|place| self.cell(place))
    }

    /// Columns up to the last one that says something.
    pub(super) fn filled(&self) -> usize {
        self.record.len()
    }
}

impl Table {
    /// Opens a file by what it is, not by its name: a workbook (XLSX) or a text (CSV: UTF-8, or
    /// UTF-16 with its mark as Excel saves it). The words of an error are for the person whose file
    /// it is.
    pub fn read(bytes: &[u8], opening: &Opening<'_>) -> Result<Table, String> {
        let max = opening.bytes_max;
        if bytes.len() > max {
            return Err(format!("the file may have at most {max} bytes (HIVE_UPLOAD_BYTES_MAX); split it"));
        }
        let table = if bytes.starts_with(b"PK\x03\x04") {
            workbook::read(bytes, opening.sheet)?
        } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err("the file is an old .xls workbook or has a password; save it as .xlsx without one".to_owned());
        } else {
            text::read(bytes, opening.delimiter)?
        };
        if table.rows.is_empty() {
            return Err("the file is empty".to_owned());
        }
        Ok(table)
    }

    /// The sheets of a workbook, in its order; none for a text file.
    pub fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// The sheet that was opened.
    pub fn sheet(&self) -> Option<&str> {
        self.sheet.as_deref()
    }

    /// What separates the columns of a text file, as told or found.
    pub fn delimiter(&self) -> Option<Delimiter> {
        self.delimiter
    }

    /// The first rows as they stand, each with its line: for a person who looks.
    pub fn head(&self, rows: usize) -> Vec<(u64, Vec<String>)> {
        let row = |row: &Row| (row.line, row.cells().map(|cell| cell.text.to_owned()).collect());
        self.rows.iter().take(rows).map(row).collect()
    }

    /// Where a cell stands, beside its line: the column's name, and in a workbook the cell too.
    pub(super) fn place(&self, name: &str, line: u64, place: usize) -> String {
        match &self.sheet {
            None => name.to_owned(),
            Some(sheet) => format!("{name} (cell {}{line} of sheet \"{sheet}\")", letters(place)),
        }
    }
}

/// Rows as they are collected, within the limits of a file.
#[derive(Debug, Default)]
struct Collected {
    rows: Vec<Row>,
    cells: usize,
    text_bytes: usize,
}

impl Collected {
    fn push(&mut self, line: u64, mut record: csv::StringRecord, kinds: Vec<Kind>) -> Result<(), String> {
        let fields = record.len();
        let says = |place: &usize| kinds.get(*place) == Some(&Kind::Formula) || !record[*place].trim().is_empty();
        let filled = (0..fields).rev().find(says).map_or(0, |last| last + 1);
        record.truncate(filled);
        self.cells += filled;
        self.text_bytes += record.as_slice().len();
        if filled > COLUMNS_MAX {
            return Err(format!("line {line} has {filled} columns; a table may have at most {COLUMNS_MAX}"));
        }
        if filled > 0 && self.rows.len() >= ROWS_MAX + ROWS_BESIDE_MAX {
            return Err(format!("a file may have at most {ROWS_MAX} rows; split it"));
        }
        for (place, cell) in record.iter().enumerate() {
            check_cell(line, place, cell)?;
        }
        if self.cells > CELLS_MAX || self.text_bytes > TEXT_BYTES_MAX {
            return Err(too_large(line));
        }
        if filled > 0 {
            self.rows.push(Row { line, fields, record, kinds });
        }
        Ok(())
    }
}

fn too_large(line: u64) -> String {
    format!("the table is too large from line {line} on; split it, or leave out columns")
}

fn check_cell(line: u64, place: usize, cell: &str) -> Result<(), String> {
    // Fewer bytes than that are fewer characters too: most cells are not counted.
    if cell.len() <= CELL_CHARS_MAX || cell.chars().count() <= CELL_CHARS_MAX {
        return Ok(());
    }
    let column = letters(place);
    Err(format!("line {line}, column {column}: a cell may have at most {CELL_CHARS_MAX} characters; shorten it"))
}

/// The names of a header's columns. A name that stands twice is numbered from the first one on, so
/// that a profile made before the second came finds neither instead of the wrong one.
pub(super) fn column_names(header: &Row) -> Vec<String> {
    let plain: Vec<String> =
        header.cells().map(|cell| cell.text.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect()).collect();
    let keys: Vec<String> = plain.iter().map(|name| key(name)).collect();
    let mut names = Vec::with_capacity(plain.len());
    for (place, name) in plain.into_iter().enumerate() {
        let twins = keys.iter().filter(|key| **key == keys[place]).count();
        let nth = keys[..=place].iter().filter(|key| **key == keys[place]).count();
        names.push(match (name.is_empty(), twins) {
            (true, _) => format!("(column {})", letters(place)),
            (false, 1) => name,
            (false, _) => format!("{name} ({nth})"),
        });
    }
    names
}

/// A column's name as it is compared: case and the width of gaps tell none apart.
pub(super) fn key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect::<String>().to_lowercase()
}

/// A column as spreadsheets call it: 0 is A, 26 is AA.
fn letters(place: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = place + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_spreadsheets_call_them() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letters).join(" "), "A Z AA AZ BA ZZ AAA");
    }

    #[test]
    fn a_cell_without_end_is_refused_with_its_place() {
        let opening = Opening { sheet: None, delimiter: None, bytes_max: 1_000_000 };
        let file = |chars: usize| format!("Customer,Used\nAcme,{}\n", "ü".repeat(chars));
        assert!(Table::read(file(CELL_CHARS_MAX).as_bytes(), &opening).is_ok());
        let refused = Table::read(file(CELL_CHARS_MAX + 1).as_bytes(), &opening).unwrap_err();
        assert_eq!(refused, "line 2, column B: a cell may have at most 10000 characters; shorten it");
    }

    #[test]
    fn a_name_that_stands_twice_is_numbered_from_the_first_on() {
        let record = csv::StringRecord::from(vec!["Customer", "Used", "", "used "]);
        let header = Row { line: 1, fields: 4, record, kinds: Vec::new() };
        assert_eq!(column_names(&header), ["Customer", "Used (1)", "(column C)", "used (2)"]);
    }
}
