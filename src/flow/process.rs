//! One pass of the worker over a text that somebody hands in: screened, read by the worker, screened, released.
//!
//! It is a run like any other, through the same gates and into the same journal. Its plan is ours and has one question in it;
//! the text comes back from a tool that only this run has, so that it is a stranger's from the beginning.

#[cfg(test)]
mod tests;

use super::controller::Parts;
use super::order::{self, RequestFailure};
use super::{FlowFailure, Outcome, Past, Ports};
use crate::kernel::catalogue::{Catalogue, Effect, Grant, Origin, Tool, Type};
use crate::kernel::gate::GateFailure;
use crate::kernel::gate::question::Question;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::id::{Digest, RunId};
use crate::kernel::label::{Capacity, Integrity, Label};
use crate::kernel::port::{
    ApprovalMode, Border, Draft, Finding, Invocation, People, PeopleFailure, Planner, PlannerFailure,
    Policy as _, Reason, Said, ToolFailure, ToolOutput, Tools, Tried, WorkerFailure,
};
use crate::kernel::principal::Principal;
use crate::kernel::record::{CallKind, Entry, PASS, RunEnd};
use crate::planner::playbook::quote;
use crate::policy::{Engine, InForce, PolicyErrors};
use crate::session::Conversation;
use crate::store::StoreError;
use serde::Serialize;
use serde_json::Value as Json;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// The tool that gives the text.
const TOOL: &str = "submitted_text";

/// How it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There is an answer.
    Done,
    /// A gate stopped it: the instruction, the text or the answer.
    Blocked,
    /// The worker gave no usable answer.
    Failed,
}

/// What was found at one border.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundAt {
    /// `request` for the instruction, `tool_output` for the text, `answer` for the worker's, `reply` for what goes out.
    pub border: Border,
    /// The finding; its place is in bytes of the text at that border.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What came of it. Fields may be added; none is renamed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Processed {
    /// Under which id the journal has it.
    pub run_id: RunId,
    /// How it came out.
    pub status: Status,
    /// The answer, without links that load or hide something.
    pub answer: Option<String>,
    /// Where it comes from: always untrusted.
    pub label: Option<Label>,
    /// Why there is no answer.
    pub reasons: Vec<Reason>,
    /// What the scanners noted, in the order of the borders.
    pub findings: Vec<FoundAt>,
}

