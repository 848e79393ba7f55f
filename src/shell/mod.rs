//! What the texts of shell commands and paths say. Pure reading: nothing is run, expanded or looked up.
//!
//! A command's facts come from its syntax tree: which programs run, with what, and what that amounts to.
//! The facts speak of what the text says. They are for rules to judge, not a proof of harmlessness: what a listed
//! program does with its arguments is the sandbox's business. Where the text leaves something to the shell (a
//! variable, a substitution), the facts say so, and rules treat it as unknown. A text that cannot be read as a
//! command, or is longer or deeper than the bounds below, has the finding [`Finding::Unreadable`].

mod danger;
mod filter;
mod interpreter;
mod path;
mod table;
mod tree;
mod walk;
mod word;
mod wrapper;

#[cfg(test)]
mod tests;

pub use path::{PathFacts, path_facts};

use serde::Serialize;
use std::collections::BTreeSet;

/// Longest command in bytes. Ours: longer than nearly all that people write in one piece, short enough to be read.
pub const MAX_COMMAND: usize = 4096;

/// What a command's text says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CommandFacts {
    /// Every program that would run, in the order of the text; those inside substitutions and `sh -c` too.
    pub programs: Vec<Program>,
    /// Every redirection to or from a file.
    pub redirects: Vec<Redirect>,
    /// What was found, each once.
    pub findings: BTreeSet<Finding>,
    /// Names of variables that are assigned.
    pub assigned: BTreeSet<String>,
    /// What is assigned, in the order of the text, with what as far as the text says it.
    #[serde(skip)]
    pub settings: Vec<(String, String)>,
    /// The last components, in lower case, of arguments and targets that look like paths.
    #[serde(skip)]
    pub names: BTreeSet<String>,
    /// The other components of those, in lower case.
    #[serde(skip)]
    pub folders: BTreeSet<String>,
}

/// A program that a command runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Program {
    /// The last component of its name; as far as the text says it when it is not literal.
    pub name: String,
    /// Whether the text says literally what runs.
    pub literal: bool,
    /// What follows and starts with a dash.
    pub flags: Vec<String>,
    /// What else follows.
    pub args: Vec<Argument>,
    /// All that follows, in the order of the text.
    #[serde(skip)]
    pub words: Vec<String>,
    /// Its input comes from a pipe.
    pub piped: bool,
    /// Nobody waits for it.
    pub background: bool,
}

/// An argument of a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// The text; variables of unknown value stand as `$NAME`, substitutions as `$()`.
    pub text: String,
    /// Whether that is all of it.
    pub literal: bool,
}

/// How a redirection uses its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// `<`
    Read,
    /// `>`, `>|`, `<>`, `&>`
    Write,
    /// `>>`, `&>>`
    Append,
}

/// A redirection to or from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redirect {
    /// How.
    pub access: Access,
    /// The file as it is written.
    pub target: String,
    /// Its form below the workspace; `None` when it is not literal or leads elsewhere.
    pub canonical: Option<String>,
    /// Whether the text says literally which file.
    pub literal: bool,
}

/// Something that rules may want to know, as `context.command.NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// No command that can be judged: it does not parse, is too long or too deep, or holds characters that read
    /// differently to people and to shells.
    Unreadable,
    /// A program's name is left to the shell, or spelt with letters that only look like others.
    DynamicProgram,
    /// Text that only the shell will know is run as a command or as code (`eval`, `sh -c`, `source`).
    RunsText,
    /// A shell or interpreter reads its commands from a pipe.
    PipesToShell,
    /// Something fetched from the network is run.
    DownloadRun,
    /// Something decoded (base64 and the like) is run.
    DecodedRun,
    /// A shell is tied to a connection.
    ReverseShell,
    /// The shell's own network files (`/dev/tcp`, `/inet/tcp`).
    NetworkDevice,
    /// A function or script that starts itself again and again.
    ForkBomb,
    /// Deletes or changes the whole of a system, a home folder or a system folder.
    DestroysTree,
    /// Names a device, or makes or wipes a file system.
    Device,
    /// Writes what is run or obeyed later by itself: start-up files, jobs, keys that may log in.
    Persistence,
    /// Gives a file the rights of its owner.
    SetUid,
    /// Runs something with somebody else's rights.
    Privileged,
    /// Cuts words with `IFS`, which hides what is said.
    SplitsWords,
    /// An argument names something outside the workspace.
    Outside,
    /// An argument or target names a hidden file.
    Hidden,
    /// A redirection writes a file.
    Writes,
    /// Something runs on in the background.
    Background,
    /// A program that reads is given a flag or setting that makes it write, search everything or run something.
    Active,
    /// An argument is left to the shell.
    DynamicArgument,
    /// An argument is a pattern for file names.
    Glob,
    /// A program that talks to the network.
    Network,
}

impl Finding {
    /// All of them with the names that rules use.
    pub const ALL: [(Self, &'static str); 23] = [
        (Self::Unreadable, "unreadable"),
        (Self::DynamicProgram, "dynamic_program"),
        (Self::RunsText, "runs_text"),
        (Self::PipesToShell, "pipes_to_shell"),
        (Self::DownloadRun, "download_run"),
        (Self::DecodedRun, "decoded_run"),
        (Self::ReverseShell, "reverse_shell"),
        (Self::NetworkDevice, "network_device"),
        (Self::ForkBomb, "fork_bomb"),
        (Self::DestroysTree, "destroys_tree"),
        (Self::Device, "device"),
        (Self::Persistence, "persistence"),
        (Self::SetUid, "set_uid"),
        (Self::Privileged, "privileged"),
        (Self::SplitsWords, "splits_words"),
        (Self::Outside, "outside"),
        (Self::Hidden, "hidden"),
        (Self::Writes, "writes"),
        (Self::Background, "background"),
        (Self::Active, "active"),
        (Self::DynamicArgument, "dynamic_argument"),
        (Self::Glob, "glob"),
        (Self::Network, "network"),
    ];
}

/// Computes the facts. Never fails: what cannot be read has a finding that says so.
pub fn command_facts(text: &str) -> CommandFacts {
    match tree::is_plain(text) {
        true => walk::facts(text),
        false => CommandFacts { findings: BTreeSet::from([Finding::Unreadable]), ..CommandFacts::default() },
    }
}
