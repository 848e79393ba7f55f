//! The product on one page: request -> screened -> weighed -> planned -> checked -> approved -> run -> released.
//!
//! Every gate stands here in the order in which it is passed; each stage takes only what the one before it makes.

pub mod change;
pub mod controller;
mod drafting;
pub mod order;
mod past;
pub mod process;
pub mod report;
pub mod resume;
mod weighing;
pub mod what_if;

pub use drafting::ROUNDS;
pub use past::{ErasedCall, Past, PastCall, PastState};

use drafting::Drafted;

use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::GateFailure;
use crate::kernel::gate::approved::{self, Answered, ApprovedPlan, Judgement, Terms};
use crate::kernel::gate::checked;
use crate::kernel::gate::edit::{Edit, EditRefused};
use crate::kernel::gate::permitted::{self, Decided, Permission};
use crate::kernel::gate::question::{Answer, Question};
use crate::kernel::gate::released::{self, Release, Released};
use crate::kernel::gate::returned::{self, Returned};
use crate::kernel::gate::screened::{self, EditScreening, Request, Screened, Screening};
use crate::kernel::label::Readers;
use crate::kernel::plan::{FlowGraph, PlanErrors};
use crate::kernel::port::{
    ApprovalMode, FileLabels, Finding, Journal, JournalFailure, Onlooker, People, PeopleFailure, Planner,
    PlannerFailure, Policy, Reason, Said, Scanners, Tools, Worker,
};
use crate::kernel::record::{Entry, QuestionEnd, RunEnd};
use crate::kernel::run::Limits;
use crate::kernel::run::progress::{self, Failure, Finished, PendingCall, Progress};
use crate::session::{Conversation, Words};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is told of a task whose question nobody answered.
const EXPIRED: &str = "nobody answered in time: give the task again, or allow more time for answers with \
                       `approval_ttl_seconds` (SENTINEL_APPROVAL_TTL_SECONDS)";

/// Everything that a run needs from the world.
pub struct Ports<'p> {
    /// Makes the plan.
    pub planner: &'p dyn Planner,
    /// Look at every text that crosses a border.
    pub scanners: &'p dyn Scanners,
    /// Judges plans and calls.
    pub policy: &'p dyn Policy,
    /// Answer questions.
    pub people: &'p dyn People,
    /// Makes calls.
    pub tools: &'p dyn Tools,
    /// Reads untrusted text.
    pub worker: &'p dyn Worker,
    /// Sees the worker's words as they come, for display only; nobody where there is none.
    pub onlooker: Option<&'p dyn Onlooker>,
    /// Remembers.
    pub journal: &'p dyn Journal,
    /// Knows which bytes runs wrote, and from what.
    pub files: &'p dyn FileLabels,
    /// What was said before the request.
    pub conversation: &'p Conversation,
    /// What plans may call.
    pub catalogue: &'p Arc<Catalogue>,
    /// What a run may use.
    pub limits: Limits,
    /// How plans are approved.
    pub mode: ApprovalMode,
    /// Raised by somebody who wants the run to stop: no call starts after that.
    pub stop: &'p AtomicBool,
}

/// How a run came out. All of these are the product at work; what broke is a [`FlowFailure`].
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// Here is the reply.
    Done(Released),
    /// A scanner stopped the request, or an edit that nobody stopped before.
    Blocked(Vec<Finding>),
    /// The plan has faults.
    Faulty(PlanErrors),
    /// Policy or a person said no.
    Refused(Vec<Reason>),
    /// A question waits for a person.
    Waiting {
        /// The id to answer it by.
        id: String,
        /// What is asked.
        question: Box<Question>,
    },
    /// A question waited too long.
    Expired(Box<Question>),
    /// A person stopped the run.
    Stopped,
    /// The plan could not go on.
    Failed(Failure),
    /// The reply may not be read by whom it would go to.
    HeldBack(Readers),
}

