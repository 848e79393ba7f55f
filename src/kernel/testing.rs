//! A small world for the kernel's own tests: every gate is passed, every port is a few lines in memory.

pub(in crate::kernel) mod program;
pub(in crate::kernel) mod sources;

use super::catalogue::Catalogue;
use super::gate::approved::{self, Judgement, Terms};
use super::gate::checked::{self, Checking};
use super::gate::permitted::{self, Decided, Permission, Permitted};
use super::gate::question::{Answer, Decision, Question, Shown};
use super::gate::screened::{self, Request, Screening};
use super::id::{Digest, RunId, Site};
use super::label::Label;
use super::plan::{FlowGraph, PlanErrors};
use super::port::*;
use super::principal::Principal;
use super::record::{Entry, Seq};
use super::run::progress::{self, PendingCall, Progress};
use super::run::{Limits, What};
use super::value::{Data, Mark, Node};
use std::sync::{Arc, Mutex};

/// How often a property is tried: `default` times, or as often as PROPTEST_CASES says.
pub(in crate::kernel) fn cases(default: u32) -> proptest::test_runner::Config {
    let mut config = proptest::test_runner::Config { failure_persistence: None, ..Default::default() };
    // Proptest's own default, unless the environment says otherwise.
    if config.cases == 256 {
        config.cases = default;
    }
    config
}

/// The world that a test's plan runs in.
pub(in crate::kernel) struct World<'w> {
    pub catalogue: Arc<Catalogue>,
    pub limits: Limits,
    pub tools: &'w dyn Tools,
    pub worker: &'w dyn Worker,
}

/// A call as the machine wanted it.
#[derive(Debug, Clone)]
pub(in crate::kernel) struct Seen {
    pub site: Site,
    pub name: Arc<str>,
    pub pc: Mark,
    pub args: Vec<(Arc<str>, Node)>,
}

/// How a plan came out.
#[derive(Debug)]
pub(in crate::kernel) enum End {
    /// The plan has faults.
    Faulty(PlanErrors),
    /// It could not go on.
    Failed(String),
    /// The reply and its label.
    Done(String, Label),
}

/// All that a run showed.
#[derive(Debug)]
pub(in crate::kernel) struct Ran {
    pub graph: FlowGraph,
    pub calls: Vec<Seen>,
    pub entries: Vec<Entry>,
    pub end: End,
}

/// Policy, journal, scanner and files that never object.
#[derive(Default)]
pub(in crate::kernel) struct Easy(Mutex<Vec<Entry>>);

impl Easy {
    /// What was recorded.
    pub(in crate::kernel) fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap().clone()
    }
}

impl Journal for Easy {
    fn record(&self, _: &RunId, entry: &Entry) -> Result<Seq, JournalFailure> {
        let mut entries = self.0.lock().unwrap();
        entries.push(entry.clone());
        Ok(Seq(entries.len() as u64))
    }

    fn record_approved(&self, run: &RunId, entry: &Entry, _: Digest) -> Result<Seq, JournalFailure> {
        self.record(run, entry)
    }
}

impl Policy for Easy {
    fn version(&self) -> Digest {
        Digest::of(b"all is allowed")
    }

    fn judge_call(&self, _: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Allow(Vec::new()))
    }

    fn judge_plan(&self, _: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Allow(Vec::new()))
    }

    fn treat(&self, _: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        Ok((Treatment::Note, Vec::new()))
    }
}

impl Scanners for Easy {
    fn names(&self) -> Vec<Arc<str>> {
        vec![Arc::from("none")]
    }

    fn scan(&self, _: &str, _: &Crossing<'_>) -> Result<Vec<Finding>, ScannerFailure> {
        Ok(Vec::new())
    }
}

impl FileLabels for Easy {
    fn written_label(&self, _: &FileFact) -> Result<Option<Label>, JournalFailure> {
        Ok(None)
    }

    fn note_written(&self, _: &RunId, _: &FileFact, _: &Label) -> Result<(), JournalFailure> {
        Ok(())
    }
}

/// No tool and no answer.
pub(in crate::kernel) struct Nobody;

impl Tools for Nobody {
    fn invoke(&self, _: &Invocation) -> Result<ToolOutput, ToolFailure> {
        Err(ToolFailure { message: "there is nobody".to_owned() })
    }
}

