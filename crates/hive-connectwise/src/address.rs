//! Which addresses a tenant may make this process connect to.
//!
//! A tenant types the site URL, so it must never reach the operator's own network: checked when
//! the URL is read, and again on every connect, on the very addresses that are connected to.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Whether an address belongs to the public internet. Anything reserved, private, local or
/// translated (an IPv4 address inside an IPv6 one) is not.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    // Azure's wire server answers on a public-looking address.
    if address == Ipv4Addr::new(168, 63, 129, 16) {
        return false;
    }
    match address.octets() {
        [0 | 10 | 127, ..] | [224..=255, ..] => false,
        [100, second, ..] => !(64..=127).contains(&second),
        [169, 254, ..] | [192, 168, ..] | [198, 18 | 19, ..] => false,
        [172, second, ..] => !(16..=31).contains(&second),
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => false,
        _ => true,
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Teredo, ORCHID, benchmarking and documentation.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] => false,
        // 6to4 carries an IPv4 address.
        [0x2002, ..] => false,
        [0x3fff, second, ..] => second > 0x0fff,
        // Global unicast; whatever lies outside is mapped, translated, local or multicast.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

/// What the resolver says of a name it does not connect to: the same words whatever the address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is not public")
    }
}

impl std::error::Error for NotPublic {}

/// Resolves names and hands out only addresses that may be connected to.
pub(crate) struct Resolver {
    /// The operator allowed the one host this client talks to.
    pub(crate) private_allowed: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private_allowed = self.private_allowed;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            // One private address among public ones is a rebinding attempt: none is used.
            if !private_allowed && found.iter().any(|address| !is_public(address.ip())) {
                return Err(NotPublic.into());
            }
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}
