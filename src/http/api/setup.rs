//! The first PIN, set with the one-time code that the first start printed.

use crate::http::auth::{Address, PinAsked};
use crate::http::{Body, Problem, Site};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
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

/// What whoever is nobody yet has to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Needed {
    /// `set_up` with the one-time code, `log_in` with the PIN, or `nothing`: this machine is let in.
    #[schema(value_type = String)]
    needed: &'static str,
}

/// GET /api/setup
#[utoipa::path(
    get,
    path = "/api/setup",
    operation_id = "setup_show",
    responses((status = 200, description = "What has to be done first.", body = Needed)),
    security(())
)]
pub async fn show(State(site): State<Arc<Site>>) -> Json<Needed> {
    let needed = match site.auth.pin() {
        PinAsked::None => "nothing",
        PinAsked::Unset => "set_up",
        PinAsked::Always => "log_in",
    };
    Json(Needed { needed })
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
