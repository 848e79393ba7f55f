//! Secrets, each in a file of its own: never in a setting, a variable or a log.

#[cfg(test)]
mod tests;

use secrecy::SecretString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where secrets lie when no file is named: as a container gets them, and beside the program.
pub const PLACES: [&str; 2] = ["/run/secrets", "./secrets"];
/// What the file of the PIN is called there.
pub const PIN: &str = "sentinel_pin";
/// What the file of the planner's key is called there.
pub const CLAUDE_API_KEY: &str = "claude_api_key";
/// Largest secret file, in bytes; a key has some hundred.
const MAX_BYTES: u64 = 4_096;

/// A secret could not be read. Never quotes it.
#[derive(Debug, thiserror::Error)]
pub enum SecretFailure {
    /// Not there, or not for us.
    #[error("cannot read the secret {}: {cause}; check the path and who may read it", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The folder or the file is not ours to write.
    #[error("cannot write the secret {}: {cause}; check the path and who may write there", path.display())]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Something else than one short line of text.
    #[error("the secret {} {what}; write the secret alone into it, on one line", path.display())]
    Unfit {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
}

/// A secret and what should be said about its file.
#[derive(Debug)]
pub struct Secret {
    /// The secret; its `Debug` is masked.
    pub value: SecretString,
    /// Sentences for the operator, such as that others may read the file.
    pub notes: Vec<String>,
}

/// The file of a secret: the one that a setting names, else the first of `places` that has one called `name`.
pub fn locate(named: Option<&Path>, name: &str, places: &[&Path]) -> Option<PathBuf> {
    let there = || places.iter().map(|place| place.join(name)).find(|path| path.is_file());
    named.map(Path::to_owned).or_else(there)
}

/// Reads a secret; white space around it is not part of it.
///
/// # Errors
/// When it cannot be read, is empty, longer than 4 KB, not text or more than a line.
pub fn read(path: &Path) -> Result<Secret, SecretFailure> {
    let unreadable = |cause| SecretFailure::Unreadable { path: path.to_owned(), cause };
    let unfit = |what| SecretFailure::Unfit { path: path.to_owned(), what };
    #[expect(clippy::disallowed_methods, reason = "the door for secret files")]
    let file = File::open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if !meta.is_file() {
        return Err(unfit("is not a regular file"));
    }
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(unfit("is longer than 4 KB"));
    }
    let value = text.trim();
    if value.is_empty() {
        return Err(unfit("is empty"));
    }
    if value.contains(['\n', '\r', '\0']) {
        return Err(unfit("has more than one line"));
    }
    let mode = meta.permissions().mode() & 0o777;
    let open = (mode & 0o077 != 0)
        .then(|| format!("others may read the secret {} (mode {mode:o}): chmod 600 it", path.display()));
    Ok(Secret { value: SecretString::from(value), notes: open.into_iter().collect() })
}

/// Writes a secret into a file for this user's eyes only. Readers see the old one or the new one, whole.
///
/// # Errors
/// When it cannot be written: then the file is as it was.
pub fn write(path: &Path, secret: &str) -> Result<(), SecretFailure> {
    let unwritable = |cause| SecretFailure::Unwritable { path: path.to_owned(), cause };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
    writeln!(file, "{secret}").map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    file.persist(path).map_err(|e| unwritable(e.error))?;
    Ok(())
}