impl Worker for Nobody {
    fn name(&self) -> Arc<str> {
        Arc::from("nobody")
    }

    fn answer(&self, _: &Ask) -> Result<WorkerReply, WorkerFailure> {
        Ok(WorkerReply::NotEnoughInformation)
    }
}

pub(in crate::kernel) fn request() -> Request {
    Request {
        run: RunId::new("run"),
        principal: Principal::new("user"),
        reply_to: Principal::new("user"),
        channel: Arc::from("test"),
        trust_level: 4,
        text: "a job".to_owned(),
    }
}

impl World<'_> {
    /// Runs a plan through all gates to its end.
    pub(in crate::kernel) fn run(&self, text: &str) -> Ran {
        self.run_until(text, |_| false)
    }

    /// Runs a plan until `enough` of a call that is wanted; then the run counts as failed.
    pub(in crate::kernel) fn run_until(&self, text: &str, enough: impl Fn(&Seen) -> bool) -> Ran {
        let easy = Easy::default();
        let (graph, calls, end) = self.drive(text, &easy, &enough);
        Ran { graph, calls, entries: easy.0.into_inner().unwrap(), end }
    }

    fn drive(&self, text: &str, easy: &Easy, enough: &dyn Fn(&Seen) -> bool) -> (FlowGraph, Vec<Seen>, End) {
        let Screening::Passed(request) = screened::screen_request(request(), easy, easy, easy).unwrap()
        else {
            unreachable!("nothing blocks");
        };
        let plan = match checked::check(text, &request, &self.catalogue, easy, easy, easy).unwrap() {
            Checking::Checked(plan) => plan,
            Checking::Faulty(errors) => return (FlowGraph::default(), Vec::new(), End::Faulty(errors)),
        };
        let graph = plan.graph().clone();
        let Judgement::Approved(plan) =
            approved::judge(plan, &request, easy, Terms::default(), easy).unwrap()
        else {
            unreachable!("everything is allowed");
        };
        let mut calls = Vec::new();
        let mut progress = progress::start(plan, self.limits);
        let end = loop {
            progress = match progress {
                Progress::Done(finished) => {
                    let label = finished.label().clone();
                    break End::Done(finished.reply.inner, label);
                }
                Progress::Failed(failure) => break End::Failed(failure.fault.to_string()),
                Progress::Call(pending) => {
                    let seen = seen(&pending);
                    let stops = enough(&seen);
                    calls.push(seen);
                    if stops {
                        break End::Failed("seen enough".to_owned());
                    }
                    let returned = permit(pending, easy).perform(self.tools, self.worker).unwrap();
                    progress::resume(screened::screen_returned(returned, easy, easy, easy, easy).unwrap())
                }
            }
        };
        (graph, calls, end)
    }
}

fn permit(pending: PendingCall, easy: &Easy) -> Permitted {
    match permitted::permit(pending, easy, easy, easy).unwrap() {
        Permission::Permitted(permit) => permit,
        Permission::Ask(asked) => {
            let answer = said(asked.question());
            match asked.answer(&answer, easy).unwrap() {
                Decided::Permitted(permit) => permit,
                Decided::Denied(_) => unreachable!("only calls that policy asks about are denied"),
            }
        }
        Permission::Denied(_) => unreachable!("everything is allowed"),
    }
}

/// A person who decides by what they are shown, and by nothing else.
fn said(question: &Question) -> Answer {
    let Shown::Confirm { question: text, .. } = &question.shown else { unreachable!("only `confirm` asks") };
    let decision = if text.len().is_multiple_of(2) { Decision::Approve } else { Decision::Deny };
    Answer { question: question.digest, decision, by: Principal::new("user"), reason: None }
}

fn seen(pending: &PendingCall) -> Seen {
    let args = match &pending.wanted.what {
        What::Tool { args, .. } => args.clone(),
        What::Ask { question, data, ty } => vec![
            (Arc::from("question"), question.clone()),
            (Arc::from("data"), data.clone()),
            (Arc::from("type"), Node::new(Data::str(ty.plain().to_string()), ty.mark())),
        ],
        What::Confirm { question } => vec![(Arc::from("question"), question.clone())],
    };
    Seen { site: pending.site(), name: pending.name(), pc: pending.wanted.pc.clone(), args }
}
