//! The fourth gate: every single call, judged with the labels of exactly these arguments.

use super::GateFailure;
use super::aloud::answer_before;
use super::approved::{asked_too, denied_by, ended};
use super::edit::{self, Edit};
use super::facts::{arg_facts, call_digest, call_facts, effect, question_digest, recorded_args};
use super::question::{Answer, Decision, Question, Shown};
use super::returned::{Outcome, Returned};
use super::screened::{Request, Screened};
use super::screening::{Screener, findings, reasons};
use super::texts::{self, Texts};
use crate::kernel::catalogue::Role;
use crate::kernel::id::{Digest, RunId};
use crate::kernel::port::{
    Ask, Border, Crossing, Invocation, Journal, Onlooker, Policy, Reason, Scanners, Tools, Treatment,
    Verdict, Worker, WorkerFailure, WorkerReply,
};
use crate::kernel::record::{CallKind, Entry, QuestionEnd, RecordedArg};
use crate::kernel::run::What;
use crate::kernel::run::progress::PendingCall;
use crate::kernel::value::{Data, Node};
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

/// Judges a pending call, with what scanners find in its arguments.
///
/// # Errors
/// When no scanner is active, one fails, or policy or journal does.
pub fn permit(
    call: PendingCall,
    scanners: &dyn Scanners,
    policy: &dyn Policy,
    journal: &dyn Journal,
) -> Result<Permission, GateFailure> {
    let (args, verdict) = judged(&call, scanners, policy)?;
    let digest = call_digest(&call, &args);
    if call.kind() == CallKind::Confirm {
        return ask(call, args, digest, Vec::new(), policy, journal);
    }
    match verdict {
        Verdict::Allow(_) => {
            journal.record(run_of(&call), &started(&call, digest, args, verdict))?;
            Ok(Permission::Permitted(Permitted { call, digest, confirmed: None }))
        }
        Verdict::Ask(reasons) => ask(call, args, digest, reasons, policy, journal),
        Verdict::Deny(reasons) => {
            refuse(&call, digest, args, &reasons, journal)?;
            Ok(Permission::Denied(reasons))
        }
    }
}

/// Asks a person about a call that may have happened before a restart, whatever policy says of it.
///
/// # Errors
/// When no scanner is active, one fails, or policy or journal does.
pub fn permit_again(
    call: PendingCall,
    scanners: &dyn Scanners,
    policy: &dyn Policy,
    journal: &dyn Journal,
) -> Result<Permission, GateFailure> {
    let (args, verdict) = judged(&call, scanners, policy)?;
    let digest = call_digest(&call, &args);
    let mut reasons = vec![Reason {
        policy: "unknown-outcome".to_owned(),
        text: "the controller stopped while this call was being made: it may have happened already, and making it \
               again may do it twice"
            .to_owned(),
    }];
    match verdict {
        Verdict::Deny(reasons) => {
            refuse(&call, digest, args, &reasons, journal)?;
            return Ok(Permission::Denied(reasons));
        }
        Verdict::Ask(more) => reasons.extend(more),
        Verdict::Allow(_) => {}
    }
    ask(call, args, digest, reasons, policy, journal)
}

/// The arguments with what scanners noted in them, and what policy says of call and findings together.
fn judged(
    call: &PendingCall,
    scanners: &dyn Scanners,
    policy: &dyn Policy,
) -> Result<(Vec<RecordedArg>, Verdict), GateFailure> {
    let mut args = recorded_args(call);
    let Some(tool) = call.tool.as_deref() else {
        // The worker has no tools and answers only in type: asking it changes nothing.
        let reason = Reason { policy: "kernel".into(), text: "the worker has no tools".into() };
        return Ok((args, Verdict::Allow(vec![reason])));
    };
    let request = &call.context.request;
    let screener = Screener { scanners, policy, request };
    let mut treated = Vec::new();
    for arg in &mut args {
        let role = tool.param(&arg.name).map_or(Role::Data, |param| param.role);
        let executed = matches!(role, Role::Command | Role::Path);
        let crossing = Crossing { border: Border::ToolArgument, executed, asked: &request.text };
        let of_arg = screener.screen(Texts::of(&arg.value).joined(), &crossing, arg.label.is_trusted())?;
        arg.findings = findings(&of_arg);
        arg.label = arg.label.holding(&texts::found(of_arg.iter()));
        treated.extend(of_arg);
    }
    let arg_facts = arg_facts(call, &args);
    let verdict = match call_facts(call, &arg_facts) {
        Some(facts) => policy.judge_call(&facts)?,
        None => Verdict::Deny(Vec::new()),
    };
    let blocked = reasons(&treated, &[Treatment::Block]);
    // Words cannot be taken out of what was judged: a person looks at it instead.
    let asks = reasons(&treated, &[&[Treatment::Ask], &Treatment::TAKING_OUT[..]].concat());
    let verdict = match verdict {
        Verdict::Allow(_) | Verdict::Ask(_) if !blocked.is_empty() => Verdict::Deny(blocked),
        verdict => asked_too(verdict, asks),
    };
    Ok((args, verdict))
}

