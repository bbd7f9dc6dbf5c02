//! The schema: one on both engines, and never an older Hive on a newer one.

use crate::door::{Door, at};
use crate::engine::{Server, run};
use crate::keeping::Hand;
use hive_store::*;
use std::collections::BTreeMap;

/// Each table: its columns (name, kind, whether it may be NULL) and its key, in words.
type Schema = BTreeMap<String, Vec<String>>;

const LITE: &str = "SELECT m.name, p.name, CASE WHEN p.type = 'INTEGER' THEN 'int' ELSE 'text' END, p.\"notnull\" = 0
        AND p.pk = 0, p.pk FROM sqlite_schema m JOIN pragma_table_info(m.name) p
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY m.name, p.cid";
const PG: &str = "SELECT c.table_name::text, c.column_name::text, CASE WHEN c.data_type = 'bigint' THEN 'int' ELSE c.data_type::text END,
        c.is_nullable = 'YES', coalesce(k.ordinal_position, 0)::bigint
    FROM information_schema.columns c
    LEFT JOIN information_schema.table_constraints t ON t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY'
    LEFT JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name AND k.column_name = c.column_name
    WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_sqlx%' ORDER BY c.table_name, c.ordinal_position";

async fn schema(door: &Door) -> Schema {
    let mut hand = Hand::open(door).await;
    let rows: Vec<(String, String, String, bool, i64)> = match &mut hand {
        Hand::Lite(engine) => sqlx::query_as(LITE).fetch_all(engine).await.unwrap(),
        Hand::Pg(engine) => sqlx::query_as(PG).fetch_all(engine).await.unwrap(),
    };
    let mut schema = Schema::new();
    for (table, column, kind, may_be_null, key) in rows {
        let null = if may_be_null { " null" } else { "" };
        schema.entry(table).or_default().push(format!("{column} {kind}{null} {key}"));
    }
    schema
}

pub(crate) async fn both_engines_have_one_logical_schema(server: &Server) {
    let (lite, pg) = (Door::sqlite().await, Door::postgres(server).await);
    let (lite, pg) = (schema(&lite).await, schema(&pg).await);
    assert!(lite.len() > 30, "{}", lite.len());
    assert_eq!(lite, pg);
}

/// People sign in to the installation, and the key file is the installation's.
const OF_THE_INSTALLATION: [&str; 7] =
    ["msp", "sealing_key", "person", "person_role", "login_link", "session", "login_failure"];

#[test]
fn every_key_begins_with_the_msp() {
    run(async {
        for (table, columns) in schema(&Door::sqlite().await).await {
            let msp_first = columns.contains(&"msp int 1".to_owned());
            // Those say why in the migration.
            assert!(msp_first || OF_THE_INSTALLATION.contains(&table.as_str()), "{table}: {columns:?}");
        }
    });
}

#[test]
fn a_newer_schema_is_refused_in_words() {
    run(async {
        let door = Door::sqlite().await;
        let mut hand = Hand::open(&door).await;
        let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
            VALUES (9999, 'from the future', 1, x'00', 0)";
        hand.run(sql).await.unwrap();
        let error = door.open_again().await.unwrap_err();
        assert!(error.to_string().starts_with("this database was written by a newer Hive"), "{error}");
    });
}

#[test]
fn only_files_and_postgres_are_opened() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let key = || KeySource(dir.path().join("hive.key"));
        for url in ["sqlite::memory:", "sqlite://:memory:", "mysql://x/y", "hive.db"] {
            let error = Store::open(url, key()).await.unwrap_err();
            assert!(error.to_string().starts_with("HIVE_DATABASE_URL"), "{url}: {error}");
        }
        let nowhere = Store::open("sqlite:///nowhere/at/all/hive.db", key()).await.unwrap_err();
        assert!(nowhere.to_string().contains("/nowhere/at/all"), "{nowhere}");
    });
}

#[test]
fn two_processes_may_open_a_new_database_at_once() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("hive.db").display());
        let open = || Store::open(&url, KeySource(dir.path().join("hive.key")));
        let (one, two) = tokio::join!(open(), open());
        let (one, two) = (one.unwrap(), two.unwrap());
        let added = one.add_msp("Northwind", at(0)).await.unwrap();
        assert_eq!(two.msp("Northwind").await.unwrap(), Some(added));
    });
}
