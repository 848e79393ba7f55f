//! Tasks: give one, see how it stands, stop it.

use super::blocking;
use crate::flow::controller::{SubmitFailure, TaskView, Wish};
use crate::http::openapi::{ApprovalMode as ShownMode, Task};
use crate::http::phase::closing;
use crate::http::{Accepting, Body, Caller, Id, Problem, Query, Site, Whole};
use crate::kernel::id::RunId;
use crate::kernel::port::ApprovalMode;
use crate::planner::playbook::PlaybookFailure;
use crate::store::{SessionId, StopAsked, TaskRow};
use axum::Json;
use axum::extract::State;
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
    pub(super) request: String,
    pub(super) session_id: Option<String>,
    #[serde(default)]
    pub(super) source: Channel,
    pub(super) plan: Option<String>,
    pub(super) playbook: Option<String>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) params: IndexMap<String, Value>,
    #[schema(value_type = Option<ShownMode>)]
    pub(super) approval_mode: Option<ApprovalMode>,
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
    /// Whole seconds; the answer comes earlier once the task is over or waits for a person.
    #[param(value_type = Option<u64>, minimum = 0, maximum = 60)]
    wait: Option<Whole<0, MAX_WAIT_SECONDS>>,
}

impl Waiting {
    fn time(&self) -> Duration {
        Duration::from_secs(self.wait.map_or(0, |Whole(seconds)| seconds))
    }
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
    let wait = waiting.time();
    let row = submit(&site, &caller, new, key(&headers)?).await?;
    let view = awaited(&site, &caller, &row.id, wait).await?;
    Ok(answer(&row, view))
}

/// Takes a task, by whichever transport. A repetition under its key costs no new task's rate.
pub(super) async fn submit(
    site: &Site,
    caller: &Caller,
    new: NewTask,
    key: Option<Key>,
) -> Result<TaskRow, Problem> {
    let wish = wish(new, caller, key)?;
    let (controller, by, key) = (site.controller.clone(), wish.principal.clone(), wish.idempotency.clone());
    let known = blocking(move || key.map(|key| controller.task_under(&by, &key)).transpose()).await??;
    if known.flatten().is_none() {
        site.rates.task(caller.principal())?;
    }
    let controller = site.controller.clone();
    Ok(blocking(move || controller.submit(wish)).await??)
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
    Id(id): Id<String>,
    Query(waiting): Query<Waiting>,
) -> Result<Json<TaskView>, Problem> {
    let id = RunId::new(id);
    let view = awaited(&site, &caller, &id, waiting.time()).await?;
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
    Id(id): Id<String>,
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

fn wish(new: NewTask, caller: &Caller, key: Option<Key>) -> Result<Wish, Problem> {
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
        idempotency: key.map(|Key(text)| text),
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

/// A key under which the same task is taken once.
pub(super) struct Key(String);

impl Key {
    /// Judges a text.
    ///
    /// # Errors
    /// 400 when it is no key.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let fits =
            (1..=MAX_KEY_CHARS).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let detail = || format!("the idempotency key must be 1 to {MAX_KEY_CHARS} visible ASCII characters");
        if fits { Ok(Self(text.to_owned())) } else { Err(Problem::bad_request("idempotency-key", detail())) }
    }
}

fn key(headers: &HeaderMap) -> Result<Option<Key>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    // Which of two would be meant is anybody's guess.
    if values.next().is_some() {
        return Err(Problem::bad_request("idempotency-key", "send one `Idempotency-Key`, not several"));
    }
    Key::parse(value.to_str().unwrap_or_default()).map(Some)
}

/// The task once it is over or waits for a person, or as it stands after `wait` seconds.
async fn awaited(
    site: &Site,
    caller: &Caller,
    id: &RunId,
    wait: Duration,
) -> Result<Option<TaskView>, Problem> {
    let until = tokio::time::Instant::now() + wait;
    loop {
        // Before the look, so that nothing falls between.
        let news = site.controller.news(id);
        let (controller, by, which) = (site.controller.clone(), caller.principal().clone(), id.clone());
        let view = blocking(move || controller.task(&by, &which)).await??;
        let Some(mut news) = news else { return Ok(view) };
        let settled = view.as_ref().is_none_or(|view| view.over || pending(view).is_some());
        if settled || wait.is_zero() {
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
