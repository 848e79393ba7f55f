//! The fourth gate: every single call, judged with the labels of exactly these arguments.

use super::approved::{denied_by, ended};
use super::facts::{arg_facts, call_digest, call_facts, effect, question_digest, recorded_args};
use super::question::{Answer, Decision, Question, Shown};
use super::screened::{Labelling, text_of};
use super::{GateFailure, facts};
use crate::kernel::catalogue::{Grant, Origin, Tool, Type};
use crate::kernel::id::{Digest, RunId};
use crate::kernel::label::{Capacity, Integrity, Label, Readers, Source};
use crate::kernel::plan::PlanError;
use crate::kernel::port::{
    Ask, Border, FileFact, FileLabels, Finding, Invocation, Journal, Policy, Reason, ToolFailure, ToolOutput,
    Tools, Verdict, Worker, WorkerFailure, WorkerReply,
};
use crate::kernel::record::{CallKind, Entry, QuestionEnd, RecordedArg};
use crate::kernel::run::What;
use crate::kernel::run::progress::PendingCall;
use crate::kernel::value::{Data, Mark, Node};
use serde_json::Value as Json;
use std::sync::Arc;

/// A call that may be made, once. Made only here, after its start was written down.
#[derive(Debug)]
#[must_use = "a permit is there to be used"]
pub struct Permitted {
    call: PendingCall,
    digest: Digest,
    confirmed: Option<Decision>,
}

/// What the policy says of a call.
#[must_use]
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once a call and taken apart at once")]
pub enum Permission {
    /// It may be made.
    Permitted(Permitted),
    /// A person must decide.
    Ask(CallQuestion),
    /// It may not be made.
    Denied(Vec<Reason>),
}

/// A call that waits for a person. Answering uses it up.
#[derive(Debug)]
#[must_use = "somebody waits for this question"]
pub struct CallQuestion {
    call: PendingCall,
    question: Question,
    digest: Digest,
    args: Vec<RecordedArg>,
}

/// A call that a person decided about.
#[must_use]
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once a call and taken apart at once")]
pub enum Decided {
    /// It may be made.
    Permitted(Permitted),
    /// The person said no.
    Denied(Vec<Reason>),
}

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

/// Judges a pending call.
///
/// # Errors
/// When the policy or the journal fails.
pub fn permit(
    call: PendingCall,
    policy: &dyn Policy,
    journal: &dyn Journal,
) -> Result<Permission, GateFailure> {
    let args = recorded_args(&call);
    let digest = call_digest(&call, &args);
    if call.kind() == CallKind::Confirm {
        return ask(call, args, digest, Vec::new(), policy, journal);
    }
    let arg_facts = arg_facts(&call, &args);
    let verdict = match call_facts(&call, &arg_facts) {
        Some(facts) => policy.judge_call(&facts)?,
        // The worker has no tools and answers only in type: asking it changes nothing.
        None => {
            Verdict::Allow(vec![Reason { policy: "kernel".into(), text: "the worker has no tools".into() }])
        }
    };
    match verdict {
        Verdict::Allow(_) => {
            journal.record(run_of(&call), &started(&call, digest, args, verdict))?;
            Ok(Permission::Permitted(Permitted { call, digest, confirmed: None }))
        }
        Verdict::Ask(reasons) => ask(call, args, digest, reasons, policy, journal),
        Verdict::Deny(reasons) => {
            refuse(&call, digest, &reasons, journal)?;
            Ok(Permission::Denied(reasons))
        }
    }
}

/// Asks a person about a call that may have happened before a restart, whatever policy says of it.
///
/// # Errors
/// When the policy or the journal fails.
pub fn permit_again(
    call: PendingCall,
    policy: &dyn Policy,
    journal: &dyn Journal,
) -> Result<Permission, GateFailure> {
    let args = recorded_args(&call);
    let digest = call_digest(&call, &args);
    let facts = arg_facts(&call, &args);
    let mut reasons = vec![Reason {
        policy: "unknown-outcome".to_owned(),
        text: "the controller stopped while this call was being made: it may have happened already, and making it \
               again may do it twice"
            .to_owned(),
    }];
    match call_facts(&call, &facts).map(|facts| policy.judge_call(&facts)).transpose()? {
        Some(Verdict::Deny(reasons)) => {
            refuse(&call, digest, &reasons, journal)?;
            return Ok(Permission::Denied(reasons));
        }
        Some(Verdict::Ask(more)) => reasons.extend(more),
        Some(Verdict::Allow(_)) | None => {}
    }
    ask(call, args, digest, reasons, policy, journal)
}

