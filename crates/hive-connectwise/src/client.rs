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
        let Limits { requests_per_minute, connections, request_timeout, private_hosts, ca_pem } = limits;
        let listed = access.site.is_listed(&private_hosts);
        // Stored when it was allowed, and the operator took the permission back.
        if access.site.is_private() && !listed {
            return Err(Trouble::NotAllowed { host: access.site.host() });
        }
        let builder = http_client(&access.site, ca_pem.as_deref())?
            .dns_resolver(Arc::new(Resolver { private_allowed: listed }))
            .connect_timeout(CONNECT_MAX.min(request_timeout))
            .pool_max_idle_per_host(connections.max(1));
        let http = builder.build().map_err(setup)?;
        let pace = Pace::new(requests_per_minute, connections);
        Ok(Client { line: Arc::new(Line::new(access, request_timeout, http, pace, clock)?) })
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

fn http_client(site: &SiteUrl, ca_pem: Option<&[u8]>) -> Result<reqwest::ClientBuilder, Trouble> {
    install_crypto();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("hive/", env!("CARGO_PKG_VERSION")))
        // A redirect could carry the keys to another origin.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // A proxy would resolve names itself, past the address check.
        .no_proxy()
        // What is sent again is decided here, never by a library.
        .retry(reqwest::retry::never())
        .tcp_nodelay(true);
    if !site.is_https() {
        // Plain http needs no roots, and a machine without any must still be able to try Hive.
        return Ok(builder.tls_certs_only([]));
    }
    let extra = ca_pem.map(reqwest::Certificate::from_pem_bundle).transpose().map_err(setup)?;
    Ok(builder.https_only(true).tls_certs_merge(extra.unwrap_or_default()))
}

fn setup(error: reqwest::Error) -> Trouble {
    Trouble::Setup { what: error.without_url().to_string() }
}

/// rustls takes its cryptography from the process, once.
fn install_crypto() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // An error means that the binary has installed one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
