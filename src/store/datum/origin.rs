//! Where a value can have come from, told by the run's earlier rows.

use super::super::error::Fault;
use super::DatumId;
use crate::kernel::id::{CallNo, RunId};
use crate::kernel::label::{Capacity, Label, Source};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The run's latest request.
pub(in crate::store) fn request_of(db: &Connection, run: &RunId) -> Result<Option<DatumId>, Fault> {
    latest(db, run, "request", None)
}

fn latest(db: &Connection, run: &RunId, part: &str, call: Option<CallNo>) -> Result<Option<DatumId>, Fault> {
    let sql = "SELECT id FROM datum WHERE run = ?1 AND part = ?2 AND call IS ?3 AND origin = 1 ORDER BY id DESC LIMIT 1";
    let mut select = db.prepare_cached(sql)?;
    let id: Option<i64> =
        select.query_row(params![run.as_str(), part, call.map(|c| c.0)], |r| r.get(0)).optional()?;
    Ok(id.map(|id| DatumId(id.cast_unsigned())))
}

/// The rows that a value with this label can have been made from, told by its sources alone.
///
/// A join only ever adds sources, so a row with a source that the value lacks is no ancestor of the whole value. A
/// part of a row may have fewer sources than the row: where a source is left over, every row that names it counts.
/// A source that no row names is an unknown ancestor.
pub(in crate::store) fn origins(db: &Connection, run: &RunId, label: &Label) -> Result<Vec<DatumId>, Fault> {
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

/// The rows that an argument was made from: the results that it names, and the plan and the request where its label has
/// them. Without any named, whatever its label tells. A named call without a result is an unknown ancestor.
pub(in crate::store) fn origins_through(
    db: &Connection,
    run: &RunId,
    label: &Label,
    through: &[CallNo],
) -> Result<Vec<DatumId>, Fault> {
    if through.is_empty() {
        return origins(db, run, label);
    }
    let mut ids = BTreeSet::new();
    for (part, source) in [("request", Source::User), ("text", Source::Planner)] {
        if label.sources().any(|s| *s == source) {
            ids.extend(latest(db, run, part, None)?);
        }
    }
    for call in through {
        ids.insert(latest(db, run, "value", Some(*call))?.unwrap_or(DatumId::UNKNOWN));
    }
    Ok(ids.into_iter().collect())
}

/// The arguments of a call's latest start.
pub(in crate::store) struct Arguments {
    rows: Option<Vec<(DatumId, Label)>>,
    source: Source,
}

impl Arguments {
    /// As ancestors of the call's result.
    pub(in crate::store) fn ids(&self) -> Vec<DatumId> {
        match &self.rows {
            Some(rows) => rows.iter().map(|(id, _)| *id).collect(),
            None => vec![DatumId::UNKNOWN],
        }
    }

    /// The label of the text that comes with the call's failure.
    pub(in crate::store) fn failure_label(&self) -> Label {
        let said = Label::untrusted_from(self.source.clone(), Capacity::Text);
        let labels = self.rows.iter().flatten().map(|(_, label)| label);
        Label::join_all(labels).join(&said)
    }
}

/// Finds them; a call that was never started has unknown ones.
pub(in crate::store) fn arguments_of(
    db: &Connection,
    run: &RunId,
    call: Option<CallNo>,
) -> Result<Arguments, Fault> {
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
