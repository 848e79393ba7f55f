//! One task from where the journal stands to its end, or to a better time.

use super::super::order::{Order, PlanSource};
use super::super::resume::{self, Interrupted, ResumeFailure};
use super::super::{FlowFailure, Past, Ports};
use super::Controller;
use super::waiting::Waiting;
use super::watched::{WatchedPlanner, millis_since, task_span};
use crate::approval::{Bell, Remote};
use crate::kernel::analysis::Concern;
use crate::kernel::gate::GateFailure;
use crate::kernel::gate::screened::Request;
use crate::kernel::id::{Digest, RunId};
use crate::kernel::port::{PLANNER_REFUSES, Planner, Policy, Severity};
use crate::kernel::record::{Entry, RunEnd};
use crate::planner::playbook;
use crate::planner::written::Written;
use crate::store::{Closing, StoreError, TaskRow};
use crate::telemetry::metrics::end_word;
use indexmap::IndexMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How long a task rests before it is tried again, in milliseconds: a quarter of its age, between these.
const REST_MILLIS: (i64, i64) = (5_000, 60_000);
/// How many earlier turns of a conversation a planner is told of.
const TURNS_TOLD: u32 = 20;

/// What is to be done with a task after it was tried.
pub(super) enum Verdict {
    /// Nothing more.
    Over,
    /// Try again from then on, Unix milliseconds.
    Later(i64),
}

/// Why a task did not come to an outcome.
enum Broken {
    /// What it needs is not there now: which part, and what that says.
    Interrupted(&'static str, String),
    /// It never will.
    Hopeless(String),
}

impl From<StoreError> for Broken {
    fn from(e: StoreError) -> Self {
        Self::Interrupted("store", e.to_string())
    }
}

impl From<FlowFailure> for Broken {
    fn from(failure: FlowFailure) -> Self {
        let message = failure.to_string();
        match failure {
            FlowFailure::Gate(GateFailure::Worker(_)) => Self::Interrupted("worker", message),
            // Questions to people are rows of the store.
            FlowFailure::Gate(GateFailure::Journal(_)) | FlowFailure::People(_) | FlowFailure::Journal(_) => {
                Self::Interrupted("store", message)
            }
            FlowFailure::Gate(_) | FlowFailure::Planner(_) => Self::Hopeless(message),
        }
    }
}

impl Controller {
    /// INVARIANT: a task is over only when its run has ended in the journal.
    pub(super) fn perform(&self, id: &RunId, bell: &Bell) -> Verdict {
        let now = (self.parts.clock)();
        let after = |rest: i64| Verdict::Later(now.saturating_add(rest));
        let later = || after(REST_MILLIS.0);
        let row = match self.parts.store.task(id) {
            Ok(Some(row)) => row,
            Ok(None) => return Verdict::Over,
            Err(e) => {
                tracing::error!(task_id = %id, reason = %e, "a task cannot be read: it is tried again");
                return later();
            }
        };
        let kept = |done: Result<(), StoreError>| match done {
            Ok(()) => Verdict::Over,
            Err(e) => {
                tracing::error!(reason = %e, "a task's end cannot be kept: it is tried again");
                later()
            }
        };
        let span = task_span(&row);
        let _inside = span.enter();
        if row.is_over() {
            // The controller ended just after the run did.
            return kept(self.settle(&row, None));
        }
        if row.stop_asked.is_some() {
            return kept(self.end(&row, RunEnd::Stopped));
        }
        let tried = catch_unwind(AssertUnwindSafe(|| self.attempt(&row, bell)));
        self.floor().missing.remove(id);
        let message = match tried {
            Ok(Ok(pin)) => return kept(self.settle(&row, pin)),
            // Whatever broke, broke because nobody waited for it any more.
            Ok(Err(_)) if bell.stopped().load(Ordering::Acquire) => {
                return kept(self.end(&row, RunEnd::Stopped));
            }
            Ok(Err(Broken::Interrupted(missing, message))) => {
                let patience = i64::try_from(self.parts.patience_seconds).unwrap_or(i64::MAX);
                if now.saturating_sub(row.created) < patience.saturating_mul(1_000) {
                    tracing::warn!(missing, reason = %message, "what the task needs is not there now: it is tried again");
                    self.floor().missing.insert(id.clone(), message);
                    return after(rest(now.saturating_sub(row.created)));
                }
                format!("{message}; tried again for {patience} s")
            }
            Ok(Err(Broken::Hopeless(message))) => message,
            Err(_) => {
                // What a panic says may quote anything.
                tracing::error!("a task met an internal fault");
                "an internal fault: see the log".to_owned()
            }
        };
        kept(self.end(&row, RunEnd::Failed { message }))
    }

