//! What the journal remembers of a run that goes on after a restart.

use crate::kernel::gate::edit::Edit;
use crate::kernel::gate::returned::Remembered;
use crate::kernel::id::{CallNo, Digest};
use crate::kernel::label::Label;
use crate::kernel::port::Policy;
use crate::store::{CallState, RecordedCall, RecordedEdit};
use serde_json::Value as Json;
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// The calls of a run before it was interrupted. A new run has none.
#[derive(Debug, Clone, Default)]
pub struct Past {
    resumes: bool,
    calls: BTreeMap<CallNo, PastCall>,
    edits: BTreeMap<CallNo, Vec<Edit>>,
}

/// One call as the journal has it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCall {
    /// Which.
    pub call: CallNo,
    /// How far it came.
    pub state: PastState,
}

/// A run that cannot go on: what one of its calls gave, or a person put into it, is no longer there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a value of {0} has been erased, so the run cannot go on; start a new one")]
pub struct ErasedCall(pub CallNo);

/// How far a call came.
#[derive(Debug, Clone, PartialEq)]
pub enum PastState {
    /// It gave a value or an error.
    Over(Remembered),
    /// It had started; nobody knows whether it happened. No engine closes this window; we say so and ask.
    Unknown {
        /// The digest under which it started.
        digest: Digest,
    },
}

impl Past {
    /// The past of a new run.
    pub fn none() -> Self {
        Self::default()
    }

    /// The past of a run that is resumed.
    pub fn of(calls: impl IntoIterator<Item = PastCall>) -> Self {
        Self { resumes: true, calls: calls.into_iter().map(|c| (c.call, c)).collect(), ..Self::default() }
    }

    /// The past that the journal tells: a call counts as over only when its result was written down.
    ///
    /// # Errors
    /// When a result or an edit that would be needed has been erased.
    pub fn from_store(calls: &[RecordedCall], edits: &[RecordedEdit]) -> Result<Self, ErasedCall> {
        let past = calls.iter().map(|recorded| {
            let call = recorded.call;
            let digest = recorded.digest;
            let state = match &recorded.state {
                CallState::Started => PastState::Unknown { digest },
                // INVARIANT: a null that stands for an erased value is never taken for what the call gave.
                CallState::Returned { .. } | CallState::Failed { .. } if recorded.erased => {
                    return Err(ErasedCall(call));
                }
                CallState::Returned { value, label, .. } => {
                    let (value, label) = (value.clone(), label.clone());
                    PastState::Over(Remembered { digest, value, label, error: None })
                }
                CallState::Failed { message } => {
                    let (value, label, error) = (Json::Null, Label::trusted(), Some(message.clone()));
                    PastState::Over(Remembered { digest, value, label, error })
                }
            };
            Ok(PastCall { call, state })
        });
        let mut past = Self::of(past.collect::<Result<Vec<_>, _>>()?);
        for RecordedEdit { call, question, by, reason, args, erased } in edits {
            // INVARIANT: nor is it ever taken for what a person wrote.
            if *erased {
                return Err(ErasedCall(*call));
            }
            let args = args.iter().map(|arg| (arg.name.to_string(), arg.value.clone())).collect();
            let edit = Edit { question: *question, args, by: by.clone(), reason: reason.clone() };
            past.edits.entry(*call).or_default().push(edit);
        }
        Ok(past)
    }

    /// What people edited of a call, in the order in which they did.
    pub(super) fn edits(&self, no: CallNo) -> &[Edit] {
        self.edits.get(&no).map_or(&[], Vec::as_slice)
    }

    pub(super) fn call(&self, no: CallNo) -> Option<&PastCall> {
        self.calls.get(&no)
    }

    pub(super) fn resumes_under(&self, policy: &dyn Policy) -> Option<Digest> {
        self.resumes.then(|| policy.version())
    }
}
