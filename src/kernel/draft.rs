//! What planners make, what it cost, and what comes back to them when it has faults.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A plan as a planner drafts it: untrusted text, which the kernel parses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The plan's text.
    pub text: String,
    /// Whether a person approved exactly this text before, as a playbook.
    pub pinned: bool,
    /// What a model used to draft it; none when no model did.
    pub usage: Option<Usage>,
    /// What the planner thinks of the conversation; none when no model looked at it.
    pub assessment: Option<Assessment>,
}

impl Draft {
    /// A text that somebody wrote down; `pinned` when a person approved exactly it before.
    pub fn written(text: impl Into<String>, pinned: bool) -> Self {
        Self { text: text.into(), pinned, usage: None, assessment: None }
    }
}

/// An earlier draft of this very task, and what the kernel said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The plan's text.
    pub text: String,
    /// Its faults. They name the plan's own text, the catalogue and the rules, never a value of a document.
    pub faults: String,
}

/// What a model used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Which model, by the name it was asked for.
    pub model: Arc<str>,
    /// Tokens read, without those that the cache holds or takes.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Tokens that the provider read from its cache.
    pub cache_read_tokens: u64,
    /// Tokens that the provider put into its cache.
    pub cache_write_tokens: u64,
    /// The price of it all, in millionths of a US dollar; none when the model's price is not known.
    pub cost_micro_dollars: Option<u64>,
}

impl Usage {
    /// Adds another exchange with the same model. A price that is not known makes the sum unknown.
    #[must_use]
    pub fn plus(self, more: &Self) -> Self {
        let cost = self.cost_micro_dollars.zip(more.cost_micro_dollars);
        Self {
            model: self.model,
            input_tokens: self.input_tokens.saturating_add(more.input_tokens),
            output_tokens: self.output_tokens.saturating_add(more.output_tokens),
            cache_read_tokens: self.cache_read_tokens.saturating_add(more.cache_read_tokens),
            cache_write_tokens: self.cache_write_tokens.saturating_add(more.cache_write_tokens),
            cost_micro_dollars: cost.map(|(a, b)| a.saturating_add(b)),
        }
    }
}

/// What a planner thinks of a conversation as a chain of requests. An opinion of a model: shown and counted, and never
/// a permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// 0 for harmless to 100 for an attack.
    pub risk: u8,
    /// Why, in one sentence.
    pub reason: String,
}
