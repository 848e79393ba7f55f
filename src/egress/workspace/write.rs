//! Writing: all of the new content or none of it.
//!
//! A writer that is killed leaves the half of its file beside the place. Its name says what it is, and the lock that
//! went with the writer says that nobody writes it any more: the next process that writes into the folder removes it.

use super::{MAX_ENTRIES, Workspace, WorkspaceFailure, WorkspacePath, failure, sync_dir};
use cap_std::fs::{Dir, MetadataExt, OpenOptions};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::io::{self, Write};
use std::sync::PoisonError;

/// Most left-overs of killed writers that a folder may hold before writing there fails.
const MAX_TEMPS: u32 = 1_000;
/// Most folders that are remembered as looked through; then all are looked through once more.
const MAX_SWEPT: usize = 10_000;

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
        self.sweep_once(&parent);
        replace(&parent, name, mode, |file| file.write_all(content)).map_err(|e| failure::io(path, e))
    }
}

impl Workspace {
    /// Removes what killed writers left in a folder, at the first write into it. What cannot be removed is in nobody's
    /// way: it is hidden, and new names pass it by.
    fn sweep_once(&self, folder: &Dir) {
        let Ok(meta) = folder.dir_metadata() else { return };
        {
            let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
            if swept.len() >= MAX_SWEPT {
                swept.clear();
            }
            if !swept.insert((meta.dev(), meta.ino())) {
                return;
            }
        }
        let Ok(entries) = folder.entries() else { return };
        let names =
            entries.flatten().take(MAX_ENTRIES).filter_map(|entry| entry.file_name().into_string().ok());
        for name in names.filter(|name| is_temp(name)) {
            let _in_nobodys_way = sweep(folder, &name);
        }
    }
}

/// Removes a file that nobody writes any more.
fn sweep(folder: &Dir, name: &str) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = std::fs::File::from(rustix::fs::openat(folder, name, flags, Mode::empty())?);
    // INVARIANT: a writer holds the lock from before its first byte until the file has its own name.
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    let (ours, there) = (file.metadata()?, folder.symlink_metadata(name)?);
    let same = std::os::unix::fs::MetadataExt::ino(&ours) == there.ino();
    if same && ours.is_file() { folder.remove_file(name) } else { Ok(()) }
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

/// Makes a file of its own for one write, and locks it. Hidden, so that no listing shows it. The name may be taken: by
/// another thread, or by a writer that was killed and had the same process id, as in a container.
fn new_temp(parent: &Dir) -> io::Result<(String, cap_std::fs::File)> {
    let mut taken = io::ErrorKind::AlreadyExists.into();
    for n in 0..MAX_TEMPS {
        let temp = format!("{TEMP}{}-{n}{TEMP_END}", std::process::id());
        match parent.open_with(&temp, OpenOptions::new().write(true).create_new(true)) {
            Ok(file) if is_ours(&file)? => return Ok((temp, file)),
            Ok(_swept_meanwhile) => {}
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => taken = fault,
            Err(fault) => return Err(fault),
        }
    }
    Err(taken)
}

/// How such a file's name begins and ends; between them stand two numbers.
const TEMP: &str = ".sentinel-";
const TEMP_END: &str = ".tmp";

fn is_temp(name: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let numbers = name.strip_prefix(TEMP).and_then(|rest| rest.strip_suffix(TEMP_END));
    numbers.and_then(|both| both.split_once('-')).is_some_and(|(pid, n)| number(pid) && number(n))
}

/// Takes a new file's lock. False when somebody took it for a left-over in the moment before.
fn is_ours(file: &cap_std::fs::File) -> io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file.metadata()?.nlink() > 0),
        Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => Ok(false),
        // Where nothing can be locked, nobody sweeps either.
        Err(_) => Ok(true),
    }
}

fn keep_mode(file: &cap_std::fs::File, mode: Option<u32>) -> io::Result<()> {
    let Some(mode) = mode else { return Ok(()) };
    rustix::fs::fchmod(file, Mode::from_raw_mode(mode & 0o777))?;
    Ok(())
}
