//! The controller: runs accepted tasks, each on a thread of its own, one at a time in each conversation, and picks up
//! after a restart what was not over.

mod conversation;
mod edit;
mod floor;
mod listing;
mod pass;
mod perform;
mod planners;
#[cfg(test)]
mod tests;
mod view;
mod waiting;
mod watched;

pub use edit::EditFailure;
pub use listing::{SessionLine, TaskLine};
pub use planners::{Drafting, NoPlanner, Planners};
pub use view::{LevelProgress, Owned, TaskView};
pub use watched::ModelState;

use super::order::{self, LaxerMode, Order, PlanSource, RequestFailure};
use super::process::Rules;
use crate::bus::Glimpses;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::id::RunId;
use crate::kernel::port::{ApprovalMode, Tools, Worker};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, RunEnd};
use crate::kernel::run::Limits;
use crate::planner::playbook::{self, PlaybookFailure};
use crate::policy::InForce;
use crate::scan::Active;
use crate::session::Sessions;
use crate::store::{
    Accepted, Answer, AnswerError, Clock, Closing, NewTask, QuestionRow, Session, SessionId, StopAsked,
    Store, StoreError, TaskRow,
};
use crate::telemetry::Metrics;
use floor::Floor;
use indexmap::IndexMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use watched::{Watch, WatchedTools, WatchedWorker};

/// Everything that tasks need from the world.
pub struct Parts {
    /// The journal and everything beside it.
    pub store: Arc<Store>,
    /// Judge; each attempt at a task takes what is in force when it begins.
    pub policy: Arc<InForce>,
    /// Look.
    pub scanners: Arc<Active>,
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
    /// Most tasks that run at once; those that rest do not count. More of them only wait for each other's commits.
    pub run_at_once: usize,
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
    /// Fewer questions than the controller would put.
    #[error(transparent)]
    LaxerMode(#[from] LaxerMode),
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

/// Runs tasks. Cheap to clone.
#[derive(Clone)]
pub struct Controller {
    parts: Arc<Parts>,
    floor: Arc<Mutex<Floor>>,
    watch: Arc<Watch>,
    glimpses: Arc<Glimpses>,
    sessions: Arc<Mutex<Sessions>>,
    rules: Arc<Rules>,
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
        Self {
            rules: Arc::new(Rules::over(&parts.catalogue)),
            parts: Arc::new(parts),
            floor: Arc::default(),
            watch,
            glimpses: Arc::default(),
            sessions: Arc::default(),
        }
    }

    /// Takes up every task that was accepted and is not over, and ends the passes that were cut off. Once, at the start,
    /// before new ones are taken.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn pick_up(&self) -> Result<usize, StoreError> {
        self.end_cut_passes()?;
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

    /// The task that this principal's key already stands for: the same wish under it makes no new one.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn task_under(&self, principal: &Principal, key: &str) -> Result<Option<RunId>, StoreError> {
        self.parts.store.task_under(principal, key)
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
            mode: order::mode(self.parts.mode, wish.mode)?,
        })
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
        let row = self.asked(by, id)?;
        let now = (self.parts.clock)();
        let decided = self.parts.store.answer(&row.id, &row.digest, answer, by, reason, now);
        self.ring(&row.run);
        decided.map(|answered| answered.question)
    }

    /// INVARIANT: only whose task it is may answer.
    fn asked(&self, by: &Principal, id: &str) -> Result<QuestionRow, AnswerError> {
        self.approval(by, id)?.ok_or_else(|| AnswerError::Unknown(id.to_owned()))
    }

    /// Also when an answer came too late: the run shall see that its question is over.
    fn ring(&self, run: &RunId) {
        if let Some(bell) = self.floor().bells.get(run) {
            bell.ring();
        }
    }

    /// Tells when a task puts a question and when it is over; `None` when it is over already.
    pub fn news(&self, id: &RunId) -> Option<watch::Receiver<()>> {
        self.floor().bells.get(id).map(|bell| bell.news())
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

    /// Whether no task and no pass runs just now: tasks under way wait for a person. A fact for whoever goes down.
    pub fn is_at_rest(&self) -> bool {
        let floor = self.floor();
        floor.under_way() == 0 && floor.passes == 0
    }

    /// How many tasks are not over: they go on at the next start.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn left(&self) -> Result<usize, StoreError> {
        Ok(self.parts.store.open_tasks()?.len())
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

    /// What workers are writing just now, for display.
    pub fn glimpses(&self) -> &Arc<Glimpses> {
        &self.glimpses
    }

    /// What is known of the worker without asking it.
    pub fn worker_state(&self) -> ModelState {
        match self.watch.worker_state() {
            ModelState::Unknown if self.parts.worker.is_missing() => ModelState::Fails,
            known => known,
        }
    }

    /// What is known of the planner without asking it; of none where nobody drafts.
    pub fn planner_state(&self) -> ModelState {
        self.watch.planner_state()
    }

    /// What the controller works with.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    fn floor(&self) -> std::sync::MutexGuard<'_, Floor> {
        self.floor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
