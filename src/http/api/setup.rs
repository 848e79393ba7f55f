//! The first PIN, set with the one-time code that the first start printed.

use crate::http::auth::Address;
use crate::http::{Body, Problem, Site};
use axum::extract::State;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The body of POST /api/setup.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    #[schema(value_type = String, format = Password)]
    code: SecretString,
    #[schema(value_type = String, format = Password)]
    pin: SecretString,
}

/// POST /api/setup: 204 when the PIN is set.
#[utoipa::path(
    post,
    path = "/api/setup",
    operation_id = "setup_set_up",
    request_body = Setup,
    responses(
        (status = 204, description = "The PIN is set."),
        (status = 401, description = "It is wrong."),
        (status = 409, description = "A PIN is set: setup is over."),
        (status = 429, description = "Too many wrong ones: `Retry-After` says when again."),
        (status = 503, description = "Too many logins at once.")
    ),
    security(())
)]
pub async fn set_up(
    State(site): State<Arc<Site>>,
    from: Address,
    Body(setup): Body<Setup>,
) -> Result<StatusCode, Problem> {
    site.auth.set_up(from, setup.code, setup.pin).await?;
    Ok(StatusCode::NO_CONTENT)
}
