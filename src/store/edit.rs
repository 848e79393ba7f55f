//! What people put in the place of a run's arguments, as the journal tells it: a resumed run applies it again.

use super::journal::Record;
use super::{Store, StoreError};
use crate::kernel::id::{CallNo, Digest, RunId};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, RecordedArg};
use std::collections::HashMap;

#[cfg(test)]
mod tests;

/// One edit.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEdit {
    /// Of which call.
    pub call: CallNo,
    /// The question that it superseded.
    pub question: Digest,
    /// Who wrote it.
    pub by: Principal,
    /// In the person's words.
    pub reason: Option<String>,
    /// The values; an erased one is null.
    pub args: Vec<RecordedArg>,
    /// Whether any value of it has been erased: it can be shown, not applied.
    pub erased: bool,
}

impl Store {
    /// The edits of a run in the order in which they were made.
    ///
    /// # Errors
    /// As [`Store::records`].
    pub fn edits(&self, run: &RunId) -> Result<Vec<RecordedEdit>, StoreError> {
        Ok(from_records(self.records(run)?))
    }
}

fn from_records(records: Vec<Record>) -> Vec<RecordedEdit> {
    let mut asked: HashMap<Digest, CallNo> = HashMap::new();
    let mut edits = Vec::new();
    for Record { entry, erased, .. } in records {
        match entry {
            Entry::Asked { question, call: Some(call), .. } => {
                asked.insert(question, call);
            }
            Entry::Answered { question, by: Some(by), reason, edits: args, .. } if !args.is_empty() => {
                let call = asked.get(&question).copied();
                edits.extend(call.map(|call| RecordedEdit { call, question, by, reason, args, erased }));
            }
            _ => {}
        }
    }
    edits
}
