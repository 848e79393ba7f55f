//! The second gate: a plan whose every name, type and flow has been checked before anything runs.

use super::GateFailure;
use super::screened::{Request, Screened};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::plan::ast::Plan;
use crate::kernel::plan::check::analyse;
use crate::kernel::plan::graph::FlowGraph;
use crate::kernel::plan::{PlanErrors, parse};
use crate::kernel::port::{Journal, Policy};
use crate::kernel::record::Entry;
use std::sync::Arc;

/// A plan that parsed and checked, with its flow graph. Made only here.
#[derive(Debug)]
#[must_use = "a checked plan is there to be judged"]
pub struct CheckedPlan {
    plan: Arc<Plan>,
    graph: FlowGraph,
    catalogue: Arc<Catalogue>,
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

/// Parses and checks a plan text against the catalogue and today's policy, for a screened request.
///
/// # Errors
/// When the policy or the journal fails.
pub fn check(
    text: &str,
    request: &Screened<Request>,
    catalogue: &Arc<Catalogue>,
    policy: &dyn Policy,
    journal: &dyn Journal,
) -> Result<Checking, GateFailure> {
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
    };
    journal.record(&request.request().run, &entry)?;
    Ok(Checking::Checked(CheckedPlan { plan: Arc::new(plan), graph, catalogue: catalogue.clone() }))
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

fn errors_of(text: &str, errors: Vec<crate::kernel::plan::PlanError>) -> PlanErrors {
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

    pub(super) fn into_parts(self) -> (Arc<Plan>, FlowGraph, Arc<Catalogue>) {
        (self.plan, self.graph, self.catalogue)
    }
}
