//! A folder for attempts that have to write.

use super::Gap;
use std::path::{Path, PathBuf};

/// How its name begins; a doctor that was killed leaves one behind, which may be deleted.
const PREFIX: &str = ".doctor-";

/// A folder below the data directory, on the disk that the journal will use. Dropped, it is gone with all in it.
#[derive(Debug)]
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    /// Makes one.
    ///
    /// # Errors
    /// When there is no data directory, or nothing can be written there.
    pub fn below(data: &Path) -> Result<Self, Gap> {
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(data);
        made.map(Self).map_err(|e| {
            Gap::new(
                format!("nothing could be tried: no scratch folder can be made in {}: {e}", data.display()),
                "run `sentinel serve` once, which makes the data directory, or check SENTINEL_DATA_DIR and its owner",
            )
        })
    }

    /// A place in it that nothing has used yet.
    pub fn place(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
