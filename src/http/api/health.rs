//! How the parts are. Needs no login, and says nothing that helps an attacker: states of a closed list and counts, no
//! names of models, no paths, no versions of software. Asks nobody but a store that failed: it tells what is known.

mod probe;

pub use probe::Probe;

use crate::flow::controller::{Drafting, ModelState};
use crate::http::error::AsItIs;
use crate::http::{Phase, Site};
use crate::kernel::port::Policy as _;
use crate::kernel::port::Scanners as _;
use crate::store::Health;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

#[cfg(test)]
mod tests;

/// Digits of the policy's version that are told: enough to see that two servers differ.
const VERSION_DIGITS: usize = 12;

/// The answer of GET /health.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct Report {
    #[schema(value_type = String)]
    status: &'static str,
    /// Which parts do not work as they should.
    #[schema(value_type = Vec<String>)]
    degraded: Vec<&'static str>,
    components: Components,
    policy_version: String,
    trust_level: u8,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct Components {
    #[schema(value_type = String)]
    store: &'static str,
    #[schema(value_type = String)]
    worker: &'static str,
    #[schema(value_type = String)]
    planner: &'static str,
    /// How the planner's model stood when it was last asked for a plan.
    #[schema(value_type = String)]
    planner_state: &'static str,
    scanners: usize,
}

/// What is known of the parts.
#[derive(Debug, Clone)]
struct Known {
    stopping: bool,
    store: Health,
    worker: ModelState,
    planner: Drafting,
    drafts: ModelState,
    scanners: usize,
    policy_version: String,
    /// The policies' files were faulty when they were last read: older ones are in force.
    policies_outdated: bool,
    trust_level: u8,
}

/// GET /health: 200 while records can be made durable, else 503.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "health_show",
    responses(
        (status = 200, description = "Records can be made durable.", body = Report),
        (status = 503, description = "They cannot.", body = Report)
    ),
    security(())
)]
pub async fn show(State(site): State<Arc<Site>>) -> (StatusCode, Extension<AsItIs>, Json<Report>) {
    let store = site.probe.health(&site.store).await;
    let parts = site.controller.parts();
    let version = site.policy.now().version().to_string();
    let (status, report) = report(Known {
        stopping: *site.phase.borrow() != Phase::Open,
        store,
        worker: site.controller.worker_state(),
        planner: parts.planners.drafting(),
        drafts: site.controller.planner_state(),
        scanners: parts.scanners.names().len(),
        policies_outdated: site.policy.is_outdated(),
        policy_version: version.chars().take(VERSION_DIGITS).collect(),
        trust_level: parts.trust_level,
    });
    // Whoever asks wants to know what failed, and not that something did.
    (status, Extension(AsItIs), Json(report))
}

fn report(known: Known) -> (StatusCode, Report) {
    let mut degraded = Vec::new();
    let store = match known.store {
        Health::Healthy => "ok",
        Health::Unhealthy { .. } => {
            degraded.push("store");
            "failed"
        }
    };
    let worker = word(known.worker);
    if known.worker == ModelState::Fails {
        degraded.push("worker");
    }
    let (planner, planner_state) = match known.planner {
        Drafting::Model => ("model", word(known.drafts)),
        Drafting::Nobody => ("none", "none"),
    };
    if planner_state == word(ModelState::Fails) {
        degraded.push("planner");
    }
    if known.scanners == 0 {
        // Without scanners the gates refuse everything.
        degraded.push("scanners");
    }
    if known.policies_outdated {
        degraded.push("policies");
    }
    // Only without a journal is there nothing that this server can do.
    let code = if store == "ok" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let status = match (known.stopping, degraded.is_empty()) {
        (true, _) => "stopping",
        (false, true) => "ok",
        (false, false) => "degraded",
    };
    let components = Components { store, worker, planner, planner_state, scanners: known.scanners };
    let Known { policy_version, trust_level, .. } = known;
    (code, Report { status, degraded, components, policy_version, trust_level })
}

fn word(state: ModelState) -> &'static str {
    match state {
        ModelState::Unknown => "unknown",
        ModelState::Answers => "ok",
        ModelState::Fails => "failed",
    }
}
