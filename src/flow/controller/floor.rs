//! Who runs, who queues, and who waits for a better time.

use super::Controller;
use super::perform::Verdict;
use crate::approval::{Bell, Rests};
use crate::kernel::id::RunId;
use crate::store::{SessionId, TaskRow};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// The controller's whole changing state. Everything else is the store's.
#[derive(Default)]
pub(super) struct Floor {
    /// Of each task that is not over.
    pub bells: HashMap<RunId, Arc<Bell>>,
    /// Tasks that a thread has taken.
    running: HashSet<RunId>,
    /// Each conversation's tasks in order; the first one is under way, ready, or waits for a better time.
    lanes: HashMap<SessionId, VecDeque<RunId>>,
    /// First of their lanes, to be started.
    ready: VecDeque<(SessionId, RunId)>,
    /// Why tasks that are tried again could not go on the last time.
    pub(super) missing: HashMap<RunId, String>,
    /// First of their lanes, to be tried again from then on, Unix milliseconds.
    later: Vec<(i64, SessionId, RunId)>,
    pub threads: usize,
    /// Of the threads, those whose task rests until a person speaks.
    resting: usize,
    /// Of the threads, those whose task waits for a model; they are under way, and cost nothing meanwhile.
    pub(super) waiting: usize,
    /// Of the worker over a text; they are no tasks, and each has its caller's thread.
    pub passes: usize,
    pub closed: bool,
}

impl Floor {
    fn add(&mut self, session: &SessionId, id: RunId) {
        self.bells.entry(id.clone()).or_default();
        let lane = self.lanes.entry(session.clone()).or_default();
        lane.push_back(id.clone());
        // INVARIANT: of one conversation only the first task is ever started.
        if lane.len() == 1 {
            self.ready.push_back((session.clone(), id));
        }
    }

    fn next(&mut self, run_at_once: usize) -> Option<(SessionId, RunId)> {
        // A task that rested and goes on may have made it one too many: this thread gives way.
        if self.closed || self.running_at_once() > run_at_once { None } else { self.ready.pop_front() }
    }

    fn over(&mut self, session: &SessionId) {
        let Some(lane) = self.lanes.get_mut(session) else { return };
        lane.pop_front();
        match lane.front() {
            Some(next) => self.ready.push_back((session.clone(), next.clone())),
            None => {
                self.lanes.remove(session);
            }
        }
    }

    /// What has waited long enough is ready.
    pub(super) fn due(&mut self, now: i64) {
        let (due, later) = std::mem::take(&mut self.later).into_iter().partition(|(at, ..)| *at <= now);
        self.later = later;
        let due: Vec<_> = due;
        self.ready.extend(due.into_iter().map(|(_, session, id)| (session, id)));
    }

    /// A task that waits for a better time need not wait any more.
    pub(super) fn hurry(&mut self, id: &RunId) {
        self.later.iter_mut().filter(|(.., waits)| waits == id).for_each(|(at, ..)| *at = i64::MIN);
        self.due(i64::MIN);
    }

    /// Takes a task out of the queue that stands behind others; false when it is the first of its lane.
    pub(super) fn withdraw(&mut self, id: &RunId) -> bool {
        let behind = self.lanes.values_mut().find_map(|lane| {
            let at = lane.iter().skip(1).position(|queued| queued == id)?;
            lane.remove(at + 1)
        });
        behind.is_some()
    }

    pub(super) fn forget(&mut self, id: &RunId) {
        self.missing.remove(id);
        if let Some(bell) = self.bells.remove(id) {
            bell.tell();
        }
    }

    pub(super) fn queued(&self) -> usize {
        let all: usize = self.lanes.values().map(VecDeque::len).sum();
        all.saturating_sub(self.running.len())
    }
}

impl Controller {
    pub(super) fn enqueue(&self, row: &TaskRow) {
        self.floor().add(&row.session, row.id.clone());
        self.man();
    }

    /// Starts threads for what is ready, as many as may be.
    pub(super) fn man(&self) {
        loop {
            {
                let mut floor = self.floor();
                let enough = floor.running_at_once() >= self.parts.run_at_once
                    || floor.threads >= self.parts.max_tasks;
                if enough || floor.closed || floor.ready.len() <= floor.starting() {
                    return;
                }
                floor.threads += 1;
            }
            let own = self.clone();
            let spawned = std::thread::Builder::new().name("task".to_owned()).spawn(move || own.work());
            if spawned.is_err() {
                // The system gives no more threads: those that run will take it on.
                self.floor().threads -= 1;
                return;
            }
        }
    }

    fn work(&self) {
        loop {
            let (session, id, bell) = {
                let mut floor = self.floor();
                let Some((session, id)) = floor.next(self.parts.run_at_once) else {
                    floor.threads -= 1;
                    return;
                };
                let bell = floor.bells.entry(id.clone()).or_default().clone();
                floor.running.insert(id.clone());
                (session, id, bell)
            };
            let verdict = self.perform(&id, &bell);
            let mut floor = self.floor();
            floor.running.remove(&id);
            match verdict {
                Verdict::Over => {
                    floor.forget(&id);
                    floor.over(&session);
                }
                Verdict::Later(at) => floor.later.push((at, session, id)),
            }
        }
    }
}

impl Floor {
    fn running_at_once(&self) -> usize {
        self.threads.saturating_sub(self.resting + self.waiting)
    }

    /// Tasks that no person holds up.
    pub(super) fn under_way(&self) -> usize {
        self.threads.saturating_sub(self.resting)
    }

    /// Threads that were started and have not taken a task yet.
    fn starting(&self) -> usize {
        self.threads.saturating_sub(self.running.len())
    }
}

impl Rests for Controller {
    fn begin(&self) {
        self.floor().resting += 1;
        self.man();
    }

    fn end(&self) {
        self.floor().resting -= 1;
    }
}
