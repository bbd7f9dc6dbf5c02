//! Showing: one value, three ways. Data goes to standard output, everything else to standard error.
//!
//! **Owns:** the views (`View::of`) that are the JSON contract, and how tables and CSV come from them.

use crate::cli::Format;
use crate::failure::{Failure, STOPPED};
use serde::Serialize;
use serde_json::Value;
use std::io::Write as _;

pub(crate) mod links;
pub(crate) mod plan;
pub(crate) mod report;
mod table;

pub(crate) use table::{Align, table};

/// What a spreadsheet takes for a formula. A plain number keeps its minus.
pub(crate) const FORMULA_STARTS: [char; 5] = ['=', '+', '-', '@', '\t'];

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
    #[derive(Serialize)]
    struct Said<'a> {
        message: &'a str,
    }
    show(format, &Said { message: words }, Csv { rows: "", columns: &["message"] }, || words.to_owned())
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
        Format::Csv => print(&csv.text(&serde_json::to_value(document)?)?),
    }
    Ok(())
}

/// How rows are found in a document, and which columns they have.
#[derive(Clone, Copy)]
pub(crate) struct Csv<'a> {
    /// The field that holds the rows; empty: the document itself is the row, or the list of rows.
    pub(crate) rows: &'a str,
    /// Paths in JSON's own words (`company.id`); nested names are joined by `_` in the header.
    pub(crate) columns: &'a [&'a str],
}

impl Csv<'_> {
    fn text(&self, document: &Value) -> Result<String, Failure> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|path| path.replace('.', "_")))?;
        let found = if self.rows.is_empty() { document } else { &document[self.rows] };
        let rows = found.as_array().map_or_else(|| std::slice::from_ref(found), Vec::as_slice);
        for row in rows {
            writer.write_record(self.columns.iter().map(|path| cell(row, path)))?;
        }
        let bytes = writer.into_inner().map_err(|error| Failure::stopped(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| Failure::stopped(error.to_string()))
    }
}

fn cell(row: &Value, path: &str) -> String {
    let mut found = vec![row];
    for name in path.split('.') {
        // A step into a list is a step into each of its entries.
        let entries = found
            .into_iter()
            .flat_map(|value| value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice));
        found = entries.map(|value| &value[name]).collect();
    }
    let texts: Vec<String> = found.into_iter().map(scalar).collect();
    guarded(&texts.join("; "))
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(scalar).collect::<Vec<_>>().join("; "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

fn guarded(text: &str) -> String {
    let number = text.strip_prefix('-').unwrap_or(text).chars().all(|c| c.is_ascii_digit() || c == '.');
    if text.starts_with(FORMULA_STARTS) && !number { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_fields_become_columns_and_formulas_are_neutralised() {
        let document = json!({"lines": [
            {"account": "=cmd()", "company": {"id": 20}, "money": "-5.5", "issues": [{"code": "a"}, {"code": "b"}]},
            {"account": "Acme", "company": null, "money": null, "issues": []},
        ]});
        let csv = Csv { rows: "lines", columns: &["account", "company.id", "money", "issues.code"] };
        assert_eq!(
            csv.text(&document).unwrap(),
            "account,company_id,money,issues_code\n'=cmd(),20,-5.5,a; b\nAcme,,,\n"
        );
    }
}
