//! Every value that crosses a port, as a row: what it is worth, where it comes from, what it was made from.

use super::Store;
use super::error::{Fault, StoreError};
use super::slot::Reference;
use super::writer::Writer;
use crate::kernel::id::{CallNo, Digest, RunId};
use crate::kernel::label::{Label, Source};
use crate::kernel::port::Finding;
use crate::kernel::record::Seq;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

mod origin;
#[cfg(test)]
mod tests;

pub(super) use origin::{arguments_of, origins, origins_through, request_of};

/// Names a data row, unique in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DatumId(pub u64);

impl DatumId {
    /// Stands for an ancestor that the store does not know. No row has it.
    pub const UNKNOWN: Self = Self(0);
}

impl fmt::Display for DatumId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "datum {}", self.0)
    }
}

/// What a row as a whole is worth. Never above its label; below it where an ancestor is untrusted or unknown.
/// Policies judge by the label, which the kernel computes part by part; this is the audit's coarser view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustLevel {
    /// The label is trusted and so is every ancestor.
    Trusted,
    /// Somebody else may have had a say.
    Untrusted,
}

impl TrustLevel {
    fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Untrusted => "untrusted",
        }
    }
}

/// A data row.
#[derive(Debug, Clone, PartialEq)]
pub struct DatumRow {
    /// Its name.
    pub id: DatumId,
    /// Whose it is.
    pub run: RunId,
    /// The record that brought it; `None` for one that a caller added.
    pub seq: Option<Seq>,
    /// What it is: `request`, `text` (the plan), `arg:NAME`, `value`, `message` (a failure's), `reason` (an
    /// answer's), or `note:NAME` (an added one).
    pub part: Arc<str>,
    /// The call that it belongs to.
    pub call: Option<CallNo>,
    /// What it is worth.
    pub trust_level: TrustLevel,
    /// The label's sources, for people.
    pub source: String,
    /// The label that the kernel gave it.
    pub label: Label,
    /// What scanners found in it.
    pub scan_results: Vec<Finding>,
    /// The rows that it was made from; [`DatumId::UNKNOWN`] where they are not known.
    pub derived_from: Vec<DatumId>,
    /// Over the value as stored; stays when the value is erased.
    pub digest: Digest,
    /// The value; `None` once erased.
    pub value: Option<Json>,
    /// Unix milliseconds.
    pub created: i64,
}

/// A value and all that it was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// The value first, then its ancestors, nearest first, each once.
    pub rows: Vec<DatumRow>,
    /// Ancestors that are named and not there.
    pub unknown: Vec<DatumId>,
}

/// A value that a caller adds to a run's data rows beside the journal, such as a snippet from memory.
#[derive(Debug, Clone, PartialEq)]
pub struct AddedDatum {
    /// What it is, for people.
    pub name: String,
    /// The value.
    pub value: Json,
    /// Where it comes from.
    pub label: Label,
    /// What it was made from. An unknown ancestor makes it untrusted.
    pub derived_from: Vec<DatumId>,
}

/// A row about to be written.
pub(super) struct NewDatum {
    pub part: String,
    pub value: Vec<u8>,
    pub label: Label,
    pub derived_from: Vec<DatumId>,
    pub scan_results: Json,
}

impl Store {
    /// Adds a value that no entry carries.
    ///
    /// # Errors
    /// When it could not be made durable, or the run has no record yet.
    pub fn add_datum(&self, run: &RunId, added: &AddedDatum) -> Result<DatumId, StoreError> {
        let value = serde_json::to_vec(&added.value).map_err(|e| self.at(e.into()))?;
        let new = NewDatum {
            part: format!("note:{}", added.name),
            value,
            label: added.label.clone(),
            derived_from: added.derived_from.clone(),
            scan_results: Json::Array(Vec::new()),
        };
        let (run, clock) = (run.clone(), self.clock.clone());
        self.write(move |db| Ok(DatumId(insert(db, &run, None, None, &new, clock())?.datum)))
    }

