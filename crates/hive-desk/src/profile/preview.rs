//! A table as a person looks at it before they say how it is read.
//!
//! **Owns:** which columns there are to choose from, and the first rows below them.
//! **Does not own:** the proposal ([`super::guess`]).

use super::read::{Columns, HEADER_ROWS_MAX};
use super::table::{Row, Table, column_names};
use super::{Given, Guess, Header, OneEach, Profile, Quantities, UnitFrom, VERSION, When, blank_words};

/// The columns of a table and its first rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The header's line.
    pub header: u64,
    /// The columns' names, as a profile names them.
    pub columns: Vec<String>,
    /// The first rows below the header: their line and their texts, one a column.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Profile {
    /// What there is to say of a table that nobody described yet: the proposals, the likeliest first, or
    /// one with nothing in it for a person to fill.
    pub fn proposals(table: &Table) -> Vec<Guess> {
        let mut guesses = Profile::guess(table);
        if guesses.is_empty() {
            let why = "Hive knows none of this file's words; say what each column is".to_owned();
            guesses.push((Profile::blank(table), vec![why]));
        }
        guesses
    }

    fn blank(table: &Table) -> Profile {
        let header = usual_header(table).map_or(Header::Find, |row| Header::Line(row.line));
        Profile {
            version: VERSION,
            name: String::new(),
            sheet: table.sheet().filter(|_| table.sheets().len() > 1).map(str::to_owned),
            delimiter: table.delimiter(),
            header,
            account: String::new(),
            account_id: None,
            quantities: Quantities::Rows(OneEach {
                product: Given::Constant(String::new()),
                product_id: None,
                quantity: String::new(),
                unit: UnitFrom::Constant(String::new()),
                quota: None,
                quota_unit: None,
            }),
            measured_at: When::Column(String::new()),
            class: None,
            skip: Vec::new(),
            blank: blank_words(),
            decimal: super::DecimalSign::Point,
            thousands: None,
            finer: super::Finer::Refuse,
            dates: Vec::new(),
            zone: None,
        }
    }

    /// The table under this profile's header; where it has none, under the likeliest one.
    pub fn preview(&self, table: &Table, rows: usize) -> Preview {
        let named = |line: u64| table.rows.iter().position(|row| row.line == line);
        let header = match (Columns::find(self, table), self.header) {
            (Ok(columns), _) => Some(columns.header),
            (Err(_), Header::Line(line)) => named(line),
            (Err(_), Header::Find) => None,
        };
        let usual = || usual_header(table).and_then(|row| named(row.line)).unwrap_or_default();
        let header = header.unwrap_or_else(usual);
        let columns = table.rows.get(header).map(column_names).unwrap_or_default();
        let texts = |row: &Row| (0..columns.len()).map(|place| row.cell(place).text.to_owned()).collect();
        let below = table.rows.iter().skip(header + 1).take(rows);
        Preview {
            header: table.rows.get(header).map_or(1, |row| row.line),
            rows: below.map(|row| (row.line, texts(row))).collect(),
            columns,
        }
    }
}

/// The first of the rows with the most cells: titles above a header have fewer.
fn usual_header(table: &Table) -> Option<&Row> {
    table.rows.iter().take(HEADER_ROWS_MAX).rev().max_by_key(|row| row.filled())
}
