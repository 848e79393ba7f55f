//! Exit codes, the same for every command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// A refusal or a finding: the product at work.
    Refusal = 1,
    /// Wrong use: the command or its input is faulty.
    Usage = 2,
    /// A question waits for a person.
    Waiting = 3,
    /// Disk, network, model: something broke.
    Failure = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
