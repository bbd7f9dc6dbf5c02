//! A workbook (XLSX) as rows: one sheet, each cell as the text that it says.
//!
//! The one place of the desk where a float stands near a quantity. A workbook keeps every number as
//! one, so the float *is* what the file says. It is turned into the shortest decimal that reads back
//! as the same float, which is the number the vendor wrote wherever that has up to 15 digits (Excel
//! itself keeps no more). Nothing is ever reckoned with it.

use super::{CELLS_MAX, COLUMNS_MAX, Collected, Kind, TEXT_BYTES_MAX, Table, too_large};
use calamine::{Data, ExcelDateTime, Reader as _, SheetType, SheetVisible, Style, Xlsx};
use hive_core::import::ROWS_MAX;
use jiff::civil;
use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// Bytes a workbook may come to when it is unpacked. 200,000 rows of 40 columns come to about 300 MiB.
const UNPACKED_BYTES_MAX: u64 = 512 << 20;
/// Bytes any part but a sheet may come to: those are held in memory as a whole (texts, styles).
const PART_BYTES_MAX: u64 = 64 << 20;
/// From here on a whole number may be another than the one that was written: 2^53.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

pub(super) fn read(bytes: &[u8], sheet: Option<&str>) -> Result<Table, String> {
    bounded(bytes, UNPACKED_BYTES_MAX, PART_BYTES_MAX)?;
    // A forged workbook can make its reader panic (a row 0, a cell without a column). Nothing outlives
    // the call but its answer, so that a panic is one more way of being unreadable.
    let read = std::panic::catch_unwind(|| read_bounded(bytes, sheet));
    read.unwrap_or_else(|_| Err(unreadable(&"its parts contradict each other")))
}

fn read_bounded(bytes: &[u8], sheet: Option<&str>) -> Result<Table, String> {
    let mut workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let known: Vec<calamine::Sheet> =
        workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).cloned().collect();
    let sheets: Vec<String> = known.iter().map(|sheet| sheet.name.clone()).collect();
    let table = |sheet: &str, collected: Collected| Table {
        sheets: sheets.clone(),
        sheet: Some(sheet.to_owned()),
        delimiter: None,
        rows: collected.rows,
    };
    if let Some(wanted) = sheet {
        if !sheets.iter().any(|name| name == wanted) {
            return Err(format!("there is no sheet \"{wanted}\"; there are {}", sheets.join(", ")));
        }
        return Ok(table(wanted, rows(&mut workbook, wanted)?));
    }
    for sheet in known.iter().filter(|sheet| sheet.visible == SheetVisible::Visible) {
        let rows = rows(&mut workbook, &sheet.name)?;
        if !rows.rows.is_empty() {
            return Ok(table(&sheet.name, rows));
        }
    }
    Err("no visible sheet of the workbook has data".to_owned())
}

fn unreadable(error: &dyn std::fmt::Display) -> String {
    format!("the workbook cannot be read, it may be damaged or no .xlsx: {error}")
}

/// Refuses a workbook that unpacks to more than it may: first by what it claims, then by unpacking
/// it to nowhere, because a claim costs its maker nothing.
fn bounded(bytes: &[u8], all_max: u64, part_max: u64) -> Result<(), String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let too_much = |max: u64| format!("the workbook unpacks to more than {} MiB; split it", max >> 20);
    // None: the claims stand behind the parts, as streaming writers put them.
    if archive.decompressed_size().is_some_and(|claimed| claimed > u128::from(all_max)) {
        return Err(too_much(all_max));
    }
    let mut left = all_max;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|error| unreadable(&error))?;
        let name = part.name().map_err(|error| unreadable(&error))?.to_lowercase();
        let holds_texts = name.ends_with("sharedstrings.xml");
        let max = if name.starts_with("xl/worksheets/") && !holds_texts { left } else { left.min(part_max) };
        // One byte more than allowed tells that there is more.
        let mut part = part.take(max.saturating_add(1));
        let mut texts = Vec::new();
        let unpacked = if holds_texts {
            part.read_to_end(&mut texts).map(|bytes| bytes as u64)
        } else {
            std::io::copy(&mut part, &mut std::io::sink())
        };
        let unpacked = unpacked.map_err(|error| unreadable(&error))?;
        left = left.checked_sub(unpacked).filter(|_| unpacked <= max).ok_or_else(|| too_much(max.min(all_max)))?;
        if claims_too_many_texts(&texts) {
            return Err(unreadable(&"it claims more texts than it has"));
        }
    }
    Ok(())
}

