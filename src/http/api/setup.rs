//! The first PIN, set with the one-time code that the first start printed.

use crate::http::auth::Address;
use crate::http::{Body, Problem, Site};
use axum::extract::State;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use std::sync::Arc;

/// The body of POST /api/setup.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    code: SecretString,
    pin: SecretString,
}

/// POST /api/setup: 204 when the PIN is set.
pub async fn set_up(
    State(site): State<Arc<Site>>,
    from: Address,
    Body(setup): Body<Setup>,
) -> Result<StatusCode, Problem> {
    site.auth.set_up(from, setup.code, setup.pin).await?;
    Ok(StatusCode::NO_CONTENT)
}
