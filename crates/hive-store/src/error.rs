//! What can go wrong in the database, in words for a reader.

use sqlx::migrate::MigrateError;
use std::path::PathBuf;

/// Why the store did not do what it was asked. `Display` is for a reader; what is a bug or the
/// database's own trouble keeps its source.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Asked for something that cannot be, and why. Nothing was changed.
    #[error("{0}")]
    Refused(String),
    /// No such record at this MSP.
    #[error("{0}")]
    NotFound(String),
    /// Another process has held the database for longer than [`crate::BUSY_SECONDS_MAX`].
    #[error("the database is busy: somebody else has been writing for {} seconds; try again", crate::BUSY_SECONDS_MAX)]
    Busy(#[source] sqlx::Error),
    /// The disk is full, read-only or broken: nothing was stored.
    #[error("the database could not be written ({why}); nothing was stored")]
    Disk {
        why: &'static str,
        #[source]
        source: sqlx::Error,
    },
    /// What is stored there is no longer a whole database.
    #[error("the database file is damaged; stop Hive and restore a backup")]
    Damaged(#[source] sqlx::Error),
    /// No connection to the database.
    #[error("the database cannot be reached; check HIVE_DATABASE_URL")]
    Unreachable(#[source] sqlx::Error),
    /// A newer Hive has been at work here.
    #[error("this database was written by a newer Hive (its schema has step {0}, unknown to this one); use that Hive")]
    Newer(i64),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date")]
    Schema(#[source] MigrateError),
    /// The key file is missing, unreadable or the wrong one.
    #[error("the key file {}: {why}", path.display())]
    Key { path: PathBuf, why: String },
    /// The lease is another run's now: whoever holds this one must stop.
    #[error("run {run} no longer holds its lease (fence {fence}, now {now}); it stops here and sends nothing")]
    Fenced { run: i64, fence: i64, now: i64 },
    /// An outcome was recorded already; it stays as it is.
    #[error("intent {0} has its outcome already")]
    Twice(i64),
    /// A stored value cannot be read back: a bug, or a hand in the database.
    #[error("the database holds something Hive cannot read: {0}")]
    Unreadable(String),
    /// The operating system's trouble with a file beside the database.
    #[error("{}: {doing}", path.display())]
    File {
        path: PathBuf,
        doing: &'static str,
        #[source]
        source: std::io::Error,
    },
    /// Anything else: a bug.
    #[error("the database did not accept what Hive asked; this is a bug in Hive")]
    Bug(#[source] sqlx::Error),
}

/// `Result` of this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        match &error {
            sqlx::Error::PoolTimedOut => return StoreError::Busy(error),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                return StoreError::Unreachable(error);
            }
            _ => {}
        }
        let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        // SQLite's codes are numbers (the low byte is the kind); PostgreSQL's have five characters.
        if let Some(number) = code.parse::<i64>().ok().filter(|_| code.len() < 5) {
            return match number & 0xff {
                5 | 6 => StoreError::Busy(error),
                8 => StoreError::Disk { why: "it is read-only", source: error },
                10 => StoreError::Disk { why: "the disk reported an error", source: error },
                13 => StoreError::Disk { why: "the disk is full", source: error },
                11 | 26 => StoreError::Damaged(error),
                14 => StoreError::Unreachable(error),
                _ => StoreError::Bug(error),
            };
        }
        match code.as_str() {
            "55P03" | "40P01" | "40001" => StoreError::Busy(error),
            "53100" => StoreError::Disk { why: "the disk is full", source: error },
            "58030" => StoreError::Disk { why: "the disk reported an error", source: error },
            "XX001" | "XX002" => StoreError::Damaged(error),
            "25006" => StoreError::Disk { why: "it is read-only", source: error },
            "3D000" | "28P01" | "28000" | "53300" | "57P01" | "57P02" | "57P03" => StoreError::Unreachable(error),
            _ => StoreError::Bug(error),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> StoreError {
        match error {
            MigrateError::VersionMissing(step) => StoreError::Newer(step),
            MigrateError::Execute(source) => or_schema(source, MigrateError::Execute),
            MigrateError::ExecuteMigration(source, step) => {
                or_schema(source, |source| MigrateError::ExecuteMigration(source, step))
            }
            error => StoreError::Schema(error),
        }
    }
}

/// A full disk or a damaged file has its own words while the schema is brought up to date, too.
fn or_schema(source: sqlx::Error, schema: impl FnOnce(sqlx::Error) -> MigrateError) -> StoreError {
    match StoreError::from(source) {
        StoreError::Bug(source) => StoreError::Schema(schema(source)),
        named => named,
    }
}

pub(crate) fn unreadable(what: &str, text: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable(format!("{what} \"{text}\""))
}

pub(crate) fn refused(words: impl Into<String>) -> StoreError {
    StoreError::Refused(words.into())
}
