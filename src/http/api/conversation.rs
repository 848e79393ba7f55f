//! Conversations: their turns, their risk, and what gates had to stop in them.

use super::blocking;
use crate::flow::controller::TaskView;
use crate::http::{Caller, Id, Problem, Site};
use crate::kernel::analysis::Analysis;
use crate::store::{SessionId, StoreError};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// The answer of GET /session/{id}.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversation {
    #[schema(value_type = String)]
    session_id: SessionId,
    risk_score: u8,
    /// What the turns add up to, 0 to 10: from 3.0 on results carry a warning, from 5.0 on nothing is planned. Each minute of silence
    /// takes 2.0 off.
    score: f64,
    created: i64,
    turns: Vec<Turn>,
    violations: Vec<Violation>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Turn {
    turn: u32,
    task_id: String,
    #[schema(value_type = String)]
    state: &'static str,
    warnings: Vec<String>,
    /// How it was weighed with the turns before it: `score`, `verdict` (`pass`, `warn`, `block`) and the `reasons`.
    #[schema(required, value_type = Option<Object>)]
    conversation: Option<Analysis>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Violation {
    turn: u32,
    task_id: String,
    reasons: Value,
}

/// GET /session/{id}
#[utoipa::path(
    get,
    path = "/session/{id}",
    operation_id = "conversation_show",
    params(("id" = String, Path, description = "The conversation's id.")),
    responses(
        (status = 200, description = "The conversation.", body = Conversation),
        (status = 404, description = "There is no such session.")
    )
)]
pub async fn show(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Id(id): Id<String>,
) -> Result<Json<Conversation>, Problem> {
    let (controller, by, id) = (site.controller.clone(), caller.principal().clone(), SessionId::new(id));
    let read = move || -> Result<Option<Conversation>, StoreError> {
        let Some((row, tasks)) = controller.session(&by, &id)? else { return Ok(None) };
        let views = tasks.iter().filter_map(|task| controller.task(&by, &task.id).transpose());
        let views: Vec<TaskView> = views.collect::<Result<_, _>>()?;
        Ok(Some(Conversation {
            session_id: row.id,
            risk_score: row.risk,
            score: controller.conversation_score(&id)?,
            created: row.created,
            violations: views.iter().filter_map(violation).collect(),
            turns: views.into_iter().map(turn).collect(),
        }))
    };
    let found = blocking(read).await??;
    found.map(Json).ok_or_else(|| Problem::not_found("there is no such session"))
}

fn turn(view: TaskView) -> Turn {
    let task_id = view.report.task_id.to_string();
    let report = view.report;
    Turn {
        turn: view.turn,
        task_id,
        state: report.state,
        warnings: report.warnings,
        conversation: report.conversation,
    }
}

fn violation(view: &TaskView) -> Option<Violation> {
    let refused = view.report.state == "refused";
    let (task_id, reasons) = (view.report.task_id.to_string(), view.report.error.clone());
    refused.then_some(Violation { turn: view.turn, task_id, reasons })
}
