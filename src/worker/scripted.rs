//! A worker without a model: it answers by a script, and says so in its name. For tests, demonstrations and dry
//! runs; nothing is read out of the data.

#[cfg(test)]
mod tests;

use super::spotlight;
use crate::kernel::port::{Ask, Worker, WorkerFailure, WorkerReply};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// One answer and when it is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A part of the question.
    pub when: String,
    /// A part of the data, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The answer; null when the data does not hold one.
    pub answer: Json,
}

/// A script that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the worker's script is not a JSON list of {{when, data?, answer}}: {0}")]
pub struct ScriptFailure(#[from] serde_json::Error);

/// The scripted worker. The first rule that fits answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Scripted {
    rules: Vec<Rule>,
}

impl Scripted {
    /// A worker that answers by these rules, the first that fits.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules }
    }

    /// Reads the rules from JSON.
    ///
    /// # Errors
    /// When the text is not a list of rules.
    pub fn from_json(text: &str) -> Result<Self, ScriptFailure> {
        Ok(Self::new(serde_json::from_str(text)?))
    }
}

impl Worker for Scripted {
    fn name(&self) -> Arc<str> {
        "scripted".into()
    }

    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        let fits = |rule: &&Rule| {
            ask.question.contains(&rule.when) && rule.data.as_ref().is_none_or(|part| ask.data.contains(part))
        };
        let Some(rule) = self.rules.iter().find(fits) else {
            return Err(WorkerFailure::Unavailable(format!(
                "the script has no answer to the question {:?}; add a rule for it",
                ask.question
            )));
        };
        if spotlight::lacks(&rule.answer, &ask.answer) {
            return Ok(WorkerReply::NotEnoughInformation);
        }
        match ask.answer.check(&rule.answer) {
            Ok(_) => Ok(WorkerReply::Answer(rule.answer.clone())),
            Err(misfit) => {
                Err(WorkerFailure::BadAnswer(format!("in the script's rule {:?}: {misfit}", rule.when)))
            }
        }
    }
}
