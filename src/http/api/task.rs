//! Tasks: give one, see how it stands, stop it.

use super::blocking;
use crate::flow::controller::{SubmitFailure, TaskView, Wish};
use crate::http::openapi::{ApprovalMode as ShownMode, Task};
use crate::http::phase::closing;
use crate::http::{Accepting, Body, Caller, Problem, Query, Site};
use crate::kernel::id::RunId;
use crate::kernel::port::ApprovalMode;
use crate::planner::playbook::PlaybookFailure;
use crate::store::{SessionId, StopAsked, TaskRow};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// Longest that a request waits for its task, in seconds: below what proxies allow.
const MAX_WAIT_SECONDS: u64 = 60;
/// Longest Idempotency-Key, in characters.
const MAX_KEY_CHARS: usize = 255;

/// The body of POST /task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    request: String,
    session_id: Option<String>,
    #[serde(default)]
    source: Channel,
    plan: Option<String>,
    playbook: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    params: IndexMap<String, Value>,
    #[schema(value_type = Option<ShownMode>)]
    approval_mode: Option<ApprovalMode>,
}

/// Through which face the caller speaks.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The page.
    Web,
    /// A program.
    #[default]
    Api,
}

impl Channel {
    fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
        }
    }
}

/// How long to wait before answering.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Waiting {
    #[serde(default)]
    wait: u64,
}

/// The answer while a task is not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct Given {
    #[schema(value_type = String)]
    task_id: RunId,
    #[schema(value_type = String)]
    session_id: SessionId,
    turn: u32,
    #[schema(value_type = String)]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    approval_id: Option<String>,
    links: Links,
}

#[derive(Debug, Serialize, ToSchema)]
struct Links {
    task: String,
    events: String,
}

/// POST /task: 200 with the result when it is there in time, else 202 with where to look.
#[utoipa::path(
    post,
    path = "/task",
    operation_id = "task_give",
    params(
        Waiting,
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same task.", min_length = 1, max_length = 255)
    ),
    request_body = NewTask,
    responses(
        (status = 200, description = "The task is over.", body = Task),
        (status = 202, description = "Where to look for it.", body = Given),
        (status = 404, description = "There is no such session."),
        (status = 409, description = "The Idempotency-Key belongs to another task.")
    )
)]
pub async fn give(
    State(site): State<Arc<Site>>,
    _open: Accepting,
    caller: Caller,
    Query(waiting): Query<Waiting>,
    headers: HeaderMap,
    Body(new): Body<NewTask>,
) -> Result<Response, Problem> {
    site.rates.task(caller.principal())?;
    let wish = wish(new, &caller, &headers)?;
    let controller = site.controller.clone();
    let row = blocking(move || controller.submit(wish)).await??;
    let view = awaited(&site, &caller, &row.id, waiting.wait).await?;
    Ok(answer(&row, view))
}

/// GET /task/{id}
#[utoipa::path(
    get,
    path = "/task/{id}",
    operation_id = "task_show",
    params(("id" = String, Path, description = "The task's id."), Waiting),
    responses(
        (status = 200, description = "The task as it stands.", body = Task),
        (status = 404, description = "There is no such task.")
    )
)]
pub async fn show(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(waiting): Query<Waiting>,
) -> Result<Json<TaskView>, Problem> {
    let id = RunId::new(id);
    let view = awaited(&site, &caller, &id, waiting.wait).await?;
    view.map(Json).ok_or_else(|| Problem::not_found("there is no such task"))
}

/// DELETE /task/{id}: no further call starts. 202 while it comes to rest.
#[utoipa::path(
    delete,
    path = "/task/{id}",
    operation_id = "task_stop",
    params(("id" = String, Path, description = "The task's id.")),
    responses(
        (status = 202, description = "No further call starts."),
        (status = 404, description = "There is no such task."),
        (status = 409, description = "The task is over.")
    )
)]
pub async fn stop(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let (controller, id, by) = (site.controller.clone(), RunId::new(id), caller.principal().clone());
    match blocking(move || controller.stop(&by, &id)).await?? {
        Some(StopAsked::Noted) => Ok(StatusCode::ACCEPTED),
        Some(StopAsked::Over(state)) => {
            Err(Problem::conflict("over", format!("the task is over: {}", state.as_str())))
        }
        Some(StopAsked::Unknown) | None => Err(Problem::not_found("there is no such task")),
    }
}

