//! A view as CSV: the command line's `--format csv` and the console's downloads are the same bytes.

use crate::Refused;
use serde::Serialize;
use serde_json::Value;

/// What a spreadsheet takes for a formula, in full width too, or skips before one. A plain number keeps its minus.
pub const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// How rows are found in a document, and which columns they have.
#[derive(Clone, Copy, Debug)]
pub struct Csv<'a> {
    /// The field that holds the rows; empty: the document itself is the row, or the list of rows.
    pub rows: &'a str,
    /// Paths in JSON's own words (`company.id`); nested names are joined by `_` in the header.
    pub columns: &'a [&'a str],
}

impl Csv<'_> {
    /// The rows of a view as CSV, with a header; what a spreadsheet would run is guarded.
    pub fn of(&self, view: &impl Serialize) -> Result<String, Refused> {
        let document = serde_json::to_value(view).map_err(|error| Refused::Broken(error.to_string()))?;
        Ok(self.text(&document))
    }

    fn text(&self, document: &Value) -> String {
        let mut text = String::new();
        put(&mut text, self.columns.iter().map(|path| path.replace('.', "_")));
        let found = if self.rows.is_empty() { document } else { &document[self.rows] };
        let rows = found.as_array().map_or_else(|| std::slice::from_ref(found), Vec::as_slice);
        for row in rows {
            put(&mut text, self.columns.iter().map(|path| cell(row, path)));
        }
        text
    }
}

/// One row. A spreadsheet of another country splits at semicolons: a cell with one is quoted like one with a comma.
fn put(text: &mut String, cells: impl Iterator<Item = String>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            text.push(',');
        }
        if cell.contains([',', ';', '"', '\r', '\n', '\t']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push('\n');
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
        assert_eq!(csv.text(&document), "account,company_id,money,issues_code\n'=cmd(),20,-5.5,\"a; b\"\nAcme,,,\n");
    }

    #[test]
    fn what_another_reader_would_split_is_quoted_and_read_back_the_same() {
        let names = ["a;b", "a,b", "say \"so\"", "two\nlines", "tab\there", "plain", ""];
        let document = json!(names.map(|name| json!({"name": name, "more": 1})));
        let text = Csv { rows: "", columns: &["name", "more"] }.text(&document);
        assert!(text.contains("\n\"a;b\",1\n") && text.contains("\nplain,1\n"), "{text}");
        let mut read = csv::Reader::from_reader(text.as_bytes());
        let back: Vec<String> = read.records().map(|row| row.unwrap()[0].to_owned()).collect();
        assert_eq!(back, names);
    }

    #[test]
    fn every_way_to_begin_a_formula_is_guarded() {
        for text in ["=1", "+1", "-x", "@x", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－x", "＠x"] {
            assert_eq!(guarded(text), format!("'{text}"), "{text:?}");
        }
        for text in ["-5.5", "5", "Acme = co", ""] {
            assert_eq!(guarded(text), text);
        }
    }
}
