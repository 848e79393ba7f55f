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
    #[error("cannot open {path}: {cause}; check the path, and that this user may read it")]
    Open {
        /// Which file.
        path: PathBuf,
        /// The system's word for it.
        cause: std::io::Error,
    },
    /// A directory, device or pipe.
    #[error("{path} is not a regular file: name a file, not a folder or a device")]
    NotAFile {
        /// Which path.
        path: PathBuf,
    },
    /// Broke off while reading.
    #[error("cannot read {path}: {cause}; check the disk")]
    Read {
        /// Which file.
        path: PathBuf,
        /// The system's word for it.
        cause: std::io::Error,
    },
    /// Larger than the caller takes.
    #[error("{path} is larger than {limit} bytes: split it")]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The caller's limit, in bytes.
        limit: u64,
    },
    /// Not text as everything here reads it.
    #[error(
        "{path} is not UTF-8: line {line}, column {column} (byte {byte}) begins no character; convert it first, such as with iconv"
    )]
    NotUtf8 {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
        /// From 0.
        byte: usize,
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
    let mut bytes = Vec::new();
    // One byte more than allowed tells a full file from a cut one, also when the file grows meanwhile.
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|cause| FileFailure::Read { path: path.to_owned(), cause })?;
    if bytes.len() as u64 > limit {
        return Err(FileFailure::TooLarge { path: path.to_owned(), limit });
    }
    String::from_utf8(bytes).map_err(|e| {
        let byte = e.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(e.as_bytes().get(..byte).unwrap_or_default());
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        FileFailure::NotUtf8 { path: path.to_owned(), line, column, byte }
    })
}
