//! The feed: every event once, made when its record is written, kept for those who are quick and read again from the
//! journal for those who are not.

use super::Event;
use crate::kernel::id::RunId;
use crate::kernel::principal::Principal;
use crate::kernel::record::{PASS, Seq};
use crate::store::{Record, Store, StoreError};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// How many events are kept in memory; a follower further behind reads the journal.
const KEPT: usize = 4_096;
/// Most records that are read at a time.
const BATCH: u32 = 512;

/// An event and its JSON, made once for all followers.
#[derive(Debug, Clone)]
pub struct Told {
    /// The event.
    pub event: Arc<Event>,
    /// As it is sent.
    pub json: Arc<str>,
    /// Whose task it is of; nobody is told of an event whose principal is unknown.
    principal: Option<Principal>,
}

/// Which events somebody follows.
#[derive(Debug, Clone)]
pub struct Whose {
    /// Only of this principal's tasks.
    pub principal: Principal,
    /// Only of this one of them; `None` for all.
    pub task: Option<RunId>,
}

/// Some events in order, and where to go on.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The events.
    pub events: Vec<Told>,
    /// The last record looked at: what follows begins after it.
    pub next: Seq,
}

/// Reads the journal for its followers.
pub struct Feed {
    store: Arc<Store>,
    keep: usize,
    kept: Mutex<Kept>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    /// Records up to here are known; those after `from` are in `events`.
    from: Seq,
    to: Seq,
    events: VecDeque<Told>,
}

impl Feed {
    /// A feed over this store.
    pub fn new(store: Arc<Store>) -> Self {
        Self::keeping(store, KEPT)
    }

    /// A feed that keeps this many events in memory.
    pub fn keeping(store: Arc<Store>, keep: usize) -> Self {
        Self { store, keep, kept: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// Tells when there is something new.
    pub fn watch(&self) -> watch::Receiver<Seq> {
        self.store.watch()
    }

    /// The newest record; `Seq(0)` when there is none.
    ///
    /// # Errors
    /// When it could not be read.
    pub fn newest(&self) -> Result<Seq, StoreError> {
        self.store.newest()
    }

    /// What [`Feed::after`] would give, when memory has it; `None` when the journal must be read.
    pub fn at_hand(&self, after: Seq, whose: &Whose) -> Option<Page> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let current = kept.to > Seq(0) && *self.store.watch().borrow() <= kept.to;
        (current && after >= kept.from).then(|| kept.page(after, whose))
    }

    /// The next events after `after`, of a principal's task or tasks; at most some hundred. Empty when there is nothing new.
    ///
    /// # Errors
    /// When the journal could not be read.
    pub fn after(&self, after: Seq, whose: &Whose) -> Result<Page, StoreError> {
        {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            // The watch stands at 0 until the first record of this process.
            if kept.to > Seq(0) && *self.store.watch().borrow() > kept.to {
                kept.read_on(&self.store, self.keep)?;
            }
            if kept.to > Seq(0) && after >= kept.from {
                return Ok(kept.page(after, whose));
            }
            if kept.to == Seq(0) {
                // The first follower: what was written before is read from the journal by those who ask for it.
                kept.from = self.store.newest()?;
                kept.to = kept.from;
            }
        }
        let records = self.store.records_after(after, BATCH)?;
        let next = records.last().map_or(after, |record| record.seq);
        let events = records.iter().filter(|record| whose.task.as_ref().is_none_or(|id| record.run == *id));
        let mut events = told(events, &self.store)?;
        events.retain(|told| told.is_of(whose));
        Ok(Page { events, next })
    }

    /// One reader of the journal at a time: whoever waits finds in memory what the one before has read.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

impl Told {
    fn is_of(&self, whose: &Whose) -> bool {
        self.principal.as_ref() == Some(&whose.principal)
            && whose.task.as_ref().is_none_or(|id| self.event.task_id == *id)
    }
}

impl Kept {
    fn page(&self, after: Seq, whose: &Whose) -> Page {
        let begin = self.events.partition_point(|told| told.event.seq <= after);
        let events = self.events.iter().skip(begin).filter(|told| told.is_of(whose)).take(BATCH as usize);
        let events: Vec<Told> = events.cloned().collect();
        let next = if events.len() < BATCH as usize { self.to.max(after) } else { last(&events, after) };
        Page { events, next }
    }

    fn read_on(&mut self, store: &Store, keep: usize) -> Result<(), StoreError> {
        loop {
            let records = store.records_after(self.to, BATCH)?;
            let Some(last) = records.last() else { return Ok(()) };
            // Before anything is kept: what could not be read is read again.
            self.events.extend(told(records.iter(), store)?);
            self.to = last.seq;
            while self.events.len() > keep {
                if let Some(gone) = self.events.pop_front() {
                    self.from = gone.event.seq;
                }
            }
        }
    }
}

/// The events of these records.
fn told<'r>(records: impl Iterator<Item = &'r Record>, store: &Store) -> Result<Vec<Told>, StoreError> {
    let (mut events, mut principals) = (Vec::new(), HashMap::new());
    for record in records {
        let Some(event) = Event::of(record, store)? else { continue };
        let principal = match principals.get(&record.run) {
            Some(known) => Option::clone(known),
            None => principals.entry(record.run.clone()).or_insert(principal(&record.run, store)?).clone(),
        };
        let json = serde_json::to_string(&event).unwrap_or_default();
        events.push(Told { json: json.into(), event: Arc::new(event), principal });
    }
    Ok(events)
}

/// Who is told of a run: whose it is; a task is somebody's before its run's first record. Nobody is told of a pass of
/// the worker, for an event names a task and a pass is none.
fn principal(run: &RunId, store: &Store) -> Result<Option<Principal>, StoreError> {
    if let Some(task) = store.task(run)? {
        return Ok(Some(task.principal));
    }
    let run = store.run(run)?.filter(|run| run.channel.as_deref() != Some(PASS));
    Ok(run.and_then(|run| run.principal))
}

fn last(events: &[Told], otherwise: Seq) -> Seq {
    events.last().map_or(otherwise, |told| told.event.seq)
}