    /// A run's data rows in the order of writing.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn data(&self, run: &RunId) -> Result<Vec<DatumRow>, StoreError> {
        self.readers.read(|db| of_run(db, run))
    }

    /// A row with all that it was made from, down to the roots.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn provenance(&self, id: DatumId) -> Result<Provenance, StoreError> {
        self.readers.read(|db| provenance(db, id))
    }

    /// The rows of a run that a value with this label can have been made from, before it is recorded anywhere:
    /// what an approval card shows as origin.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn origins(&self, run: &RunId, label: &Label) -> Result<Provenance, StoreError> {
        self.readers.read(|db| {
            let mut out = Provenance { rows: Vec::new(), unknown: Vec::new() };
            for id in origins(db, run, label)? {
                match get(db, id)? {
                    Some(row) => out.rows.push(row),
                    None => out.unknown.push(id),
                }
            }
            Ok(out)
        })
    }

    /// Erases every value of a run, on the disk too; labels, digests and verdicts stay, and so does the proof. How many
    /// values were erased.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn erase(&self, run: &RunId) -> Result<usize, StoreError> {
        let run = run.clone();
        let erased = self.write(move |db| erase(db, &run))?;
        self.writer.as_ref().map_or(Ok(()), Writer::flush)?;
        Ok(erased)
    }
}

const COLUMNS: &str = "id, run, seq, part, call, trust_level, source, label, scan_results, derived_from, digest, value, created";

/// Everything but the value, as text, in the order in which its digest is taken.
struct Facts {
    trust_level: String,
    source: String,
    label: String,
    scan_results: String,
    derived_from: String,
}

impl Facts {
    fn digest(&self, part: &str) -> Digest {
        let Self { trust_level, source, label, scan_results, derived_from } = self;
        Digest::of_parts([part, trust_level, source, label, scan_results, derived_from].map(str::as_bytes))
    }
}

/// Writes a row.
pub(super) fn insert(
    db: &Connection,
    run: &RunId,
    seq: Option<Seq>,
    call: Option<CallNo>,
    new: &NewDatum,
    at: i64,
) -> Result<Reference, Fault> {
    let facts = Facts {
        trust_level: trust(db, &new.label, &new.derived_from)?.as_str().to_owned(),
        source: new.label.sources().map(Source::to_string).collect::<Vec<_>>().join(" + "),
        label: serde_json::to_string(&new.label)?,
        scan_results: new.scan_results.to_string(),
        derived_from: serde_json::to_string(&new.derived_from)?,
    };
    let value = Digest::of(&new.value);
    let mut insert = db.prepare_cached(
        "INSERT INTO datum (run, seq, part, origin, call, trust_level, source, label, scan_results, derived_from, \
         digest, value, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    let id = insert.insert(params![
        run.as_str(),
        seq.map(|s| s.0.cast_signed()),
        new.part,
        // An argument is made from other rows; an error's or an answer's text never reaches the plan.
        !matches!(new.part.as_str(), "message" | "reason") && !new.part.starts_with("arg:"),
        call.map(|c| c.0),
        facts.trust_level,
        facts.source,
        facts.label,
        facts.scan_results,
        facts.derived_from,
        value.to_string(),
        new.value,
        at
    ])?;
    Ok(Reference { datum: id.cast_unsigned(), value, facts: facts.digest(&new.part) })
}

/// INVARIANT: an untrusted ancestor makes a row untrusted, and so does one that is not there.
fn trust(db: &Connection, label: &Label, ancestors: &[DatumId]) -> Result<TrustLevel, Fault> {
    if !label.is_trusted() {
        return Ok(TrustLevel::Untrusted);
    }
    let mut select = db.prepare_cached("SELECT trust_level FROM datum WHERE id = ?1")?;
    for id in ancestors {
        let level: Option<String> = select.query_row([id.0.cast_signed()], |r| r.get(0)).optional()?;
        if level.as_deref() != Some("trusted") {
            return Ok(TrustLevel::Untrusted);
        }
    }
    Ok(TrustLevel::Trusted)
}

/// The value behind a reference, `None` when erased.
pub(super) fn value(db: &Connection, reference: &Reference) -> Result<Option<Json>, Fault> {
    let bytes = check(db, reference)?;
    bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(Fault::from)).transpose()
}

