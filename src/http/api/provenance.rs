//! Where a value comes from: its label, what scanners found in it, and the chain back to its roots.

use super::blocking;
use crate::http::{Caller, Problem, Site};
use crate::kernel::id::RunId;
use crate::kernel::label::Label;
use crate::kernel::port::Finding;
use crate::store::{DatumId, DatumRow, TrustLevel};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use std::sync::Arc;

/// The answer of GET /api/provenance/{data_id}: the value first, then what it was made from, the nearest first.
#[derive(Debug, Serialize)]
pub struct Chain {
    chain: Vec<Link>,
    unknown: Vec<DatumId>,
}

#[derive(Debug, Serialize)]
struct Link {
    data_id: DatumId,
    task_id: RunId,
    part: Arc<str>,
    step: Option<u32>,
    trust_level: TrustLevel,
    source: String,
    label: Label,
    scan_results: Vec<Finding>,
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
pub async fn show(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Path(id): Path<u64>,
) -> Result<Json<Chain>, Problem> {
    let (controller, by) = (site.controller.clone(), caller.principal().clone());
    let found = blocking(move || controller.provenance(&by, DatumId(id))).await??;
    let found = found.ok_or_else(|| Problem::not_found("there is no such value"))?;
    Ok(Json(Chain { chain: found.rows.into_iter().map(Link::from).collect(), unknown: found.unknown }))
}
