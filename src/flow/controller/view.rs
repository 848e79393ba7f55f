//! What a principal may see: their own tasks, questions, conversations and values, and how far the trust level is.

use super::Controller;
use crate::flow::change::{self, Change};
use crate::flow::what_if::WhatIfFailure;
use crate::flow::{foresee, report};
use crate::kernel::gate::question::Question;
use crate::kernel::gate::screened::Request;
use crate::kernel::id::RunId;
use crate::kernel::plan::FlowGraph;
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, Seq};
use crate::store::{
    DatumId, LevelRecord, Provenance, QuestionRow, QuestionState, SessionId, SessionRow, StoreError, TaskRow,
};
use serde::Serialize;

/// A task as it is shown: the journal's report and its place in the conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskView {
    /// What happened.
    #[serde(flatten)]
    pub report: report::Report,
    /// The plan's calls and what flows into them, as today's policy sees them; none without a plan.
    pub graph: Option<FlowGraph>,
    /// Which conversation.
    pub session_id: SessionId,
    /// Its place there, from 1.
    pub turn: u32,
    /// The conversation's risk, 0 to 100.
    pub risk_score: u8,
    /// What was not there when it was tried the last time, such as the worker, and that it is tried again by itself.
    pub waits_for: Option<String>,
    /// Unix milliseconds.
    pub created: i64,
    /// Whether nothing more will happen.
    pub over: bool,
    /// The newest record that is in here.
    pub seq: Seq,
}

/// How far this installation is from the next trust level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LevelProgress {
    /// Where it stands.
    pub level: u8,
    /// What became of the tasks of this level.
    #[serde(flatten)]
    pub record: LevelRecord,
    /// How many must be done since the latest incident before a person may raise it.
    pub needed: u32,
}

/// That a task is somebody's. Says so and nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owned(());

/// Tasks without incident that the next trust level asks for; from the design of the trust levels.
const TASKS_FOR_NEXT_LEVEL: u32 = 50;

impl Controller {
    /// A task as it stands; `None` when this principal has no such task.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn task(&self, principal: &Principal, id: &RunId) -> Result<Option<TaskView>, StoreError> {
        let Some(row) = self.parts.store.task(id)?.filter(|row| row.principal == *principal) else {
            return Ok(None);
        };
        let report = report::of(&self.parts.store, id)?;
        let seq = self.parts.store.run(id)?.map_or(Seq(0), |run| run.last_seq);
        let risk_score = self.parts.store.session(&row.session)?.map_or(0, |session| session.risk);
        let over = row.is_over();
        let graph = self.graph(&row, &report)?;
        let waits_for = self.floor().missing.get(id).cloned();
        Ok(Some(TaskView {
            report,
            graph,
            session_id: row.session,
            turn: row.turn,
            risk_score,
            waits_for,
            created: row.created,
            over,
            seq,
        }))
    }

    fn graph(&self, row: &TaskRow, report: &report::Report) -> Result<Option<FlowGraph>, StoreError> {
        let parts = &self.parts;
        let Some(plan) = report.plan.as_deref() else { return Ok(None) };
        let entries = parts.store.entries(&row.id)?;
        Ok(entries.into_iter().find_map(|(_, _, entry)| match entry {
            Entry::RequestScreened { principal, channel, request, .. } => {
                let (run, reply_to) = (row.id.clone(), principal.clone());
                let trust_level = row.trust_level.min(parts.trust_level);
                let request = Request { run, principal, reply_to, channel, trust_level, text: request };
                foresee(plan, &request, &parts.catalogue, &*parts.policy.now())
            }
            _ => None,
        }))
    }

    /// A question about a task of this principal.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn approval(&self, principal: &Principal, id: &str) -> Result<Option<QuestionRow>, StoreError> {
        let Some(row) = self.parts.store.approval(id)? else { return Ok(None) };
        let task = self.parts.store.task(&row.run)?;
        Ok(task.is_some_and(|task| task.principal == *principal).then_some(row))
    }

    /// What the call that an open question is about would change in a file, as the file stands now; `None` for other
    /// questions. Whose question it is is for the caller to have judged.
    ///
    /// # Errors
    /// When it cannot be judged whether the old text may be shown.
    pub fn change(&self, row: &QuestionRow) -> Result<Option<Change>, WhatIfFailure> {
        // Once it is decided the file is another.
        let asked = serde_json::from_value::<Question>(row.payload.clone());
        let Some(question) = asked.ok().filter(|_| row.state == QuestionState::Pending) else {
            return Ok(None);
        };
        let task = self.parts.store.task(&row.run)?.ok_or(WhatIfFailure::Missing("the task"))?;
        change::of(&self.parts, &question, task.trust_level.min(self.parts.trust_level))
    }

    /// That a task is this principal's.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn owns(&self, principal: &Principal, id: &RunId) -> Result<Option<Owned>, StoreError> {
        let task = self.parts.store.task(id)?;
        Ok(task.filter(|task| task.principal == *principal).map(|_| Owned(())))
    }

    /// Where a value of one of this principal's tasks comes from; `None` when there is none.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn provenance(&self, principal: &Principal, id: DatumId) -> Result<Option<Provenance>, StoreError> {
        let found = self.parts.store.provenance(id)?;
        let Some(run) = found.rows.first().map(|row| row.run.clone()) else { return Ok(None) };
        Ok(self.owns(principal, &run)?.map(|_| found))
    }

    /// A conversation and its tasks; `None` when this principal has none of this name.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn session(
        &self,
        principal: &Principal,
        id: &SessionId,
    ) -> Result<Option<(SessionRow, Vec<TaskRow>)>, StoreError> {
        let Some(row) = self.parts.store.session(id)?.filter(|row| row.principal == *principal) else {
            return Ok(None);
        };
        let tasks = self.parts.store.tasks_of(id)?;
        Ok(Some((row, tasks)))
    }

    /// The trust level and its evidence.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn level(&self) -> Result<LevelProgress, StoreError> {
        let level = self.parts.trust_level;
        let record = self.parts.store.record_at(level)?;
        Ok(LevelProgress { level, record, needed: TASKS_FOR_NEXT_LEVEL })
    }
}
