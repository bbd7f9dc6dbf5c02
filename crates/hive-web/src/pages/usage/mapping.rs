//! How a vendor's file is read: shown column by column, corrected by a person.
//!
//! **Owns:** the form, and how its fields become a profile.
//! **Does not own:** what a profile means and whether it is whole (the desk).

use super::check::{Seen, cut};
use crate::auth::Visitor;
use crate::part::{self, Column, Kind, Table};
use crate::uploads::Upload;
use hive_core::{TimeZone, Timestamp};
use hive_desk::profile::{
    BLANK_WORDS, DecimalSign, Delimiter, Finer, Given, Header, OneColumn, OneEach, Profile, Quantities,
    Table as FileTable, Thousands, UnitFrom, When,
};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Characters of a cell or a column's name that are shown: a table may have 200 columns.
const CELL_SHOWN_MAX: usize = 48;
/// The role of a column that measures one product by itself.
const ITSELF: &str = "itself";

/// What a column can be, and its words.
const ROLES: [(&str, &str); 12] = [
    ("", "leave out"),
    ("account", "account"),
    ("account_id", "account's id"),
    ("product", "product"),
    ("product_id", "product's id"),
    ("quantity", "quantity"),
    ("unit", "unit"),
    ("quota", "quota"),
    ("quota_unit", "quota's unit"),
    ("measured_at", "time measured"),
    ("class", "class"),
    (ITSELF, "quantity of one product"),
];

const DELIMITERS: [(&str, &str); 4] =
    [("", "found by Hive"), ("comma", "comma"), ("semicolon", "semicolon"), ("tab", "tab")];
const DECIMALS: [(&str, &str); 2] = [("point", "1250.5"), ("comma", "1250,5")];
const THOUSANDS: [(&str, &str); 5] =
    [("", "nothing"), ("comma", "comma"), ("point", "point"), ("space", "space"), ("apostrophe", "apostrophe")];
const FINER: [(&str, &str); 2] = [("refuse", "a bad row"), ("nearest", "rounded to the sixth digit")];
const BEHIND: [(&str, &str); 2] = [("", "as written here, or in a column"), ("behind", "behind each quantity: 430 GB")];
const WHENS: [(&str, &str); 2] = [("file_modified", "the file's own time"), ("file_name", "a date in the file's name")];

