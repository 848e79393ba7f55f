//! One writing process per data directory.

use super::error::StoreError;
use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

#[cfg(test)]
mod tests;

const NAME: &str = "sentinel.lock";

/// Holds the directory until dropped, or until the process dies: the kernel gives the lock back either way.
#[derive(Debug)]
pub(super) struct DirLock(File);

impl Drop for DirLock {
    fn drop(&mut self) {
        // A process being started right now may share the open file for a moment; closing ours would not free it.
        let _still_held = flock(&self.0, FlockOperation::Unlock);
    }
}

impl DirLock {
    /// Takes the lock at once or says who has it.
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        let failed = |what: &str, e: &dyn std::fmt::Display| StoreError::Open {
            dir: dir.to_owned(),
            reason: format!("{what} {NAME}: {e}; check that this user may write there"),
        };
        #[expect(clippy::disallowed_methods, reason = "the store opens its own files")]
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(dir.join(NAME));
        let mut file = opened.map_err(|e| failed("cannot open", &e))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                let mut text = String::new();
                // Whatever cannot be read is merely not told.
                let _unreadable = file.read_to_string(&mut text);
                return Err(StoreError::InUse { dir: dir.to_owned(), pid: text.trim().parse().ok() });
            }
            Err(e) => return Err(failed("cannot lock", &e)),
        }
        let mut write = || {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", std::process::id())
        };
        // The id is a courtesy to the next process; the lock itself is held without it, on a full disk too.
        let _unwritten = write();
        Ok(Self(file))
    }
}
