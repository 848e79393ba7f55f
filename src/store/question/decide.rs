//! How questions change: each function is one step inside the writer's transaction.

use super::super::error::Fault;
use super::{
    Answer, AnswerError, Answered, ApprovalError, NewQuestion, QuestionKind, QuestionRow, QuestionState,
    SELECT, from_row, get, pending,
};
use crate::kernel::id::{CallNo, Digest, RunId};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, Seq};
use rand::Rng;
use rand::distr::Alphanumeric;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value as Json};

/// Length of a question's id: 62^10 of them, short enough to type. An id is a name, not a secret.
const ID_CHARS: usize = 10;

/// Asks, or finds the same question still open. Another open question about the same thing is superseded.
pub(in crate::store) fn ask(db: &Connection, new: &NewQuestion) -> Result<QuestionRow, Fault> {
    expire(db, new.created)?;
    let sql = format!("{SELECT} WHERE run = ?1 AND digest = ?2 AND state = 'pending'");
    let mut select = db.prepare_cached(&sql)?;
    let mut same = select.query(params![new.run.as_str(), new.digest.to_string()])?;
    if let Some(row) = same.next()? {
        return from_row(row);
    }
    let call = new.call.map(|c| c.0);
    db.execute(
        "UPDATE question SET state = 'superseded', answered_at = ?4
         WHERE run = ?1 AND kind = ?2 AND call IS ?3 AND state = 'pending'",
        params![new.run.as_str(), new.kind.as_str(), call, new.created],
    )?;
    let id = fresh_id(db)?;
    db.execute(
        "INSERT INTO question (id, digest, run, call, kind, payload, state, created, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', ?7, ?8)",
        params![
            id,
            new.digest.to_string(),
            new.run.as_str(),
            call,
            new.kind.as_str(),
            new.payload.to_string(),
            new.created,
            new.expires_at
        ],
    )?;
    get(db, &id)?.ok_or_else(|| Fault::damaged("a question vanished while it was asked"))
}

fn fresh_id(db: &Connection) -> Result<String, Fault> {
    loop {
        let id: String = rand::rng().sample_iter(Alphanumeric).take(ID_CHARS).map(char::from).collect();
        if get(db, &id)?.is_none() {
            return Ok(id);
        }
    }
}

/// What a person says.
pub(in crate::store) enum Said {
    Answer(Answer),
    Edit(Map<String, Json>),
}

/// A person's answer, with all that it is bound to.
pub(in crate::store) struct Given {
    pub id: String,
    pub digest: Digest,
    pub said: Said,
    pub by: Principal,
    pub reason: Option<String>,
    pub now: i64,
}

/// INVARIANT: pending -> decided happens once, in the writer's transaction; every later answer is told how it ended.
pub(in crate::store) fn answer(
    db: &Connection,
    given: &Given,
) -> Result<Result<Answered, AnswerError>, Fault> {
    let id = given.id.clone();
    let Some(row) = get(db, &id)? else { return Ok(Err(AnswerError::Unknown(id))) };
    match row.state {
        QuestionState::Pending => {}
        QuestionState::Expired => return Ok(Err(AnswerError::Expired(id))),
        QuestionState::Superseded => return Ok(Err(AnswerError::Superseded(id))),
        state => return Ok(Err(AnswerError::AlreadyDecided { id, state })),
    }
    if row.is_late(given.now) {
        end(db, &id, QuestionState::Expired, given.now)?;
        return Ok(Err(AnswerError::Expired(id)));
    }
    if given.digest != row.digest {
        return Ok(Err(AnswerError::Superseded(id)));
    }
    let (state, edited) = match &given.said {
        Said::Answer(Answer::Granted) => (QuestionState::Approved, None),
        Said::Answer(Answer::Denied) => (QuestionState::Denied, None),
        Said::Edit(args) => (QuestionState::Superseded, Some(serde_json::to_string(args)?)),
    };
    let (by, digest) = (given.by.name(), given.digest.to_string());
    let changed = db.execute(
        "UPDATE question SET state = ?2, answered_by = ?3, answered_at = ?4, reason = ?5, edited_args = ?7
         WHERE id = ?1 AND state = 'pending' AND digest = ?6",
        params![id, state.as_str(), by, given.now, given.reason, digest, edited],
    )?;
    match (changed, get(db, &id)?) {
        (1, Some(question)) => Ok(Ok(Answered { question })),
        (_, Some(row)) => Ok(Err(AnswerError::AlreadyDecided { id, state: row.state })),
        (_, None) => Ok(Err(AnswerError::Unknown(id))),
    }
}

