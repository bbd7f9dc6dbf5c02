//! Profiles proposed from what a table says, so that a person only confirms.
//!
//! **Owns:** the words that vendors use, and why something was proposed.
//! **Does not own:** deciding. A proposal is never used before a person has seen it, and what cannot
//! be told from the table is left empty, for [`Profile::check`] to name.

mod words;

use super::read::HEADER_ROWS_MAX;
use super::table::{Cell, Kind, Row, Table, column_names, key};
use super::when::{RFC_3339, Said, read};
use super::{
    DecimalSign, Delimiter, Finer, Given, Header, OneColumn, OneEach, Profile, Quantities, Thousands, UnitFrom,
    VERSION, When, blank_words, number,
};
use hive_core::quantity::FRACTION_DIGITS_MAX;
use hive_core::unit::Unit;
use words::{Role, TOTALS, is_money, role, unit_in};

/// Rows below the header that are looked at.
const ROWS_LOOKED_AT: usize = 200;
/// Rows at the end among which a total is looked for.
const FOOTER_ROWS: usize = 5;

/// A proposal, and the reasons for it in words.
pub type Guess = (Profile, Vec<String>);

/// What is seen in a table before anything is proposed.
struct Seen<'a> {
    table: &'a Table,
    line: u64,
    names: Vec<String>,
    roles: Vec<Option<Role>>,
    rows: &'a [Row],
}

impl Profile {
    /// Profiles that this table could have, the likeliest first; none where no row looks like a header.
    pub fn guess(table: &Table) -> Vec<Guess> {
        let Some(seen) = Seen::of(table) else { return Vec::new() };
        let mut guesses = Vec::new();
        for (quantities, why) in seen.quantities() {
            guesses.extend(seen.profiles(&quantities, &why));
        }
        guesses
    }
}

impl<'a> Seen<'a> {
    /// The row with the most words that vendors use for columns; the first of equals.
    fn of(table: &'a Table) -> Option<Seen<'a>> {
        let roles = |row: &Row| -> Vec<Option<Role>> {
            row.cells().map(|cell| role(cell.text).filter(|_| cell.kind == Kind::Text)).collect()
        };
        let weight = |row: &Row| {
            let mut found: Vec<Role> = roles(row).into_iter().flatten().collect();
            found.sort_unstable();
            found.dedup();
            (found.contains(&Role::Account), found.len(), row.filled().min(2))
        };
        // Each row is weighed once: a header's words are compared with all that are known.
        let candidates = table.rows.iter().take(HEADER_ROWS_MAX).map(|row| (weight(row), row)).enumerate();
        let (header, (weighed, row)) = candidates.rev().max_by_key(|(_, (weighed, _))| *weighed)?;
        if !weighed.0 || row.filled() < 2 {
            return None;
        }
        let names = column_names(row);
        let rows = &table.rows[header + 1..];
        Some(Seen { table, line: row.line, names, roles: roles(row), rows })
    }

    /// The first column of a role; the best word for it stands first.
    fn column(&self, wanted: Role) -> Option<usize> {
        let columns = (0..self.names.len()).filter(|place| self.roles.get(*place) == Some(&Some(wanted)));
        columns.min_by_key(|place| (words::rank(&self.names[*place]), *place))
    }

    fn name(&self, place: usize) -> String {
        self.names[place].clone()
    }

    fn named(&self, wanted: Role) -> Option<String> {
        self.column(wanted).map(|place| self.name(place))
    }

    /// What a column says below the header, totals and blanks left out.
    fn values(&self, place: usize) -> Vec<Cell<'a>> {
        let rows = self.rows.iter().filter(|row| !is_total(row)).take(ROWS_LOOKED_AT);
        let blank = blank_words();
        rows.map(|row| row.cell(place)).filter(|cell| !cell.is_empty() && !blank.contains(&key(cell.text))).collect()
    }

