//! The controller: runs accepted tasks, each on a thread of its own, one at a time in each conversation, and picks up
//! after a restart what was not over.

mod floor;
mod perform;
#[cfg(test)]
mod tests;
mod watched;

pub use watched::WorkerState;

use super::order::{self, Order, PlanSource, RequestFailure};
use super::report;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::id::RunId;
use crate::kernel::port::{
    ApprovalMode, Draft, Planner, PlannerFailure, Policy, Scanners, Tools, Tried, Worker,
};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, RunEnd, Seq};
use crate::kernel::run::Limits;
use crate::planner::playbook::{self, PlaybookFailure};
use crate::store::{
    Accepted, Answer, AnswerError, Clock, Closing, DatumId, LevelRecord, NewTask, Provenance, QuestionRow,
    QuestionState, Session, SessionId, SessionRow, StopAsked, Store, StoreError, TaskRow,
};
use crate::telemetry::Metrics;
use floor::Floor;
use indexmap::IndexMap;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use watched::{Watch, WatchedTools, WatchedWorker};

/// Everything that tasks need from the world.
pub struct Parts {
    /// The journal and everything beside it.
    pub store: Arc<Store>,
    /// Judges.
    pub policy: Arc<dyn Policy>,
    /// Look.
    pub scanners: Arc<dyn Scanners>,
    /// Act.
    pub tools: Arc<dyn Tools>,
    /// Reads.
    pub worker: Arc<dyn Worker>,
    /// Draft.
    pub planners: Arc<dyn Planners>,
    /// What there is to call.
    pub catalogue: Arc<Catalogue>,
    /// Tells the time.
    pub clock: Clock,
    /// The folder of the playbooks.
    pub playbooks: PathBuf,
    /// What a run may use.
    pub limits: Limits,
    /// How plans are approved, unless a task asks for more questions.
    pub mode: ApprovalMode,
    /// 0 to 4.
    pub trust_level: u8,
    /// How long a question waits.
    pub ttl_seconds: u64,
    /// How long a task is tried again while what it needs is not there.
    pub patience_seconds: u64,
    /// Most tasks that are under way at once, those that wait for a person included; more of them queue.
    pub max_tasks: usize,
}

/// Makes planners, one for each task.
pub trait Planners: Send + Sync {
    /// A planner that knows the earlier turns of the conversation, oldest first, each as its journal has it. What it
    /// passes on of them is operational only, never a value.
    fn planner(&self, earlier: &[Vec<Entry>]) -> Box<dyn Planner>;

    /// Where plans come from, for screens: such as a model's name.
    fn name(&self) -> String;

    /// Who drafts plans, for those who may not know more.
    fn drafting(&self) -> Drafting {
        Drafting::Model
    }
}

/// Who drafts plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drafting {
    /// A model.
    Model,
    /// Nobody: plans come with the task, or from playbooks.
    Nobody,
}

/// Drafts nothing: plans come with the task, or from playbooks.
#[derive(Debug, Clone, Copy)]
pub struct NoPlanner;

impl Planners for NoPlanner {
    fn planner(&self, _earlier: &[Vec<Entry>]) -> Box<dyn Planner> {
        Box::new(Self)
    }

    fn name(&self) -> String {
        "none".to_owned()
    }

    fn drafting(&self) -> Drafting {
        Drafting::Nobody
    }
}

impl Planner for NoPlanner {
    fn draft(
        &self,
        _request: &Screened<Request>,
        _catalogue: &Catalogue,
        _tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        let why = "no planner is configured: give `plan` or `playbook`, or set SENTINEL_PLANNER";
        Err(PlannerFailure::new(why))
    }
}

/// A task as somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Who asks; authenticated by the channel.
    pub principal: Principal,
    /// By which channel.
    pub channel: Arc<str>,
    /// The words.
    pub request: String,
    /// The conversation to go on with; a new one otherwise.
    pub session: Option<SessionId>,
    /// A plan that the user wrote.
    pub plan: Option<String>,
    /// A playbook instead, with parameters.
    pub playbook: Option<(String, IndexMap<String, String>)>,
    /// A stricter way of approving.
    pub mode: Option<ApprovalMode>,
    /// Under which the same wish is taken once.
    pub idempotency: Option<String>,
}

