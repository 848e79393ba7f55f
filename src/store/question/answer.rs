//! What people say to questions: an answer, or their own values in the place of arguments.

use super::super::{Store, StoreError};
use super::{QuestionRow, QuestionState, decide};
use crate::kernel::id::Digest;
use crate::kernel::principal::Principal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes, exactly this.
    Granted,
    /// No.
    Denied,
}

/// An answer that counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The question as it stands now.
    pub question: QuestionRow,
}

/// An answer that did not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// No such question.
    #[error("there is no question {0}: list the open ones")]
    Unknown(String),
    /// Somebody, or something, was faster.
    #[error("question {id} was decided before: {}", state.as_str())]
    AlreadyDecided {
        /// Which.
        id: String,
        /// How.
        state: QuestionState,
    },
    /// Too late.
    #[error("question {0} has expired: start the run again to be asked anew")]
    Expired(String),
    /// What the person saw is not what would happen now.
    #[error("question {0} has changed since it was shown: look at it again")]
    Superseded(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Answers a question, exactly once. `digest` is what the person was shown; `now` is Unix milliseconds.
    ///
    /// # Errors
    /// [`AnswerError`] when the answer does not count.
    pub fn answer(
        &self,
        id: &str,
        digest: &Digest,
        answer: Answer,
        by: &Principal,
        reason: Option<&str>,
        now: i64,
    ) -> Result<Answered, AnswerError> {
        self.say(id, digest, decide::Said::Answer(answer), by, reason, now)
    }

    /// Puts a person's own values in the place of a call's arguments, which supersedes its question: exactly one of an
    /// answer and an edit counts. As [`Store::answer`].
    ///
    /// # Errors
    /// [`AnswerError`] when the edit does not count.
    pub fn edit(
        &self,
        id: &str,
        digest: &Digest,
        args: Map<String, Json>,
        by: &Principal,
        reason: Option<&str>,
        now: i64,
    ) -> Result<Answered, AnswerError> {
        self.say(id, digest, decide::Said::Edit(args), by, reason, now)
    }

    fn say(
        &self,
        id: &str,
        digest: &Digest,
        said: decide::Said,
        by: &Principal,
        reason: Option<&str>,
        now: i64,
    ) -> Result<Answered, AnswerError> {
        let reason = reason.map(str::to_owned);
        let given = decide::Given { id: id.to_owned(), digest: *digest, said, by: by.clone(), reason, now };
        self.write(move |db| decide::answer(db, &given))?
    }
}
