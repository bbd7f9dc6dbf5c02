//! A vendor's table through its profile: the rows that `usage.csv` would give, or every bad cell.

use super::number::{Style, with_unit};
use super::row::{UsageTexts, not_ahead, usage_row};
use super::table::{Cell, Kind, Row, Table, column_names, key};
use super::when::Clock;
use super::{DecimalSign, Given, Header, OneColumn, OneEach, Profile, Quantities, UnitFrom, When};
use hive_core::import::{BadRow, ROWS_MAX, UsageRow};
use hive_core::unit::{Storage, Unit};
use hive_core::{TimeZone, Timestamp};
use std::collections::HashMap;

/// Rows among which a header is looked for. Titles above one take ten at most.
pub(super) const HEADER_ROWS_MAX: usize = 50;

/// How a file came, beside its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    /// Its name, without the folder.
    pub file_name: &'a str,
    /// When it was last written. None: nobody knows, as with an upload.
    pub modified_at: Option<Timestamp>,
    /// The moment of import.
    pub now: Timestamp,
    /// The MSP's zone, for dates without one where the profile names none.
    pub zone: &'a TimeZone,
}

/// What a table gives: what an import takes, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// As `usage.csv` would give them; `line` is the vendor's. A table with one column per product
    /// gives several rows of one line.
    pub rows: Vec<UsageRow>,
    /// Rows that the profile says to leave out: their line and first filled cell.
    pub skipped: Vec<(u64, String)>,
    /// Quantities that were blank: no sample was taken from them.
    pub blank: usize,
}

/// Where the columns of a profile stand in a table.
pub(super) struct Columns {
    /// The header's place among the table's rows.
    pub(super) header: usize,
    pub(super) names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    /// Finds the header; otherwise the line to blame and what is missing.
    pub(super) fn find(profile: &Profile, table: &Table) -> Result<Columns, (u64, String)> {
        let wanted = profile.columns();
        if let Header::Line(line) = profile.header {
            let header = table.rows.iter().position(|row| row.line == line);
            let header = header.ok_or_else(|| (line, format!("line {line}, where the header should be, is empty")))?;
            let columns = Columns::of(table, header);
            let missing = columns.missing(&wanted);
            return if missing.is_empty() { Ok(columns) } else { Err((line, columns.words(table, &missing))) };
        }
        let mut nearest: Option<(usize, (u64, String))> = None;
        for header in 0..table.rows.len().min(HEADER_ROWS_MAX) {
            let columns = Columns::of(table, header);
            let missing = columns.missing(&wanted);
            if missing.is_empty() {
                return Ok(columns);
            }
            if nearest.as_ref().is_none_or(|(fewest, _)| missing.len() < *fewest) {
                nearest = Some((missing.len(), (table.rows[header].line, columns.words(table, &missing))));
            }
        }
        let (missing, (line, words)) = nearest.unwrap_or((0, (1, "the file is empty".to_owned())));
        if missing == wanted.len() {
            let words = format!("no row has the columns of the profile ({})", wanted.join(", "));
            return Err((line, words));
        }
        Err((line, words))
    }

    fn of(table: &Table, header: usize) -> Columns {
        let names = column_names(&table.rows[header]);
        let keys: Vec<String> = names.iter().map(|name| key(name)).collect();
        // A header that itself says `Used (1)` beside two that say `Used` names neither.
        let once = |name: &String| keys.iter().filter(|other| *other == name).count() == 1;
        let places = keys.iter().enumerate().filter(|(_, name)| once(name)).map(|(place, name)| (name.clone(), place));
        let places = places.collect();
        Columns { header, names, places }
    }

    fn missing<'a>(&self, wanted: &[&'a str]) -> Vec<&'a str> {
        wanted.iter().filter(|name| !self.places.contains_key(&key(name))).copied().collect()
    }

    fn words(&self, table: &Table, missing: &[&str]) -> String {
        let line = table.rows[self.header].line;
        let twice = |name: &&&str| self.places.contains_key(&key(&format!("{name} (1)")));
        let quoted: Vec<String> = missing.iter().map(|name| format!("\"{name}\"")).collect();
        let mut words = format!("the header in line {line} has no column {}", quoted.join(", "));
        if let Some(name) = missing.iter().find(twice) {
            words.push_str(&format!("; \"{name}\" stands there more than once, say \"{name} (1)\" or \"{name} (2)\""));
        }
        words
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.places.get(&key(name)).copied()
    }
}

