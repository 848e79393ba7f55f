//! The traits through which the kernel, and the flow above it, ask the world. All are synchronous: a run owns a
//! thread, and a gate does not return before its answer is durable.

use super::catalogue::{Catalogue, Effect, Role, Tool};
pub use super::draft::{Assessment, Draft, Tried, Usage};
pub use super::finding::{Border, Class, Crossing, Finding, Severity};
use super::gate::edit::Edit;
use super::gate::question::{Answer, Question};
use super::gate::screened::{Request, Screened};
pub use super::glimpse::{Glimpse, Listener, Onlooker};
use super::id::{CallNo, Digest, RunId, Site};
use super::label::Label;
pub use super::mode::ApprovalMode;
use super::principal::Principal;
use super::record::{Entry, Seq};
pub use super::treatment::{FindingFacts, RedactionKey, Treated, Treatment};
pub use super::worker::{Ask, Worker, WorkerFailure, WorkerReply};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// The append-only journal.
pub trait Journal: Send + Sync {
    /// Appends a record and returns once it is durable.
    ///
    /// # Errors
    /// When the record could not be made durable; the caller must then refuse to go on.
    fn record(&self, run: &RunId, entry: &Entry) -> Result<Seq, JournalFailure>;

    /// Appends a record that an approval permits, and uses the approval up in the same transaction.
    ///
    /// # Errors
    /// Also when the question is not approved or its approval was used before.
    fn record_approved(&self, run: &RunId, entry: &Entry, question: Digest) -> Result<Seq, JournalFailure>;
}

/// The journal could not make a record durable: no decision may be released.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the journal cannot make records durable: {0}")]
pub struct JournalFailure(pub String);

/// A scanner crashed or timed out. Counts as a hit.
#[derive(Debug, Clone, thiserror::Error)]
#[error("scanner {scanner} failed: {reason}")]
pub struct ScannerFailure {
    /// Which one.
    pub scanner: String,
    /// Why.
    pub reason: String,
}

/// The list of active scanners.
pub trait Scanners: Send + Sync {
    /// Every scanner's name. An empty list makes the gates refuse.
    fn names(&self) -> Vec<Arc<str>>;

    /// Runs them all over a text. One that fails counts as a finding of the class [`Class::Failed`].
    ///
    /// # Errors
    /// When they could not be run at all.
    fn scan(&self, text: &str, crossing: &Crossing<'_>) -> Result<Vec<Finding>, ScannerFailure>;
}

/// What is known of one argument when a call is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct ArgFacts {
    /// The keyword.
    pub name: Arc<str>,
    /// The join over every part of the value.
    pub label: Label,
    /// The value; `None` in a prediction, where it is not known yet.
    pub value: Option<Json>,
    /// Whether the catalogue calls it critical.
    pub critical: bool,
    /// What it names.
    pub role: Role,
}

/// Everything a policy may know about a call.
#[derive(Debug, Clone)]
pub struct CallFacts<'a> {
    /// On whose behalf.
    pub principal: &'a Principal,
    /// Which channel the request came by, such as `cli`.
    pub channel: &'a str,
    /// The controller's trust level, 0 to 4.
    pub trust_level: u8,
    /// The tool.
    pub tool: &'a Tool,
    /// What this call does, given its arguments.
    pub effect: Effect,
    /// The arguments that are given.
    pub args: &'a [ArgFacts],
    /// The label of the control flow that led here.
    pub pc: &'a Label,
}

/// Why a policy decided as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The policy's id.
    pub policy: String,
    /// Its `@reason`, or a sentence that says there is no policy that allows.
    pub text: String,
}

/// A policy's decision. Never a boolean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", content = "reasons", rename_all = "snake_case")]
pub enum Verdict {
    /// May happen. The reasons name the policies that allow it.
    Allow(Vec<Reason>),
    /// May happen when a person approves exactly this. The reasons name the rules that ask.
    Ask(Vec<Reason>),
    /// May not happen; no approval lifts it.
    Deny(Vec<Reason>),
}

/// Everything a policy may know about a plan as a whole.
#[derive(Debug, Clone)]
pub struct PlanFacts<'a> {
    /// On whose behalf.
    pub principal: &'a Principal,
    /// Which channel the request came by.
    pub channel: &'a str,
    /// The controller's trust level, 0 to 4.
    pub trust_level: u8,
    /// How plans are approved.
    pub mode: ApprovalMode,
    /// The tools that the plan calls, each once.
    pub tools: &'a [Arc<str>],
    /// The strongest effect of any call.
    pub effect: Effect,
    /// How many call sites are predicted to ask.
    pub will_ask: usize,
    /// Whether a person approved exactly this plan text before, as a playbook.
    pub pinned: bool,
}

/// The policy engine could not decide. Counts as a denial.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the policy could not be evaluated: {0}")]
pub struct PolicyFailure(pub String);

/// The policy engine.
pub trait Policy: Send + Sync {
    /// A digest over all loaded policies and the schema.
    fn version(&self) -> Digest;

