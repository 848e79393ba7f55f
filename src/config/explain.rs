//! Every setting with where it comes from, for `serve --print-config`.

use super::keys;
use super::load::{ConfigFailure, Loading, merged, ours, show};
use std::path::Path;

/// One setting as it is in force. Secrets are in files and not read here; a password in an address is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The key, as in `sentinel.toml`.
    pub key: &'static str,
    /// The value; `(not set)` where there is none.
    pub value: String,
    /// A file's path, a variable's name, or `the defaults`.
    pub source: String,
}

/// Every setting of this process, in the order of the table of keys.
///
/// # Errors
/// As [`super::load`].
pub fn explain(file: &Path, must_exist: bool) -> Result<Vec<Explained>, ConfigFailure> {
    explain_from(file, must_exist, ours())
}

/// Every setting, from a file and from variables given as pairs.
///
/// # Errors
/// As [`super::load`].
pub fn explain_from(
    file: &Path,
    must_exist: bool,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Vec<Explained>, ConfigFailure> {
    let (_, loading) = merged(file, must_exist, variables)?;
    let now = keys::KEYS.iter().map(|key| row(&loading, key.name));
    let later = keys::LATER.iter().map(|name| {
        let Explained { key, value, source } = row(&loading, name);
        Explained { key, value: format!("{value}, no effect yet"), source }
    });
    Ok(now.chain(later).collect())
}

fn row(loading: &Loading, key: &'static str) -> Explained {
    match loading.figment.find_value(key) {
        Ok(value) => Explained { key, value: show(&value), source: loading.source_of(key) },
        Err(_) => Explained { key, value: "(not set)".to_owned(), source: "the defaults".to_owned() },
    }
}
