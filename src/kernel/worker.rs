//! The quarantined worker as the kernel asks it.

use super::answer::AnswerType;
use super::glimpse::Listener;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// What a plan asks the quarantined worker. Made by a gate from a permitted call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The question, trusted text from the plan.
    pub question: String,
    /// The untrusted data, as text.
    pub data: String,
    /// What may be answered.
    pub answer: AnswerType,
}

/// What the worker said, before the kernel checks it against the type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerReply {
    /// An answer.
    Answer(Json),
    /// The data does not hold one. Carries no text by construction.
    NotEnoughInformation,
}

/// The worker failed. The text names the fault and never quotes the data or the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkerFailure {
    /// Not there: no model, no server.
    #[error("the worker is not available: {0}")]
    Unavailable(String),
    /// Took too long.
    #[error("the worker did not answer within {0} s")]
    TimedOut(u64),
    /// Nobody waits for the answer any more: the run is to stop.
    #[error("the question was given up")]
    GivenUp,
    /// Asked more than the model can read.
    #[error("the data is too long for the worker: {0}")]
    TooLong(String),
    /// Answered out of type, cut off or empty, also on the second try.
    #[error("the worker's answer is not usable: {0}")]
    BadAnswer(String),
}

/// A quarantined model: a prompt in, a typed value out, no tools.
pub trait Worker: Send + Sync {
    /// The name that labels its answers.
    fn name(&self) -> Arc<str>;

    /// Answers one question.
    ///
    /// # Errors
    /// A named [`WorkerFailure`].
    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure>;

    /// As [`Worker::answer`], and lets somebody hear the words as they come. Here nothing is heard; a worker that can say
    /// more overrides this, and whoever wraps a worker passes it on. The answer is the same.
    ///
    /// # Errors
    /// As [`Worker::answer`].
    fn answer_aloud(&self, ask: &Ask, _listener: &mut dyn Listener) -> Result<WorkerReply, WorkerFailure> {
        self.answer(ask)
    }

    /// Whether it is seen without asking that nobody would answer, such as a model whose file is not there. For reports of
    /// health; whoever is asked says it better.
    fn is_missing(&self) -> bool {
        false
    }
}
