//! Small private files of the data directory, such as the key of the certificate that was made here.

use super::Store;
use super::error::StoreError;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

#[cfg(test)]
mod tests;

impl Store {
    /// Where the file `name` of the data directory is.
    pub fn private_path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Puts a file into the data directory, for this user's eyes only (0600). Readers see the old one or the new one,
    /// whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_private(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, StoreError> {
        let (path, fresh) = (self.private_path(name), self.private_path(&format!("{name}.new")));
        let write = || -> std::io::Result<()> {
            // What an interrupted write left has the right mode only if we made it: start from nothing.
            #[expect(clippy::disallowed_methods, reason = "the store's own files")]
            match std::fs::remove_file(&fresh) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            let mut options = OpenOptions::new();
            #[expect(clippy::disallowed_methods, reason = "the store's own files")]
            let mut file = options.write(true).create_new(true).mode(0o600).open(&fresh)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            #[expect(clippy::disallowed_methods, reason = "the store's own files")]
            std::fs::rename(&fresh, &path)
        };
        write()
            .map_err(|e| StoreError::Query { path: path.clone(), reason: format!("cannot write it: {e}") })?;
        Ok(path)
    }
}
