//! A path below the workspace, in its one canonical spelling.

use super::WorkspaceFailure;
use std::fmt;

/// A path below the workspace: relative, `/` between its parts, no empty part, no `.`, no `..`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkspacePath(String);

impl WorkspacePath {
    /// Reads a path as a plan writes it. `.` and `""` are the workspace itself; `a//b`, `./a/b` and `a/b/` are `a/b`.
    ///
    /// # Errors
    /// [`WorkspaceFailure::BadPath`] for an absolute path, one with `..`, a NUL or an over-long one.
    pub fn parse(raw: &str) -> Result<Self, WorkspaceFailure> {
        let bad = |why| WorkspaceFailure::BadPath { raw: raw.chars().take(200).collect(), why };
        if raw.starts_with('/') {
            return Err(bad("it is absolute; write it relative to the workspace"));
        }
        if raw.contains('\0') {
            return Err(bad("it holds a NUL character"));
        }
        // Linux's PATH_MAX and NAME_MAX, in bytes.
        if raw.len() >= 4096 || raw.split('/').any(|part| part.len() > 255) {
            return Err(bad("it is too long"));
        }
        let parts: Vec<&str> = raw.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.contains(&"..") {
            return Err(bad("it holds `..`; name the folder from the workspace down"));
        }
        Ok(Self(parts.join("/")))
    }

    /// The canonical spelling; `.` for the workspace itself.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "." } else { &self.0 }
    }

    /// The path of an entry in this folder.
    pub fn join(&self, name: &str) -> String {
        if self.0.is_empty() { name.to_owned() } else { format!("{}/{name}", self.0) }
    }

    pub(super) fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    pub(super) fn file_name(&self) -> Option<&str> {
        self.components().last()
    }

    pub(super) fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or_else(String::new, |(parent, _)| parent.to_owned()))
    }
}

impl fmt::Display for WorkspacePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