fn run_of(call: &PendingCall) -> &RunId {
    &call.context.request.run
}

fn started(call: &PendingCall, digest: Digest, args: Vec<RecordedArg>, verdict: Verdict) -> Entry {
    let (no, site, kind, name, pc) = (call.no(), call.site(), call.kind(), call.name(), call.pc().clone());
    Entry::CallStarted { call: no, site, kind, name, digest, args, pc, verdict }
}

fn refuse(
    call: &PendingCall,
    digest: Digest,
    reasons: &[Reason],
    journal: &dyn Journal,
) -> Result<(), GateFailure> {
    let (no, site, name) = (call.no(), call.site(), call.name());
    let entry = Entry::CallRefused { call: no, site, name, digest, reasons: reasons.to_vec() };
    journal.record(run_of(call), &entry)?;
    Ok(())
}

fn ask(
    call: PendingCall,
    args: Vec<RecordedArg>,
    digest: Digest,
    reasons: Vec<Reason>,
    policy: &dyn Policy,
    journal: &dyn Journal,
) -> Result<Permission, GateFailure> {
    let shown = match &call.wanted.what {
        What::Confirm { question } => Shown::Confirm {
            call: call.no(),
            question: match &question.data {
                Data::Str(text) => text.to_string(),
                _ => question.to_json().to_string(),
            },
            label: question.deep().label().clone(),
        },
        What::Tool { .. } | What::Ask { .. } => Shown::Call {
            call: call.no(),
            site: call.site(),
            line: call.line(),
            tool: call.name(),
            effect: effect(&call),
            args: args.clone(),
            pc: call.pc().clone(),
        },
    };
    let question = Question {
        digest: question_digest(&call, &args, policy.version()),
        run: run_of(&call).clone(),
        reasons: reasons.clone(),
        shown,
    };
    let entry = Entry::Asked { question: question.digest, call: Some(call.no()), reasons };
    journal.record(run_of(&call), &entry)?;
    Ok(Permission::Ask(CallQuestion { call, question, digest, args }))
}

impl CallQuestion {
    /// What the person is shown.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Takes the person's answer. An approval is used up in the transaction that starts the call.
    ///
    /// # Errors
    /// When the answer belongs to another question, its approval was used before, or the journal fails.
    pub fn answer(self, answer: &Answer, journal: &dyn Journal) -> Result<Decided, GateFailure> {
        answer.must_fit(&self.question)?;
        let run = run_of(&self.call).clone();
        let confirm = self.call.kind() == CallKind::Confirm;
        let verdict = Verdict::Ask(self.question.reasons.clone());
        match answer.decision {
            Decision::Approve => {
                journal.record(&run, &ended(answer, QuestionEnd::Approved))?;
                let entry = started(&self.call, self.digest, self.args, verdict);
                journal.record_approved(&run, &entry, self.question.digest)?;
            }
            // "No" to a plan's own question is an answer that the plan goes on with.
            Decision::Deny if confirm => {
                journal.record(&run, &ended(answer, QuestionEnd::Denied))?;
                journal.record(&run, &started(&self.call, self.digest, self.args, verdict))?;
            }
            Decision::Deny => {
                let reasons = denied_by(answer);
                journal.record(&run, &ended(answer, QuestionEnd::Denied))?;
                refuse(&self.call, self.digest, &reasons, journal)?;
                return Ok(Decided::Denied(reasons));
            }
        }
        let confirmed = confirm.then_some(answer.decision);
        Ok(Decided::Permitted(Permitted { call: self.call, digest: self.digest, confirmed }))
    }
}

impl Permitted {
    /// Makes the call and uses the permit up.
    pub fn perform(self, tools: &dyn Tools, worker: &dyn Worker) -> Returned {
        let Self { call, digest, confirmed } = self;
        let outcome = match (&call.wanted.what, confirmed) {
            (What::Confirm { .. }, decision) => Outcome::Confirmed(decision.unwrap_or(Decision::Deny)),
            (What::Tool { name, .. }, _) => {
                let invocation = Invocation {
                    run: run_of(&call).clone(),
                    call: call.no(),
                    site: call.site(),
                    tool: name.clone(),
                    args: call.args.clone(),
                    idempotency_key: digest,
                };
                match tools.invoke(&invocation) {
                    Ok(output) => Outcome::Tool(output),
                    Err(failure) => Outcome::ToolError(failure),
                }
            }
            (What::Ask { question, data, ty }, _) => {
                let ask = Ask { question: text(question), data: text(data), answer: ty.plain() };
                match worker.answer(&ask) {
                    Ok(WorkerReply::Answer(json)) => Outcome::Answer(json),
                    Ok(WorkerReply::NotEnoughInformation) => Outcome::NoAnswer,
                    Err(failure) => Outcome::WorkerError(failure),
                }
            }
        };
        let mut returned = Returned { call, digest, outcome, labelled: None };
        returned.name_worker(&worker.name());
        returned
    }
}

