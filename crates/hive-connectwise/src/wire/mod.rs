//! What ConnectWise really sends: every field optional, numbers as strings now and then. `read`
//! turns it, once, into what we mean.
//!
//! Fields are kept as their raw text and looked at one by one, so that an odd value in one field
//! never costs the row, and no number passes through a float.

mod records;

pub(crate) use records::{Addition, Agreement, COMPANIES_HIDDEN, CatalogItem, Company, Security};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Characters of a name or any other text of a record.
const TEXT_CHARS_MAX: usize = 100_000;
/// Bytes of a list inside a record.
const LIST_BYTES_MAX: usize = 1024 * 1024;

/// One field as sent; `None` where it is missing or null.
pub(crate) type Raw<'a> = Option<&'a RawValue>;

/// Answer of `/login/companyinfo`.
#[derive(Deserialize)]
pub(crate) struct CompanyInfo<'a> {
    #[serde(borrow, default, rename = "Codebase", alias = "codebase")]
    pub(crate) codebase: Raw<'a>,
    #[serde(borrow, default, rename = "VersionNumber", alias = "versionNumber")]
    pub(crate) version: Raw<'a>,
    #[serde(borrow, default, rename = "VersionCode", alias = "versionCode")]
    pub(crate) version_code: Raw<'a>,
    #[serde(borrow, default, rename = "IsCloud", alias = "isCloud")]
    pub(crate) cloud: Raw<'a>,
}

/// Answer of every `/count`.
#[derive(Deserialize)]
pub(crate) struct Count<'a> {
    #[serde(borrow, default)]
    count: Raw<'a>,
}

impl Count<'_> {
    /// How many there are.
    pub(crate) fn read(&self) -> Result<u64, String> {
        id(self.count).and_then(|count| u64::try_from(count).ok()).ok_or_else(|| "no count in it".to_owned())
    }
}

/// An error as ConnectWise words it; a 429 has `error` instead of `code`.
#[derive(Deserialize)]
pub(crate) struct Failure<'a> {
    #[serde(borrow, default)]
    pub(crate) code: Raw<'a>,
    #[serde(borrow, default)]
    pub(crate) error: Raw<'a>,
    #[serde(borrow, default)]
    pub(crate) message: Raw<'a>,
    #[serde(borrow, default)]
    pub(crate) errors: Raw<'a>,
}

impl Failure<'_> {
    /// Whether it has the shape at all.
    pub(crate) fn is_one(&self) -> bool {
        self.code.is_some() || self.error.is_some() || self.message.is_some()
    }

    /// Message and single errors in one line; falls back to the code.
    pub(crate) fn words(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Single<'a> {
            #[serde(borrow, default)]
            message: Raw<'a>,
        }
        let message = text(self.message).or_else(|| text(self.code)).or_else(|| text(self.error));
        let errors = self.errors.filter(|raw| raw.get().len() <= LIST_BYTES_MAX);
        let singles: Vec<Single<'_>> = errors.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        let mut parts: Vec<String> = message.into_iter().collect();
        parts.extend(singles.iter().filter_map(|single| text(single.message)));
        parts.dedup();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// A reference to another record.
#[derive(Default)]
pub(super) struct Reference {
    pub(super) id: Option<i64>,
    pub(super) name: Option<String>,
    pub(super) identifier: Option<String>,
    pub(super) currency_code: Option<String>,
}

/// A reference; whatever is not an object refers to nothing.
pub(super) fn reference(raw: Raw<'_>) -> Reference {
    #[derive(Deserialize)]
    struct Wire<'a> {
        #[serde(borrow, default)]
        id: Raw<'a>,
        #[serde(borrow, default)]
        name: Raw<'a>,
        #[serde(borrow, default)]
        identifier: Raw<'a>,
        #[serde(borrow, default, rename = "currencyCode", alias = "isoCode")]
        currency_code: Raw<'a>,
    }
    let Some(Ok(wire)) = raw.map(|raw| serde_json::from_str::<Wire<'_>>(raw.get())) else {
        return Reference::default();
    };
    Reference {
        id: id(wire.id),
        name: text(wire.name),
        identifier: text(wire.identifier),
        currency_code: text(wire.currency_code),
    }
}

/// An id: a whole number, or a string of digits.
pub(crate) fn id(raw: Raw<'_>) -> Option<i64> {
    let plain = plain(raw?)?;
    plain.parse().ok().filter(|id| *id >= 0)
}

/// A number, from its own text: exactly, or not at all.
pub(super) fn number(raw: Raw<'_>) -> Option<Decimal> {
    let plain = plain(raw?)?;
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    if !plain.chars().all(numeric) {
        return None;
    }
    hive_core::Quantity::parse_json(&plain).map(hive_core::Quantity::decimal)
}

/// A text without what cannot be seen; `None` where nothing is left.
pub(crate) fn text(raw: Raw<'_>) -> Option<String> {
    let text = plain(raw?)?;
    let clean = clean(&text);
    (!clean.is_empty()).then_some(clean)
}

/// Control characters, direction marks and the like hide in names that people pasted.
pub(crate) fn clean(text: &str) -> String {
    let mark = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let hidden = |c: char| mark(c) || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}');
    let space = |c: char| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
    let clean: String = text.chars().map(space).filter(|c| !c.is_control() && !hidden(*c)).collect();
    clean.trim().to_owned()
}

/// Whether a record's texts are of a length that is kept.
pub(super) fn texts_fit<'t>(texts: impl IntoIterator<Item = Option<&'t String>>) -> Result<(), String> {
    let too_long = |text: &String| TEXT_CHARS_MAX < text.len() && text.chars().nth(TEXT_CHARS_MAX).is_some();
    if texts.into_iter().flatten().any(too_long) {
        return Err(format!("a name or text of more than {TEXT_CHARS_MAX} characters"));
    }
    Ok(())
}

