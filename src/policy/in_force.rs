//! The policies in force, which can be replaced while the program runs.

use super::engine::Engine;
use super::error::PolicyErrors;
use super::load::load;
use crate::kernel::port::Policy as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

#[cfg(test)]
mod tests;

/// The policies in force. Whoever judges takes them once and keeps them to the end: a run is judged by one version, from
/// its plan to its last call, and a question is answered under the version that put it.
#[derive(Debug)]
pub struct InForce {
    engine: RwLock<Arc<Engine>>,
    outdated: AtomicBool,
}

impl InForce {
    /// These, until others are read.
    pub fn new(engine: Engine) -> Self {
        Self { engine: RwLock::new(Arc::new(engine)), outdated: AtomicBool::new(false) }
    }

    /// What is in force now.
    pub fn now(&self) -> Arc<Engine> {
        self.engine.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads a folder as at the start, with the same strictness and over the same catalogue; from then on that is in
    /// force.
    ///
    /// # Errors
    /// All faults of all files; what was in force stays, and [`InForce::is_outdated`] tells.
    pub fn read_again(&self, folder: &Path) -> Result<Arc<Engine>, PolicyErrors> {
        let now = self.now();
        let read = load(folder, now.catalogue());
        let read = read.map(|engine| Arc::new(engine.keyed(now.redaction_key().cloned())));
        self.outdated.store(read.is_err(), Ordering::Release);
        let engine = read?;
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = engine.clone();
        Ok(engine)
    }

    /// Whether the files were faulty when they were last read, so that what is in force is older than they are. A fact
    /// for screens.
    pub fn is_outdated(&self) -> bool {
        self.outdated.load(Ordering::Acquire)
    }
}
