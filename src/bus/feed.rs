//! The feed: every event once, made when its record is written, kept for those who are quick and read again from the
//! journal for those who are not.

use super::Event;
use crate::kernel::id::RunId;
use crate::kernel::record::Seq;
use crate::store::{Store, StoreError};
use std::collections::VecDeque;
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
        Self { store, keep, kept: Mutex::default() }
    }

    /// Tells when there is something new.
    pub fn watch(&self) -> watch::Receiver<Seq> {
        self.store.watch()
    }

    /// The next events after `after`, of one task or of all; at most some hundred. Empty when there is nothing new.
    ///
    /// # Errors
    /// When the journal could not be read.
    pub fn after(&self, after: Seq, task: Option<&RunId>) -> Result<Page, StoreError> {
        let fits = |told: &&Told| told.event.seq > after && task.is_none_or(|id| told.event.task_id == *id);
        {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            // The watch stands at 0 until the first record of this process.
            if kept.to > Seq(0) && *self.store.watch().borrow() > kept.to {
                kept.read_on(&self.store, self.keep)?;
            }
            if kept.to > Seq(0) && after >= kept.from {
                let begin = kept.events.partition_point(|told| told.event.seq <= after);
                let events = kept.events.iter().skip(begin).filter(fits).take(BATCH as usize);
                let events: Vec<Told> = events.cloned().collect();
                let all = events.len() < BATCH as usize;
                let next = if all { kept.to.max(after) } else { last(&events, after) };
                return Ok(Page { events, next });
            }
            if kept.to == Seq(0) {
                // The first follower: what was written before is read from the journal by those who ask for it.
                kept.from = self.store.newest()?;
                kept.to = kept.from;
            }
        }
        let records = self.store.records_after(after, BATCH)?;
        let next = records.last().map_or(after, |record| record.seq);
        let events = records.iter().filter_map(Event::of).map(told).filter(|t| fits(&t)).collect();
        Ok(Page { events, next })
    }
}

impl Kept {
    fn read_on(&mut self, store: &Store, keep: usize) -> Result<(), StoreError> {
        loop {
            let records = store.records_after(self.to, BATCH)?;
            let Some(last) = records.last() else { return Ok(()) };
            self.to = last.seq;
            self.events.extend(records.iter().filter_map(Event::of).map(told));
            while self.events.len() > keep {
                if let Some(gone) = self.events.pop_front() {
                    self.from = gone.event.seq;
                }
            }
        }
    }
}

fn told(event: Event) -> Told {
    let json = serde_json::to_string(&event).unwrap_or_default();
    Told { json: json.into(), event: Arc::new(event) }
}

fn last(events: &[Told], otherwise: Seq) -> Seq {
    events.last().map_or(otherwise, |told| told.event.seq)
}
