//! The workspace: what leads out of it is refused by the door that tools go through.

#[cfg(test)]
mod tests;

use super::{Gap, Scratch, Tried};
use crate::egress::workspace::{Workspace, WorkspaceFailure, WorkspacePath};
use std::os::unix::fs::symlink;
use std::path::Path;

const MEND: &str = "this is a fault of Sentinel; do not use it, and report it";
/// Spellings of places outside. None becomes a path that could be opened.
const OUTSIDE: [&str; 5] = ["..", "../outside.txt", "a/../../outside.txt", "/etc/passwd", "./../outside.txt"];
/// More than any file here has.
const MAX_BYTES: u64 = 1_000;

/// The real workspace opens; no spelling of a place outside is taken; and below a scratch workspace neither a linked file
/// nor a linked folder is followed, reading or writing, while a plain file beside them is read.
///
/// # Errors
/// What got out, or that there is no workspace.
pub fn closed(root: &Path, scratch: &Result<Scratch, Gap>) -> Tried {
    let scratch = scratch.as_ref().map_err(Clone::clone)?;
    let opened = Workspace::open(root)
        .map_err(|e| Gap::new(e.to_string(), "make the folder, or set SENTINEL_WORKSPACE_DIR"))?;
    let listed = WorkspacePath::parse(".").and_then(|here| opened.list(&here));
    listed.map_err(|e| Gap::new(e.to_string(), "let this user read the workspace"))?;
    if let Some(taken) = OUTSIDE.iter().find(|path| WorkspacePath::parse(path).is_ok()) {
        return Err(Gap::new(format!("`{taken}` was taken for a path of the workspace"), MEND));
    }
    links(&scratch.place("workspace"))?;
    Ok(format!(
        "{} spellings of places outside were refused, and so were reading and writing through a linked file and a linked \
         folder in a scratch workspace",
        OUTSIDE.len()
    ))
}

fn links(place: &Path) -> Result<(), Gap> {
    let unmade = |e: &dyn std::fmt::Display| {
        Gap::new(format!("a scratch workspace could not be made: {e}"), "check the data directory")
    };
    let folder = |name: &str| -> Result<Workspace, Gap> {
        let path = place.join(name);
        std::fs::DirBuilder::new().recursive(true).create(&path).map_err(|e| unmade(&e))?;
        Workspace::open(&path).map_err(|e| unmade(&e))
    };
    let path = |text: &str| WorkspacePath::parse(text).map_err(|e| unmade(&e));
    let (outside, inside) = (folder("outside")?, folder("inside")?);
    let secret = path("secret.txt")?;
    outside.write(&secret, b"outside").map_err(|e| unmade(&e))?;
    inside.write(&path("plain.txt")?, b"inside").map_err(|e| unmade(&e))?;
    symlink("../outside/secret.txt", place.join("inside/file")).map_err(|e| unmade(&e))?;
    symlink("../outside", place.join("inside/folder")).map_err(|e| unmade(&e))?;
    if inside.read(&path("plain.txt")?, MAX_BYTES).map_err(|e| unmade(&e))? != b"inside" {
        return Err(Gap::new("a plain file of a scratch workspace was not read as it was written", MEND));
    }
    for through in ["file", "folder/secret.txt"] {
        let read = inside.read(&path(through)?, MAX_BYTES);
        if !matches!(read, Err(WorkspaceFailure::Link { .. })) {
            return Err(Gap::new(format!("reading through the link `{through}` was not refused"), MEND));
        }
        // A write replaces a link in the last place by a file, which stays inside: what counts is what is outside.
        let _refused_or_replaced = inside.write(&path(through)?, b"got out");
    }
    match outside.read(&secret, MAX_BYTES) {
        Ok(kept) if kept == b"outside" => Ok(()),
        _ => Err(Gap::new("writing through a link changed a file outside", MEND)),
    }
}
