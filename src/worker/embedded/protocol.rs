//! What parent and child say to each other: one JSON value a frame.

use crate::kernel::port::{Ask, WorkerFailure, WorkerReply};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// From the parent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// Load this model and confine yourself. Comes first and once.
    Start {
        /// The GGUF file.
        model: PathBuf,
        /// Its SHA-256 in hex, where it is pinned.
        sha256: Option<String>,
    },
    /// Answer this.
    Ask(Ask),
    /// Instead of a start: try every forbidden thing, with or without the confinement, and end.
    Probe {
        /// What to put on first.
        layers: Layers,
    },
}

/// From the child.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    /// The model is loaded and the confinement is on.
    Ready(Readiness),
    /// An answer.
    Reply {
        /// What it is.
        reply: WorkerReply,
        /// What it took.
        cost: Cost,
    },
    /// No answer.
    Fault(Fault),
    /// What the probes found.
    Probed(Probed),
}

/// How far a probing child confines itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layers {
    /// Not at all: the control, which shows that the attempts themselves would work.
    Nothing,
    /// Landlock only.
    Files,
    /// All, as for a model.
    Everything,
}

/// What a probing child met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// As in [`Readiness::landlock`]; `None` when it was not put on.
    pub landlock: Option<String>,
    /// The attempts.
    pub probes: Vec<Probe>,
}

/// What a child says of itself once it can answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// The file's own name for the model.
    pub model: String,
    /// Such as `qwen2`.
    pub architecture: String,
    /// The longest prompt with its answer, in tokens.
    pub context: usize,
    /// From opening the file to being warm, in milliseconds.
    pub load_ms: u64,
    /// What Landlock says: `fully enforced`, `partially enforced` or why not.
    pub landlock: String,
    /// What the child tried after it confined itself.
    pub probes: Vec<Probe>,
}

/// One forbidden thing, tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// What was tried.
    pub attempt: String,
    /// The system's refusal; `None` when it was let through.
    pub errno: Option<i32>,
}

impl Probe {
    /// Whether the confinement refused it, not some other circumstance: EPERM or EACCES.
    pub fn refused(&self) -> bool {
        matches!(self.errno, Some(1 | 13))
    }
}

/// What one answer took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Of these, how many were known from an earlier question on the same data.
    pub cached_tokens: usize,
    /// Tokens of the answer.
    pub answer_tokens: usize,
    /// In the child, in milliseconds.
    pub millis: u64,
}

/// A failure, as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fault {
    /// The model cannot be used at all.
    Unavailable(String),
    /// The prompt does not fit.
    TooLong(String),
    /// The answer does not fit.
    BadAnswer(String),
}

impl From<Fault> for WorkerFailure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(why) => Self::Unavailable(why),
            Fault::TooLong(why) => Self::TooLong(why),
            Fault::BadAnswer(why) => Self::BadAnswer(why),
        }
    }
}
