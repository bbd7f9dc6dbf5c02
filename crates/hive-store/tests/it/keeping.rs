//! MSPs, settings, the audit log.

use crate::door::*;
use hive_core::settings::{At, Key};
use hive_core::unit::Storage;
use hive_core::*;
use hive_store::*;
use sqlx::Connection;

pub(crate) async fn msps_have_unique_names(door: &Door) {
    let store = &door.store;
    assert_eq!(store.msp(" Northwind IT ").await.unwrap().unwrap().id, door.msp);
    assert_eq!(store.msp(&door.msp.to_string()).await.unwrap().unwrap().name, "Northwind IT");
    assert_eq!(store.msp("nobody").await.unwrap(), None);
    let twice = store.add_msp("  Northwind IT", at(0)).await.unwrap_err();
    assert_eq!(twice.to_string(), "there is an MSP \"Northwind IT\" already");
    assert!(store.add_msp(" ", at(0)).await.is_err());
    assert!(store.add_msp("17", at(0)).await.unwrap_err().to_string().contains("would read as an id"));
    for name in ["North\u{1b}[2Jwind", "North\nwind", "North\0wind", "North\u{202e}dniw", "\u{2067}Northwind"] {
        let odd = store.add_msp(name, at(0)).await.unwrap_err().to_string();
        assert!(odd.starts_with("the MSP's name holds a ") && !odd.contains(name), "{odd}");
    }
    assert_eq!(store.msps().await.unwrap().len(), 2);
    let nobody = store.facts(MspId(99), None).await.unwrap_err();
    assert_eq!(nobody.to_string(), "there is no MSP 99");
}

pub(crate) async fn settings_are_all_or_nothing(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22").await.unwrap();
    let here = At { product: Some(ProductId(1)), account: None };
    let good = (Key::Updates, At::default(), "manual".to_owned());
    let bad = (Key::DropPercent, At::default(), "many".to_owned());
    let error = door.store.set_settings(door.msp, &[good.clone(), bad], "cli:ann", at(1)).await.unwrap_err();
    assert!(error.to_string().contains("drop_percent"), "{error}");
    assert!(door.store.settings(door.msp).await.unwrap().entries().next().is_none());
    let minimum = (Key::Minimum, here, "123456789012345678".to_owned());
    door.store.set_settings(door.msp, &[good.clone(), minimum], "cli:ann", at(1)).await.unwrap();
    let settings = door.store.settings(door.msp).await.unwrap();
    assert_eq!(settings.bound(Key::Minimum, ProductId(1)), Some(q("123456789012345678")));
    let elsewhere = (Key::Minimum, At { product: Some(ProductId(9)), account: None }, "1".to_owned());
    let error = door.store.set_settings(door.msp, &[elsewhere], "cli:ann", at(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no product 9");
    let back = (Key::Updates, At::default(), String::new());
    door.store.set_settings(door.msp, &[back], "cli:ann", at(2)).await.unwrap();
    let log = door.audit_words().await;
    assert_eq!(log.last().unwrap(), "cli:ann setting.set updates: manual -> -");
    assert_eq!(log[log.len() - 2], "cli:ann setting.set minimum product 1: - -> 123456789012345678");
}

pub(crate) async fn quotas_and_pins_come_and_go(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22").await.unwrap();
    let (store, msp, acme, hot) = (&door.store, door.msp, AccountId(1), ProductId(1));
    store.set_quota(msp, acme, hot, Some((q("500"), Storage::GB, false)), "cli:ann", at(1)).await.unwrap();
    store.set_pin(msp, acme, hot, Some(AdditionId(1000)), "cli:ann", at(1)).await.unwrap();
    let facts = store.facts(msp, None).await.unwrap();
    assert_eq!(facts.quotas, [quota(1, 1, "500")]);
    assert_eq!(facts.pins[0].addition, AdditionId(1000));
    store.set_quota(msp, acme, hot, None, "cli:ann", at(2)).await.unwrap();
    store.set_pin(msp, acme, hot, None, "cli:ann", at(2)).await.unwrap();
    let facts = store.facts(msp, None).await.unwrap();
    assert!(facts.quotas.is_empty() && facts.pins.is_empty());
    let log = door.audit_words().await;
    assert_eq!(log[log.len() - 2], "cli:ann quota.set account 1 product 1: 500 GB -> -");
    let error = store.set_quota(door.other, acme, hot, None, "cli:ann", at(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no account 1");
}

pub(crate) async fn the_audit_log_finds_every_edit(door: &Door) {
    door.import("Acme | Hot | 1 GB | 2026-11-22").await.unwrap();
    for day in 1..6 {
        door.import(&format!("Acme | Hot | {day} GB | 2026-11-0{day} | quota {day}00 GB")).await.unwrap();
    }
    let AuditCheck::Whole { rows, head } = door.store.verify_audit(door.msp).await.unwrap() else { panic!("broken") };
    let log = door.store.audit(door.msp).await.unwrap();
    assert_eq!((rows, &head), (log.len() as i64, &log.last().unwrap().hash));
    assert_eq!(log.iter().map(|row| row.seq).collect::<Vec<_>>(), (1..=rows).collect::<Vec<_>>());

    // A hand in the database is refused by the triggers…
    let mut hand = Hand::open(door).await;
    for sql in ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit WHERE seq = 3"] {
        let refused = hand.run(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append only"), "{refused}");
    }
    // … and found where it takes the triggers away first.
    hand.drop_triggers(door).await;
    for (sql, broken_at) in [
        ("UPDATE audit SET after = '999' WHERE seq = 7", 7),
        ("UPDATE audit SET who = 'x' WHERE seq = 5", 5),
        ("DELETE FROM audit WHERE seq = 4", 4),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("DELETE FROM audit", 1),
    ] {
        hand.run(sql).await.unwrap();
        let found = door.store.verify_audit(door.msp).await.unwrap();
        assert_eq!(found, AuditCheck::Broken { at: broken_at }, "{sql}");
    }
}

/// A hand in the database, past the store.
pub(crate) enum Hand {
    Lite(sqlx::SqliteConnection),
    Pg(sqlx::PgConnection),
}

impl Hand {
    pub(crate) async fn open(door: &Door) -> Hand {
        if door.is_sqlite() {
            Hand::Lite(sqlx::SqliteConnection::connect(&door.url).await.unwrap())
        } else {
            Hand::Pg(sqlx::PgConnection::connect(&door.url).await.unwrap())
        }
    }

    pub(crate) async fn run(&mut self, sql: &'static str) -> sqlx::Result<()> {
        match self {
            Hand::Lite(engine) => sqlx::raw_sql(sql).execute(engine).await.map(|_| ()),
            Hand::Pg(engine) => sqlx::raw_sql(sql).execute(engine).await.map(|_| ()),
        }
    }

    async fn drop_triggers(&mut self, door: &Door) {
        let sql = if door.is_sqlite() {
            "DROP TRIGGER audit_is_never_updated; DROP TRIGGER audit_is_never_deleted"
        } else {
            "DROP TRIGGER audit_is_append_only ON audit"
        };
        self.run(sql).await.unwrap();
    }
}
