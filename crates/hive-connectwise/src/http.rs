//! One request, its answer, and when a GET is asked again.

use crate::client::{Access, Clock};
use crate::pace::{Late, Pace, Permit, backoff, retry_after};
use crate::trouble::Trouble;
use crate::wire;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hive_core::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LINK, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

mod base;
mod judge;

pub(crate) use base::Base;
pub(crate) use judge::{CONVERTING, Verdict};

/// Largest body after decompression. Source: design, section 10.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How often a GET is asked again. Source: design, section 10.
pub(crate) const RETRIES_MAX: u32 = 5;
/// How often, while a person waits to hear whether an address is right.
pub(crate) const RETRIES_WAITED_FOR: u32 = 1;
/// The version is pinned, so that fields do not appear or vanish with an upgrade over there.
const ACCEPTED: &str = "application/vnd.connectwise.com+json; version=2025.1, application/json";

/// The line to one MSP's ConnectWise.
pub(crate) struct Line {
    pub(crate) host: String,
    pub(crate) pace: Pace,
    access: Access,
    request_timeout: Duration,
    http: reqwest::Client,
    authorization: HeaderValue,
    client_id: Option<HeaderValue>,
    /// What must never be shown, whoever says it.
    secrets: Vec<SecretString>,
    clock: Clock,
    base: tokio::sync::Mutex<Option<Arc<Base>>>,
    requests: AtomicU64,
}

/// What is asked of ConnectWise besides the path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask<'a> {
    /// One record.
    Record,
    /// A page of a list: it may take twice as long.
    Page,
    /// A page that begins after an id.
    PageForward,
    /// Without keys.
    CompanyInfo,
    /// A quantity.
    Patch(&'a str),
    /// An addition that is created.
    Post(&'a str),
}

/// An answer, whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The Link header; `None` where there is none, "" where it is empty.
    pub(crate) link: Option<String>,
    pub(crate) body: Vec<u8>,
    retry_after: Option<String>,
}

/// No answer, or not a whole one.
pub(crate) enum Lost {
    /// The address is not one that a tenant may use.
    NotPublic,
    /// Nothing was sent. `lasting`: asking again is of no use.
    Unsent { what: String, lasting: bool },
    /// Sent, perhaps; what became of it is not known.
    Silence { what: String },
    /// More than anyone would send; asking again would only bring it again.
    TooBig,
}

