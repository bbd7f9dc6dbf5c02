//! The configuration as one document: what is linked and how it is billed, to keep beside other files, to
//! compare, to carry to another MSP.
//!
//! **Owns:** the document's form, the comparison with what stands, that all of it is taken or nothing.
//! **Does not own:** which records there are ([`sections`]), what a value may be (core).
//! **Limits on purpose:** no secrets, no connection, no people; no quotas, which are data. What a document
//! does not name stays as it is; an entry goes only by `remove = true`.

mod read;
mod sections;

pub use sections::Row;

use crate::plan::apart;
use crate::{By, Desk, Refused};
use hive_core::plan::Facts;
use hive_store::{ConfigChange, Msp};
use read::{Entry, Wrong};
use sections::{SECTIONS, Section};
use serde::Serialize;
use std::collections::BTreeMap;

/// What stands above the entries.
const HEAD: &str = "# What Hive has linked, and how it bills. Apply it with: hive apply MSP FILE [--dry-run]
# What is not named here stays as it is. To take an entry away, write: remove = true
# Quotas are data and stand in usage files; secrets, people and the connection are in no file.
format = 1
";

/// One entry that applying a document would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Differs {
    /// `+` new, `-` taken away, `~` another value.
    pub sign: char,
    /// The line of the document, the first being 1.
    pub line: usize,
    pub section: &'static str,
    /// Which, in words.
    pub name: String,
    /// The fields that differ: before and after.
    pub fields: Vec<FieldDiffers>,
}

/// One field of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldDiffers {
    pub field: &'static str,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Differs {
    /// One line for people: `~ product Hot: unit GB -> TB`.
    pub fn words(&self) -> String {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let one = |field: &FieldDiffers| match self.sign {
            '+' => format!("{} {}", field.field, value(&field.after)),
            '-' => format!("{} {}", field.field, value(&field.before)),
            _ => format!("{} {} -> {}", field.field, value(&field.before), value(&field.after)),
        };
        let fields: Vec<String> = self.fields.iter().map(one).collect();
        format!("{} {} {}: {}", self.sign, self.section, self.name, fields.join(", "))
    }
}

/// What a document would change: shown first, then applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigDiff {
    pub entries: Vec<Differs>,
    changes: Vec<ConfigChange>,
}

impl Desk {
    /// The whole configuration as a document, in a fixed order.
    pub async fn export(&self, msp: &Msp) -> Result<String, Refused> {
        let facts = self.store.facts(msp.id, None).await?;
        apart(move || document(&facts)).await
    }

    /// What applying a document would change. `file` is its name, for the words about bad entries.
    pub async fn config_diff(&self, msp: &Msp, file: &str, text: &str) -> Result<ConfigDiff, Refused> {
        let facts = self.store.facts(msp.id, None).await?;
        let text = text.to_owned();
        let found = apart(move || diff(facts, &text)).await?;
        found.map_err(|wrong| Refused::BadRows {
            file: file.to_owned(),
            rows: wrong.into_iter().map(|one| (one.line as u64, one.field, one.why)).collect(),
        })
    }

    /// Applies what a document changes, all of it or nothing.
    pub async fn apply_config(&self, by: &By, file: &str, text: &str) -> Result<ConfigDiff, Refused> {
        let diff = self.config_diff(&by.msp, file, text).await?;
        if !diff.changes.is_empty() {
            let words = format!("{file}: {} entries", diff.entries.len());
            self.store.apply_config(by.msp.id, &diff.changes, &words, &by.who, by.at).await?;
        }
        Ok(diff)
    }
}

fn document(facts: &Facts) -> String {
    let mut text = HEAD.to_owned();
    for section in SECTIONS {
        let mut rows = (section.all)(facts);
        rows.sort_by_key(|row| section.key(row));
        for row in rows {
            text.push_str(&format!("\n[[{}]]\n", section.name));
            for field in section.keys.iter().chain(section.fields) {
                if let Some(value) = row.get(field) {
                    text.push_str(&format!("{field} = {}\n", read::written(value, section.ids.contains(field))));
                }
            }
        }
    }
    text
}

/// Compares a document with what stands; or everything that is wrong with it.
fn diff(mut facts: Facts, text: &str) -> Result<ConfigDiff, Vec<Wrong>> {
    let mut entries = read::entries(text)?;
    // Links first: a pin is judged by the links that the same document makes.
    entries.sort_by_key(|entry| (entry.section, entry.line));
    let (mut diff, mut wrong) = (ConfigDiff::default(), Vec::new());
    let mut standing: Option<(usize, BTreeMap<Vec<String>, Row>)> = None;
    for entry in &entries {
        let section = &SECTIONS[entry.section];
        if standing.as_ref().is_none_or(|(of, _)| *of != entry.section) {
            let rows = (section.all)(&facts).into_iter().map(|row| (section.key(&row), row));
            standing = Some((entry.section, rows.collect()));
        }
        let before = standing.as_ref().and_then(|(_, rows)| rows.get(&section.key(&entry.row)));
        match compare(&mut facts, section, entry, before) {
            Ok(Some((differs, change))) => {
                diff.entries.push(differs);
                diff.changes.push(change);
            }
            Ok(None) => {}
            Err((field, why)) => wrong.push(Wrong { line: entry.line_of(field), field: Some(field.to_owned()), why }),
        }
    }
    wrong.sort_by_key(|one| one.line);
    if wrong.is_empty() { Ok(diff) } else { Err(wrong) }
}

type Compared = Result<Option<(Differs, ConfigChange)>, (&'static str, String)>;

fn compare(facts: &mut Facts, section: &Section, entry: &Entry, before: Option<&Row>) -> Compared {
    let differs = |sign, fields| Differs {
        sign,
        line: entry.line,
        section: section.name,
        name: section.key(&entry.row).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" x "),
        fields,
    };
    let value = |row: Option<&Row>, field: &str| row.and_then(|row| row.get(field)).cloned();
    if entry.remove {
        let Some(before) = before else { return Ok(None) };
        let fields = section.fields.iter().filter(|field| before.contains_key(**field));
        let fields = fields.map(|field| FieldDiffers { field, before: value(Some(before), field), after: None });
        let fields: Vec<FieldDiffers> = fields.collect();
        return Ok(Some((differs('-', fields), (section.change)(facts, before, true)?)));
    }
    // What a document leaves out of an entry stays, as long as it is about the same thing.
    let same = |row: &Row| before.is_some_and(|before| row.iter().all(|(field, text)| before.get(field) == Some(text)));
    if same(&entry.row) {
        return Ok(None);
    }
    let row = (section.check)(facts, &entry.row)?;
    if same(&row) {
        return Ok(None);
    }
    let fields = section.fields.iter().filter(|field| row.contains_key(**field));
    let fields =
        fields.map(|field| FieldDiffers { field, before: value(before, field), after: value(Some(&row), field) });
    let fields: Vec<FieldDiffers> = fields.filter(|field| field.before != field.after).collect();
    let sign = if before.is_some() { '~' } else { '+' };
    Ok(Some((differs(sign, fields), (section.change)(facts, &row, false)?)))
}