fn end(db: &Connection, id: &str, state: QuestionState, now: i64) -> Result<(), Fault> {
    let sql = "UPDATE question SET state = ?2, answered_at = ?3 WHERE id = ?1 AND state = 'pending'";
    db.prepare_cached(sql)?.execute(params![id, state.as_str(), now])?;
    Ok(())
}

/// Ends what nobody answered in time.
pub(in crate::store) fn expire(db: &Connection, now: i64) -> Result<Vec<QuestionRow>, Fault> {
    let late = pending(db)?.into_iter().filter(|q| q.is_late(now));
    end_all(db, late, QuestionState::Expired, now)
}

/// Ends the open questions of a run that was stopped.
pub(in crate::store) fn cancel(db: &Connection, run: &RunId, now: i64) -> Result<Vec<QuestionRow>, Fault> {
    let open = pending(db)?.into_iter().filter(|q| q.run == *run);
    end_all(db, open, QuestionState::Cancelled, now)
}

fn end_all(
    db: &Connection,
    rows: impl Iterator<Item = QuestionRow>,
    state: QuestionState,
    now: i64,
) -> Result<Vec<QuestionRow>, Fault> {
    rows.map(|row| {
        end(db, &row.id, state, now)?;
        Ok(QuestionRow { state, answered_at: Some(now), ..row })
    })
    .collect()
}

/// Whether the approval may start this entry now.
pub(in crate::store) fn usable(
    db: &Connection,
    id: &str,
    run: &RunId,
    entry: &EntryFacts,
) -> Result<Result<(), ApprovalError>, Fault> {
    let id = id.to_owned();
    let Some(row) = get(db, &id)? else { return Ok(Err(ApprovalError::Unknown(id))) };
    if let Some(used_by) = row.used_by_seq {
        return Ok(Err(ApprovalError::Used { id, used_by }));
    }
    if row.state != QuestionState::Approved {
        return Ok(Err(ApprovalError::NotApproved { id, state: row.state }));
    }
    if row.run != *run || Some(row.kind) != entry.kind || row.call != entry.call {
        return Ok(Err(ApprovalError::Mismatch(id)));
    }
    Ok(Ok(()))
}

/// Marks it used. INVARIANT: in the transaction of the record, and at most once per approval.
pub(in crate::store) fn mark_used(db: &Connection, id: &str, seq: Seq) -> Result<(), Fault> {
    let sql = "UPDATE question SET used_by_seq = ?2 WHERE id = ?1 AND state = 'approved' AND used_by_seq IS NULL RETURNING id";
    let mut update = db.prepare_cached(sql)?;
    let marked: Option<String> =
        update.query_row(params![id, seq.0.cast_signed()], |r| r.get(0)).optional()?;
    marked.map(|_| ()).ok_or_else(|| Fault::damaged(format!("question {id} changed while it was used")))
}

/// What an entry starts, and for which call.
pub(in crate::store) struct EntryFacts {
    kind: Option<QuestionKind>,
    call: Option<CallNo>,
}

impl EntryFacts {
    pub(in crate::store) fn of(entry: &Entry) -> Self {
        match entry {
            Entry::CallStarted { call, .. } => Self { kind: Some(QuestionKind::Call), call: Some(*call) },
            Entry::PlanApproved { .. } => Self { kind: Some(QuestionKind::Plan), call: None },
            Entry::Released { .. } => Self { kind: Some(QuestionKind::Reply), call: None },
            _ => Self { kind: None, call: None },
        }
    }
}
