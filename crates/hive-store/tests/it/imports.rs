//! Usage files into the store.

use crate::door::*;
use hive_core::*;
use hive_store::*;

const FILE: &str = "
    Acme Dental | Hot Storage | 430.5 GB | 2026-11-22
    Acme Dental | Microsoft 365 | 25 user | 2026-11-22
    Zen Garden | Hot Storage | 12 GB | 2026-11-22";

pub(crate) async fn the_same_file_twice_changes_nothing(door: &Door) {
    let first = door.import(FILE).await.unwrap();
    assert_eq!(first.accounts_new, ["Acme Dental", "Zen Garden"]);
    assert_eq!(first.products_new, ["Hot Storage", "Microsoft 365"]);
    assert_eq!((first.samples_new, first.samples_equal, first.samples_corrected), (3, 0, 0));
    let again = door.import(FILE).await.unwrap();
    assert!(again.accounts_new.is_empty() && again.products_new.is_empty());
    assert_eq!((again.samples_new, again.samples_equal, again.samples_corrected, again.batch), (0, 3, 0, 2));
    let facts = door.store.facts(door.msp, None).await.unwrap();
    assert_eq!((facts.samples.len(), facts.samples_through), (3, 3));
    assert_eq!(facts.products[0].unit.to_string(), "GB");
}

pub(crate) async fn another_quantity_is_a_correction(door: &Door) {
    door.import(FILE).await.unwrap();
    let corrected = door.import("Acme Dental | Hot Storage | 403.5 GB | 2026-11-22").await.unwrap();
    assert_eq!((corrected.samples_new, corrected.samples_corrected), (0, 1));
    // It keeps its place: a plan that saw the first three samples sees it at once.
    let facts = door.store.facts(door.msp, Some(3)).await.unwrap();
    assert_eq!(facts.samples[0].quantity, q("403.5"));
    assert_eq!(facts.samples_through, 3);
    let log = door.audit_words().await;
    let words =
        "cli:ann sample.correct account 1 product 1 source import at 2026-11-22T00:00:00Z: 430.5 GB -> 403.5 GB";
    assert!(log.iter().any(|row| row == words), "{log:#?}");
}

pub(crate) async fn one_bad_row_keeps_the_whole_file_out(door: &Door) {
    door.import(FILE).await.unwrap();
    let before = door.store.audit(door.msp).await.unwrap();
    let file = "Newcomer | Hot Storage | 1 GB | 2026-11-22\n ZEN garden | Hot Storage | 9 GB | 2026-11-23";
    let Err(ImportError::Bad(bad)) = door.import(file).await else { panic!("taken") };
    assert!(bad[0].to_string().starts_with("line 3, column account: \"ZEN garden\" differs"), "{}", bad[0]);
    let mut odd = rows("Nul\0 | Hot Storage | 1 GB | 2026-11-22");
    odd[0].measured_at = "2026-11-22T00:00:00.0000001Z".parse().unwrap();
    let Err(ImportError::Bad(bad)) = door.store.import_usage(door.msp, &door.asked(&odd)).await else {
        panic!("taken")
    };
    let words: Vec<String> = bad.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        ["line 2, column account: holds a NUL character", "line 2, column measured_at: is finer than a microsecond"]
    );
    let rows = rows("Newcomer | Cold | 1 GB | 2026-11-22");
    let dry = ImportAsked { dry_run: true, ..door.asked(&rows) };
    let dry = door.store.import_usage(door.msp, &dry).await.unwrap();
    assert_eq!((dry.accounts_new.len(), dry.samples_new, dry.batch), (1, 1, 0));
    assert_eq!(door.store.accounts(door.msp).await.unwrap().len(), 2);
    assert_eq!(door.store.audit(door.msp).await.unwrap(), before);
}

pub(crate) async fn what_nobody_sees_is_not_taken(door: &Door) {
    let mut odd = rows("Acme\u{202e} | Hot\u{2066} | 1 us\u{1b}er | 2026-11-22\n Acme | Hot | 1 GB | 2026-11-22");
    odd[0].account_id = Some("A\n1".into());
    odd[0].product_id = Some("P\u{2069}1".into());
    odd[0].class = "bil\u{7f}led".into();
    let Err(ImportError::Bad(bad)) = door.store.import_usage(door.msp, &door.asked(&odd)).await else {
        panic!("taken")
    };
    let words: Vec<String> = bad.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "line 2, column account: holds a character that turns the direction of writing",
            "line 2, column account_id: holds a control character or a line break",
            "line 2, column product: holds a character that turns the direction of writing",
            "line 2, column product_id: holds a character that turns the direction of writing",
            "line 2, column class: holds a control character or a line break",
            "line 2, column unit: holds a control character or a line break",
        ]
    );
    assert!(door.store.accounts(door.msp).await.unwrap().is_empty());
}