/// The form's fields.
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    pub(super) fn of(fields: Vec<(String, String)>) -> Fields {
        Fields(fields.into_iter().collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(|value| value.trim()).unwrap_or_default()
    }

    fn lines(&self, name: &str) -> Vec<String> {
        self.get(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    fn maybe(&self, name: &str) -> Option<String> {
        Some(self.get(name).to_owned()).filter(|text| !text.is_empty())
    }
}

/// What a correction came to.
pub(super) struct Changed {
    pub(super) profile: Profile,
    pub(super) reasons: Vec<String>,
    pub(super) measured_at: Option<Timestamp>,
    /// What was said twice or cannot be read; it was left out.
    pub(super) wrong: Vec<String>,
}

/// The profile that the form says.
pub(super) fn changed(
    before: &Profile,
    reasons: Vec<String>,
    said: &Fields,
    bytes: &[u8],
    max: usize,
    zone: &TimeZone,
) -> Result<Changed, String> {
    let delimiter = [Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab];
    let named = |wanted: &Delimiter| delimiter_name(Some(*wanted)) == said.get("delimiter");
    let opened = Profile {
        sheet: said.maybe("sheet").or_else(|| before.sheet.clone()),
        delimiter: if said.0.contains_key("delimiter") { delimiter.into_iter().find(named) } else { before.delimiter },
        ..before.clone()
    };
    let table = FileTable::read(bytes, &opened.opening(max))?;
    let nothing = |(profile, reasons)| Changed { profile, reasons, measured_at: None, wrong: Vec::new() };
    if let Some(place) = said.maybe("proposal") {
        let proposals = Profile::proposals(&table);
        let chosen = place.parse::<usize>().ok().and_then(|place| proposals.into_iter().nth(place));
        return chosen.map(nothing).ok_or_else(|| "there is no such proposal".to_owned());
    }
    // Another sheet or another sign between columns is another table: what was said of the old one says nothing.
    if said.get("sheet") != said.get("sheet_shown") || said.get("delimiter") != said.get("delimiter_shown") {
        let first = Profile::proposals(&table).into_iter().next();
        return first.map(nothing).ok_or_else(|| "nothing in it can be read".to_owned());
    }
    let columns = before.preview(&table, 0).columns;
    let mut wrong = Vec::new();
    let header = header(said, &mut wrong);
    let profile = Profile {
        header,
        account_id: None,
        skip: said.lines("skip"),
        blank: said.lines("blank"),
        decimal: if said.get("decimal") == "comma" { DecimalSign::Comma } else { DecimalSign::Point },
        thousands: thousands(said.get("thousands")),
        finer: if said.get("finer") == "nearest" { Finer::Nearest } else { Finer::Refuse },
        dates: said.lines("dates"),
        zone: said.maybe("zone"),
        ..opened
    };
    let profile = with_roles(profile, said, &columns, &mut wrong);
    let measured_at = moment(said.get("measured"), zone, &mut wrong);
    // What was proposed is not what is said now.
    let reasons = if profile == *before { reasons } else { Vec::new() };
    Ok(Changed { profile, reasons, measured_at, wrong })
}

fn header(said: &Fields, wrong: &mut Vec<String>) -> Header {
    let text = said.get("header");
    match (text.is_empty(), text.parse::<u64>()) {
        (true, _) => Header::Find,
        (false, Ok(line)) if line > 0 => Header::Line(line),
        (false, _) => {
            wrong.push(format!("\"{}\" is no line; write the header's line as a number.", cut(text, CELL_SHOWN_MAX)));
            Header::Find
        }
    }
}

/// A moment of the form (`2026-06-30T23:00`) in the MSP's zone.
fn moment(text: &str, zone: &TimeZone, wrong: &mut Vec<String>) -> Option<Timestamp> {
    if text.is_empty() {
        return None;
    }
    let read = text.parse::<jiff::civil::DateTime>().ok().and_then(|at| at.to_zoned(zone.clone()).ok());
    if read.is_none() {
        wrong.push(format!("\"{}\" is no time such as 2026-06-30T23:00.", cut(text, CELL_SHOWN_MAX)));
    }
    read.map(|at| at.timestamp())
}

fn with_roles(mut profile: Profile, said: &Fields, columns: &[String], wrong: &mut Vec<String>) -> Profile {
    let role = |place: usize| said.get(&format!("role_{place}")).to_owned();
    let mut one = |wanted: &str, words: &str| {
        let mut found = columns.iter().enumerate().filter(|(place, _)| role(*place) == wanted).map(|(_, name)| name);
        let first = found.next().cloned();
        if let (Some(first), Some(second)) = (&first, found.next()) {
            let (first, second) = (cut(first, CELL_SHOWN_MAX), cut(second, CELL_SHOWN_MAX));
            wrong.push(format!("Both \"{first}\" and \"{second}\" were said to be the {words}; the first was taken."));
        }
        first
    };
    profile.account = one("account", "account").unwrap_or_default();
    profile.account_id = one("account_id", "account's id");
    profile.class = one("class", "class");
    let time = one("measured_at", "time");
    let (product, product_id) = (one("product", "product"), one("product_id", "product's id"));
    let (quantity, unit) = (one("quantity", "quantity"), one("unit", "unit"));
    let (quota, quota_unit) = (one("quota", "quota"), one("quota_unit", "quota's unit"));
    let each: Vec<OneColumn> = (0..columns.len())
        .filter(|place| role(*place) == ITSELF)
        .map(|place| OneColumn {
            column: columns[place].clone(),
            product: said.get(&format!("product_{place}")).to_owned(),
            unit: said.get(&format!("unit_{place}")).to_owned(),
            quota: None,
        })
        .collect();
    if !each.is_empty() && quantity.is_some() {
        wrong.push("Some columns were said to measure one product each, another to be the quantity of all; the former were taken.".to_owned());
    }
    profile.quantities = if each.is_empty() {
        let unit = match (unit, said.get("behind")) {
            (Some(column), _) => UnitFrom::Column(column),
            (None, "behind") => UnitFrom::BehindQuantity,
            (None, _) => UnitFrom::Constant(said.get("unit").to_owned()),
        };
        let product = product.map_or_else(|| Given::Constant(said.get("product").to_owned()), Given::Column);
        let quantity = quantity.unwrap_or_default();
        Quantities::Rows(OneEach { product, product_id, quantity, unit, quota, quota_unit })
    } else {
        Quantities::Columns(each)
    };
    profile.measured_at = match (time, said.get("when")) {
        (Some(column), _) => When::Column(column),
        (None, "file_name") => When::FileName(said.get("pattern").to_owned()),
        (None, _) => When::FileModified,
    };
    profile
}

fn thousands(text: &str) -> Option<Thousands> {
    match text {
        "comma" => Some(Thousands::Comma),
        "point" => Some(Thousands::Point),
        "space" => Some(Thousands::Space),
        "apostrophe" => Some(Thousands::Apostrophe),
        _ => None,
    }
}

fn thousands_name(thousands: Option<Thousands>) -> &'static str {
    match thousands {
        None => "",
        Some(Thousands::Comma) => "comma",
        Some(Thousands::Point) => "point",
        Some(Thousands::Space) => "space",
        Some(Thousands::Apostrophe) => "apostrophe",
    }
}

fn delimiter_name(delimiter: Option<Delimiter>) -> &'static str {
    match delimiter {
        None => "",
        Some(Delimiter::Comma) => "comma",
        Some(Delimiter::Semicolon) => "semicolon",
        Some(Delimiter::Tab) => "tab",
    }
}

