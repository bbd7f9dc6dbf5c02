//! Cookies and tokens: the session, the look.
//!
//! **Limits on purpose:** a session's cookie holds 32 random bytes and when it began; only the SHA-256 of the
//! whole is stored, so that the time cannot be changed and a stolen database opens nothing.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use hive_core::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

pub(crate) const SESSION: &str = "hive_session";
const LOOK: &str = "hive_look";
/// 256 bits cannot be guessed.
const TOKEN_BYTES: usize = 32;
const YEAR_SECONDS: u32 = 31_536_000;

/// A token nobody can guess, and the SHA-256 (hex) that is stored of it. Operating systems that have no
/// randomness cannot run Hive.
pub fn new_token() -> std::io::Result<(String, String)> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(format!("no random bytes: {error}")))?;
    let token = BASE64.encode(bytes);
    let hash = hash(&token);
    Ok((token, hash))
}

/// What is stored of a token.
pub(crate) fn hash(token: &str) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(token.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A cookie's value.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// The session's cookie. `seconds` 0 takes it away.
pub(crate) fn session(value: &str, seconds: i64, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{SESSION}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}

/// What a browser takes over https alone, for this host alone: no other name below the same domain can set it.
const HOST: &str = "__Host-";

/// Over https every cookie of Hive has [`HOST`] before its name and travels over https alone, whoever set it; one
/// that came without the prefix may be another host's, and is none.
pub(crate) async fn secure_cookies(State(secure): State<bool>, mut request: Request, next: Next) -> Response {
    if !secure {
        return next.run(request).await;
    }
    let own: Vec<String> = request
        .headers()
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(HOST).map(str::to_owned))
        .collect();
    request.headers_mut().remove(header::COOKIE);
    if let Ok(own) = HeaderValue::from_str(&own.join("; ")) {
        request.headers_mut().insert(header::COOKIE, own);
    }
    let mut answer = next.run(request).await;
    if let header::Entry::Occupied(mut cookies) = answer.headers_mut().entry(header::SET_COOKIE) {
        for cookie in cookies.iter_mut() {
            let Ok(text) = cookie.to_str() else { continue };
            let secure = if text.ends_with("; Secure") { "" } else { "; Secure" };
            if let Ok(secured) = HeaderValue::from_str(&format!("{HOST}{text}{secure}")) {
                *cookie = secured;
            }
        }
    }
    answer
}

/// When a session's cookie says that it began.
pub(crate) fn begun(cookie: &str) -> Option<Timestamp> {
    Timestamp::from_second(cookie.rsplit_once('.')?.1.parse().ok()?).ok()
}

/// Light, dark, or as the device has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// As the device has it.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Scheme {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scheme::Auto => "auto",
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        if self == Scheme::Auto { "" } else { self.name() }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Scheme::Auto => "Look: as this device has it",
            Scheme::Light => "Look: light",
            Scheme::Dark => "Look: dark",
        }
    }

    pub(crate) fn parse(text: &str) -> Scheme {
        [Scheme::Light, Scheme::Dark].into_iter().find(|one| one.name() == text).unwrap_or(Scheme::Auto)
    }

    pub(crate) fn of(headers: &HeaderMap) -> Scheme {
        read(headers, LOOK).map_or(Scheme::Auto, Scheme::parse)
    }

    pub(crate) fn cookie(self) -> Option<HeaderValue> {
        let text = format!("{LOOK}={}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax", self.name());
        HeaderValue::from_str(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_its_hash_is_not_it() {
        let (token, stored) = new_token().unwrap();
        assert_eq!((token.len(), stored.len()), (43, 64));
        assert_ne!(new_token().unwrap().0, token);
        assert_eq!(hash(&token), stored);
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; hive_session=abc.12; hive_sessions=x"));
        assert_eq!(read(&headers, SESSION), Some("abc.12"));
        assert_eq!(begun("abc.12"), Timestamp::from_second(12).ok());
    }
}
