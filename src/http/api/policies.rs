//! The policies that are loaded, and what they would say.

use super::blocking;
use crate::flow::what_if::{self, Judged, Supposed, WhatIfFailure};
use crate::http::{Body, Caller, Problem, Site, openapi};
use crate::kernel::id::{CallNo, RunId};
use crate::kernel::port::Policy as _;
use crate::policy::table;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// The answer of GET /api/policies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Loaded {
    version: String,
    policies: Vec<Policy>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Policy {
    id: String,
    file: String,
    line: usize,
    reason: String,
    /// `allows`, `asks` (it forbids, and an approval lifts that), `forbids`, or `screens` (it says what is done about what
    /// scanners find).
    #[schema(value_type = String)]
    does: &'static str,
    /// As it is written.
    text: String,
}

/// The body of POST /api/policies/test: a past task, or rows of a decision table as `sentinel policy test` takes them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    task_id: Option<String>,
    table: Option<String>,
    /// With `task_id`: another trust level, 0 to 4.
    #[schema(minimum = 0, maximum = 4)]
    trust_level: Option<u8>,
    /// With `task_id`: own values for arguments, by the step's number and then by the argument's name. They count as the
    /// caller's own words.
    #[serde(default)]
    #[schema(value_type = Object)]
    edits: BTreeMap<u32, Map<String, Value>>,
}

/// The answer of POST /api/policies/test.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Said {
    /// Of a past task: each call, then and now.
    Task {
        /// The calls.
        #[schema(value_type = Vec<openapi::Judged>)]
        calls: Vec<Judged>,
    },
    /// Of a table.
    Table {
        /// The rows.
        rows: Vec<Row>,
    },
}

/// One row and whether it holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Row {
    name: String,
    expected: String,
    got: String,
    holds: bool,
}

/// GET /api/policies
#[utoipa::path(
    get,
    path = "/api/policies",
    operation_id = "policies_show",
    responses(
        (status = 200, description = "What is loaded.", body = Loaded)
    )
)]
pub async fn show(State(site): State<Arc<Site>>, _caller: Caller) -> Json<Loaded> {
    let engine = site.policy.now();
    let policies = engine.policies().iter().map(|policy| Policy {
        id: policy.id.to_string(),
        file: policy.file.to_string(),
        line: policy.line,
        reason: policy.reason.clone(),
        does: policy.role.as_str(),
        text: policy.text.clone(),
    });
    let warnings = engine.warnings().iter().map(ToString::to_string).collect();
    Json(Loaded { version: engine.version().to_string(), policies: policies.collect(), warnings })
}

/// POST /api/policies/test
#[utoipa::path(
    post,
    path = "/api/policies/test",
    operation_id = "policies_test",
    request_body = Question,
    responses(
        (status = 200, description = "What policy would say today.", body = Said),
        (status = 404, description = "There is no such task.")
    )
)]
pub async fn test(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Body(question): Body<Question>,
) -> Result<Json<Said>, Problem> {
    let edits = question.edits.into_iter().map(|(step, args)| (CallNo(step), args)).collect();
    let supposed = Supposed { trust_level: question.trust_level, edits };
    match (question.task_id, question.table) {
        (Some(id), None) => of_task(site, caller, RunId::new(id), supposed).await,
        (None, Some(_)) if supposed != Supposed::default() => {
            let detail = "`trust_level` and `edits` go with `task_id`: a row of a table says its own";
            Err(Problem::bad_request("question", detail))
        }
        (None, Some(text)) => blocking(move || of_table(&site, &text)).await?,
        _ => Err(Problem::bad_request("question", "give `task_id` or `table`, one of them")),
    }
}

async fn of_task(
    site: Arc<Site>,
    caller: Caller,
    id: RunId,
    supposed: Supposed,
) -> Result<Json<Said>, Problem> {
    let judged = blocking(move || {
        let parts = site.controller.parts();
        let owned = site.controller.owns(caller.principal(), &id)?;
        let (store, policy, level) = (&parts.store, site.policy.now(), parts.trust_level);
        let judge = |_| what_if::judge(store, &*policy, &parts.catalogue, &id, level, &supposed);
        owned.map(judge).transpose()
    });
    let calls = judged.await?.map_err(|failure: WhatIfFailure| Problem::from(failure))?;
    let calls = calls.ok_or_else(|| Problem::not_found("there is no such task"))?;
    Ok(Json(Said::Task { calls }))
}

impl From<WhatIfFailure> for Problem {
    fn from(failure: WhatIfFailure) -> Self {
        match failure {
            WhatIfFailure::Supposed(why) => Self::bad_request("supposed", why.to_string()),
            WhatIfFailure::Store(e) => e.into(),
            WhatIfFailure::Policy(_) | WhatIfFailure::Missing(_) => {
                tracing::error!(error = %failure, "policy cannot say what it would say");
                Self::internal()
            }
        }
    }
}

fn of_table(site: &Site, text: &str) -> Result<Json<Said>, Problem> {
    let rows =
        table::run(text, &site.policy.now()).map_err(|e| Problem::bad_request("table", e.to_string()))?;
    let row = |row: table::RowResult| Row {
        holds: row.holds(),
        name: row.name.to_string(),
        expected: row.expected.to_string(),
        got: row.got.to_string(),
    };
    Ok(Json(Said::Table { rows: rows.into_iter().map(row).collect() }))
}
