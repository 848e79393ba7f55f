//! Tasks: jobs that were accepted and will be run, each in a conversation. An accepted task is durable before anybody
//! is told so; how far it has come is its run's to say, which has the same id.

use super::Store;
use super::error::{Fault, StoreError};
use super::journal::parse_digest;
use super::run::RunState;
use crate::kernel::id::{Digest, RunId};
use crate::kernel::principal::Principal;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

mod key;
mod list;
#[cfg(test)]
mod tests;

pub use list::{ListedSession, ListedTask, TaskFilter, TaskState};

/// Names a conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(Arc<str>);

impl SessionId {
    /// A session's name; whoever makes a new one draws it at random.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A task about to be accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// Its id, and its run's.
    pub id: RunId,
    /// On whose behalf.
    pub principal: Principal,
    /// The conversation that it goes on with.
    pub session: Session,
    /// What is to be done: everything that a restart needs.
    pub order: Json,
    /// A key under which the same order is accepted only once.
    pub idempotency: Option<String>,
    /// The controller's trust level, 0 to 4.
    pub trust_level: u8,
    /// Now, Unix milliseconds.
    pub created: i64,
}

/// The conversation of a new task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// One that exists.
    Known(SessionId),
    /// One that begins with this task.
    New(SessionId),
}

/// What became of a new task.
#[derive(Debug, Clone, PartialEq)]
pub enum Accepted {
    /// It is durable.
    New(TaskRow),
    /// The same order came before under the same key: this is it.
    Before(TaskRow),
    /// Another order came before under the same key.
    KeyTaken(RunId),
    /// There is no such conversation of this principal.
    NoSession(SessionId),
}

/// A task as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    /// Its id, and its run's.
    pub id: RunId,
    /// Which conversation.
    pub session: SessionId,
    /// Its place in the conversation, from 1.
    pub turn: u32,
    /// On whose behalf.
    pub principal: Principal,
    /// Over the order, and the conversation where it was named.
    pub order_digest: Digest,
    /// What is to be done; `None` once it is over.
    pub order: Option<Json>,
    /// The controller's trust level when it was accepted.
    pub trust_level: u8,
    /// Whether somebody asked it to stop, and when, Unix milliseconds.
    pub stop_asked: Option<i64>,
    /// Unix milliseconds.
    pub created: i64,
    /// Where its run stands; `None` before its first record.
    pub state: Option<RunState>,
}

impl TaskRow {
    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        !matches!(self.state, None | Some(RunState::Running | RunState::Waiting))
    }
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its name.
    pub id: SessionId,
    /// Whose it is.
    pub principal: Principal,
    /// 0 to 100; only ever rises.
    pub risk: u8,
    /// Unix milliseconds.
    pub created: i64,
}

/// How a task is remembered when the trust level is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// It ended as tasks do.
    Quiet,
    /// A gate had to stop something.
    Incident,
}

/// What became of the tasks of one trust level: the evidence for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LevelRecord {
    /// All that are over.
    pub tasks: u32,
    /// Those in which a gate had to stop something.
    pub incidents: u32,
    /// Those that were done since the latest incident.
    pub done_since_incident: u32,
}

/// What asking a task to stop did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopAsked {
    /// It will stop; also when it was asked before.
    Noted,
    /// It was over already.
    Over(RunState),
    /// There is none.
    Unknown,
}

impl Store {
    /// Accepts a task and returns once it is durable.
    ///
    /// # Errors
    /// When it could not be made durable: then it is not there.
    pub fn accept(&self, new: NewTask) -> Result<Accepted, StoreError> {
        self.write(move |db| accept(db, &new))
    }

