//! Whether new work is taken.

use super::{Phase, Problem, Site};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::sync::Arc;

/// The server is not going down. A handler that begins a task takes this as an argument.
#[derive(Debug)]
#[must_use]
pub struct Accepting(());

impl Accepting {
    /// Asks now, for what does not come as a request of its own, such as a message of a WebSocket.
    ///
    /// # Errors
    /// 503 while the server goes down.
    pub fn judge(site: &Site) -> Result<Self, Problem> {
        match *site.phase.borrow() {
            Phase::Open => Ok(Self(())),
            Phase::Draining | Phase::Closing(_) => {
                let detail = "this server is going down and takes no new tasks";
                Err(Problem::unavailable("draining", detail, site.settings.limits.drain))
            }
        }
    }
}

impl FromRequestParts<Arc<Site>> for Accepting {
    type Rejection = Problem;

    async fn from_request_parts(_parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        Self::judge(site)
    }
}
