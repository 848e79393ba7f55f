//! Every setting with where it comes from, for `serve --print-config`.

use super::load::{ConfigFailure, Loading, merged, ours, show};
use super::{keys, secret};
use std::path::{Path, PathBuf};

/// One setting as it is in force. Secrets are in files and not read here; a password in an address is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The key, as in `sentinel.toml`.
    pub key: &'static str,
    /// The value; `(not set)` where there is none.
    pub value: String,
    /// A file's path, a variable's name, `the defaults`, or that a secret's file lies where it is looked for.
    pub source: String,
}

/// Every setting of this process, in the order of the table of keys.
///
/// # Errors
/// As [`super::load`].
pub fn explain(file: &Path, must_exist: bool) -> Result<Vec<Explained>, ConfigFailure> {
    explain_from(file, must_exist, ours(), &secret::PLACES.map(Path::new))
}

/// Every setting, from a file and from variables given as pairs; secrets that no setting names are looked for in `places`.
///
/// # Errors
/// As [`super::load`].
pub fn explain_from(
    file: &Path,
    must_exist: bool,
    variables: impl IntoIterator<Item = (String, String)>,
    places: &[&Path],
) -> Result<Vec<Explained>, ConfigFailure> {
    let (_, loading) = merged(file, must_exist, variables)?;
    let now = keys::KEYS.iter().map(|key| row(&loading, key.name, places));
    let later = keys::LATER.iter().map(|name| {
        let Explained { key, value, source } = row(&loading, name, places);
        Explained { key, value: format!("{value}, no effect yet"), source }
    });
    Ok(now.chain(later).collect())
}

fn row(loading: &Loading, key: &'static str, places: &[&Path]) -> Explained {
    if let Ok(value) = loading.figment.find_value(key) {
        return Explained { key, value: show(key, &value), source: loading.source_of(key) };
    }
    let (value, source) = match found(key, places) {
        Some(path) => (format!("\"{}\"", path.display()), "a secret's usual place".to_owned()),
        None => ("(not set)".to_owned(), "the defaults".to_owned()),
    };
    Explained { key, value, source }
}

/// The file of a secret that no setting names, as `serve` finds it.
fn found(key: &str, places: &[&Path]) -> Option<PathBuf> {
    let name = match key {
        "pin_file" => secret::PIN,
        "claude_api_key_file" => secret::CLAUDE_API_KEY,
        _ => return None,
    };
    secret::locate(None, name, places)
}
