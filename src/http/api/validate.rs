//! What policy would say about a path or a command, asked beforehand.

use super::blocking;
use crate::http::{Caller, Problem, Query, Site, openapi};
use crate::policy::{CommandVerdict, Engine, Operation, PathVerdict};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Longest path or command that is judged, in bytes.
const MAX_BYTES: usize = 4_096;
/// Longest that is judged on the threads that answer, in bytes.
const SHORT_BYTES: usize = 256;

/// Which path, and what would be done with it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PathQuery {
    /// 1 to 4,096 bytes.
    #[param(min_length = 1)]
    path: String,
    #[serde(default = "read")]
    #[param(inline, required = false, value_type = openapi::Operation)]
    operation: Operation,
}

fn read() -> Operation {
    Operation::Read
}

/// Which command.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CommandQuery {
    /// 1 to 4,096 bytes.
    #[param(min_length = 1)]
    command: String,
}

/// GET /validate/path
#[utoipa::path(
    get,
    path = "/validate/path",
    operation_id = "validate_path",
    params(PathQuery),
    responses(
        (status = 200, description = "What policy says.", body = openapi::PathVerdict)
    )
)]
pub async fn path(
    State(site): State<Arc<Site>>,
    _caller: Caller,
    Query(query): Query<PathQuery>,
) -> Result<Json<PathVerdict>, Problem> {
    let judge = move |policy: &Engine, path: &str, level| policy.validate_path(path, query.operation, level);
    judged(&site, "path", query.path, judge).await
}

/// GET /validate/command
#[utoipa::path(
    get,
    path = "/validate/command",
    operation_id = "validate_command",
    params(CommandQuery),
    responses(
        (status = 200, description = "What policy says.", body = openapi::CommandVerdict)
    )
)]
pub async fn command(
    State(site): State<Arc<Site>>,
    _caller: Caller,
    Query(query): Query<CommandQuery>,
) -> Result<Json<CommandVerdict>, Problem> {
    judged(&site, "command", query.command, Engine::validate_command).await
}

/// Judges a short text where it stands: that takes some 30 us, less than handing it to another thread. The longest
/// command takes some 10 ms.
async fn judged<T: Send + 'static>(
    site: &Site,
    name: &str,
    text: String,
    judge: impl FnOnce(&Engine, &str, u8) -> T + Send + 'static,
) -> Result<Json<T>, Problem> {
    if text.is_empty() || text.len() > MAX_BYTES {
        let detail = format!("`{name}` must have 1 to {MAX_BYTES} bytes");
        return Err(Problem::bad_request("length", detail));
    }
    let (policy, level) = (site.policy.now(), site.controller.parts().trust_level);
    if text.len() <= SHORT_BYTES {
        return Ok(Json(judge(&policy, &text, level)));
    }
    Ok(Json(blocking(move || judge(&policy, &text, level)).await?))
}
