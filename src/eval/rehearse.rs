//! One case through the flow.

use super::case::Case;
use super::ledger::Ledger;
use super::person;
pub use super::person::Otherwise;
use crate::flow::{self, Outcome, Past, Ports, PreflightFailure};
use crate::kernel::gate::question::Shown;
use crate::kernel::gate::screened::Request;
use crate::kernel::id::{CallNo, RunId, Site};
use crate::kernel::label::Label;
use crate::kernel::plan::{FlowGraph, PlanErrors};
use crate::kernel::port::{ApprovalMode, Policy, Verdict, Worker};
use crate::kernel::principal::Principal;
use crate::kernel::record::{CallKind, Entry, RecordedArg};
use crate::kernel::run::Limits;
use crate::planner::written::Written;
use crate::scan::Active;
use crate::session::Conversation;
use crate::tool::simulated::{SeenCall, Simulated, Unscripted};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What happened to a case.
#[derive(Debug)]
pub struct Rehearsal {
    /// The pre-flight, or all faults.
    pub preflight: Result<FlowGraph, PlanErrors>,
    /// Every judged call, in order.
    pub judged: Vec<Judged>,
    /// Everything that was recorded.
    pub entries: Vec<Entry>,
    /// Every call that reached a tool.
    pub effects: Vec<SeenCall>,
    /// How it came out; the text of the failure when a port failed.
    pub outcome: Result<Outcome, String>,
}

/// A call as it was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Which call.
    pub call: CallNo,
    /// Where in the plan.
    pub site: Option<Site>,
    /// The tool, or `ask` or `confirm`.
    pub name: Arc<str>,
    /// With exactly these arguments.
    pub args: Vec<RecordedArg>,
    /// How the plan came there.
    pub pc: Label,
    /// `allow`, `ask` or `deny`.
    pub verdict: &'static str,
}

/// Runs a case with this worker and policy.
///
/// # Errors
/// When the policy cannot be evaluated at pre-flight.
pub fn rehearse(
    case: &Case,
    policy: &dyn Policy,
    worker: &dyn Worker,
    otherwise: Otherwise,
    unscripted: Unscripted,
) -> Result<Rehearsal, String> {
    let user = Principal::new("user");
    let ledger = Ledger::default();
    for path in &case.sidecar.trusted_files {
        if let Some(text) = case.sidecar.files.get(path) {
            ledger.trust(path, text, &user);
        }
    }
    let tools = Simulated::new((*case.catalogue).clone(), case.sidecar.tool.clone(), unscripted)
        .with_files(case.sidecar.files.clone());
    let people = person::Scripted::new(&case.sidecar.person, otherwise);
    let planner = Written::new(case.text.clone(), false);
    let request = Request {
        run: RunId::new(format!("rehearsal:{}", case.name)),
        reply_to: case.sidecar.reply_to.as_deref().map_or_else(|| user.clone(), Principal::new),
        principal: user,
        channel: Arc::from("rehearsal"),
        trust_level: 0,
        text: case.sidecar.request.clone(),
    };
    let preflight = match flow::preflight(&case.text, &request, &case.catalogue, policy) {
        Ok(graph) => Ok(graph),
        Err(PreflightFailure::Faulty(errors)) => Err(errors),
        Err(PreflightFailure::Gate(failure)) => return Err(format!("{}: {failure}", case.name)),
    };
    let ports = Ports {
        planner: &planner,
        scanners: &Active::new(),
        policy,
        people: &people,
        tools: &tools,
        worker,
        onlooker: None,
        journal: &ledger,
        files: &ledger,
        conversation: &Conversation::begins(0),
        catalogue: &case.catalogue,
        limits: Limits::default(),
        mode: ApprovalMode::Full,
        stop: &AtomicBool::new(false),
    };
    let outcome = flow::run(&ports, request, &Past::none()).map_err(|e| e.to_string());
    let entries = ledger.entries();
    let judged = judged(&entries, &people);
    Ok(Rehearsal { preflight, judged, entries, effects: tools.calls(), outcome })
}

fn judged(entries: &[Entry], people: &person::Scripted) -> Vec<Judged> {
    let asked = people.asked();
    let mut out: Vec<Judged> = Vec::new();
    for entry in entries {
        match entry {
            Entry::Asked { question, call: Some(call), .. } => {
                let shown = asked.iter().find(|q| q.digest == *question).map(|q| &q.shown);
                out.extend(shown.and_then(|shown| of_question(*call, shown)));
            }
            Entry::CallStarted { call, site, kind, name, args, pc, verdict: Verdict::Allow(_), .. }
                if *kind != CallKind::Confirm =>
            {
                let (name, args, pc) = (name.clone(), args.clone(), pc.clone());
                out.push(Judged { call: *call, site: Some(*site), name, args, pc, verdict: "allow" });
            }
            Entry::CallRefused { call, site, name, args, pc, .. } if !out.iter().any(|j| j.call == *call) => {
                let (name, args, pc) = (name.clone(), args.clone(), pc.clone());
                out.push(Judged { call: *call, site: Some(*site), name, args, pc, verdict: "deny" });
            }
            _ => {}
        }
    }
    out
}

fn of_question(call: CallNo, shown: &Shown) -> Option<Judged> {
    match shown {
        Shown::Plan { .. } | Shown::Reply { .. } => None,
        Shown::Call { site, tool, args, pc, .. } => {
            let (name, args, pc) = (tool.clone(), args.clone(), pc.clone());
            Some(Judged { call, site: Some(*site), name, args, pc, verdict: "ask" })
        }
        // Asking the user is what `confirm` is for: the question is the call.
        Shown::Confirm { label, .. } => {
            let (name, args, pc) = (Arc::from("confirm"), Vec::new(), label.clone());
            Some(Judged { call, site: None, name, args, pc, verdict: "allow" })
        }
    }
}