    fn looks_like_a_quantity(&self, place: usize) -> bool {
        let values = self.values(place);
        let number = |cell: &Cell<'_>| match cell.kind {
            Kind::Number => true,
            Kind::Text => {
                let (number, _) = number::with_unit(cell.text);
                number.starts_with(|c: char| c.is_ascii_digit())
                    && number.chars().all(|c| c.is_ascii_digit() || is_sign(c))
                    && number.matches(['.', ',']).count() <= 3
            }
            Kind::Percent | Kind::Inexact | Kind::Date | Kind::DateTime | Kind::Formula => false,
        };
        !values.is_empty() && values.iter().all(number)
    }

    fn quantities(&self) -> Vec<(Quantities, Vec<String>)> {
        let free = |place: &usize| match self.roles[*place] {
            None | Some(Role::Quantity) => {
                !is_money(&self.names[*place]) && self.looks_like_a_quantity(*place) && !self.looks_like_a_date(*place)
            }
            Some(_) => false,
        };
        let numbers: Vec<usize> = (0..self.roles.len()).filter(free).collect();
        let product = self.column(Role::Product).or_else(|| self.column(Role::ProductId));
        let quantity = self.column(Role::Quantity);
        let mut found = Vec::new();
        if let Some(quantity) = quantity
            && (product.is_some() || numbers.len() < 2)
        {
            found.push(self.one_each(quantity, product));
        }
        if product.is_none() && !numbers.is_empty() && (numbers.len() > 1 || quantity.is_none()) {
            found.push(self.one_column_each(&numbers));
        }
        found
    }

    fn one_each(&self, quantity: usize, product: Option<usize>) -> (Quantities, Vec<String>) {
        let mut why = vec![format!("\"{}\" has the quantities", self.names[quantity])];
        let given = match product {
            Some(place) => {
                why.push(format!("\"{}\" names the product", self.names[place]));
                Given::Column(self.name(place))
            }
            None => {
                why.push("no column names a product: say which one this file measures".to_owned());
                Given::Constant(String::new())
            }
        };
        let behind = || {
            let mut texts = self.values(quantity).into_iter().filter(|cell| cell.kind == Kind::Text).peekable();
            texts.peek().is_some()
                && texts
                    .all(|cell| Unit::parse(number::with_unit(cell.text).1).and_then(|unit| unit.storage()).is_some())
        };
        let unit = if let Some(place) = self.column(Role::Unit) {
            why.push(format!("\"{}\" has the unit", self.names[place]));
            UnitFrom::Column(self.name(place))
        } else if behind() {
            why.push("the unit stands behind each quantity".to_owned());
            UnitFrom::BehindQuantity
        } else if let Some(unit) = unit_in(&self.names[quantity]) {
            why.push(format!("the header \"{}\" says {unit}", self.names[quantity]));
            UnitFrom::Constant(unit)
        } else {
            why.push("nothing says which unit the quantities have: say it".to_owned());
            UnitFrom::Constant(String::new())
        };
        let product_id = self.named(Role::ProductId).filter(|name| given != Given::Column(name.clone()));
        let (quota, quota_unit) = (self.named(Role::Quota), self.named(Role::QuotaUnit));
        let quantity = self.name(quantity);
        (Quantities::Rows(OneEach { product: given, product_id, quantity, unit, quota, quota_unit }), why)
    }

    fn one_column_each(&self, numbers: &[usize]) -> (Quantities, Vec<String>) {
        let mut why = Vec::new();
        let columns = numbers.iter().map(|place| {
            let column = self.name(*place);
            let unit = unit_in(&column);
            match &unit {
                Some(unit) => why.push(format!("\"{column}\" has a product's quantities, in {unit} by its header")),
                None => why.push(format!("\"{column}\" has a product's quantities: say in which unit")),
            }
            OneColumn { product: words::without_unit(&column), column, unit: unit.unwrap_or_default(), quota: None }
        });
        let columns = columns.collect();
        let others = (0..self.roles.len()).filter(|place| !numbers.contains(place) && self.roles[*place].is_none());
        let left: Vec<String> = others.map(|place| format!("\"{}\"", self.names[place])).collect();
        if !left.is_empty() {
            why.push(format!("left out: {}", left.join(", ")));
        }
        (Quantities::Columns(columns), why)
    }

    /// One profile, or two where the dates can be read both ways.
    fn profiles(&self, quantities: &Quantities, why: &[String]) -> Vec<Guess> {
        let mut reasons = vec![format!("the header stands in line {}", self.line)];
        let account = self.named(Role::Account).unwrap_or_default();
        reasons.push(format!("\"{account}\" names the account"));
        reasons.extend_from_slice(why);
        let numbers = self.numbers(quantities, &mut reasons);
        let skip = self.totals(&mut reasons);
        let measured_at = match self.column(Role::MeasuredAt) {
            Some(place) => When::Column(self.name(place)),
            None => {
                reasons
                    .push("no column has a time: the file's own time is taken; a date in its name is safer".to_owned());
                When::FileModified
            }
        };
        let dates = self.column(Role::MeasuredAt).map(|place| self.dates(place)).unwrap_or_default();
        let profile = |dates: Vec<String>, reasons: Vec<String>| {
            let profile = Profile {
                version: VERSION,
                name: String::new(),
                sheet: self.table.sheet().filter(|_| self.table.sheets().len() > 1).map(str::to_owned),
                delimiter: self.table.delimiter(),
                header: Header::Find,
                account: account.clone(),
                account_id: self.named(Role::AccountId),
                quantities: quantities.clone(),
                measured_at: measured_at.clone(),
                class: self.named(Role::Class),
                skip: skip.clone(),
                blank: blank_words(),
                decimal: numbers.0,
                thousands: numbers.1,
                finer: numbers.2,
                dates,
                zone: None,
            };
            (profile, reasons)
        };
        match dates.as_slice() {
            [] => vec![profile(Vec::new(), reasons)],
            [(format, why)] => {
                reasons.push(why.clone());
                vec![profile(vec![format.clone()].into_iter().filter(|format| !format.is_empty()).collect(), reasons)]
            }
            both => {
                let one = |(format, why): &(String, String)| {
                    let reasons = reasons.iter().cloned().chain([why.clone()]).collect();
                    profile(vec![format.clone()], reasons)
                };
                both.iter().map(one).collect()
            }
        }
    }

    fn totals(&self, reasons: &mut Vec<String>) -> Vec<String> {
        let mut skip = Vec::new();
        for row in self.rows.iter().rev().take(FOOTER_ROWS).filter(|row| is_total(row)) {
            let first = row.cells().find(|cell| !cell.is_empty()).map(|cell| cell.text.to_owned()).unwrap_or_default();
            reasons.push(format!("line {} (\"{first}\") is a total and is left out", row.line));
            skip.push(first);
        }
        skip.sort();
        skip.dedup();
        skip
    }

    /// How the texts of the quantities write numbers.
    fn numbers(&self, quantities: &Quantities, reasons: &mut Vec<String>) -> (DecimalSign, Option<Thousands>, Finer) {
        let names: Vec<&str> = match quantities {
            Quantities::Rows(each) => {
                [Some(&each.quantity), each.quota.as_ref()].into_iter().flatten().map(String::as_str).collect()
            }
            Quantities::Columns(columns) => columns.iter().map(|one| one.column.as_str()).collect(),
        };
        let places = (0..self.names.len()).filter(|place| names.contains(&self.names[*place].as_str()));
        let cells: Vec<Cell<'_>> = places.flat_map(|place| self.values(place)).collect();
        let texts: Vec<&str> =
            cells.iter().filter(|cell| cell.kind == Kind::Text).map(|cell| number::with_unit(cell.text).0).collect();
        let (decimal, thousands) = signs(&texts, self.table.delimiter(), reasons);
        let point = if decimal == DecimalSign::Comma { ',' } else { '.' };
        let fine = |cell: &Cell<'_>| {
            let (number, point) =
                if cell.kind == Kind::Number { (cell.text, '.') } else { (number::with_unit(cell.text).0, point) };
            number
                .split_once(point)
                .is_some_and(|(_, fraction)| fraction.trim_end_matches('0').len() > FRACTION_DIGITS_MAX)
        };
        if !cells.iter().any(fine) {
            return (decimal, thousands, Finer::Refuse);
        }
        reasons.push(format!(
            "some quantities have more than {FRACTION_DIGITS_MAX} digits after the point: they go to the nearest of these"
        ));
        (decimal, thousands, Finer::Nearest)
    }

    fn looks_like_a_date(&self, place: usize) -> bool {
        let values = self.values(place);
        let day = |cell: &Cell<'_>| {
            cell.text.len() == "20260630".len() && read("%Y%m%d", cell.text).is_some_and(Said::is_recent)
        };
        !values.is_empty() && values.iter().all(day)
    }

    /// The formats that fit every text of a column, each with its reason; two where the day and the
    /// month can be taken for each other. An empty format: none is needed, or none is known.
    fn dates(&self, place: usize) -> Vec<(String, String)> {
        let values = self.values(place);
        let texts: Vec<&str> =
            values.iter().filter(|cell| matches!(cell.kind, Kind::Text | Kind::Number)).map(|cell| cell.text).collect();
        let name = &self.names[place];
        let Some(first) = texts.first() else {
            return vec![(String::new(), format!("\"{name}\" has the time, as a workbook's own dates"))];
        };
        let fits = |format: &&&str| texts.iter().all(|text| read(format, text).is_some_and(Said::is_recent));
        let mut fitting: Vec<&str> = words::DATES.iter().filter(fits).copied().collect();
        let same = |one: &str, two: &str| texts.iter().all(|text| read(one, text) == read(two, text));
        fitting.dedup_by(|later, earlier| same(later, earlier));
        let zone = |format: &str| if format == RFC_3339 { "" } else { ", in the MSP's time zone" };
        match fitting.as_slice() {
            [] => vec![(String::new(), format!("\"{name}\" has the time; say how \"{first}\" is written"))],
            [one] => vec![((*one).to_owned(), format!("\"{name}\" has the time, written {one}{}", zone(one)))],
            several => {
                let why = |format: &str| {
                    format!(
                        "\"{first}\" in \"{name}\" can be read in {} ways; this proposal reads {format}",
                        several.len()
                    )
                };
                several.iter().map(|format| ((*format).to_owned(), why(format))).collect()
            }
        }
    }
}