impl Line {
    pub(crate) fn new(
        access: Access,
        request_timeout: Duration,
        http: reqwest::Client,
        pace: Pace,
        clock: Clock,
    ) -> Result<Line, Trouble> {
        let private = access.private_key.expose_secret();
        let basic = STANDARD.encode(format!("{}+{}:{private}", access.company, access.public_key));
        let setup = |what: &str| Trouble::Setup { what: what.to_owned() };
        let mut authorization =
            HeaderValue::from_str(&format!("Basic {basic}")).map_err(|_| setup("the keys cannot be sent"))?;
        authorization.set_sensitive(true);
        let client_id = access.client_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let client_id = client_id.map(HeaderValue::from_str).transpose();
        let client_id = client_id.map_err(|_| setup("the clientId contains characters that cannot be sent"))?;
        let encoded: String = url::form_urlencoded::byte_serialize(private.as_bytes()).collect();
        let mut secrets = vec![private.to_owned(), basic, STANDARD.encode(private), encoded];
        secrets.retain(|secret| !secret.is_empty());
        Ok(Line {
            host: access.site.host(),
            pace,
            request_timeout,
            http,
            authorization,
            client_id,
            secrets: secrets.into_iter().map(SecretString::from).collect(),
            clock,
            base: tokio::sync::Mutex::new(None),
            requests: AtomicU64::new(0),
            access,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn has_client_id(&self) -> bool {
        self.client_id.is_some()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// A request that got no answer in time may still be worked on over there: as long again.
    pub(crate) fn landing(&self) -> Duration {
        self.request_timeout * 2 + Duration::from_millis(500)
    }

    /// Reads one record below the API's root.
    pub(crate) async fn get<T>(
        &self,
        path: &str,
        deadline: Instant,
        read: impl Fn(&[u8]) -> Result<T, String>,
    ) -> Result<T, Trouble> {
        self.get_as(Ask::Record, path, deadline, |answer| read(&answer.body)).await
    }

    /// Reads below the API's root. A 404 may mean that an upgrade over there moved the root:
    /// asked once more, only if it did.
    pub(crate) async fn get_as<T>(
        &self,
        ask: Ask<'_>,
        path: &str,
        deadline: Instant,
        read: impl Fn(&Answer) -> Result<T, String>,
    ) -> Result<T, Trouble> {
        let base = self.base(deadline).await?;
        let gone = match self.fetch(ask, &base.url(path), path, deadline, RETRIES_MAX, &read).await {
            Err(gone @ Trouble::NotFound { .. }) => gone,
            answer => return answer,
        };
        match self.renewed_base(&base, deadline).await? {
            Some(base) => self.fetch(ask, &base.url(path), path, deadline, RETRIES_MAX, &read).await,
            None => Err(gone),
        }
    }

    /// Asks until there is an answer that `read` understands, or none is to be had.
    async fn fetch<T>(
        &self,
        ask: Ask<'_>,
        url: &str,
        path: &str,
        deadline: Instant,
        retries: u32,
        read: &impl Fn(&Answer) -> Result<T, String>,
    ) -> Result<T, Trouble> {
        let mut tries = 0;
        loop {
            let permit = self.enter(ask, path, deadline).await?;
            let result = self.exchange(ask, url).await;
            self.note_pace(&permit, &result);
            drop(permit);
            let trouble = match self.judge(ask, path, result) {
                Verdict::Answer(answer) => match read(&answer) {
                    Ok(value) => return Ok(value),
                    Err(what) => {
                        let what = self.words_of(&what).unwrap_or_default();
                        Trouble::BadAnswer { place: self.place(path), what: format!("{what}{}", looks_like(&answer)) }
                    }
                },
                Verdict::Throttled => continue,
                Verdict::Final(trouble) => return Err(trouble),
                Verdict::Again(trouble) => trouble,
            };
            tries += 1;
            if tries > retries {
                return Err(trouble);
            }
            tracing::debug!(host = self.host, path, tries, kind = trouble.kind(), "asking again");
            let wait = backoff(tries);
            if deadline < Instant::now() + wait {
                return Err(trouble);
            }
            tokio::time::sleep(wait).await;
        }
    }

    pub(crate) async fn enter(&self, ask: Ask<'_>, path: &str, deadline: Instant) -> Result<Permit, Trouble> {
        self.pace.enter(matches!(ask, Ask::Patch(_) | Ask::Post(_)), deadline).await.map_err(|late| match late {
            Late::Throttled => Trouble::Throttled { host: self.host.clone() },
            Late::Deadline => self.too_late(path),
        })
    }

    pub(crate) fn too_late(&self, path: &str) -> Trouble {
        Trouble::Deadline { place: self.place(path) }
    }

    /// Keeps the shared pause in step with what was answered.
    pub(crate) fn note_pace(&self, permit: &Permit, result: &Result<Answer, Lost>) {
        match result {
            Ok(answer) if answer.status == 429 => {
                let told = answer.retry_after.as_deref().and_then(|text| retry_after(text, self.now()));
                tracing::debug!(host = self.host, ?told, "throttled");
                self.pace.throttled(permit, told);
            }
            Ok(_) => self.pace.answered(permit),
            Err(_) => {}
        }
    }

    /// One request, once. The deadline covers the answer's last byte.
    pub(crate) async fn exchange(&self, ask: Ask<'_>, url: &str) -> Result<Answer, Lost> {
        let limit = match ask {
            Ask::Page | Ask::PageForward => self.request_timeout * 2,
            Ask::Record | Ask::CompanyInfo | Ask::Patch(_) | Ask::Post(_) => self.request_timeout,
        };
        self.requests.fetch_add(1, Ordering::Relaxed);
        let method = match ask {
            Ask::Patch(_) => reqwest::Method::PATCH,
            Ask::Post(_) => reqwest::Method::POST,
            Ask::Record | Ask::Page | Ask::PageForward | Ask::CompanyInfo => reqwest::Method::GET,
        };
        let mut request = self.http.request(method, url).headers(self.headers(ask));
        if let Ask::Patch(body) | Ask::Post(body) = ask {
            request = request.body(body.to_owned());
        }
        match tokio::time::timeout(limit, whole(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(lost)) => Err(lost),
            Err(_) => Err(Lost::Silence { what: format!("no whole answer within {} ms", limit.as_millis()) }),
        }
    }

    fn headers(&self, ask: Ask<'_>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        if let Some(client_id) = &self.client_id {
            headers.insert("clientid", client_id.clone());
        }
        match ask {
            Ask::CompanyInfo => return headers,
            Ask::Patch(_) | Ask::Post(_) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            Ask::PageForward => {
                headers.insert("pagination-type", HeaderValue::from_static("forward-only"));
            }
            Ask::Record | Ask::Page => {}
        }
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers
    }

    /// Which host and path a message means; never the query.
    pub(crate) fn place(&self, path: &str) -> String {
        format!("{} {}", self.host, path.split('?').next().unwrap_or_default())
    }

    /// A foreign text made fit for a message: short, printable, and without any secret that an
    /// answer might echo.
    pub(crate) fn words_of(&self, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret.expose_secret(), "[hidden]");
        }
        let clean = wire::clean(&text);
        let mut cut: String = clean.chars().take(500).collect();
        if cut.len() < clean.len() {
            cut.push('…');
        }
        (!cut.is_empty()).then_some(cut)
    }
}

async fn whole(request: reqwest::RequestBuilder) -> Result<Answer, Lost> {
    let mut response = request.send().await.map_err(|error| lost(&error))?;
    let header = |name| response.headers().get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let (link, retry_after) = (header(LINK), header(RETRY_AFTER));
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if BODY_BYTES_MAX < body.len() + chunk.len() {
            return Err(Lost::TooBig);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, link, body, retry_after })
}