/// Something outside the rules broke.
#[derive(Debug, thiserror::Error)]
pub enum FlowFailure {
    /// A gate could not do its work.
    #[error(transparent)]
    Gate(#[from] GateFailure),
    /// There is no plan.
    #[error(transparent)]
    Planner(#[from] PlannerFailure),
    /// The person could not be asked.
    #[error(transparent)]
    People(#[from] PeopleFailure),
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalFailure),
}

/// Runs a request to its end, or to a question that nobody answers yet.
///
/// # Errors
/// When a port fails; everything that happened until then is in the journal, and the run can be resumed.
pub fn run(ports: &Ports<'_>, request: Request, past: &Past) -> Result<Outcome, FlowFailure> {
    let run = request.run.clone();
    if let Some(policy) = past.resumes_under(ports.policy) {
        ports.journal.record(&run, &Entry::Resumed { policy })?;
    }
    let outcome = gates(ports, request, past)?;
    if let Some(end) = outcome.end() {
        ports.journal.record(&run, &Entry::Ended(end))?;
    }
    Ok(outcome)
}

/// All gates in order.
fn gates(ports: &Ports<'_>, request: Request, past: &Past) -> Result<Outcome, FlowFailure> {
    let to = request.reply_to.clone();
    // 1. The request is screened.
    let (run, words) = (request.run.clone(), Words::of(&request.text));
    let request = match screened::screen_request(request, ports.scanners, ports.policy, ports.journal)? {
        Screening::Passed(request) => request,
        Screening::Blocked(findings) => {
            weighing::sketch(ports, &run, &words)?;
            return Ok(Outcome::Blocked(findings));
        }
    };
    // 2. It is weighed with what was said before it in its conversation.
    if let Some(refused) = weighing::weigh(ports, &request)? {
        return Ok(refused);
    }
    // 3. A plan is drafted from trusted text only, and checked before anything runs; its faults go back a few times.
    let drafted = match drafting::draft(ports, &request)? {
        Step::Go(drafted) => drafted,
        Step::End(outcome) => return Ok(outcome),
    };
    // 4. The plan is approved, by policy or by a person.
    let plan = match approve(ports, drafted, &request)? {
        Step::Go(plan) => plan,
        Step::End(outcome) => return Ok(outcome),
    };
    // 5. It runs: every call is permitted, made once, and what comes back is screened and labelled.
    let mut progress = progress::start(plan, ports.limits);
    let finished = loop {
        progress = match progress {
            Progress::Done(finished) => break finished,
            Progress::Failed(failure) => return Ok(Outcome::Failed(failure)),
            Progress::Call(_) if ports.stop.load(Ordering::Acquire) => return Ok(Outcome::Stopped),
            Progress::Call(pending) => match call(ports, pending, past)? {
                Step::Go(returned) => progress::resume(screen(ports, returned)?),
                Step::End(outcome) => return Ok(outcome),
            },
        }
    };
    // 6. The reply is released to whom it may be shown.
    reply(ports, finished, &to)
}

/// Goes on with a proof, or ends.
enum Step<T> {
    Go(T),
    End(Outcome),
}

fn approve(
    ports: &Ports<'_>,
    drafted: Drafted,
    request: &Screened<Request>,
) -> Result<Step<ApprovedPlan>, FlowFailure> {
    let Drafted { plan, pinned, assessment } = drafted;
    let terms = Terms { mode: ports.mode, pinned };
    let question = match approved::judge(plan, request, ports.policy, terms, ports.journal)? {
        Judgement::Approved(plan) => return Ok(Step::Go(plan)),
        Judgement::Denied(reasons) => return Ok(Step::End(Outcome::Refused(reasons))),
        Judgement::Ask(question) => question.beside(assessment),
    };
    let answer = match put(ports, question.question())? {
        Step::Go(Heard::Answer(answer)) => answer,
        Step::Go(Heard::Edit(_)) => {
            return Err(GateFailure::WrongEdit(EditRefused::NotACall("a plan")).into());
        }
        Step::End(outcome) => return Ok(Step::End(outcome)),
    };
    Ok(match question.answer(&answer, ports.journal)? {
        Answered::Approved(plan) => Step::Go(plan),
        Answered::Rejected(reasons) => Step::End(Outcome::Refused(reasons)),
    })
}

fn call(ports: &Ports<'_>, mut pending: PendingCall, past: &Past) -> Result<Step<Returned>, FlowFailure> {
    let past_call = past.call(pending.no());
    // What people edited before a restart is part of the call that was, or will be, made.
    for edit in past.edits(pending.no()) {
        pending = permitted::edited_before(pending, edit)?;
    }
    // A call that the journal has a result of is never made again.
    if let Some(PastCall { state: PastState::Over(remembered), .. }) = past_call {
        return Ok(Step::Go(returned::recall(pending, remembered.clone())?));
    }
    let permit = loop {
        let question = match judge(ports, pending, past_call)? {
            Permission::Permitted(permit) => break permit,
            Permission::Denied(reasons) => return Ok(Step::End(Outcome::Refused(reasons))),
            Permission::Ask(question) => question,
        };
        match put(ports, question.question())? {
            Step::End(outcome) => return Ok(Step::End(outcome)),
            Step::Go(Heard::Answer(answer)) => match question.answer(&answer, ports.journal)? {
                Decided::Permitted(permit) => break permit,
                Decided::Denied(reasons) => return Ok(Step::End(Outcome::Refused(reasons))),
            },
            // The call is another one now, and is judged as such.
            Step::Go(Heard::Edit(edit)) => {
                match screened::screen_edit(edit, question.request(), ports.scanners, ports.policy)? {
                    EditScreening::Passed(edit) => pending = question.edit(&edit, ports.journal)?,
                    EditScreening::Blocked(findings) => return Ok(Step::End(Outcome::Blocked(findings))),
                }
            }
        }
        if ports.stop.load(Ordering::Acquire) {
            return Ok(Step::End(Outcome::Stopped));
        }
    };
    let (tools, worker) = (ports.tools, ports.worker);
    Ok(Step::Go(match ports.onlooker {
        Some(onlooker) => permit.perform_before(onlooker, tools, worker, ports.scanners, ports.policy)?,
        None => permit.perform(tools, worker)?,
    }))
}

fn judge(
    ports: &Ports<'_>,
    pending: PendingCall,
    past: Option<&PastCall>,
) -> Result<Permission, FlowFailure> {
    let began = match past {
        Some(PastCall { state: PastState::Unknown { digest }, .. }) => Some(*digest),
        _ => None,
    };
    // Only the very call that had started is a repetition: with edited arguments it is a second one.
    let harmless = |digest| pending.repeats_harmlessly() && digest == permitted::digest_of(&pending);
    Ok(match began {
        Some(digest) if !harmless(digest) => {
            permitted::permit_again(pending, ports.scanners, ports.policy, ports.journal)?
        }
        _ => permitted::permit(pending, ports.scanners, ports.policy, ports.journal)?,
    })
}

/// What a person says to a question.
enum Heard {
    Answer(Answer),
    Edit(Edit),
}

/// Puts a question to the people who may answer. Silence is neither yes nor no: the run waits or expires.
fn put(ports: &Ports<'_>, question: &Question) -> Result<Step<Heard>, FlowFailure> {
    let run = &question.run;
    let ended = |end| {
        let (question, by, reason, edits) = (question.digest, None, None, Vec::new());
        let entry = Entry::Answered { question, end, by, reason, edits };
        ports.journal.record(run, &entry)
    };
    Ok(match ports.people.ask(question)? {
        Said::Answer(answer) => Step::Go(Heard::Answer(answer)),
        Said::Edit(edit) => Step::Go(Heard::Edit(edit)),
        Said::Waiting(id) => Step::End(Outcome::Waiting { id, question: Box::new(question.clone()) }),
        Said::Expired => {
            ended(QuestionEnd::Expired)?;
            Step::End(Outcome::Expired(Box::new(question.clone())))
        }
        Said::Stop => {
            ended(QuestionEnd::Cancelled)?;
            Step::End(Outcome::Stopped)
        }
    })
}

fn screen(ports: &Ports<'_>, returned: Returned) -> Result<Screened<Returned>, FlowFailure> {
    Ok(screened::screen_returned(returned, ports.scanners, ports.policy, ports.files, ports.journal)?)
}

fn reply(
    ports: &Ports<'_>,
    finished: Finished,
    to: &crate::kernel::principal::Principal,
) -> Result<Outcome, FlowFailure> {
    let question = match released::release(finished, to, ports.scanners, ports.policy, ports.journal)? {
        Release::Released(reply) => return Ok(Outcome::Done(reply)),
        Release::Leak { readers } => return Ok(Outcome::HeldBack(readers)),
        Release::Blocked(reasons) => return Ok(Outcome::Refused(reasons)),
        Release::Ask(question) => question,
    };
    let answer = match put(ports, question.question())? {
        Step::Go(Heard::Answer(answer)) => answer,
        Step::Go(Heard::Edit(_)) => {
            return Err(GateFailure::WrongEdit(EditRefused::NotACall("a reply")).into());
        }
        Step::End(outcome) => return Ok(outcome),
    };
    Ok(match question.answer(&answer, ports.journal)? {
        released::Decided::Released(reply) => Outcome::Done(reply),
        released::Decided::Denied(reasons) => Outcome::Refused(reasons),
    })
}

impl Outcome {
    /// How the journal says that the run ended; `None` while it waits.
    fn end(&self) -> Option<RunEnd> {
        let reason = |policy: &str, text: String| vec![Reason { policy: policy.to_owned(), text }];
        Some(match self {
            Self::Done(_) => RunEnd::Done,
            Self::Waiting { .. } => return None,
            Self::Blocked(findings) => {
                let rules: Vec<&str> = findings.iter().map(|f| f.rule.as_ref()).collect();
                RunEnd::Refused { reasons: reason("screening", rules.join(", ")) }
            }
            Self::Refused(reasons) => RunEnd::Refused { reasons: reasons.clone() },
            Self::HeldBack(readers) => RunEnd::Refused {
                reasons: reason("readers", format!("the reply may be read by {readers} only")),
            },
            Self::Expired(_) => RunEnd::Refused { reasons: reason("expired", EXPIRED.to_owned()) },
            Self::Stopped => RunEnd::Stopped,
            Self::Faulty(errors) => RunEnd::Failed { message: errors.to_string() },
            Self::Failed(failure) => RunEnd::Failed { message: failure.fault.to_string() },
        })
    }
}

/// What a plan would do, without doing anything or writing anything down: for screens. `None` when it has faults.
pub fn foresee(
    text: &str,
    request: &Request,
    catalogue: &Catalogue,
    policy: &dyn Policy,
) -> Option<FlowGraph> {
    preflight(text, request, catalogue, policy).ok()
}

/// As [`foresee`], with the faults.
///
/// # Errors
/// All faults of the plan, or that the policy cannot be evaluated.
pub fn preflight(
    text: &str,
    request: &Request,
    catalogue: &Catalogue,
    policy: &dyn Policy,
) -> Result<FlowGraph, PreflightFailure> {
    checked::foresee(text, request, catalogue, policy)?.map_err(PreflightFailure::Faulty)
}

/// Why there is no flow graph.
#[derive(Debug, thiserror::Error)]
pub enum PreflightFailure {
    /// The plan has faults.
    #[error(transparent)]
    Faulty(PlanErrors),
    /// The policy cannot be evaluated.
    #[error(transparent)]
    Gate(#[from] GateFailure),
}