    /// One task.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn task(&self, id: &RunId) -> Result<Option<TaskRow>, StoreError> {
        self.readers.read(|db| get(db, id))
    }

    /// The tasks that were not closed, oldest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn open_tasks(&self) -> Result<Vec<TaskRow>, StoreError> {
        let tail = "WHERE t.closed IS NULL ORDER BY t.created, t.rowid";
        self.readers.read(|db| list(db, tail, params![]))
    }

    /// A conversation's tasks in order.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn tasks_of(&self, session: &SessionId) -> Result<Vec<TaskRow>, StoreError> {
        self.readers.read(|db| list(db, "WHERE t.session = ?1 ORDER BY t.turn", params![session.as_str()]))
    }

    /// The latest `limit` tasks of a conversation that are over, of those before turn `before`; in order.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn over_before(
        &self,
        session: &SessionId,
        before: u32,
        limit: u32,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let tail = "WHERE t.session = ?1 AND t.turn < ?2 AND r.state NOT IN ('running', 'waiting')
                    ORDER BY t.turn DESC LIMIT ?3";
        let mut tasks = self.readers.read(|db| list(db, tail, params![session.as_str(), before, limit]))?;
        tasks.reverse();
        Ok(tasks)
    }

    /// Notes that a task is to stop, durably.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn ask_stop(&self, id: &RunId, at: i64) -> Result<StopAsked, StoreError> {
        let id = id.clone();
        self.write(move |db| ask_stop(db, &id, at))
    }

    /// Closes a task whose run is over. What it was to do is dropped here: the journal has it, and erases it there.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn close_task(&self, id: &RunId, closing: Closing, at: i64) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |db| {
            let sql = "UPDATE task SET task_order = NULL, closed = ?2, incident = ?3 WHERE id = ?1 AND closed IS NULL";
            db.prepare_cached(sql)?.execute(params![id.as_str(), at, closing == Closing::Incident])?;
            Ok(())
        })
    }

    /// What became of the tasks that ran at this trust level.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn record_at(&self, trust_level: u8) -> Result<LevelRecord, StoreError> {
        self.readers.read(|db| {
            let sql = "SELECT count(*), coalesce(sum(t.incident), 0),
                         count(*) FILTER (WHERE r.state = 'done' AND t.created > coalesce(
                            (SELECT max(created) FROM task WHERE trust_level = ?1 AND incident = 1), -1))
                       FROM task t JOIN run r ON r.id = t.id WHERE t.closed IS NOT NULL AND t.trust_level = ?1";
            let mut select = db.prepare_cached(sql)?;
            let record = select.query_row([trust_level], |row| {
                Ok(LevelRecord { tasks: row.get(0)?, incidents: row.get(1)?, done_since_incident: row.get(2)? })
            });
            Ok(record?)
        })
    }

    /// One conversation.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn session(&self, id: &SessionId) -> Result<Option<SessionRow>, StoreError> {
        self.readers.read(|db| session(db, id))
    }

    /// Raises a conversation's risk to `risk`, 0 to 100; a lower one changes nothing.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn raise_risk(&self, id: &SessionId, risk: u8) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |db| {
            let sql = "UPDATE session SET risk = max(risk, min(?2, 100)) WHERE id = ?1";
            db.prepare_cached(sql)?.execute(params![id.as_str(), risk])?;
            Ok(())
        })
    }
}