/// How the file is read, to be looked at and corrected.
pub(super) fn form(visitor: &Visitor, upload: &Upload, seen: &Seen) -> Markup {
    let action = visitor.path("usage/check");
    html! {
        @if !seen.missing.is_empty() {
            (part::banner(Kind::Wait, "Say how this file is read", html! { @for words in &seen.missing { p { (sentence(words)) } } }, html! {}))
        }
        (part::panel(None, "How this file is read", html! {}, html! {
            div.panel-body.why {
                @let whose = if seen.reasons.is_empty() { "As you said it." } else { "Hive's proposal." };
                p { (whose) " Correct what is wrong, then check again; once the file is taken, it is remembered for this source." }
                @if !seen.reasons.is_empty() { ul { @for reason in seen.reasons.iter().take(30) { li { (cut(reason, 300)) } } } }
                @if seen.others.len() > 1 { (others(&action, seen)) }
            }
            form method="post" action=(action) {
                (columns(seen))
                div.panel-body { (around(visitor, upload, seen)) p.actions { (part::submit("button primary", "Check again")) } }
            }
        }))
    }
}

/// Words of the desk as a sentence.
fn sentence(words: &str) -> String {
    let words = cut(words, 500);
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn others(action: &str, seen: &Seen) -> Markup {
    html! {
        p { "It can be read in other ways too: " }
        div.actions.wrap { @for (place, reasons) in seen.others.iter().enumerate() {
            @let words = reasons.last().map(|words| cut(words, 120)).unwrap_or_default();
            (part::post_button(action, "button", &format!("Proposal {}: {words}", place + 1), &[("proposal", &place.to_string())]))
        } }
    }
}

fn columns(seen: &Seen) -> Markup {
    let titles = [
        Column::new("Column"),
        Column::new("First rows"),
        Column::new("What it is"),
        Column::new("Product and unit, if it measures one product"),
    ];
    let table = Table { caption: "The file's columns", columns: &titles, sort: None };
    let named = |name: &str| same(name);
    table.rows(html! {
        @for (place, name) in seen.preview.columns.iter().enumerate() {
            @let shown = cut(name, CELL_SHOWN_MAX);
            @let role = role(&seen.profile, &named(name));
            @let (product, unit) = measured(&seen.profile, &named(name));
            tr {
                th scope="row" id={ "c" (place) } { (shown) }
                td.cells { @for (_, row) in &seen.preview.rows { div { (cut(row.get(place).map_or("", String::as_str), CELL_SHOWN_MAX)) } } }
                td { select name={ "role_" (place) } aria-labelledby={ "c" (place) } {
                    @for (value, words) in ROLES { option value=(value) selected[value == role] { (words) } }
                } }
                td.pair {
                    input name={ "product_" (place) } value=(product) placeholder="Product" aria-label="Product" aria-describedby={ "c" (place) };
                    input name={ "unit_" (place) } value=(unit) placeholder="Unit" aria-label="Unit" aria-describedby={ "c" (place) };
                }
            }
        }
    })
}

/// A name as a profile compares it.
fn same(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn role(profile: &Profile, name: &str) -> &'static str {
    let is = |column: &str| same(column) == name;
    let maybe = |column: &Option<String>| column.as_deref().is_some_and(is);
    if is(&profile.account) {
        return "account";
    }
    if maybe(&profile.account_id) {
        return "account_id";
    }
    if maybe(&profile.class) {
        return "class";
    }
    if matches!(&profile.measured_at, When::Column(column) if is(column)) {
        return "measured_at";
    }
    match &profile.quantities {
        Quantities::Columns(each) if each.iter().any(|one| is(&one.column)) => ITSELF,
        Quantities::Columns(_) => "",
        Quantities::Rows(each) if is(&each.quantity) => "quantity",
        Quantities::Rows(each) if matches!(&each.product, Given::Column(column) if is(column)) => "product",
        Quantities::Rows(each) if matches!(&each.unit, UnitFrom::Column(column) if is(column)) => "unit",
        Quantities::Rows(each) if maybe(&each.product_id) => "product_id",
        Quantities::Rows(each) if maybe(&each.quota) => "quota",
        Quantities::Rows(each) if maybe(&each.quota_unit) => "quota_unit",
        Quantities::Rows(_) => "",
    }
}

fn measured<'p>(profile: &'p Profile, name: &str) -> (&'p str, &'p str) {
    let Quantities::Columns(each) = &profile.quantities else { return ("", "") };
    let found = each.iter().find(|one| same(&one.column) == name);
    found.map_or(("", ""), |one| (one.product.as_str(), one.unit.as_str()))
}

