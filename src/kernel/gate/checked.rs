//! The second gate: a plan whose every name, type and flow has been checked before anything runs.

use super::GateFailure;
use super::screened::{Request, Screened};
use super::screening::{Screener, findings, reasons};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::plan::ast::{Plan, Span};
use crate::kernel::plan::check::analyse;
use crate::kernel::plan::graph::FlowGraph;
use crate::kernel::plan::{PlanError, PlanErrors, parse};
use crate::kernel::port::{Border, Crossing, Journal, Policy, Reason, Scanners, Treated, Treatment};
use crate::kernel::record::Entry;
use std::sync::Arc;

/// A plan that parsed and checked, with its flow graph. Made only here.
#[derive(Debug)]
#[must_use = "a checked plan is there to be judged"]
pub struct CheckedPlan {
    plan: Arc<Plan>,
    graph: FlowGraph,
    catalogue: Arc<Catalogue>,
    asks: Vec<Reason>,
}

/// A plan checks, or has faults that go back to its planner.
#[must_use]
#[derive(Debug)]
pub enum Checking {
    /// It may be judged.
    Checked(CheckedPlan),
    /// All its faults.
    Faulty(PlanErrors),
}

/// Scans, parses and checks a plan text against the catalogue and today's policy, for a screened request.
///
/// # Errors
/// When no scanner is active, one fails, or policy or journal does.
pub fn check(
    text: &str,
    request: &Screened<Request>,
    catalogue: &Arc<Catalogue>,
    scanners: &dyn Scanners,
    policy: &dyn Policy,
    journal: &dyn Journal,
) -> Result<Checking, GateFailure> {
    let screener = Screener { scanners, policy, request: request.request() };
    let crossing = Crossing { border: Border::Plan, executed: false, asked: &request.request().text };
    let treated = screener.screen(text, &crossing, true)?;
    let faults = stopped(&treated);
    if !faults.is_empty() {
        return Ok(Checking::Faulty(errors_of(text, faults)));
    }
    let plan = match parse(text) {
        Ok(plan) => plan,
        Err(errors) => return Ok(Checking::Faulty(errors)),
    };
    let (graph, errors) = analyse(&plan, catalogue, policy, request.request())?;
    if !errors.is_empty() {
        return Ok(Checking::Faulty(errors_of(text, errors)));
    }
    let entry = Entry::PlanChecked {
        text: text.to_owned(),
        digest: plan.digest(),
        catalogue: catalogue.digest(),
        policy: policy.version(),
        findings: findings(&treated),
    };
    journal.record(&request.request().run, &entry)?;
    let asks = [request.asks(), &reasons(&treated, &[Treatment::Ask])].concat();
    Ok(Checking::Checked(CheckedPlan { plan: Arc::new(plan), graph, catalogue: catalogue.clone(), asks }))
}

/// What policy does not let pass is a fault of the plan at its place. Words cannot be taken out of a plan: it is run.
fn stopped(treated: &[Treated]) -> Vec<PlanError> {
    let stops = |t: &&Treated| t.treatment == Treatment::Block || t.treatment.takes_out();
    let fault = |t: &Treated| {
        let rules: Vec<&str> = t.reasons.iter().map(|r| r.policy.as_str()).collect();
        let message = format!("screening stops this plan: {} ({})", t.finding.reason, rules.join(", "));
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span { start: byte(t.finding.start), end: byte(t.finding.end) };
        PlanError::at(span, message).hint("write the plan without it")
    };
    treated.iter().filter(stops).map(fault).collect()
}

/// The flow graph of a plan text, for screens: mints nothing and records nothing.
///
/// # Errors
/// When the policy fails.
pub fn foresee(
    text: &str,
    request: &Request,
    catalogue: &Catalogue,
    policy: &dyn Policy,
) -> Result<Result<FlowGraph, PlanErrors>, GateFailure> {
    let plan = match parse(text) {
        Ok(plan) => plan,
        Err(errors) => return Ok(Err(errors)),
    };
    let (graph, errors) = analyse(&plan, catalogue, policy, request)?;
    Ok(if errors.is_empty() { Ok(graph) } else { Err(errors_of(text, errors)) })
}

fn errors_of(text: &str, errors: Vec<PlanError>) -> PlanErrors {
    PlanErrors::new(text, errors)
}

impl CheckedPlan {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Who flows where, and what the policy will say.
    pub fn graph(&self) -> &FlowGraph {
        &self.graph
    }

    pub(super) fn into_parts(self) -> (Arc<Plan>, FlowGraph, Arc<Catalogue>, Vec<Reason>) {
        (self.plan, self.graph, self.catalogue, self.asks)
    }
}
