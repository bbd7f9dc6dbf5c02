//! The client of one MSP's ConnectWise: what it is made of, and single questions.

use crate::address::Resolver;
use crate::http::Line;
use crate::pace::Pace;
use crate::site::SiteUrl;
use crate::trouble::Trouble;
use crate::wire;
use hive_core::mirror;
use hive_core::{AdditionId, AgreementId, Timestamp};
use secrecy::SecretString;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::Instant;

/// Where time comes from; only the binary has a clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Longest a run may take. Source: design, section 10.
pub(crate) const RUN_MAX: Duration = Duration::from_secs(6 * 60 * 60);
/// Longest that opening a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(15);

/// An MSP's way into ConnectWise.
#[derive(Clone, Debug)]
pub struct Access {
    pub site: SiteUrl,
    /// The company ID of the login screen; capital letters matter.
    pub company: String,
    pub public_key: String,
    pub private_key: SecretString,
    /// The integration's GUID.
    pub client_id: Option<String>,
}

/// What the operator set for every MSP.
#[derive(Clone, Debug)]
pub struct Limits {
    /// 0: no limit.
    pub requests_per_minute: u32,
    /// At most so many requests at once.
    pub connections: usize,
    /// One request, body included; list pages have twice that.
    pub request_timeout: Duration,
    /// `host` (port 443) or `host:port` that may be private or plain http.
    pub private_hosts: Vec<String>,
    /// Extra root certificates, PEM.
    pub ca_pem: Option<Vec<u8>>,
}

/// The conversation with one MSP's ConnectWise. Clones share connections, tokens and pauses.
#[derive(Clone)]
pub struct Client {
    pub(crate) line: Arc<Line>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("host", &self.line.host).finish_non_exhaustive()
    }
}

impl Client {
    /// Sends nothing yet.
    pub fn new(access: Access, limits: Limits, clock: Clock) -> Result<Client, Trouble> {
        let host = access.site.host();
        let listed = access.site.is_listed(&limits.private_hosts);
        // Stored when it was allowed, and the operator took the permission back.
        if access.site.is_private() && !listed {
            return Err(Trouble::NotAllowed { host });
        }
        let http = http_client(&access.site, &limits, listed)?;
        let pace = Pace::new(limits.requests_per_minute, limits.connections);
        Ok(Client { line: Arc::new(Line::new(access, limits.request_timeout, http, pace, clock)?) })
    }

    /// How many requests left so far.
    pub fn requests(&self) -> u64 {
        self.line.requests()
    }

    /// How long after it was sent a lost write may still land. Before that a re-read proves
    /// nothing; whoever looks up the intents of a crashed run waits as long.
    pub fn landing(&self) -> Duration {
        self.line.landing()
    }

    /// Reads one addition; `None` where ConnectWise has none, also with the codebase read anew.
    pub async fn look_up(
        &self,
        agreement: AgreementId,
        addition: AdditionId,
    ) -> Result<Option<mirror::Addition>, Trouble> {
        self.addition(agreement, addition, Instant::now() + RUN_MAX).await
    }

    pub(crate) async fn addition(
        &self,
        agreement: AgreementId,
        addition: AdditionId,
        deadline: Instant,
    ) -> Result<Option<mirror::Addition>, Trouble> {
        let path = addition_path(agreement, addition);
        let read = |body: &[u8]| {
            let row: wire::Addition<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            let row = row.read(agreement, self.line.now())?;
            if row.id == addition { Ok(row) } else { Err(format!("it is addition {}, not {addition}", row.id)) }
        };
        found(self.line.get(&path, deadline, read).await)
    }

    pub(crate) async fn agreement(
        &self,
        agreement: AgreementId,
        deadline: Instant,
    ) -> Result<Option<mirror::Agreement>, Trouble> {
        let read = |body: &[u8]| {
            let row: wire::Agreement<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            let row = row.read()?;
            if row.id == agreement { Ok(row) } else { Err(format!("it is agreement {}, not {agreement}", row.id)) }
        };
        found(self.line.get(&format!("finance/agreements/{agreement}"), deadline, read).await)
    }
}

/// The path of an addition below the API's root.
pub(crate) fn addition_path(agreement: AgreementId, addition: AdditionId) -> String {
    format!("finance/agreements/{agreement}/additions/{addition}")
}

fn found<T>(answer: Result<T, Trouble>) -> Result<Option<T>, Trouble> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Trouble::NotFound { .. }) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

fn http_client(site: &SiteUrl, limits: &Limits, private_allowed: bool) -> Result<reqwest::Client, Trouble> {
    install_crypto();
    let setup = |error: reqwest::Error| Trouble::Setup { what: error.without_url().to_string() };
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("hive/", env!("CARGO_PKG_VERSION")))
        // A redirect could carry the keys to another origin.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // A proxy would resolve names itself, past the address check.
        .no_proxy()
        // What is sent again is decided here, never by a library.
        .retry(reqwest::retry::never())
        .dns_resolver(Arc::new(Resolver { private_allowed }))
        .connect_timeout(CONNECT_MAX.min(limits.request_timeout))
        .pool_max_idle_per_host(limits.connections.max(1))
        .tcp_nodelay(true);
    builder = if site.is_https() {
        let extra = match &limits.ca_pem {
            Some(pem) => reqwest::Certificate::from_pem_bundle(pem).map_err(setup)?,
            None => Vec::new(),
        };
        builder.https_only(true).tls_certs_merge(extra)
    } else {
        // Plain http needs no roots, and a machine without any must still be able to try Hive.
        builder.tls_certs_only([])
    };
    builder.build().map_err(setup)
}

/// rustls takes its cryptography from the process, once.
fn install_crypto() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // An error means that the binary has installed one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
