//! How the parts are. Needs no login, and says nothing that helps an attacker.

use crate::http::Site;
use crate::store::Health;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The answer of GET /health.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    #[schema(value_type = String)]
    status: &'static str,
    components: Components,
}

#[derive(Debug, Serialize, ToSchema)]
struct Components {
    #[schema(value_type = String)]
    store: &'static str,
}

/// GET /health: 200 while records can be made durable, else 503.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "health_show",
    responses(
        (status = 200, description = "Records can be made durable.", body = Report),
        (status = 503, description = "They cannot.")
    ),
    security(())
)]
pub async fn show(State(site): State<Arc<Site>>) -> (StatusCode, Json<Report>) {
    let draining = *site.draining.borrow();
    let (status, store) = match site.store.health() {
        Health::Healthy => (StatusCode::OK, "ok"),
        Health::Unhealthy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "failed"),
    };
    let word = if draining {
        "stopping"
    } else if status == StatusCode::OK {
        "ok"
    } else {
        "degraded"
    };
    (status, Json(Report { status: word, components: Components { store } }))
}