    fn attempt(&self, row: &TaskRow, bell: &Bell) -> Result<Option<Pin>, Broken> {
        let parts = &self.parts;
        let order: Order = row
            .order
            .clone()
            .and_then(|json| serde_json::from_value(json).ok())
            .ok_or_else(|| Broken::Hopeless("what was to be done is no longer known".to_owned()))?;
        // INVARIANT: a run is judged by one version of the policies, whatever is read meanwhile.
        let policy = parts.policy.now();
        let (planner, past, pin) = self.planner(row, &order, policy.as_ref())?;
        let request = asked(row, &order, parts.trust_level);
        let people = Remote::new(&parts.store, parts.clock.clone(), parts.ttl_seconds, bell, self);
        let conversation = self.conversation(row)?;
        let (planner, worker) = (planner.as_ref(), parts.worker.as_ref());
        let waiting = Waiting { controller: self, bell, model: planner };
        let ports = Ports {
            // A plan that is written already is not waited for.
            planner: if order.plan == PlanSource::Planner { &waiting } else { planner },
            scanners: parts.scanners.as_ref(),
            policy: policy.as_ref(),
            people: &people,
            tools: parts.tools.as_ref(),
            worker: &Waiting { controller: self, bell, model: worker },
            onlooker: Some(self.glimpses.as_ref()),
            journal: parts.store.as_ref(),
            files: parts.store.as_ref(),
            conversation: &conversation,
            catalogue: &parts.catalogue,
            limits: parts.limits,
            mode: order.mode,
            stop: bell.stopped(),
        };
        // How it came out is in the journal, where it is read from.
        let _outcome = super::super::run(&ports, request, &past)?;
        Ok(pin)
    }

    /// Where the task's plan comes from: the journal, when it had one before; and what to pin once it is approved.
    fn planner(&self, row: &TaskRow, order: &Order, policy: &dyn Policy) -> Result<Found, Broken> {
        let parts = &self.parts;
        let found = resume::interrupted(&parts.store, policy, &parts.catalogue, &row.id);
        let found = found.map_err(|failure| match failure {
            ResumeFailure::Store(e) => Broken::from(e),
            other => Broken::Hopeless(other.to_string()),
        })?;
        let past = match found {
            Interrupted::Planned(written, past) => return Ok((Box::new(written), past, None)),
            Interrupted::Unplanned(past) => past,
        };
        Ok(match &order.plan {
            PlanSource::Text(text) => {
                (Box::new(Written::new(crate::planner::from_file(text), false)), past, None)
            }
            PlanSource::Playbook { name, params } => {
                let hopeless = |e: playbook::PlaybookFailure| Broken::Hopeless(e.to_string());
                let book = playbook::find(&parts.playbooks, name).map_err(hopeless)?;
                let values = book.values(pairs(params).iter().map(String::as_str)).map_err(hopeless)?;
                let pinned = parts.store.pinned(&book.name)? == Some(book.digest);
                let pin = Some((book.name.clone(), book.digest));
                (Box::new(Written::new(book.plan(&values), pinned)), past, pin)
            }
            PlanSource::Planner => {
                let inner = parts.planners.planner(&self.earlier(row)?);
                let (model, watch) = (parts.planners.name(), self.watch.clone());
                let (store, session) = (parts.store.clone(), row.session.clone());
                (Box::new(WatchedPlanner { inner, model, watch, store, session }), past, None)
            }
        })
    }

