//! A worker that starts with the first question: a plan that asks nothing needs no model.

use crate::kernel::port::{Ask, Listener, Worker, WorkerFailure, WorkerReply};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

type Start = dyn Fn() -> Result<Box<dyn Worker>, WorkerFailure> + Send + Sync;

/// Starts the real worker when it is first asked, once. A start that failed is tried again with the next question:
/// the model may have been put in its place meanwhile.
pub struct OnDemand {
    name: Arc<str>,
    is_there: Box<dyn Fn() -> bool + Send + Sync>,
    start: Box<Start>,
    worker: OnceLock<Box<dyn Worker>>,
    starting: Mutex<()>,
}

impl OnDemand {
    /// `name` stands until the worker has one of its own; `is_there` says, cheaply, whether what it is started from is there.
    pub fn new(
        name: &str,
        is_there: impl Fn() -> bool + Send + Sync + 'static,
        start: impl Fn() -> Result<Box<dyn Worker>, WorkerFailure> + Send + Sync + 'static,
    ) -> Self {
        let (name, is_there, start) = (Arc::from(name), Box::new(is_there), Box::new(start));
        Self { name, is_there, start, worker: OnceLock::new(), starting: Mutex::new(()) }
    }

    fn worker(&self) -> Result<&dyn Worker, WorkerFailure> {
        if let Some(worker) = self.worker.get() {
            return Ok(worker.as_ref());
        }
        let _one_at_a_time = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(worker) = self.worker.get() {
            return Ok(worker.as_ref());
        }
        let started = (self.start)()?;
        Ok(self.worker.get_or_init(|| started).as_ref())
    }
}

impl Worker for OnDemand {
    fn name(&self) -> Arc<str> {
        self.worker.get().map_or_else(|| self.name.clone(), |worker| worker.name())
    }

    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        self.worker()?.answer(ask)
    }

    fn answer_aloud(&self, ask: &Ask, listener: &mut dyn Listener) -> Result<WorkerReply, WorkerFailure> {
        self.worker()?.answer_aloud(ask, listener)
    }

    fn is_missing(&self) -> bool {
        self.worker.get().map_or_else(|| !(self.is_there)(), |worker| worker.is_missing())
    }
}

#[cfg(test)]
mod tests;
