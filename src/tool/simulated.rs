//! Scripted tools for tests and for `eval adversary`: nothing of the world is touched, and every call is recorded.

mod made_up;
mod memory;
#[cfg(test)]
mod tests;

use crate::kernel::catalogue::Catalogue;
use crate::kernel::port::{Invocation, ToolFailure, ToolOutput, Tools};
use memory::MemoryFiles;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What a scripted call gives.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A value.
    Value(Json),
    /// The tool reports this error.
    Error(String),
}

/// One line of a script: `{"tool": ..., "args": {...}, "value": ...}` or `"error": "..."`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Rule {
    /// Which tool.
    #[serde(alias = "name")]
    pub tool: Arc<str>,
    /// The arguments that must be given so; others may be anything.
    #[serde(default)]
    pub args: Map<String, Json>,
    /// What it gives then.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What a call gives that no rule fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unscripted {
    /// An error.
    Fails,
    /// A value of the tool's type.
    MadeUp,
}

/// One call, as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenCall {
    /// Which tool.
    pub tool: Arc<str>,
    /// With which arguments.
    pub args: Map<String, Json>,
}

/// Tools that only pretend.
pub struct Simulated {
    catalogue: Catalogue,
    rules: Vec<Rule>,
    unscripted: Unscripted,
    files: Option<Mutex<MemoryFiles>>,
    seen: Mutex<Vec<SeenCall>>,
}

impl Simulated {
    /// Tools of this catalogue. Of the rules that fit a call the first one counts.
    pub fn new(catalogue: Catalogue, rules: Vec<Rule>, unscripted: Unscripted) -> Self {
        Self { catalogue, rules, unscripted, files: None, seen: Mutex::default() }
    }

    /// The same, with a workspace of text files in memory behind the built-in file tools that no rule fits.
    #[must_use]
    pub fn with_files(self, files: BTreeMap<String, String>) -> Self {
        Self { files: Some(Mutex::new(MemoryFiles::new(files))), ..self }
    }

    /// Every call so far, in order, those that gave an error too.
    pub fn calls(&self) -> Vec<SeenCall> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The files in memory as they are now.
    pub fn files(&self) -> BTreeMap<String, String> {
        let Some(files) = &self.files else { return BTreeMap::new() };
        files.lock().unwrap_or_else(PoisonError::into_inner).texts()
    }
}

impl Tools for Simulated {
    fn invoke(&self, call: &Invocation) -> Result<ToolOutput, ToolFailure> {
        let seen = SeenCall { tool: call.tool.clone(), args: call.args.clone() };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        let fits = |rule: &&Rule| {
            rule.tool == call.tool && rule.args.iter().all(|(name, value)| call.args.get(name) == Some(value))
        };
        match self.rules.iter().find(fits).map(|rule| &rule.outcome) {
            Some(Outcome::Value(value)) => return Ok(ToolOutput { value: value.clone(), file: None }),
            Some(Outcome::Error(message)) => return Err(ToolFailure { message: message.clone() }),
            None => {}
        }
        if let Some(files) = &self.files {
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(outcome) = files.invoke(&call.tool, &call.args) {
                return outcome;
            }
        }
        match (self.unscripted, self.catalogue.get(&call.tool)) {
            (Unscripted::MadeUp, Some(tool)) => {
                Ok(ToolOutput { value: made_up::value(&tool.returns), file: None })
            }
            _ => {
                Err(ToolFailure { message: format!("no rule of the script fits this call of {}", call.tool) })
            }
        }
    }
}
