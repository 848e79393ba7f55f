//! Where a request came from.

use crate::http::{Ends, Problem, Site};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv6Net};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

#[cfg(test)]
mod tests;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What one household or attacker has of IPv6.
const V6_PREFIX: u8 = 64;

/// Where a request came from; an IPv4 address is one whichever way it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl Address {
    /// The address of the peer.
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// The client of a request: the peer, or, when that is one of `proxies`, the last address in `X-Forwarded-For`
    /// that is none of them. What stands further left was written by whoever it names.
    pub fn of(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> Self {
        let peer = Self::new(peer);
        let ours = |address: &Self| proxies.iter().any(|net| net.contains(&address.0));
        if !ours(&peer) {
            return peer;
        }
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let named = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
        let mut client = peer;
        for text in named {
            // What cannot be read ends the chain that is believed.
            let Ok(address) = text.trim().parse().map(Self::new) else { return client };
            client = address;
            if !ours(&client) {
                return client;
            }
        }
        client
    }

    /// What shares one count, of wrong PINs or of connections: an IPv4 address, or 64 bits of an IPv6 one.
    pub(in crate::http) fn bucket(self) -> String {
        match self.0 {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => {
                Ipv6Net::new(v6, V6_PREFIX).map_or_else(|_| v6.to_string(), |n| n.trunc().to_string())
            }
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromRequestParts<Arc<Site>> for Address {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let ends = parts.extensions.get::<Ends>().ok_or_else(Problem::internal)?;
        Ok(site.auth.address(ends.peer.ip(), &parts.headers))
    }
}
