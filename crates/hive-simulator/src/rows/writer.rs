//! A row, member by member, as JSON text.
//!
//! **Owns:** commas, quotes, escapes, the print of numbers, references and `_info`; leaving out what
//! `fields` does not want.
//! **Does not own:** which members a record has.

use std::fmt::Write;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::{
    projection::{Fields, Part},
    world::Stamp,
};

/// What a text needs to be a JSON string.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A decimal as ConnectWise prints a double: at least this many places.
pub(crate) fn decimal(value: Decimal, places: u32) -> Decimal {
    let mut value = value.normalize();
    if value.scale() < places {
        value.rescale(places);
    }
    value
}

pub(crate) struct RowWriter<'a> {
    out: &'a mut String,
    fields: Option<&'a Fields>,
    first: bool,
}

impl<'a> RowWriter<'a> {
    pub(crate) fn new(out: &'a mut String, fields: Option<&'a Fields>) -> RowWriter<'a> {
        out.push('{');
        RowWriter { out, fields, first: true }
    }

    /// Writes the name and says how much of the member is wanted; None: not at all.
    fn begin(&mut self, name: &str) -> Option<&'a Part> {
        let part = match self.fields {
            None => &Part::Whole,
            Some(fields) => fields.part(name)?,
        };
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
        Some(part)
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) {
        if self.begin(name).is_some() {
            quoted(self.out, text);
        }
    }

    pub(crate) fn int(&mut self, name: &str, number: i64) {
        if self.begin(name).is_some() {
            let _ = write!(self.out, "{number}");
        }
    }

    pub(crate) fn number(&mut self, name: &str, number: Decimal, places: u32) {
        if self.begin(name).is_some() {
            let _ = write!(self.out, "{}", decimal(number, places));
        }
    }

    pub(crate) fn flag(&mut self, name: &str, flag: bool) {
        if self.begin(name).is_some() {
            self.out.push_str(if flag { "true" } else { "false" });
        }
    }

    /// Flags that are false on every record here.
    pub(crate) fn unset(&mut self, names: &[&str]) {
        for name in names {
            self.flag(name, false);
        }
    }

    pub(crate) fn day(&mut self, name: &str, day: Date) {
        if self.begin(name).is_some() {
            let _ = write!(self.out, "\"{day}T00:00:00Z\"");
        }
    }

    pub(crate) fn json(&mut self, name: &str, value: &str) {
        if self.begin(name).is_some() {
            self.out.push_str(value);
        }
    }

    pub(crate) fn value(&mut self, name: &str, value: &Value) {
        if self.begin(name).is_some() {
            self.out.push_str(&value.to_string());
        }
    }

    /// A reference with its texts (name, identifier and such) and where it points.
    pub(crate) fn reference(&mut self, name: &str, id: i64, texts: &[(&str, &str)], href: (&str, &str)) {
        let Some(part) = self.begin(name) else { return };
        let mut separator = '{';
        if part.wants("id") {
            let _ = write!(self.out, "{{\"id\":{id}");
            separator = ',';
        }
        for (key, text) in texts.iter().filter(|(key, _)| part.wants(key)) {
            let _ = write!(self.out, "{separator}\"{key}\":");
            quoted(self.out, text);
            separator = ',';
        }
        if part.wants("_info") {
            let (key, base_and_path) = href;
            let _ = write!(self.out, "{separator}\"_info\":{{\"{key}\":\"{base_and_path}/{id}\"}}");
            separator = ',';
        }
        self.out.push_str(if separator == '{' { "{}" } else { "}" });
    }

    /// `_info`: every value is a text.
    pub(crate) fn info(&mut self, stamp: &Stamp, entered: &Stamp, hrefs: &[(&str, &str)]) {
        let Some(part) = self.begin("_info") else {
            return;
        };
        let mut separator = '{';
        let (updated, dated) = (stamp.at.to_string(), entered.at.to_string());
        let stamps = [
            ("lastUpdated", &*updated),
            ("updatedBy", &*stamp.by),
            ("dateEntered", &*dated),
            ("enteredBy", &*entered.by),
        ];
        for (key, text) in stamps.iter().chain(hrefs).filter(|(key, _)| part.wants(key)) {
            let _ = write!(self.out, "{separator}\"{key}\":");
            quoted(self.out, text);
            separator = ',';
        }
        self.out.push_str(if separator == '{' { "{}" } else { "}" });
    }
}
