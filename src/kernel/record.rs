//! What a run writes into the journal, in the order in which it happens.
//!
//! The journal is recovery log, audit trail and event stream at once. Entries name labels, digests and verdicts;
//! the values themselves are kept beside them as data rows, so that they can be erased later.

use super::answer::SpanAt;
use super::id::{CallNo, Digest, Site};
use super::label::Label;
use super::port::{FileFact, Finding, Reason, Verdict};
use super::principal::Principal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// A record's position in the journal, from 1, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

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
    Refused { reasons: Vec<Reason> },
    /// Something broke: the plan, a tool, the worker.
    Failed { message: String },
    /// A person stopped it.
    Stopped,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A request came in and passed the scanners.
    RequestScreened { principal: Principal, channel: Arc<str>, request: String, findings: Vec<Finding> },
    /// A request was blocked.
    RequestBlocked { principal: Principal, channel: Arc<str>, findings: Vec<Finding> },
    /// A plan was parsed and checked. Enough to make it again after a restart.
    PlanChecked { text: String, digest: Digest, catalogue: Digest, policy: Digest },
    /// A plan was approved, by policy or by a person.
    PlanApproved { digest: Digest, policy: Digest, by: Option<Principal>, reasons: Vec<Reason> },
    /// A plan was refused.
    PlanRefused { digest: Digest, reasons: Vec<Reason> },
    /// A question was put to a person.
    Asked { question: Digest, call: Option<CallNo>, reasons: Vec<Reason> },
    /// A question ended.
    Answered { question: Digest, end: QuestionEnd, by: Option<Principal>, reason: Option<String> },
    /// A call was permitted and is about to start. From here on it may have happened.
    CallStarted {
        call: CallNo,
        site: Site,
        kind: CallKind,
        name: Arc<str>,
        digest: Digest,
        args: Vec<RecordedArg>,
        pc: Label,
        verdict: Verdict,
    },
    /// A call was refused by policy or by a person.
    CallRefused { call: CallNo, site: Site, name: Arc<str>, digest: Digest, reasons: Vec<Reason> },
    /// A call gave a value.
    CallReturned {
        call: CallNo,
        digest: Digest,
        value: Json,
        label: Label,
        findings: Vec<Finding>,
        file: Option<FileFact>,
        spans: Vec<SpanAt>,
    },
    /// A call gave an error instead of a value; its text is for people only.
    CallFailed { call: CallNo, digest: Digest, message: String },
    /// The reply was released to its destination.
    Released { to: Principal, label: Label, reply: Digest, defanged: usize },
    /// A reply was held back because somebody at the destination may not read it.
    HeldBack { to: Principal, label: Label },
    /// A run goes on after a restart.
    Resumed { policy: Digest },
    /// The run ended.
    Ended(RunEnd),
}

impl Entry {
    /// The entry's stable name, as events and audit rows show it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RequestScreened { .. } => "request_screened",
            Self::RequestBlocked { .. } => "request_blocked",
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
