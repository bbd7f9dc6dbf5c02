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

/// Where what was done is taken back, behind `/m/{msp}`.
const UNDO_AT: &str = "/psa-sync/links/undo";

/// What was done, or why it was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Good, bad, waiting.
    pub kind: Kind,
    /// The words.
    pub words: String,
    /// How it can be taken back at once.
    pub undo: Option<Undo>,
}

/// A button that takes back what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// Where the button posts to.
    pub path: String,
    /// What it carries, as `undo`.
    pub what: String,
}

impl Said {
    /// Done.
    pub fn good(words: impl Into<String>) -> Said {
        Said { kind: Kind::Good, words: words.into(), undo: None }
    }

    /// Not done.
    pub fn bad(words: impl Into<String>) -> Said {
        Said { kind: Kind::Bad, words: words.into(), undo: None }
    }

    /// With a way to take it back.
    #[must_use]
    pub fn with_undo(mut self, undo: Option<Undo>) -> Said {
        self.undo = undo;
        self
    }

    pub(crate) fn cookie(&self) -> Option<HeaderValue> {
        let letter = if self.kind == Kind::Good { 'g' } else { 'b' };
        let mut words = self.words.as_str();
        if words.len() > BYTES_MAX {
            words = &words[..words.floor_char_boundary(BYTES_MAX)];
        }
        let text = match &self.undo {
            Some(Undo { path, what }) => format!("u{path}\n{what}\n{words}"),
            None => format!("{letter}{words}"),
        };
        let value = BASE64.encode(text);
        HeaderValue::from_str(&format!("{COOKIE}={value}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Lax")).ok()
    }

    pub(crate) fn read(value: &str) -> Option<Said> {
        let text = String::from_utf8(BASE64.decode(value).ok()?).ok()?;
        let rest = text.get(1..)?;
        if text.starts_with('u') {
            let (path, rest) = rest.split_once('\n')?;
            let (what, words) = rest.split_once('\n')?;
            if !takes_back(path) {
                return None;
            }
            return Some(Said::good(words).with_undo(Some(Undo { path: path.to_owned(), what: what.to_owned() })));
        }
        Some(if text.starts_with('g') { Said::good(rest) } else { Said::bad(rest) })
    }

    /// Takes the cookie away: the words are said.
    pub(crate) fn forget() -> HeaderValue {
        HeaderValue::from_static("hive_said=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
    }
}

/// Whether a path is the one that takes links back: a cookie that somebody else planted makes no other button.
fn takes_back(path: &str) -> bool {
    let at = path.strip_prefix("/m/").and_then(|rest| rest.strip_suffix(UNDO_AT));
    at.is_some_and(|msp| !msp.is_empty() && msp.bytes().all(|byte| byte.is_ascii_digit()))
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

    #[test]
    fn an_undo_takes_links_back_and_does_nothing_else() {
        let undo = |path: &str| Some(Undo { path: path.into(), what: "3-4".into() });
        let kept = |path: &str| {
            let cookie = Said::good("Linked\nit").with_undo(undo(path)).cookie().unwrap();
            let text = cookie.to_str().unwrap().to_owned();
            Said::read(text.strip_prefix("hive_said=").unwrap().split(';').next().unwrap())
        };
        let back = "/m/1/psa-sync/links/undo";
        assert_eq!(kept(back), Some(Said::good("Linked\nit").with_undo(undo(back))));
        let others =
            ["//evil.example", "/m/1/people/role", "/m/1/runs/3/undo", "/m/1/../x/psa-sync/links/undo", "/logout"];
        for other in others {
            assert_eq!(kept(other), None, "{other}");
        }
    }
}
