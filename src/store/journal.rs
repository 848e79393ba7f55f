//! The journal's rows: appended in one place, each bound to the one before it, read back as complete entries.

use super::datum::{self, DatumId, NewDatum};
use super::error::Fault;
use super::run;
use super::slot::slots;
use crate::kernel::id::{CallNo, Digest, RunId};
use crate::kernel::label::{Label, Readers, Source};
use crate::kernel::record::{Entry, RecordedArg, RunEnd, Seq};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value as Json;

#[cfg(test)]
mod tests;

/// A record as it is read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its place.
    pub seq: Seq,
    /// Whose it is.
    pub run: RunId,
    /// When it was written, Unix milliseconds.
    pub at: i64,
    /// The complete entry; an erased value reads as null, an erased text as empty.
    pub entry: Entry,
    /// The link of the chain: covers this record and, through its predecessor's, all before it.
    pub digest: Digest,
    /// The data rows that hold its values, in the order in which they stand in the entry.
    pub data: Vec<DatumId>,
    /// Whether any of those values has been erased.
    pub erased: bool,
}

/// The last record's place and link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub seq: Seq,
    pub digest: Digest,
}

/// A row as stored.
pub(super) struct RawRecord {
    pub seq: Seq,
    pub run: String,
    pub entry: String,
    pub call: Option<u32>,
    pub at: i64,
    pub payload: Vec<u8>,
    pub prev: String,
    pub digest: String,
}

pub(super) const COLUMNS: &str = "seq, run, entry, call, at, payload, prev, digest";

impl RawRecord {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: Seq(row.get::<_, i64>(0)?.cast_unsigned()),
            run: row.get(1)?,
            entry: row.get(2)?,
            call: row.get(3)?,
            at: row.get(4)?,
            payload: row.get(5)?,
            prev: row.get(6)?,
            digest: row.get(7)?,
        })
    }

    /// What the row's link must be, given what the row holds.
    pub(super) fn link(&self) -> Result<Digest, Fault> {
        let prev = parse_digest(&self.prev)?;
        Ok(link(&prev, self.seq, &self.run, &self.entry, self.at, &self.payload))
    }
}

/// The link before the first record.
pub(super) fn genesis() -> String {
    "0".repeat(64)
}

pub(super) fn parse_digest(text: &str) -> Result<Digest, Fault> {
    Digest::try_from(text.to_owned()).map_err(|e| Fault::damaged(e.to_string()))
}

/// INVARIANT: every stored byte that gives a record its meaning is under its link; `call` repeats the payload.
fn link(prev: &Digest, seq: Seq, run: &str, entry: &str, at: i64, payload: &[u8]) -> Digest {
    Digest::of_parts([
        prev.as_bytes().as_slice(),
        &seq.0.to_be_bytes(),
        run.as_bytes(),
        entry.as_bytes(),
        &at.to_be_bytes(),
        payload,
    ])
}

/// An entry made ready by its caller's thread, so that the writer has little left to do.
pub(super) struct Prepared {
    pub run: RunId,
    name: &'static str,
    pub call: Option<CallNo>,
    change: run::Change,
    payload: Json,
    values: Vec<Vec<u8>>,
    labels: Vec<(Origin, Json)>,
}

/// What is known of a value's origin before the writer looks at the run.
enum Origin {
    /// The label is known, no ancestors.
    Root(Label),
    /// The plan's text, or what its planner thinks: made from the request.
    Plan,
    /// An argument: its ancestors are the results that it names, else follow from its label.
    Argument { label: Label, through: Vec<CallNo> },
    /// A result: its ancestors are the call's arguments.
    Result(Label),
    /// An error's text, of a call or of the run: untrusted, and otherwise like a result.
    Failure,
}

