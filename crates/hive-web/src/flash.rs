//! What was done, said once on the next page.
//!
//! **Owns:** the cookie that carries the words over the redirect after a POST.
//! **Limits on purpose:** only the reader's own browser holds it; it is escaped like any other text.

use crate::part::Kind;
use axum::http::HeaderValue;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

pub(crate) const COOKIE: &str = "hive_said";
/// Browsers keep cookies of up to 4096 bytes; base64 makes three bytes four.
const BYTES_MAX: usize = 2700;
/// A page follows at once; words that nobody fetched are stale soon.
const SECONDS: u32 = 60;

/// What was done, or why it was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Good, bad, waiting.
    pub kind: Kind,
    /// The words.
    pub words: String,
}

impl Said {
    /// Done.
    pub fn good(words: impl Into<String>) -> Said {
        Said { kind: Kind::Good, words: words.into() }
    }

    /// Not done.
    pub fn bad(words: impl Into<String>) -> Said {
        Said { kind: Kind::Bad, words: words.into() }
    }

    pub(crate) fn cookie(&self) -> Option<HeaderValue> {
        let letter = if self.kind == Kind::Good { 'g' } else { 'b' };
        let mut words = self.words.as_str();
        if words.len() > BYTES_MAX {
            words = &words[..words.floor_char_boundary(BYTES_MAX)];
        }
        let value = BASE64.encode(format!("{letter}{words}"));
        HeaderValue::from_str(&format!("{COOKIE}={value}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Lax")).ok()
    }

    pub(crate) fn read(value: &str) -> Option<Said> {
        let text = String::from_utf8(BASE64.decode(value).ok()?).ok()?;
        let kind = if text.starts_with('g') { Kind::Good } else { Kind::Bad };
        Some(Said { kind, words: text.get(1..)?.to_owned() })
    }

    /// Takes the cookie away: the words are said.
    pub(crate) fn forget() -> HeaderValue {
        HeaderValue::from_static("hive_said=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_travel_whole_and_long_ones_are_cut_between_letters() {
        for words in ["Linked \"Zoë\"; done\r\nSet-Cookie: x", &"ü".repeat(3000)] {
            let cookie = Said::good(words).cookie().unwrap();
            let text = cookie.to_str().unwrap();
            assert!(text.len() < 4096);
            let value = text.strip_prefix("hive_said=").unwrap().split(';').next().unwrap();
            let read = Said::read(value).unwrap();
            assert!(words.starts_with(&read.words) && read.words.len() > 20);
            assert_eq!(read.kind, Kind::Good);
        }
    }
}
