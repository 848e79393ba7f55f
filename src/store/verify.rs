//! Walks the whole journal and says where it is not what was written.

use super::datum;
use super::error::Fault;
use super::journal::{COLUMNS, Head, RawRecord, call_of, genesis, parse_digest};
use super::slot::slots;
use crate::kernel::id::Digest;
use crate::kernel::record::{Entry, Seq};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value as Json;

#[cfg(test)]
mod tests;

/// What a walk over the journal found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// How many records there are.
    pub records: u64,
    /// The last record's link, which stands for all of them; `None` in an empty journal.
    pub head: Option<Digest>,
    /// Everything that is wrong; empty when all is well.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// At which record; `None` when it is about none in particular.
    pub seq: Option<Seq>,
    /// What.
    pub what: String,
}

/// Walks.
pub(super) fn verify(db: &Connection) -> Result<VerifyReport, Fault> {
    let mut report = VerifyReport { records: 0, head: None, problems: Vec::new() };
    let mut select = db.prepare(&format!("SELECT {COLUMNS} FROM record ORDER BY seq"))?;
    let rows = select.query_map([], RawRecord::from_row)?;
    let mut head: Option<Head> = None;
    for raw in rows {
        let raw = raw?;
        report.records += 1;
        let mut wrong = |what: String| report.problems.push(Problem { seq: Some(raw.seq), what });
        let expected = head.map_or(1, |h| h.seq.0 + 1);
        if raw.seq.0 != expected {
            wrong(format!("expected record {expected}"));
        }
        let prev = head.map_or_else(genesis, |h| h.digest.to_string());
        if raw.prev != prev {
            wrong("is not linked to the record before it".to_owned());
        }
        match raw.link() {
            Ok(link) if link.to_string() == raw.digest => {}
            _ => wrong("does not match its digest".to_owned()),
        }
        for what in content(db, &raw)? {
            wrong(what);
        }
        // A link that is no digest is reported above; the next record then fails on its own `prev`.
        let digest = parse_digest(&raw.digest).unwrap_or_else(|_| Digest::of(b""));
        head = Some(Head { seq: raw.seq, digest });
    }
    report.head = head.map(|h| h.digest);
    let last = head.map_or(0, |h| h.seq.0);
    for (table, column) in [("run", "last_seq"), ("datum", "seq"), ("question", "used_by_seq")] {
        let sql = format!("SELECT max({column}) FROM {table}");
        let named: Option<i64> = db.query_row(&sql, [], |r| r.get(0))?;
        if named.is_some_and(|seq| seq.cast_unsigned() > last) {
            let what = format!("the journal ends at record {last}, but a {table} names a later one");
            report.problems.push(Problem { seq: None, what });
        }
    }
    Ok(report)
}

/// What is wrong inside a record: its payload, its columns, the values that it refers to.
fn content(db: &Connection, raw: &RawRecord) -> Result<Vec<String>, Fault> {
    let mut wrong = Vec::new();
    let Ok(mut json) = serde_json::from_slice::<Json>(&raw.payload) else {
        return Ok(vec!["its payload is not JSON".to_owned()]);
    };
    for slot in slots(&mut json) {
        match slot.reference().and_then(|reference| datum::check(db, &reference)) {
            Ok(_) => {}
            Err(Fault::Damaged(what)) => wrong.push(format!("{}: {what}", slot.part)),
            Err(sqlite @ Fault::Sqlite(_)) => return Err(sqlite),
        }
        *slot.json = slot.blank();
    }
    match serde_json::from_value::<Entry>(json) {
        Ok(entry) if entry.name() == raw.entry && call_of(&entry).map(|c| c.0) == raw.call => {}
        Ok(_) => wrong.push("its columns do not repeat its payload".to_owned()),
        Err(_) => wrong.push("its payload is not an entry".to_owned()),
    }
    Ok(wrong)
}
