//! The server: which address leads where, and what wraps every answer.
//!
//! **Owns:** the router, its layers and their order.
//! **Does not own:** connections and their limits (`listen`).
//! **Limits on purpose:** HTTP/1.1 without TLS: a proxy in front of it brings that.

use crate::events::Events;
use crate::listen::{self, Patience};
use crate::uploads::Uploads;
use crate::{Engine, api, asset, auth, events, fault, headers, pages};
use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Router, middleware};
use hive_desk::Desk;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use url::Url;

/// A form around an upload: its boundaries and its other fields.
const BODY_BYTES_BESIDE_UPLOAD: usize = 64 * 1024;

/// What the console is made of.
#[derive(Clone)]
pub struct Web {
    /// The verbs and views.
    pub desk: Desk,
    /// The runs and the way into ConnectWise.
    pub engine: Arc<dyn Engine>,
    /// Where people reach it.
    pub public_url: Url,
    /// The largest file that may be uploaded.
    pub upload_bytes_max: usize,
    /// Whether watched folders may be set up.
    pub folders_allowed: bool,
}

/// The state of the router: the web, and what the server itself holds.
#[derive(Clone)]
pub struct App {
    pub(crate) web: Arc<Web>,
    pub(crate) gate: Arc<auth::Gate>,
    pub(crate) events: Arc<Events>,
    pub(crate) uploads: Arc<Uploads>,
}

impl FromRef<App> for Arc<Web> {
    fn from_ref(app: &App) -> Arc<Web> {
        app.web.clone()
    }
}

/// The whole console and API.
pub fn router(web: Web) -> Router {
    router_of(&app(web), Patience::default().body)
}

fn app(web: Web) -> App {
    let web = Arc::new(web);
    App {
        gate: Arc::new(auth::Gate::new(&web.public_url)),
        events: Arc::new(Events::new(web.clone())),
        uploads: Arc::default(),
        web,
    }
}

fn router_of(app: &App, body_within: Duration) -> Router {
    let body_max = app.web.upload_bytes_max.saturating_add(BODY_BYTES_BESIDE_UPLOAD);
    let csrf = CsrfLayer::new();
    // Where the address cannot be an origin, the Host header alone decides.
    let csrf = csrf.clone().add_trusted_origin(app.web.public_url.origin().ascii_serialization()).unwrap_or(csrf);
    Router::new()
        .route("/healthz", get(|| async { fault::plain(StatusCode::OK, "ok\n") }))
        .route("/readyz", get(ready))
        .route("/assets/{name}", get(asset::answer))
        .merge(auth::routes())
        .merge(events::routes())
        .merge(pages::routes())
        .fallback(fault::no_page)
        .method_not_allowed_fallback(fault::no_page)
        .layer(middleware::from_fn_with_state(app.clone(), fault::framed))
        .layer(DefaultBodyLimit::max(body_max))
        .layer(RequestBodyLimitLayer::new(body_max))
        .layer(middleware::map_response_with_state(app.web.upload_bytes_max, too_large))
        .layer(csrf.with_rejection_response(|_| fault::cross_site()))
        .layer(middleware::from_fn_with_state(body_within, listen::body_within))
        // After the layers above: no cookie opens the API, and it says in its own way what is too large or slow.
        .merge(api::routes())
        .layer(CatchPanicLayer::custom(fault::broke))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(app.gate.secure, auth::secure_cookies))
        .layer(middleware::from_fn_with_state(app.gate.secure, headers::set))
        .with_state(app.clone())
}

/// The limit's own words are for programs; a person chose a file.
async fn too_large(State(max): State<usize>, answer: Response) -> Response {
    if answer.status() == StatusCode::PAYLOAD_TOO_LARGE { fault::too_large(max) } else { answer }
}

/// Whether the database answers.
async fn ready(State(web): State<Arc<Web>>) -> Response {
    match web.desk.store.msp("0").await {
        Ok(_) => fault::plain(StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!("not ready: {error}");
            fault::plain(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

/// Serves until `stop` is done, then lets open answers end.
pub async fn serve(
    listener: tokio::net::TcpListener,
    web: Web,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serve_within(listener, web, stop, Patience::default()).await
}

/// [`serve`], with other limits.
pub async fn serve_within(
    listener: tokio::net::TcpListener,
    web: Web,
    stop: impl Future<Output = ()> + Send + 'static,
    patience: Patience,
) -> std::io::Result<()> {
    let app = app(web);
    let router = router_of(&app, patience.body);
    let events = app.events.clone();
    let stop = async move {
        stop.await;
        events.end();
    };
    listen::listen(listener, router, stop, &patience).await;
    Ok(())
}
