//! Questions to people. Each is bound to a digest, answered exactly once, and its approval is good for one start.

use super::error::{Fault, StoreError};
use super::journal::parse_digest;
use crate::kernel::id::{CallNo, Digest, RunId};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, Seq};
use rand::Rng;
use rand::distr::Alphanumeric;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

#[cfg(test)]
mod tests;

/// Length of a question's id: 62^10 of them, short enough to type. An id is a name, not a secret.
const ID_CHARS: usize = 10;

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// A whole plan.
    Plan,
    /// One call.
    Call,
}

impl QuestionKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Call => "call",
        }
    }
}

/// Where a question stands. The four ends without approval are different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionState {
    /// Waits for an answer.
    Pending,
    /// A person approved.
    Approved,
    /// A person said no.
    Denied,
    /// Nobody answered in time.
    Expired,
    /// The run was stopped.
    Cancelled,
    /// A newer question about the same thing took its place.
    Superseded,
}

impl QuestionState {
    /// The state's stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }
}

/// A question about to be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct NewQuestion {
    /// What the answer is bound to: run, step, tool, arguments, labels, policy version.
    pub digest: Digest,
    /// Whose it is.
    pub run: RunId,
    /// The call, when it is about one.
    pub call: Option<CallNo>,
    /// What it is about.
    pub kind: QuestionKind,
    /// What the person is shown.
    pub payload: Json,
    /// Now, Unix milliseconds.
    pub created: i64,
    /// From when on it can no longer be answered, Unix milliseconds.
    pub expires_at: i64,
}

/// A question as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionRow {
    /// Short and url-safe.
    pub id: String,
    /// What the answer is bound to.
    pub digest: Digest,
    /// Whose it is.
    pub run: RunId,
    /// The call, when it is about one.
    pub call: Option<CallNo>,
    /// What it is about.
    pub kind: QuestionKind,
    /// What the person is shown; null once erased.
    pub payload: Json,
    /// Where it stands.
    pub state: QuestionState,
    /// Unix milliseconds.
    pub created: i64,
    /// Unix milliseconds.
    pub expires_at: i64,
    /// Who answered.
    pub answered_by: Option<Principal>,
    /// Unix milliseconds; also when it expired or was cancelled.
    pub answered_at: Option<i64>,
    /// What they gave as reason.
    pub reason: Option<String>,
    /// The record that used the approval; an approval is good for one.
    pub used_by_seq: Option<Seq>,
}

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes, exactly this.
    Granted,
    /// No.
    Denied,
}

/// An answer that counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The question as it stands now.
    pub question: QuestionRow,
}

