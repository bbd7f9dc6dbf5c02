//! Files as they come: encodings, what separates columns, limits, what is no table at all.

use super::{BYTES_MAX, lines, opening, profile, saved, table};
use hive_desk::profile::{Delimiter, Opening, Profile, Table};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::json;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const EXPORT: &str = "Customer\tService\tUsed\tUnit\tDate\r\nBäcker, Söhne\tBackup\t5\tGB\t2026-06-30\r\n";
const ROW: &str = "2: Bäcker, Söhne | Backup | 5 GB | 2026-06-30T13:59:59Z";

fn refused(bytes: &[u8]) -> String {
    Table::read(bytes, &opening()).unwrap_err()
}

#[test]
fn utf_8_and_utf_16_with_and_without_their_marks() {
    let utf_16 = |mark: u16, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(mark).chain(EXPORT.encode_utf16()).flat_map(bytes).collect()
    };
    let marked = format!("\u{feff}{EXPORT}").into_bytes();
    for bytes in
        [EXPORT.as_bytes().to_vec(), marked, utf_16(0xFEFF, u16::to_le_bytes), utf_16(0xFEFF, u16::to_be_bytes)]
    {
        let table = table(&bytes);
        assert_eq!(table.delimiter(), Some(Delimiter::Tab));
        assert_eq!(lines(&profile(&json!({})), &table), [ROW]);
    }
    let mut cut = utf_16(0xFEFF, u16::to_le_bytes);
    cut.pop();
    assert!(refused(&cut).contains("UTF-16 and is cut off"));
    assert!(refused(b"Customer,Used\nB\xe4cker,5\n").contains("line 2 is not UTF-8"));
    assert!(refused(b"Customer,Used\nAcme,\x005\n").contains("line 2 holds a NUL"));
}

#[test]
fn what_separates_is_found_or_said() {
    let found = |text: &str| table(text.as_bytes()).delimiter().unwrap();
    assert_eq!(found("Report for Acme, Inc.\nCustomer;Used\nAcme;1,5\nZen;2,5\n"), Delimiter::Semicolon);
    assert_eq!(found("Customer,Used\n\"Acme; Sons; Co\",5\nZen,6\n"), Delimiter::Comma);
    assert_eq!(found("alone\n"), Delimiter::Comma);
    let said = table("sep=;\nCustomer;Used\nAcme;1,5\n".as_bytes());
    assert_eq!((said.delimiter(), said.head(1)[0].0), (Some(Delimiter::Semicolon), 2));
    let told = Opening { delimiter: Some(Delimiter::Tab), ..opening() };
    assert_eq!(Table::read(b"a,b\n", &told).unwrap().head(1)[0].1, ["a,b"]);
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_refused_and_one_in_a_name_is_not() {
    assert!(refused(b"Customer,Used\n\"Acme,5\nZen,6\n").contains("never closed"));
    assert_eq!(table(b"Customer,Used\n19\" rack,5\n").head(2)[1].1, ["19\" rack", "5"]);
}

#[test]
fn limits_hold() {
    let small = Opening { bytes_max: 5, ..opening() };
    assert!(Table::read(b"a,b\n1,2\n", &small).unwrap_err().contains("at most 5 bytes (HIVE_UPLOAD_BYTES_MAX)"));
    let header = "Customer,Service,Used,Unit\n";
    let most = format!("{header}{}", "A,B,1,GB\n".repeat(200_000));
    let profile = profile(&json!({ "measured_at": "file_modified" }));
    assert_eq!(lines(&profile, &table(most.as_bytes())).len(), 200_000);
    let more = format!("{most}A,B,1,GB\n");
    let bad = lines(&profile, &table(more.as_bytes()));
    assert_eq!(bad, ["line 200002, column row: a file may have at most 200000 rows; split it"]);
    let long = "x\n".repeat(201_001);
    assert!(refused(long.as_bytes()).contains("at most 200000 rows"));
    assert!(refused(",x".repeat(201).as_bytes()).contains("line 1 has 202 columns"));
    // Nothing but separators: neither columns nor slow.
    assert_eq!(refused(",".repeat(BYTES_MAX / 10).as_bytes()), "the file is empty");
    let mut workbook = Workbook::new();
    workbook.add_worksheet().write_string(4, 200, "x").unwrap();
    assert!(refused(&saved(workbook)).contains("line 5 has more than 200 columns"));
}

#[test]
fn what_is_no_table_is_refused_in_words() {
    assert!(refused(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1]).contains("old .xls workbook or has a password"));
    assert!(refused(b"PK\x03\x04 and nothing more").contains("cannot be read"));
    assert!(refused(b"").contains("empty"));
    assert!(refused(b"\n\n , \n").contains("empty"));
}

#[test]
fn a_sheet_by_name_or_the_first_visible_one_with_data() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Cover").unwrap();
    let hidden = workbook.add_worksheet().set_name("Lists").unwrap();
    hidden.write_string(0, 0, "hidden").unwrap();
    hidden.set_hidden(true);
    workbook.add_worksheet().set_name("May").unwrap().write_string(0, 0, "may").unwrap();
    workbook.add_worksheet().set_name("June").unwrap().write_string(0, 0, "june").unwrap();
    let bytes = saved(workbook);
    let first = table(&bytes);
    assert_eq!((first.sheet(), first.sheets().len()), (Some("May"), 4));
    let named = |sheet| Table::read(&bytes, &Opening { sheet: Some(sheet), ..opening() });
    assert_eq!(named("June").unwrap().head(1)[0].1, ["june"]);
    assert_eq!(named("July").unwrap_err(), "there is no sheet \"July\"; there are Cover, Lists, May, June");
}