/// A word out of a few; missing and "" are none. An object or a list is an error.
pub(super) fn word(raw: Raw<'_>, name: &str) -> Result<Option<String>, String> {
    match raw {
        Some(odd) if plain(odd).is_none() => Err(format!("{name} is {}, which is no word", shown(odd.get()))),
        raw => Ok(text(raw)),
    }
}

/// Yes or no; missing and "" are no. Anything else is an error: whether a record is cancelled is no guess.
pub(super) fn flag(raw: Raw<'_>, name: &str) -> Result<bool, String> {
    let Some(raw) = raw else { return Ok(false) };
    let Some(text) = plain(raw) else {
        return Err(format!("{name} is {}, neither true nor false", shown(raw.get())));
    };
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        other => Err(format!("{name} is \"{}\", neither true nor false", shown(other))),
    }
}

/// A calendar date from the first ten characters; missing and "" are none. Anything else is an
/// error: an end date that cannot be read must not look like no end.
pub(super) fn day(raw: Raw<'_>, name: &str) -> Result<Option<Date>, String> {
    let Some(raw) = raw else { return Ok(None) };
    let Some(text) = plain(raw) else { return Err(format!("{name} is {}, which is no date", shown(raw.get()))) };
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let date = text.get(..10).and_then(|date| date.parse::<Date>().ok());
    date.map(Some).ok_or_else(|| format!("{name} is \"{}\", which is no date", shown(text)))
}

/// The text of a string or a number; `None` for objects, lists, true and false are their words.
fn plain(raw: &RawValue) -> Option<Cow<'_, str>> {
    let json = raw.get();
    match json.as_bytes().first()? {
        b'"' => {
            let inner = json.get(1..json.len().checked_sub(1)?)?;
            if inner.contains('\\') {
                serde_json::from_str::<String>(json).ok().map(Cow::Owned)
            } else {
                Some(Cow::Borrowed(inner))
            }
        }
        b'{' | b'[' => None,
        _ => Some(Cow::Borrowed(json)),
    }
}

/// At most 60 characters of a value, for a message.
pub(crate) fn shown(text: &str) -> String {
    // What cannot be seen is dropped, so more is looked at than shown; not all of it, if it is long.
    let start: String = text.chars().take(600).collect();
    let clean = clean(&start);
    let mut cut: String = clean.chars().take(60).collect();
    if cut.len() < clean.len() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn numbers_are_read_from_their_text() {
        for (json, read) in [
            ("7", Some("7")),
            ("7.00", Some("7")),
            ("-0.5", Some("-0.5")),
            ("\"12.5\"", Some("12.5")),
            ("1.5E+2", Some("150")),
            ("9007199254740993", Some("9007199254740993")),
            ("0.1", Some("0.1")),
            ("1e999", None),
            ("1e-400", None),
            ("1e99999999999", None),
            ("\"n/a\"", None),
            ("\"\"", None),
            ("\"1,5\"", None),
            ("\"1_000\"", None),
            ("\"NaN\"", None),
            ("true", None),
            ("{}", None),
            ("[7]", None),
        ] {
            assert_eq!(number(Some(&raw(json))).map(|n| n.to_string()).as_deref(), read, "{json}");
        }
    }

    #[test]
    fn an_end_that_cannot_be_read_is_not_no_end() {
        assert_eq!(day(None, "d"), Ok(None));
        assert_eq!(day(Some(&raw("\"\"")), "d"), Ok(None));
        assert_eq!(day(Some(&raw("\"2026-11-30T23:59:59Z\"")), "d").unwrap().unwrap().to_string(), "2026-11-30");
        assert!(day(Some(&raw("\"30/11/2026\"")), "d").is_err());
        assert!(day(Some(&raw("17")), "d").is_err());
        assert!(flag(Some(&raw("\"perhaps\"")), "f").is_err());
        assert_eq!(flag(Some(&raw("\"True\"")), "f"), Ok(true));
        assert_eq!(flag(Some(&raw("\"\"")), "f"), Ok(false));
        for odd in ["{}", "[]", "{\"value\":true}", "[\"2026-11-30\"]", "\"\\ud800\""] {
            assert!(day(Some(&raw(odd)), "d").unwrap_err().starts_with("d is"), "{odd}");
            assert!(flag(Some(&raw(odd)), "f").unwrap_err().starts_with("f is"), "{odd}");
            assert!(word(Some(&raw(odd)), "w").unwrap_err().starts_with("w is"), "{odd}");
        }
        assert_eq!(word(None, "w"), Ok(None));
        assert_eq!(word(Some(&raw("\"Active\"")), "w"), Ok(Some("Active".to_owned())));
    }

    #[test]
    fn a_text_has_a_longest() {
        let (fits, long) = ("é".repeat(100_000), "é".repeat(100_001));
        assert_eq!(texts_fit([None, Some(&fits)]), Ok(()));
        assert!(texts_fit([Some(&long)]).unwrap_err().contains("100000 characters"));
    }

    #[test]
    fn hidden_characters_leave_names() {
        assert_eq!(text(Some(&raw("\"\\u200eAcme\\u0000 \\r\\nLtd\\u001b[31m\""))).as_deref(), Some("Acme   Ltd[31m"));
        assert_eq!(text(Some(&raw("\" \""))), None);
        assert_eq!(id(Some(&raw("\"17\""))), Some(17));
        assert_eq!(id(Some(&raw("4294967296"))), Some(4_294_967_296));
        assert_eq!(id(Some(&raw("1.5"))), None);
    }
}
