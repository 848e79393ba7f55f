//! Answers whose types belong to lower floors, which know nothing of this document: their shapes, said again for the
//! reader. `tests/it/http/openapi.rs` holds them against real answers.

#![expect(dead_code, reason = "these shapes are described and never made")]

pub mod scanned;
pub mod validated;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An OpenAPI document.
#[derive(ToSchema)]
pub struct Document {
    openapi: String,
    info: Value,
    paths: Value,
    components: Value,
    security: Value,
}

/// How plans are approved.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalMode {
    Full,
    Smart,
    Auto,
}

/// What is asked about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    Plan,
    Call,
    Reply,
}

/// Where a question stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionState {
    Pending,
    Approved,
    Denied,
    Expired,
    Cancelled,
    Superseded,
}

/// What would happen to a path.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Read,
    Write,
    List,
    Make,
}

/// What policy says.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Allow,
    Ask,
    Deny,
}

/// What a value as a whole is worth.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrustLevel {
    Trusted,
    Untrusted,
}

/// A policy and its reason.
#[derive(ToSchema)]
pub struct Reason {
    policy: String,
    text: String,
}

/// A decision with the policies that made it.
#[derive(ToSchema)]
pub struct Verdict {
    verdict: Decision,
    reasons: Vec<Reason>,
}

/// One call of a task.
#[derive(ToSchema)]
pub struct Step {
    /// Its number, from 1.
    n: u32,
    /// The tool, or `ask` or `confirm`.
    call: String,
    /// `tool`, `ask` or `confirm`.
    kind: String,
    verdict: Verdict,
    /// `started`, `returned`, `failed` or `refused`.
    state: String,
    /// The exact arguments.
    #[schema(value_type = Object)]
    args: Value,
    /// The line of the plan, where it was refused.
    #[schema(nullable = false)]
    line: Option<u64>,
    /// Where the result comes from.
    #[schema(value_type = Object, nullable = false)]
    label: Option<Value>,
    /// What it gave, or the text of its error; of a long one the beginning.
    #[schema(nullable = false)]
    value: Option<Value>,
    data_ids: DataIds,
    /// What people decided about it, in the order in which they did.
    decided: Vec<Decided>,
}

/// What a person said to a question about a call.
#[derive(ToSchema)]
pub struct Decided {
    /// How the question ended: `approved`, `denied`, or `superseded` by an edit.
    end: String,
    /// Who said it.
    by: String,
    /// When, Unix milliseconds.
    at: i64,
    /// In the person's words.
    #[schema(required)]
    reason: Option<String>,
    /// The arguments that were edited, by name.
    edited: Vec<String>,
}

/// The numbers of a call's values, for GET /api/provenance/{data_id}.
#[derive(ToSchema)]
pub struct DataIds {
    /// By the argument's name.
    #[schema(value_type = Object)]
    args: Value,
    /// What it gave, or the text of its error.
    #[schema(required)]
    result: Option<u64>,
}

/// A question as a task's report has it.
#[derive(ToSchema)]
pub struct TaskQuestion {
    id: String,
    approval_id: String,
    kind: QuestionKind,
    state: QuestionState,
    #[schema(required)]
    call: Option<u32>,
    #[schema(required)]
    end: Value,
    reasons: Value,
    shown: Value,
    /// Unix milliseconds.
    expires_at: i64,
    /// What a person put in the place of arguments.
    #[schema(required, value_type = Option<Object>)]
    edited_args: Option<Value>,
}

/// What a call would change in a file, as the file stands now.
#[derive(ToSchema)]
pub struct Change {
    /// The canonical path below the workspace.
    path: String,
    /// `new`, `same`, `lines`, `withheld` (policy does not allow to read it unasked) or `unread`.
    kind: String,
    /// What the text that stands there is worth.
    #[schema(value_type = Object, nullable = false, required = false)]
    label: Option<Value>,
    /// How many lines come.
    #[schema(nullable = false, required = false)]
    added: Option<u32>,
    /// How many lines go.
    #[schema(nullable = false, required = false)]
    removed: Option<u32>,
    /// Lines that come (`added`), go (`removed`) or stay around those (`kept`); each group by itself.
    #[schema(nullable = false, required = false)]
    groups: Option<Vec<Vec<ChangedRow>>>,
    /// Whether rows, or ends of rows, were left out.
    #[schema(nullable = false, required = false)]
    cut: Option<bool>,
    /// Why what stands there is withheld.
    #[schema(nullable = false, required = false)]
    reasons: Option<Vec<Reason>>,
    /// Why what stands there cannot be compared.
    #[schema(nullable = false, required = false)]
    why: Option<String>,
}