fn accept(db: &Connection, new: &NewTask) -> Result<Accepted, Fault> {
    let digest = key::digest(&new.order, &new.session)?;
    if let Some(key) = &new.idempotency
        && let Some(before) = key::find(db, &new.principal, key)?
    {
        let same = before.order_digest == digest;
        return Ok(if same { Accepted::Before(before) } else { Accepted::KeyTaken(before.id) });
    }
    let id = match &new.session {
        Session::Known(id) => {
            let known = session(db, id)?.filter(|row| row.principal == new.principal);
            match known {
                Some(row) => row.id,
                None => return Ok(Accepted::NoSession(id.clone())),
            }
        }
        Session::New(id) => {
            let mut insert =
                db.prepare_cached("INSERT INTO session (id, principal, created) VALUES (?1, ?2, ?3)")?;
            insert.execute(params![id.as_str(), new.principal.name(), new.created])?;
            id.clone()
        }
    };
    let mut insert = db.prepare_cached(
        "INSERT INTO task (id, session, turn, principal, order_digest, task_order, idempotency, trust_level, created)
         VALUES (?1, ?2, (SELECT coalesce(max(turn), 0) + 1 FROM task WHERE session = ?2), ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute(params![
        new.id.as_str(),
        id.as_str(),
        new.principal.name(),
        digest.to_string(),
        new.order.to_string(),
        new.idempotency,
        new.trust_level,
        new.created
    ])?;
    let row = get(db, &new.id)?.ok_or_else(|| Fault::damaged("a task vanished while it was accepted"))?;
    Ok(Accepted::New(row))
}

fn ask_stop(db: &Connection, id: &RunId, at: i64) -> Result<StopAsked, Fault> {
    let Some(row) = get(db, id)? else { return Ok(StopAsked::Unknown) };
    match row.state {
        Some(state) if row.is_over() => return Ok(StopAsked::Over(state)),
        _ => {}
    }
    let sql = "UPDATE task SET stop_asked = coalesce(stop_asked, ?2) WHERE id = ?1";
    db.prepare_cached(sql)?.execute(params![id.as_str(), at])?;
    Ok(StopAsked::Noted)
}

const SELECT: &str = "SELECT t.id, t.session, t.turn, t.principal, t.order_digest, t.task_order, t.trust_level, \
                      t.stop_asked, t.created, r.state FROM task t LEFT JOIN run r ON r.id = t.id";

/// A row before its texts are read.
struct Raw {
    id: String,
    session: String,
    turn: u32,
    principal: String,
    digest: String,
    order: Option<String>,
    trust_level: u8,
    stop_asked: Option<i64>,
    created: i64,
    state: Option<String>,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        session: row.get(1)?,
        turn: row.get(2)?,
        principal: row.get(3)?,
        digest: row.get(4)?,
        order: row.get(5)?,
        trust_level: row.get(6)?,
        stop_asked: row.get(7)?,
        created: row.get(8)?,
        state: row.get(9)?,
    })
}

impl TryFrom<Raw> for TaskRow {
    type Error = Fault;

    fn try_from(raw: Raw) -> Result<Self, Fault> {
        Ok(Self {
            id: RunId::new(raw.id),
            session: SessionId::new(raw.session),
            turn: raw.turn,
            principal: Principal::new(raw.principal),
            order_digest: parse_digest(&raw.digest)?,
            order: raw.order.map(|text| serde_json::from_str(&text)).transpose()?,
            trust_level: raw.trust_level,
            stop_asked: raw.stop_asked,
            created: raw.created,
            state: raw.state.map(|name| RunState::named(&name)).transpose()?,
        })
    }
}

fn list(db: &Connection, tail: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<TaskRow>, Fault> {
    let mut select = db.prepare_cached(&format!("{SELECT} {tail}"))?;
    let rows = select.query_map(values, raw)?;
    rows.map(|row| TaskRow::try_from(row?)).collect()
}

fn get(db: &Connection, id: &RunId) -> Result<Option<TaskRow>, Fault> {
    Ok(list(db, "WHERE t.id = ?1", params![id.as_str()])?.pop())
}

fn session(db: &Connection, id: &SessionId) -> Result<Option<SessionRow>, Fault> {
    let mut select = db.prepare_cached("SELECT id, principal, risk, created FROM session WHERE id = ?1")?;
    let row = select.query_row([id.as_str()], |row| {
        Ok(SessionRow {
            id: SessionId::new(row.get::<_, String>(0)?),
            principal: Principal::new(row.get::<_, String>(1)?),
            risk: row.get(2)?,
            created: row.get(3)?,
        })
    });
    Ok(row.optional()?)
}
