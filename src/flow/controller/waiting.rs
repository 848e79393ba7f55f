//! A task that waits for a model: it can be stopped meanwhile, and keeps no other task from running.

use super::Controller;
use crate::approval::Bell;
use crate::egress::halt;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{
    Ask, Draft, Listener, Planner, PlannerFailure, Tried, Worker, WorkerFailure, WorkerReply,
};
use std::sync::Arc;

/// A model as one task asks it.
pub(super) struct Waiting<'a, M: ?Sized> {
    pub(super) controller: &'a Controller,
    pub(super) bell: &'a Bell,
    pub(super) model: &'a M,
}

impl<M: ?Sized> Waiting<'_, M> {
    fn during<R>(&self, ask: impl FnOnce(&M) -> R) -> R {
        self.controller.floor().waiting += 1;
        // Its place among those that run is another's meanwhile.
        self.controller.man();
        let _back = Back(self.controller);
        halt::until(self.bell.stopped(), || ask(self.model))
    }
}

/// Ends the wait, also when the model panics.
struct Back<'a>(&'a Controller);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        self.0.floor().waiting -= 1;
    }
}

impl Worker for Waiting<'_, dyn Worker> {
    fn name(&self) -> Arc<str> {
        self.model.name()
    }

    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        self.during(|worker| worker.answer(ask))
    }

    fn answer_aloud(&self, ask: &Ask, listener: &mut dyn Listener) -> Result<WorkerReply, WorkerFailure> {
        self.during(|worker| worker.answer_aloud(ask, listener))
    }
}

impl Planner for Waiting<'_, dyn Planner> {
    fn draft(
        &self,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        self.during(|planner| planner.draft(request, catalogue, tried))
    }
}