/// The workbook's reader makes room for as many texts as the part claims, before it has read one: a
/// trillion would end the process.
fn claims_too_many_texts(part: &[u8]) -> bool {
    // Each is at least `<si/>`. Whatever is no plain UTF-8 could hide its claim.
    let max = part.len() / "<si/>".len();
    let Some(text) = std::str::from_utf8(part).ok().filter(|text| !text.contains(['\0', '\u{1b}'])) else {
        return true;
    };
    text.split("uniqueCount").skip(1).any(|rest| {
        let value = rest.trim_start().strip_prefix('=').map(str::trim_start);
        let value = value.and_then(|value| value.strip_prefix(['"', '\'']));
        let digits =
            value.map(|value| value.trim_start_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '"' | '\'')));
        let digits = digits.map(|value| &value[..value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len())]);
        // A claim too long for a number is no small one.
        digits.is_some_and(|digits| !digits.is_empty() && !digits.parse::<usize>().is_ok_and(|claimed| claimed <= max))
    })
}

/// What a cell's format adds to its number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Percent,
    WithTime,
}

fn rows(workbook: &mut Workbook<'_>, sheet: &str) -> Result<Collected, String> {
    let shown = shown(workbook, sheet)?;
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(|error| unreadable(&error))?;
    // By row: nothing makes a workbook write them in order.
    let mut cells: BTreeMap<u32, Vec<(usize, Kind, String)>> = BTreeMap::new();
    let (mut count, mut text_bytes) = (0, 0);
    while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(|error| unreadable(&error))? {
        let (row, column) = (cell.pos.0, usize::try_from(cell.pos.1).unwrap_or(usize::MAX));
        let (kind, text) = match (Data::from(cell.value), cell.formula.is_some()) {
            (Data::Empty, true) => (Kind::Formula, String::new()),
            (value, _) => said(value, shown.get(&cell.pos).copied()),
        };
        if text.is_empty() && kind != Kind::Formula {
            continue;
        }
        let line = u64::from(row) + 1;
        if column >= COLUMNS_MAX {
            return Err(format!("line {line} has more than {COLUMNS_MAX} columns; a table may have no more"));
        }
        super::check_cell(line, column, &text)?;
        count += 1;
        text_bytes += text.len();
        if count > CELLS_MAX || text_bytes > TEXT_BYTES_MAX {
            return Err(too_large(line));
        }
        cells.entry(row).or_default().push((column, kind, text));
        if cells.len() > ROWS_MAX + super::ROWS_BESIDE_MAX {
            return Err(format!("a sheet may have at most {ROWS_MAX} rows; split it"));
        }
    }
    let mut collected = Collected::default();
    for (row, cells) in cells {
        let width = cells.iter().map(|(column, ..)| column + 1).max().unwrap_or_default();
        let mut texts = vec![String::new(); width];
        let mut kinds = vec![Kind::Text; width];
        for (column, kind, text) in cells {
            (kinds[column], texts[column]) = (kind, text);
        }
        collected.push(u64::from(row) + 1, csv::StringRecord::from(texts), kinds)?;
    }
    Ok(collected)
}

/// The cells whose format matters: 0.85 that is shown as 85%, midnight that is shown as a time.
fn shown(workbook: &mut Workbook<'_>, sheet: &str) -> Result<HashMap<(u32, u32), Shown>, String> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(|error| unreadable(&error))?;
    let styles: Vec<Option<Shown>> = reader.styles().iter().map(of_style).collect();
    let mut shown = HashMap::new();
    if styles.iter().all(Option::is_none) {
        return Ok(shown);
    }
    while let Some((row, column, style)) = reader.next_style_id().map_err(|error| unreadable(&error))? {
        if let Some(Some(how)) = styles.get(style) {
            shown.insert((row, column), *how);
        }
        if shown.len() > CELLS_MAX {
            return Err(too_large(u64::from(row) + 1));
        }
    }
    Ok(shown)
}

fn of_style(style: &Style) -> Option<Shown> {
    let code = &style.number_format.as_ref()?.format_code;
    // Quoted words are shown as they are; letters in brackets are colours and countries.
    let mut quiet = None;
    let plain: String = code
        .chars()
        .filter(|c| match (quiet, c) {
            (None, '"') => quiet.replace('"').is_some(),
            (None, '[') => quiet.replace(']').is_some(),
            (Some(end), c) if *c == end => quiet.take().is_none(),
            (quiet, _) => quiet.is_none(),
        })
        .collect();
    if plain.contains('%') {
        Some(Shown::Percent)
    } else if plain.contains(['h', 'H']) {
        Some(Shown::WithTime)
    } else {
        None
    }
}