impl Prepared {
    pub(super) fn new(run: &RunId, entry: &Entry) -> Result<Self, Fault> {
        let mut payload = serde_json::to_value(entry)?;
        let mut values = Vec::new();
        for slot in slots(&mut payload) {
            values.push(serde_json::to_vec(slot.json)?);
            // Holds the place until the writer knows the row; null would read as no value at all.
            *slot.json = Json::Bool(true);
        }
        let origins = match entry {
            Entry::RequestScreened { principal, .. } => {
                let readers = Readers::only(principal.clone());
                vec![Origin::Root(Label::trusted_from(Source::User).narrowed_to(&readers))]
            }
            Entry::PlanChecked { .. } | Entry::Drafted { assessment: Some(_), .. } => vec![Origin::Plan],
            Entry::CallStarted { args, .. } | Entry::CallRefused { args, .. } => {
                let origin = |arg: &RecordedArg| Origin::Argument {
                    label: arg.label.clone(),
                    through: arg.through.clone(),
                };
                args.iter().map(origin).collect()
            }
            Entry::CallReturned { label, .. } => vec![Origin::Result(label.clone())],
            Entry::CallFailed { .. } | Entry::Ended(RunEnd::Failed { .. }) => vec![Origin::Failure],
            // A reply's ancestors follow from its label.
            Entry::Released { label, .. } => {
                vec![Origin::Argument { label: label.clone(), through: Vec::new() }]
            }
            Entry::Answered { reason, edits, .. } => {
                let words = reason.iter().map(|_| Origin::Root(Label::trusted_from(Source::User)));
                words.chain(edits.iter().map(of_edit)).collect()
            }
            _ => Vec::new(),
        };
        let found = found_in(entry, origins.len())?;
        let labels: Vec<(Origin, Json)> = origins.into_iter().zip(found).collect();
        if labels.len() != values.len() {
            return Err(Fault::damaged(format!("the entry {} does not have its form", entry.name())));
        }
        let call = call_of(entry);
        Ok(Self {
            run: run.clone(),
            name: entry.name(),
            call,
            change: run::Change::of(entry),
            payload,
            values,
            labels,
        })
    }
}

/// A person's own words come from nowhere else; what they left of a value before comes from where that came from.
fn of_edit(edit: &RecordedArg) -> Origin {
    let (label, through) = (edit.label.clone(), edit.through.clone());
    if through.is_empty() { Origin::Root(label) } else { Origin::Argument { label, through } }
}

/// What the scanners found in each value of an entry.
fn found_in(entry: &Entry, values: usize) -> Result<Vec<Json>, Fault> {
    let found = match entry {
        Entry::RequestScreened { findings, .. }
        | Entry::PlanChecked { findings, .. }
        | Entry::CallReturned { findings, .. }
        | Entry::CallFailed { findings, .. }
        | Entry::Released { findings, .. } => vec![serde_json::to_value(findings)?],
        Entry::CallStarted { args, .. } | Entry::CallRefused { args, .. } => {
            args.iter().map(|arg| serde_json::to_value(&arg.findings)).collect::<Result<_, _>>()?
        }
        _ => vec![Json::Array(Vec::new()); values],
    };
    Ok(found)
}

/// Which call an entry is about.
pub(super) fn call_of(entry: &Entry) -> Option<CallNo> {
    match entry {
        Entry::CallStarted { call, .. }
        | Entry::CallRefused { call, .. }
        | Entry::CallReturned { call, .. }
        | Entry::CallFailed { call, .. } => Some(*call),
        Entry::Asked { call, .. } => *call,
        _ => None,
    }
}

