//! Asking a model for a plan, several times where that may help, within one span of time.

use super::submission::Submission;
use crate::egress::clock::{Deadline, Waited};
use crate::kernel::port::{Draft, PlannerFailure, Usage};
use std::time::Duration;

/// Why an exchange gave no plan.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// It may go better the next time, after this pause.
    Again {
        /// What went wrong.
        why: String,
        /// How long to wait; `None` where the caller says how long attempts wait.
        after: Option<Duration>,
    },
    /// It will not go better.
    Final(String),
    /// The model refuses what is asked.
    Refused(String),
    /// The server does not take the key.
    KeyRefused(String),
}

impl Miss {
    /// It may go better the next time.
    pub fn again(why: impl Into<String>) -> Self {
        Self::Again { why: why.into(), after: None }
    }
}

/// How a planner asks.
pub(super) struct Attempts<'a> {
    /// For all of them with their pauses.
    pub deadline: Deadline<'a>,
    /// How many there are, at most.
    pub most: u32,
    /// The pause after this attempt, where its miss names none.
    pub pause: fn(u32) -> Duration,
    /// What to tell when the time is over.
    pub too_slow: String,
}

impl Attempts<'_> {
    /// Asks until there is a plan; `one` is told how much time is left and counts what it used.
    ///
    /// # Errors
    /// What went wrong the last time, and what all attempts used.
    pub fn draft(
        &self,
        mut one: impl FnMut(Duration, &mut Spent) -> Result<Submission, Miss>,
    ) -> Result<Draft, PlannerFailure> {
        let mut spent = Spent::default();
        match self.submission(|left| one(left, &mut spent)) {
            Ok(Submission { plan, assessment }) => {
                Ok(Draft { text: plan, pinned: false, usage: spent.0, assessment: Some(assessment) })
            }
            Err(failure) => Err(PlannerFailure { spent: spent.0.map(Box::new), ..failure }),
        }
    }

    fn submission(
        &self,
        mut one: impl FnMut(Duration) -> Result<Submission, Miss>,
    ) -> Result<Submission, PlannerFailure> {
        let failed = |why| Err(PlannerFailure::new(why));
        let mut attempt = 1;
        loop {
            let left = self.deadline.left();
            if left.is_zero() {
                return failed(self.too_slow.clone());
            }
            let (why, after) = match one(left) {
                Ok(submission) => return Ok(submission),
                Err(Miss::Final(why)) => return failed(why),
                Err(Miss::Refused(why)) => return Err(PlannerFailure::refusal(why)),
                Err(Miss::KeyRefused(why)) => return Err(PlannerFailure::key_refused(why)),
                Err(Miss::Again { why, after }) => (why, after),
            };
            if attempt == self.most {
                return failed(format!("{why} (asked {attempt} times)"));
            }
            if self.deadline.wait(after.unwrap_or_else(|| (self.pause)(attempt))) == Waited::NoTime {
                return failed(format!("{why} (no time is left for another try)"));
            }
            attempt += 1;
        }
    }
}

/// What all attempts used together; nothing where no server said.
#[derive(Debug, Default)]
pub(super) struct Spent(Option<Usage>);

impl Spent {
    /// Counts what one exchange used.
    pub fn add(&mut self, used: Usage) {
        self.0 = Some(match self.0.take() {
            Some(before) => before.plus(&used),
            None => used,
        });
    }
}
