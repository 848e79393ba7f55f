//! Ports that never object, for tests that are about something else.

use sentinel::kernel::id::{Digest, RunId};
use sentinel::kernel::label::Label;
use sentinel::kernel::port::*;
use sentinel::kernel::record::{Entry, Seq};
use std::sync::Arc;

/// Allows everything, finds nothing, remembers nothing, answers nothing.
pub struct Easy;

impl Journal for Easy {
    fn record(&self, _: &RunId, _: &Entry) -> Result<Seq, JournalFailure> {
        Ok(Seq(1))
    }

    fn record_approved(&self, _: &RunId, _: &Entry, _: Digest) -> Result<Seq, JournalFailure> {
        Ok(Seq(1))
    }
}

impl Policy for Easy {
    fn version(&self) -> Digest {
        Digest::of(b"all is allowed")
    }

    fn judge_call(&self, _: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Allow(Vec::new()))
    }

    fn judge_plan(&self, _: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Allow(Vec::new()))
    }

    fn treat(&self, _: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        Ok((Treatment::Note, Vec::new()))
    }
}

impl Scanners for Easy {
    fn names(&self) -> Vec<Arc<str>> {
        vec![Arc::from("none")]
    }

    fn scan(&self, _: &str, _: &Crossing<'_>) -> Result<Vec<Finding>, ScannerFailure> {
        Ok(Vec::new())
    }
}

impl FileLabels for Easy {
    fn written_label(&self, _: &FileFact) -> Result<Option<Label>, JournalFailure> {
        Ok(None)
    }

    fn note_written(&self, _: &RunId, _: &FileFact, _: &Label) -> Result<(), JournalFailure> {
        Ok(())
    }
}

impl Worker for Easy {
    fn name(&self) -> Arc<str> {
        Arc::from("nobody")
    }

    fn answer(&self, _: &Ask) -> Result<WorkerReply, WorkerFailure> {
        Ok(WorkerReply::NotEnoughInformation)
    }
}