/// One line of a change.
#[derive(ToSchema)]
pub struct ChangedRow {
    /// `kept`, `added` or `removed`.
    is: String,
    /// Its number in the file as it stands, from 1.
    #[schema(required)]
    old: Option<u32>,
    /// Its number in the file as it would be, from 1.
    #[schema(required)]
    new: Option<u32>,
    /// Its text, without the line's end.
    text: String,
    /// Whether nothing ends the line: the last one of a file.
    #[schema(nullable = false)]
    open_end: Option<bool>,
}

/// What a model used to plan.
#[derive(ToSchema)]
pub struct Usage {
    model: String,
    input_tokens: u64,
    output_tokens: u64,
    cache_read_tokens: u64,
    cache_write_tokens: u64,
    /// Millionths of a US dollar; none when the model's price is not known.
    #[schema(required)]
    cost_micro_dollars: Option<u64>,
}

/// A task as it stands.
#[derive(ToSchema)]
pub struct Task {
    task_id: String,
    /// `queued`, or a run's state.
    state: String,
    /// What was asked for, once it was screened.
    #[schema(required)]
    request: Option<String>,
    /// The plan's text, once there is one.
    #[schema(required)]
    plan: Option<String>,
    /// The plan's calls and what flows into them, as in the question about a plan, by today's policy.
    #[schema(required, value_type = Option<Object>)]
    graph: Option<Value>,
    steps: Vec<Step>,
    /// The reply, once it was released.
    #[schema(required)]
    answer: Option<String>,
    /// Where the reply comes from.
    label: Value,
    /// The reply's number, for GET /api/provenance/{data_id}.
    #[schema(required)]
    answer_data_id: Option<u64>,
    questions: Vec<TaskQuestion>,
    /// What ended it early: a message, or the reasons of a refusal.
    error: Value,
    warnings: Vec<String>,
    /// How the request was weighed with what was said before it: `score`, `verdict` (`pass`, `warn`, `block`), `reasons`.
    #[schema(required, value_type = Option<Object>)]
    conversation: Option<Value>,
    #[schema(required)]
    usage: Option<Usage>,
    session_id: String,
    turn: u32,
    /// 0 to 100.
    risk_score: u8,
    /// What was not there when it was tried the last time, such as the worker: it is tried again by itself.
    #[schema(required)]
    waits_for: Option<String>,
    /// Unix milliseconds.
    created: i64,
    /// Whether nothing more will happen.
    over: bool,
    /// The newest record that is in here.
    seq: u64,
}

/// Where a task stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    Queued,
    Running,
    Waiting,
    Done,
    Refused,
    Failed,
    Stopped,
}

/// A task in a list.
#[derive(ToSchema)]
pub struct TaskLine {
    task_id: String,
    session_id: String,
    turn: u32,
    state: TaskState,
    /// The beginning of what was asked for; none once it is erased.
    #[schema(required)]
    request: Option<String>,
    /// Unix milliseconds.
    created: i64,
    /// Its latest record, Unix milliseconds.
    updated: i64,
    /// Whether nothing more will happen.
    over: bool,
}

/// A conversation in a list.
#[derive(ToSchema)]
pub struct SessionLine {
    session_id: String,
    /// 0 to 100.
    risk_score: u8,
    /// Unix milliseconds.
    created: i64,
    /// How many tasks it has.
    turns: u32,
    /// The beginning of what the first of them asked for.
    #[schema(required)]
    request: Option<String>,
}

/// The trust level, and how far the next one is.
#[derive(ToSchema)]
pub struct Trust {
    /// Where this installation stands.
    level: u8,
    /// Tasks of this level that are over.
    tasks: u32,
    /// Those in which a gate had to stop something.
    incidents: u32,
    /// Those that were done since the latest incident.
    done_since_incident: u32,
    /// How many must be done since the latest incident before a person may raise the level.
    needed: u32,
}

/// One event; what else belongs to its kind stands beside these fields.
#[derive(ToSchema)]
pub struct Event {
    /// Such as `task.step_started`.
    r#type: String,
    task_id: String,
    /// The record's number, the same on every transport.
    seq: u64,
    /// Unix milliseconds.
    at: i64,
}

/// One call of a past task, then and now.
#[derive(ToSchema)]
pub struct Judged {
    /// Its number.
    step: u32,
    /// The tool.
    call: String,
    then: Verdict,
    now: Verdict,
}
