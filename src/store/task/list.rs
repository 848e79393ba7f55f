//! Tasks and conversations as lists show them: one principal's, the newest first, a page at a time.

use super::SessionId;
use crate::kernel::id::RunId;
use crate::kernel::principal::Principal;
use crate::store::Store;
use crate::store::error::{Fault, StoreError};
use crate::store::run::RunState;
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

#[cfg(test)]
mod tests;

/// Where a task stands: its run's state, or that its run has not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Waits for its turn.
    Queued,
    /// Goes on.
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

impl TaskState {
    /// The state's stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => RunState::Running.as_str(),
            Self::Waiting => RunState::Waiting.as_str(),
            Self::Done => RunState::Done.as_str(),
            Self::Refused => RunState::Refused.as_str(),
            Self::Failed => RunState::Failed.as_str(),
            Self::Stopped => RunState::Stopped.as_str(),
        }
    }
}

impl From<Option<RunState>> for TaskState {
    fn from(run: Option<RunState>) -> Self {
        match run {
            None => Self::Queued,
            Some(RunState::Running) => Self::Running,
            Some(RunState::Waiting) => Self::Waiting,
            Some(RunState::Done) => Self::Done,
            Some(RunState::Refused) => Self::Refused,
            Some(RunState::Failed) => Self::Failed,
            Some(RunState::Stopped) => Self::Stopped,
        }
    }
}

/// Which tasks of a principal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// In this state only.
    pub state: Option<TaskState>,
    /// Of this conversation only.
    pub session: Option<SessionId>,
    /// Accepted before this one.
    pub before: Option<RunId>,
}

/// A task as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedTask {
    /// Its id, and its run's.
    pub id: RunId,
    /// Which conversation.
    pub session: SessionId,
    /// Its place there, from 1.
    pub turn: u32,
    /// Where it stands.
    pub state: TaskState,
    /// The request as its run recorded it; `None` before that, and once it is erased.
    pub request: Option<String>,
    /// What is to be done; `None` once it is over.
    pub order: Option<Json>,
    /// Unix milliseconds.
    pub created: i64,
    /// Its run's last record, Unix milliseconds.
    pub updated: i64,
}

/// A conversation as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedSession {
    /// Its name.
    pub id: SessionId,
    /// 0 to 100.
    pub risk: u8,
    /// Unix milliseconds.
    pub created: i64,
    /// How many tasks it has.
    pub turns: u32,
    /// What the first of them asked for, as in [`ListedTask`].
    pub request: Option<String>,
}

/// All tasks of a principal, by [`tasks_sql`]: walks them from the latest on.
const BY_PRINCIPAL: (&str, &str) =
    ("task t LEFT JOIN run r", "(?3 IS NULL OR coalesce(r.state, 'queued') = ?3)");
/// Those that are under way: few runs are, and there are few of them to sort.
const BY_STATE: (&str, &str) = ("run r CROSS JOIN task t", "r.state = ?3");

fn tasks_sql((tables, in_state): (&str, &str)) -> String {
    format!(
        "SELECT t.id, t.session, t.turn, r.state, d.value, t.task_order, t.created, coalesce(r.updated, t.created)
         FROM {tables} ON r.id = t.id LEFT JOIN datum d ON d.id = r.request
         WHERE t.principal = ?1 AND (?2 IS NULL OR t.session = ?2) AND {in_state}
         AND (?4 IS NULL OR t.rowid < (SELECT rowid FROM task WHERE id = ?4))
         ORDER BY t.rowid DESC LIMIT ?5"
    )
}

const SESSIONS: &str =
    "SELECT s.id, s.risk, s.created, (SELECT count(*) FROM task WHERE session = s.id), d.value
    FROM session s LEFT JOIN task t ON t.session = s.id AND t.turn = 1
    LEFT JOIN run r ON r.id = t.id LEFT JOIN datum d ON d.id = r.request
    WHERE s.principal = ?1 AND (?2 IS NULL OR s.rowid < (SELECT rowid FROM session WHERE id = ?2))
    ORDER BY s.rowid DESC LIMIT ?3";

impl Store {
    /// At most `limit` tasks of a principal, the latest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn tasks_by(
        &self,
        principal: &Principal,
        filter: &TaskFilter,
        limit: u32,
    ) -> Result<Vec<ListedTask>, StoreError> {
        self.readers.read(|db| tasks(db, principal, filter, limit))
    }

    /// At most `limit` conversations of a principal that began before the one named, or the latest ones; the latest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn sessions_by(
        &self,
        principal: &Principal,
        before: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<ListedSession>, StoreError> {
        self.readers.read(|db| sessions(db, principal, before, limit))
    }
}

impl ListedTask {
    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        !matches!(self.state, TaskState::Queued | TaskState::Running | TaskState::Waiting)
    }
}

fn tasks(
    db: &Connection,
    principal: &Principal,
    filter: &TaskFilter,
    limit: u32,
) -> Result<Vec<ListedTask>, Fault> {
    let by = match filter.state {
        Some(TaskState::Running | TaskState::Waiting) => BY_STATE,
        _ => BY_PRINCIPAL,
    };
    let mut select = db.prepare_cached(&tasks_sql(by))?;
    let values = params![
        principal.name(),
        filter.session.as_ref().map(SessionId::as_str),
        filter.state.map(TaskState::as_str),
        filter.before.as_ref().map(RunId::as_str),
        limit
    ];
    select.query_and_then(values, listed)?.collect()
}

fn listed(row: &Row<'_>) -> Result<ListedTask, Fault> {
    let (state, order): (Option<String>, Option<String>) = (row.get(3)?, row.get(5)?);
    Ok(ListedTask {
        id: RunId::new(row.get::<_, String>(0)?),
        session: SessionId::new(row.get::<_, String>(1)?),
        turn: row.get(2)?,
        state: state.map(|name| RunState::named(&name)).transpose()?.into(),
        request: text(row, 4)?,
        order: order.map(|text| serde_json::from_str(&text)).transpose()?,
        created: row.get(6)?,
        updated: row.get(7)?,
    })
}

fn sessions(
    db: &Connection,
    principal: &Principal,
    before: Option<&SessionId>,
    limit: u32,
) -> Result<Vec<ListedSession>, Fault> {
    let mut select = db.prepare_cached(SESSIONS)?;
    let values = params![principal.name(), before.map(SessionId::as_str), limit];
    let rows = select.query_and_then(values, |row| -> Result<ListedSession, Fault> {
        Ok(ListedSession {
            id: SessionId::new(row.get::<_, String>(0)?),
            risk: row.get(1)?,
            created: row.get(2)?,
            turns: row.get(3)?,
            request: text(row, 4)?,
        })
    })?;
    rows.collect()
}

/// A datum's value that is a text.
fn text(row: &Row<'_>, at: usize) -> Result<Option<String>, Fault> {
    let bytes: Option<Vec<u8>> = row.get(at)?;
    Ok(bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}