    /// The conversation's earlier turns, oldest first.
    fn earlier(&self, row: &TaskRow) -> Result<Vec<Vec<Entry>>, StoreError> {
        let told = self.parts.store.over_before(&row.session, row.turn, TURNS_TOLD)?;
        told.iter()
            .map(|turn| {
                let entries = self.parts.store.entries(&turn.id)?;
                Ok(entries.into_iter().map(|(_, _, entry)| entry).collect())
            })
            .collect()
    }

    /// Closes a task whose run is over, and keeps what it leaves for later ones: the conversation's risk, a playbook
    /// that a person approved, and whether a gate had to stop something.
    fn settle(&self, row: &TaskRow, pin: Option<Pin>) -> Result<(), StoreError> {
        let store = &self.parts.store;
        let entries: Vec<Entry> = store.entries(&row.id)?.into_iter().map(|(_, _, entry)| entry).collect();
        let risk = entries.iter().map(risk).max().unwrap_or(0);
        if risk > 0 {
            store.raise_risk(&row.session, risk)?;
        }
        let approver = entries.iter().find_map(|entry| match entry {
            Entry::PlanApproved { by, .. } => by.clone(),
            _ => None,
        });
        if let (Some((name, digest)), Some(by)) = (pin, approver) {
            store.pin(&name, digest, &by)?;
        }
        let incident = entries.iter().any(is_incident);
        let closing = if incident { Closing::Incident } else { Closing::Quiet };
        store.close_task(&row.id, closing, (self.parts.clock)())?;
        let end = entries.iter().rev().find_map(|entry| match entry {
            Entry::Ended(end) => Some(end_word(end)),
            _ => None,
        });
        let duration_ms = millis_since(&self.parts.clock, row.created);
        tracing::info!(duration_ms, end = end.unwrap_or("unknown"), incident, "a task is over");
        Ok(())
    }

    fn end(&self, row: &TaskRow, end: RunEnd) -> Result<(), StoreError> {
        self.parts.store.cancel(&row.id, (self.parts.clock)())?;
        self.parts.store.append(&row.id, &Entry::Ended(end))?;
        self.settle(row, None)
    }
}

/// How long a task of this age rests; both in milliseconds.
fn rest(age: i64) -> i64 {
    let (least, most) = REST_MILLIS;
    (age / 4).clamp(least, most)
}

/// A playbook and the digest under which it is approved.
type Pin = (Arc<str>, Digest);
type Found = (Box<dyn Planner>, Past, Option<Pin>);

/// As the command line writes them.
pub(super) fn pairs(params: &IndexMap<String, String>) -> Vec<String> {
    params.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// A task's request as the gates take it.
pub(super) fn asked(row: &TaskRow, order: &Order, trust_level: u8) -> Request {
    Request {
        run: row.id.clone(),
        principal: row.principal.clone(),
        reply_to: row.principal.clone(),
        channel: order.channel.clone(),
        // A level that was lowered meanwhile counts.
        trust_level: row.trust_level.min(trust_level),
        text: order.request.clone(),
    }
}

/// An incident is what a gate stopped; a person's own no and silence are none, nor is what a planner did not want to plan.
fn is_incident(entry: &Entry) -> bool {
    match entry {
        Entry::Ended(RunEnd::Refused { reasons }) => {
            reasons.iter().all(|r| !matches!(r.policy.as_str(), "person" | "expired" | PLANNER_REFUSES))
        }
        _ => false,
    }
}

/// What an entry says about the conversation's risk, 0 to 100: the gravest finding counts.
fn risk(entry: &Entry) -> u8 {
    match entry {
        // The planner's view of the conversation as a chain.
        Entry::Drafted { assessment: Some(assessment), .. } => assessment.risk,
        Entry::RequestBlocked { .. } => 90,
        Entry::Weighed { analysis } => match analysis.verdict {
            Concern::Block => 80,
            Concern::Warn => 50,
            Concern::Pass => 0,
        },
        Entry::HeldBack { .. } => 70,
        Entry::RequestScreened { findings, .. }
        | Entry::CallReturned { findings, .. }
        | Entry::CallFailed { findings, .. } => {
            let graver = |severity| match severity {
                Severity::High => 60,
                Severity::Medium => 40,
                Severity::Note => 20,
            };
            findings.iter().map(|finding| graver(finding.severity)).max().unwrap_or(0)
        }
        _ => 0,
    }
}
