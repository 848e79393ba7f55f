//! Which hosts we answer as, and which pages may give orders.
//!
//! A page of a stranger can make a browser send requests here, with the cookie if `SameSite` fails; and a stranger's
//! name can be made to point here (DNS rebinding). So the host must be one of ours for all but `/health`, and a
//! request that changes something must come from one of our pages, or from a program that is no browser.

use super::auth::session::COOKIE;
use super::auth::{PIN_HEADER, cookie};
use super::{Ends, Problem, Site};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

#[cfg(test)]
mod tests;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// What anybody may ask under any name: a health check knows only an address.
const FOR_ANY_HOST: &str = "/health";

/// The allow-list: what is configured, and this machine's own names at the port that was connected to.
#[derive(Debug, Clone)]
pub struct Origins {
    /// Lower case, `https://host` or `https://host:port`.
    allowed: Vec<String>,
}

/// A request that wants to change something may.
#[derive(Debug)]
#[must_use]
pub struct Sound(());

/// Who wants to open a WebSocket.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Upgrade {
    /// One of our pages: its session cookie counts.
    Page,
    /// No browser: it must send a PIN.
    Program,
}

impl Origins {
    /// An allow-list of origins as the configuration has them.
    pub fn new(allowed: Vec<String>) -> Self {
        Self { allowed }
    }

    /// The origin that `host` (the header's value, a port behind it or not) is one of our hosts of, at whatever port.
    pub(super) fn of_host(&self, host: &str, port: u16) -> Option<String> {
        let name = without_port(host).to_ascii_lowercase();
        self.all(port).find(|origin| without_port(authority(origin)) == name)
    }

    fn all(&self, port: u16) -> impl Iterator<Item = String> {
        let colon = if port == 443 { String::new() } else { format!(":{port}") };
        let own = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("https://{host}{colon}"));
        self.allowed.clone().into_iter().chain(own)
    }

    /// The host must be one of ours.
    ///
    /// # Errors
    /// 403 when it is not, or not given exactly once.
    pub fn judge_host(&self, headers: &HeaderMap, port: u16) -> Result<(), Problem> {
        let host = only(headers, &header::HOST).map(|host| host.to_ascii_lowercase());
        let host = host.as_deref().map(|host| host.strip_suffix(":443").unwrap_or(host));
        match host.filter(|host| self.all(port).any(|origin| authority(&origin) == *host)) {
            Some(_) => Ok(()),
            None => {
                let detail = "this server does not answer under that host name; add it to `allowed_origins`";
                Err(Problem::forbidden("host-not-allowed", detail))
            }
        }
    }

    /// A request that changes something: from one of our pages, or from a program that carries no cookie.
    ///
    /// # Errors
    /// 403 for anything that a stranger's page could have sent.
    pub fn judge_change(&self, headers: &HeaderMap, port: u16) -> Result<Sound, Problem> {
        self.judge_host(headers, port)?;
        let cross = || Problem::forbidden("cross-site", "another site's page may not give orders here");
        let site = only(headers, &SEC_FETCH_SITE);
        if headers.contains_key(SEC_FETCH_SITE) && !matches!(site, Some("same-origin" | "none")) {
            return Err(cross());
        }
        if headers.contains_key(header::ORIGIN) {
            return match only(headers, &header::ORIGIN).filter(|origin| self.has(origin, port)) {
                Some(_) => Ok(Sound(())),
                None => {
                    let detail = "this page's origin is not one of `allowed_origins`";
                    Err(Problem::forbidden("origin-not-allowed", detail))
                }
            };
        }
        let by_cookie = cookie(headers, COOKIE).is_some() && !headers.contains_key(&PIN_HEADER);
        if by_cookie && site != Some("same-origin") {
            let detail = "with the session's cookie, say which page gives the order: add the header `Origin` with this \
                          server's own address, or send `X-Sentinel-Pin` in place of the cookie";
            return Err(Problem::forbidden("origin-missing", detail));
        }
        Ok(Sound(()))
    }

    /// A WebSocket upgrade. Browsers always send an origin with one.
    ///
    /// # Errors
    /// As [`Origins::judge_change`].
    pub fn judge_upgrade(&self, headers: &HeaderMap, port: u16) -> Result<Upgrade, Problem> {
        let without_cookies: HeaderMap = headers
            .iter()
            .filter(|(name, _)| **name != header::COOKIE)
            .map(|(name, value)| (name.clone(), value.clone()))
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            });
        let Sound(()) = self.judge_change(&without_cookies, port)?;
        Ok(if headers.contains_key(header::ORIGIN) { Upgrade::Page } else { Upgrade::Program })
    }

    fn has(&self, origin: &str, port: u16) -> bool {
        let origin = origin.to_ascii_lowercase();
        let origin = origin.strip_suffix(":443").unwrap_or(&origin);
        self.all(port).any(|ours| ours == origin)
    }
}

/// Holds the rules for every route.
pub async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Result<Response, Problem> {
    let port =
        request.extensions().get::<Ends>().map(|ends| ends.local.port()).ok_or_else(Problem::internal)?;
    // `GET https://somewhere/path`: whom it names must be whom the header names.
    let named = request.uri().authority().map(|authority| authority.as_str());
    if named.is_some() && named != only(request.headers(), &header::HOST) {
        return Err(Problem::forbidden(
            "host-not-allowed",
            "the address names another host than the header Host",
        ));
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match reads {
        true if request.uri().path() == FOR_ANY_HOST => {}
        true => site.origins.judge_host(request.headers(), port)?,
        false => {
            let Sound(()) = site.origins.judge_change(request.headers(), port)?;
        }
    }
    Ok(next.run(request).await)
}

fn authority(origin: &str) -> &str {
    origin.strip_prefix("https://").unwrap_or(origin)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// A header that is there exactly once, as text.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
