//! The text of files that people bring: read whole, and named by line and column where it is wrong.
//!
//! **Owns:** the encoding, the columns, what a field may say.
//! **Does not own:** where the bytes come from (a path, an upload), what becomes of the rows.

use hive_core::import::{BadRow, ROWS_MAX};
use std::collections::HashMap;

mod links;
mod usage;

pub use links::read_links;
pub use usage::{is_usage_csv, read_usage};

/// The text of a file's bytes, or why they are no text: UTF-8, with or without its mark.
pub fn decode(bytes: &[u8]) -> Result<String, String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("the file is UTF-16; save it as CSV UTF-8".to_owned());
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line} is not UTF-8 (perhaps Latin-1 or Windows-1252); save the file as CSV UTF-8")
    })?;
    if let Some(at) = text.find('\0') {
        let line = text[..at].matches('\n').count() + 1;
        return Err(format!("line {line} holds a NUL character; it is not a text file"));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
}

/// A CSV file whose columns are found by their names.
pub(crate) struct Table {
    columns: HashMap<String, usize>,
    rows: Vec<(u64, csv::StringRecord)>,
}

/// Counts lines as an editor does. The reader's own count stands at the line break before a record
/// where that is CRLF or follows an empty line.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, record: Option<&csv::Position>) -> u64 {
        let begins = record.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.at);
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() && (self.at < begins || matches!(bytes[self.at], b'\r' | b'\n')) {
            let crlf = bytes[self.at] == b'\r' && bytes.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(matches!(bytes[self.at], b'\r' | b'\n') && !crlf);
            self.at += 1;
        }
        self.line
    }
}

/// One row of a [`Table`].
pub(crate) struct Row<'a> {
    pub(crate) line: u64,
    table: &'a Table,
    record: &'a csv::StringRecord,
}

impl Table {
    /// Reads a whole file: RFC 4180, comma, the header's names as given and no others.
    pub(crate) fn read(text: &str, required: &[&str], optional: &[&str]) -> Result<Table, Vec<BadRow>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut records = reader.records();
        let bad = |line: u64, column: &str, reason: String| vec![BadRow { line, column: column.to_owned(), reason }];
        let header = match records.next() {
            Some(Ok(header)) => header,
            Some(Err(error)) => return Err(bad(1, "header", error.to_string())),
            None => {
                return Err(bad(
                    1,
                    "header",
                    format!("the file is empty; the first line must be {}", required.join(",")),
                ));
            }
        };
        let columns = header_columns(&header, required, optional)?;
        let mut rows = Vec::new();
        let mut wrong = Vec::new();
        let mut lines = Lines { text, at: 0, line: 1 };
        for record in records {
            let record = record
                .map_err(|error| bad(error.position().map_or(0, csv::Position::line), "row", error.to_string()))?;
            let line = lines.of(record.position());
            if record.len() != header.len() {
                wrong.push(BadRow {
                    line,
                    column: "row".to_owned(),
                    reason: format!("{} fields, but the header has {}", record.len(), header.len()),
                });
            }
            rows.push((line, record));
            if rows.len() > ROWS_MAX {
                return Err(bad(line, "row", format!("a file may have at most {ROWS_MAX} rows; split it")));
            }
        }
        if text.matches('"').count() % 2 == 1 {
            let line = rows.last().map_or(1, |(line, _)| *line);
            wrong.push(BadRow {
                line,
                column: "row".to_owned(),
                reason: "a quotation mark is opened and never closed".to_owned(),
            });
        }
        if wrong.is_empty() { Ok(Table { columns, rows }) } else { Err(wrong) }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row { line: *line, table: self, record })
    }
}

impl<'a> Row<'a> {
    /// The field of a column; empty where the file has no such column.
    pub(crate) fn field(&self, column: &str) -> &'a str {
        self.table.columns.get(column).and_then(|place| self.record.get(*place)).unwrap_or_default()
    }

    pub(crate) fn bad(&self, column: &str, reason: impl Into<String>) -> BadRow {
        BadRow { line: self.line, column: column.to_owned(), reason: reason.into() }
    }
}

fn header_columns(
    header: &csv::StringRecord,
    required: &[&str],
    optional: &[&str],
) -> Result<HashMap<String, usize>, Vec<BadRow>> {
    let mut columns = HashMap::new();
    let mut wrong = Vec::new();
    let mut refuse = |column: &str, reason: String| wrong.push(BadRow { line: 1, column: column.to_owned(), reason });
    if header.len() == 1 && header[0].contains([';', '\t']) {
        refuse("header", "the columns are separated by semicolons or tabs; separate them by commas".to_owned());
    } else {
        for (place, name) in header.iter().enumerate() {
            let name = name.trim();
            if !required.contains(&name) && !optional.contains(&name) {
                refuse(name, format!("unknown column; there are {},{}", required.join(","), optional.join(",")));
            } else if columns.insert(name.to_owned(), place).is_some() {
                refuse(name, "this column stands twice".to_owned());
            }
        }
        for name in required.iter().filter(|name| !columns.contains_key(**name)) {
            refuse(name, "this column is missing".to_owned());
        }
    }
    if wrong.is_empty() { Ok(columns) } else { Err(wrong) }
}