/// What is the same for every row, and how texts are written.
fn around(visitor: &Visitor, upload: &Upload, seen: &Seen) -> Markup {
    let profile = &seen.profile;
    let (product, unit, behind) = match &profile.quantities {
        Quantities::Rows(each) => (
            if let Given::Constant(text) = &each.product { text.as_str() } else { "" },
            if let UnitFrom::Constant(text) = &each.unit { text.as_str() } else { "" },
            if each.unit == UnitFrom::BehindQuantity { "behind" } else { "" },
        ),
        Quantities::Columns(_) => ("", "", ""),
    };
    let (when, pattern) = match &profile.measured_at {
        When::FileName(pattern) => ("file_name", pattern.as_str()),
        When::FileModified | When::Column(_) => ("file_modified", "%Y-%m-%d"),
    };
    let blank = if profile.blank == BLANK_WORDS { BLANK_WORDS.join("\n") } else { profile.blank.join("\n") };
    html! {
        div.fields {
            (part::field("text", "product", "Product of every row", product, "Where no column names it."))
            (part::field("text", "unit", "Unit of every quantity", unit, "GB, TB, user … Where no column names it."))
            (part::select("behind", "Where the unit stands", &BEHIND, behind, ""))
            (part::select("when", "Where no column has the time", &WHENS, when, "A date in the name is safer."))
            (part::field("text", "pattern", "Date in the file's name", pattern, "usage-2026-06-30.csv has %Y-%m-%d."))
            @if profile.measured_at == When::FileModified {
                (part::field("datetime-local", "measured", "When this file was measured", &local(upload.measured_at, &visitor.zone), "An upload does not carry the file's own time: say it for this one."))
            }
        }
        (part::reveal(html! { "How numbers, dates and the table are written" }, html! { div.fields {
            (part::text_area("dates", "Dates", &profile.dates.join("\n"), "rfc3339, or such as %d/%m/%Y %H:%M; one a line."))
            (part::field("text", "zone", "Time zone of dates without one", profile.zone.as_deref().unwrap_or_default(), "Empty: the MSP's own."))
            (part::select("decimal", "Decimals", &DECIMALS, if profile.decimal == DecimalSign::Comma { "comma" } else { "point" }, ""))
            (part::select("thousands", "Between thousands", &THOUSANDS, thousands_name(profile.thousands), ""))
            (part::select("finer", "More than six digits after the point", &FINER, if profile.finer == Finer::Nearest { "nearest" } else { "refuse" }, ""))
            (part::text_area("skip", "Rows to leave out", &profile.skip.join("\n"), "By their first cell: Total, or its beginning: Generated by*"))
            (part::text_area("blank", "Words that mean nothing was measured", &blank, "Never 0: no sample is taken."))
            (part::field("text", "header", "Line of the header", &header_words(profile.header), "Empty: the first line that has the columns."))
            @if !seen.sheets.is_empty() { (sheets(seen)) }
            @else {
                (part::hidden("delimiter_shown", delimiter_name(profile.delimiter)))
                (part::select("delimiter", "Between columns", &DELIMITERS, delimiter_name(profile.delimiter), ""))
            }
        } }))
    }
}

fn sheets(seen: &Seen) -> Markup {
    let names: Vec<(&str, &str)> = seen.sheets.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let open = seen.sheet.as_deref().unwrap_or_default();
    html! { (part::hidden("sheet_shown", open)) (part::select("sheet", "Sheet", &names, open, "")) }
}

fn header_words(header: Header) -> String {
    match header {
        Header::Find => String::new(),
        Header::Line(line) => line.to_string(),
    }
}

/// A moment as the form had it.
fn local(at: Option<Timestamp>, zone: &TimeZone) -> String {
    at.map(|at| at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}