fn is_total(row: &Row) -> bool {
    let first = row.cells().find(|cell| !cell.is_empty()).map(|cell| key(cell.text)).unwrap_or_default();
    TOTALS.contains(&first.trim_end_matches(':').trim_end())
}

fn is_sign(c: char) -> bool {
    matches!(c, '.' | ',') || Thousands::ALL.iter().any(|thousands| thousands.is(c))
}

/// The signs that texts write numbers with. `1,250` alone proves nothing: its reason says so.
fn signs(texts: &[&str], delimiter: Option<Delimiter>, reasons: &mut Vec<String>) -> (DecimalSign, Option<Thousands>) {
    let between = |comma: bool| {
        let other = |c: char| Thousands::ALL.into_iter().find(|sign| sign.is(c) && !(comma && c == ','));
        let sign = if comma { ',' } else { '.' };
        texts.iter().find_map(|text| text.chars().filter(|c| *c != sign).find_map(other))
    };
    let fits = |comma: bool| {
        let style = number::Style { comma, thousands: between(comma), finer: Finer::Refuse };
        texts.iter().all(|text| style.plain(text).is_ok())
    };
    let (point, comma) = (fits(false), fits(true));
    let marked = texts.iter().find(|text| text.contains([',', '.']));
    match (point, comma, marked) {
        (_, _, None) => (DecimalSign::Point, between(false)),
        (true, true, Some(text)) => {
            let comma = delimiter == Some(Delimiter::Semicolon);
            let sign = if comma { "a decimal comma" } else { "a decimal point" };
            reasons.push(format!("look here: \"{text}\" can be read in two ways; this proposal takes {sign}"));
            if comma { (DecimalSign::Comma, between(true)) } else { (DecimalSign::Point, between(false)) }
        }
        (false, true, Some(text)) => {
            reasons.push(format!("numbers are written with a decimal comma, such as \"{text}\""));
            (DecimalSign::Comma, between(true))
        }
        (_, _, Some(_)) => (DecimalSign::Point, between(false)),
    }
}
