//! Runs: a view of the journal by run, kept in the transaction of the record that changes it.

use super::Store;
use super::call::{self, RecordedCall};
use super::datum::DatumId;
use super::error::{Fault, StoreError};
use super::journal::parse_digest;
use crate::kernel::id::{Digest, RunId};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, RunEnd, Seq};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Goes on, or was cut off by a crash.
    Running,
    /// Waits for a person.
    Waiting,
    /// Its reply was released.
    Done,
    /// A gate refused.
    Refused,
    /// Something broke.
    Failed,
    /// A person stopped it.
    Stopped,
}

impl RunState {
    /// The state's stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    pub(super) fn named(name: &str) -> Result<Self, Fault> {
        let all = [Self::Running, Self::Waiting, Self::Done, Self::Refused, Self::Failed, Self::Stopped];
        let found = all.into_iter().find(|s| s.as_str() == name);
        found.ok_or_else(|| Fault::damaged(format!("a run has the unknown state {name:?}")))
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its name.
    pub id: RunId,
    /// Where it stands.
    pub state: RunState,
    /// On whose behalf; `None` when no request was recorded.
    pub principal: Option<Principal>,
    /// Which channel the request came by.
    pub channel: Option<Arc<str>>,
    /// The request; `None` when none was recorded or it was erased.
    pub request: Option<String>,
    /// The latest plan that was checked.
    pub plan_digest: Option<Digest>,
    /// First record, Unix milliseconds.
    pub created: i64,
    /// Last record, Unix milliseconds.
    pub updated: i64,
    /// Last record.
    pub last_seq: Seq,
}

impl Store {
    /// One run.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn run(&self, run: &RunId) -> Result<Option<RunRow>, StoreError> {
        self.readers.read(|db| get(db, run))
    }

    /// At most `limit` runs, the latest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn runs(&self, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        self.readers.read(|db| latest(db, limit))
    }

    /// The runs that have not ended: running (or cut off by a crash) and waiting.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn unfinished(&self) -> Result<Vec<RunRow>, StoreError> {
        self.readers.read(unfinished)
    }

    /// The calls that a run started, by number, with how each ended.
    ///
    /// # Errors
    /// As [`Store::records`].
    pub fn calls(&self, run: &RunId) -> Result<Vec<RecordedCall>, StoreError> {
        Ok(call::from_records(self.records(run)?))
    }
}

/// What an entry changes of its run.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    principal: Option<String>,
    channel: Option<String>,
    plan_digest: Option<String>,
    /// How many more questions are open.
    questions: i32,
    step: Step,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Step {
    /// Goes on, unless it has ended or waits.
    #[default]
    Keeps,
    /// Goes on even after an end.
    Resumes,
    /// Ends.
    Ends(RunState),
}

