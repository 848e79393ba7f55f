//! What one connection follows: each event comes once, however often it was asked for.

use super::super::events::Follower;
use crate::bus::Told;
use crate::http::{Caller, Problem, Site};
use crate::kernel::id::RunId;
use crate::kernel::record::Seq;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream, SelectAll};
use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Most subscriptions of one connection.
const MAX: usize = 64;

/// Why a follower ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Others tell the rest.
    Enough,
    /// It cannot go on: what would follow is not told.
    Broken,
}

/// The subscriptions of one connection.
pub(super) struct Subscriptions {
    /// After which record each is followed; `None` follows every task.
    from: HashMap<Option<RunId>, Seq>,
    followers: JoinSet<Ended>,
    deliver: mpsc::Sender<Vec<Told>>,
    watched: HashSet<RunId>,
    glimpses: SelectAll<BoxStream<'static, Arc<str>>>,
}

/// What a connection is told next besides its events.
pub(super) enum Next {
    /// A follower ended.
    Ended(Ended),
    /// A worker writes.
    Glimpse(Arc<str>),
}

impl Subscriptions {
    /// None yet; events go to `deliver`, as fast as they are taken.
    pub(super) fn new(deliver: mpsc::Sender<Vec<Told>>) -> Self {
        let (watched, glimpses) = (HashSet::new(), SelectAll::new());
        Self { from: HashMap::new(), followers: JoinSet::new(), deliver, watched, glimpses }
    }

    /// Follows a task, or all, from after `after` on. Of what is followed already only what came before is told. A task's
    /// first subscription also watches its worker.
    pub(super) async fn add(
        &mut self,
        site: &Arc<Site>,
        caller: &Caller,
        task: Option<String>,
        after: Seq,
    ) -> Result<(), Problem> {
        let mut follower = Follower::new(site, caller, task.clone(), after).await?;
        let task = task.map(RunId::new);
        let watches = task.clone().filter(|task| !self.watched.contains(task));
        if let (Some(task), Some(watcher), true) = (watches, follower.watcher(), self.watched.len() < MAX) {
            self.watched.insert(task);
            self.glimpses.push(Box::pin(stream::unfold(watcher, |mut watcher| async {
                Some((watcher.next().await?, watcher))
            })));
        }
        // Where another subscription takes over.
        let until = [&task, &None].into_iter().filter_map(|whose| self.from.get(whose)).min().copied();
        if until.is_some_and(|until| until <= after) {
            return Ok(());
        }
        if self.followers.len() >= MAX || (self.from.len() >= MAX && !self.from.contains_key(&task)) {
            let detail = format!("one connection has at most {MAX} subscriptions");
            return Err(Problem::conflict("subscriptions", detail));
        }
        let (told_already, deliver) = (self.from.clone(), self.deliver.clone());
        self.from.insert(task, after);
        self.followers.spawn(async move {
            while let Some(mut batch) = follower.next().await {
                batch.retain(|told| !is_told(&told_already, told));
                if !batch.is_empty() && deliver.send(batch).await.is_err() {
                    return Ended::Enough;
                }
                if until.is_some_and(|until| follower.at() >= until) {
                    return Ended::Enough;
                }
            }
            Ended::Broken
        });
        Ok(())
    }

    /// How the next follower ended, or what a worker writes; never, when there is neither.
    pub(super) async fn next(&mut self) -> Next {
        tokio::select! {
            biased;
            Some(ended) = self.followers.join_next() => Next::Ended(ended.unwrap_or(Ended::Broken)),
            Some(told) = self.glimpses.next() => Next::Glimpse(told),
            else => pending().await,
        }
    }
}

/// Whether one of these subscriptions tells an event.
fn is_told(from: &HashMap<Option<RunId>, Seq>, told: &Told) -> bool {
    let whose = [None, Some(told.event.task_id.clone())];
    whose.iter().filter_map(|whose| from.get(whose)).any(|after| told.event.seq > *after)
}
