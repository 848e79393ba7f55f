//! Who is calling: what a handler takes to know a principal.

use super::{Address, Auth};
use crate::http::{Problem, Site};
use crate::kernel::principal::Principal;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::net::IpAddr;
use std::sync::Arc;

/// An authenticated caller. Made by [`Auth`] only; a handler that takes one is called by nobody else, and within the
/// rate of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    principal: Principal,
    session: Option<Arc<str>>,
    address: Address,
}

impl Caller {
    pub(super) fn new(principal: Principal, session: Option<Arc<str>>, address: Address) -> Self {
        Self { principal, session, address }
    }

    /// Who.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The public name of the session, where there is one.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// From where.
    pub fn address(&self) -> Address {
        self.address
    }
}

impl FromRequestParts<Arc<Site>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let from = Address::from_request_parts(parts, site).await?;
        let caller = site.auth.authenticate(&parts.headers, from).await?;
        site.rates.request(caller.principal())?;
        Ok(caller)
    }
}

impl Auth {
    /// The client behind a peer, as far as proxies are trusted.
    pub fn address(&self, peer: IpAddr, headers: &HeaderMap) -> Address {
        Address::of(peer, headers, &self.proxies)
    }
}
