//! Log files are for this user's eyes only, like the data. The appender makes them as everybody's.

use super::{PREFIX, SUFFIX};
use jiff::Timestamp;
use std::fs::{Permissions, set_permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// The appender, with each day's file closed to others as soon as it is there.
pub(super) struct Private<W> {
    folder: PathBuf,
    appender: W,
    /// The day whose file is closed.
    closed: Option<String>,
}

impl<W: Write> Private<W> {
    pub(super) fn new(folder: PathBuf, appender: W) -> Self {
        let mut new = Self { folder, appender, closed: None };
        new.close_to_others();
        new
    }

    /// By the machine's clock, as the appender names its files.
    fn close_to_others(&mut self) {
        let day = Timestamp::now().strftime("%Y-%m-%d").to_string();
        if self.closed.as_ref() == Some(&day) {
            return;
        }
        let path = self.folder.join(format!("{PREFIX}.{day}.{SUFFIX}"));
        // At midnight the file may come with the next line: then is the next try.
        if set_permissions(path, Permissions::from_mode(0o600)).is_ok() {
            self.closed = Some(day);
        }
    }
}

impl<W: Write> Write for Private<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.appender.write(bytes)?;
        self.close_to_others();
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.appender.flush()
    }
}
