//! API tokens: made once, shown once; only the SHA-256 of one is stored.

use super::cookie;

/// By it a token is known for what it is, to people and to those who search leaks for secrets.
const PREFIX: &str = "hive_";

/// A new token, and what is stored of it.
pub(crate) fn new_api_token() -> std::io::Result<(String, String)> {
    let token = format!("{PREFIX}{}", cookie::new_token()?.0);
    let hash = api_token_hash(&token);
    Ok((token, hash))
}

/// What is stored of a token.
pub(crate) fn api_token_hash(token: &str) -> String {
    cookie::hash(token)
}
