//! Passwords and one-time links, as several pages need them.

use super::cookie::{self, new_token};
use super::visitor::{IDLE, LONGEST};
use crate::{App, Fault};
use axum::http::{HeaderMap, HeaderValue, header};
use hive_core::Timestamp;
use hive_desk::Refused;
use hive_store::{Store, UserId};
use jiff::SignedDuration;
use url::Url;

/// Long enough that guessing takes longer than anybody has.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Nobody types more; hashing more would be work for an attacker's sake.
const PASSWORD_CHARS_MAX: usize = 1000;
/// A person finds the link in their mail the next days.
const INVITED_FOR: SignedDuration = SignedDuration::from_hours(72);

/// A password entered twice, fit to be one; else what is wrong with it.
pub(crate) fn new_password(one: &str, two: &str, email: &str) -> Result<String, String> {
    let length = one.chars().count();
    if length < PASSWORD_CHARS_MIN {
        return Err(format!("The password has {length} characters; it needs at least {PASSWORD_CHARS_MIN}."));
    }
    if length > PASSWORD_CHARS_MAX {
        return Err(format!("The password is longer than {PASSWORD_CHARS_MAX} characters."));
    }
    if one != two {
        return Err("The two passwords differ. Type the same one twice.".to_owned());
    }
    if one.eq_ignore_ascii_case(email.trim()) {
        return Err("The password is the e-mail address. Choose one that nobody can guess.".to_owned());
    }
    Ok(one.to_owned())
}

/// A link with which somebody chooses a password, once, within three days. It is shown once: only its
/// hash is stored.
pub async fn invite(store: &Store, public_url: &Url, user: UserId, at: Timestamp) -> Result<String, Refused> {
    let (token, hash) = new_token().map_err(|error| Refused::Broken(error.to_string()))?;
    let expires = at.checked_add(INVITED_FOR).map_err(|error| Refused::Broken(error.to_string()))?;
    store.add_link(&hash, Some(user), "password", at, expires).await?;
    Ok(format!("{}/login/once/{token}", public_url.as_str().trim_end_matches('/')))
}

/// Begins a session; the cookie that carries it. The one the browser had until now ends: its cookie is replaced,
/// and a copy of it must not live on.
pub(crate) async fn begin(app: &App, user: UserId, headers: &HeaderMap) -> Result<HeaderValue, Fault> {
    let now = app.web.engine.now();
    let broken = |error: String| Fault::Refused(Refused::Broken(error));
    let (token, _) = new_token().map_err(|error| broken(error.to_string()))?;
    let value = format!("{token}.{}", now.as_second());
    let expires = now.checked_add(IDLE).map_err(|error| broken(error.to_string()))?;
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    if let Some(before) = cookie::read(headers, cookie::SESSION) {
        app.web.desk.store.end_session(&cookie::hash(before)).await?;
    }
    app.web.desk.store.begin_session(&cookie::hash(&value), user, now, expires, agent).await?;
    cookie::session(&value, LONGEST.as_secs(), app.gate.secure)
        .ok_or_else(|| broken("the session's cookie cannot be written".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_long_typed_twice_and_not_the_address() {
        assert!(new_password("correct horse battery", "correct horse battery", "a@b.example").is_ok());
        assert!(new_password("short", "short", "").unwrap_err().contains("at least 12"));
        assert!(new_password("correct horse battery", "correct horse", "").unwrap_err().contains("differ"));
        assert!(new_password("Jo@Northwind.example", "Jo@Northwind.example", "jo@northwind.example").is_err());
    }
}