fn said(value: Data, shown: Option<Shown>) -> (Kind, String) {
    match value {
        Data::Empty => (Kind::Text, String::new()),
        Data::Int(number) => (Kind::Number, number.to_string()),
        Data::Float(number) => (number_kind(number, shown), number.to_string()),
        Data::String(text) => (Kind::Text, text),
        Data::Bool(truth) => (Kind::Text, if truth { "TRUE" } else { "FALSE" }.to_owned()),
        Data::DateTime(date) if date.is_datetime() => said_date(date, shown),
        Data::DateTime(duration) => (Kind::Text, format!("{} days", duration.as_f64())),
        Data::DateTimeIso(text) => said_iso(text),
        Data::DurationIso(text) => (Kind::Text, text),
        Data::Error(error) => (Kind::Text, error.to_string()),
    }
}

/// `f64`'s own `Display` is the shortest decimal that reads back equal, and never has an exponent.
fn number_kind(number: f64, shown: Option<Shown>) -> Kind {
    if shown == Some(Shown::Percent) {
        Kind::Percent
    } else if number.abs() < EXACT_BELOW {
        Kind::Number
    } else {
        Kind::Inexact
    }
}

fn said_date(date: ExcelDateTime, shown: Option<Shown>) -> (Kind, String) {
    let (year, month, day, hour, minute, second, milli) = date.to_ymd_hms_milli();
    let part = |part: u8| i8::try_from(part).unwrap_or(i8::MAX);
    let year = i16::try_from(year).unwrap_or(i16::MAX);
    let nanos = i32::from(milli).saturating_mul(1_000_000);
    match civil::DateTime::new(year, part(month), part(day), part(hour), part(minute), part(second), nanos) {
        Ok(at) if at.time() == civil::Time::midnight() && shown != Some(Shown::WithTime) => {
            (Kind::Date, at.date().to_string())
        }
        Ok(at) => (Kind::DateTime, at.to_string()),
        // Excel's own 29 February 1900.
        Err(_) => (Kind::Text, format!("{year}-{month:02}-{day:02}")),
    }
}

fn said_iso(text: String) -> (Kind, String) {
    if let Ok(date) = text.parse::<civil::Date>()
        && date.to_string() == text
    {
        return (Kind::Date, text);
    }
    match text.parse::<civil::DateTime>() {
        Ok(at) if text.len() > "2026-06-30T".len() => (Kind::DateTime, at.to_string()),
        _ => (Kind::Text, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn archive(parts: &[(&str, usize)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(&vec![0; *bytes]).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_by_its_claim_and_by_its_bytes() {
        let sheet = "xl/worksheets/sheet1.xml";
        let mut bomb = archive(&[(sheet, 3 << 20)]);
        assert!(bomb.len() < 1 << 16, "it is a bomb");
        assert_eq!(bounded(&bomb, 4 << 20, 1 << 20), Ok(()));
        assert!(bounded(&bomb, 2 << 20, 1 << 20).unwrap_err().contains("more than 2 MiB"));
        // The size in the directory is a lie: one byte.
        let directory = bomb.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
        bomb[directory + 24..directory + 28].copy_from_slice(&1u32.to_le_bytes());
        assert!(bounded(&bomb, 2 << 20, 1 << 20).is_err());
        let texts = archive(&[("xl/sharedStrings.xml", 3 << 20)]);
        assert!(bounded(&texts, 4 << 20, 1 << 20).unwrap_err().contains("more than 1 MiB"));
    }

    #[test]
    fn a_claim_of_more_texts_than_there_are_is_refused() {
        let part = |claim: &str| format!("<sst count=\"2\" {claim}><si><t>a</t></si><si><t>b</t></si></sst>");
        for good in ["", "uniqueCount=\"2\"", "uniqueCount = '2'", "uniqueCount=\"\""] {
            assert!(!claims_too_many_texts(part(good).as_bytes()), "{good}");
        }
        for bad in ["uniqueCount=\"999999999999\"", "uniqueCount\n=\t'99'", "uniqueCount=\"99999999999999999999999\""] {
            assert!(claims_too_many_texts(part(bad).as_bytes()), "{bad}");
        }
        let wide: Vec<u8> = part("").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(claims_too_many_texts(&wide));
        assert!(!claims_too_many_texts(&[]));
    }

    #[test]
    fn a_number_says_the_shortest_decimal_that_reads_back_equal() {
        for (number, text) in
            [(12.5, "12.5"), (0.1, "0.1"), (1e15, "1000000000000000"), (24.0, "24"), (1e-7, "0.0000001")]
        {
            assert_eq!(said(Data::Float(number), None), (Kind::Number, text.to_owned()));
        }
        assert_eq!(said(Data::Float(EXACT_BELOW), None).0, Kind::Inexact);
        assert_eq!(said(Data::Float(f64::NAN), None).0, Kind::Inexact);
        assert_eq!(said(Data::Float(0.85), Some(Shown::Percent)).0, Kind::Percent);
    }
}