pub(crate) async fn eighteen_digits_are_exact(door: &Door) {
    let file = "
        A | Big | 123456789012345678 user | 2026-11-22
        A | Fine | 123456789012.345678 GB | 2026-11-22
        A | Odd | 9007199254740993 user | 2026-11-22
        A | Small | 0.000001 GB | 2026-11-22";
    door.import(file).await.unwrap();
    let samples = door.store.facts(door.msp, None).await.unwrap().samples;
    let found: Vec<String> = samples.iter().map(|sample| sample.quantity.to_string()).collect();
    assert_eq!(found, ["123456789012345678", "123456789012.345678", "9007199254740993", "0.000001"]);
    assert_eq!(door.import(file).await.unwrap().samples_equal, 4);
}

pub(crate) async fn a_plan_sees_no_later_sample(door: &Door) {
    door.import("A | Hot | 1 GB | 2026-11-20").await.unwrap();
    door.import("A | Hot | 2 GB | 2026-11-21").await.unwrap();
    door.import("A | Hot | 3 GB | 2026-11-22\n B | Hot | 7 GB | 2026-11-22").await.unwrap();
    let rows = rows("A | Hot | 9 GB | 2026-11-19");
    let late = ImportAsked { source: "other", ..door.asked(&rows) };
    door.store.import_usage(door.msp, &late).await.unwrap();
    let seen = async |through: Option<i64>| {
        let facts = door.store.facts(door.msp, through).await.unwrap();
        let words = facts.samples.iter().map(|s| format!("{}:{}:{}", s.account, s.source, s.quantity));
        (words.collect::<Vec<_>>().join(" "), facts.samples_through)
    };
    assert_eq!(seen(None).await, ("1:import:3 1:other:9 2:import:7".into(), 5));
    assert_eq!(seen(Some(2)).await, ("1:import:2".into(), 2));
    assert_eq!(seen(Some(0)).await, (String::new(), 0));
    assert_eq!(seen(Some(99)).await.1, 5);
}

pub(crate) async fn ids_rename_and_quotas_are_set(door: &Door) {
    let mut file = rows("Acme | Hot | 1 GB | 2026-11-22 | quota 500 GB");
    file[0].account_id = Some("A-1".into());
    door.store.import_usage(door.msp, &door.asked(&file)).await.unwrap();
    let mut renamed = rows("Acme Group | Hot | 1 GB | 2026-11-23 | quota 750 GB");
    renamed[0].account_id = Some("A-1".into());
    let imported = door.store.import_usage(door.msp, &door.asked(&renamed)).await.unwrap();
    assert_eq!(imported.renamed, [("Acme".to_owned(), "Acme Group".to_owned())]);
    assert_eq!(imported.quotas_set, 1);
    let facts = door.store.facts(door.msp, None).await.unwrap();
    assert_eq!(facts.accounts.len(), 1);
    assert_eq!(facts.quotas, [quota(1, 1, "750")]);
    let log = door.audit_words().await;
    assert!(log.contains(&"cli:ann account.rename 1: Acme -> Acme Group".to_owned()), "{log:#?}");
    assert!(log.contains(&"cli:ann quota.set account 1 product 1: 500 GB -> 750 GB".to_owned()), "{log:#?}");
}

pub(crate) async fn many_rows_are_one_import(door: &Door) {
    let text: Vec<String> = (0..2_500).map(|n| format!("Account {n} | Hot | {n}.5 GB | 2026-11-22")).collect();
    let imported = door.import(&text.join("\n")).await.unwrap();
    assert_eq!((imported.accounts_new.len(), imported.samples_new), (2_500, 2_500));
    let mut rows = rows(&text.join("\n"));
    for row in &mut rows[..1_200] {
        row.quantity = q("7");
    }
    let corrected = door.store.import_usage(door.msp, &door.asked(&rows)).await.unwrap();
    assert_eq!((corrected.samples_equal, corrected.samples_corrected), (1_300, 1_200));
    let facts = door.store.facts(door.msp, None).await.unwrap();
    assert_eq!((facts.samples.len(), facts.samples_through), (2_500, 2_500));
    assert_eq!(facts.samples.iter().filter(|sample| sample.quantity == q("7")).count(), 1_200);
    assert!(matches!(door.store.verify_audit(door.msp).await.unwrap(), AuditCheck::Whole { .. }));
    assert_eq!(facts.samples[2_499].account, AccountId(2_500));
}
