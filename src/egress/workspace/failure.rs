//! What can go wrong in the workspace, in words that say what to do.

use super::WorkspacePath;
use std::io;
use std::path::PathBuf;

/// Why a file operation did not happen. Messages quote paths, never contents.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceFailure {
    /// The configured folder cannot be opened.
    #[error("the folder {} cannot be opened: {fault}; make it, or configure another (workspace_dir, policies_dir)", root.display())]
    NoRoot {
        /// The configured folder.
        root: PathBuf,
        /// Why.
        fault: io::Error,
    },
    /// The path is not one of the workspace.
    #[error("`{raw}` is not a path in the workspace: {why}")]
    BadPath {
        /// The path as it was given, at most 200 characters.
        raw: String,
        /// Why.
        why: &'static str,
    },
    /// There is no such file or folder.
    #[error("`{path}` does not exist{}", hint(nearest))]
    Missing {
        /// Which path.
        path: WorkspacePath,
        /// Names in the same folder that look like it.
        nearest: Vec<String>,
    },
    /// The folder to write into does not exist.
    #[error("the folder `{parent}` does not exist; make it first with mkdir(path=\"{parent}\")")]
    NoParent {
        /// The missing folder.
        parent: WorkspacePath,
    },
    /// Not a regular file.
    #[error("`{path}` cannot be used as a file: it is {what}")]
    NotAFile {
        /// Which path.
        path: WorkspacePath,
        /// What it is instead.
        what: &'static str,
    },
    /// A part of the path should be a folder.
    #[error("`{path}` cannot be opened: `{part}` is not a folder")]
    NotAFolder {
        /// Which path.
        path: WorkspacePath,
        /// Which part of it.
        part: String,
    },
    /// A part of the path is a symbolic link.
    #[error("`{path}` cannot be opened: `{part}` is a symbolic link, and the workspace follows none")]
    Link {
        /// Which path.
        path: WorkspacePath,
        /// Which part of it.
        part: String,
    },
    /// Larger than allowed.
    #[error("`{path}` has {size} bytes; at most {max} are allowed (setting max_value_bytes)")]
    TooLarge {
        /// Which path.
        path: WorkspacePath,
        /// How many bytes.
        size: u64,
        /// How many are allowed.
        max: u64,
    },
    /// A folder with too many entries.
    #[error("the folder `{path}` has more than {max} entries; list a smaller one")]
    TooManyEntries {
        /// Which folder.
        path: WorkspacePath,
        /// How many are allowed.
        max: usize,
    },
    /// No space left.
    #[error("`{path}` was not written: the disk is full (or the quota is); its old content is untouched")]
    DiskFull {
        /// Which path.
        path: WorkspacePath,
    },
    /// Anything else.
    #[error("`{path}`: {fault}")]
    Io {
        /// Which path.
        path: WorkspacePath,
        /// What the system said.
        fault: io::Error,
    },
}

fn hint(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return "; list_dir shows what is there".to_owned();
    }
    let quoted: Vec<String> = nearest.iter().map(|n| format!("`{n}`")).collect();
    format!("; did you mean {}?", quoted.join(" or "))
}

pub(super) fn io(path: &WorkspacePath, fault: io::Error) -> WorkspaceFailure {
    match fault.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            WorkspaceFailure::DiskFull { path: path.clone() }
        }
        _ => WorkspaceFailure::Io { path: path.clone(), fault },
    }
}