#[test]
fn a_header_that_changed_is_said_and_never_guessed() {
    let check =
        |header: &str, profile: &Profile| profile.check(&table(format!("{header}\nAcme,Backup,5,GB,x\n").as_bytes()));
    let profile = profile(&json!({}));
    assert_eq!(check("Customer,Service,Used,Unit,Date", &profile), [""; 0]);
    assert_eq!(check(" CUSTOMER ,service,\"Used\",Unit,Date", &profile), [""; 0]);
    assert_eq!(check("Customer,Service,Used TB,Unit,Date", &profile), ["the header in line 1 has no column \"Used\""]);
    assert_eq!(
        check("Customer,Used,Used,Unit,Service,Date", &profile),
        [
            "the header in line 1 has no column \"Used\"; \"Used\" stands there more than once, say \"Used (1)\" or \"Used (2)\""
        ]
    );
    assert!(check("a,b,c,d,e", &profile)[0].starts_with("no row has the columns of the profile (Customer, "));
}

#[test]
fn what_a_profile_lacks_is_named() {
    let table = table(b"Customer,Service,Used,Unit,Date\nAcme,Backup,5,GB,2026-06-30\n");
    let lacking = profile(&json!({
        "quantities": { "columns": [
            { "column": "Used", "product": "", "unit": "GB" }, { "column": "Unit", "product": "Backup", "unit": "" },
        ] },
        "dates": ["%Y-%m", "on Monday"], "zone": "Mars/Olympus", "thousands": "point",
        "measured_at": { "file_name": "%H:%M" },
    }));
    assert_eq!(
        lacking.check(&table),
        [
            "say which product the column \"Used\" measures",
            "say which unit the column \"Unit\" has",
            "the pattern of the file's name names no day; write it as %Y-%m-%d",
            "\"%Y-%m\" is no format of dates; write rfc3339, or such as %d/%m/%Y %H:%M",
            "\"on Monday\" is no format of dates; write rfc3339, or such as %d/%m/%Y %H:%M",
            "one sign cannot stand for decimals and between thousands",
            "\"Mars/Olympus\" is no time zone; write it as Australia/Melbourne",
        ]
    );
    assert!(super::read(&lacking, &table).is_err(), "and nothing is read");
}

#[test]
fn a_profile_is_kept_as_json_and_a_newer_one_is_refused() {
    let kept =
        profile(&json!({ "name": "Portal", "thousands": "space", "finer": "nearest", "measured_at": "file_modified" }));
    assert_eq!(Profile::from_json(&kept.to_json().unwrap()), Ok(kept.clone()));
    let newer = kept.to_json().unwrap().replace("\"version\":1", "\"version\":2");
    assert!(Profile::from_json(&newer).unwrap_err().contains("of version 2; this Hive knows up to 1"));
    let misspelt = kept.to_json().unwrap().replace("\"thousands\"", "\"thousand\"");
    assert!(Profile::from_json(&misspelt).unwrap_err().contains("thousand"));
}

/// A workbook with one of its parts written otherwise.
fn rewritten(workbook: &[u8], part: usize, rewrite: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let (part, mut rewrite) = (part % archive.len(), Some(rewrite));
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if let Some(rewrite) = rewrite.take_if(|_| place == part) {
            rewrite(&mut bytes);
        }
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn small() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, text) in (0..).zip(["Customer", "Service", "Used", "Unit", "Date"]) {
        sheet.write_string(0, column, text).unwrap();
    }
    for (column, text) in [(0, "Acme"), (1, "Backup"), (3, "GB"), (4, "2026-06-30")] {
        sheet.write_string(1, column, text).unwrap();
    }
    sheet.write_formula(1, 2, "=2+3").unwrap();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    sheet.write_datetime_with_format(2, 4, ExcelDateTime::from_ymd(2026, 6, 30).unwrap(), &day).unwrap();
    saved(workbook)
}

#[test]
fn a_formula_that_was_never_worked_out_is_no_blank() {
    let sheet = "xl/worksheets/sheet1.xml";
    let place = ZipArchive::new(Cursor::new(small())).unwrap().index_for_name(sheet).unwrap();
    let bytes = rewritten(&small(), place, |xml| {
        let text = String::from_utf8(xml.clone()).unwrap();
        assert!(text.contains("<f>2+3</f><v>0</v>"), "{text}");
        *xml = text.replace("<f>2+3</f><v>0</v>", "<f>2+3</f>").into_bytes();
    });
    let bad = lines(&profile(&json!({})), &table(&bytes));
    assert_eq!(
        bad,
        [
            "line 2, column Used (cell C2 of sheet \"Sheet1\"): the cell holds a formula that was never worked out; open the file and save it"
        ]
    );
}

proptest! {
    /// A damaged or forged workbook is read or refused, and never ends the process.
    #[test]
    fn a_forged_workbook_harms_nobody(
        part in any::<usize>(),
        places in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8),
        inside in any::<bool>(),
    ) {
        let forge = |bytes: &mut Vec<u8>| for (place, byte) in &places {
            let place = place % bytes.len();
            bytes[place] = if inside { byte % 0x60 + 0x20 } else { *byte };
        };
        let mut bytes = small();
        if inside { bytes = rewritten(&bytes, part, forge) } else { forge(&mut bytes) }
        match Table::read(&bytes, &opening()) {
            Ok(table) => drop(lines(&profile(&json!({})), &table)),
            Err(words) => prop_assert!(!words.is_empty()),
        }
    }
}
