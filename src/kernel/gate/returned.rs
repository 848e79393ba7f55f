//! What came back from a call: made by a used permit or from the journal, and labelled on its way through the gate.

use super::facts::{call_digest, recorded_args};
use super::output::OutputMarks;
use super::permitted::run_of;
use super::question::Decision;
use super::screened::{Labelling, Request};
use super::screening::reasons;
use super::texts::{self, Texts};
use super::{GateFailure, facts};
use crate::kernel::catalogue::Origin;
use crate::kernel::id::{Digest, RunId};
use crate::kernel::label::{Capacity, Label, Source};
use crate::kernel::plan::PlanError;
use crate::kernel::port::{
    Border, FileFact, FileLabels, Finding, Policy, ToolFailure, ToolOutput, Treated, Treatment, WorkerFailure,
};
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
    Recalled {
        value: Json,
        label: Label,
        error: Option<String>,
    },
    /// Policy does not let it pass; says why, for people.
    HeldBack(String),
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

    pub(super) fn request(&self) -> &Arc<Request> {
        &self.call.context.request
    }

    /// What the user said, and gave: the request, and for an answer the data that it is about.
    pub(super) fn asked(&self) -> String {
        let request = &self.request().text;
        match &self.call.wanted.what {
            What::Ask { data, .. } => format!("{request}\n{}", Texts::of(&data.to_json()).joined()),
            What::Tool { .. } | What::Confirm { .. } => request.clone(),
        }
    }

    /// The texts that come from outside.
    pub(super) fn texts(&self) -> Texts {
        match &self.outcome {
            Outcome::Tool(ToolOutput { value, .. })
            | Outcome::Answer(value)
            | Outcome::Recalled { value, error: None, .. } => Texts::of(value),
            Outcome::ToolError(failure) => Texts::of_text(&failure.message),
            Outcome::NoAnswer
            | Outcome::WorkerError(_)
            | Outcome::Confirmed(_)
            | Outcome::Recalled { .. }
            | Outcome::HeldBack(_) => Texts::default(),
        }
    }

    /// Whether no untrusted source had a say in it.
    pub(super) fn is_trusted(&self) -> bool {
        matches!(&self.labelled, Some(Ok(node)) if node.deep().label().is_trusted())
    }

    /// Does what policy says about the findings.
    pub(super) fn obey(
        &mut self,
        texts: &Texts,
        treated: &[Treated],
        policy: &dyn Policy,
        files: &dyn FileLabels,
    ) -> Result<(), GateFailure> {
        let key = policy.redaction_key();
        let mut held_back = reasons(treated, &[Treatment::Block]);
        let cut = treated.iter().any(|t| t.treatment.takes_out());
        if let (true, Some(value)) = (cut, self.value_mut()) {
            match texts.redacted(value, treated, key) {
                Some(redacted) => *value = redacted,
                // What cannot be taken out does not pass.
                None => held_back.extend(reasons(treated, &Treatment::TAKING_OUT)),
            }
        }
        if let (true, Outcome::ToolError(failure)) = (cut, &mut self.outcome) {
            failure.message = texts::redacted(&failure.message, treated, key);
        }
        if !held_back.is_empty() {
            let told: Vec<String> = held_back.iter().map(|r| format!("{} ({})", r.text, r.policy)).collect();
            self.outcome = Outcome::HeldBack(told.join("; "));
        }
        if cut || !held_back.is_empty() {
            self.label_outcome(files)?;
        }
        let whole = texts::found(treated.iter());
        self.labelled = self.labelled.take().map(|labelled| match self.call.kind() {
            CallKind::Tool => labelled.map(|node| texts.marked(node, treated)),
            CallKind::Ask | CallKind::Confirm => labelled.map(|node| texts::marked_whole(node, &whole)),
        });
        Ok(())
    }

    fn value_mut(&mut self) -> Option<&mut Json> {
        match &mut self.outcome {
            Outcome::Tool(ToolOutput { value, .. })
            | Outcome::Answer(value)
            | Outcome::Recalled { value, error: None, .. } => Some(value),
            _ => None,
        }
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
        // What the type does not name is nobody's business: it is not scanned, recorded or handed on.
        let outcome = match (outcome, &call.tool) {
            (Outcome::Tool(output), Some(tool)) => {
                Outcome::Tool(ToolOutput { value: tool.returns.pruned(output.value), ..output })
            }
            (outcome, _) => outcome,
        };
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
            Outcome::HeldBack(reason) => self.label_held_back(reason),
        };
        self.labelled = Some(labelled);
        Ok(())
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
        let marks = OutputMarks::new(tool, &self.call, path, known, &self.call.wanted.what.mark());
        Ok(Ok(self.with_success(Node::from_json(value, "", &|path| marks.at(path)), &marks)))
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
        Mark::made_by(worker.join(self.call.wanted.what.mark().label()), self.call.no().0)
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
        let marks = OutputMarks::new(tool, &self.call, None, None, &self.call.wanted.what.mark());
        Ok(Node::new(Data::None, marks.failure()))
    }

    /// Under `or_none`, that it was held back says as much as that it failed.
    fn label_held_back(&self, reason: &str) -> Labelling {
        if self.call.wanted.stmt.or_none {
            return self.label_error(reason);
        }
        let fault = self.fault(format!("what `{}` gave was held back by screening", self.call.name()));
        Err((
            fault.hint("the record of this call says what was found and which rule says so"),
            reason.to_owned(),
        ))
    }

    fn label_confirmed(&self, decision: Decision) -> Node {
        // A person's answer is the user's own word about what they were shown.
        let label =
            Label::trusted_from(Source::User).join(&self.call.wanted.what.mark().label().as_influence());
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
                let marks = OutputMarks::new(tool, &self.call, None, known, &self.call.wanted.what.mark());
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
                Some(Entry::CallFailed { call, digest, message, findings: findings.to_vec() })
            }
        }
    }

    /// What was written where, for a call that wrote a file: its content's digest and the label it keeps.
    pub(super) fn written(&self) -> Option<(FileFact, Label)> {
        let Outcome::Tool(ToolOutput { file: Some(file), .. }) = &self.outcome else { return None };
        if facts::effect(&self.call) < crate::kernel::catalogue::Effect::Write {
            return None;
        }
        let label = self.call.wanted.what.mark().label().join(self.call.pc());
        Some((file.clone(), label))
    }
}
