//! A run's calls as the journal tells them: what a resumed run replays instead of calling again.

use super::journal::Record;
use crate::kernel::answer::SpanAt;
use crate::kernel::id::{CallNo, Digest, Site};
use crate::kernel::label::Label;
use crate::kernel::port::{FileFact, Finding};
use crate::kernel::record::{CallKind, Entry, RecordedArg, Seq};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// One call that was started.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedCall {
    /// Which.
    pub call: CallNo,
    /// Where in the plan.
    pub site: Site,
    /// To whom.
    pub kind: CallKind,
    /// Of which tool, or of which worker.
    pub name: Arc<str>,
    /// Over all that it was permitted with.
    pub digest: Digest,
    /// Its arguments; an erased value is null.
    pub args: Vec<RecordedArg>,
    /// The label of the control flow that led to it.
    pub pc: Label,
    /// The record of its latest start.
    pub started: Seq,
    /// How often it was started: more than once only when it was repeated after a crash.
    pub starts: u32,
    /// How it ended, as far as is known.
    pub state: CallState,
    /// Whether any value of it has been erased: it can be shown, not replayed.
    pub erased: bool,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CallState {
    /// Not known: it may have happened, or not, or by half.
    Started,
    /// It gave a value.
    Returned {
        /// The value; null when erased.
        value: Json,
        /// Its label.
        label: Label,
        /// What scanners found.
        findings: Vec<Finding>,
        /// The file whose content it is.
        file: Option<FileFact>,
        /// Where its spans stand in their source.
        spans: Vec<SpanAt>,
    },
    /// It gave an error.
    Failed {
        /// For people only.
        message: String,
    },
}

/// The calls of one run's records, by number.
pub(super) fn from_records(records: Vec<Record>) -> Vec<RecordedCall> {
    let mut calls: BTreeMap<CallNo, RecordedCall> = BTreeMap::new();
    for Record { seq, entry, erased, .. } in records {
        match entry {
            Entry::CallStarted { call, site, kind, name, digest, args, pc, .. } => {
                let starts = calls.get(&call).map_or(0, |before| before.starts) + 1;
                let state = CallState::Started;
                let started = seq;
                let row =
                    RecordedCall { call, site, kind, name, digest, args, pc, started, starts, state, erased };
                calls.insert(call, row);
            }
            Entry::CallReturned { call, digest, value, label, findings, file, spans } => {
                let state = CallState::Returned { value, label, findings, file, spans };
                end(&mut calls, call, &digest, state, erased);
            }
            Entry::CallFailed { call, digest, message, .. } => {
                end(&mut calls, call, &digest, CallState::Failed { message }, erased);
            }
            _ => {}
        }
    }
    calls.into_values().collect()
}

/// A result counts only for the call that was started with the same digest; any other leaves it unknown.
fn end(
    calls: &mut BTreeMap<CallNo, RecordedCall>,
    call: CallNo,
    digest: &Digest,
    state: CallState,
    erased: bool,
) {
    if let Some(row) = calls.get_mut(&call).filter(|row| row.digest == *digest) {
        row.state = state;
        row.erased |= erased;
    }
}