/// A value as the worker reads it: text as it is, everything else as JSON.
fn text(node: &Node) -> String {
    match &node.data {
        Data::Str(text) => text.to_string(),
        Data::None => String::new(),
        _ => node.to_json().to_string(),
    }
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

/// The digest under which a pending call is or was started.
pub fn digest_of(call: &PendingCall) -> Digest {
    call_digest(call, &recorded_args(call))
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

    fn name_worker(&mut self, name: &Arc<str>) {
        self.call.worker = name.clone();
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
        Ok(Ok(Node::from_json(&tool.returns.pruned(value.clone()), "", &|path| marks.at(path))))
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
        // That it failed is one bit from the tool, whatever the tool's error says.
        let whole = OutputMarks::new(tool, &self.call, None, None, &self.input()).at("");
        Ok(Node::new(Data::None, whole.bounded_by(Capacity::Bool)))
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
                Ok(Node::from_json(value, "", &|path| marks.at(path)))
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

/// The marks of a tool's output by field path.
pub(in crate::kernel) struct OutputMarks<'t> {
    tool: &'t Tool,
    source: Source,
    known: Option<Label>,
    own: Readers,
    input: Mark,
    no: u32,
}

impl<'t> OutputMarks<'t> {
    fn new(
        tool: &'t Tool,
        call: &PendingCall,
        path: Option<&str>,
        known: Option<Label>,
        input: &Mark,
    ) -> Self {
        let named = |arg: &str| call.args.get(arg).and_then(Json::as_str).map(str::to_owned);
        let source = match &tool.origin {
            Origin::Tool => Source::Tool(tool.name.clone()),
            Origin::File { path_arg } => {
                let path =
                    path.map(str::to_owned).or_else(|| named(path_arg)).unwrap_or_else(|| "*".to_owned());
                Source::File(Arc::from(path))
            }
        };
        let own = Readers::only(call.context.request.principal.clone());
        Self::with(tool, source, known, own, input, call.no().0)
    }

    pub(in crate::kernel) fn with(
        tool: &'t Tool,
        source: Source,
        known: Option<Label>,
        own: Readers,
        input: &Mark,
        no: u32,
    ) -> Self {
        // Which file is read says something about the path; an echoing tool may give back the argument itself.
        let input = match tool.origin {
            Origin::File { .. } => input.as_influence(),
            Origin::Tool => input.clone(),
        };
        Self { tool, source, known, own, input, no }
    }

    /// The mark of the node at `path`.
    ///
    /// A field that the grant names by itself is worth exactly what the grant says (the id of a file just made is
    /// the system's, whatever the file holds); the rest also carries the call's arguments.
    pub(in crate::kernel) fn at(&self, path: &str) -> Mark {
        if let Some(known) = &self.known {
            return Mark::made_by(known.clone(), self.no).join(&self.input);
        }
        let grant = self.tool.grant_at(path);
        let named = !std::ptr::eq(grant, &self.tool.output);
        // An object whose fields are granted one by one always has the same fields: it says nothing itself.
        if !named && self.has_granted_fields(path) {
            let label = Label::trusted_from(self.source.clone()).narrowed_to(&self.own);
            return Mark::made_by(label, self.no);
        }
        let mark = Mark::made_by(self.label(grant), self.no);
        if named && grant.integrity == Integrity::Trusted { mark } else { mark.join(&self.input) }
    }

    fn has_granted_fields(&self, path: &str) -> bool {
        let record = |ty: &Type| match ty {
            Type::Union(types) => types.iter().any(|ty| matches!(ty, Type::Record(_))),
            ty => matches!(ty, Type::Record(_)),
        };
        self.tool.returns.at(path).is_some_and(record)
            && self.tool.fields.iter().any(|f| {
                let rest = f.path.strip_prefix(path).unwrap_or("");
                match path.is_empty() {
                    true => !rest.starts_with('['),
                    false => rest.starts_with('.'),
                }
            })
    }

    fn label(&self, grant: &Grant) -> Label {
        let label = match grant.integrity {
            Integrity::Trusted => Label::trusted_from(self.source.clone()),
            Integrity::Untrusted => Label::untrusted_from(self.source.clone(), grant.capacity),
        };
        if grant.public { label } else { label.narrowed_to(&self.own) }
    }
}
