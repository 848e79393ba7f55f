//! What policy would say about a path or a command, asked beforehand.

use crate::http::{Caller, Problem, Query, Site, openapi};
use crate::policy::{CommandVerdict, Engine, Operation, PathVerdict};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Longest path or command that is judged, in bytes.
const MAX_BYTES: usize = 4_096;

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
    judged(&site, "path", &query.path, |policy, path, level| {
        policy.validate_path(path, query.operation, level)
    })
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
    judged(&site, "command", &query.command, Engine::validate_command)
}

/// Judges where it stands: that takes some 30 us, less than handing it to another thread.
fn judged<T>(
    site: &Site,
    name: &str,
    text: &str,
    judge: impl FnOnce(&Engine, &str, u8) -> T,
) -> Result<Json<T>, Problem> {
    if text.is_empty() || text.len() > MAX_BYTES {
        let detail = format!("`{name}` must have 1 to {MAX_BYTES} bytes");
        return Err(Problem::bad_request("length", detail));
    }
    Ok(Json(judge(&site.policy, text, site.controller.parts().trust_level)))
}
