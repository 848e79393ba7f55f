//! How the parts are. Needs no login, and says nothing that helps an attacker.

use crate::http::Site;
use crate::store::Health;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use std::sync::Arc;

/// The answer of GET /health.
#[derive(Debug, Serialize)]
pub struct Report {
    status: &'static str,
    components: Components,
}

#[derive(Debug, Serialize)]
struct Components {
    store: &'static str,
}

/// GET /health: 200 while records can be made durable, else 503.
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
