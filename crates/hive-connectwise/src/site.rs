//! The site URL: read as a person copied it, kept as the one origin that Hive talks to.

use crate::address::is_public;
use std::fmt;
use std::net::IpAddr;
use url::{Host, Url};

/// The ports on which ConnectWise PSA is served publicly; any other is a probe of something else
/// until the operator allows it.
const HTTPS_PORTS: [u16; 4] = [443, 4443, 8443, 9443];
/// Longest text that is read at all.
const URL_CHARS_MAX: usize = 2_000;
/// Where ConnectWise hosts PSA: these names serve people, and `api-` before them serves programs.
const HOSTED: [&str; 2] = ["myconnectwise.net", "connectwisedev.com"];
/// Names that never leave a private network, and names that resolve to whatever they spell.
const LOCAL_SUFFIXES: [&str; 17] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "home.arpa",
    "in-addr.arpa",
    "ip6.arpa",
    "nip.io",
    "sslip.io",
    "xip.io",
    "localtest.me",
    "lvh.me",
];
/// One text for every refused address, so that the answer tells nothing about a network.
const NOT_ALLOWED: &str = "this address cannot be used as a ConnectWise URL: it is not a public https address \
     (the operator can allow a private one with HIVE_PRIVATE_HOSTS)";

/// The origin of an MSP's ConnectWise: scheme, host and port. Normalised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SiteUrl {
    https: bool,
    host: String,
    port: u16,
    /// Usable only because the operator allowed it.
    private: bool,
}

impl SiteUrl {
    /// Reads a site URL as copied: with or without `https://`, path and trailing slash, hosted or
    /// on-premise. Private addresses and plain http only where `private_hosts` (`host`, meaning
    /// port 443, or `host:port`) names them. The error is for the person who typed it.
    pub fn parse(text: &str, private_hosts: &[String]) -> Result<SiteUrl, String> {
        let url = parse_url(text.trim_matches(' '))?;
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            other => return Err(format!("\"{other}\" is no scheme of a ConnectWise URL; use https://")),
        };
        let Some(host) = url.host() else {
            return Err("the ConnectWise URL names no host".to_owned());
        };
        let port = url.port_or_known_default().unwrap_or(443);
        let (host, public) = match host {
            Host::Ipv4(address) => (address.to_string(), is_public(IpAddr::V4(address))),
            Host::Ipv6(address) => (format!("[{address}]"), is_public(IpAddr::V6(address))),
            Host::Domain(name) => {
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                let public = is_public_name(&name);
                (name, public)
            }
        };
        if listed(&host, port, private_hosts) {
            return Ok(SiteUrl { https, host, port, private: true });
        }
        if !public {
            return Err(NOT_ALLOWED.to_owned());
        }
        if !https {
            return Err("the ConnectWise URL must begin with https://; \
                 plain http would show the keys to the network"
                .to_owned());
        }
        if !HTTPS_PORTS.contains(&port) {
            return Err(NOT_ALLOWED.to_owned());
        }
        Ok(SiteUrl { https, host: api_host(host), port, private: false })
    }

    /// Whether `private_hosts` names it.
    pub(crate) fn is_listed(&self, private_hosts: &[String]) -> bool {
        listed(&self.host, self.port, private_hosts)
    }

    /// Whether it may be used only where the operator allowed it.
    pub(crate) fn is_private(&self) -> bool {
        self.private
    }

    /// Whether it is this machine itself: what a simulated clock may speak to.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Whether it is served over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.https
    }

    /// Host and, where it is not the scheme's own, port: how messages name it.
    pub(crate) fn host(&self) -> String {
        let usual = if self.https { 443 } else { 80 };
        if self.port == usual { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host())
    }
}

/// What a URL parser would silently swallow or repair is refused before it sees it.
fn parse_url(text: &str) -> Result<Url, String> {
    if text.is_empty() {
        return Err("the ConnectWise URL is empty".to_owned());
    }
    if text.len() > URL_CHARS_MAX {
        return Err("the ConnectWise URL is too long".to_owned());
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("the ConnectWise URL contains spaces or control characters; copy it again".to_owned());
    }
    if !text.is_ascii() {
        return Err("the ConnectWise URL contains letters that are not ASCII; a name with other letters \
             is typed in its xn-- form"
            .to_owned());
    }
    for (sign, words) in [('@', "a user name"), ('#', "a fragment"), ('\\', "a backslash")] {
        if text.contains(sign) {
            return Err(format!("the ConnectWise URL contains {words} (\"{sign}\"); leave it out"));
        }
    }
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let authority = whole.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?']).next().unwrap_or_default();
    if authority.contains('%') || authority.is_empty() {
        return Err("the ConnectWise URL names no valid host".to_owned());
    }
    Url::parse(&whole).map_err(|error| format!("the ConnectWise URL cannot be read: {error}"))
}

/// Whether a name could belong to the public internet; what it resolves to is checked on connect.
fn is_public_name(name: &str) -> bool {
    let local = |suffix: &&str| name.strip_suffix(*suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.contains('.')
        && name.split('.').all(|label| !label.is_empty())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
        && !LOCAL_SUFFIXES.iter().any(local)
}

/// People copy the name they work on; the API lives on the same name with `api-` before it.
fn api_host(host: String) -> String {
    let hosted = |suffix: &&str| {
        let label = host.strip_suffix(*suffix).and_then(|rest| rest.strip_suffix('.'));
        label.is_some_and(|label| !label.is_empty() && !label.contains('.') && !label.starts_with("api-"))
    };
    if HOSTED.iter().any(hosted) { format!("api-{host}") } else { host }
}

/// Whether the operator allowed `host:port`; an entry without a port means 443.
fn listed(host: &str, port: u16, private_hosts: &[String]) -> bool {
    private_hosts.iter().any(|entry| {
        let entry = entry.trim().to_ascii_lowercase();
        let entry = entry.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
        let (name, entry_port) = match entry.rsplit_once(':') {
            Some((name, digits)) if !name.ends_with(':') && (!name.contains(':') || name.ends_with(']')) => {
                (name, digits.parse().ok())
            }
            _ => (entry, Some(443)),
        };
        let bare = |text: &str| text.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_owned();
        entry_port == Some(port) && !name.is_empty() && bare(name) == bare(host)
    })
}

#[cfg(test)]
#[path = "site_tests.rs"]
mod tests;
