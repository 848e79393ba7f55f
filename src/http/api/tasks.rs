//! The list of tasks.

use super::{blocking, page};
use crate::flow::controller::TaskLine;
use crate::http::openapi::{self, TaskState as ShownState};
use crate::http::{Caller, Problem, Query, Site};
use crate::kernel::id::RunId;
use crate::store::{SessionId, TaskFilter, TaskState};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Those in this state.
    #[param(inline, value_type = Option<ShownState>)]
    state: Option<TaskState>,
    /// Those of this conversation.
    session_id: Option<String>,
    /// Those given before this one: `next` of the page before.
    before: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: Option<page::Limit>,
}

/// The answer of GET /tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tasks {
    #[schema(value_type = Vec<openapi::TaskLine>)]
    tasks: Vec<TaskLine>,
    /// The `before` of the page that follows; none where this is the last.
    #[schema(required)]
    next: Option<String>,
    /// The newest record when this was read: events `after` it are news.
    seq: u64,
}

/// GET /tasks, the latest first.
#[utoipa::path(
    get,
    path = "/tasks",
    operation_id = "tasks_list",
    params(Which),
    responses(
        (status = 200, description = "The latest first.", body = Tasks)
    )
)]
pub async fn list(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Tasks>, Problem> {
    let limit = page::limit(which.limit);
    let filter = TaskFilter {
        state: which.state,
        session: which.session_id.map(SessionId::new),
        before: which.before.map(RunId::new),
    };
    let (controller, by, feed) = (site.controller.clone(), caller.principal().clone(), site.feed.clone());
    let read = move || -> Result<_, Problem> {
        if let Some(before) = &filter.before {
            page::known(controller.owns(&by, before)?)?;
        }
        // Before the list, so that nothing falls between.
        let seq = feed.newest()?;
        Ok((seq, controller.tasks(&by, &filter, page::ask(limit))?))
    };
    let (seq, rows) = blocking(read).await??;
    let (tasks, more) = page::cut(rows, limit);
    let next = tasks.last().filter(|_| more).map(|task| task.task_id.to_string());
    Ok(Json(Tasks { tasks, next, seq: seq.0 }))
}
