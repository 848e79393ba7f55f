//! What came back from a call: made by a used permit or from the journal, and labelled on its way through the gate.

use super::facts::{call_digest, recorded_args};
use super::output::OutputMarks;
use super::permitted::run_of;
use super::question::Decision;
use super::screened::{Labelling, text_of};
use super::{GateFailure, facts};
use crate::kernel::catalogue::Origin;
use crate::kernel::id::{Digest, RunId};
use crate::kernel::label::{Capacity, Label, Source};
use crate::kernel::plan::PlanError;
use crate::kernel::port::{Border, FileFact, FileLabels, Finding, ToolFailure, ToolOutput, WorkerFailure};
use crate::kernel::record::{CallKind, Entry};
use crate::kernel::run::What;
use crate::kernel::run::progress::PendingCall;
use crate::kernel::value::{Data, Mark, Node};
use serde_json::Value as Json;
use std::sync::Arc;

/// What came back, with the run's state inside. It goes on only through the screening gate.
#[derive(Debug)]
#[must_use = "what came back is there to be screened"]
pub struct Returned {
    call: PendingCall,
    digest: Digest,
    outcome: Outcome,
    labelled: Option<Labelling>,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Tool(ToolOutput),
    ToolError(ToolFailure),
    Answer(Json),
    NoAnswer,
    WorkerError(WorkerFailure),
    Confirmed(Decision),
    Recalled { value: Json, label: Label, error: Option<String> },
}

/// What the journal remembers of a call that was made before a restart.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    /// The digest under which it started.
    pub digest: Digest,
    /// What it gave.
    pub value: Json,
    /// With which label.
    pub label: Label,
    /// Its error instead, when it reported one.
    pub error: Option<String>,
}

/// Takes a call's result from the journal instead of making the call again.
///
/// # Errors
/// When the plan now makes another call than the one that is remembered.
pub fn recall(call: PendingCall, remembered: Remembered) -> Result<Returned, GateFailure> {
    let digest = call_digest(&call, &recorded_args(&call));
    if digest != remembered.digest {
        let no = call.no();
        return Err(GateFailure::Diverged(format!("{no} is not the call that was made before the restart")));
    }
    let Remembered { value, label, error, .. } = remembered;
    Ok(Returned { call, digest, outcome: Outcome::Recalled { value, label, error }, labelled: None })
}

impl Returned {
    pub(super) fn run(&self) -> &RunId {
        run_of(&self.call)
    }

    pub(super) fn border(&self) -> Border {
        match self.call.kind() {
            CallKind::Ask => Border::Answer,
            CallKind::Tool | CallKind::Confirm => Border::ToolOutput,
        }
    }

    pub(super) fn text(&self) -> Option<String> {
        text_of(&self.outcome)
    }

    pub(super) fn into_parts(self) -> (PendingCall, Labelling) {
        let missing =
            || Err((PlanError::at(self.call.wanted.stmt.span, "the result was not labelled"), String::new()));
        let labelled = self.labelled.unwrap_or_else(missing);
        (self.call, labelled)
    }

    fn fault(&self, message: impl Into<String>) -> PlanError {
        PlanError::at(self.call.wanted.stmt.span, message)
    }

    /// INVARIANT: called by a permit that is used up, and by nothing else.
    pub(super) fn new(call: PendingCall, digest: Digest, outcome: Outcome, worker: Arc<str>) -> Self {
        let call = PendingCall { worker, ..call };
        Self { call, digest, outcome, labelled: None }
    }

    /// Gives the outcome its label. The catalogue decides what an output is worth; the tool has no say.
    pub(super) fn label_outcome(&mut self, files: &dyn FileLabels) -> Result<(), GateFailure> {
        let labelled = match &self.outcome {
            Outcome::Tool(output) => self.label_output(&output.value, output.file.as_ref(), files)?,
            Outcome::Answer(json) => self.label_answer(json),
            Outcome::NoAnswer => self.label_missing_answer(),
            Outcome::ToolError(failure) => self.label_error(&failure.message),
            Outcome::WorkerError(failure) => {
                Err((self.fault("the worker gave no usable answer"), failure.to_string()))
            }
            Outcome::Confirmed(decision) => Ok(self.label_confirmed(*decision)),
            Outcome::Recalled { value, label, error } => self.label_recalled(value, label, error.as_deref()),
        };
        self.labelled = Some(labelled);
        Ok(())
    }

    /// The marks of everything that went into a tool call.
    fn input(&self) -> Mark {
        match &self.call.wanted.what {
            What::Tool { args, .. } => {
                args.iter().fold(Mark::trusted(), |mark, (_, node)| mark.join(&node.deep()))
            }
            What::Ask { question, data, ty } => question.deep().join(&data.deep()).join(&ty.mark()),
            What::Confirm { question } => question.deep(),
        }
    }

    fn label_output(
        &self,
        value: &Json,
        file: Option<&FileFact>,
        files: &dyn FileLabels,
    ) -> Result<Labelling, GateFailure> {
        let Some(tool) = &self.call.tool else { return Ok(Err((self.fault("not a tool"), String::new()))) };
        if let Err(misfit) = tool.returns.check(value, "result") {
            let fault = self.fault(format!("`{}` gave something other than its type", tool.name));
            return Ok(Err((fault, misfit.to_string())));
        }
        // A file whose bytes we know keeps the label that those bytes were written with.
        let known = match (&tool.origin, file) {
            (Origin::File { .. }, Some(file)) => files.written_label(file)?,
            _ => None,
        };
        let path = file.map(|f| f.path.as_str());
        let marks = OutputMarks::new(tool, &self.call, path, known, &self.input());
        Ok(Ok(self.with_success(
            Node::from_json(&tool.returns.pruned(value.clone()), "", &|path| marks.at(path)),
            &marks,
        )))
    }

