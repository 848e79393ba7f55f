//! Where a run stands: waiting for a call, done, or failed. Only gates move it on.

use super::{Limits, Machine, Stop, Wanted, What};
use crate::kernel::catalogue::{Catalogue, Tool};
use crate::kernel::excerpt::line_column;
use crate::kernel::gate::approved::ApprovedPlan;
use crate::kernel::gate::returned::Returned;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::id::{CallNo, Digest, Site};
use crate::kernel::label::Label;
use crate::kernel::labelled::Labelled;
use crate::kernel::plan::{PlanError, PlanErrors};
use crate::kernel::record::CallKind;
use crate::kernel::value::{Data, Node};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A run between two steps.
#[must_use]
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once a call and taken apart at once")]
pub enum Progress {
    /// A call must be permitted and made.
    Call(PendingCall),
    /// The plan is done; the reply waits for its gate.
    Done(Finished),
    /// The plan cannot go on.
    Failed(Failure),
}

/// A call that the plan wants made, with the whole state of the run inside: a permit for one run cannot resume
/// another, and is good once.
#[derive(Debug)]
#[must_use = "a pending call is there to be permitted"]
pub struct PendingCall {
    pub(in crate::kernel) machine: Machine,
    pub(in crate::kernel) wanted: Wanted,
    pub(in crate::kernel) tool: Option<Arc<Tool>>,
    pub(in crate::kernel) args: Map<String, Json>,
    pub(in crate::kernel) context: Arc<RunContext>,
    /// Who answers when it is an `ask`; known once it was made.
    pub(in crate::kernel) worker: Arc<str>,
    /// The question at which a person last edited its arguments.
    pub(in crate::kernel) edited: Option<Digest>,
    /// What stood in the place of its arguments before they were edited, the earliest first.
    pub(in crate::kernel) replaced: Vec<(Arc<str>, Node)>,
}

/// What stays the same during a run.
#[derive(Debug)]
pub(in crate::kernel) struct RunContext {
    pub(in crate::kernel) request: Arc<Request>,
    pub(in crate::kernel) catalogue: Arc<Catalogue>,
}

/// The reply of a finished run, before its gate.
#[derive(Debug)]
#[must_use = "a reply is there to be released"]
pub struct Finished {
    pub(in crate::kernel) reply: Labelled<String>,
    pub(in crate::kernel) request: Arc<Request>,
}

/// Why a plan could not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Place and kind, without any value: a planner may see it.
    pub fault: PlanErrors,
    /// For people; may quote what a tool said.
    pub detail: String,
    /// How many calls had been made.
    pub calls: u32,
}

/// Starts an approved plan.
pub fn start(plan: ApprovedPlan, limits: Limits) -> Progress {
    let (plan, catalogue, request) = plan.into_parts();
    advance(Machine::new(plan, limits), Arc::new(RunContext { request, catalogue }))
}

/// Goes on with what a call gave back.
pub fn resume(returned: Screened<Returned>) -> Progress {
    let (pending, outcome) = returned.into_parts();
    let PendingCall { mut machine, wanted, context, .. } = pending;
    match outcome {
        Ok(node) => match machine.hand_in(&wanted, node) {
            Ok(()) => advance(machine, context),
            Err(fault) => failed(&machine, fault, String::new()),
        },
        Err((fault, detail)) => failed(&machine, fault, detail),
    }
}

fn advance(mut machine: Machine, context: Arc<RunContext>) -> Progress {
    match machine.run() {
        Ok(Stop::Done(node)) => {
            let label = node.mark.label().clone();
            let text = match node.data {
                Data::Str(text) => text.to_string(),
                _ => String::new(),
            };
            Progress::Done(Finished { reply: Labelled::new(text, label), request: context.request.clone() })
        }
        Ok(Stop::Call(wanted)) => match arguments(&wanted, &context.catalogue) {
            Ok((tool, args)) => {
                let (worker, edited, replaced) = (Arc::from(""), None, Vec::new());
                Progress::Call(PendingCall { machine, wanted, tool, args, context, worker, edited, replaced })
            }
            Err(fault) => failed(&machine, fault, String::new()),
        },
        Err(fault) => failed(&machine, fault, String::new()),
    }
}

fn failed(machine: &Machine, fault: PlanError, detail: String) -> Progress {
    let text = machine.plan().text();
    Progress::Failed(Failure { fault: PlanErrors::new(text, vec![fault]), detail, calls: machine.calls() })
}

type Arguments = (Option<Arc<Tool>>, Map<String, Json>);

/// The arguments as the tool gets them, checked against its types.
fn arguments(wanted: &Wanted, catalogue: &Catalogue) -> Result<Arguments, PlanError> {
    let What::Tool { name, args } = &wanted.what else { return Ok((None, Map::new())) };
    let span = wanted.stmt.span;
    let tool = catalogue.get(name).ok_or_else(|| PlanError::at(span, format!("unknown tool `{name}`")))?;
    let mut out = Map::new();
    for (arg, node) in args {
        let json = node.to_json();
        let unknown = || PlanError::at(span, format!("`{name}` has no argument `{arg}`"));
        let param = tool.param(arg).ok_or_else(unknown)?;
        let fits = param.ty.check(&json, arg);
        // A planner may write `x=None` for "not given".
        if fits.is_err() && json.is_null() && !param.required {
            continue;
        }
        fits.map_err(|misfit| PlanError::at(span, format!("`{name}`: {misfit}")))?;
        out.insert(arg.to_string(), json);
    }
    if let Some(missing) = tool.params.iter().find(|p| p.required && !out.contains_key(p.name.as_ref())) {
        return Err(PlanError::at(span, format!("`{name}` needs the argument `{}`", missing.name)));
    }
    Ok((Some(tool.clone()), out))
}

impl PendingCall {
    /// Which call of the run.
    pub fn no(&self) -> CallNo {
        self.wanted.no
    }

    /// Where in the plan.
    pub fn site(&self) -> Site {
        self.wanted.site()
    }

    /// The line of the plan, from 1.
    pub fn line(&self) -> usize {
        line_column(self.machine.plan().text(), self.wanted.stmt.span.start as usize).0
    }

    /// To whom it goes.
    pub fn kind(&self) -> CallKind {
        match self.wanted.what {
            What::Tool { .. } => CallKind::Tool,
            What::Ask { .. } => CallKind::Ask,
            What::Confirm { .. } => CallKind::Confirm,
        }
    }

    /// The tool's name, or `ask` or `confirm`.
    pub fn name(&self) -> Arc<str> {
        match &self.wanted.what {
            What::Tool { name, .. } => name.clone(),
            What::Ask { .. } => Arc::from("ask"),
            What::Confirm { .. } => Arc::from("confirm"),
        }
    }

    /// Whether the tool's effect is the same when it is called twice. The worker's and the user's are.
    pub fn repeats_harmlessly(&self) -> bool {
        self.tool.as_ref().is_none_or(|tool| tool.idempotent)
    }

    /// The label of the control flow that led here.
    pub fn pc(&self) -> &Label {
        self.wanted.pc.label()
    }
}

impl Finished {
    /// Where the reply's parts come from.
    pub fn label(&self) -> &Label {
        self.reply.label()
    }
}
