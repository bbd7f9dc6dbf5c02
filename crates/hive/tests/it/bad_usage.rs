//! Usage files: every wrong row named by line, column and reason, and nothing imported.

use crate::house::{House, ago, town};
use crate::ran::Ran;

const HEADER: &str = "account,product,quantity,unit,measured_at";

/// A house that has one good row, so that "nothing imported" can be seen.
fn house() -> House {
    let house = House::bare(town());
    house.usage("Acme,Hot,10,GB");
    house
}

/// Refused: exit 1, each of these words told, and the plan is as it was.
#[track_caller]
fn refused(house: &House, text: impl AsRef<[u8]>, words: &[&str]) -> Ran {
    let before = house.plan();
    let ran = house.import(text).ends(1).tells(words);
    assert_eq!(ran.out, "", "no data");
    assert_eq!(house.plan().id(), before.id(), "nothing was imported");
    assert_eq!(house.plan().lines(), before.lines(), "nothing was imported");
    ran
}

#[test]
fn quantities_that_are_no_plain_decimals_are_named_by_line_column_and_reason() {
    let house = house();
    let at = ago(5);
    let wrong = [
        ("NaN", "plain decimal"),
        ("inf", "plain decimal"),
        ("-inf", "plain decimal"),
        ("-1", "negative"),
        ("-0", "negative"),
        ("1e3", "plain decimal"),
        ("1E-4", "plain decimal"),
        ("1e400", "plain decimal"),
        ("0x10", "plain decimal"),
        ("1_000", "plain decimal"),
        ("\"1,000\"", "plain decimal"),
        ("\"1,5\"", "plain decimal"),
        ("\"1.234,56\"", "plain decimal"),
        ("1.2.3", "plain decimal"),
        ("+5", "plain decimal"),
        ("５", "plain decimal"),
        ("٣", "plain decimal"),
        ("5%", "plain decimal"),
        ("5 seats", "plain decimal"),
        ("1 000", "plain decimal"),
        (".5", "plain decimal"),
        ("5.", "plain decimal"),
        ("", "empty"),
        ("1234567890123456789", "18 digits"),
        ("0.1234567", "6 digits"),
        ("123456789012345.1234", "18 digits"),
        ("=1+1", "plain decimal"),
    ];
    for (quantity, reason) in wrong {
        let text = format!("{HEADER}\nAcme,Hot,11,GB,{at}\nAcme,Seat,{quantity},user,{at}\n");
        refused(&house, text, &["line 3, column quantity", reason, "1 bad row", "nothing was imported"]);
    }
}

#[test]
fn every_bad_row_is_named_not_only_the_first() {
    let house = house();
    let at = ago(5);
    let text = format!(
        "{HEADER}\nAcme,Hot,NaN,GB,{at}\n,Hot,1,GB,{at}\nAcme,,1,GB,{at}\nAcme,Hot,1,,{at}\nAcme,Hot,1,GB,yesterday\nAcme,Hot,-1,,soon\n"
    );
    let ran = refused(
        &house,
        text,
        &[
            "line 2, column quantity",
            "line 3, column account",
            "line 4, column product",
            "line 5, column unit",
            "line 6, column measured_at",
            "line 7, column quantity",
            "line 7, column unit",
            "line 7, column measured_at",
            "8 bad rows",
        ],
    );
    assert!(ran.err.contains("usage.csv"), "the file is named: {}", ran.err);
}

#[test]
fn times_must_be_rfc_3339_and_not_in_the_future() {
    let house = house();
    let ahead = ago(-15);
    for (time, reason) in [
        (ahead.as_str(), "ahead"),
        ("2099-01-01T00:00:00Z", "ahead"),
        ("2026-11-22", "RFC 3339"),
        ("22/11/2026 10:00", "RFC 3339"),
        ("2026-11-22T10:00:00", "RFC 3339"),
        ("2026-11-22T10:00Z", "RFC 3339"),
        ("2026-13-22T10:00:00Z", "RFC 3339"),
        ("2026-02-30T10:00:00Z", "RFC 3339"),
        ("1700000000", "RFC 3339"),
        ("", "RFC 3339"),
    ] {
        refused(&house, format!("{HEADER}\nAcme,Hot,11,GB,{time}\n"), &["line 2, column measured_at", reason]);
    }
    house.import(format!("{HEADER}\nAcme,Hot,11,GB,{}\nAcme,Hot,12,GB,2026-11-22T10:00:00+11:00\n", ago(-5))).done();
}

