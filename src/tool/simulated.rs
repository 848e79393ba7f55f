//! Scripted tools for tests and for `eval adversary`: nothing of the world is touched, and every call is recorded.

#[cfg(test)]
mod tests;

use crate::kernel::catalogue::Catalogue;
use crate::kernel::port::{Invocation, ToolFailure, ToolOutput, Tools};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a scripted call gives.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A value.
    Value(Json),
    /// The tool reports this error.
    Error(String),
}

/// One line of a script.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Rule {
    /// Which tool.
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
    /// The smallest value of the tool's type: one element a list, `text` a text, 1 a number.
    MadeUp,
}

/// Tools that only pretend.
pub struct Simulated {
    _catalogue: Catalogue,
}

impl Simulated {
    /// Tools of this catalogue. Of the rules that fit a call the first one counts.
    pub fn new(catalogue: Catalogue, _rules: Vec<Rule>, _unscripted: Unscripted) -> Self {
        Self { _catalogue: catalogue }
    }

    /// The same, with a workspace of text files in memory behind the built-in file tools that no rule fits.
    #[must_use]
    pub fn with_files(self, _files: BTreeMap<String, String>) -> Self {
        self
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<(Arc<str>, Map<String, Json>)> {
        Vec::new()
    }

    /// The files in memory as they are now.
    pub fn files(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
}

impl Tools for Simulated {
    fn invoke(&self, call: &Invocation) -> Result<ToolOutput, ToolFailure> {
        Err(ToolFailure { message: format!("no rule fits {}", call.tool) })
    }
}
