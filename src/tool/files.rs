//! The file tools: JSON in, JSON out, over the workspace's door.

use crate::egress::workspace::{EntryKind, Workspace, WorkspaceFailure, WorkspacePath};
use crate::kernel::id::Digest;
use crate::kernel::port::{FileFact, Replacement, ToolFailure, ToolOutput};
use serde_json::{Value as Json, json};

/// Reads a UTF-8 text of at most `max_bytes`.
pub(super) fn read(workspace: &Workspace, path: &str, max_bytes: u64) -> Result<ToolOutput, ToolFailure> {
    let path = WorkspacePath::parse(path).map_err(failed)?;
    let bytes = workspace.read(&path, max_bytes).map_err(failed)?;
    let digest = Digest::of(&bytes);
    let text = String::from_utf8(bytes).map_err(|fault| not_text(&path, fault.utf8_error().valid_up_to()))?;
    Ok(ToolOutput { value: Json::String(text), file: Some(FileFact { path: path.to_string(), digest }) })
}

/// Writes a text of at most `max_bytes`.
pub(super) fn write(
    workspace: &Workspace,
    path: &str,
    content: &str,
    max_bytes: u64,
) -> Result<ToolOutput, ToolFailure> {
    let path = WorkspacePath::parse(path).map_err(failed)?;
    let size = content.len() as u64;
    if size > max_bytes {
        return Err(failed(WorkspaceFailure::TooLarge { path, size, max: max_bytes }));
    }
    workspace.write(&path, content.as_bytes()).map_err(failed)?;
    let file = FileFact { path: path.to_string(), digest: Digest::of(content.as_bytes()) };
    Ok(ToolOutput { value: json!({"path": path.as_str(), "bytes": size}), file: Some(file) })
}

/// What stands where `new` would be written; a text of at most `max_bytes`.
pub(super) fn standing(
    workspace: &Workspace,
    path: &str,
    new: &str,
    max_bytes: u64,
) -> Result<Replacement, ToolFailure> {
    let path = WorkspacePath::parse(path).map_err(failed)?;
    let old = match workspace.read(&path, max_bytes) {
        // Without its folder the write fails, and says so itself.
        Err(WorkspaceFailure::Missing { .. } | WorkspaceFailure::NoParent { .. }) => None,
        Err(failure) => return Err(failed(failure)),
        Ok(bytes) => {
            let digest = Digest::of(&bytes);
            let text = String::from_utf8(bytes)
                .map_err(|fault| not_text(&path, fault.utf8_error().valid_up_to()))?;
            Some((text, FileFact { path: path.to_string(), digest }))
        }
    };
    Ok(Replacement { path: path.to_string(), old, new: new.to_owned() })
}

/// Lists a folder.
pub(super) fn list(workspace: &Workspace, path: &str) -> Result<ToolOutput, ToolFailure> {
    let path = WorkspacePath::parse(path).map_err(failed)?;
    let entries = workspace.list(&path).map_err(failed)?;
    let rows = entries.into_iter().map(|entry| {
        let kind = match entry.kind {
            EntryKind::File => "file",
            EntryKind::Dir => "dir",
            EntryKind::Other => "other",
        };
        json!({"name": entry.name, "path": path.join(&entry.name), "kind": kind, "size": entry.size})
    });
    Ok(ToolOutput { value: rows.collect(), file: None })
}

/// Makes a folder and its missing parents.
pub(super) fn make_dir(workspace: &Workspace, path: &str) -> Result<ToolOutput, ToolFailure> {
    let path = WorkspacePath::parse(path).map_err(failed)?;
    workspace.make_dir(&path).map_err(failed)?;
    Ok(ToolOutput { value: json!({"path": path.as_str()}), file: None })
}

fn not_text(path: &WorkspacePath, at: usize) -> ToolFailure {
    let message = format!("`{path}` is not UTF-8 text: byte {at} begins no character; convert it first");
    ToolFailure { message }
}

fn failed(failure: WorkspaceFailure) -> ToolFailure {
    ToolFailure { message: failure.to_string() }
}
