//! What only this user may read: the data directory, what lies in it, and the files of secrets.

#[cfg(test)]
mod tests;

use super::{Gap, Tried};
use crate::egress::file::FileFailure;
use crate::egress::standing::{self, Standing};
use std::path::{Path, PathBuf};

/// The data directory and every file in it belong to this user, and nobody else may look inside.
///
/// # Errors
/// The first that does not, or that there is no data directory.
pub fn data(folder: &Path) -> Tried {
    let gone = |e: FileFailure| Gap::new(e.to_string(), "run `sentinel serve` once, which makes it");
    let mut all = standing::of_files_in(folder).map_err(gone)?;
    let files = all.len();
    all.push(standing::of(folder).map_err(gone)?);
    private(&all)?;
    Ok(format!(
        "the data directory and the {files} files in it belong to this user, and nobody else may look inside"
    ))
}

/// The files that hold secrets. Read by nobody else; the system's own user may have put them there, as containers do.
///
/// # Errors
/// The first that others may read, or that is not there.
pub fn secrets(files: &[PathBuf]) -> Tried {
    let mut all = Vec::new();
    for file in files {
        let found = standing::of(file);
        all.push(found.map_err(|e| Gap::new(e.to_string(), "write the secret there, or name another file"))?);
    }
    private(&all)?;
    Ok(match all.len() {
        0 => "there is no file of a secret".to_owned(),
        n => format!("{n} files of secrets may be read by nobody else"),
    })
}

fn private(all: &[Standing]) -> Result<(), Gap> {
    let own = [standing::own_user(), 0];
    for Standing { path, owner, .. } in all {
        if !own.contains(owner) {
            let found = format!("{} belongs to user {owner} and not to this one", path.display());
            return Err(Gap::new(found, format!("chown it to user {}", standing::own_user())));
        }
    }
    match all.iter().find(|standing| !standing.is_private()) {
        None => Ok(()),
        Some(Standing { path, mode, .. }) => Err(Gap::new(
            format!("others may reach {} (mode {mode:o})", path.display()),
            format!("chmod go= {}", path.display()),
        )),
    }
}
