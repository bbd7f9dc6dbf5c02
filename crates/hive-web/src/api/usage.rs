//! `POST /api/v1/usage`: usage that arrives by itself.

use super::bearer::Caller;
use super::body::{self, Asked};
use super::problem::Problem;
use crate::App;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hive_desk::{Answered, Posted, Refused};
use hive_store::Remembered;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use tokio::sync::Semaphore;

/// Bodies that are read and taken at once: each may be as large as an upload, and its rows again.
static AT_ONCE: Semaphore = Semaphore::const_new(4);
/// Characters of an Idempotency-Key: a UUID has 36.
const KEY_CHARACTERS_MAX: usize = 200;
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Says that an answer is one that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

pub(super) async fn post(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, Problem> {
    caller.need("usage")?;
    let (head, body) = request.into_parts();
    body::check_kind(&head.headers)?;
    let key = key(&head.headers)?;
    // Before the body is read: what waits for its turn holds nothing.
    let Ok(_one) = AT_ONCE.acquire().await else { return Err(broken("no more requests are taken")) };
    let bytes = body::bytes(&head.headers, body, app.web.upload_bytes_max).await?;
    let hash = sha256(&bytes);
    let (store, by) = (&app.web.desk.store, caller.by());
    if let Some(key) = &key
        && let Some(before) = store.idempotent(by.msp.id, caller.token.id, key).await?
    {
        return again(&before, &hash);
    }
    let read = tokio::task::spawn_blocking(move || body::read(&bytes)).await;
    let Asked { samples, source, complete, batch } = read.map_err(|error| broken(&error.to_string()))??;
    let posted = Posted {
        samples,
        source: source.unwrap_or_else(|| caller.token.name.clone()),
        complete,
        hash: hash.clone(),
        token: caller.token.id,
        key,
    };
    match app.web.desk.post_usage(&by, posted).await {
        Ok(Answered::Now(body)) => Ok(json(StatusCode::OK, body)),
        Ok(Answered::Before(before)) => again(&before, &hash),
        Err(Refused::BadRows { rows, .. }) => Err(Problem::of_rows(rows, batch)),
        Err(refused) => Err(refused.into()),
    }
}

fn broken(words: &str) -> Problem {
    Problem::from(Refused::Broken(words.to_owned()))
}

/// The first answer again, if this is the same request.
fn again(before: &Remembered, hash: &str) -> Result<Response, Problem> {
    if before.request_hash != hash {
        let words = "This Idempotency-Key was used for another body, which was taken. Nothing was taken now; \
            send this one under a key of its own.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request.key_reused", words));
    }
    let status = u16::try_from(before.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut answer = json(status.unwrap_or(StatusCode::OK), before.body.clone());
    answer.headers_mut().insert(REPLAYED, header::HeaderValue::from_static("true"));
    Ok(answer)
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().map(str::trim).unwrap_or_default();
    if text.is_empty() || text.chars().count() > KEY_CHARACTERS_MAX {
        let words = format!("An Idempotency-Key has 1 to {KEY_CHARACTERS_MAX} visible characters.");
        return Err(Problem::new(StatusCode::BAD_REQUEST, "request.key", words));
    }
    Ok(Some(text.to_owned()))
}

fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