    /// Judges one call.
    ///
    /// # Errors
    /// When evaluation failed in any way, of a forbid too.
    fn judge_call(&self, facts: &CallFacts<'_>) -> Result<Verdict, PolicyFailure>;

    /// Judges a plan before it runs.
    ///
    /// # Errors
    /// As for a call.
    fn judge_plan(&self, facts: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure>;

    /// Says what is done about a finding, and which rules say so: the strictest treatment that any rule asks for.
    ///
    /// # Errors
    /// As for a call; the caller must then treat the finding as one that blocks.
    fn treat(&self, facts: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure>;

    /// With what the hashes are keyed that stand for words which were taken out: a secret, or whoever sees a hash tries all
    /// phone numbers. Where there is none, no hash is made.
    fn redaction_key(&self) -> Option<&RedactionKey> {
        None
    }
}

/// A call that a gate permitted, as its runner sees it: plain data without labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// Which run.
    pub run: RunId,
    /// Which call of the run.
    pub call: CallNo,
    /// Where in the plan.
    pub site: Site,
    /// The tool's name.
    pub tool: Arc<str>,
    /// The arguments, checked against the catalogue's types.
    pub args: serde_json::Map<String, Json>,
    /// Stays the same when the call is repeated after a crash.
    pub idempotency_key: Digest,
}

/// What a tool gave back.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolOutput {
    /// The value, checked against the catalogue's type by the kernel.
    pub value: Json,
    /// For a file's content: its canonical path and digest, from which the host finds the label it was written with.
    pub file: Option<FileFact>,
}

/// Which bytes a file held when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// The canonical path below the workspace.
    pub path: String,
    /// The digest of its content.
    pub digest: Digest,
}

/// A tool reports an error: the call happened (or was refused by the tool) and gave no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ToolFailure {
    /// For people. May quote untrusted text, so it never reaches a planner or the plan.
    pub message: String,
}

/// What a call would put in the place of what, for a person who is asked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The canonical path below the workspace.
    pub path: String,
    /// The text that stands there now, and which bytes those are; `None` where nothing does.
    pub old: Option<(String, FileFact)>,
    /// The text that would stand there.
    pub new: String,
}

/// What runs tools.
pub trait Tools: Send + Sync {
    /// Performs a call.
    ///
    /// # Errors
    /// When the tool reports an error.
    fn invoke(&self, call: &Invocation) -> Result<ToolOutput, ToolFailure>;

    /// What a call of `tool` with `args` would replace; `None` where it replaces no text. Changes nothing. Whether what stands
    /// there may be shown is for the caller to have judged; whoever wraps a runner passes this on.
    ///
    /// # Errors
    /// When what stands there cannot be read as a text.
    fn replaces(
        &self,
        _tool: &str,
        _args: &serde_json::Map<String, Json>,
    ) -> Result<Option<Replacement>, ToolFailure> {
        Ok(None)
    }
}

/// What the store knows about files that runs wrote.
pub trait FileLabels: Send + Sync {
    /// The label that this content was written to this path with; `None` when the store does not know it.
    ///
    /// # Errors
    /// When the store cannot be asked; the caller must then treat the content as unknown or stop.
    fn written_label(&self, file: &FileFact) -> Result<Option<Label>, JournalFailure>;

    /// Remembers that a run wrote this content to this path, from values with this label.
    ///
    /// # Errors
    /// When it cannot be made durable.
    fn note_written(&self, run: &RunId, file: &FileFact, label: &Label) -> Result<(), JournalFailure>;
}

/// A planner could not draft. The message says what to do and never quotes a secret or a reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no plan: {message}")]
pub struct PlannerFailure {
    /// For people.
    pub message: String,
    /// What a model used all the same.
    pub spent: Option<Box<Usage>>,
    /// Whose doing it is.
    pub cause: NoPlan,
}

/// Whose doing it is that there is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlan {
    /// The planner was not able to draft.
    Unable,
    /// The planner refuses what is asked.
    Refused,
    /// The planner's server does not take the key that it is shown: only the operator can mend that.
    KeyRefused,
}

/// What stands in the place of a policy's name where the planner itself refused.
pub const PLANNER_REFUSES: &str = "planner";

impl PlannerFailure {
    /// A failure that cost nothing.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), spent: None, cause: NoPlan::Unable }
    }

    /// A refusal of the planner's own.
    pub fn refusal(message: impl Into<String>) -> Self {
        Self { cause: NoPlan::Refused, ..Self::new(message) }
    }

    /// A key that the planner's server does not take.
    pub fn key_refused(message: impl Into<String>) -> Self {
        Self { cause: NoPlan::KeyRefused, ..Self::new(message) }
    }
}

/// What makes plans. It sees the screened request, the catalogue and its own earlier drafts, and never an untrusted
/// value.
pub trait Planner: Send + Sync {
    /// Drafts a plan. `tried` holds the earlier drafts of this very task, oldest first, with their faults; a planner
    /// that has nothing better says the same again.
    ///
    /// # Errors
    /// When there is none.
    fn draft(
        &self,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure>;
}

/// What people said to a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// Somebody decided.
    Answer(Answer),
    /// Somebody put own values in the place of arguments: neither yes nor no to what was asked.
    Edit(Edit),
    /// Nobody yet; the question waits under this id.
    Waiting(String),
    /// Nobody in time.
    Expired,
    /// Somebody stopped the run instead.
    Stop,
}

/// The people who may answer could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the question could not be asked: {0}")]
pub struct PeopleFailure(pub String);

/// The people who may answer questions.
pub trait People: Send + Sync {
    /// Puts a question, and waits as long as the channel allows.
    ///
    /// # Errors
    /// When it could not be put.
    fn ask(&self, question: &Question) -> Result<Said, PeopleFailure>;
}
