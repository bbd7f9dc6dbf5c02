//! Connections: how many, how long each may take to say what it wants, how they end.
//!
//! **Owns:** the limits against a client that is slow on purpose, or many.
//! **Does not own:** what is answered (the router). HTTP/1.1 without TLS: a proxy in front brings that.

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tower::ServiceExt as _;

/// From the first byte that is waited for to the end of the headers, also between two requests of a connection: a
/// person's browser sends them at once, and a proxy opens another connection where one was closed.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// From the headers to the last byte of the body: 10 MiB over a slow line.
const BODY_WITHIN: Duration = Duration::from_secs(120);
/// Open connections: a thousand pages that follow a run, each with a few hundred kilobytes at most. The next ones wait
/// in the machine's own queue until one ends.
const CONNECTIONS_MAX: usize = 1_024;
/// How long open answers may take to end after the stop: a browser that reads slowly does not hold Hive.
const END_WITHIN: Duration = Duration::from_secs(10);
/// After an error that is the machine's (no more files), before the next try.
const PAUSE: Duration = Duration::from_millis(200);

/// How patient a server is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the headers of a request.
    pub headers: Duration,
    /// For its body.
    pub body: Duration,
    /// Open connections.
    pub connections: usize,
    /// For open answers after the stop.
    pub end: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { headers: HEADERS_WITHIN, body: BODY_WITHIN, connections: CONNECTIONS_MAX, end: END_WITHIN }
    }
}

/// Answers on every connection until `stop` is done, then lets open answers end.
pub(crate) async fn listen(listener: TcpListener, router: Router, stop: impl Future<Output = ()>, patience: &Patience) {
    let places = Arc::new(Semaphore::new(patience.connections));
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
            Ok::<_, io::Error>((place, listener.accept().await?))
        };
        let (place, (stream, peer)) = tokio::select! {
            () = &mut stop => break,
            next = next => match next {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!("a connection could not be taken: {error}");
                    sleep(PAUSE).await;
                    continue;
                }
            },
        };
        let answering = graceful.watch(connection(stream, peer, router.clone(), patience.headers));
        tokio::spawn(async move {
            // A connection that broke off or was too slow is the other side's matter.
            let _ = answering.await;
            drop(place);
        });
    }
    // Nobody is taken any more; who waits is refused by the machine.
    drop(listener);
    let _ = timeout(patience.end, graceful.shutdown()).await;
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    headers: Duration,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(headers)
        .serve_connection(TokioIo::new(stream), service)
}

/// Cuts off a body that takes too long as a whole, however steadily it drips.
pub(crate) async fn body_within(State(within): State<Duration>, request: Request, next: Next) -> Response {
    let deadline = Instant::now() + within;
    let request = request.map(|body| {
        if body.is_end_stream() {
            return body;
        }
        let chunks = body.into_data_stream();
        Body::from_stream(futures::stream::unfold(Some(chunks), move |chunks| async move {
            let mut chunks = chunks?;
            match timeout_at(deadline, chunks.next()).await {
                Ok(chunk) => Some((chunk?.map_err(io::Error::other), Some(chunks))),
                Err(_) => Some((Err(io::Error::new(io::ErrorKind::TimedOut, "the body took too long")), None)),
            }
        }))
    });
    next.run(request).await
}