pub(super) fn run_of(call: &PendingCall) -> &RunId {
    &call.context.request.run
}

fn started(call: &PendingCall, digest: Digest, args: Vec<RecordedArg>, verdict: Verdict) -> Entry {
    let (no, site, kind, name, pc) = (call.no(), call.site(), call.kind(), call.name(), call.pc().clone());
    Entry::CallStarted { call: no, site, kind, name, digest, args, pc, verdict }
}

fn refuse(
    call: &PendingCall,
    digest: Digest,
    args: Vec<RecordedArg>,
    reasons: &[Reason],
    journal: &dyn Journal,
) -> Result<(), GateFailure> {
    let (no, site, line, name, pc) = (call.no(), call.site(), call.line(), call.name(), call.pc().clone());
    let reasons = reasons.to_vec();
    let entry = Entry::CallRefused { call: no, site, line, name, digest, args, pc, reasons };
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

    /// For whom the run is.
    pub fn request(&self) -> &Request {
        &self.call.context.request
    }

    /// Takes the person's answer. An approval is used up in the transaction that starts the call.
    ///
    /// # Errors
    /// When the answer belongs to another question, its approval was used before, or the journal fails.
    pub fn answer(self, answer: &Answer, journal: &dyn Journal) -> Result<Decided, GateFailure> {
        self.question.must_be(answer.question)?;
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
                refuse(&self.call, self.digest, self.args, &reasons, journal)?;
                return Ok(Decided::Denied(reasons));
            }
        }
        let confirmed = confirm.then_some(answer.decision);
        Ok(Decided::Permitted(Permitted { call: self.call, digest: self.digest, confirmed }))
    }
}

impl CallQuestion {
    /// Takes a person's own values for arguments, which ends this question unanswered. The call that comes of it is
    /// judged like any other: nothing happens on the strength of this question.
    ///
    /// # Errors
    /// When the edit belongs to another question, does not fit the call, or the journal fails.
    pub fn edit(self, edit: &Screened<Edit>, journal: &dyn Journal) -> Result<PendingCall, GateFailure> {
        let edit = edit.edit();
        self.question.must_be(edit.question)?;
        let run = run_of(&self.call).clone();
        let (call, edits) = edit::apply(self.call, edit)?;
        journal.record(&run, &edit.superseded(edits))?;
        Ok(call)
    }
}

/// A call with what a person edited before a restart, as the journal remembers it. It is judged or recalled next.
///
/// # Errors
/// When the edit does not fit the call that the plan makes now.
pub fn edited_before(call: PendingCall, edit: &Edit) -> Result<PendingCall, GateFailure> {
    let (call, _recorded_then) = edit::apply(call, edit)?;
    Ok(call)
}

impl Permitted {
    /// Makes the call and uses the permit up.
    ///
    /// # Errors
    /// When the worker is not there. The call then stays started in the journal, and the run can be resumed.
    pub fn perform(self, tools: &dyn Tools, worker: &dyn Worker) -> Result<Returned, GateFailure> {
        self.perform_with(tools, &worker.name(), |_, ask| worker.answer(ask))
    }

    /// As [`Permitted::perform`], and lets an onlooker see what may be shown of a worker's answer in free text as it
    /// comes. What comes back is the same.
    ///
    /// # Errors
    /// As [`Permitted::perform`].
    pub fn perform_before(
        self,
        onlooker: &dyn Onlooker,
        tools: &dyn Tools,
        worker: &dyn Worker,
        scanners: &dyn Scanners,
        policy: &dyn Policy,
    ) -> Result<Returned, GateFailure> {
        self.perform_with(tools, &worker.name(), |call, ask| {
            let screener = Screener { scanners, policy, request: &call.context.request };
            answer_before(onlooker, screener, call, ask, worker)
        })
    }

    fn perform_with(
        self,
        tools: &dyn Tools,
        worker: &Arc<str>,
        answer: impl FnOnce(&PendingCall, &Ask) -> Result<WorkerReply, WorkerFailure>,
    ) -> Result<Returned, GateFailure> {
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
                match answer(&call, &ask) {
                    Ok(WorkerReply::Answer(json)) => Outcome::Answer(json),
                    Ok(WorkerReply::NotEnoughInformation) => Outcome::NoAnswer,
                    // A plan is not to blame for a model that is missing: the run waits instead of ending. Nor is it for a
                    // person who stops the run.
                    Err(failure @ (WorkerFailure::Unavailable(_) | WorkerFailure::GivenUp)) => {
                        return Err(failure.into());
                    }
                    Err(failure) => Outcome::WorkerError(failure),
                }
            }
        };
        Ok(Returned::new(call, digest, outcome, worker.clone()))
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

/// The digest under which a pending call is or was started.
pub fn digest_of(call: &PendingCall) -> Digest {
    call_digest(call, &recorded_args(call))
}