/// Appends a record, its values and what it changes of its run. Inside the writer's transaction.
pub(super) fn append(db: &Connection, new: Prepared, at: i64) -> Result<Seq, Fault> {
    let head = head(db)?;
    let (seq, prev) = match &head {
        Some(head) => (Seq(head.seq.0 + 1), head.digest),
        None => (Seq(1), parse_digest(&genesis())?),
    };
    run::change(db, &new.run, &new.change, seq, at)?;
    let mut payload = new.payload;
    for ((slot, value), (origin, found)) in slots(&mut payload).into_iter().zip(new.values).zip(new.labels) {
        let (label, derived_from) = describe(db, &new.run, new.call, origin)?;
        let row = NewDatum { part: slot.part.clone(), value, label, derived_from, scan_results: found };
        let reference = datum::insert(db, &new.run, Some(seq), new.call, &row, at)?;
        if slot.part == "request" {
            run::set_request(db, &new.run, DatumId(reference.datum))?;
        }
        *slot.json = serde_json::to_value(reference)?;
    }
    let payload = serde_json::to_vec(&payload)?;
    let digest = link(&prev, seq, new.run.as_str(), new.name, at, &payload);
    let mut insert = db.prepare_cached(
        "INSERT INTO record (seq, run, entry, call, at, payload, prev, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute(params![
        seq.0.cast_signed(),
        new.run.as_str(),
        new.name,
        new.call.map(|c| c.0),
        at,
        payload,
        prev.to_string(),
        digest.to_string()
    ])?;
    Ok(seq)
}

/// The label and the ancestors that only the run's earlier rows tell.
fn describe(
    db: &Connection,
    run: &RunId,
    call: Option<CallNo>,
    origin: Origin,
) -> Result<(Label, Vec<DatumId>), Fault> {
    Ok(match origin {
        Origin::Root(label) => (label, Vec::new()),
        Origin::Plan => {
            let request = datum::request_of(db, run)?;
            (Label::trusted_from(Source::Planner), request.into_iter().collect())
        }
        Origin::Argument { label, through } => {
            let origins = datum::origins_through(db, run, &label, &through)?;
            (label, origins)
        }
        Origin::Result(label) => (label, datum::arguments_of(db, run, call)?.ids()),
        Origin::Failure => {
            let args = datum::arguments_of(db, run, call)?;
            (args.failure_label(), args.ids())
        }
    })
}

pub(super) fn head(db: &Connection) -> Result<Option<Head>, Fault> {
    let mut select = db.prepare_cached("SELECT seq, digest FROM record ORDER BY seq DESC LIMIT 1")?;
    let row = select.query_row([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?))).optional()?;
    row.map(|(seq, digest)| Ok(Head { seq: Seq(seq.cast_unsigned()), digest: parse_digest(&digest)? }))
        .transpose()
}

/// A run's records in order.
pub(super) fn of_run(db: &Connection, run: &RunId) -> Result<Vec<Record>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM record WHERE run = ?1 ORDER BY seq");
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map([run.as_str()], RawRecord::from_row)?;
    rows.map(|raw| complete(db, raw?)).collect()
}

/// The records of a run's drafts in order.
pub(super) fn drafts(db: &Connection, run: &RunId) -> Result<Vec<Record>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM record WHERE run = ?1 AND entry = 'drafted' ORDER BY seq");
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map([run.as_str()], RawRecord::from_row)?;
    rows.map(|raw| complete(db, raw?)).collect()
}

/// At most `limit` records after `after`, of all runs.
pub(super) fn after(db: &Connection, after: Seq, limit: u32) -> Result<Vec<Record>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM record WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map(params![after.0.cast_signed(), limit], RawRecord::from_row)?;
    rows.map(|raw| complete(db, raw?)).collect()
}

/// Puts the values back. What does not match its digest is never handed out.
fn complete(db: &Connection, raw: RawRecord) -> Result<Record, Fault> {
    let digest = parse_digest(&raw.digest)?;
    if raw.link()? != digest {
        return Err(Fault::damaged(format!("record {} does not match its digest", raw.seq.0)));
    }
    let mut json: Json = serde_json::from_slice(&raw.payload)?;
    let (mut data, mut erased) = (Vec::new(), false);
    for slot in slots(&mut json) {
        let reference = slot.reference()?;
        data.push(DatumId(reference.datum));
        match datum::value(db, &reference)? {
            Some(value) => *slot.json = value,
            None => {
                erased = true;
                *slot.json = slot.blank();
            }
        }
    }
    let entry: Entry = serde_json::from_value(json)?;
    Ok(Record { seq: raw.seq, run: RunId::new(raw.run), at: raw.at, entry, digest, data, erased })
}
