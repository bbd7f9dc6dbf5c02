//! A document (TOML) as entries, each knowing the lines it stands on.

use super::sections::{Row, SECTIONS, Section};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use toml_edit::{ImDocument, Item, Table, Value};

/// Bytes that a document may have: every line of the largest MSP pinned.
const BYTES_MAX: usize = 64 << 20;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) field: Option<String>,
    pub(super) why: String,
}

/// One entry as it stands in the document.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Its place among the sections.
    pub(super) section: usize,
    pub(super) line: usize,
    pub(super) row: Row,
    pub(super) remove: bool,
    lines: BTreeMap<&'static str, usize>,
}

impl Entry {
    /// The line of a field; the entry's own where it is not there.
    pub(super) fn line_of(&self, field: &str) -> usize {
        self.lines.get(field).copied().unwrap_or(self.line)
    }
}

/// A value as it is written: ids as numbers, all else as text.
pub(super) fn written(text: &str, id: bool) -> String {
    if id && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

/// Line numbers of places in a text.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    fn at(&self, span: Option<Range<usize>>) -> usize {
        span.map_or(1, |span| self.0.partition_point(|end| *end < span.start) + 1)
    }
}

/// Every entry of a document, or everything that is wrong with its form.
pub(super) fn entries(text: &str) -> Result<Vec<Entry>, Vec<Wrong>> {
    let whole =
        |line: usize, field: Option<&str>, why: String| vec![Wrong { line, field: field.map(str::to_owned), why }];
    if text.len() > BYTES_MAX {
        return Err(whole(1, None, format!("the file has more than {} MiB", BYTES_MAX >> 20)));
    }
    let lines = Lines::of(text);
    let document = ImDocument::parse(text)
        .map_err(|error| whole(lines.at(error.span()), None, error.message().trim().to_owned()))?;
    let (mut entries, mut wrong) = (Vec::new(), Vec::new());
    match document.get("format") {
        Some(format) if format.as_integer() == Some(1) => {}
        Some(format) => {
            wrong.extend(whole(lines.at(format.span()), Some("format"), "this Hive reads format 1".to_owned()))
        }
        None => wrong.extend(whole(1, Some("format"), "it is missing: write format = 1".to_owned())),
    }
    for (name, item) in document.iter().filter(|(name, _)| *name != "format") {
        let line = lines.at(document.key(name).and_then(toml_edit::Key::span).or_else(|| item.span()));
        let Some(place) = SECTIONS.iter().position(|section| section.name == name) else {
            let known: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
            wrong.extend(whole(line, Some(name), format!("there is no such section; there are {}", known.join(", "))));
            continue;
        };
        let Some(tables) = item.as_array_of_tables() else {
            wrong.extend(whole(line, Some(name), format!("write each entry under [[{name}]]")));
            continue;
        };
        for table in tables {
            entries.push(entry(place, table, &lines, &mut wrong));
        }
    }
    twice(&entries, &mut wrong);
    wrong.sort_by_key(|one| one.line);
    if wrong.is_empty() { Ok(entries) } else { Err(wrong) }
}

fn entry(place: usize, table: &Table, lines: &Lines, wrong: &mut Vec<Wrong>) -> Entry {
    let section = &SECTIONS[place];
    let mut entry = Entry { section: place, line: lines.at(table.span()), ..Entry::default() };
    for (name, item) in table {
        let line = lines.at(table.key(name).and_then(toml_edit::Key::span).or_else(|| item.span()));
        let mut bad = |why: String| wrong.push(Wrong { line, field: Some(name.to_owned()), why });
        if name == "remove" {
            match item.as_bool() {
                Some(remove) => entry.remove = remove,
                None => bad("it is true or false".to_owned()),
            }
            continue;
        }
        let Some(field) = section.keys.iter().chain(section.fields).find(|field| **field == name) else {
            bad(format!("[[{}]] has no such field; there are {}, remove", section.name, known(section)));
            continue;
        };
        match text_of(item) {
            Ok(text) => {
                entry.lines.insert(field, line);
                entry.row.insert(field, text);
            }
            Err(why) => bad(why),
        }
    }
    for field in section.keys.iter().filter(|field| !section.optional.contains(field)) {
        if !entry.row.contains_key(field) {
            let why = format!("it is missing: an entry of [[{}]] needs it", section.name);
            wrong.push(Wrong { line: entry.line, field: Some((*field).to_owned()), why });
        }
    }
    let first = section.fields.first().filter(|field| !entry.remove && !entry.row.contains_key(**field));
    if let Some(field) = first {
        let why = format!("it is missing: say what it is to be, or remove = true in [[{}]]", section.name);
        wrong.push(Wrong { line: entry.line, field: Some((*field).to_owned()), why });
    }
    entry
}

fn known(section: &Section) -> String {
    section.keys.iter().chain(section.fields).copied().collect::<Vec<_>>().join(", ")
}

fn text_of(item: &Item) -> Result<String, String> {
    match item.as_value() {
        Some(Value::String(text)) => Ok(text.value().trim().to_owned()),
        Some(Value::Integer(number)) => Ok(number.value().to_string()),
        Some(Value::Boolean(word)) => Ok(word.value().to_string()),
        Some(Value::Float(_)) => Err("write a number with a point in quotes, so that it stays exact".to_owned()),
        Some(Value::Datetime(_) | Value::Array(_) | Value::InlineTable(_)) | None => {
            Err("it is a text in quotes or a whole number".to_owned())
        }
    }
}

/// The same record named twice: which of the two is meant cannot be known.
fn twice(entries: &[Entry], wrong: &mut Vec<Wrong>) {
    let mut seen: HashMap<(usize, Vec<String>), usize> = HashMap::new();
    for entry in entries {
        let key = SECTIONS[entry.section].key(&entry.row);
        if let Some(before) = seen.insert((entry.section, key), entry.line) {
            let field = SECTIONS[entry.section].keys.first().map(|field| (*field).to_owned());
            wrong.push(Wrong { line: entry.line, field, why: format!("this entry stands in line {before} already") });
        }
    }
}
