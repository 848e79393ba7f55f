//! Writing: all of the new content or none of it.

use super::{Workspace, WorkspaceFailure, WorkspacePath, failure, sync_dir};
use cap_std::fs::{Dir, MetadataExt, OpenOptions};
use rustix::fs::Mode;
use std::io::{self, Write};

/// Most left-overs of killed writers that a folder may hold before writing there fails.
const MAX_TEMPS: u32 = 1_000;

impl Workspace {
    /// Replaces the content of a file, or makes it. A reader sees the old content or the new one, never a mixture,
    /// also after a power cut.
    ///
    /// # Errors
    /// When the folder is missing, the place is taken by something that is no file, or the disk refuses.
    pub fn write(&self, path: &WorkspacePath, content: &[u8]) -> Result<(), WorkspaceFailure> {
        let (parent, name) = match self.parent_of(path) {
            Err(WorkspaceFailure::Missing { .. }) => {
                return Err(WorkspaceFailure::NoParent { parent: path.parent() });
            }
            other => other?,
        };
        let mode = match parent.symlink_metadata(name) {
            Ok(meta) if meta.is_symlink() => {
                return Err(WorkspaceFailure::Link { path: path.clone(), part: name.to_owned() });
            }
            Ok(meta) if meta.is_dir() => {
                return Err(WorkspaceFailure::NotAFile { path: path.clone(), what: "a folder" });
            }
            Ok(meta) if !meta.is_file() => {
                return Err(WorkspaceFailure::NotAFile { path: path.clone(), what: "not a regular file" });
            }
            Ok(meta) => Some(meta.mode()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(failure::io(path, e)),
        };
        replace(&parent, name, mode, |file| file.write_all(content)).map_err(|e| failure::io(path, e))
    }
}

/// Fills a new file beside `name` and puts it in its place. Whatever fails, nothing of it stays.
pub(super) fn replace(
    parent: &Dir,
    name: &str,
    mode: Option<u32>,
    fill: impl FnOnce(&mut cap_std::fs::File) -> io::Result<()>,
) -> io::Result<()> {
    let (temp, mut file) = new_temp(parent)?;
    let done = fill(&mut file)
        .and_then(|()| keep_mode(&file, mode))
        .and_then(|()| file.sync_all())
        .and_then(|()| parent.rename(&temp, parent, name));
    if let Err(fault) = done {
        // The first fault is the one worth telling; a left-over is hidden and harmless.
        let _ = parent.remove_file(&temp);
        return Err(fault);
    }
    sync_dir(parent)
}

/// Makes a file of its own for one write. Hidden, so that no listing shows it. The name may be taken: by another thread,
/// or by a writer that was killed and had the same process id, as in a container.
fn new_temp(parent: &Dir) -> io::Result<(String, cap_std::fs::File)> {
    let mut taken = io::ErrorKind::AlreadyExists.into();
    for n in 0..MAX_TEMPS {
        let temp = format!(".sentinel-{}-{n}.tmp", std::process::id());
        match parent.open_with(&temp, OpenOptions::new().write(true).create_new(true)) {
            Ok(file) => return Ok((temp, file)),
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => taken = fault,
            Err(fault) => return Err(fault),
        }
    }
    Err(taken)
}

fn keep_mode(file: &cap_std::fs::File, mode: Option<u32>) -> io::Result<()> {
    let Some(mode) = mode else { return Ok(()) };
    rustix::fs::fchmod(file, Mode::from_raw_mode(mode & 0o777))?;
    Ok(())
}
