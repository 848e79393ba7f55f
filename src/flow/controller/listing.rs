//! What a principal has: tasks, conversations and playbooks, as lists show them.

use super::Controller;
use crate::flow::order::Order;
use crate::kernel::id::RunId;
use crate::kernel::principal::Principal;
use crate::planner::playbook::{self, Playbook, PlaybookFailure};
use crate::store::{ListedSession, ListedTask, SessionId, StoreError, TaskFilter, TaskState};
use serde::Serialize;

/// Longest request in a list, in characters; the whole one is the task's to show.
const MAX_CHARS: usize = 200;

/// A task in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskLine {
    /// Which.
    pub task_id: RunId,
    /// Which conversation.
    pub session_id: SessionId,
    /// Its place there, from 1.
    pub turn: u32,
    /// Where it stands.
    pub state: TaskState,
    /// The beginning of what was asked for; none once it is erased.
    pub request: Option<String>,
    /// Unix milliseconds.
    pub created: i64,
    /// Its latest record, Unix milliseconds.
    pub updated: i64,
    /// Whether nothing more will happen.
    pub over: bool,
}

/// A conversation in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionLine {
    /// Which.
    pub session_id: SessionId,
    /// 0 to 100.
    pub risk_score: u8,
    /// Unix milliseconds.
    pub created: i64,
    /// How many tasks it has.
    pub turns: u32,
    /// The beginning of what the first of them asked for.
    pub request: Option<String>,
}

impl Controller {
    /// At most `limit` tasks of a principal, the latest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn tasks(
        &self,
        by: &Principal,
        filter: &TaskFilter,
        limit: u32,
    ) -> Result<Vec<TaskLine>, StoreError> {
        let rows = self.parts.store.tasks_by(by, filter, limit)?;
        Ok(rows.into_iter().map(TaskLine::from).collect())
    }

    /// At most `limit` conversations of a principal, the latest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn sessions(
        &self,
        by: &Principal,
        before: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionLine>, StoreError> {
        let rows = self.parts.store.sessions_by(by, before, limit)?;
        Ok(rows.into_iter().map(SessionLine::from).collect())
    }

    /// The playbooks that can be used; a faulty one is for the operator to mend.
    ///
    /// # Errors
    /// When their folder cannot be listed.
    pub fn playbooks(&self) -> Result<Vec<Playbook>, PlaybookFailure> {
        let all = playbook::list(&self.parts.playbooks)?;
        Ok(all.into_iter().filter_map(|listed| listed.playbook.ok()).collect())
    }
}

impl From<ListedTask> for TaskLine {
    fn from(row: ListedTask) -> Self {
        // Before its first record a task's words are in its order only.
        let order = || serde_json::from_value::<Order>(row.order.clone()?).ok().map(|order| order.request);
        Self {
            request: row.request.clone().or_else(order).map(|text| beginning(&text)),
            over: row.is_over(),
            task_id: row.id,
            session_id: row.session,
            turn: row.turn,
            state: row.state,
            created: row.created,
            updated: row.updated,
        }
    }
}

impl From<ListedSession> for SessionLine {
    fn from(row: ListedSession) -> Self {
        Self {
            session_id: row.id,
            risk_score: row.risk,
            created: row.created,
            turns: row.turns,
            request: row.request.map(|text| beginning(&text)),
        }
    }
}

fn beginning(text: &str) -> String {
    if text.chars().count() <= MAX_CHARS {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(MAX_CHARS).collect();
    out.push('\u{2026}');
    out
}
