//! Pending questions: each is a row in the store, answered once, by somebody who may.

mod desk;
pub mod predicate;
mod remote;
#[cfg(test)]
mod tests;

pub use desk::Desk;
pub use predicate::Predicate;
pub use remote::{Bell, Remote, Rests};

use crate::kernel::gate::edit::Edit;
use crate::kernel::gate::question::{Question, Shown};
use crate::kernel::port::Said;
use crate::kernel::principal::Principal;
use crate::store::{NewQuestion, QuestionKind, QuestionRow, QuestionState};

/// Whoever is at the other end of a channel: a person at a terminal, or a rule that a person gave beforehand.
pub trait Voice: Send + Sync {
    /// Shows a question and waits for a decision as long as the channel allows. `id` names it elsewhere.
    fn decide(&self, id: &str, question: &Question) -> Vote;
}

/// What a voice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vote {
    /// Exactly this may happen.
    Approve {
        /// In the person's words, or the rule that they gave.
        reason: Option<String>,
    },
    /// It may not.
    Deny {
        /// In the person's words.
        reason: Option<String>,
    },
    /// The whole run is to stop.
    Stop,
    /// Nothing: neither yes nor no. The question goes on waiting.
    Silence,
}

/// Says nothing; questions wait.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Voice for Nobody {
    fn decide(&self, _id: &str, _question: &Question) -> Vote {
        Vote::Silence
    }
}

/// A question as the store keeps it.
fn row(question: &Question, created: i64, ttl_millis: i64) -> NewQuestion {
    let (call, kind) = match &question.shown {
        Shown::Plan { .. } => (None, QuestionKind::Plan),
        Shown::Reply { .. } => (None, QuestionKind::Reply),
        Shown::Call { call, .. } | Shown::Confirm { call, .. } => (Some(*call), QuestionKind::Call),
    };
    NewQuestion {
        digest: question.digest,
        run: question.run.clone(),
        call,
        kind,
        payload: serde_json::to_value(question).unwrap_or_default(),
        created,
        expires_at: created.saturating_add(ttl_millis),
    }
}

/// The edit that took the question's place; `None` when there is none.
fn edit(row: &QuestionRow) -> Option<Said> {
    let args = row.edited_args.clone().filter(|_| row.state == QuestionState::Superseded)?;
    let (by, reason) = (answerer(row), row.reason.clone());
    Some(Said::Edit(Edit { question: row.digest, args, by, reason }))
}

fn answerer(row: &QuestionRow) -> Principal {
    row.answered_by.clone().unwrap_or_else(|| Principal::new("unknown"))
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX)
}
