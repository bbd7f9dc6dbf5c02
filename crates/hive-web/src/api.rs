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
use axum::routing::{any, get, post};
use problem::Problem;
use tower_http::catch_panic::CatchPanicLayer;

/// Everything under `/api`.
pub(crate) fn routes() -> Router<App> {
    let mut routes = Router::new()
        .route("/api/v1/usage", post(usage::post))
        .route("/api/v1/openapi.json", get(openapi::answer))
        .method_not_allowed_fallback(another_method);
    for path in ["/api", "/api/", "/api/{*rest}"] {
        routes = routes.route(path, any(nothing));
    }
    routes.layer(CatchPanicLayer::custom(problem::broke))
}

async fn nothing(uri: Uri) -> Problem {
    let words = format!("There is nothing at {}. What there is stands in /api/v1/openapi.json.", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "api.nothing_here", words)
}

async fn another_method(method: Method, uri: Uri) -> Problem {
    let words = format!("{} does not take {method}. What it takes stands in /api/v1/openapi.json.", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "api.method", words)
}
