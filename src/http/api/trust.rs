//! The trust level, and what the next one asks for.

use super::blocking;
use crate::flow::controller::LevelProgress;
use crate::http::{Caller, Problem, Site, openapi};
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

/// GET /api/trust
#[utoipa::path(
    get,
    path = "/api/trust",
    operation_id = "trust_show",
    responses(
        (status = 200, description = "The trust level and its evidence.", body = openapi::Trust)
    )
)]
pub async fn show(State(site): State<Arc<Site>>, _caller: Caller) -> Result<Json<LevelProgress>, Problem> {
    let controller = site.controller.clone();
    Ok(Json(blocking(move || controller.level()).await??))
}
