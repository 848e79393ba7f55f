//! Passes of the worker that are no tasks: counted while they run, and closed at the next start where one was cut off.

use super::Controller;
use crate::flow::process::{self, ProcessFailure, Processed};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, PASS, RunEnd};
use crate::store::StoreError;

impl Controller {
    /// Has the worker read `text` as `instruction` says, for this principal. Whoever goes down waits for it.
    ///
    /// # Errors
    /// When it could not be tried. What was begun is closed in the journal.
    pub fn process(
        &self,
        principal: &Principal,
        instruction: &str,
        text: String,
    ) -> Result<Processed, ProcessFailure> {
        let _under_way = self.pass()?;
        process::process(&self.parts, &self.rules, principal, instruction, text)
    }

    /// Counts a pass until it is dropped.
    pub(super) fn pass(&self) -> Result<UnderWay, ProcessFailure> {
        let mut floor = self.floor();
        // Under the same lock as the count: whoever closed the floor sees every pass that began before.
        if floor.closed {
            return Err(ProcessFailure::Closed);
        }
        floor.passes += 1;
        Ok(UnderWay(self.clone()))
    }

    /// Ends the passes that a crash cut off: nobody waits for them, and nobody resumes them.
    pub(super) fn end_cut_passes(&self) -> Result<(), StoreError> {
        let open = self.parts.store.unfinished()?;
        for run in open.iter().filter(|run| run.channel.as_deref() == Some(PASS)) {
            let end = RunEnd::Failed { message: "it was cut off".to_owned() };
            self.parts.store.append(&run.id, &Entry::Ended(end))?;
        }
        Ok(())
    }
}

/// A pass that is under way.
pub(super) struct UnderWay(Controller);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.floor().passes -= 1;
    }
}
