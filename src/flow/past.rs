//! What the journal remembers of a run that goes on after a restart.

use crate::kernel::gate::permitted::Remembered;
use crate::kernel::id::{CallNo, Digest};
use crate::kernel::port::Policy;
use std::collections::BTreeMap;

/// The calls of a run before it was interrupted. A new run has none.
#[derive(Debug, Clone, Default)]
pub struct Past {
    resumes: bool,
    calls: BTreeMap<CallNo, PastCall>,
}

/// One call as the journal has it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCall {
    /// Which.
    pub call: CallNo,
    /// How far it came.
    pub state: PastState,
}

/// How far a call came.
#[derive(Debug, Clone, PartialEq)]
pub enum PastState {
    /// It gave a value or an error.
    Over(Remembered),
    /// It had started; nobody knows whether it happened. No engine closes this window; we say so and ask.
    Unknown,
}

impl Past {
    /// The past of a new run.
    pub fn none() -> Self {
        Self::default()
    }

    /// The past of a run that is resumed.
    pub fn of(calls: impl IntoIterator<Item = PastCall>) -> Self {
        Self { resumes: true, calls: calls.into_iter().map(|c| (c.call, c)).collect() }
    }

    pub(super) fn call(&self, no: CallNo) -> Option<&PastCall> {
        self.calls.get(&no)
    }

    pub(super) fn resumes_under(&self, policy: &dyn Policy) -> Option<Digest> {
        self.resumes.then(|| policy.version())
    }
}
