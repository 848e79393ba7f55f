//! What workers are writing just now, for those who watch: not durable, not numbered, and never waited for. Whoever is too
//! slow misses some.

use crate::kernel::id::{CallNo, RunId};
use crate::kernel::port::{Glimpse, Onlooker};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};

/// The type of what is told.
pub const KIND: &str = "task.step_progress";
/// How many glimpses wait for whoever is slow, of each task; each is some hundred bytes to a few thousand.
const WAITING: usize = 64;

/// Passes on what workers write, to those who watch.
#[derive(Debug, Default)]
pub struct Glimpses {
    watched: Mutex<HashMap<RunId, Sender<Arc<str>>>>,
}

/// Somebody who watches one task.
#[derive(Debug)]
pub struct Watcher(Receiver<Arc<str>>);

impl Glimpses {
    /// Watches a task from here on. Whether that is its watcher's task is for the caller to judge.
    pub fn watch(&self, task: &RunId) -> Watcher {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        Watcher(watched.entry(task.clone()).or_insert_with(|| Sender::new(WAITING)).subscribe())
    }
}

impl Onlooker for Glimpses {
    fn watches(&self, run: &RunId) -> bool {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.get(run).is_some_and(|sender| sender.receiver_count() > 0)
    }

    fn see(&self, run: &RunId, call: CallNo, glimpse: Glimpse) {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = watched.get(run) else { return };
        let told = match glimpse {
            Glimpse::Words { from, text } => {
                json!({"type": KIND, "task_id": run, "step": call, "from": from, "text": text})
            }
            Glimpse::Stopped(why) => json!({"type": KIND, "task_id": run, "step": call, "stopped": why}),
        };
        // Fails when the last watcher has just gone.
        let _ = sender.send(told.to_string().into());
    }
}

impl Watcher {
    /// The next glimpse as it is told, in JSON; `None` when there will be none.
    pub async fn next(&mut self) -> Option<Arc<str>> {
        loop {
            match self.0.recv().await {
                Ok(told) => return Some(told),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
