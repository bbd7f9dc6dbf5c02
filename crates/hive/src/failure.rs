//! How a command ends when it does not end well: words for the reader and an exit code.

use hive_desk::Refused;
use std::error::Error;
use std::fmt;

/// Done, and every line of an Update came out right.
pub(crate) const DONE: u8 = 0;
/// Did not start, or stopped.
pub(crate) const STOPPED: u8 = 1;
/// Wrong usage.
pub(crate) const WRONG_USAGE: u8 = 2;
/// An Update in which a line did not come out right.
pub(crate) const LINES_FAILED: u8 = 3;

/// What a command returns: its exit code.
pub(crate) type Done = Result<u8, Failure>;

/// A command that did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) words: String,
}

impl Failure {
    /// Did not start, or stopped: exit 1.
    pub(crate) fn stopped(words: impl Into<String>) -> Failure {
        Failure { code: STOPPED, words: words.into() }
    }

    /// Was asked in a way that makes no sense: exit 2.
    pub(crate) fn wrong_usage(words: impl Into<String>) -> Failure {
        Failure { code: WRONG_USAGE, words: words.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl<E: Error + 'static> From<E> for Failure {
    /// Every layer's words, outermost first. What the desk refused as wrong usage exits so.
    fn from(error: E) -> Failure {
        let error: &(dyn Error + 'static) = &error;
        let mut words = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_words = cause.to_string();
            if !words.contains(&cause_words) {
                words.push_str(": ");
                words.push_str(&cause_words);
            }
            source = cause.source();
        }
        match error.downcast_ref::<Refused>() {
            Some(Refused::WrongUsage(_)) => Failure::wrong_usage(words),
            Some(Refused::BadRows { rows, .. }) => Failure::stopped(bad_rows_words(rows.len())),
            _ => Failure::stopped(words),
        }
    }
}

/// The last line about a file of which nothing was taken.
pub(crate) fn bad_rows_words(count: usize) -> String {
    format!("{count} bad {}; nothing was imported", if count == 1 { "row" } else { "rows" })
}
