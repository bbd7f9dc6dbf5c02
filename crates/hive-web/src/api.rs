//! The HTTP API: what programs may ask of one MSP, with a token.
//!
//! **Owns:** its addresses, bearer tokens, problem+json.
//! **Does not own:** any rule; every verb is the desk's, as for the command line and the pages.
//! **Limits on purpose:** a cookie opens nothing here, so that no other site can post in a person's name.

mod bearer;
mod body;
mod openapi;
mod problem;
mod usage;

use crate::App;
use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::routing::{get, post};
use problem::Problem;
use tower_http::catch_panic::CatchPanicLayer;

/// Everything under `/api`.
pub(crate) fn routes() -> Router<App> {
    let inner = Router::new()
        .route("/v1/usage", post(usage::post))
        .route("/v1/openapi.json", get(openapi::answer))
        .fallback(nothing)
        .method_not_allowed_fallback(another_method)
        .layer(CatchPanicLayer::custom(problem::broke));
    Router::new().nest("/api", inner)
}

async fn nothing(uri: Uri) -> Problem {
    let words = format!("There is nothing at {}. What there is stands in /api/v1/openapi.json.", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "api.nothing_here", words)
}

async fn another_method(method: Method, uri: Uri) -> Problem {
    let words = format!("{} does not take {method}. What it takes stands in /api/v1/openapi.json.", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "api.method", words)
}
