//! Questions to people. Each is bound to a digest, answered exactly once, and its approval is good for one start.

use super::error::{Fault, StoreError};
use super::journal::{self, Prepared, parse_digest};
use super::{SLACK_MS, Store};
use crate::kernel::id::{CallNo, Digest, RunId};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, Seq};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

mod answer;
mod approval;
mod decide;
#[cfg(test)]
mod tests;

pub use answer::{Answer, AnswerError, Answered};
pub use approval::{Approvals, approval_id};

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// A whole plan.
    Plan,
    /// One call.
    Call,
    /// A reply.
    Reply,
}

impl QuestionKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Call => "call",
            Self::Reply => "reply",
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
    /// What they gave as reason; `None` once erased.
    pub reason: Option<String>,
    /// The record that used the approval; an approval is good for one.
    pub used_by_seq: Option<Seq>,
    /// What they put in the place of arguments instead of an answer; `None` once erased.
    pub edited_args: Option<Map<String, Json>>,
}

impl QuestionRow {
    /// Whether it can no longer be answered: its time is up; or it was put after now (Unix milliseconds), so the clock
    /// was set back and nobody knows how long it has waited. What a jump back leaves open gains at most its own time.
    pub fn is_late(&self, now: i64) -> bool {
        now >= self.expires_at || self.created > now.saturating_add(SLACK_MS)
    }
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

impl Store {
    /// Asks; the same question still open is found again, another one about the same thing is superseded.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn ask(&self, new: NewQuestion) -> Result<QuestionRow, StoreError> {
        self.write(move |db| decide::ask(db, &new))
    }

    /// Ends what nobody answered before `now`, and says which.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn expire(&self, now: i64) -> Result<Vec<QuestionRow>, StoreError> {
        self.write(move |db| decide::expire(db, now))
    }

    /// Ends a stopped run's open questions, and says which.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn cancel(&self, run: &RunId, now: i64) -> Result<Vec<QuestionRow>, StoreError> {
        let run = run.clone();
        self.write(move |db| decide::cancel(db, &run, now))
    }

    /// One question.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn question(&self, id: &str) -> Result<Option<QuestionRow>, StoreError> {
        self.readers.read(|db| get(db, id))
    }

    /// The open questions, oldest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn pending(&self) -> Result<Vec<QuestionRow>, StoreError> {
        self.readers.read(pending)
    }

    /// All questions of a run, oldest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn questions(&self, run: &RunId) -> Result<Vec<QuestionRow>, StoreError> {
        self.readers.read(|db| of_run(db, run))
    }

    /// The approval of exactly this digest in this run, when nothing has used it yet.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn approved_for(&self, run: &RunId, digest: &Digest) -> Result<Option<QuestionRow>, StoreError> {
        self.readers.read(|db| approved_for(db, run, digest))
    }

    /// Appends a record that an approval permits, and uses the approval up, in one transaction.
    ///
    /// # Errors
    /// [`ApprovalError`] when the question is not approved, was used, or is not about this entry.
    pub fn record_using_approval(
        &self,
        run: &RunId,
        entry: &Entry,
        question: &str,
    ) -> Result<Seq, ApprovalError> {
        let new = Prepared::new(run, entry).map_err(|e| self.at(e))?;
        let facts = decide::EntryFacts::of(entry);
        let (clock, id) = (self.clock.clone(), question.to_owned());
        let recorded: Result<Seq, ApprovalError> = self.write(move |db| {
            if let Err(refused) = decide::usable(db, &id, &new.run, &facts)? {
                return Ok(Err(refused));
            }
            let seq = journal::append(db, new, clock())?;
            decide::mark_used(db, &id, seq)?;
            Ok(Ok(seq))
        })?;
        if let Ok(seq) = recorded {
            self.tell(seq);
        }
        recorded
    }

    /// Like [`Store::record_using_approval`], with the approval found by what it is bound to.
    ///
    /// # Errors
    /// As there; of several questions with this digest the latest one's end is told.
    pub fn record_approved(&self, run: &RunId, entry: &Entry, digest: &Digest) -> Result<Seq, ApprovalError> {
        let found = self.readers.read(|db| match approved_for(db, run, digest)? {
            Some(row) => Ok(Some(row.id)),
            None => Ok(of_run(db, run)?.into_iter().rfind(|row| row.digest == *digest).map(|row| row.id)),
        })?;
        // The transaction looks again: between here and there somebody else may use it.
        match found {
            Some(id) => self.record_using_approval(run, entry, &id),
            None => Err(ApprovalError::Unknown(digest.short())),
        }
    }
}

const SELECT: &str = "SELECT id, digest, run, call, kind, payload, state, created, expires_at, answered_by, answered_at, \
                      reason, used_by_seq, edited_args FROM question";

fn from_row(row: &Row<'_>) -> Result<QuestionRow, Fault> {
    let named = |at: usize| row.get::<_, String>(at).map(Json::String);
    let payload: Option<String> = row.get(5)?;
    let edited: Option<String> = row.get(13)?;
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
        edited_args: edited.map(|text| serde_json::from_str(&text)).transpose()?,
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