#[test]
fn other_encodings_and_binary_files_are_refused_in_words() {
    let house = house();
    let good = format!("{HEADER}\nAcme,Hot,11,GB,{}\n", ago(5));
    let latin = good
        .replace("Acme", "Caf?")
        .into_bytes()
        .iter()
        .map(|byte| if *byte == b'?' { 0xE9 } else { *byte })
        .collect::<Vec<u8>>();
    refused(&house, latin, &["line 2", "not UTF-8", "Latin-1", "othing was imported"]);
    let utf16 = |bom: [u8; 2], le: bool| -> Vec<u8> {
        let units = good.encode_utf16().flat_map(|unit| if le { unit.to_le_bytes() } else { unit.to_be_bytes() });
        bom.into_iter().chain(units).collect()
    };
    refused(&house, utf16([0xFF, 0xFE], true), &["UTF-16"]);
    refused(&house, utf16([0xFE, 0xFF], false), &["UTF-16"]);
    let bare: Vec<u8> = utf16([0, 0], true)[2..].to_vec();
    refused(&house, bare, &["NUL"]);
    refused(&house, good.replace("Acme", "Ac\0me"), &["line 2", "NUL"]);
    refused(&house, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0xFF, 0xFF], &["othing was imported"]);
}

#[test]
fn a_byte_order_mark_crlf_quotes_and_accents_are_fine() {
    let house = house();
    let at = ago(5);
    let text = format!("\u{feff}{HEADER}\r\n\"Caf\u{e9}, \"\"Q\"\"\",Hot, 11 ,GB,{at}\r\n");
    refused(&house, &text, &["line 2, column quantity"]);
    house.import(text.replace(" 11 ", "11")).done();
    assert!(house.plan().has("Café, \"Q\" Hot") || house.plan().lines().to_string().contains("Café, \\\"Q\\\""));
}

#[test]
fn broken_shapes_are_refused() {
    let house = house();
    let at = ago(5);
    let row = format!("Acme,Hot,11,GB,{at}");
    refused(&house, "", &["line 1", "empty"]);
    refused(&house, "\n\n", &["line 1"]);
    refused(&house, format!("{HEADER}\n{row}\n\"Bolt,Hot,1,GB,{at}\n"), &["line 3", "quotation mark"]);
    refused(&house, format!("{HEADER}\n{row}\nAcme,Hot,1\n"), &["line 3", "3 fields", "5"]);
    refused(&house, format!("{HEADER}\n{row},x\n"), &["line 2", "6 fields", "5"]);
    refused(
        &house,
        format!("{HEADER}\n{row}\n{HEADER}\n{row}\n"),
        &["line 3, column quantity", "line 3, column measured_at"],
    );
    refused(&house, format!("{HEADER};\n{row};\n").replace(',', ";"), &["line 1", "semicolons"]);
    refused(&house, format!("{HEADER}\n{row}\n").replace(',', "\t"), &["line 1", "tabs"]);
    refused(&house, format!("{HEADER},colour\n{row},blue\n"), &["line 1, column colour", "unknown column"]);
    refused(&house, format!("{HEADER},unit\n{row},GB\n"), &["line 1, column unit", "twice"]);
    refused(&house, "account,product,quantity,unit\nAcme,Hot,1,GB\n", &["line 1, column measured_at", "missing"]);
    refused(&house, format!("{row}\n"), &["line 1"]);
    refused(&house, format!("{HEADER}\n\"Ac\nme\",Hot,1,GB,{at}\n"), &["line 2, column account"]);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let house = house();
    let at = ago(5);
    let rows = [
        HEADER,
        &format!("Acme,Hot,11,GB,{at}"),
        "",
        &format!("Acme,Seat,x,user,{at}"),
        &format!("\"Bolt\",Seat,y,user,{at}"),
        "",
    ];
    for line_break in ["\n", "\r\n"] {
        refused(&house, rows.join(line_break), &["line 4, column quantity", "line 5, column quantity", "2 bad rows"]);
    }
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let house = house();
    house.import(format!("measured_at,unit,quantity,product,account\n{},GB,11,Hot,Bolt\n", ago(5))).done();
    assert_eq!(house.plan().line("Bolt Hot")["part"].as_str(), None, "an unlinked line has no share yet");
    assert!(house.plan().issue("Bolt Hot", "sync.never")["message"].is_string());
}

#[test]
fn an_empty_batch_is_no_usage_and_changes_nothing() {
    let house = house();
    let before = house.plan();
    house.import(format!("{HEADER}\n"));
    assert_eq!(house.plan().id(), before.id());
}

#[test]
fn eleven_mebibytes_are_refused_and_the_limit_is_a_setting() {
    let house = house();
    let row = format!("Acme,Hot,11,GB,{}\n", ago(5));
    let big = format!("{HEADER}\n{}", row.repeat(11 * 1024 * 1024 / row.len()));
    refused(&house, &big, &["HIVE_UPLOAD_BYTES_MAX", "10485760", "othing was imported"]);
    house.run_with("HIVE_UPLOAD_BYTES_MAX", "20", "import usage NW usage.csv").ends(1).tells(&["at most 20"]);
    house.run("import usage NW nowhere.csv").ends(1).tells(&["nowhere.csv"]);
    let many = format!("{HEADER}\n{}", "A,H,1,GB,2026-11-22T10:00:00Z\n".repeat(200_001));
    refused(&house, &many, &["200000 rows"]);
}