impl Change {
    pub(super) fn of(entry: &Entry) -> Self {
        let from = |principal: &Principal, channel: &Arc<str>, step| Self {
            principal: Some(principal.name().to_owned()),
            channel: Some(channel.to_string()),
            step,
            ..Self::default()
        };
        match entry {
            Entry::RequestScreened { principal, channel, .. } => from(principal, channel, Step::Keeps),
            Entry::RequestBlocked { principal, channel, .. } => {
                from(principal, channel, Step::Ends(RunState::Refused))
            }
            Entry::PlanChecked { digest, .. } => {
                Self { plan_digest: Some(digest.to_string()), ..Self::default() }
            }
            Entry::PlanRefused { .. } => Self { step: Step::Ends(RunState::Refused), ..Self::default() },
            Entry::Asked { .. } => Self { questions: 1, ..Self::default() },
            Entry::Answered { .. } => Self { questions: -1, ..Self::default() },
            Entry::Resumed { .. } => Self { step: Step::Resumes, ..Self::default() },
            Entry::Ended(end) => Self {
                step: Step::Ends(match end {
                    RunEnd::Done => RunState::Done,
                    RunEnd::Refused { .. } => RunState::Refused,
                    RunEnd::Failed { .. } => RunState::Failed,
                    RunEnd::Stopped => RunState::Stopped,
                }),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

/// Applies it; the run comes into being with its first record.
pub(super) fn change(db: &Connection, run: &RunId, change: &Change, seq: Seq, at: i64) -> Result<(), Fault> {
    let (ends, resumes) = match change.step {
        Step::Ends(state) => (Some(state.as_str()), false),
        Step::Resumes => (None, true),
        Step::Keeps => (None, false),
    };
    // An ended run stays ended until it is resumed; one with open questions waits. A resumed run asks each of its
    // open questions again.
    let mut upsert = db.prepare_cached(
        "INSERT INTO run (id, state, principal, channel, plan_digest, open_questions, created, updated, last_seq)
         VALUES (?1, coalesce(?2, iif(?6 > 0, 'waiting', 'running')), ?3, ?4, ?5, max(?6, 0), ?7, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET
            state = CASE
                WHEN ?2 IS NOT NULL THEN ?2
                WHEN ?9 THEN 'running'
                WHEN state NOT IN ('running', 'waiting') THEN state
                WHEN max(open_questions + ?6, 0) > 0 THEN 'waiting'
                ELSE 'running' END,
            open_questions = iif(?2 IS NULL AND NOT ?9, max(open_questions + ?6, 0), 0),
            principal = coalesce(?3, principal), channel = coalesce(?4, channel),
            plan_digest = coalesce(?5, plan_digest), updated = ?7, last_seq = ?8",
    )?;
    upsert.execute(params![
        run.as_str(),
        ends,
        change.principal,
        change.channel,
        change.plan_digest,
        change.questions,
        at,
        seq.0.cast_signed(),
        resumes
    ])?;
    Ok(())
}

pub(super) fn set_request(db: &Connection, run: &RunId, request: DatumId) -> Result<(), Fault> {
    let mut update = db.prepare_cached("UPDATE run SET request = ?2 WHERE id = ?1")?;
    update.execute(params![run.as_str(), request.0.cast_signed()])?;
    Ok(())
}

const SELECT: &str = "SELECT r.id, r.state, r.principal, r.channel, d.value, r.plan_digest, r.created, r.updated, \
                      r.last_seq FROM run r LEFT JOIN datum d ON d.id = r.request";

fn from_row(row: &Row<'_>) -> Result<RunRow, Fault> {
    let text = |at: usize| row.get::<_, Option<String>>(at);
    let request: Option<Vec<u8>> = row.get(4)?;
    Ok(RunRow {
        id: RunId::new(row.get::<_, String>(0)?),
        state: RunState::named(&row.get::<_, String>(1)?)?,
        principal: text(2)?.map(Principal::new),
        channel: text(3)?.map(Arc::from),
        request: request.map(|bytes| serde_json::from_slice(&bytes)).transpose()?,
        plan_digest: text(5)?.map(|d| parse_digest(&d)).transpose()?,
        created: row.get(6)?,
        updated: row.get(7)?,
        last_seq: Seq(row.get::<_, i64>(8)?.cast_unsigned()),
    })
}

/// One run.
pub(super) fn get(db: &Connection, run: &RunId) -> Result<Option<RunRow>, Fault> {
    let mut select = db.prepare_cached(&format!("{SELECT} WHERE r.id = ?1"))?;
    let mut rows = select.query([run.as_str()])?;
    rows.next()?.map(from_row).transpose()
}

/// The runs that have not ended, oldest first.
pub(super) fn unfinished(db: &Connection) -> Result<Vec<RunRow>, Fault> {
    let sql = format!("{SELECT} WHERE r.state IN ('running', 'waiting') ORDER BY r.last_seq");
    let mut select = db.prepare_cached(&sql)?;
    select.query_and_then([], from_row)?.collect()
}

/// At most `limit` runs, the latest first.
pub(super) fn latest(db: &Connection, limit: u32) -> Result<Vec<RunRow>, Fault> {
    let mut select = db.prepare_cached(&format!("{SELECT} ORDER BY r.last_seq DESC LIMIT ?1"))?;
    select.query_and_then([limit], from_row)?.collect()
}
