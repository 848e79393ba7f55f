//! The journal as numbers: each record is counted once, when somebody looks at the metrics.

use crate::kernel::port::{Reason, Usage, Verdict};
use crate::kernel::record::{Entry, Seq};
use crate::store::{Store, StoreError};
use crate::telemetry::Metrics;
use crate::telemetry::metrics::PlannerUse;
use std::sync::{Mutex, PoisonError};

/// Most records that are read at a time.
const BATCH: u32 = 512;

/// How far the journal was counted. From the program's start on: what was before is an earlier process's.
#[derive(Debug)]
pub struct Tally {
    at: Mutex<Stand>,
}

#[derive(Debug)]
struct Stand {
    seq: Seq,
    commits: u64,
}

impl Tally {
    /// Counts what comes after the newest record of now.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn from_now(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { at: Mutex::new(Stand { seq: store.newest()?, commits: store.commits() }) })
    }

    /// Counts what was written since the last look.
    ///
    /// # Errors
    /// When the journal cannot be read; the next look goes on from there.
    pub fn catch_up(&self, store: &Store, metrics: &Metrics) -> Result<(), StoreError> {
        // Held over the reading: two who look at once must not count a record twice.
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let records = store.records_after(at.seq, BATCH)?;
            let Some(last) = records.last() else { break };
            at.seq = last.seq;
            records.iter().for_each(|record| count(&record.entry, metrics));
            metrics.journal_grew(0, u64::try_from(records.len()).unwrap_or(u64::MAX));
        }
        let commits = store.commits();
        metrics.journal_grew(commits.saturating_sub(at.commits), 0);
        at.commits = commits;
        Ok(())
    }
}

fn count(entry: &Entry, metrics: &Metrics) {
    match entry {
        Entry::Ended(end) => metrics.task_ended(end),
        Entry::Answered { end, .. } => metrics.question_ended(*end),
        // INVARIANT: the names of a checked plan's calls are the catalogue's.
        Entry::CallStarted { name, verdict, .. } => metrics.call_judged(name, verdict),
        Entry::CallRefused { name, reasons, .. } => metrics.call_judged(name, &verdict(reasons)),
        Entry::Drafted { usage, .. } => metrics.planner_used(&usage.model, &used(usage)),
        Entry::RequestScreened { .. }
        | Entry::RequestBlocked { .. }
        | Entry::Sketched { .. }
        | Entry::Weighed { .. }
        | Entry::PlanChecked { .. }
        | Entry::PlanApproved { .. }
        | Entry::PlanRefused { .. }
        | Entry::Asked { .. }
        | Entry::CallReturned { .. }
        | Entry::CallFailed { .. }
        | Entry::Released { .. }
        | Entry::HeldBack { .. }
        | Entry::Resumed { .. } => {}
    }
}

/// Policy's verdict about a refused call: where a person or silence refused, policy had asked.
fn verdict(reasons: &[Reason]) -> Verdict {
    let by_people = |reason: &Reason| matches!(reason.policy.as_str(), "person" | "expired");
    if !reasons.is_empty() && reasons.iter().all(by_people) {
        return Verdict::Ask(Vec::new());
    }
    Verdict::Deny(Vec::new())
}

fn used(usage: &Usage) -> PlannerUse {
    PlannerUse {
        // What goes into the cache is read too, and not from it.
        input: usage.input_tokens.saturating_add(usage.cache_write_tokens),
        output: usage.output_tokens,
        cached: usage.cache_read_tokens,
        cost_usd: usage.cost_micro_dollars.map_or(0.0, dollars),
    }
}

/// Millionths of a dollar as dollars: exact up to 2^53, and no bill is longer.
fn dollars(micro: u64) -> f64 {
    micro as f64 / 1_000_000.0
}
