//! What policy would say about a path or a command, asked beforehand.

use super::blocking;
use crate::http::{Caller, Problem, Site, openapi};
use crate::policy::{CommandVerdict, Operation, PathVerdict};
use axum::Json;
use axum::extract::{Query, State};
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
    let path = bounded("path", query.path)?;
    let level = site.controller.parts().trust_level;
    let policy = site.policy.now();
    Ok(Json(blocking(move || policy.validate_path(&path, query.operation, level)).await?))
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
    let command = bounded("command", query.command)?;
    let level = site.controller.parts().trust_level;
    let policy = site.policy.now();
    Ok(Json(blocking(move || policy.validate_command(&command, level)).await?))
}

fn bounded(name: &str, text: String) -> Result<String, Problem> {
    if text.is_empty() || text.len() > MAX_BYTES {
        let detail = format!("`{name}` must have 1 to {MAX_BYTES} bytes");
        return Err(Problem::bad_request("length", detail));
    }
    Ok(text)
}
