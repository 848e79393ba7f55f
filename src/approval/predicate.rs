//! `--yes-to PREDICATE`: what a person says yes to beforehand, exactly as narrow as they wrote it.

use super::{Voice, Vote};
use crate::kernel::gate::question::{Question, Shown};
use regex::Regex;
use serde_json::Value as Json;
use std::fmt;

/// `plan`, `confirm`, or a tool's name with patterns for its arguments: `file_write path=outbox/*`.
#[derive(Debug, Clone)]
pub struct Predicate {
    written: String,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Plan,
    Confirm,
    Call { tool: String, args: Vec<(String, Regex)> },
}

/// A predicate that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a predicate: write `plan`, `confirm`, or `TOOL argument=pattern ...` with `*` for any text"
)]
pub struct NotAPredicate(String);

impl std::str::FromStr for Predicate {
    type Err = NotAPredicate;

    fn from_str(text: &str) -> Result<Self, NotAPredicate> {
        let bad = || NotAPredicate(text.to_owned());
        let mut words = text.split_whitespace();
        let what = match words.next().ok_or_else(bad)? {
            "plan" => What::Plan,
            "confirm" => What::Confirm,
            tool if tool.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                let mut args = Vec::new();
                for word in words.by_ref() {
                    let (name, glob) = word.split_once('=').ok_or_else(bad)?;
                    let pattern = regex::escape(glob).replace(r"\*", "(?s:.*)");
                    args.push((name.to_owned(), Regex::new(&format!("^{pattern}$")).map_err(|_| bad())?));
                }
                What::Call { tool: tool.to_owned(), args }
            }
            _ => return Err(bad()),
        };
        if words.next().is_some() {
            return Err(bad());
        }
        Ok(Self { written: text.to_owned(), what })
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl Predicate {
    /// Whether it speaks of plans. A fact for screens.
    pub fn is_about_plans(&self) -> bool {
        matches!(self.what, What::Plan)
    }

    /// The tool that it names.
    pub fn tool(&self) -> Option<&str> {
        match &self.what {
            What::Call { tool, .. } => Some(tool),
            What::Plan | What::Confirm => None,
        }
    }

    /// Whether this question is one of those that the person meant. Facts for the voice, not an authorisation.
    fn covers(&self, question: &Question) -> bool {
        match (&self.what, &question.shown) {
            (What::Plan, Shown::Plan { .. }) | (What::Confirm, Shown::Confirm { .. }) => true,
            (What::Call { tool, args }, Shown::Call { tool: asked, args: given, .. }) => {
                let text = |value: &Json| match value {
                    Json::String(text) => text.clone(),
                    other => other.to_string(),
                };
                asked.as_ref() == tool
                    && args.iter().all(|(name, pattern)| {
                        given.iter().any(|a| a.name.as_ref() == name && pattern.is_match(&text(&a.value)))
                    })
            }
            _ => false,
        }
    }
}

/// Says yes to what the predicates cover, and leaves the rest to another voice.
pub struct Beforehand<'v> {
    /// What was said yes to.
    pub predicates: &'v [Predicate],
    /// Whom to ask about everything else.
    pub otherwise: &'v dyn Voice,
}

impl Voice for Beforehand<'_> {
    fn decide(&self, id: &str, question: &Question) -> Vote {
        match self.predicates.iter().find(|p| p.covers(question)) {
            Some(predicate) => Vote::Approve { reason: Some(format!("--yes-to {predicate}")) },
            None => self.otherwise.decide(id, question),
        }
    }
}