/// A task that was not taken. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum SubmitFailure {
    /// The words are no request.
    #[error(transparent)]
    Request(#[from] RequestFailure),
    /// A plan and a playbook.
    #[error("give a plan or a playbook, not both")]
    TwoPlans,
    /// The playbook or its parameters.
    #[error(transparent)]
    Playbook(#[from] PlaybookFailure),
    /// No such conversation.
    #[error("there is no session {0}: leave session_id out to begin one")]
    NoSession(SessionId),
    /// The key was used for something else.
    #[error("this Idempotency-Key came before with another order: that is task {0}")]
    KeyTaken(RunId),
    /// Going down.
    #[error("the controller is shutting down and takes no new tasks")]
    Closed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A task as it is shown: the journal's report and its place in the conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskView {
    /// What happened.
    #[serde(flatten)]
    pub report: report::Report,
    /// Which conversation.
    pub session_id: SessionId,
    /// Its place there, from 1.
    pub turn: u32,
    /// The conversation's risk, 0 to 100.
    pub risk_score: u8,
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

/// Runs tasks. Cheap to clone.
#[derive(Clone)]
pub struct Controller {
    parts: Arc<Parts>,
    floor: Arc<Mutex<Floor>>,
    watch: Arc<Watch>,
}

impl Controller {
    /// A controller that runs nothing yet: see [`Controller::pick_up`].
    pub fn new(parts: Parts) -> Self {
        let watch = Arc::new(Watch::new(parts.clock.clone()));
        let parts = Parts {
            worker: Arc::new(WatchedWorker { inner: parts.worker, watch: watch.clone() }),
            tools: Arc::new(WatchedTools { inner: parts.tools, watch: watch.clone() }),
            ..parts
        };
        Self { parts: Arc::new(parts), floor: Arc::default(), watch }
    }

    /// Takes up every task that was accepted and is not over. Once, at the start, before new ones are taken.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pick_up(&self) -> Result<usize, StoreError> {
        let open = self.parts.store.open_tasks()?;
        open.iter().for_each(|row| self.enqueue(row));
        Ok(open.len())
    }

    /// Takes a task: from here on it is durable, and will run whatever happens.
    ///
    /// # Errors
    /// When it is not taken.
    pub fn submit(&self, wish: Wish) -> Result<TaskRow, SubmitFailure> {
        if self.floor().closed {
            return Err(SubmitFailure::Closed);
        }
        let order = self.order(&wish)?;
        let fresh = || Session::New(SessionId::new(uuid::Uuid::new_v4().to_string()));
        let accepted = self.parts.store.accept(NewTask {
            id: RunId::new(uuid::Uuid::now_v7().to_string()),
            principal: wish.principal,
            session: wish.session.map_or_else(fresh, Session::Known),
            order: serde_json::to_value(&order).unwrap_or_default(),
            idempotency: wish.idempotency,
            trust_level: self.parts.trust_level,
            created: (self.parts.clock)(),
        })?;
        match accepted {
            Accepted::New(row) => {
                self.enqueue(&row);
                Ok(row)
            }
            Accepted::Before(row) => Ok(row),
            Accepted::KeyTaken(id) => Err(SubmitFailure::KeyTaken(id)),
            Accepted::NoSession(id) => Err(SubmitFailure::NoSession(id)),
        }
    }

    fn order(&self, wish: &Wish) -> Result<Order, SubmitFailure> {
        let plan = match (&wish.plan, &wish.playbook) {
            (Some(_), Some(_)) => return Err(SubmitFailure::TwoPlans),
            (Some(text), None) => PlanSource::Text(text.clone()),
            (None, Some((name, params))) => {
                let playbook = playbook::find(&self.parts.playbooks, name)?;
                playbook.values(perform::pairs(params).iter().map(String::as_str))?;
                PlanSource::Playbook { name: name.clone(), params: params.clone() }
            }
            (None, None) => PlanSource::Planner,
        };
        Ok(Order {
            request: order::normalised(&wish.request)?,
            channel: wish.channel.clone(),
            plan,
            mode: order::stricter(self.parts.mode, wish.mode),
        })
    }

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
        Ok(Some(TaskView {
            report,
            session_id: row.session,
            turn: row.turn,
            risk_score,
            created: row.created,
            over,
            seq,
        }))
    }

    /// Stops a task: no further call starts. `None` when this principal has no such task.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub fn stop(&self, principal: &Principal, id: &RunId) -> Result<Option<StopAsked>, StoreError> {
        if self.owns(principal, id)?.is_none() {
            return Ok(None);
        }
        let asked = self.parts.store.ask_stop(id, (self.parts.clock)())?;
        if asked == StopAsked::Noted {
            // At once, so that nobody is shown a question whose answer no longer counts.
            self.parts.store.cancel(id, (self.parts.clock)())?;
            let queued = {
                let mut floor = self.floor();
                floor.hurry(id);
                if let Some(bell) = floor.bells.get(id) {
                    bell.stop();
                }
                floor.withdraw(id)
            };
            if queued {
                self.parts.store.append(id, &Entry::Ended(RunEnd::Stopped))?;
                self.parts.store.close_task(id, Closing::Quiet, (self.parts.clock)())?;
                self.floor().forget(id);
            }
            self.man();
        }
        Ok(Some(asked))
    }

    /// A person's decision about a question, by its approval id.
    ///
    /// # Errors
    /// When it does not count, and why.
    pub fn decide(
        &self,
        id: &str,
        answer: Answer,
        by: &Principal,
        reason: Option<&str>,
    ) -> Result<QuestionRow, AnswerError> {
        // INVARIANT: only whose task it is may answer.
        let row = self.approval(by, id)?.ok_or_else(|| AnswerError::Unknown(id.to_owned()))?;
        let now = (self.parts.clock)();
        let decided = self.parts.store.answer(&row.id, &row.digest, answer, by, reason, now);
        // Also when it came too late: the run shall see that its question is over.
        if let Some(bell) = self.floor().bells.get(&row.run) {
            bell.ring();
        }
        decided.map(|answered| answered.question)
    }

    /// Tells when a task puts a question and when it is over; `None` when it is over already.
    pub fn news(&self, id: &RunId) -> Option<watch::Receiver<()>> {
        self.floor().bells.get(id).map(|bell| bell.news())
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

    /// At most `limit` questions about this principal's tasks, in this state or in any; the latest first.
    ///
    /// # Errors
    /// When they could not be read.
    pub fn approvals(
        &self,
        principal: &Principal,
        state: Option<QuestionState>,
        limit: u32,
    ) -> Result<Vec<QuestionRow>, StoreError> {
        let mut own = Vec::new();
        for row in self.parts.store.approvals(state, limit)? {
            let task = self.parts.store.task(&row.run)?;
            own.extend(task.filter(|task| task.principal == *principal).map(|_| row));
        }
        Ok(own)
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

    /// Tries again what waits for its time. To be called every second or so.
    pub fn tick(&self) {
        self.floor().due((self.parts.clock)());
        self.man();
    }

    /// Takes no new tasks from here on, and starts none that queue; those under way go on.
    pub fn close(&self) {
        self.floor().closed = true;
    }

    /// How many tasks are under way, and how many queue.
    pub fn load(&self) -> (usize, usize) {
        let floor = self.floor();
        (floor.threads, floor.queued())
    }

    /// The program's metrics: what the controller counts itself, and where others count too.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.watch.metrics
    }

    /// What is known of the worker without asking it.
    pub fn worker_state(&self) -> WorkerState {
        self.watch.worker_state()
    }

    /// What the controller works with.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    fn floor(&self) -> std::sync::MutexGuard<'_, Floor> {
        self.floor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
