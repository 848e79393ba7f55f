//! Who may reach a file, how old it is, and how much room its disk has. Nothing is opened.

use super::file::FileFailure;
use jiff::Timestamp;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// Who may reach a file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub path: PathBuf,
    /// Its permission bits, such as 0o600.
    pub mode: u32,
    /// The user it belongs to.
    pub owner: u32,
    /// When it was last written.
    pub changed: Timestamp,
}

impl Standing {
    /// Whether nobody but its owner may do anything with it.
    pub fn is_private(&self) -> bool {
        self.mode & 0o077 == 0
    }
}

/// How a file or folder stands; a link is followed.
///
/// # Errors
/// When it is not there or cannot be looked at.
pub fn of(path: &Path) -> Result<Standing, FileFailure> {
    let failed = |cause| FileFailure::Open { path: path.to_owned(), cause };
    let meta = std::fs::metadata(path).map_err(failed)?;
    let changed = Timestamp::from_second(meta.mtime()).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(Standing { path: path.to_owned(), mode: meta.mode() & 0o777, owner: meta.uid(), changed })
}

/// How the regular files directly in a folder stand.
///
/// # Errors
/// When the folder cannot be read.
pub fn of_files_in(folder: &Path) -> Result<Vec<Standing>, FileFailure> {
    let failed = |cause| FileFailure::Open { path: folder.to_owned(), cause };
    #[expect(clippy::disallowed_methods, reason = "the door to a folder's listing")]
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_type().is_ok_and(|kind| kind.is_file())
            // Gone since the folder was read: SQLite's logs come and go.
            && let Ok(standing) = of(&entry.path())
        {
            found.push(standing);
        }
    }
    Ok(found)
}

/// The user that this process runs as.
pub fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// How many bytes this user can still write to the disk that holds `path`.
///
/// # Errors
/// When it is not there or cannot be asked.
pub fn free_bytes(path: &Path) -> Result<u64, FileFailure> {
    let disk = rustix::fs::statvfs(path)
        .map_err(|e| FileFailure::Open { path: path.to_owned(), cause: e.into() })?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
