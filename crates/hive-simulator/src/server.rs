//! The sockets.
//!
//! **Owns:** listening, TLS, reading a request, counting and limiting it, putting the outcome on the
//! wire, breaking the connection.
//! **Does not own:** any answer.
//! **Limits on purpose:** request bodies up to 1 MiB; HTTP/1.1 served directly on hyper, because a
//! fault must be able to break the connection.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper::{
    Response,
    body::{Body, Bytes, Incoming},
    header::{self, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time::Instant,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    body::SimBody,
    certificate::{self, CertificateKind},
    control,
    list::Query,
    refusal,
    route::{self, Answer, Bend, Request},
    sim::Sim,
    stumble::{self, Outcome},
    wire::Wire,
    world::World,
};

/// How the simulated tenant is reached.
#[derive(Debug, Clone)]
pub struct Config {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    pub tls: bool,
    pub certificate: CertificateKind,
    /// Before every answer.
    pub latency: Duration,
    /// 0: no limit.
    pub requests_per_minute: u32,
    /// The login company, upper and lower case as here.
    pub company: String,
    pub public_key: String,
    pub private_key: String,
    /// None: any GUID.
    pub client_id: Option<String>,
    /// Ends with a slash. `v4_6_release/` makes the tenant one on premise.
    pub codebase: String,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: false,
            certificate: CertificateKind::Good,
            latency: Duration::ZERO,
            requests_per_minute: 0,
            company: "northwind".into(),
            public_key: "PUBLICKEY0000001".into(),
            private_key: "PRIVATEKEY000001".into(),
            client_id: None,
            codebase: "v2025_1/".into(),
        }
    }
}

/// A running simulator; dropping it stops the server and closes its connections.
pub struct Running {
    sim: Sim,
    addr: SocketAddr,
    certificate: Option<String>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    /// `http://127.0.0.1:PORT`, or https.
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.addr)
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The certificate that a client must trust, where TLS is on.
    pub fn certificate_pem(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Stops and waits until the port is free.
    pub async fn stop(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

/// Starts a tenant that holds this world.
pub async fn start(config: Config, world: World) -> io::Result<Running> {
    let listener = TcpListener::bind(config.listen).await?;
    let addr = listener.local_addr()?;
    let tls = if config.tls { Some(certificate::make(config.certificate)?) } else { None };
    let (certificate, acceptor) = tls.map(|(pem, tls)| (pem, TlsAcceptor::from(tls))).unzip();
    let sim = Sim::new(config, world);
    let task = tokio::spawn(listen(listener, acceptor, sim.clone()));
    tracing::debug!(%addr, "simulated ConnectWise is listening");
    Ok(Running { sim, addr, certificate, task })
}

async fn listen(listener: TcpListener, acceptor: Option<TlsAcceptor>, sim: Sim) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, acceptor.clone(), sim.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, acceptor: Option<TlsAcceptor>, sim: Sim) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let wire = Wire::new(stream, reset.clone());
    if sim.state().refusing {
        reset.store(true, Ordering::Relaxed);
        return;
    }
    match acceptor {
        None => serve(wire, "http", reset, sim).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(wire).await {
                serve(stream, "https", reset, sim).await;
            }
        }
    }
}

async fn serve(io: impl AsyncRead + AsyncWrite + Unpin, scheme: &'static str, reset: Arc<AtomicBool>, sim: Sim) {
    let service = hyper::service::service_fn(|request| respond(request, scheme, reset.clone(), sim.clone()));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(io), service);
    if let Err(error) = connection.await {
        tracing::trace!(%error, "a connection ended early");
    }
}

/// The error that makes hyper close the connection without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

impl From<Infallible> for Dropped {
    fn from(never: Infallible) -> Dropped {
        match never {}
    }
}

const REQUEST_BYTES_MAX: usize = 1 << 20;

async fn respond(
    request: hyper::Request<Incoming>,
    scheme: &'static str,
    reset: Arc<AtomicBool>,
    sim: Sim,
) -> Result<Response<SimBody>, Dropped> {
    let request = read(request, scheme).await.map_err(|_| Dropped)?;
    if request.path == "/" || request.path.starts_with("/_sim") {
        return Ok(response(&sim, control::answer(&sim, &request)));
    }
    tokio::time::sleep(sim.config().latency).await;
    let (place, _) = route::place_of(&request.path);
    let subject = route::subject(&request.method, &place);
    let fault = {
        let mut state = sim.state();
        state.count(subject.on);
        if let Some(seconds) = over_the_limit(&mut state) {
            state.requests.answered_429 += 1;
            drop(state);
            let mut answer = Answer::from(refusal::too_many(&seconds));
            answer.headers.push(("retry-after", seconds));
            return Ok(response(&sim, answer));
        }
        state.faults.hit(subject)
    };
    let outcome = match fault {
        None => Outcome::Answer(route::answer(&sim, &request, Bend::default())),
        Some(fault) => {
            tracing::debug!(?fault, path = %request.path, "fault");
            stumble::stumble(&sim, &request, fault).await
        }
    };
    if let Outcome::Answer(Answer { status: 429, .. }) = &outcome {
        sim.state().requests.answered_429 += 1;
    }
    send(&sim, outcome, reset)
}