/// Why it could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum ProcessFailure {
    /// The instruction is none.
    #[error(transparent)]
    Instruction(#[from] RequestFailure),
    /// Going down.
    #[error("the controller is shutting down and takes no new texts")]
    Closed,
    /// The policies do not fit the one tool.
    #[error("the policies in force do not fit: {0}")]
    Policy(#[from] PolicyErrors),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A port failed.
    #[error(transparent)]
    Flow(#[from] FlowFailure),
}

impl ProcessFailure {
    /// The worker's failure, where that is what it was: trying later may help.
    pub fn worker(&self) -> Option<&WorkerFailure> {
        match self {
            Self::Flow(FlowFailure::Gate(GateFailure::Worker(failure))) => Some(failure),
            _ => None,
        }
    }
}

/// The policies in force over the tools that there are and the one that gives the text, made once for each version.
pub(super) struct Rules {
    catalogue: Arc<Catalogue>,
    made: Mutex<Option<Made>>,
}

/// Which version it was made from, and what came of it.
struct Made {
    from: Digest,
    engine: Arc<Engine>,
}

impl Rules {
    /// Over the catalogue of a controller, which never changes.
    pub(super) fn over(catalogue: &Catalogue) -> Self {
        // Policies may name every tool that there is, so those stay known; our plan calls none of them.
        let known = catalogue.iter().map(|tool| Tool::clone(tool));
        Self { catalogue: Arc::new(Catalogue::new(known.chain([tool()]))), made: Mutex::default() }
    }

    fn now(&self, in_force: &InForce) -> Result<Arc<Engine>, PolicyErrors> {
        let (now, mut made) = (in_force.now(), self.made.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(made) = made.as_ref().filter(|made| made.from == now.version()) {
            return Ok(made.engine.clone());
        }
        let engine = Arc::new(now.over(&self.catalogue)?);
        *made = Some(Made { from: now.version(), engine: engine.clone() });
        Ok(engine)
    }
}

/// Has the worker read `text` as `instruction` says, for this principal.
///
/// # Errors
/// When it could not be tried. What was begun is closed in the journal.
pub(super) fn process(
    parts: &Parts,
    rules: &Rules,
    principal: &Principal,
    instruction: &str,
    text: String,
) -> Result<Processed, ProcessFailure> {
    let run = RunId::new(uuid::Uuid::now_v7().to_string());
    let request = Request {
        run: run.clone(),
        principal: principal.clone(),
        reply_to: principal.clone(),
        channel: Arc::from(PASS),
        trust_level: parts.trust_level,
        text: order::normalised(instruction)?,
    };
    let policy = rules.now(&parts.policy)?;
    let ports = Ports {
        planner: &OneQuestion,
        scanners: parts.scanners.as_ref(),
        policy: policy.as_ref(),
        people: &Nobody,
        tools: &Submitted(text),
        worker: parts.worker.as_ref(),
        onlooker: None,
        journal: parts.store.as_ref(),
        files: parts.store.as_ref(),
        conversation: &Conversation::begins((parts.clock)()),
        catalogue: &rules.catalogue,
        limits: parts.limits,
        // The plan is this file's and reads one text: whoever asked for it has asked for exactly that.
        mode: ApprovalMode::Smart,
        stop: &AtomicBool::new(false),
    };
    let outcome = match super::run(&ports, request, &Past::none()) {
        Ok(outcome) => outcome,
        Err(failure) => {
            // Nobody resumes this run, so it must not look as if somebody would.
            let end = RunEnd::Failed { message: "it could not be carried out".to_owned() };
            if let Err(e) = parts.store.append(&run, &Entry::Ended(end)) {
                tracing::error!(reason = %e, "the end of a run cannot be kept");
            }
            return Err(failure.into());
        }
    };
    let entries: Vec<Entry> = parts.store.entries(&run)?.into_iter().map(|(_, _, entry)| entry).collect();
    let (status, reasons) = judged(&outcome, &entries);
    let (answer, label) = match outcome {
        Outcome::Done(reply) => (Some(reply.text().to_owned()), Some(reply.label().clone())),
        _ => (None, None),
    };
    Ok(Processed { run_id: run, status, answer, label, reasons, findings: found(&entries) })
}

/// The tool that gives the text: what it gives is a stranger's, whoever handed it in.
fn tool() -> Tool {
    Tool {
        name: Arc::from(TOOL),
        doc: Arc::from("The text that was handed in."),
        params: Vec::new(),
        returns: Type::Str,
        effect: Effect::Read,
        effect_with: Vec::new(),
        output: Grant { integrity: Integrity::Untrusted, capacity: Capacity::Text, public: false },
        fields: Vec::new(),
        origin: Origin::Tool,
        idempotent: true,
    }
}

/// Gives the text, to the one call of a tool that the plan has.
struct Submitted(String);

impl Tools for Submitted {
    fn invoke(&self, _call: &Invocation) -> Result<ToolOutput, ToolFailure> {
        Ok(ToolOutput { value: Json::String(self.0.clone()), file: None })
    }
}

/// Writes the one plan, from the instruction as it was screened.
struct OneQuestion;

impl Planner for OneQuestion {
    fn draft(
        &self,
        request: &Screened<Request>,
        _catalogue: &Catalogue,
        _tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        let instruction = quote(&request.request().text);
        let plan =
            format!("text = {TOOL}()\nfound = ask({instruction}, data=text, type=str)\nanswer(found)\n");
        Ok(Draft::written(plan, false))
    }
}

/// There is nobody to ask: whoever wants to be asked gives a task.
struct Nobody;

impl People for Nobody {
    fn ask(&self, _question: &Question) -> Result<Said, PeopleFailure> {
        Ok(Said::Stop)
    }
}

/// How it came out, and why there is no answer.
fn judged(outcome: &Outcome, entries: &[Entry]) -> (Status, Vec<Reason>) {
    let reason = |policy: &str, text: String| Reason { policy: policy.to_owned(), text };
    match outcome {
        Outcome::Done(_) => (Status::Done, Vec::new()),
        Outcome::Blocked(findings) => {
            let told = |found: &Finding| reason("screening", format!("the instruction: {}", found.reason));
            (Status::Blocked, findings.iter().map(told).collect())
        }
        Outcome::Refused(reasons) => (Status::Blocked, reasons.clone()),
        Outcome::HeldBack(readers) => {
            (Status::Blocked, vec![reason("readers", format!("the answer may be read by {readers} only"))])
        }
        Outcome::Failed(failure) => {
            // Of the calls of this plan none fails but by the worker or by screening.
            let last = entries.iter().rev().find_map(|entry| match entry {
                Entry::CallFailed { message, findings, .. } => Some((message.clone(), findings.is_empty())),
                _ => None,
            });
            match last {
                Some((message, false)) => (Status::Blocked, vec![reason("screening", message)]),
                Some((message, true)) => (Status::Failed, vec![reason("worker", message)]),
                None => (Status::Failed, vec![reason("worker", failure.fault.to_string())]),
            }
        }
        Outcome::Faulty(errors) => (Status::Failed, vec![reason("plan", errors.to_string())]),
        Outcome::Waiting { question, .. } | Outcome::Expired(question) => {
            (Status::Blocked, question.reasons.clone())
        }
        Outcome::Stopped => {
            let asked = entries.iter().rev().find_map(|entry| match entry {
                Entry::Asked { reasons, .. } => Some(reasons.clone()),
                _ => None,
            });
            let mut reasons = asked.unwrap_or_default();
            let what =
                "a rule asks a person before this passes, and nobody can be asked here: give it as a task";
            reasons.push(reason("ask", what.to_owned()));
            (Status::Blocked, reasons)
        }
    }
}

/// What the scanners noted, as the journal has it.
fn found(entries: &[Entry]) -> Vec<FoundAt> {
    let mut out = Vec::new();
    let mut asked = Vec::new();
    for entry in entries {
        let (border, findings) = match entry {
            Entry::CallStarted { call, kind: CallKind::Ask, .. } => {
                asked.push(*call);
                continue;
            }
            Entry::RequestScreened { findings, .. } | Entry::RequestBlocked { findings, .. } => {
                (Border::Request, findings)
            }
            Entry::PlanChecked { findings, .. } => (Border::Plan, findings),
            Entry::CallReturned { call, findings, .. } | Entry::CallFailed { call, findings, .. } => {
                (if asked.contains(call) { Border::Answer } else { Border::ToolOutput }, findings)
            }
            Entry::Released { findings, .. } | Entry::HeldBack { findings, .. } => (Border::Reply, findings),
            _ => continue,
        };
        out.extend(findings.iter().map(|finding| FoundAt { border, finding: finding.clone() }));
    }
    out
}
