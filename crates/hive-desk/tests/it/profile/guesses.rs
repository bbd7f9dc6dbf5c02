//! What is proposed for a table, and that it reads.

use super::{lines, saved, table};
use hive_desk::profile::{Profile, Quantities, When};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn best(text: &str) -> (Profile, String) {
    let (profile, reasons) = Profile::guess(&table(text.as_bytes())).remove(0);
    (profile, reasons.join("; "))
}

#[test]
fn usage_csv_itself() {
    let text = "account,product,quantity,unit,measured_at,quota,quota_unit,account_id,product_id,class\n\
        Acme,Hot Storage,430.5,GB,2026-06-30T23:00:00Z,500,GB,A-1,P-1,Archive\n";
    let (profile, _) = best(text);
    assert_eq!(profile.check(&table(text.as_bytes())), [""; 0]);
    assert_eq!(
        lines(&profile, &table(text.as_bytes())),
        ["2: Acme | Hot Storage | 430.5 GB | 2026-06-30T23:00:00Z | quota 500 GB | id A-1 | id P-1 | class archive"]
    );
}

#[test]
fn a_german_export_with_titles_and_a_total() {
    let text = "Nutzungsbericht\n\nKunde;Dienst;Menge;Einheit;Stichtag\nAcme;Backup;1.250,5;GB;30.06.2026\n\
        Zen;Backup;12,25;GB;30.06.2026\nSumme;;1.262,75;;\n";
    let (profile, reasons) = best(text);
    assert!(reasons.contains("the header stands in line 3"), "{reasons}");
    assert!(reasons.contains("decimal comma"), "{reasons}");
    assert!(reasons.contains("line 6 (\"Summe\") is a total and is left out"), "{reasons}");
    assert_eq!(
        lines(&profile, &table(text.as_bytes())),
        ["4: Acme | Backup | 1250.5 GB | 2026-06-30T13:59:59Z", "5: Zen | Backup | 12.25 GB | 2026-06-30T13:59:59Z",]
    );
}

#[test]
fn one_column_per_product_with_units_in_the_headers() {
    let text =
        "Tenant Name,Tenant ID,Hot Storage (GB),M365 Seats,Price,Report Date\nAcme,t-1,430.25,24,99.95,2026-06-30\n";
    let (profile, reasons) = best(text);
    let Quantities::Columns(columns) = &profile.quantities else { panic!("{reasons}") };
    let columns: Vec<_> = columns.iter().map(|one| (one.product.as_str(), one.unit.as_str())).collect();
    assert_eq!(columns, [("Hot Storage", "GB"), ("M365 Seats", "seat")]);
    assert!(reasons.contains("left out: \"Price\""), "{reasons}");
    assert_eq!(
        lines(&profile, &table(text.as_bytes())),
        [
            "2: Acme | Hot Storage | 430.25 GB | 2026-06-30T13:59:59Z | id t-1",
            "2: Acme | M365 Seats | 24 seat | 2026-06-30T13:59:59Z | id t-1",
        ]
    );
}

#[test]
fn days_and_months_that_can_be_taken_for_each_other_are_two_proposals() {
    let text = "Customer,Service,Used GB,Date\nAcme,Backup,5,05/06/2026\nZen,Backup,6,01/02/2026\n";
    let guesses = Profile::guess(&table(text.as_bytes()));
    let dates: Vec<_> = guesses.iter().map(|(profile, _)| profile.dates.join(" ")).collect();
    assert_eq!(dates, ["%d/%m/%Y", "%m/%d/%Y"]);
    assert!(guesses[0].1.join("; ").contains("can be read in 2 ways; this proposal reads %d/%m/%Y"));
    let (sure, _) = best(&text.replace("01/02", "21/02"));
    assert_eq!(sure.dates, ["%d/%m/%Y"]);
}

#[test]
fn what_cannot_be_told_is_left_for_a_person_to_say() {
    let text = "Company,Used\nAcme,\"1,250\"\n";
    let (profile, reasons) = best(text);
    assert!(reasons.contains("look here: \"1,250\" can be read in two ways"), "{reasons}");
    assert_eq!(profile.measured_at, When::FileModified);
    assert_eq!(
        profile.check(&table(text.as_bytes())),
        [
            "say which column names the product, or which product the file measures",
            "say which column has the unit, or which unit the quantities have",
        ]
    );
    assert_eq!(Profile::guess(&table(b"lorem,ipsum\n1,2\n")).len(), 0);
}

#[test]
fn a_workbook_with_its_own_dates_and_fine_numbers() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(["Customer", "SKU", "Usage (GB)", "Period End"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    let day = Format::new().set_num_format("dd/mm/yyyy");
    sheet.write_string(1, 0, "Acme").unwrap().write_string(1, 1, "BK-1").unwrap();
    sheet.write_number(1, 2, 430.123_456_789).unwrap();
    sheet.write_datetime_with_format(1, 3, ExcelDateTime::from_ymd(2026, 6, 30).unwrap(), &day).unwrap();
    let table = table(&saved(workbook));
    let (profile, reasons) = Profile::guess(&table).remove(0);
    assert!(reasons.join("; ").contains("more than 6 digits after the point"), "{reasons:?}");
    assert_eq!(lines(&profile, &table), ["2: Acme | BK-1 | 430.123457 GB | 2026-06-30T13:59:59Z"]);
}