/// Why there was no answer, without the URL.
fn lost(error: &reqwest::Error) -> Lost {
    if cause::<crate::address::NotPublic>(error).is_some() {
        return Lost::NotPublic;
    }
    // A certificate that is not accepted stays so when asked again.
    match cause::<rustls::Error>(error) {
        Some(rustls::Error::InvalidCertificate(why)) => {
            return Lost::Unsent { what: format!("its TLS certificate is not accepted: {why}"), lasting: true };
        }
        Some(other) if error.is_connect() => {
            return Lost::Unsent { what: format!("TLS failed: {other}"), lasting: true };
        }
        _ => {}
    }
    if error.is_dns() {
        return Lost::Unsent { what: "its name cannot be resolved".to_owned(), lasting: false };
    }
    let words = cause::<std::io::Error>(error).map(ToString::to_string);
    if error.is_connect() {
        let what = if error.is_timeout() { Some("no connection in time".to_owned()) } else { words };
        return Lost::Unsent { what: what.unwrap_or_else(|| "no connection".to_owned()), lasting: false };
    }
    Lost::Silence { what: words.unwrap_or_else(|| "the connection was closed".to_owned()) }
}

/// The innermost cause of this kind. An `io::Error` hides what it wraps from `source`.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let inner: Option<&'a (dyn Error + 'static)> = match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    };
    inner.and_then(cause).or_else(|| error.downcast_ref())
}

/// What an unreadable body seems to be, for the message.
fn looks_like(answer: &Answer) -> &'static str {
    if judge::is_html(&answer.body) { " (an HTML page, perhaps a sign-in page)" } else { "" }
}