/// The seconds to wait, where the last minute is full.
fn over_the_limit(state: &mut crate::sim::State) -> Option<String> {
    const MINUTE: Duration = Duration::from_secs(60);
    let limit = usize::try_from(state.requests_per_minute).ok().filter(|limit| *limit > 0)?;
    let now = Instant::now();
    while state.minute.front().is_some_and(|first| now.duration_since(*first) >= MINUTE) {
        state.minute.pop_front();
    }
    if state.minute.len() < limit {
        state.minute.push_back(now);
        return None;
    }
    let waited = state.minute.front().map_or(Duration::ZERO, |first| now.duration_since(*first));
    Some((MINUTE.saturating_sub(waited).as_secs() + 1).to_string())
}

async fn read(request: hyper::Request<Incoming>, scheme: &str) -> io::Result<Request> {
    let (parts, body) = request.into_parts();
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let host = text("host").filter(|host| !host.contains(['<', '>', '"', '/']));
    let forward_only = text("pagination-type").is_some_and(|kind| kind.eq_ignore_ascii_case("forward-only"));
    Ok(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: Query::parse(parts.uri.query().unwrap_or(""), forward_only),
        authorization: text("authorization"),
        client_id: text("clientid"),
        origin: format!("{scheme}://{}", host.as_deref().unwrap_or("localhost")),
        body: collect(body).await?,
    })
}

async fn collect(mut body: Incoming) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > REQUEST_BYTES_MAX {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
    }
    Ok(bytes)
}

fn send(sim: &Sim, outcome: Outcome, reset: Arc<AtomicBool>) -> Result<Response<SimBody>, Dropped> {
    let with_body = |answer: Answer, body: SimBody, length: Option<usize>| {
        let mut response = response(sim, Answer { body: Vec::new(), ..answer });
        *response.body_mut() = body;
        if let Some(length) = length {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        response
    };
    Ok(match outcome {
        Outcome::Dropped => return Err(Dropped),
        Outcome::Answer(answer) => response(sim, answer),
        Outcome::Slow(mut answer) => {
            let bytes = std::mem::take(&mut answer.body);
            let length = bytes.len();
            with_body(answer, SimBody::slow(bytes), Some(length))
        }
        Outcome::Reset(mut answer) => {
            let bytes = std::mem::take(&mut answer.body);
            with_body(answer, SimBody::reset(&bytes, reset), Some(bytes.len().max(1)))
        }
        Outcome::Endless => with_body(Answer::json(String::new()), SimBody::Endless, None),
        Outcome::Bomb => {
            let mut answer = Answer::json(String::new());
            answer.headers.push(("content-encoding", "gzip".to_owned()));
            with_body(answer, SimBody::Bomb { unpacked: 0 }, None)
        }
    })
}

/// The headers every answer carries.
fn response(sim: &Sim, answer: Answer) -> Response<SimBody> {
    let Answer { status, content_type, headers, body } = answer;
    let (number, now) = {
        let mut state = sim.state();
        state.request_number += 1;
        (state.request_number, state.clock.now())
    };
    let mut response = Response::new(SimBody::Whole(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    let usual = [
        ("content-type", content_type.to_owned()),
        ("cache-control", "no-cache".to_owned()),
        ("strict-transport-security", "max-age=31536000; includeSubDomains".to_owned()),
        ("api-current-version", "2025.1".to_owned()),
        ("x-cw-request-id", format!("00000000-0000-4000-8000-{number:012x}")),
        ("x-server-name", "SIM-01".to_owned()),
        ("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()),
    ];
    for (name, value) in usual.into_iter().chain(headers) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What a request is counted as is decided before it is answered.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::On;

    #[test]
    fn a_request_has_one_kind() {
        let kind = |method: &str, path: &str| route::subject(method, &route::place_of(path).0).on;
        assert_eq!(kind("GET", "/login/companyinfo/acme"), On::CompanyInfo);
        assert_eq!(kind("GET", "/v4_6_release/apis/3.0/finance/agreements/5/additions/count"), On::Counts);
        assert_eq!(kind("GET", "/v2025_1/apis/3.0/finance/agreements/types"), On::Get);
        assert_eq!(kind("PATCH", "/v2025_1/apis/3.0/finance/agreements/5/additions/6"), On::Patch);
    }
}
