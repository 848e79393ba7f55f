//! Opening files that the operator named in the configuration. Files that a plan names go through the workspace.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum FileFailure {
    /// Nothing is there, or it may not be read.
    #[error("cannot open {path}: {cause}")]
    Open {
        /// Which file.
        path: PathBuf,
        /// The system's word for it.
        cause: std::io::Error,
    },
    /// A directory, device or pipe.
    #[error("{path} is not a regular file")]
    NotAFile {
        /// Which path.
        path: PathBuf,
    },
    /// Broke off while reading, or is not UTF-8.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// The system's word for it.
        cause: std::io::Error,
    },
    /// Larger than the caller takes.
    #[error("{path} is larger than {limit} bytes")]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The caller's limit, in bytes.
        limit: u64,
    },
}

/// Opens a regular file for reading.
///
/// # Errors
/// When it is not there, may not be read or is not a regular file.
pub fn open(path: &Path) -> Result<File, FileFailure> {
    #[expect(clippy::disallowed_methods, reason = "the door for files that the operator named")]
    let file = File::open(path).map_err(|cause| FileFailure::Open { path: path.to_owned(), cause })?;
    let meta = file.metadata().map_err(|cause| FileFailure::Open { path: path.to_owned(), cause })?;
    if !meta.is_file() {
        return Err(FileFailure::NotAFile { path: path.to_owned() });
    }
    Ok(file)
}

/// Reads a whole text file of at most `limit` bytes.
///
/// # Errors
/// As [`open`], and when it is too large or not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, FileFailure> {
    let file = open(path)?;
    let mut text = String::new();
    // One byte more than allowed tells a full file from a cut one, also when the file grows meanwhile.
    file.take(limit.saturating_add(1))
        .read_to_string(&mut text)
        .map_err(|cause| FileFailure::Read { path: path.to_owned(), cause })?;
    if text.len() as u64 > limit {
        return Err(FileFailure::TooLarge { path: path.to_owned(), limit });
    }
    Ok(text)
}