#[test]
fn one_key_twice_with_other_values_is_a_bad_row() {
    let house = house();
    let at = ago(5);
    refused(&house, format!("{HEADER}\nAcme,Hot,11,GB,{at}\nAcme,Hot,12,GB,{at}\n"), &["line 3", "line 2", "11", "12"]);
    let same = house.import(format!("{HEADER}\nAcme,Hot,11,GB,{at}\nAcme,Hot,11.0,GB,{at}\n")).done().json();
    assert_eq!(same["samples_new"], 1);
}

#[test]
fn names_that_differ_by_case_or_spaces_alone_are_a_bad_row() {
    let house = house();
    let at = ago(5);
    for name in ["acme", "ACME", "Ac me"] {
        refused(&house, format!("{HEADER}\n{name},Hot,11,GB,{at}\n"), &["line 2, column account", "Acme"]);
    }
    refused(&house, format!("{HEADER}\nAcme,HOT,11,GB,{at}\n"), &["line 2, column product", "Hot"]);
    house.import(format!("{HEADER}\n  Acme  ,Hot,11,GB,{at}\n")).done();
    house.import(format!("{HEADER}\nCafe\u{301},Hot,11,GB,{at}\n")).done();
    let again = house.import(format!("{HEADER}\nCaf\u{e9},Hot,11,GB,{at}\n")).done().json();
    assert_eq!([&again["accounts_new"], &again["samples_equal"]], [0, 1], "NFC and NFD are one name");
}

#[test]
fn importing_again_is_nothing_and_another_quantity_is_a_correction() {
    let house = House::linked();
    let at = ago(5);
    let text = format!("{HEADER}\nAcme,Hot,12,GB,{at}\n");
    let first = house.import(&text).done().json();
    assert_eq!([&first["samples_new"], &first["samples_equal"], &first["samples_corrected"]], [1, 0, 0]);
    let plan = house.plan();
    let second = house.import(&text).done().json();
    assert_eq!([&second["samples_new"], &second["samples_equal"], &second["samples_corrected"]], [0, 1, 0]);
    assert_eq!(house.plan().id(), plan.id());
    let third = house.import(text.replace(",12,", ",13,")).done().json();
    assert_eq!([&third["samples_new"], &third["samples_equal"], &third["samples_corrected"]], [0, 0, 1]);
    assert_eq!(house.plan().says("Acme Hot"), "change 10 -> 13");
}

#[test]
fn a_dry_run_checks_everything_and_imports_nothing() {
    let house = House::linked();
    let before = house.plan();
    let file = house.write("dry.csv", format!("{HEADER}\nAcme,Hot,99,GB,{}\nNew,New,1,user,{}\n", ago(5), ago(5)));
    let said = house.hive(&["import", "usage", "NW", &file, "--dry-run", "--format", "json"]).done().json();
    assert_eq!([&said["samples_new"], &said["accounts_new"], &said["products_new"]], [2, 1, 1]);
    assert_eq!(said["dry_run"], true);
    assert_eq!(house.plan().id(), before.id());
    let file = house.write("dry.csv", format!("{HEADER}\nAcme,Hot,x,GB,{}\n", ago(5)));
    house.hive(&["import", "usage", "NW", &file, "--dry-run"]).ends(1).tells(&["line 2, column quantity"]);
}

#[test]
fn ids_beat_names_and_a_changed_name_is_a_rename() {
    let house = House::linked();
    let header = format!("{HEADER},account_id");
    house.import(format!("{header}\nAcme,Hot,11,GB,{},v-1\n", ago(6))).done();
    let id = house.plan().line_id("Acme Hot");
    let said = house.import(format!("{header}\nAcme Holdings,Hot,12,GB,{},v-1\n", ago(5))).done().json();
    assert_eq!(said["renamed"][0]["before"], "Acme");
    assert_eq!(said["accounts_new"], 0);
    let plan = house.plan();
    let line = plan
        .lines()
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["account"] == "Acme Holdings" && line["product"] == "Hot")
        .unwrap();
    assert_eq!(line["id"], id, "it is the same line");
    assert_eq!(line["next"], "12", "and still linked");
}

#[test]
fn quotas_come_with_the_file_and_an_empty_one_leaves_it_as_it_is() {
    let house = House::linked();
    let header = format!("{HEADER},quota,quota_unit");
    house.ok("settings NW mode=quota_bracket");
    house.import(format!("{header}\nAcme,Hot,11,GB,{},500,GB\n", ago(6))).done();
    assert_eq!(house.plan().line("Acme Hot")["next"], "500");
    house.import(format!("{header}\nAcme,Hot,12,GB,{},,\n", ago(5))).done();
    assert_eq!(house.plan().line("Acme Hot")["next"], "500");
    refused(&house, format!("{header}\nAcme,Hot,12,GB,{},lots,GB\n", ago(5)), &["line 2, column quota"]);
    refused(&house, format!("{header}\nAcme,Hot,12,GB,{},5,seats\n", ago(5)), &["line 2, column quota_unit"]);
}
