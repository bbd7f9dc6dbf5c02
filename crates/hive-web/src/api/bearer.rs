//! Who calls: a token, which belongs to one MSP.
//!
//! **Limits on purpose:** a right token is let in whatever came from its address before, so that nobody
//! behind the same address can lock it out; a token has 256 bits, so that guessing finds none.

use super::problem::Problem;
use crate::App;
use crate::auth::{address, api_token_hash};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use hive_core::Timestamp;
use hive_desk::By;
use hive_store::{Msp, Token};
use std::net::SocketAddr;

/// Wrong tokens of one address in 15 minutes, before it is told to wait.
const WRONG_TOKENS_MAX: i64 = 20;
/// The whole of [`hive_store::THROTTLE_MINUTES`], in seconds.
const RETRY_AFTER_SECONDS: &str = "900";
const CHALLENGE: &str = "Bearer realm=\"Hive\"";

/// A program with a token.
pub(super) struct Caller {
    msp: Msp,
    pub(super) token: Token,
    now: Timestamp,
}

impl Caller {
    pub(super) fn by(&self) -> By {
        By { msp: self.msp.clone(), who: format!("token:{}", self.token.name), at: self.now }
    }

    /// Refuses what the token is not for.
    pub(super) fn need(&self, rights: &str) -> Result<(), Problem> {
        if [rights, "all"].contains(&self.token.rights.as_str()) {
            return Ok(());
        }
        let words = format!(
            "This needs a token with the right \"{rights}\"; the token \"{}\" has \"{}\". An admin makes one under People.",
            self.token.name, self.token.rights
        );
        Err(Problem::new(StatusCode::FORBIDDEN, "token.rights", words))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Caller, Problem> {
        if app.gate.closed().is_some() {
            let words = "Hive takes tokens over https alone: on this way everyone could read them. This one \
                travelled openly, so revoke it. Put a proxy with https in front of Hive and set HIVE_PUBLIC_URL.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "token.without_https", words));
        }
        let (store, now) = (&app.web.desk.store, app.web.engine.now());
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given =
            given.and_then(|value| value.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
        let Some((_, token)) = given else {
            let words = "Send a token: Authorization: Bearer hive_…  An admin makes one under People.";
            let problem = Problem::new(StatusCode::UNAUTHORIZED, "token.missing", words);
            return Err(problem.with("www-authenticate", CHALLENGE));
        };
        let Some((msp, token)) = store.token(&api_token_hash(token.trim()), now).await? else {
            return Err(wrong(app, parts, now).await?);
        };
        let msp = store.msp(&msp.0.to_string()).await?;
        let msp =
            msp.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "token.unknown", "The token's MSP is gone."))?;
        Ok(Caller { msp, token, now })
    }
}

/// A token that opens nothing; too many of them from one address are told to wait.
async fn wrong(app: &App, parts: &Parts, now: Timestamp) -> Result<Problem, Problem> {
    let store = &app.web.desk.store;
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    if let Some(address) = address(peer, &parts.headers) {
        let key = format!("token:{address}");
        // Looked at first: who goes on hammering causes no writes.
        if store.login_failures(&key, now).await? >= WRONG_TOKENS_MAX {
            let words = "Too many wrong tokens came from this address. Wait 15 minutes, then send the right one.";
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "token.throttled", words);
            return Ok(problem.with("retry-after", RETRY_AFTER_SECONDS));
        }
        store.login_failed(&key, now).await?;
    }
    let words = "This token opens nothing: it is mistyped, was revoked, or is of another Hive.";
    Ok(Problem::new(StatusCode::UNAUTHORIZED, "token.unknown", words)
        .with("www-authenticate", "Bearer realm=\"Hive\", error=\"invalid_token\""))
}
