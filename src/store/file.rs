//! Files that runs wrote: which bytes went to which path, and with which label.

use super::Store;
use super::error::Fault;
use crate::kernel::id::RunId;
use crate::kernel::label::Label;
use crate::kernel::port::{FileFact, FileLabels, JournalFailure};
use rusqlite::{Connection, OptionalExtension, params};

#[cfg(test)]
mod tests;

impl FileLabels for Store {
    fn note_written(&self, run: &RunId, file: &FileFact, label: &Label) -> Result<(), JournalFailure> {
        let (fact, label, run, clock) = (file.clone(), label.clone(), run.clone(), self.clock.clone());
        let noted = self.write(move |db| note(db, &fact, &label, &run, clock()));
        noted.map_err(|e| JournalFailure(e.to_string()))
    }

    fn written_label(&self, file: &FileFact) -> Result<Option<Label>, JournalFailure> {
        self.readers.read(|db| newest_label(db, file)).map_err(|e| JournalFailure(e.to_string()))
    }
}

/// Notes a write. The same bytes written to the same path again keep the join of both labels: whoever could choose
/// them the first time could choose them now.
pub(super) fn note(
    db: &Connection,
    fact: &FileFact,
    label: &Label,
    run: &RunId,
    at: i64,
) -> Result<(), Fault> {
    let label = match label_of(db, fact)? {
        Some(before) => before.join(label),
        None => label.clone(),
    };
    let mut upsert = db.prepare_cached(
        "INSERT INTO file (path, digest, label, run, created) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (path, digest) DO UPDATE SET label = ?3, run = ?4, created = ?5",
    )?;
    let digest = fact.digest.to_string();
    upsert.execute(params![fact.path, digest, serde_json::to_string(&label)?, run.as_str(), at])?;
    Ok(())
}

/// The label of these bytes, when they are what was written there last. Older content that somebody put back is a
/// stranger's choice.
fn newest_label(db: &Connection, fact: &FileFact) -> Result<Option<Label>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT digest, label FROM file WHERE path = ?1 ORDER BY created DESC, rowid DESC LIMIT 1",
    )?;
    let newest: Option<(String, String)> =
        select.query_row([&fact.path], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
    let same = newest.filter(|(digest, _)| *digest == fact.digest.to_string());
    Ok(same.map(|(_, text)| serde_json::from_str(&text)).transpose()?)
}

/// The label that exactly these bytes were written to this path with.
pub(super) fn label_of(db: &Connection, fact: &FileFact) -> Result<Option<Label>, Fault> {
    let mut select = db.prepare_cached("SELECT label FROM file WHERE path = ?1 AND digest = ?2")?;
    let label: Option<String> =
        select.query_row(params![fact.path, fact.digest.to_string()], |r| r.get(0)).optional()?;
    Ok(label.map(|text| serde_json::from_str(&text)).transpose()?)
}
