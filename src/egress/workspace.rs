//! The user's folder, and the only way into it: directory handles, one path component at a time.
//!
//! A path is relative, has no `..`, and no part of it is a symbolic link. So the path that a policy judged is the
//! path that is opened, even when somebody swaps directories for links meanwhile: every component is opened
//! with `O_NOFOLLOW` relative to the handle of the one before it.

mod failure;
mod path;
#[cfg(test)]
mod tests;
mod write;

pub use failure::WorkspaceFailure;
pub use path::WorkspacePath;

use cap_std::fs::Dir;
use rustix::fs::{Mode, OFlags};
use std::collections::HashSet;
use std::fs::{DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Most entries that a listing returns; a folder with more is an error, never a part of the truth.
pub const MAX_ENTRIES: usize = 10_000;

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// Something that cannot be opened through the workspace: a link, a device, a name that is not UTF-8.
    Other,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name; with replacement characters when it is not UTF-8.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Its size in bytes; 0 for anything but a file.
    pub size: u64,
}

/// The user's folder.
#[derive(Debug)]
pub struct Workspace {
    root: Dir,
    shown_as: PathBuf,
    /// Folders, by device and number, that were looked through for what killed writers left.
    swept: Mutex<HashSet<(u64, u64)>>,
}

impl Workspace {
    /// Opens the folder at `root`, which the user configured: here, and only here, links are followed.
    ///
    /// # Errors
    /// When there is no such folder or it cannot be opened.
    pub fn open(root: &Path) -> Result<Self, WorkspaceFailure> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(root, flags, Mode::empty())
            .map_err(|e| WorkspaceFailure::NoRoot { root: root.to_owned(), fault: e.into() })?;
        Ok(Self {
            root: Dir::from_std_file(File::from(fd)),
            shown_as: root.to_owned(),
            swept: Mutex::default(),
        })
    }

    /// Makes the folder itself, readable by this user only. The folder that it lies in must be there: a longer path that
    /// is missing is more likely a typing error, or a disk that is not mounted.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(root: &Path) -> Result<(), WorkspaceFailure> {
        let made = DirBuilder::new().mode(0o700).create(root);
        made.map_err(|fault| WorkspaceFailure::NoRoot { root: root.to_owned(), fault })
    }

    /// Where it is, for messages.
    pub fn root(&self) -> &Path {
        &self.shown_as
    }

    /// Reads a regular file of at most `max_bytes`.
    ///
    /// # Errors
    /// When it is missing, not a regular file, too large or unreadable.
    pub fn read(&self, path: &WorkspacePath, max_bytes: u64) -> Result<Vec<u8>, WorkspaceFailure> {
        let (parent, name) = self.parent_of(path)?;
        // Without NONBLOCK, opening a FIFO that nobody writes to would hang.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let fd = rustix::fs::openat(&parent, name, flags, Mode::empty())
            .map_err(|e| self.explain(path, name, &parent, e.into()))?;
        let file = File::from(fd);
        let meta = file.metadata().map_err(|e| failure::io(path, e))?;
        if !meta.is_file() {
            let what = if meta.is_dir() { "a folder" } else { "not a regular file" };
            return Err(WorkspaceFailure::NotAFile { path: path.clone(), what });
        }
        let too_large = |size| WorkspaceFailure::TooLarge { path: path.clone(), size, max: max_bytes };
        if meta.len() > max_bytes {
            return Err(too_large(meta.len()));
        }
        let mut bytes = Vec::new();
        // The file may grow while it is read: one byte past the limit tells.
        let mut bounded = file.take(max_bytes.saturating_add(1));
        bounded.read_to_end(&mut bytes).map_err(|e| failure::io(path, e))?;
        if bytes.len() as u64 > max_bytes {
            return Err(too_large(bytes.len() as u64));
        }
        Ok(bytes)
    }

    /// Lists a folder, sorted by name. Entries whose name begins with a dot are left out.
    ///
    /// # Errors
    /// When it is missing, not a folder, unreadable, or has more than [`MAX_ENTRIES`] entries.
    pub fn list(&self, path: &WorkspacePath) -> Result<Vec<Entry>, WorkspaceFailure> {
        let dir = self.dir(path)?;
        let mut entries = Vec::new();
        for entry in dir.entries().map_err(|e| failure::io(path, e))? {
            let entry = entry.map_err(|e| failure::io(path, e))?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entries.len() == MAX_ENTRIES {
                return Err(WorkspaceFailure::TooManyEntries { path: path.clone(), max: MAX_ENTRIES });
            }
            let Ok(meta) = entry.metadata() else { continue }; // Deleted since the folder was read.
            let kind = match name.to_str() {
                Some(_) if meta.is_file() => EntryKind::File,
                Some(_) if meta.is_dir() => EntryKind::Dir,
                _ => EntryKind::Other,
            };
            let size = if kind == EntryKind::File { meta.len() } else { 0 };
            entries.push(Entry { name: name.to_string_lossy().into_owned(), kind, size });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Makes a folder and its missing parents; nothing happens when it is already there.
    ///
    /// # Errors
    /// When a part of the path is something else, or the disk refuses.
    pub fn make_dir(&self, path: &WorkspacePath) -> Result<(), WorkspaceFailure> {
        let mut at = self.root_handle(path)?;
        for name in path.components() {
            match rustix::fs::mkdirat(&at, name, Mode::from_raw_mode(0o777)) {
                Ok(()) => sync_dir(&at).map_err(|e| failure::io(path, e))?,
                Err(rustix::io::Errno::EXIST) => {}
                Err(e) => return Err(failure::io(path, e.into())),
            }
            at = open_dir_at(&at, name).map_err(|e| self.explain(path, name, &at, e))?;
        }
        Ok(())
    }

    fn root_handle(&self, path: &WorkspacePath) -> Result<Dir, WorkspaceFailure> {
        self.root.try_clone().map_err(|e| failure::io(path, e))
    }

    fn dir(&self, path: &WorkspacePath) -> Result<Dir, WorkspaceFailure> {
        let mut at = open_dir_at(&self.root, ".").map_err(|e| failure::io(path, e))?;
        for name in path.components() {
            at = open_dir_at(&at, name).map_err(|e| self.explain(path, name, &at, e))?;
        }
        Ok(at)
    }

    fn parent_of<'p>(&self, path: &'p WorkspacePath) -> Result<(Dir, &'p str), WorkspaceFailure> {
        let Some(name) = path.file_name() else {
            return Err(WorkspaceFailure::NotAFile {
                path: path.clone(),
                what: "the workspace folder itself",
            });
        };
        Ok((self.dir(&path.parent())?, name))
    }

    /// Turns the failure to open `name` in `parent` into one that says what to do.
    fn explain(&self, path: &WorkspacePath, name: &str, parent: &Dir, fault: io::Error) -> WorkspaceFailure {
        let meta = parent.symlink_metadata(name).ok();
        if meta.as_ref().is_some_and(|m| m.is_symlink()) {
            return WorkspaceFailure::Link { path: path.clone(), part: name.to_owned() };
        }
        match fault.kind() {
            io::ErrorKind::NotFound => {
                WorkspaceFailure::Missing { path: path.clone(), nearest: nearest_in(parent, name) }
            }
            io::ErrorKind::NotADirectory => {
                WorkspaceFailure::NotAFolder { path: path.clone(), part: name.to_owned() }
            }
            // A socket, or a FIFO opened for writing.
            _ if meta.is_some_and(|m| !m.is_file() && !m.is_dir()) => {
                WorkspaceFailure::NotAFile { path: path.clone(), what: "not a regular file" }
            }
            _ => failure::io(path, fault),
        }
    }
}

/// Opens one component below a handle, never through a link.
fn open_dir_at(parent: &Dir, name: &str) -> io::Result<Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::openat(parent, name, flags, Mode::empty())?;
    Ok(Dir::from_std_file(File::from(fd)))
}

/// Makes a rename or a new entry in this folder survive a power cut.
fn sync_dir(dir: &Dir) -> io::Result<()> {
    rustix::fs::fsync(dir)?;
    Ok(())
}

/// Up to three names of the folder that look like `name`, best first.
fn nearest_in(dir: &Dir, name: &str) -> Vec<String> {
    let Ok(entries) = dir.entries() else { return Vec::new() };
    let names = entries.flatten().take(MAX_ENTRIES).filter_map(|e| e.file_name().into_string().ok());
    let mut scored: Vec<(f64, String)> = names
        .filter(|n| !n.starts_with('.'))
        .map(|n| (strsim::jaro_winkler(&n.to_lowercase(), &name.to_lowercase()), n))
        .filter(|(score, _)| *score >= 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.into_iter().take(3).map(|(_, n)| n).collect()
}
