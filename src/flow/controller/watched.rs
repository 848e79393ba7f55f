//! What an operator sees of tasks at work: a span and a line for each draft, ask and call, the worker's state, and
//! never a request, a value or a message. Each watched port passes everything on unchanged.

use crate::egress::halt;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{
    Ask, Assessment, Draft, Invocation, Listener, NoPlan, Planner, PlannerFailure, Replacement, ToolFailure,
    ToolOutput, Tools, Tried, Usage, Worker, WorkerFailure, WorkerReply,
};
use crate::store::{Clock, SessionId, Store, TaskRow};
use crate::telemetry::Metrics;
use crate::telemetry::metrics::AskEnd;
use crate::telemetry::names::{self, operation};
use serde_json::{Map, Value as Json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing::field::Empty;
use tracing::{Span, error, info, info_span, warn};

#[cfg(test)]
mod tests;

/// What a model did longer ago than this says nothing about now: one long question (480 s) and some.
const LATELY_MILLIS: i64 = 600_000;

/// What is known of a model, the worker's or the planner's, without asking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelState {
    /// Nobody asked it lately.
    Unknown,
    /// It answered the latest question, usably or not.
    Answers,
    /// It was not there, too slow, or let us not in.
    Fails,
}

/// When a model was asked last, Unix milliseconds, and how it stood then.
#[derive(Default)]
struct Latest(Mutex<Option<(i64, ModelState)>>);

impl Latest {
    fn note(&self, now: i64, state: ModelState) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, state));
    }

    fn state(&self, now: i64) -> ModelState {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seen {
            Some((at, state)) if now.saturating_sub(at) <= LATELY_MILLIS => state,
            _ => ModelState::Unknown,
        }
    }
}

/// Who watches: one for the controller.
pub(super) struct Watch {
    pub(super) metrics: Arc<Metrics>,
    clock: Clock,
    worker: Latest,
    planner: Latest,
}

impl Watch {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            metrics: Arc::new(Metrics::new()),
            clock,
            worker: Latest::default(),
            planner: Latest::default(),
        }
    }

    pub(super) fn worker_state(&self) -> ModelState {
        self.worker.state((self.clock)())
    }

    pub(super) fn planner_state(&self) -> ModelState {
        self.planner.state((self.clock)())
    }

    fn planner_asked(&self, draft: &Result<Draft, PlannerFailure>) {
        let state = match draft {
            // Whoever counted tokens answered, usably or not.
            Ok(_)
            | Err(PlannerFailure { cause: NoPlan::Refused, .. } | PlannerFailure { spent: Some(_), .. }) => {
                ModelState::Answers
            }
            // A person was quicker: that says nothing about the planner.
            Err(_) if halt::is_raised() => return,
            Err(_) => ModelState::Fails,
        };
        self.planner.note((self.clock)(), state);
    }

    fn worker_asked(&self, end: AskEnd, took: Duration) {
        let state = match end {
            AskEnd::Unavailable | AskEnd::TimedOut => Some(ModelState::Fails),
            AskEnd::Answered | AskEnd::NotEnoughInformation | AskEnd::Unusable => Some(ModelState::Answers),
            // A person was quicker: that says nothing about the worker.
            AskEnd::GivenUp => None,
        };
        if let Some(state) = state {
            self.worker.note((self.clock)(), state);
        }
        self.metrics.worker_asked(end, took);
    }
}

/// The span of a task: everything that is done for it is logged inside.
pub(super) fn task_span(row: &TaskRow) -> Span {
    info_span!(
        "task",
        { names::TASK_ID } = %row.id,
        { names::OPERATION_NAME } = operation::INVOKE_AGENT,
        { names::CONVERSATION_ID } = row.session.as_str(),
    )
}

/// Milliseconds since `began`; 0 when the clock was set back meanwhile.
pub(super) fn millis_since(clock: &Clock, began: i64) -> u64 {
    u64::try_from(clock().saturating_sub(began)).unwrap_or(0)
}

/// A worker under watch.
pub(super) struct WatchedWorker {
    pub(super) inner: Arc<dyn Worker>,
    pub(super) watch: Arc<Watch>,
}

impl Worker for WatchedWorker {
    fn name(&self) -> Arc<str> {
        self.inner.name()
    }

    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        self.watched(|inner| inner.answer(ask))
    }

    fn answer_aloud(&self, ask: &Ask, listener: &mut dyn Listener) -> Result<WorkerReply, WorkerFailure> {
        self.watched(|inner| inner.answer_aloud(ask, listener))
    }

    fn is_missing(&self) -> bool {
        self.inner.is_missing()
    }
}