    /// Under `or_none`, that the call succeeded says as much as that it failed.
    fn with_success(&self, node: Node, marks: &OutputMarks<'_>) -> Node {
        if self.call.wanted.stmt.or_none { node.joined(&marks.failure()) } else { node }
    }

    fn label_answer(&self, json: &Json) -> Labelling {
        let What::Ask { ty, .. } = &self.call.wanted.what else {
            return Err((self.fault("not a question"), String::new()));
        };
        if let Err(misfit) = ty.plain().check(json) {
            return Err((self.fault("the worker's answer does not fit its type"), misfit.to_string()));
        }
        Ok(ty.value(json, &self.answer_mark()))
    }

    fn answer_mark(&self) -> Mark {
        let worker = match &self.outcome {
            Outcome::Recalled { label, .. } => label.clone(),
            _ => Label::untrusted_from(Source::Worker(self.call.worker.clone()), Capacity::Text),
        };
        Mark::made_by(worker.join(self.input().label()), self.call.no().0)
    }

    fn label_missing_answer(&self) -> Labelling {
        match &self.call.wanted.what {
            What::Ask { ty: ty @ crate::kernel::value::AskType::Optional(_), .. } => {
                Ok(ty.value(&Json::Null, &self.answer_mark()))
            }
            _ => {
                let fault = self.fault("there is not enough information in the data to answer");
                Err((fault.hint("use `type=T | None` and test for None"), String::new()))
            }
        }
    }

    fn label_error(&self, message: &str) -> Labelling {
        let name = self.call.name();
        if !self.call.wanted.stmt.or_none {
            let fault = self.fault(format!("the tool `{name}` reported an error"));
            return Err((fault.hint("use `or_none(...)` when it may fail"), message.to_owned()));
        }
        let Some(tool) = &self.call.tool else { return Err((self.fault("not a tool"), String::new())) };
        let marks = OutputMarks::new(tool, &self.call, None, None, &self.input());
        Ok(Node::new(Data::None, marks.failure()))
    }

    fn label_confirmed(&self, decision: Decision) -> Node {
        // A person's answer is the user's own word about what they were shown.
        let label = Label::trusted_from(Source::User).join(&self.input().label().as_influence());
        let yes = decision == Decision::Approve;
        Node::new(Data::Bool(yes), Mark::made_by(label, self.call.no().0))
    }

    fn label_recalled(&self, value: &Json, label: &Label, error: Option<&str>) -> Labelling {
        if let Some(message) = error {
            return self.label_error(message);
        }
        match (&self.call.wanted.what, &self.call.tool) {
            (What::Ask { .. }, _) if value.is_null() => self.label_missing_answer(),
            (What::Ask { .. }, _) => self.label_answer(value),
            (What::Confirm { .. }, _) => {
                let decision = if *value == Json::Bool(true) { Decision::Approve } else { Decision::Deny };
                Ok(self.label_confirmed(decision))
            }
            (What::Tool { .. }, Some(tool)) => {
                if let (Json::Null, true) = (value, self.call.wanted.stmt.or_none) {
                    return self.label_error("");
                }
                // A file's label was settled when it was read: the file may have changed since.
                let known = matches!(tool.origin, Origin::File { .. }).then(|| label.clone());
                let marks = OutputMarks::new(tool, &self.call, None, known, &self.input());
                Ok(self.with_success(Node::from_json(value, "", &|path| marks.at(path)), &marks))
            }
            (What::Tool { .. }, None) => Err((self.fault("not a tool"), String::new())),
        }
    }

    /// The journal's record of the outcome; nothing for what the journal already has.
    pub(super) fn entry(&self, findings: &[Finding]) -> Option<Entry> {
        let (call, digest) = (self.call.no(), self.digest);
        if matches!(self.outcome, Outcome::Recalled { .. }) {
            return None;
        }
        match self.labelled.as_ref()? {
            Ok(node) => {
                let spans = match (&self.outcome, &self.call.wanted.what) {
                    (Outcome::Answer(json), What::Ask { ty, .. }) => {
                        ty.plain().check(json).unwrap_or_default()
                    }
                    _ => Vec::new(),
                };
                let file = match &self.outcome {
                    Outcome::Tool(output) => output.file.clone(),
                    _ => None,
                };
                let label = node.deep().label().clone();
                let value = node.to_json();
                Some(Entry::CallReturned {
                    call,
                    digest,
                    value,
                    label,
                    findings: findings.to_vec(),
                    file,
                    spans,
                })
            }
            Err((fault, detail)) => {
                let message = if detail.is_empty() { fault.message.clone() } else { detail.clone() };
                Some(Entry::CallFailed { call, digest, message })
            }
        }
    }

    /// What was written where, for a call that wrote a file: its content's digest and the label it keeps.
    pub(super) fn written(&self) -> Option<(FileFact, Label)> {
        let Outcome::Tool(ToolOutput { file: Some(file), .. }) = &self.outcome else { return None };
        if facts::effect(&self.call) < crate::kernel::catalogue::Effect::Write {
            return None;
        }
        let label = self.input().label().join(self.call.pc());
        Some((file.clone(), label))
    }
}
