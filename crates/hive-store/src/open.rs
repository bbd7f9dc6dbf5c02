//! Opening the database: its URL, its schema, its key.

use crate::db::Db;
use crate::error::{Result, StoreError, refused};
use crate::key::{KeySource, Keys, open_private};
use crate::{BUSY_SECONDS_MAX, Store};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

const READERS_MAX: u32 = 8;
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
const BUSY: Duration = Duration::from_secs(BUSY_SECONDS_MAX);

impl Store {
    /// Opens the database at `sqlite://path` or `postgres://…`, brings its schema up to date and
    /// holds the key file against it.
    pub async fn open(url: &str, key: KeySource) -> Result<Store> {
        if url.starts_with("sqlite:") {
            open_sqlite(url, key).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open_postgres(url, key).await
        } else {
            Err(refused("HIVE_DATABASE_URL is neither sqlite://path nor postgres://…"))
        }
    }

    /// Closes every connection; what was committed stays.
    pub async fn close(&self) {
        match &self.db {
            Db::Lite { writer, readers, path: _ } => {
                readers.close().await;
                writer.close().await;
            }
            Db::Pg { pool, options: _ } => pool.close().await,
        }
    }
}

/// The file of a `sqlite:` URL, exactly as the database is opened there: percent signs decoded,
/// parameters left out. `None` where the URL is another engine's, names no file or cannot be read.
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    url.starts_with("sqlite:").then(|| read_sqlite(url).ok()).flatten().map(|options| options.get_filename().to_owned())
}

fn read_sqlite(url: &str) -> Result<SqliteConnectOptions> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|_| refused("HIVE_DATABASE_URL: write sqlite://path/to/hive.db"))?;
    if url.contains(":memory:") || url.contains("mode=memory") || options.get_filename().as_os_str().is_empty() {
        return Err(refused("HIVE_DATABASE_URL: Hive needs a file; what it writes into invoices must outlive it"));
    }
    Ok(options)
}

/// The one path of the database, whatever links lead to it: the locks stand beside it. Makes the
/// file if it is not there. One that is there is left to SQLite: closing it here would free the
/// locks that this process may hold on it already.
fn canonical(path: &Path) -> Result<PathBuf> {
    let found = match path.canonicalize() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            open_private(path).map(drop).and_then(|()| path.canonicalize())
        }
        found => found,
    };
    found.map_err(|source| StoreError::File { path: path.to_owned(), doing: "cannot be opened", source })
}

/// The connections of one pool. SQLite ends a transaction by itself where the disk is full or fails;
/// sqlx then still counts it as begun, and every later one would be refused. Such a connection is
/// closed when it comes back, and the next writer gets a fresh one.
fn pool(connections_max: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections_max).acquire_timeout(BUSY).after_release(|engine, _| {
        Box::pin(async move {
            // Comes back after the rollback that a dropped transaction has asked for.
            engine.ping().await?;
            Ok(!engine.is_in_transaction())
        })
    })
}

async fn open_sqlite(url: &str, key: KeySource) -> Result<Store> {
    let options = read_sqlite(url)?;
    let path = canonical(options.get_filename())?;
    // Two processes may open a new database at once: one brings the schema up to date, one waits.
    let alone = lock_while_opening(&path).await?;
    let options = options
        .create_if_missing(false)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .row_buffer_size(500)
        // Statements of a thousand rows are long; a log is for people.
        .disable_statement_logging();
    let writer = pool(1).connect_with(options.clone()).await?;
    SQLITE.run(&writer).await?;
    let readers = pool(READERS_MAX).connect_with(options.pragma("query_only", "ON")).await?;
    let store = with_keys(Db::Lite { writer, readers, path }, key).await;
    drop(alone);
    store
}

async fn open_postgres(url: &str, key: KeySource) -> Result<Store> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| refused("HIVE_DATABASE_URL: write postgres://user:password@host/database"))?;
    let busy = format!("{}", BUSY.as_millis());
    let options = options
        .application_name("hive")
        .options([("synchronous_commit", "on"), ("lock_timeout", busy.as_str()), ("TimeZone", "UTC")])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS_MAX)
        .acquire_timeout(BUSY)
        .connect_with(options.clone())
        .await?;
    POSTGRES.run(&pool).await?;
    with_keys(Db::Pg { pool, options: Box::new(options) }, key).await
}

async fn with_keys(db: Db, key: KeySource) -> Result<Store> {
    // Reading must not wait for a writer, and most of the time there is nothing to write.
    let known = Keys::known(&key, &mut db.read().await?).await?;
    let keys = match known {
        Some(keys) => keys,
        None => {
            let mut tx = db.write_any().await?;
            let keys = Keys::open(&key, &mut tx).await?;
            tx.commit().await?;
            keys
        }
    };
    Ok(Store { db, keys: Arc::new(keys) })
}

