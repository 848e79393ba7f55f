//! What a conversation looks like as a whole, as it is recorded and shown.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is done about a request because of what was said before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// Nothing.
    Pass,
    /// It goes on, and the result says so.
    Warn,
    /// It is not planned.
    Block,
}

/// Why a request added to its conversation's score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// Which rule, by its stable name.
    pub rule: Arc<str>,
    /// How much: a multiple of a quarter.
    pub points: f64,
    /// What it means, for people; never quotes the conversation.
    pub why: String,
}

/// A request seen together with what was said before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The conversation's score with this request, from 0: a multiple of a quarter, so that it is exact.
    pub score: f64,
    /// What is done.
    pub verdict: Concern,
    /// What the request added; nothing when the score is only what earlier ones left.
    pub reasons: Vec<Weight>,
}

/// What is kept of the words of a request that a scanner stopped, to know them again: no words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gist {
    /// What they were about, by stable names.
    pub marks: Vec<Arc<str>>,
    /// Their sketch: hashed and folded, base64.
    pub sketch: String,
}
