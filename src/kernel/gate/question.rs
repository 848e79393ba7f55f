//! Questions to people, and their answers. A question is bound by its digest to exactly what will happen.

use super::GateFailure;
use crate::kernel::catalogue::Effect;
use crate::kernel::id::{CallNo, Digest, RunId, Site};
use crate::kernel::label::Label;
use crate::kernel::plan::graph::FlowGraph;
use crate::kernel::port::{Assessment, Finding, Reason};
use crate::kernel::principal::Principal;
use crate::kernel::record::RecordedArg;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a person is shown. Plain data: showing it decides nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "asks", rename_all = "snake_case")]
pub enum Shown {
    /// May this plan run?
    Plan {
        /// The user's words.
        request: String,
        /// The plan's text.
        plan: String,
        /// Who flows where, and which calls will ask.
        graph: FlowGraph,
        /// A model's words: what the planner thinks of the conversation. Nothing is bound to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assessment: Option<Assessment>,
    },
    /// May this call happen, with exactly these arguments?
    Call {
        /// Which call of the run.
        call: CallNo,
        /// Where in the plan.
        site: Site,
        /// The line of the plan, from 1.
        line: usize,
        /// The tool.
        tool: Arc<str>,
        /// What it does.
        effect: Effect,
        /// Exact values, each with its label.
        args: Vec<RecordedArg>,
        /// How the plan came here.
        pc: Label,
    },
    /// The plan asks the user something.
    Confirm {
        /// Which call of the run.
        call: CallNo,
        /// The plan's question.
        question: String,
        /// Where the question's text comes from.
        label: Label,
    },
    /// May this reply leave?
    Reply {
        /// The words as they would leave.
        text: String,
        /// Where they come from.
        label: Label,
        /// What the scanners found in them.
        findings: Vec<Finding>,
    },
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What the answer is bound to: run, step, tool, arguments, labels and policy version.
    pub digest: Digest,
    /// Which run.
    pub run: RunId,
    /// Why it is asked: the rules that would refuse without an approval.
    pub reasons: Vec<Reason>,
    /// What the person sees.
    pub shown: Shown,
}

/// An authenticated person's decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The digest of the question that was shown.
    pub question: Digest,
    /// Yes or no.
    pub decision: Decision,
    /// Who decided.
    pub by: Principal,
    /// In the person's words.
    pub reason: Option<String>,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Exactly this may happen.
    Approve,
    /// It may not.
    Deny,
}

impl Question {
    /// INVARIANT: what a person says counts for the question that they were shown, and for no other.
    pub(super) fn must_be(&self, shown: Digest) -> Result<(), GateFailure> {
        if shown == self.digest {
            return Ok(());
        }
        let (given, asked) = (shown.short(), self.digest.short());
        Err(GateFailure::WrongAnswer(format!("it was given to question {given}, this is question {asked}")))
    }
}
