//! The data directory, and a folder in it for attempts that have to write.

use super::{Gap, Tried};
use std::path::{Path, PathBuf};

/// How its name begins; a doctor that was killed leaves one behind, which may be deleted.
const PREFIX: &str = ".doctor-";

/// The control that all others wait for which need the data directory.
pub const DATA: &str = "data.exists";

/// A folder below the data directory, on the disk that the journal will use. Dropped, it is gone with all in it.
#[derive(Debug)]
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    /// Makes one; beside it what that says of [`DATA`].
    ///
    /// # Errors
    /// When there is no data directory, or nothing can be written there: the first is told once, as the control, and
    /// whoever needs the scratch folder is untried.
    pub fn below(data: &Path) -> (Tried, Result<Self, Gap>) {
        let place = data.display();
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(data);
        match made {
            Ok(made) => (Ok(format!("a scratch folder could be made in {place}")), Ok(Self(made))),
            Err(_) if !data.exists() => {
                let found = format!("there is no data directory {place}");
                let remedy = "run `sentinel serve` once, which makes it, or check SENTINEL_DATA_DIR";
                (Err(Gap::new(found, remedy)), Err(Gap::untried(DATA)))
            }
            Err(e) => {
                let found = format!("nothing can be written into the data directory {place}: {e}");
                let remedy = "check SENTINEL_DATA_DIR, its owner and its disk";
                (Err(Gap::new(found, remedy)), Err(Gap::untried(DATA)))
            }
        }
    }

    /// A place in it that nothing has used yet.
    pub fn place(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