/// One quantity of a row: where its parts stand, or what they are.
struct Measure<'a> {
    product: Text<'a>,
    product_id: Option<usize>,
    quantity: usize,
    unit: Text<'a>,
    quota: Option<usize>,
    quota_unit: Option<usize>,
}

#[derive(Clone, Copy)]
enum Text<'a> {
    At(usize),
    Constant(&'a str),
    BehindQuantity,
}

/// A reading: everything that is the same for all rows.
struct Reading<'a> {
    profile: &'a Profile,
    table: &'a Table,
    columns: &'a Columns,
    style: Style,
    clock: Clock<'a>,
    blank: Vec<String>,
    skip: Vec<String>,
    account: usize,
    account_id: Option<usize>,
    class: Option<usize>,
    measures: Vec<Measure<'a>>,
    /// The time of every row, where it is not the rows' own.
    file_time: Option<Timestamp>,
}

impl Profile {
    /// Every row of a table, or every bad cell; all or nothing, as with `usage.csv`.
    pub fn read(&self, table: &Table, arrived: &Arrived<'_>) -> Result<Read, Vec<BadRow>> {
        let bad = |line: u64, column: &str, reason: String| vec![BadRow { line, column: column.to_owned(), reason }];
        if let Some(missing) = self.check(table).into_iter().next() {
            let line = Columns::find(self, table).err().map_or(1, |(line, _)| line);
            return Err(bad(line, "header", missing));
        }
        let columns = Columns::find(self, table).map_err(|(line, why)| bad(line, "header", why))?;
        let named = self.zone.as_deref().map(TimeZone::get).transpose();
        let named = named.map_err(|error| bad(1, "zone", error.to_string()))?;
        let zone = named.as_ref().unwrap_or(arrived.zone);
        let clock = Clock { formats: &self.dates, zone, now: arrived.now };
        let file_time = self.file_time(&clock, arrived).map_err(|why| bad(1, "file", why))?;
        let Some(reading) = Reading::new(self, table, &columns, clock, file_time) else {
            return Err(bad(1, "header", "the columns of the profile are not in the header".to_owned()));
        };
        reading.rows()
    }

    fn file_time(&self, clock: &Clock<'_>, arrived: &Arrived<'_>) -> Result<Option<Timestamp>, String> {
        match &self.measured_at {
            When::Column(_) => Ok(None),
            When::FileName(pattern) => clock.of_name(pattern, arrived.file_name).map(Some),
            When::FileModified => {
                let at = arrived.modified_at.ok_or(
                    "it is not known when the file was last written; say which column has the time, or a pattern of the file's name",
                )?;
                not_ahead(at, &format!("the file's own time {at:.0}"), arrived.now).map(Some)
            }
        }
    }

    /// Bad rows of an import by their own columns: what resolving says of `account` or `quantity`
    /// stands in the vendor's file under another name.
    pub fn in_its_words(&self, bad: Vec<BadRow>) -> Vec<BadRow> {
        let own = |column: &str| match (column, &self.quantities) {
            ("account", _) => Some(self.account.clone()),
            ("account_id", _) => self.account_id.clone(),
            ("class", _) => self.class.clone(),
            ("product", Quantities::Rows(OneEach { product: Given::Column(name), .. })) => Some(name.clone()),
            ("product_id", Quantities::Rows(each)) => each.product_id.clone(),
            ("quantity", Quantities::Rows(each)) => Some(each.quantity.clone()),
            _ => None,
        };
        bad.into_iter().map(|row| BadRow { column: own(&row.column).unwrap_or(row.column), ..row }).collect()
    }
}

