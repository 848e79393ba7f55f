//! Where the plans of tasks come from.

use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{Draft, Planner, PlannerFailure, Tried};
use crate::kernel::record::Entry;

/// Makes planners, one for each task.
pub trait Planners: Send + Sync {
    /// A planner that knows the earlier turns of the conversation, oldest first, each as its journal has it. What it
    /// passes on of them is operational only, never a value.
    fn planner(&self, earlier: &[Vec<Entry>]) -> Box<dyn Planner>;

    /// Where plans come from, for screens: such as a model's name.
    fn name(&self) -> String;

    /// Who drafts plans, for those who may not know more.
    fn drafting(&self) -> Drafting {
        Drafting::Model
    }
}

/// Who drafts plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drafting {
    /// A model.
    Model,
    /// Nobody: plans come with the task, or from playbooks.
    Nobody,
}

/// Drafts nothing: plans come with the task, or from playbooks.
#[derive(Debug, Clone, Copy)]
pub struct NoPlanner;

impl Planners for NoPlanner {
    fn planner(&self, _earlier: &[Vec<Entry>]) -> Box<dyn Planner> {
        Box::new(Self)
    }

    fn name(&self) -> String {
        "none".to_owned()
    }

    fn drafting(&self) -> Drafting {
        Drafting::Nobody
    }
}

impl Planner for NoPlanner {
    fn draft(
        &self,
        _request: &Screened<Request>,
        _catalogue: &Catalogue,
        _tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        let why = "no planner is configured: give `plan` or `playbook`, or set SENTINEL_PLANNER";
        Err(PlannerFailure::new(why))
    }
}
