//! A journal in memory, for rehearsals and tests. Nothing here is durable.

use crate::kernel::id::{Digest, RunId};
use crate::kernel::label::{Label, Readers, Source};
use crate::kernel::port::{FileFact, FileLabels, Journal, JournalFailure};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, QuestionEnd, Seq};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Keeps entries and file labels in memory. Refuses to use an approval twice, as the store does.
#[derive(Default)]
pub struct Ledger {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    entries: Vec<Entry>,
    files: BTreeMap<(String, Digest), Label>,
    approved: BTreeSet<Digest>,
}

impl Ledger {
    /// Says that the user wrote this file: trusted, and readable by the user.
    pub fn trust(&self, path: &str, text: &str, user: &Principal) {
        let label = Label::trusted_from(Source::User).narrowed_to(&Readers::only(user.clone()));
        let key = (path.to_owned(), Digest::of(text.as_bytes()));
        self.with(|inner| inner.files.insert(key, label));
    }

    /// What was recorded, in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.with(|inner| inner.entries.clone())
    }

    fn with<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        look(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Journal for Ledger {
    fn record(&self, _run: &RunId, entry: &Entry) -> Result<Seq, JournalFailure> {
        Ok(self.with(|inner| {
            if let Entry::Answered { question, end: QuestionEnd::Approved, .. } = entry {
                inner.approved.insert(*question);
            }
            inner.entries.push(entry.clone());
            Seq(inner.entries.len() as u64)
        }))
    }

    fn record_approved(&self, run: &RunId, entry: &Entry, question: Digest) -> Result<Seq, JournalFailure> {
        if !self.with(|inner| inner.approved.remove(&question)) {
            return Err(JournalFailure(
                "the question is not approved, or its approval was used before".to_owned(),
            ));
        }
        self.record(run, entry)
    }
}

impl FileLabels for Ledger {
    fn written_label(&self, file: &FileFact) -> Result<Option<Label>, JournalFailure> {
        Ok(self.with(|inner| inner.files.get(&(file.path.clone(), file.digest)).cloned()))
    }

    fn note_written(&self, _run: &RunId, file: &FileFact, label: &Label) -> Result<(), JournalFailure> {
        self.with(|inner| inner.files.insert((file.path.clone(), file.digest), label.clone()));
        Ok(())
    }
}
