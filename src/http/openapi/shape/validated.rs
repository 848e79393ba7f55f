//! What the policies say about a path or a command.

use super::Decision;
use utoipa::ToSchema;

/// What the policies say about a path.
#[derive(ToSchema)]
pub struct PathVerdict {
    outcome: Decision,
    /// The ids of the policies that decided.
    rules: Vec<String>,
    reasons: Vec<String>,
    /// The path below the workspace; none when it leads elsewhere.
    #[schema(required)]
    canonical: Option<String>,
}

/// What the policies say about a shell command.
#[derive(ToSchema)]
pub struct CommandVerdict {
    outcome: Decision,
    /// The ids of the policies that decided.
    rules: Vec<String>,
    reasons: Vec<String>,
    /// Every program that would run, in the order of the text.
    programs: Vec<Program>,
    redirects: Vec<Redirect>,
    /// What was found, each once.
    findings: Vec<String>,
    /// Names of variables that are assigned.
    assigned: Vec<String>,
}

/// A program that a command runs.
#[derive(ToSchema)]
pub struct Program {
    name: String,
    /// Whether the text says literally what runs.
    literal: bool,
    flags: Vec<String>,
    args: Vec<Argument>,
    piped: bool,
    background: bool,
}

/// An argument of a program.
#[derive(ToSchema)]
pub struct Argument {
    text: String,
    /// Whether that is all of it.
    literal: bool,
}

/// A redirection to or from a file.
#[derive(ToSchema)]
pub struct Redirect {
    /// `read`, `write` or another use.
    access: String,
    target: String,
    /// Its form below the workspace.
    #[schema(required)]
    canonical: Option<String>,
    literal: bool,
}