/// The bytes behind a reference, when row and bytes are what they were at writing.
pub(super) fn check(db: &Connection, reference: &Reference) -> Result<Option<Vec<u8>>, Fault> {
    let id = reference.datum;
    let sql = "SELECT part, trust_level, source, label, scan_results, derived_from, digest, value FROM datum WHERE id = ?1";
    let mut select = db.prepare_cached(sql)?;
    let row = select
        .query_row([id.cast_signed()], |r| {
            let facts = Facts {
                trust_level: r.get(1)?,
                source: r.get(2)?,
                label: r.get(3)?,
                scan_results: r.get(4)?,
                derived_from: r.get(5)?,
            };
            let digest: String = r.get(6)?;
            Ok((facts.digest(&r.get::<_, String>(0)?), digest, r.get::<_, Option<Vec<u8>>>(7)?))
        })
        .optional()?;
    let Some((facts, digest, bytes)) = row else {
        return Err(Fault::damaged(format!("datum {id} is missing")));
    };
    if facts != reference.facts || digest != reference.value.to_string() {
        return Err(Fault::damaged(format!("the facts of datum {id} were changed")));
    }
    if bytes.as_deref().is_some_and(|bytes| Digest::of(bytes) != reference.value) {
        return Err(Fault::damaged(format!("the value of datum {id} was changed")));
    }
    Ok(bytes)
}

fn from_row(row: &Row<'_>) -> Result<DatumRow, Fault> {
    let text = |at: usize| row.get::<_, String>(at);
    let value: Option<Vec<u8>> = row.get(11)?;
    Ok(DatumRow {
        id: DatumId(row.get::<_, i64>(0)?.cast_unsigned()),
        run: RunId::new(text(1)?),
        seq: row.get::<_, Option<i64>>(2)?.map(|s| Seq(s.cast_unsigned())),
        part: text(3)?.into(),
        call: row.get::<_, Option<u32>>(4)?.map(CallNo),
        trust_level: serde_json::from_value(Json::String(text(5)?))?,
        source: text(6)?,
        label: serde_json::from_str(&text(7)?)?,
        scan_results: serde_json::from_str(&text(8)?)?,
        derived_from: serde_json::from_str(&text(9)?)?,
        digest: super::journal::parse_digest(&text(10)?)?,
        value: value.map(|bytes| serde_json::from_slice(&bytes)).transpose()?,
        created: row.get(12)?,
    })
}

/// One row.
pub(super) fn get(db: &Connection, id: DatumId) -> Result<Option<DatumRow>, Fault> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM datum WHERE id = ?1"))?;
    let mut rows = select.query([id.0.cast_signed()])?;
    rows.next()?.map(from_row).transpose()
}

/// A run's rows in the order of writing.
pub(super) fn of_run(db: &Connection, run: &RunId) -> Result<Vec<DatumRow>, Fault> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM datum WHERE run = ?1 ORDER BY id"))?;
    let rows = select.query_and_then([run.as_str()], from_row)?;
    rows.collect()
}

/// Walks the ancestors. Ends, because each row is visited once.
pub(super) fn provenance(db: &Connection, id: DatumId) -> Result<Provenance, Fault> {
    let mut found = BTreeSet::new();
    let mut out = Provenance { rows: Vec::new(), unknown: Vec::new() };
    let mut queue = VecDeque::from([id]);
    while let Some(id) = queue.pop_front() {
        if !found.insert(id) {
            continue;
        }
        match get(db, id)? {
            Some(row) => {
                queue.extend(&row.derived_from);
                out.rows.push(row);
            }
            None => out.unknown.push(id),
        }
    }
    Ok(out)
}

/// Erases every value of a run; rows and digests stay. How many were erased now.
pub(super) fn erase(db: &Connection, run: &RunId) -> Result<usize, Fault> {
    let n =
        db.execute("UPDATE datum SET value = NULL WHERE run = ?1 AND value IS NOT NULL", [run.as_str()])?;
    let words = "UPDATE question SET payload = NULL, edited_args = NULL, reason = NULL WHERE run = ?1";
    db.execute(words, [run.as_str()])?;
    Ok(n)
}
