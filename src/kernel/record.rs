//! What a run writes into the journal, in the order in which it happens.
//!
//! The journal is recovery log, audit trail and event stream at once. Entries name labels, digests and verdicts;
//! the values themselves are kept beside them as data rows, so that they can be erased later.

use super::analysis::{Analysis, Gist};
use super::answer::SpanAt;
use super::id::{CallNo, Digest, Site};
use super::label::Label;
use super::port::{Assessment, FileFact, Finding, Reason, Usage, Verdict};
use super::principal::Principal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// A record's position in the journal, from 1, without gaps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

/// The channel of a pass of the worker over a text that was handed in: a run that is no task.
pub const PASS: &str = "process";

/// Whether a call goes to a tool, to the worker or to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// A tool of the catalogue.
    Tool,
    /// `ask(...)`: the quarantined worker.
    Ask,
    /// `confirm(...)`: a question to the user.
    Confirm,
}

/// An argument as it is recorded and shown: the exact value, its label, its digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedArg {
    /// The keyword.
    pub name: Arc<str>,
    /// The exact resolved value.
    pub value: Json,
    /// Where it comes from.
    pub label: Label,
    /// The calls of this run whose results went into it.
    pub through: Vec<CallNo>,
    /// What the scanners noted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// How a question ended. Silence is its own end, neither yes nor no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionEnd {
    /// A person approved exactly this.
    Approved,
    /// A person said no.
    Denied,
    /// Nobody answered in time.
    Expired,
    /// The run was stopped.
    Cancelled,
    /// Something it was bound to changed, and a new question took its place.
    Superseded,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum RunEnd {
    /// The reply was released.
    Done,
    /// A gate refused.
    Refused {
        /// Which rules say so.
        reasons: Vec<Reason>,
    },
    /// Something broke: the plan, a tool, the worker.
    Failed {
        /// What broke.
        message: String,
    },
    /// A person stopped it.
    Stopped,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A request came in and passed the scanners.
    RequestScreened {
        /// On whose behalf.
        principal: Principal,
        /// By which channel.
        channel: Arc<str>,
        /// The user's words.
        request: String,
        /// What the scanners noted.
        findings: Vec<Finding>,
    },
    /// A request was blocked.
    RequestBlocked {
        /// On whose behalf.
        principal: Principal,
        /// By which channel.
        channel: Arc<str>,
        /// What the scanners noted.
        findings: Vec<Finding>,
    },
    /// What is kept of the words of a request that was blocked, so that they are known when they come again.
    Sketched {
        /// No words.
        gist: Gist,
    },
    /// A request was weighed with what was said before it in its conversation. One that adds nothing to nothing has no record.
    Weighed {
        /// The score, what is done, and why.
        analysis: Analysis,
    },
    /// A model was asked for a plan. The text is not here: [`Entry::PlanChecked`] has it once it has no faults.
    Drafted {
        /// Which draft of this task, from 1.
        round: u32,
        /// The digest of the text; none when the planner gave up.
        draft: Option<Digest>,
        /// What it used, tries that came to nothing included.
        usage: Usage,
        /// What the planner thinks of the conversation.
        assessment: Option<Assessment>,
    },
    /// A plan was parsed and checked. Enough to make it again after a restart.
    PlanChecked {
        /// The plan's text.
        text: String,
        /// What it is, exactly.
        digest: Digest,
        /// The tools it was checked against.
        catalogue: Digest,
        /// The policy version that judged it.
        policy: Digest,
        /// What the scanners noted.
        #[serde(default)]
        findings: Vec<Finding>,
    },
    /// A plan was approved, by policy or by a person.
    PlanApproved {
        /// What it is, exactly.
        digest: Digest,
        /// The policy version that judged it.
        policy: Digest,
        /// The person who decided; none when policy did.
        by: Option<Principal>,
        /// Which rules say so.
        reasons: Vec<Reason>,
    },
    /// A plan was refused.
    PlanRefused {
        /// What it is, exactly.
        digest: Digest,
        /// Which rules say so.
        reasons: Vec<Reason>,
    },
    /// A question was put to a person.
    Asked {
        /// What the answer is bound to.
        question: Digest,
        /// Which call of the run.
        call: Option<CallNo>,
        /// Which rules say so.
        reasons: Vec<Reason>,
    },
    /// A question ended.
    Answered {
        /// What the answer is bound to.
        question: Digest,
        /// How.
        end: QuestionEnd,
        /// The person who decided; none when policy did.
        by: Option<Principal>,
        /// In the person's words.
        reason: Option<String>,
        /// What they put in the place of arguments; only a superseded question of a call has any.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edits: Vec<RecordedArg>,
    },
    /// A call was permitted and is about to start. From here on it may have happened.
    CallStarted {
        /// Which call of the run.
        call: CallNo,
        /// Where in the plan.
        site: Site,
        /// To whom it goes.
        kind: CallKind,
        /// The tool, or `ask` or `confirm`.
        name: Arc<str>,
        /// What it is, exactly.
        digest: Digest,
        /// With exactly these arguments.
        args: Vec<RecordedArg>,
        /// The label of the control flow that led to it.
        pc: Label,
        /// What policy said.
        verdict: Verdict,
    },
    /// A call was refused by policy or by a person.
    CallRefused {
        /// Which call of the run.
        call: CallNo,
        /// Where in the plan.
        site: Site,
        /// The line of the plan, from 1.
        line: usize,
        /// The tool, or `ask` or `confirm`.
        name: Arc<str>,
        /// What it is, exactly.
        digest: Digest,
        /// With exactly these arguments it would have been made.
        args: Vec<RecordedArg>,
        /// The label of the control flow that led to it.
        pc: Label,
        /// Which rules say so.
        reasons: Vec<Reason>,
    },
    /// A call gave a value.
    CallReturned {
        /// Which call of the run.
        call: CallNo,
        /// What it is, exactly.
        digest: Digest,
        /// What it gave.
        value: Json,
        /// Where that comes from.
        label: Label,
        /// What the scanners noted.
        findings: Vec<Finding>,
        /// The file whose bytes these are.
        file: Option<FileFact>,
        /// Where the spans of an answer stand in their source.
        spans: Vec<SpanAt>,
    },
    /// A call gave an error instead of a value; its text is for people only.
    CallFailed {
        /// Which call of the run.
        call: CallNo,
        /// What it is, exactly.
        digest: Digest,
        /// For people only.
        message: String,
        /// What the scanners noted.
        #[serde(default)]
        findings: Vec<Finding>,
    },
    /// The reply was released to its destination.
    Released {
        /// To whom.
        to: Principal,
        /// Where that comes from.
        label: Label,
        /// The reply as it left.
        text: String,
        /// The digest of the text.
        reply: Digest,
        /// How many links and images were made harmless.
        defanged: usize,
        /// What the scanners noted.
        #[serde(default)]
        findings: Vec<Finding>,
    },
    /// A reply was held back: somebody at the destination may not read it, or because of what was found in it.
    HeldBack {
        /// To whom.
        to: Principal,
        /// Where that comes from.
        label: Label,
        /// What the scanners noted; nothing when it was not scanned, because its readers held it back.
        #[serde(default)]
        findings: Vec<Finding>,
    },
    /// A run goes on after a restart.
    Resumed {
        /// The policy version that judged it.
        policy: Digest,
    },
    /// The run ended.
    Ended(RunEnd),
}

impl Entry {
    /// The entry's stable name, as events and audit rows show it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RequestScreened { .. } => "request_screened",
            Self::RequestBlocked { .. } => "request_blocked",
            Self::Sketched { .. } => "sketched",
            Self::Weighed { .. } => "weighed",
            Self::Drafted { .. } => "drafted",
            Self::PlanChecked { .. } => "plan_checked",
            Self::PlanApproved { .. } => "plan_approved",
            Self::PlanRefused { .. } => "plan_refused",
            Self::Asked { .. } => "asked",
            Self::Answered { .. } => "answered",
            Self::CallStarted { .. } => "call_started",
            Self::CallRefused { .. } => "call_refused",
            Self::CallReturned { .. } => "call_returned",
            Self::CallFailed { .. } => "call_failed",
            Self::Released { .. } => "released",
            Self::HeldBack { .. } => "held_back",
            Self::Resumed { .. } => "resumed",
            Self::Ended(_) => "ended",
        }
    }
}