fn wish(new: NewTask, caller: &Caller, headers: &HeaderMap) -> Result<Wish, Problem> {
    if new.playbook.is_none() && !new.params.is_empty() {
        return Err(Problem::bad_request("params", "`params` go with `playbook`"));
    }
    let params = new.params.into_iter().map(|(name, value)| Ok((name.clone(), as_text(&name, value)?)));
    let params: IndexMap<String, String> = params.collect::<Result<_, Problem>>()?;
    Ok(Wish {
        principal: caller.principal().clone(),
        channel: Arc::from(new.source.name()),
        request: new.request,
        session: new.session_id.map(SessionId::new),
        plan: new.plan,
        playbook: new.playbook.map(|name| (name, params)),
        mode: new.approval_mode,
        idempotency: key(headers)?,
    })
}

/// A parameter as the command line would write it.
fn as_text(name: &str, value: Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(yes) => Ok(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Problem::bad_request(
            "params",
            format!("`params.{name}` must be a text, a number or a boolean"),
        )),
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let unfit = || {
        let detail = format!("`Idempotency-Key` must be 1 to {MAX_KEY_CHARS} visible ASCII characters");
        Problem::bad_request("idempotency-key", detail)
    };
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().map_err(|_| unfit())?;
    if text.is_empty() || text.len() > MAX_KEY_CHARS {
        return Err(unfit());
    }
    Ok(Some(text.to_owned()))
}

/// The task once it is over or waits for a person, or as it stands after `wait` seconds.
async fn awaited(site: &Site, caller: &Caller, id: &RunId, wait: u64) -> Result<Option<TaskView>, Problem> {
    let until = tokio::time::Instant::now() + Duration::from_secs(wait.min(MAX_WAIT_SECONDS));
    loop {
        // Before the look, so that nothing falls between.
        let news = site.controller.news(id);
        let (controller, by, which) = (site.controller.clone(), caller.principal().clone(), id.clone());
        let view = blocking(move || controller.task(&by, &which)).await??;
        let Some(mut news) = news else { return Ok(view) };
        let settled = view.as_ref().is_none_or(|view| view.over || pending(view).is_some());
        if settled || wait == 0 {
            return Ok(view);
        }
        tokio::select! {
            // Also when the task is over and its bell is gone: the next look finds no news.
            _heard = news.changed() => {}
            () = tokio::time::sleep_until(until) => return Ok(view),
            _cut = closing(site.phase.subscribe()) => return Ok(view),
        }
    }
}

/// The approval id of the question that waits for a person.
fn pending(view: &TaskView) -> Option<&str> {
    let open = view.report.questions.iter().find(|q| q.get("state").is_some_and(|s| s == "pending"))?;
    open.get("approval_id").and_then(Value::as_str)
}

fn answer(row: &TaskRow, view: Option<TaskView>) -> Response {
    let approval_id = view.as_ref().and_then(pending).map(str::to_owned);
    match view {
        Some(view) if view.over => (StatusCode::OK, Json(view)).into_response(),
        _ => {
            let status = if approval_id.is_some() { "awaiting_approval" } else { "accepted" };
            let links = Links {
                task: format!("/task/{}", row.id),
                events: format!("/api/events?task_id={}", row.id),
            };
            let (task_id, session_id) = (row.id.clone(), row.session.clone());
            let given = Given { task_id, session_id, turn: row.turn, status, approval_id, links };
            (StatusCode::ACCEPTED, Json(given)).into_response()
        }
    }
}

impl From<SubmitFailure> for Problem {
    fn from(failure: SubmitFailure) -> Self {
        let detail = failure.to_string();
        match failure {
            SubmitFailure::LaxerMode(_) => Self::bad_request("approval-mode", detail),
            SubmitFailure::Request(_) => Self::bad_request("request", detail),
            SubmitFailure::TwoPlans => Self::bad_request("two-plans", detail),
            SubmitFailure::Playbook(PlaybookFailure::Unreadable { .. }) => {
                // Says a path of this machine.
                tracing::error!(reason = detail, "a playbook cannot be read");
                Self::internal()
            }
            SubmitFailure::Playbook(_) => Self::bad_request("playbook", detail),
            SubmitFailure::NoSession(_) => Self::not_found(detail),
            SubmitFailure::KeyTaken(_) => Self::conflict("idempotency-key", detail),
            SubmitFailure::Closed => Self::unavailable("draining", detail, Duration::from_secs(30)),
            SubmitFailure::Store(e) => e.into(),
        }
    }
}
