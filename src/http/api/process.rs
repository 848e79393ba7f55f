//! One pass of the worker over a text.

use super::blocking;
use crate::flow::FlowFailure;
use crate::flow::process::{ProcessFailure, Processed};
use crate::http::{Accepting, Body, Caller, Problem, Site, openapi};
use crate::kernel::gate::GateFailure;
use crate::kernel::port::WorkerFailure;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// When to come again for a worker that is not there.
const COME_AGAIN: Duration = Duration::from_secs(30);
/// Longest text, in characters: what a worker is given at most.
const MAX_CHARS: usize = 100_000;

/// The body of POST /process.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProcess {
    /// 1 to 100,000 characters. It is a stranger's: nothing in it is obeyed.
    text: String,
    /// What to do with it, 3 to 50,000 characters.
    instruction: String,
}

/// POST /process: the instruction and the text are scanned, the worker reads the text between markers, its answer is
/// scanned and released like a reply. Policy decides at each border; 200 also when it blocks.
#[utoipa::path(
    post,
    path = "/process",
    operation_id = "process_process",
    request_body = NewProcess,
    responses((status = 200, description = "What came of it: `status` is done, blocked or failed.", body = openapi::Processed))
)]
pub async fn process(
    State(site): State<Arc<Site>>,
    _open: Accepting,
    caller: Caller,
    Body(NewProcess { text, instruction }): Body<NewProcess>,
) -> Result<Json<Processed>, Problem> {
    if text.is_empty() || text.chars().count() > MAX_CHARS {
        let detail = format!("`text` must have 1 to {MAX_CHARS} characters");
        return Err(Problem::bad_request("length", detail));
    }
    site.rates.task(caller.principal())?;
    let pass = move || site.controller.process(caller.principal(), &instruction, text);
    Ok(Json(blocking(pass).await??))
}

impl From<ProcessFailure> for Problem {
    fn from(failure: ProcessFailure) -> Self {
        if let Some(WorkerFailure::Unavailable(_)) = failure.worker() {
            tracing::error!(reason = %failure, "the worker is not there");
            let detail = "the worker is not available: the operator's log has the reason";
            return Self::unavailable("worker", detail, COME_AGAIN);
        }
        match failure {
            ProcessFailure::Instruction(e) => Self::bad_request("instruction", format!("`instruction`: {e}")),
            ProcessFailure::Closed => Self::unavailable("draining", failure.to_string(), COME_AGAIN),
            ProcessFailure::Store(e) => e.into(),
            ProcessFailure::Flow(FlowFailure::Journal(_) | FlowFailure::Gate(GateFailure::Journal(_))) => {
                tracing::error!(reason = %failure, "the store failed");
                let detail = "nothing can be made durable now: the operator's log has the reason";
                Self::unavailable("store", detail, COME_AGAIN)
            }
            ProcessFailure::Policy(_) | ProcessFailure::Flow(_) => {
                tracing::error!(reason = %failure, "a text could not be processed");
                Self::internal()
            }
        }
    }
}
