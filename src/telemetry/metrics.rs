//! The program's metrics for Prometheus: every name, unit and help text on this page.
//!
//! Labels come from closed lists of ours (routes, tools of the catalogue, ends), never from a request: a stranger must
//! not be able to make a new series, nor to write into one.

#[cfg(test)]
mod tests;

use crate::kernel::port::Verdict;
use crate::kernel::record::{QuestionEnd, RunEnd};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// A request over HTTP. `route` is the router's pattern, such as `/task/{id}`, never the path that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HttpLabels {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    end: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    tool: String,
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    model: String,
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelLabels {
    model: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PathLabels {
    path: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    limit: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TransportLabels {
    transport: &'static str,
}

/// How a question to the worker came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskEnd {
    /// An answer of the asked type.
    Answered,
    /// The data does not hold it.
    NotEnoughInformation,
    /// No model, no server.
    Unavailable,
    /// Too slow.
    TimedOut,
    /// The task was stopped first.
    GivenUp,
    /// Too long, cut off or out of type.
    Unusable,
}

impl AskEnd {
    /// The word of metrics and of the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NotEnoughInformation => "not_enough_information",
            Self::Unavailable => "unavailable",
            Self::TimedOut => "timed_out",
            Self::GivenUp => "given_up",
            Self::Unusable => "unusable",
        }
    }
}

/// The word of metrics and of the log for how a task ended.
pub fn end_word(end: &RunEnd) -> &'static str {
    match end {
        RunEnd::Done => "done",
        RunEnd::Refused { .. } => "refused",
        RunEnd::Failed { .. } => "failed",
        RunEnd::Stopped => "stopped",
    }
}

/// How a subscriber is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Server-sent events.
    Sse,
    /// A WebSocket.
    WebSocket,
}

/// Tokens that a planner's request took.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PlannerUse {
    /// Read, cached ones not included.
    pub input: u64,
    /// Written.
    pub output: u64,
    /// Read from the provider's cache.
    pub cached: u64,
    /// In US dollars, by the provider's price list; 0 for a local model.
    pub cost_usd: f64,
}

/// A subscription that lasts; it counts until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Lasting(Gauge);

impl Lasting {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// All metrics. One for the program, handed to whoever counts something.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    http_requests: Family<HttpLabels, Counter>,
    http_seconds: Family<RouteLabels, Histogram>,
    tasks: Family<EndLabels, Counter>,
    calls: Family<CallLabels, Counter>,
    approvals: Family<EndLabels, Counter>,
    asks: Family<EndLabels, Counter>,
    ask_seconds: Histogram,
    planner_tokens: Family<TokenLabels, Counter>,
    planner_cost: Family<ModelLabels, Counter<f64, AtomicU64>>,
    auth_failures: Family<PathLabels, Counter>,
    throttled: Family<LimitLabels, Counter>,
    queue: Gauge,
    running: Gauge,
    subscribers: Family<TransportLabels, Gauge>,
    journal_commits: Counter,
    journal_records: Counter,
}

/// From 1 ms to 8 s, each twice the one before: what a request that waits for no model takes.
fn http_buckets() -> Histogram {
    Histogram::new([0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0])
}