impl<'a> Reading<'a> {
    fn new(
        profile: &'a Profile,
        table: &'a Table,
        columns: &'a Columns,
        clock: Clock<'a>,
        file_time: Option<Timestamp>,
    ) -> Option<Reading<'a>> {
        let maybe = |name: &Option<String>| name.as_deref().and_then(|name| columns.place(name));
        let one_each = |each: &'a OneEach| -> Option<Measure<'a>> {
            let product = match &each.product {
                Given::Column(name) => Text::At(columns.place(name)?),
                Given::Constant(text) => Text::Constant(text),
            };
            let unit = match &each.unit {
                UnitFrom::Column(name) => Text::At(columns.place(name)?),
                UnitFrom::Constant(text) => Text::Constant(text),
                UnitFrom::BehindQuantity => Text::BehindQuantity,
            };
            let (product_id, quota, quota_unit) =
                (maybe(&each.product_id), maybe(&each.quota), maybe(&each.quota_unit));
            Some(Measure { product, product_id, quantity: columns.place(&each.quantity)?, unit, quota, quota_unit })
        };
        let one_column = |one: &'a OneColumn| -> Option<Measure<'a>> {
            let (product, unit) = (Text::Constant(&one.product), Text::Constant(&one.unit));
            let quantity = columns.place(&one.column)?;
            Some(Measure { product, product_id: None, quantity, unit, quota: maybe(&one.quota), quota_unit: None })
        };
        let measures: Option<Vec<Measure<'a>>> = match &profile.quantities {
            Quantities::Rows(each) => one_each(each).map(|measure| vec![measure]),
            Quantities::Columns(columns) => columns.iter().map(one_column).collect(),
        };
        let comma = profile.decimal == DecimalSign::Comma;
        Some(Reading {
            profile,
            table,
            columns,
            style: Style { comma, thousands: profile.thousands, finer: profile.finer },
            clock,
            blank: profile.blank.iter().map(|word| key(word)).collect(),
            skip: profile.skip.iter().map(|word| key(word)).filter(|word| !matches!(word.as_str(), "" | "*")).collect(),
            account: columns.place(&profile.account)?,
            account_id: maybe(&profile.account_id),
            class: maybe(&profile.class),
            measures: measures?,
            file_time,
        })
    }

    fn rows(&self) -> Result<Read, Vec<BadRow>> {
        let mut read = Read::default();
        let mut bad = Vec::new();
        let header = &self.table.rows[self.columns.header];
        for row in &self.table.rows[self.columns.header + 1..] {
            if let Some(first) = self.skipped(row) {
                read.skipped.push((row.line, first.to_owned()));
                continue;
            }
            if let Some(reason) = self.misshapen(header, row) {
                bad.push(BadRow { line: row.line, column: "row".to_owned(), reason });
                continue;
            }
            for measure in &self.measures {
                match self.one(row, measure) {
                    Ok(Some(one)) => read.rows.push(one),
                    Ok(None) => read.blank += 1,
                    Err(wrong) => bad.extend(wrong),
                }
            }
            if read.rows.len() > ROWS_MAX {
                let reason = format!("a file may have at most {ROWS_MAX} rows; split it");
                return Err(vec![BadRow { line: row.line, column: "row".to_owned(), reason }]);
            }
        }
        if bad.is_empty() { Ok(read) } else { Err(bad) }
    }

    /// The first filled cell, if the profile says to leave the row out.
    fn skipped<'r>(&self, row: &'r Row) -> Option<&'r str> {
        let first = row.cells().find(|cell| !cell.is_empty())?;
        let said = key(first.text);
        let fits = |word: &String| match word.strip_suffix('*') {
            Some(beginning) => said.starts_with(beginning),
            None => said.trim_end_matches(':').trim_end() == word.trim_end_matches(':'),
        };
        self.skip.iter().any(fits).then_some(first.text)
    }

    /// A field too many or too few in a text file: the cells may stand under the wrong headers.
    fn misshapen(&self, header: &Row, row: &Row) -> Option<String> {
        let fits = self.table.sheet().is_some() || (row.filled() <= header.fields && row.fields >= header.filled());
        (!fits).then(|| format!("{} fields, but the header has {}", row.fields, header.fields))
    }

    /// One sample; none where the quantity is blank.
    fn one(&self, row: &Row, measure: &Measure<'_>) -> Result<Option<UsageRow>, Vec<BadRow>> {
        let cell = row.cell(measure.quantity);
        if self.is_blank(cell) {
            return Ok(None);
        }
        let mut wrong: Vec<(&'static str, String)> = Vec::new();
        let (quantity, behind) = self.number(cell, "quantity", measure.unit, &mut wrong);
        let unit = match measure.unit {
            Text::At(place) => row.cell(place).text,
            Text::Constant(text) => text,
            Text::BehindQuantity => behind,
        };
        let quota = measure.quota.map(|place| row.cell(place)).filter(|cell| !self.is_blank(*cell));
        let (quota, quota_unit) =
            quota.map(|cell| self.number(cell, "quota", measure.unit, &mut wrong)).unwrap_or_default();
        let quota_unit = measure.quota_unit.map_or(quota_unit, |place| row.cell(place).text);
        let measured_at = self.measured_at(row).map_err(|why| wrong.push(("measured_at", why))).ok();
        let text_at = |place: Option<usize>| place.map(|place| row.cell(place).text).unwrap_or_default();
        let product = match measure.product {
            Text::At(place) => row.cell(place).text,
            Text::Constant(text) => text,
            Text::BehindQuantity => "",
        };
        // What is wrong already goes into the rules as something harmless, so that they find the rest.
        let measured_at = measured_at.unwrap_or(self.clock.now).to_string();
        let known: Vec<&str> = wrong.iter().map(|(column, _)| *column).collect();
        let texts = UsageTexts {
            account: row.cell(self.account).text,
            product,
            quantity: if known.contains(&"quantity") { "1" } else { &quantity },
            unit,
            measured_at: &measured_at,
            quota: if known.contains(&"quota") { "" } else { &quota },
            quota_unit,
            account_id: text_at(self.account_id),
            product_id: text_at(measure.product_id),
            class: text_at(self.class),
        };
        match usage_row(row.line, &texts, self.clock.now) {
            Ok(one) if wrong.is_empty() => return Ok(Some(one)),
            Ok(_) => {}
            Err(more) => wrong.extend(more),
        }
        let mut bad: Vec<_> =
            wrong.into_iter().map(|(column, reason)| self.bad(row, measure, column, reason)).collect();
        bad.sort_by_key(|(place, _)| *place);
        Err(bad.into_iter().map(|(_, bad)| bad).collect())
    }

    fn is_blank(&self, cell: Cell<'_>) -> bool {
        cell.is_empty() || (cell.kind == Kind::Text && self.blank.contains(&key(cell.text)))
    }

    /// A cell as a plain decimal, and the unit behind it where units stand there.
    fn number<'c>(
        &self,
        cell: Cell<'c>,
        column: &'static str,
        unit: Text<'_>,
        wrong: &mut Vec<(&'static str, String)>,
    ) -> (String, &'c str) {
        let text = cell.text;
        let plain = match cell.kind {
            Kind::Number => Ok((self.style.coarse(text), "")),
            Kind::Text if matches!(unit, Text::BehindQuantity) => {
                let (number, unit) = with_unit(text);
                let is_storage = Unit::parse(unit).and_then(|unit| unit.storage()).is_some();
                if is_storage {
                    self.style.plain(number).map(|plain| (plain, unit))
                } else {
                    let units = Storage::ALL.map(Storage::name).join(", ");
                    Err(format!("\"{text}\" is no number with a unit of storage behind it ({units})"))
                }
            }
            Kind::Text => self.style.plain(text).map(|plain| (plain, "")),
            Kind::Percent => Err(format!("\"{text}\" is shown as a percentage, which is no quantity")),
            Kind::Inexact => Err(format!("{text} is larger than a workbook keeps exactly; write it as a text")),
            Kind::Date | Kind::DateTime => Err(format!("\"{text}\" is a date, no quantity")),
            Kind::Formula => {
                Err("the cell holds a formula that was never worked out; open the file and save it".to_owned())
            }
        };
        plain.unwrap_or_else(|why| {
            wrong.push((column, why));
            // The unit is not to blame as well.
            (String::new(), "B")
        })
    }

    fn measured_at(&self, row: &Row) -> Result<Timestamp, String> {
        match (self.file_time, &self.profile.measured_at) {
            (None, When::Column(name)) => match self.columns.place(name) {
                Some(place) => self.clock.of_cell(row.cell(place)),
                None => Err("the time is empty".to_owned()),
            },
            (Some(at), _) => Ok(at),
            (None, _) => Err("the time is not known".to_owned()),
        }
    }

    /// A bad cell by the vendor's own name of it, and its place; what is no cell by what the profile says.
    fn bad(&self, row: &Row, measure: &Measure<'_>, column: &str, reason: String) -> (Option<usize>, BadRow) {
        let at = |text: Text<'_>| match text {
            Text::At(place) => Some(place),
            Text::BehindQuantity => Some(measure.quantity),
            Text::Constant(_) => None,
        };
        let place = match column {
            "account" => Some(self.account),
            "account_id" => self.account_id,
            "product" => at(measure.product),
            "product_id" => measure.product_id,
            "quantity" => Some(measure.quantity),
            "unit" => at(measure.unit),
            "quota" => measure.quota,
            "quota_unit" => measure.quota_unit.or(at(measure.unit)),
            "class" => self.class,
            "measured_at" => match &self.profile.measured_at {
                When::Column(name) => self.columns.place(name),
                When::FileModified | When::FileName(_) => None,
            },
            _ => None,
        };
        let named = |place: usize| {
            let name = self.columns.names.get(place).map_or(column, String::as_str);
            self.table.place(name, row.line, place)
        };
        (place, BadRow { line: row.line, column: place.map_or_else(|| column.to_owned(), named), reason })
    }
}
