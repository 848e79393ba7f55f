//! Every text file below a folder, for looking at what a run left behind.

use crate::egress::workspace::{EntryKind, Workspace, WorkspaceFailure, WorkspacePath};
use std::path::{Path, PathBuf};

/// Largest file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// The regular files below `root`, hidden ones too, by path; what is not text is an empty text.
///
/// # Errors
/// When a folder cannot be listed.
pub fn texts(root: &Path) -> Result<Vec<(PathBuf, String)>, WorkspaceFailure> {
    let folder = Workspace::open(root)?;
    let mut out = Vec::new();
    below(&folder, &WorkspacePath::parse(".")?, &mut out)?;
    out.sort();
    Ok(out)
}

fn below(
    folder: &Workspace,
    at: &WorkspacePath,
    out: &mut Vec<(PathBuf, String)>,
) -> Result<(), WorkspaceFailure> {
    for entry in folder.list(at)? {
        let path = WorkspacePath::parse(&at.join(&entry.name))?;
        match entry.kind {
            EntryKind::Dir => below(folder, &path, out)?,
            EntryKind::File => {
                let bytes = folder.read(&path, MAX_BYTES).unwrap_or_default();
                out.push((PathBuf::from(path.as_str()), String::from_utf8(bytes).unwrap_or_default()));
            }
            EntryKind::Other => {}
        }
    }
    Ok(())
}