/// Up to 480 s, a worker's time-out.
fn ask_buckets() -> Histogram {
    Histogram::new([0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0])
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut new = Self {
            registry: Registry::with_prefix("sentinel"),
            http_requests: Family::default(),
            http_seconds: Family::new_with_constructor(http_buckets),
            tasks: Family::default(),
            calls: Family::default(),
            approvals: Family::default(),
            asks: Family::default(),
            ask_seconds: ask_buckets(),
            planner_tokens: Family::default(),
            planner_cost: Family::default(),
            auth_failures: Family::default(),
            throttled: Family::default(),
            queue: Gauge::default(),
            running: Gauge::default(),
            subscribers: Family::default(),
            journal_commits: Counter::default(),
            journal_records: Counter::default(),
        };
        new.register();
        new
    }

    /// Names, help and units; a family is shown from its first label on. Counters get `_total`, and a unit is put at the end of the name.
    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("http_requests", "HTTP requests by route, method and status", self.http_requests.clone());
        r.register_with_unit(
            "http_request_duration",
            "Time to answer an HTTP request",
            Unit::Seconds,
            self.http_seconds.clone(),
        );
        r.register("tasks", "Tasks by how they ended", self.tasks.clone());
        r.register("calls", "Calls that policy judged, by tool and verdict", self.calls.clone());
        r.register("approvals", "Questions to people by how they ended", self.approvals.clone());
        r.register("worker_asks", "Questions to the worker by how they ended", self.asks.clone());
        r.register_with_unit(
            "worker_ask_duration",
            "Time until the worker answered, its second try included",
            Unit::Seconds,
            self.ask_seconds.clone(),
        );
        r.register(
            "planner_tokens",
            "Tokens that the planner read (input, cached) and wrote (output)",
            self.planner_tokens.clone(),
        );
        r.register("planner_cost_usd", "What the planner cost, in US dollars", self.planner_cost.clone());
        r.register("auth_failures", "Failed attempts to authenticate, by path", self.auth_failures.clone());
        r.register("throttled", "Requests that met a limit, by limit", self.throttled.clone());
        r.register("queue_depth", "Tasks that wait to be run", self.queue.clone());
        r.register("running_tasks", "Tasks that run now", self.running.clone());
        r.register("subscribers", "Connected event subscribers by transport", self.subscribers.clone());
        r.register("journal_commits", "Durable commits of the store", self.journal_commits.clone());
        r.register("journal_records", "Records of the journal since the start", self.journal_records.clone());
    }

    /// An HTTP request was answered. `route` is a pattern of the router's.
    pub fn http(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let route = route.to_owned();
        self.http_requests.get_or_create(&HttpLabels { route: route.clone(), method, status }).inc();
        self.http_seconds.get_or_create(&RouteLabels { route, method }).observe(took.as_secs_f64());
    }

    /// A task ended.
    pub fn task_ended(&self, end: &RunEnd) {
        self.tasks.get_or_create(&EndLabels { end: end_word(end) }).inc();
    }

    /// Policy judged a call. `tool` is a name of the catalogue.
    pub fn call_judged(&self, tool: &str, verdict: &Verdict) {
        let verdict = match verdict {
            Verdict::Allow(_) => "allow",
            Verdict::Ask(_) => "ask",
            Verdict::Deny(_) => "deny",
        };
        self.calls.get_or_create(&CallLabels { tool: tool.to_owned(), verdict }).inc();
    }

    /// A question to people ended.
    pub fn question_ended(&self, end: QuestionEnd) {
        let end = match end {
            QuestionEnd::Approved => "approved",
            QuestionEnd::Denied => "denied",
            QuestionEnd::Expired => "expired",
            QuestionEnd::Cancelled => "cancelled",
            QuestionEnd::Superseded => "superseded",
        };
        self.approvals.get_or_create(&EndLabels { end }).inc();
    }

    /// The worker was asked.
    pub fn worker_asked(&self, end: AskEnd, took: Duration) {
        self.asks.get_or_create(&EndLabels { end: end.as_str() }).inc();
        self.ask_seconds.observe(took.as_secs_f64());
    }

    /// The planner answered. `model` is the configured name.
    pub fn planner_used(&self, model: &str, used: &PlannerUse) {
        for (kind, count) in [("input", used.input), ("output", used.output), ("cached", used.cached)] {
            self.planner_tokens.get_or_create(&TokenLabels { model: model.to_owned(), kind }).inc_by(count);
        }
        self.planner_cost.get_or_create(&ModelLabels { model: model.to_owned() }).inc_by(used.cost_usd);
    }

    /// Somebody failed to authenticate. `path` is one of ours, such as `header`, `cookie`, `login`, `setup`, `websocket`.
    pub fn auth_failed(&self, path: &'static str) {
        self.auth_failures.get_or_create(&PathLabels { path }).inc();
    }

    /// A limit was met: `pin` (wrong guesses) or `rate` (requests and tasks of a principal).
    pub fn throttled(&self, limit: &'static str) {
        self.throttled.get_or_create(&LimitLabels { limit }).inc();
    }

    /// So many tasks run now, and so many wait to.
    pub fn load(&self, running: usize, queued: usize) {
        self.running.set(i64::try_from(running).unwrap_or(i64::MAX));
        self.queue.set(i64::try_from(queued).unwrap_or(i64::MAX));
    }

    /// Somebody follows events, until this is dropped.
    pub fn subscribed(&self, transport: Transport) -> Lasting {
        let transport = match transport {
            Transport::Sse => "sse",
            Transport::WebSocket => "websocket",
        };
        Lasting::of(&self.subscribers.get_or_create(&TransportLabels { transport }))
    }

    /// The store committed so often since it was last told, and the journal grew by so many records.
    pub fn journal_grew(&self, commits: u64, records: u64) {
        self.journal_commits.inc_by(commits);
        self.journal_records.inc_by(records);
    }

    /// Everything in OpenMetrics' text form: `application/openmetrics-text; version=1.0.0; charset=utf-8`.
    pub fn render(&self) -> String {
        let mut out = String::new();
        // Writing into a string does not fail; were it to, an unfinished text without its `# EOF` is refused by readers.
        match text::encode(&mut out, &self.registry) {
            Ok(()) => out,
            Err(std::fmt::Error) => String::new(),
        }
    }
}
