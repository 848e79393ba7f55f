//! Conversations: their turns, their risk, and what gates had to stop in them.

use super::{blocking, page};
use crate::flow::controller::{SessionLine, TaskView};
use crate::http::{Caller, Id, Problem, Query, Site, openapi};
use crate::kernel::analysis::Analysis;
use crate::store::{SessionId, StoreError};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

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

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Those begun before this one: `next` of the page before.
    before: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: Option<page::Limit>,
}

/// The answer of GET /sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversations {
    #[schema(value_type = Vec<openapi::SessionLine>)]
    sessions: Vec<SessionLine>,
    /// The `before` of the page that follows; none where this is the last.
    #[schema(required)]
    next: Option<String>,
}

/// GET /sessions, the latest first.
#[utoipa::path(
    get,
    path = "/sessions",
    operation_id = "conversation_list",
    params(Which),
    responses(
        (status = 200, description = "The latest first.", body = Conversations)
    )
)]
pub async fn list(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Conversations>, Problem> {
    let limit = page::limit(which.limit);
    let before = which.before.map(SessionId::new);
    let (controller, by) = (site.controller.clone(), caller.principal().clone());
    let rows = blocking(move || -> Result<_, Problem> {
        if let Some(before) = &before {
            page::known(site.store.session(before)?.filter(|row| row.principal == by))?;
        }
        Ok(controller.sessions(&by, before.as_ref(), page::ask(limit))?)
    });
    let (sessions, more) = page::cut(rows.await??, limit);
    let next = sessions.last().filter(|_| more).map(|session| session.session_id.to_string());
    Ok(Json(Conversations { sessions, next }))
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
