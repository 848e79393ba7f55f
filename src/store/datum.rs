//! Every value that crosses a port, as a row: what it is worth, where it comes from, what it was made from.

use super::error::Fault;
use super::slot::Reference;
use crate::kernel::id::{CallNo, Digest, RunId};
use crate::kernel::label::{Capacity, Label, Source};
use crate::kernel::port::Finding;
use crate::kernel::record::Seq;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

#[cfg(test)]
mod tests;

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
    /// What it is: `request`, `text` (the plan), `arg:NAME`, `value`, `message` (a failure's), or an added one's name.
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

/// A row about to be written.
pub(super) struct NewDatum {
    pub part: String,
    pub value: Vec<u8>,
    pub label: Label,
    pub derived_from: Vec<DatumId>,
    pub scan_results: Json,
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
        // An argument is made from other rows, and an error's text never reaches the plan.
        new.part != "message" && !new.part.starts_with("arg:"),
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

/// The run's latest request.
pub(super) fn request_of(db: &Connection, run: &RunId) -> Result<Option<DatumId>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT id FROM datum WHERE run = ?1 AND part = 'request' ORDER BY id DESC LIMIT 1",
    )?;
    let id: Option<i64> = select.query_row([run.as_str()], |r| r.get(0)).optional()?;
    Ok(id.map(|id| DatumId(id.cast_unsigned())))
}

/// The rows that a value with this label can have been made from, told by its sources alone.
///
/// A join only ever adds sources, so a row with a source that the value lacks is no ancestor of the whole value. A
/// part of a row may have fewer sources than the row: where a source is left over, every row that names it counts.
/// A source that no row names is an unknown ancestor.
pub(super) fn origins(db: &Connection, run: &RunId, label: &Label) -> Result<Vec<DatumId>, Fault> {
    let wanted: BTreeSet<&Source> = label.sources().collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut select =
        db.prepare_cached("SELECT id, label FROM datum WHERE run = ?1 AND origin = 1 ORDER BY id")?;
    let rows = select.query_map([run.as_str()], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?)))?;
    let mut known = Vec::new();
    for row in rows {
        let (id, label) = row?;
        known.push((DatumId(id.cast_unsigned()), serde_json::from_str::<Label>(&label)?));
    }
    let within = |l: &Label| l.sources().next().is_some() && l.sources().all(|s| wanted.contains(s));
    let (whole, partial): (Vec<_>, Vec<_>) = known.iter().partition(|(_, l)| within(l));
    let covered: BTreeSet<&Source> = whole.iter().flat_map(|(_, l)| l.sources()).collect();
    let mut ids: BTreeSet<DatumId> = whole.iter().map(|(id, _)| *id).collect();
    for source in wanted.difference(&covered) {
        let mut naming = partial.iter().filter(|(_, l)| l.sources().any(|s| s == *source)).peekable();
        if naming.peek().is_none() {
            ids.insert(DatumId::UNKNOWN);
        }
        ids.extend(naming.map(|(id, _)| *id));
    }
    Ok(ids.into_iter().collect())
}

/// The arguments of a call's latest start.
pub(super) struct Arguments {
    rows: Option<Vec<(DatumId, Label)>>,
    source: Source,
}

impl Arguments {
    /// As ancestors of the call's result.
    pub(super) fn ids(&self) -> Vec<DatumId> {
        match &self.rows {
            Some(rows) => rows.iter().map(|(id, _)| *id).collect(),
            None => vec![DatumId::UNKNOWN],
        }
    }

    /// The label of the text that comes with the call's failure.
    pub(super) fn failure_label(&self) -> Label {
        let said = Label::untrusted_from(self.source.clone(), Capacity::Text);
        let labels = self.rows.iter().flatten().map(|(_, label)| label);
        Label::join_all(labels).join(&said)
    }
}

/// Finds them; a call that was never started has unknown ones.
pub(super) fn arguments_of(db: &Connection, run: &RunId, call: Option<CallNo>) -> Result<Arguments, Fault> {
    let mut start = db.prepare_cached(
        "SELECT seq, payload FROM record WHERE run = ?1 AND call = ?2 AND entry = 'call_started' \
         ORDER BY seq DESC LIMIT 1",
    )?;
    let found = start
        .query_row(params![run.as_str(), call.map(|c| c.0)], |r| {
            Ok((r.get::<_, i64>(0)?, r.get::<_, Vec<u8>>(1)?))
        })
        .optional()?;
    let Some((seq, payload)) = found else {
        return Ok(Arguments { rows: None, source: Source::Tool("unknown".into()) });
    };
    let payload: Json = serde_json::from_slice(&payload)?;
    let text = |key: &str| payload.get(key).and_then(Json::as_str).unwrap_or_default();
    let source = match text("kind") {
        "confirm" => Source::User,
        "ask" => Source::Worker(text("name").into()),
        _ => Source::Tool(text("name").into()),
    };
    let mut select =
        db.prepare_cached("SELECT id, label FROM datum WHERE run = ?1 AND seq = ?2 ORDER BY id")?;
    let rows = select
        .query_map(params![run.as_str(), seq], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?)))?
        .map(|row| {
            let (id, label) = row?;
            Ok((DatumId(id.cast_unsigned()), serde_json::from_str(&label)?))
        })
        .collect::<Result<_, Fault>>()?;
    Ok(Arguments { rows: Some(rows), source })
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
    db.execute("UPDATE question SET payload = NULL WHERE run = ?1", [run.as_str()])?;
    Ok(n)
}
