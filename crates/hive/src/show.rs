//! Showing: one value, three ways. Data goes to standard output, everything else to standard error.
//!
//! **Owns:** tables and words for a terminal.
//! **Does not own:** the views that are the JSON contract, nor their CSV: those are the desk's.

use crate::cli::Format;
use crate::failure::{Failure, STOPPED};
use hive_desk::view::{SAID_COLUMNS, SaidView};
use serde::Serialize;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

pub(crate) mod links;
pub(crate) mod plan;
pub(crate) mod proof;
pub(crate) mod report;
mod table;
pub(crate) mod trial;
pub(crate) mod what_if;

pub(crate) use hive_desk::csv::Csv;
pub(crate) use table::{Align, table};

/// Prints to standard output. A reader that went away is no failure; a disk that is full is, for
/// half a plan must not look like a whole one.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written =
        out.write_all(text.as_bytes()).and_then(|()| out.write_all(end.as_bytes())).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        tell(&format!("hive: the output could not be written: {error}"));
        std::process::exit(i32::from(STOPPED));
    }
}

/// Tells a person what happened: standard error, so that data stays alone.
pub(crate) fn tell(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{}", plain(text));
}

/// Names come from files and from ConnectWise: nothing of them may steer a terminal.
pub(crate) fn plain(text: &str) -> String {
    let steers =
        |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// Says that something was done, in the form that was asked for.
pub(crate) fn say(format: Format, words: &str) -> Result<(), Failure> {
    show(format, &SaidView { message: words }, SAID_COLUMNS, || words.to_owned())
}

/// Shows one document: as JSON, as CSV of its rows, or as the table that `words` makes.
pub(crate) fn show(
    format: Format,
    document: &impl Serialize,
    csv: Csv<'static>,
    words: impl FnOnce() -> String,
) -> Result<(), Failure> {
    match format {
        Format::Table => print(&plain(&words())),
        Format::Json => {
            let text = serde_json::to_string_pretty(document)?;
            print(&text);
        }
        Format::Csv => print(&csv.of(document)?),
        Format::Xlsx => {
            if std::io::stdout().is_terminal() {
                return Err(Failure::wrong_usage(
                    "a spreadsheet is not for a terminal: send it into a file (hive … --format xlsx > FILE)",
                ));
            }
            let bytes = hive_desk::xlsx::of(document, csv, "Hive")?;
            std::io::stdout().lock().write_all(&bytes)?;
        }
    }
    Ok(())
}

/// The same, into a file.
pub(crate) fn show_in(
    out: Option<&Path>,
    format: Format,
    document: &impl Serialize,
    csv: Csv<'static>,
    words: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let Some(path) = out else { return show(format, document, csv, words) };
    let bytes = match format {
        Format::Table => words().into_bytes(),
        Format::Json => serde_json::to_vec_pretty(document)?,
        Format::Csv => csv.of(document)?.into_bytes(),
        Format::Xlsx => hive_desk::xlsx::of(document, csv, "Hive")?,
    };
    let written = std::fs::write(path, bytes);
    written.map_err(|error| Failure::stopped(format!("{} could not be written: {error}", path.display())))
}
