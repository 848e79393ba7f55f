//! A worker that starts with the first question: a plan that asks nothing needs no model.

use crate::kernel::port::{Ask, Worker, WorkerFailure, WorkerReply};
use std::sync::{Arc, OnceLock};

type Start = dyn Fn() -> Result<Box<dyn Worker>, WorkerFailure> + Send + Sync;

/// Starts the real worker when it is first asked, once.
pub struct OnDemand {
    name: Arc<str>,
    start: Box<Start>,
    worker: OnceLock<Result<Box<dyn Worker>, WorkerFailure>>,
}

impl OnDemand {
    /// `name` stands until the worker has one of its own.
    pub fn new(
        name: &str,
        start: impl Fn() -> Result<Box<dyn Worker>, WorkerFailure> + Send + Sync + 'static,
    ) -> Self {
        Self { name: Arc::from(name), start: Box::new(start), worker: OnceLock::new() }
    }
}

impl Worker for OnDemand {
    fn name(&self) -> Arc<str> {
        match self.worker.get() {
            Some(Ok(worker)) => worker.name(),
            Some(Err(_)) | None => self.name.clone(),
        }
    }

    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        match self.worker.get_or_init(|| (self.start)()) {
            Ok(worker) => worker.answer(ask),
            Err(failure) => Err(failure.clone()),
        }
    }
}
