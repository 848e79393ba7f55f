//! What a task is to do, as it is accepted and kept: everything that a restart needs.

use crate::kernel::port::ApprovalMode;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization as _;

#[cfg(test)]
mod tests;

/// Shortest request, in characters.
const MIN_CHARS: usize = 3;
/// Longest request, in characters.
const MAX_CHARS: usize = 50_000;

/// An accepted order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The user's words, normalised.
    pub request: String,
    /// By which channel it came, such as `web`.
    pub channel: Arc<str>,
    /// Where its plan comes from.
    pub plan: PlanSource,
    /// How it is approved: the controller's own mode, or a stricter one.
    pub mode: ApprovalMode,
}

/// Where a task's plan comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanSource {
    /// The planner drafts one.
    Planner,
    /// The user wrote one.
    Text(String),
    /// A playbook with its parameters, as text.
    Playbook {
        /// Which.
        name: String,
        /// Its parameters.
        params: IndexMap<String, String>,
    },
}

/// Words that are no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestFailure {
    /// Nearly nothing.
    #[error("the request is shorter than {MIN_CHARS} characters: say what is to be done")]
    TooShort,
    /// Too much.
    #[error(
        "the request has {0} characters, at most {MAX_CHARS} are taken: put long text into a file of the workspace"
    )]
    TooLong(usize),
    /// A character that no keyboard makes.
    #[error("the request holds the control character {0}: remove it")]
    Control(String),
}

/// The user's words as they are kept: stripped, in Unicode's composed form (NFC), at most two line ends in a row.
///
/// # Errors
/// When they are too short, too long, or hold control characters.
pub fn normalised(text: &str) -> Result<String, RequestFailure> {
    let text = text.replace("\r\n", "\n");
    if let Some(control) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(RequestFailure::Control(control.escape_unicode().to_string()));
    }
    let mut out = String::with_capacity(text.len());
    let mut line_ends = 0;
    for c in text.trim().nfc() {
        line_ends = if c == '\n' { line_ends + 1 } else { 0 };
        if line_ends <= 2 {
            out.push(c);
        }
    }
    match out.chars().count() {
        n if n < MIN_CHARS => Err(RequestFailure::TooShort),
        n if n > MAX_CHARS => Err(RequestFailure::TooLong(n)),
        _ => Ok(out),
    }
}

/// A way of approving that would put fewer questions than the controller's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "`approval_mode` {asked} would put fewer questions than this controller's own mode, which is {own}: ask for {own} or \
     a stricter one, or leave it out"
)]
pub struct LaxerMode {
    /// What was asked for.
    pub asked: ApprovalMode,
    /// The controller's.
    pub own: ApprovalMode,
}

/// The mode of a task: a caller may ask for more questions than the controller would put, never for fewer.
///
/// # Errors
/// When fewer are asked for.
pub fn mode(own: ApprovalMode, asked: Option<ApprovalMode>) -> Result<ApprovalMode, LaxerMode> {
    match asked {
        Some(asked) if asked.strictness() < own.strictness() => Err(LaxerMode { asked, own }),
        Some(asked) => Ok(asked),
        None => Ok(own),
    }
}