/// An answer that did not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// No such question.
    #[error("there is no question {0}: list the open ones")]
    Unknown(String),
    /// Somebody, or something, was faster.
    #[error("question {id} was decided before: {}", state.as_str())]
    AlreadyDecided {
        /// Which.
        id: String,
        /// How.
        state: QuestionState,
    },
    /// Too late.
    #[error("question {0} has expired: start the run again to be asked anew")]
    Expired(String),
    /// What the person saw is not what would happen now.
    #[error("question {0} has changed since it was shown: look at it again")]
    Superseded(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An approval that could not be used. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// No such question.
    #[error("there is no question {0}")]
    Unknown(String),
    /// It has not been approved.
    #[error("question {id} is {}, not approved", state.as_str())]
    NotApproved {
        /// Which.
        id: String,
        /// Where it stands.
        state: QuestionState,
    },
    /// It has started something already.
    #[error("the approval of question {id} was used by record {}", used_by.0)]
    Used {
        /// Which.
        id: String,
        /// By which record.
        used_by: Seq,
    },
    /// It is about another run, another call, or not about this kind of entry.
    #[error("question {0} is not about what is to be recorded")]
    Mismatch(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const SELECT: &str = "SELECT id, digest, run, call, kind, payload, state, created, expires_at, answered_by, answered_at, \
                      reason, used_by_seq FROM question";

fn from_row(row: &Row<'_>) -> Result<QuestionRow, Fault> {
    let named = |at: usize| row.get::<_, String>(at).map(Json::String);
    let payload: Option<String> = row.get(5)?;
    Ok(QuestionRow {
        id: row.get(0)?,
        digest: parse_digest(&row.get::<_, String>(1)?)?,
        run: RunId::new(row.get::<_, String>(2)?),
        call: row.get::<_, Option<u32>>(3)?.map(CallNo),
        kind: serde_json::from_value(named(4)?)?,
        payload: payload.map_or(Ok(Json::Null), |text| serde_json::from_str(&text))?,
        state: serde_json::from_value(named(6)?)?,
        created: row.get(7)?,
        expires_at: row.get(8)?,
        answered_by: row.get::<_, Option<String>>(9)?.map(Principal::new),
        answered_at: row.get(10)?,
        reason: row.get(11)?,
        used_by_seq: row.get::<_, Option<i64>>(12)?.map(|seq| Seq(seq.cast_unsigned())),
    })
}

/// One question.
pub(super) fn get(db: &Connection, id: &str) -> Result<Option<QuestionRow>, Fault> {
    let mut select = db.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
    let mut rows = select.query([id])?;
    rows.next()?.map(from_row).transpose()
}

/// The open ones, oldest first.
pub(super) fn pending(db: &Connection) -> Result<Vec<QuestionRow>, Fault> {
    let sql = format!("{SELECT} WHERE state = 'pending' ORDER BY created, rowid");
    let mut select = db.prepare_cached(&sql)?;
    select.query_and_then([], from_row)?.collect()
}

/// All of a run's, oldest first.
pub(super) fn of_run(db: &Connection, run: &RunId) -> Result<Vec<QuestionRow>, Fault> {
    let mut select = db.prepare_cached(&format!("{SELECT} WHERE run = ?1 ORDER BY created, rowid"))?;
    select.query_and_then([run.as_str()], from_row)?.collect()
}

/// The approval of exactly this, when there is one that nothing has used yet.
pub(super) fn approved_for(
    db: &Connection,
    run: &RunId,
    digest: &Digest,
) -> Result<Option<QuestionRow>, Fault> {
    let sql = format!(
        "{SELECT} WHERE run = ?1 AND digest = ?2 AND state = 'approved' AND used_by_seq IS NULL ORDER BY created LIMIT 1"
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut rows = select.query(params![run.as_str(), digest.to_string()])?;
    rows.next()?.map(from_row).transpose()
}

/// Asks, or finds the same question still open. Another open question about the same thing is superseded.
pub(super) fn ask(db: &Connection, new: &NewQuestion) -> Result<QuestionRow, Fault> {
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

/// A person's answer, with all that it is bound to.
pub(super) struct Given {
    pub id: String,
    pub digest: Digest,
    pub answer: Answer,
    pub by: Principal,
    pub reason: Option<String>,
    pub now: i64,
}

/// INVARIANT: pending -> decided happens once, in the writer's transaction; every later answer is told how it ended.
pub(super) fn answer(db: &Connection, given: &Given) -> Result<Result<Answered, AnswerError>, Fault> {
    let id = given.id.clone();
    let Some(row) = get(db, &id)? else { return Ok(Err(AnswerError::Unknown(id))) };
    match row.state {
        QuestionState::Pending => {}
        QuestionState::Expired => return Ok(Err(AnswerError::Expired(id))),
        QuestionState::Superseded => return Ok(Err(AnswerError::Superseded(id))),
        state => return Ok(Err(AnswerError::AlreadyDecided { id, state })),
    }
    if given.now >= row.expires_at {
        end(db, &id, QuestionState::Expired, given.now)?;
        return Ok(Err(AnswerError::Expired(id)));
    }
    if given.digest != row.digest {
        return Ok(Err(AnswerError::Superseded(id)));
    }
    let state = match given.answer {
        Answer::Granted => QuestionState::Approved,
        Answer::Denied => QuestionState::Denied,
    };
    let changed = db.execute(
        "UPDATE question SET state = ?2, answered_by = ?3, answered_at = ?4, reason = ?5
         WHERE id = ?1 AND state = 'pending' AND digest = ?6",
        params![id, state.as_str(), given.by.name(), given.now, given.reason, given.digest.to_string()],
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
pub(super) fn expire(db: &Connection, now: i64) -> Result<Vec<QuestionRow>, Fault> {
    let late = pending(db)?.into_iter().filter(|q| now >= q.expires_at);
    end_all(db, late, QuestionState::Expired, now)
}

/// Ends the open questions of a run that was stopped.
pub(super) fn cancel(db: &Connection, run: &RunId, now: i64) -> Result<Vec<QuestionRow>, Fault> {
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
pub(super) fn usable(
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
pub(super) fn mark_used(db: &Connection, id: &str, seq: Seq) -> Result<(), Fault> {
    let sql = "UPDATE question SET used_by_seq = ?2 WHERE id = ?1 AND state = 'approved' AND used_by_seq IS NULL RETURNING id";
    let mut update = db.prepare_cached(sql)?;
    let marked: Option<String> =
        update.query_row(params![id, seq.0.cast_signed()], |r| r.get(0)).optional()?;
    marked.map(|_| ()).ok_or_else(|| Fault::damaged(format!("question {id} changed while it was used")))
}

/// What an entry starts, and for which call.
pub(super) struct EntryFacts {
    kind: Option<QuestionKind>,
    call: Option<CallNo>,
}

impl EntryFacts {
    pub(super) fn of(entry: &Entry) -> Self {
        match entry {
            Entry::CallStarted { call, .. } => Self { kind: Some(QuestionKind::Call), call: Some(*call) },
            Entry::PlanApproved { .. } => Self { kind: Some(QuestionKind::Plan), call: None },
            _ => Self { kind: None, call: None },
        }
    }
}
