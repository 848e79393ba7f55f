//! What scanners find in the texts that cross a border, and what is said of the crossing.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The border that a text crosses when it is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Border {
    /// A user's request, coming in.
    Request,
    /// A plan text from a planner.
    Plan,
    /// A worker's answer.
    Answer,
    /// A tool's output.
    ToolOutput,
    /// A tool's argument.
    ToolArgument,
    /// A reply, going out.
    Reply,
}

impl Border {
    /// All of them, in the order in which a run passes them.
    pub const ALL: [Self; 6] =
        [Self::Request, Self::Plan, Self::ToolArgument, Self::ToolOutput, Self::Answer, Self::Reply];

    /// The stable name, as records, policies and screens show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Plan => "plan",
            Self::Answer => "answer",
            Self::ToolOutput => "tool_output",
            Self::ToolArgument => "tool_argument",
            Self::Reply => "reply",
        }
    }
}

/// A text's way across a border, as scanners need to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing<'a> {
    /// Which border.
    pub border: Border,
    /// Whether the text will be run or obeyed by a machine, such as a command or a path; otherwise it is only read.
    pub executed: bool,
    /// What the user said in this run; empty when the text is that itself, or is scanned by itself.
    pub asked: &'a str,
}

impl Crossing<'_> {
    /// A text that is read and not run, with nothing known about what the user said.
    pub fn at(border: Border) -> Self {
        Self { border, executed: false, asked: "" }
    }
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely to be what its class says; honest texts have it too.
    Medium,
    /// Hardly ever in an honest text.
    High,
}

impl Severity {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Words that are meant to steer a model.
    Injection,
    /// A key, token or password.
    Credential,
    /// Data about a person.
    Personal,
    /// Characters that people do not see, or take for others.
    Hidden,
    /// A dangerous shell command.
    Command,
    /// A path that holds secrets or steers the system.
    Path,
    /// Code with a weakness.
    InsecureCode,
    /// A weakness of the code that was given, repeated in the code that came back.
    Echo,
    /// A link or image that carries data away.
    Exfiltration,
    /// Abusive words.
    Toxicity,
    /// A scanner that failed: nobody knows what the text holds.
    Failed,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Injection,
        Self::Credential,
        Self::Personal,
        Self::Hidden,
        Self::Command,
        Self::Path,
        Self::InsecureCode,
        Self::Echo,
        Self::Exfiltration,
        Self::Toxicity,
        Self::Failed,
    ];

    /// The stable name, as records, policies and screens show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Injection => "injection",
            Self::Credential => "credential",
            Self::Personal => "personal",
            Self::Hidden => "hidden",
            Self::Command => "command",
            Self::Path => "path",
            Self::InsecureCode => "insecure_code",
            Self::Echo => "echo",
            Self::Exfiltration => "exfiltration",
            Self::Toxicity => "toxicity",
            Self::Failed => "failed",
        }
    }

    /// Records from before there were classes come from the one scanner there was.
    fn of_old_records() -> Self {
        Self::Hidden
    }
}

/// Something a scanner found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which scanner.
    pub scanner: Arc<str>,
    /// What kind of thing it is.
    #[serde(default = "Class::of_old_records")]
    pub class: Class,
    /// How much it matters.
    pub severity: Severity,
    /// First byte in the raw text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Which rule, by its stable name.
    pub rule: Arc<str>,
    /// What it means, for people; never quotes the text.
    pub reason: String,
}
