//! Ports that answer in one way, for the tests of the gates.

use crate::kernel::id::{Digest, RunId};
use crate::kernel::port::*;
use crate::kernel::record::{Entry, Seq};
use serde_json::Value as Json;
use std::sync::Arc;

/// Judges everything in one way.
pub(in crate::kernel::gate) struct Says(pub Verdict);

impl Policy for Says {
    fn version(&self) -> Digest {
        Digest::of(b"says")
    }

    fn judge_call(&self, _: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(self.0.clone())
    }

    fn judge_plan(&self, _: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Allow(Vec::new()))
    }

    fn treat(&self, _: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        Ok((Treatment::Note, Vec::new()))
    }
}

pub(in crate::kernel::gate) fn asks() -> Says {
    Says(Verdict::Ask(vec![Reason { policy: "rule".into(), text: "why".into() }]))
}

pub(in crate::kernel::gate) fn denies() -> Says {
    Says(Verdict::Deny(vec![Reason { policy: "rule".into(), text: "never".into() }]))
}

/// A journal on a full disk.
pub(in crate::kernel::gate) struct Full;

impl Journal for Full {
    fn record(&self, _: &RunId, _: &Entry) -> Result<Seq, JournalFailure> {
        Err(JournalFailure("full".into()))
    }

    fn record_approved(&self, _: &RunId, _: &Entry, _: Digest) -> Result<Seq, JournalFailure> {
        Err(JournalFailure("full".into()))
    }
}

/// Scanners, of which there may be none, or one that finds or fails.
pub(in crate::kernel::gate) enum Scan {
    None,
    Finds,
    Fails,
}

impl Scanners for Scan {
    fn names(&self) -> Vec<Arc<str>> {
        if matches!(self, Self::None) { Vec::new() } else { vec!["one".into()] }
    }

    fn scan(&self, _: &str, _: &Crossing<'_>) -> Result<Vec<Finding>, ScannerFailure> {
        let (severity, reason) = (Severity::High, String::new());
        match self {
            Self::Fails => Err(ScannerFailure { scanner: "one".into(), reason: "crashed".into() }),
            _ => Ok(vec![Finding {
                scanner: "one".into(),
                class: Class::Injection,
                severity,
                start: 0,
                end: 1,
                rule: "r".into(),
                reason,
            }]),
        }
    }
}

/// Allows everything, and treats every finding in one way.
pub(in crate::kernel::gate) struct Treats(pub Treatment);

impl Policy for Treats {
    fn version(&self) -> Digest {
        Digest::of(b"treats")
    }

    fn judge_call(&self, _: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Allow(Vec::new()))
    }

    fn judge_plan(&self, _: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Allow(Vec::new()))
    }

    fn treat(&self, _: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        Ok((self.0, vec![Reason { policy: "screen".into(), text: "it is odd".into() }]))
    }
}

/// One tool that says something private and untrusted.
pub(in crate::kernel::gate) struct Tell(pub Json);

impl Tools for Tell {
    fn invoke(&self, _: &Invocation) -> Result<ToolOutput, ToolFailure> {
        Ok(ToolOutput { value: self.0.clone(), file: None })
    }
}