impl WatchedWorker {
    fn watched(
        &self,
        answer: impl FnOnce(&dyn Worker) -> Result<WorkerReply, WorkerFailure>,
    ) -> Result<WorkerReply, WorkerFailure> {
        let span = info_span!(
            "worker_ask",
            { names::OPERATION_NAME } = operation::CHAT,
            { names::REQUEST_MODEL } = &*self.inner.name(),
            { names::OUTPUT_TYPE } = "json",
            { names::ERROR_TYPE } = Empty,
        );
        let _inside = span.enter();
        let began = (self.watch.clock)();
        let reply = answer(self.inner.as_ref());
        let end = match &reply {
            Ok(WorkerReply::Answer(_)) => AskEnd::Answered,
            Ok(WorkerReply::NotEnoughInformation) => AskEnd::NotEnoughInformation,
            Err(WorkerFailure::Unavailable(_)) => AskEnd::Unavailable,
            Err(WorkerFailure::TimedOut(_)) => AskEnd::TimedOut,
            Err(WorkerFailure::GivenUp) => AskEnd::GivenUp,
            Err(WorkerFailure::TooLong(_) | WorkerFailure::BadAnswer(_)) => AskEnd::Unusable,
        };
        let duration_ms = millis_since(&self.watch.clock, began);
        self.watch.worker_asked(end, Duration::from_millis(duration_ms));
        if reply.is_err() {
            span.record(names::ERROR_TYPE, end.as_str());
        }
        info!(duration_ms, end = end.as_str(), "the worker was asked");
        reply
    }
}

/// Tools under watch.
pub(super) struct WatchedTools {
    pub(super) inner: Arc<dyn Tools>,
    pub(super) watch: Arc<Watch>,
}

impl Tools for WatchedTools {
    fn invoke(&self, call: &Invocation) -> Result<ToolOutput, ToolFailure> {
        // The name is the catalogue's; arguments, output and the tool's own message stay out.
        let span = info_span!(
            "tool_call",
            { names::OPERATION_NAME } = operation::EXECUTE_TOOL,
            { names::TOOL_NAME } = &*call.tool,
            { names::TOOL_CALL_ID } = call.call.0,
            { names::TOOL_TYPE } = "function",
            { names::ERROR_TYPE } = Empty,
        );
        let _inside = span.enter();
        let began = (self.watch.clock)();
        let output = self.inner.invoke(call);
        let end = if output.is_ok() { "returned" } else { "failed" };
        if output.is_err() {
            span.record(names::ERROR_TYPE, "tool_error");
        }
        info!(duration_ms = millis_since(&self.watch.clock, began), end, "a tool was called");
        output
    }

    fn replaces(&self, tool: &str, args: &Map<String, Json>) -> Result<Option<Replacement>, ToolFailure> {
        self.inner.replaces(tool, args)
    }
}

/// A model that plans, under watch.
pub(super) struct WatchedPlanner {
    pub(super) inner: Box<dyn Planner>,
    /// The configured name.
    pub(super) model: String,
    pub(super) watch: Arc<Watch>,
    pub(super) store: Arc<Store>,
    /// The conversation whose risk rises with what the planner thinks of it.
    pub(super) session: SessionId,
}

impl Planner for WatchedPlanner {
    fn draft(
        &self,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        let span = info_span!(
            "planner_draft",
            { names::OPERATION_NAME } = operation::CHAT,
            { names::REQUEST_MODEL } = self.model.as_str(),
            { names::USAGE_INPUT_TOKENS } = Empty,
            { names::USAGE_OUTPUT_TOKENS } = Empty,
            { names::ERROR_TYPE } = Empty,
        );
        let _inside = span.enter();
        let began = (self.watch.clock)();
        let draft = self.inner.draft(request, catalogue, tried);
        self.watch.planner_asked(&draft);
        if let Err(PlannerFailure { cause: NoPlan::KeyRefused, .. }) = &draft {
            // In words of our own: what a server says stays out.
            warn!(
                "the planner's server does not take the API key: put a valid one, which may use `claude_model`, into the \
                 file that SENTINEL_CLAUDE_API_KEY_FILE names (the secret `claude_api_key`), and start again"
            );
        }
        let (used, end): (Option<&Usage>, _) = match &draft {
            Ok(draft) => (draft.usage.as_ref(), "drafted"),
            Err(failure) => (failure.spent.as_deref(), "no_plan"),
        };
        if let Some(used) = used {
            span.record(names::USAGE_INPUT_TOKENS, used.input_tokens);
            span.record(names::USAGE_OUTPUT_TOKENS, used.output_tokens);
        }
        if draft.is_err() {
            span.record(names::ERROR_TYPE, end);
        }
        // At once, and not at the task's end, which may be long after somebody answered its question.
        if let Ok(Draft { assessment: Some(Assessment { risk, .. }), .. }) = &draft
            && let Err(e) = self.store.raise_risk(&self.session, *risk)
        {
            error!(reason = %e, "the conversation's risk cannot be kept: the task's end tries again");
        }
        info!(
            duration_ms = millis_since(&self.watch.clock, began),
            round = tried.len() + 1,
            end,
            "a plan was asked for"
        );
        draft
    }
}
