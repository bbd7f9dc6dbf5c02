//! Why something was not done, in words for the reader.

use hive_store::StoreError;
use std::fmt;

/// What a verb answers when it did not do what was asked. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It cannot be done as things stand (exit code 1; HTTP 409).
    Stopped(String),
    /// It was asked in a way that makes no sense (exit code 2; HTTP 422).
    WrongUsage(String),
    /// There is no such record (exit code 1; HTTP 404).
    NotFound(String),
    /// Rows of a file are bad, so nothing of it was taken (exit code 1; HTTP 422).
    BadRows {
        /// The file, as the person knows it.
        file: String,
        /// Each bad row: its line, its column where one is to blame, the reason.
        rows: Vec<(u64, Option<String>, String)>,
    },
    /// The database could not be asked (exit code 1; HTTP 503).
    Broken(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Stopped(words)
            | Refused::WrongUsage(words)
            | Refused::NotFound(words)
            | Refused::Broken(words) => f.write_str(words),
            Refused::BadRows { file, rows } => {
                write!(f, "{file}: nothing was taken, because of {} bad rows", rows.len())
            }
        }
    }
}

impl std::error::Error for Refused {}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Refused {
        let mut words = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            let cause_words = cause.to_string();
            if !words.contains(&cause_words) {
                words.push_str(": ");
                words.push_str(&cause_words);
            }
            source = cause.source();
        }
        match error {
            StoreError::NotFound(_) => Refused::NotFound(words),
            StoreError::Refused(_) | StoreError::Fenced { .. } | StoreError::Twice(_) => Refused::Stopped(words),
            _ => Refused::Broken(words),
        }
    }
}