async fn lock_while_opening(path: &Path) -> Result<std::fs::File> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".open.lock");
    let beside = PathBuf::from(beside);
    let failed = |source| StoreError::File { path: beside.clone(), doing: "cannot be locked", source };
    let file = open_private(&beside).map_err(failed)?;
    let locking = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
    match locking.await {
        Ok(locked) => locked.map_err(failed),
        Err(stopped) => Err(failed(std::io::Error::other(stopped))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Tx, args};

    #[tokio::test]
    async fn a_full_disk_is_said_once_and_then_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("hive.db").display());
        let store = Store::open(&url, KeySource(dir.path().join("hive.key"))).await.unwrap();
        let at = hive_core::Timestamp::UNIX_EPOCH;
        for name in ["one", "two", "three"] {
            // As many pages as the file has already: this connection finds no room for more.
            let mut tx = store.db.write_any().await.unwrap();
            let Tx::Lite(engine) = &mut tx else { panic!("not SQLite") };
            sqlx::query("PRAGMA max_page_count = 1").execute(&mut **engine).await.unwrap();
            let sql = "INSERT INTO sealing_key (id, word) VALUES ($1, $2)";
            let full = tx.run(sql, args!["big", "x".repeat(100_000)]).await.unwrap_err();
            drop(tx);
            assert!(matches!(full, StoreError::Disk { why: "the disk is full", .. }), "{full:?}");
            store.add_msp(name, at).await.unwrap();
        }
        assert_eq!(store.msps().await.unwrap().len(), 3);
        store.close().await;
    }

    #[tokio::test]
    async fn a_database_of_an_older_hive_is_brought_up_to_date() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hive.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let old = pool(1).connect_with(options).await.unwrap();
        let mut until_then = sqlx::migrate!("migrations/sqlite");
        until_then.migrations.to_mut().retain(|migration| migration.version <= 2);
        until_then.run(&old).await.unwrap();
        let rows = "INSERT INTO msp (name, added_at, version) VALUES ('Northwind IT', 0, 7);
            INSERT INTO account VALUES (1, 1, 'Acme', NULL, 0);
            INSERT INTO product VALUES (1, 1, 'Hot', NULL, 'GB', 0);
            INSERT INTO quota VALUES (1, 1, 1, '500', 'GB', 'cli:ann', 0);
            INSERT INTO lease VALUES (1, 1, 1, 'sync', 'cli:ann', 0, 0);
            INSERT INTO run VALUES (1, 1, 'sync', 'running', 'cli:ann', 1, 0, NULL, 0, 0, 'pull', 1, 2, '', NULL, '')";
        sqlx::raw_sql(rows).execute(&old).await.unwrap();
        old.close().await;
        let url = format!("sqlite://{}", path.display());
        let store = Store::open(&url, KeySource(dir.path().join("hive.key"))).await.unwrap();
        let msp = store.msp("Northwind IT").await.unwrap().unwrap().id;
        let facts = store.facts(msp, None).await.unwrap();
        assert!(!facts.quotas[0].hard && facts.quotas[0].size.to_string() == "500", "{:?}", facts.quotas);
        assert_eq!(store.pulse(msp).await.unwrap(), crate::Pulse { facts: 0, runs: 7 });
        let crashed = store.interrupted_everywhere(hive_core::Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!((crashed.len(), crashed[0].1.stop_asked_by.clone()), (1, None));
        assert!(store.users().await.unwrap().is_empty());
        store.close().await;
    }

    #[tokio::test]
    async fn sqlite_loses_no_commit_to_a_power_cut() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("hive.db").display());
        let store = Store::open(&url, KeySource(dir.path().join("hive.key"))).await.unwrap();
        for mut tx in [store.db.write_any().await.unwrap(), store.db.read().await.unwrap()] {
            let Tx::Lite(engine) = &mut tx else { panic!("not SQLite") };
            let ask = async |engine: &mut sqlx::SqliteConnection, sql: &'static str| -> i64 {
                sqlx::query_scalar(sql).fetch_one(engine).await.unwrap()
            };
            assert_eq!(ask(engine, "PRAGMA synchronous").await, 2, "FULL");
            assert_eq!(ask(engine, "PRAGMA foreign_keys").await, 1);
            assert_eq!(ask(engine, "PRAGMA busy_timeout").await, 10_000);
            let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut **engine).await.unwrap();
            assert_eq!(mode, "wal");
        }
    }
}
