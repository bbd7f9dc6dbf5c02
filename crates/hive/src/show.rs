//! Showing: one value, three ways. Data goes to standard output, everything else to standard error.
//!
//! **Owns:** the views (`View::of`) that are the JSON contract, and how tables and CSV come from them.

use crate::cli::Format;
use crate::failure::Failure;
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

/// Prints to standard output; a closed pipe is no failure.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = out.write_all(b"\n");
    }
}

/// Tells a person what happened: standard error, so that data stays alone.
pub(crate) fn tell(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{text}");
}

/// Shows one document: as JSON, as CSV of its rows, or as the table that `words` makes.
pub(crate) fn show(
    format: Format,
    document: &impl Serialize,
    csv: Csv<'static>,
    words: impl FnOnce() -> String,
) -> Result<(), Failure> {
    match format {
        Format::Table => print(&words()),
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
