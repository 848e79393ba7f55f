//! Where a value comes from: its label, what scanners found in it, and the chain back to its roots.

use super::blocking;
use crate::http::{Caller, Id, Problem, Site, openapi};
use crate::kernel::id::RunId;
use crate::kernel::label::Label;
use crate::kernel::port::Finding;
use crate::store::{DatumId, DatumRow, TrustLevel};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The answer of GET /api/provenance/{data_id}: the value first, then what it was made from, the nearest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Chain {
    chain: Vec<Link>,
    #[schema(value_type = Vec<u64>)]
    unknown: Vec<DatumId>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Link {
    #[schema(value_type = u64)]
    data_id: DatumId,
    #[schema(value_type = String)]
    task_id: RunId,
    #[schema(value_type = String)]
    part: Arc<str>,
    #[schema(required)]
    step: Option<u32>,
    #[schema(value_type = openapi::TrustLevel)]
    trust_level: TrustLevel,
    source: String,
    #[schema(value_type = Object)]
    label: Label,
    #[schema(value_type = Vec<Object>)]
    scan_results: Vec<Finding>,
    #[schema(value_type = Vec<u64>)]
    derived_from: Vec<DatumId>,
    digest: String,
    erased: bool,
}

impl From<DatumRow> for Link {
    fn from(row: DatumRow) -> Self {
        Self {
            data_id: row.id,
            task_id: row.run,
            part: row.part,
            step: row.call.map(|call| call.0),
            trust_level: row.trust_level,
            source: row.source,
            label: row.label,
            scan_results: row.scan_results,
            derived_from: row.derived_from,
            digest: row.digest.to_string(),
            erased: row.value.is_none(),
        }
    }
}

/// GET /api/provenance/{data_id}
#[utoipa::path(
    get,
    path = "/api/provenance/{data_id}",
    operation_id = "provenance_show",
    params(("data_id" = u64, Path, description = "The value's number.")),
    responses(
        (status = 200, description = "The value first, then what it was made from.", body = Chain),
        (status = 404, description = "There is no such value.")
    )
)]
pub async fn show(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Id(id): Id<u64>,
) -> Result<Json<Chain>, Problem> {
    let (controller, by) = (site.controller.clone(), caller.principal().clone());
    let found = blocking(move || controller.provenance(&by, DatumId(id))).await??;
    let found = found.ok_or_else(|| Problem::not_found("there is no such value"))?;
    Ok(Json(Chain { chain: found.rows.into_iter().map(Link::from).collect(), unknown: found.unknown }))
}
