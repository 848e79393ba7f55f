//! Questions to people who answer elsewhere, on a page or by an API: the run waits for the store's row to change.

use super::{answerer, edit, millis, row};
use crate::kernel::gate::question::{Answer, Decision, Question};
use crate::kernel::port::{People, PeopleFailure, Said};
use crate::store::{Clock, QuestionRow, QuestionState, Store, StoreError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Longest sleep before the row is looked at again though nobody rang: the clock may have jumped.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Wakes a run that waits for a person, or tells it to stop; and tells those who wait for the run.
#[derive(Debug, Default)]
pub struct Bell {
    stop: Arc<AtomicBool>,
    rung: Mutex<bool>,
    wake: Condvar,
    news: watch::Sender<()>,
}

impl Bell {
    /// Something about this run's questions has changed.
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.notify_all();
    }

    /// The run is to stop: no further call starts, and no question is waited for.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.ring();
    }

    /// Tells of every question that the run puts, and of its end.
    pub fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// The run has put a question, or is over.
    pub fn tell(&self) {
        self.news.send_replace(());
    }

    /// Raised once the run is to stop.
    pub fn stopped(&self) -> &Arc<AtomicBool> {
        &self.stop
    }

    fn wait(&self, longest: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.wake.wait_timeout_while(rung, longest, |rung| !*rung);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *rung = false;
    }
}

/// Whoever wants to know that a run rests until a person speaks, such as to let another one run meanwhile.
pub trait Rests: Send + Sync {
    /// It rests.
    fn begin(&self);
    /// It goes on.
    fn end(&self);
}

/// Puts questions into the store and waits there for their ends, whoever brings them about.
pub struct Remote<'d> {
    store: &'d Store,
    clock: Clock,
    ttl_millis: i64,
    bell: &'d Bell,
    rests: &'d dyn Rests,
}

impl<'d> Remote<'d> {
    /// Waits by `bell`; an unanswered question expires after `ttl_seconds`.
    pub fn new(
        store: &'d Store,
        clock: Clock,
        ttl_seconds: u64,
        bell: &'d Bell,
        rests: &'d dyn Rests,
    ) -> Self {
        Self { store, clock, ttl_millis: millis(ttl_seconds), bell, rests }
    }

    fn settle(&self, question: &Question) -> Result<Said, StoreError> {
        self.store.expire((self.clock)())?;
        let before = self.store.questions(&question.run)?;
        let mut row = match before.into_iter().rfind(|row| row.digest == question.digest) {
            // An approval is good for one start: what was approved and used is asked anew. An edit that the journal
            // does not have yet is found here again.
            Some(row) if edit(&row).is_some() => row,
            Some(row) if row.used_by_seq.is_none() && row.state != QuestionState::Superseded => row,
            _ => self.store.ask(row(question, (self.clock)(), self.ttl_millis))?,
        };
        self.bell.tell();
        loop {
            if let Some(said) = said(&row) {
                return Ok(said);
            }
            if self.bell.stopped().load(Ordering::Acquire) {
                self.store.cancel(&question.run, (self.clock)())?;
                return Ok(Said::Stop);
            }
            let now = (self.clock)();
            let left = u64::try_from(row.expires_at.saturating_sub(now)).unwrap_or(0);
            if row.is_late(now) {
                self.store.expire(now)?;
            } else {
                self.rests.begin();
                self.bell.wait(LOOK_AGAIN.min(Duration::from_millis(left)));
                self.rests.end();
            }
            row = self.store.question(&row.id)?.unwrap_or(row);
        }
    }
}

/// What a row's state says; `None` while it is open.
fn said(row: &QuestionRow) -> Option<Said> {
    let answer = |decision| {
        let (question, by, reason) = (row.digest, answerer(row), row.reason.clone());
        Said::Answer(Answer { question, decision, by, reason })
    };
    if let Some(edit) = edit(row) {
        return Some(edit);
    }
    Some(match row.state {
        QuestionState::Pending => return None,
        QuestionState::Approved => answer(Decision::Approve),
        QuestionState::Denied => answer(Decision::Deny),
        QuestionState::Cancelled => Said::Stop,
        // Superseded while it waited: what was asked is not what would happen now, so it counts as unanswered.
        QuestionState::Expired | QuestionState::Superseded => Said::Expired,
    })
}

impl People for Remote<'_> {
    fn ask(&self, question: &Question) -> Result<Said, PeopleFailure> {
        self.settle(question).map_err(|e| PeopleFailure(e.to_string()))
    }
}
