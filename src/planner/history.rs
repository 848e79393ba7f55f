//! What a planner may know of the conversation so far: the user's words, the plans drafted from them, and how each step
//! ended. No value, no answer and no error's text, since a document may have written those.

#[cfg(test)]
mod tests;

use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::id::CallNo;
use crate::kernel::port::{Draft, Planner, PlannerFailure, Tried};
use crate::kernel::record::{Entry, RunEnd};
use std::fmt::Write as _;
use std::sync::Arc;

/// Most characters that are shown: about 2,000 tokens at four characters each.
const MAX_CHARS: usize = 8_000;
/// Most characters of one request, and of one plan.
const MAX_PART: usize = 2_000;
/// Most steps of one turn that are shown; a loop makes many that are alike.
const MAX_STEPS: usize = 20;

/// The turns of a conversation, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// All of them; showing them keeps the newest that fit.
    pub turns: Vec<Turn>,
}

/// One request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The user's words.
    pub request: String,
    /// The plan's text, as far as it is shown: drafted from trusted text only, as every plan is. Empty without one.
    pub plan_outline: String,
    /// The tools called, in order, each with how the call ended.
    pub steps: Vec<(Arc<str>, StepState)>,
    /// How the run ended.
    pub end: TurnEnd,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It started; nobody knows whether it happened.
    Started,
    /// It gave a value.
    Done,
    /// It gave an error.
    Failed,
    /// Policy or a person refused it.
    Refused,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnEnd {
    /// It has not.
    Open,
    /// The reply was given.
    Done,
    /// A gate or a person refused.
    Refused,
    /// Something broke.
    Failed,
    /// A person stopped it.
    Stopped,
}

impl Turn {
    /// What the journal says of one run; none for a request that was blocked, since its words were not let in.
    pub fn from_entries(entries: &[Entry]) -> Option<Self> {
        let mut request = None;
        let mut plan_outline = String::new();
        let mut steps: Vec<(CallNo, Arc<str>, StepState)> = Vec::new();
        let mut end = TurnEnd::Open;
        for entry in entries {
            match entry {
                Entry::RequestScreened { request: text, .. } => request = Some(cut(text)),
                // Of several drafts the last one ran.
                Entry::PlanChecked { text, .. } => plan_outline = cut(text),
                Entry::CallStarted { call, name, .. } => put(&mut steps, *call, name, StepState::Started),
                Entry::CallRefused { call, name, .. } => put(&mut steps, *call, name, StepState::Refused),
                Entry::CallReturned { call, .. } => ends(&mut steps, *call, StepState::Done),
                Entry::CallFailed { call, .. } => ends(&mut steps, *call, StepState::Failed),
                Entry::Ended(how) => {
                    end = match how {
                        RunEnd::Done => TurnEnd::Done,
                        RunEnd::Refused { .. } => TurnEnd::Refused,
                        RunEnd::Failed { .. } => TurnEnd::Failed,
                        RunEnd::Stopped => TurnEnd::Stopped,
                    };
                }
                Entry::Resumed { .. } => end = TurnEnd::Open,
                _ => {}
            }
        }
        let steps = steps.into_iter().map(|(_, name, state)| (name, state)).collect();
        request.map(|request| Self { request, plan_outline, steps, end })
    }

    fn show(&self) -> String {
        let mut out = format!("The user asked: {}\n", cut(&self.request));
        if !self.plan_outline.is_empty() {
            let _ = writeln!(out, "Your plan was:\n{}", cut(&self.plan_outline).trim_end());
        }
        if !self.steps.is_empty() {
            let shown =
                self.steps.iter().take(MAX_STEPS).map(|(tool, state)| format!("{tool} {}", state.word()));
            let more = self.steps.len().saturating_sub(MAX_STEPS);
            let rest = (more > 0).then(|| format!("and {more} more"));
            let _ = writeln!(out, "Its calls: {}.", shown.chain(rest).collect::<Vec<_>>().join(", "));
        }
        let _ = writeln!(out, "It {}.", self.end.words());
        out
    }
}

impl StepState {
    fn word(self) -> &'static str {
        match self {
            Self::Started => "may have happened",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

impl TurnEnd {
    fn words(self) -> &'static str {
        match self {
            Self::Open => "has not ended",
            Self::Done => "was done and answered",
            Self::Refused => "was refused",
            Self::Failed => "failed",
            Self::Stopped => "was stopped by a person",
        }
    }
}

impl History {
    /// The newest turns that fit, oldest first; empty when there is none.
    pub fn show(&self) -> String {
        let mut room = MAX_CHARS;
        let mut shown: Vec<String> = Vec::new();
        for turn in self.turns.iter().rev().map(Turn::show) {
            let length = turn.chars().count();
            if length > room {
                break;
            }
            room -= length;
            shown.push(turn);
        }
        shown.reverse();
        shown.join("\n")
    }
}

/// A call that was refused after it was asked about, or started again after a restart, is one step.
fn put(steps: &mut Vec<(CallNo, Arc<str>, StepState)>, call: CallNo, name: &Arc<str>, state: StepState) {
    if steps.iter().any(|(no, ..)| *no == call) {
        return ends(steps, call, state);
    }
    steps.push((call, name.clone(), state));
}

fn ends(steps: &mut [(CallNo, Arc<str>, StepState)], call: CallNo, state: StepState) {
    if let Some(step) = steps.iter_mut().find(|(no, ..)| *no == call) {
        step.2 = state;
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_PART {
        return text.to_owned();
    }
    text.chars().take(MAX_PART).chain(" ...".chars()).collect()
}

/// A planner that can be told what happened before.
pub trait Remembers: Planner {
    /// Drafts as [`Planner::draft`] does, for a conversation that has a past.
    ///
    /// # Errors
    /// When there is no plan.
    fn draft_after(
        &self,
        history: &History,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure>;
}

/// A planner together with one conversation's past: made for a task, and thrown away with it.
pub struct WithHistory<'p> {
    planner: &'p dyn Remembers,
    history: History,
}

impl<'p> WithHistory<'p> {
    /// Binds them together.
    pub fn new(planner: &'p dyn Remembers, history: History) -> Self {
        Self { planner, history }
    }
}

impl Planner for WithHistory<'_> {
    fn draft(
        &self,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        self.planner.draft_after(&self.history, request, catalogue, tried)
    }
}
