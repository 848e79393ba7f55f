//! Playbooks: named plans with typed parameters, kept beside the policies.
//!
//! `NAME.py` is the plan. What it takes stands in TOML: in the comment lines that the file begins with, between
//! `# ---` and `# ---`, or in a file `NAME.toml` beside it.
//!
//! ```text
//! # ---
//! # title = "Pay what is due"
//! # description = "Reads the inbox and writes a list."
//! # [[param]]
//! # name = "folder"
//! # type = "str"             # str, int, float, bool, date or list[str]
//! # default = "inbox"
//! # doc = "where the invoices are"
//! # ---
//! ```
//!
//! Values are bound as literals of the plan, so they are as trusted as the plan: whoever gives them is the user.

mod header;
mod literal;
#[cfg(test)]
mod tests;

pub use header::{Param, ParamType};
pub use literal::{ParamValue, quote};

use crate::config::name::nearest;
use crate::egress::workspace::{EntryKind, Workspace, WorkspacePath};
use crate::kernel::id::Digest;
use indexmap::IndexMap;
use std::path::Path;
use std::sync::Arc;

/// Largest playbook, in bytes.
const MAX_BYTES: u64 = 256 * 1024;

/// A named plan with parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    /// The file's name without its ending.
    pub name: Arc<str>,
    /// A few words, for lists.
    pub title: String,
    /// What it does, for the person who approves it.
    pub description: String,
    /// In the order of the header.
    pub params: Vec<Param>,
    /// The plan as it stands in the file, header comments included.
    pub text: String,
    /// Over plan and header: what an approval is pinned to. Parameter values are not part of it.
    pub digest: Digest,
}

/// A playbook that cannot be used, or values that do not fit it.
#[derive(Debug, thiserror::Error)]
pub enum PlaybookFailure {
    /// The folder or a file of it cannot be read.
    #[error("the playbook file {file} cannot be read: {reason}")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why.
        reason: String,
    },
    /// There is none of this name.
    #[error("there is no playbook `{name}`{hint}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// What there is.
        hint: String,
    },
    /// The header is wrong. All faults of the file, one a line.
    #[error("{}", faults.join("\n"))]
    BadHeader {
        /// Each with file, line and what to do.
        faults: Vec<String>,
    },
    /// The parameter values do not fit. All faults, one a line.
    #[error("{}", faults.join("\n"))]
    BadParams {
        /// Each with the parameter and what to do.
        faults: Vec<String>,
    },
}

/// A playbook of a folder, or its fault.
#[derive(Debug)]
pub struct Listed {
    /// The file's name without its ending.
    pub name: Arc<str>,
    /// What it holds.
    pub playbook: Result<Playbook, PlaybookFailure>,
}

/// Every playbook of a folder, by name; a faulty one is listed with its fault, so that one does not hide the others.
///
/// # Errors
/// When the folder cannot be listed. A folder that is not there holds none.
pub fn list(dir: &Path) -> Result<Vec<Listed>, PlaybookFailure> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = |reason| PlaybookFailure::Unreadable { file: dir.display().to_string(), reason };
    let folder = Workspace::open(dir).map_err(|e| unreadable(e.to_string()))?;
    let root = WorkspacePath::parse(".").map_err(|e| unreadable(e.to_string()))?;
    let entries = folder.list(&root).map_err(|e| unreadable(e.to_string()))?;
    let files = entries.into_iter().filter(|e| e.kind == EntryKind::File);
    let names = files.filter_map(|e| e.name.strip_suffix(".py").map(str::to_owned));
    Ok(names.map(|name| Listed { playbook: load(&folder, &name), name: Arc::from(name) }).collect())
}

/// The playbook `name` of a folder.
///
/// # Errors
/// When there is none of this name, it cannot be read, or its header is wrong.
pub fn find(dir: &Path, name: &str) -> Result<Playbook, PlaybookFailure> {
    let all = list(dir)?;
    let names: Vec<Arc<str>> = all.iter().map(|listed| listed.name.clone()).collect();
    if let Some(found) = all.into_iter().find(|listed| listed.name.as_ref() == name) {
        return found.playbook;
    }
    let hint = match nearest(name, names.iter().map(AsRef::as_ref)) {
        Some(best) => format!("; did you mean `{best}`?"),
        None if names.is_empty() => "; there are none in the policies' folder `playbooks`".to_owned(),
        None => format!("; there are {}", names.join(", ")),
    };
    Err(PlaybookFailure::Unknown { name: name.to_owned(), hint })
}

fn load(folder: &Workspace, name: &str) -> Result<Playbook, PlaybookFailure> {
    let text = read(folder, &format!("{name}.py"))?;
    let sidecar = format!("{name}.toml");
    let sidecar = if folder.root().join(&sidecar).exists() { Some(read(folder, &sidecar)?) } else { None };
    Playbook::parse(name, &text, sidecar.as_deref())
}

fn read(folder: &Workspace, file: &str) -> Result<String, PlaybookFailure> {
    let unreadable = |reason| PlaybookFailure::Unreadable { file: file.to_owned(), reason };
    let path = WorkspacePath::parse(file).map_err(|e| unreadable(e.to_string()))?;
    let bytes = folder.read(&path, MAX_BYTES).map_err(|e| unreadable(e.to_string()))?;
    String::from_utf8(bytes)
        .map_err(|e| unreadable(format!("byte {} is not UTF-8", e.utf8_error().valid_up_to())))
}

impl Playbook {
    /// Reads a playbook from its texts; `sidecar` is the content of `NAME.toml` where there is one.
    ///
    /// # Errors
    /// [`PlaybookFailure::BadHeader`] with every fault.
    pub fn parse(name: &str, text: &str, sidecar: Option<&str>) -> Result<Self, PlaybookFailure> {
        let text = super::from_file(text);
        let header = header::read(name, &text, sidecar)?;
        let digest = Digest::of_parts([text.as_bytes(), sidecar.unwrap_or_default().as_bytes()]);
        Ok(Self {
            name: Arc::from(name),
            title: header.title,
            description: header.description,
            params: header.params,
            text,
            digest,
        })
    }

    /// Checks `NAME=VALUE` pairs, as the command line takes them, against the parameters and fills in defaults.
    ///
    /// # Errors
    /// [`PlaybookFailure::BadParams`] with every fault: unknown, doubled, missing or of the wrong type.
    pub fn values<'a>(
        &self,
        pairs: impl IntoIterator<Item = &'a str>,
    ) -> Result<IndexMap<Arc<str>, ParamValue>, PlaybookFailure> {
        let mut faults = Vec::new();
        let mut given: IndexMap<Arc<str>, ParamValue> = IndexMap::new();
        for pair in pairs {
            let Some((name, raw)) = pair.split_once('=') else {
                faults.push(format!("--param {pair}: write it as NAME=VALUE"));
                continue;
            };
            let name = name.trim();
            let Some(param) = self.params.iter().find(|p| p.name.as_ref() == name) else {
                faults.push(format!("--param {name}: {}", self.unknown(name)));
                continue;
            };
            match param.ty.read(raw) {
                Ok(value) if !given.contains_key(name) => {
                    given.insert(param.name.clone(), value);
                }
                Ok(_) => faults.push(format!("--param {name}: given twice")),
                Err(why) => faults.push(format!("--param {name}: {why}")),
            }
        }
        let mut values = IndexMap::new();
        for param in &self.params {
            match given.swap_remove(&param.name).or_else(|| param.default.clone()) {
                Some(value) => {
                    values.insert(param.name.clone(), value);
                }
                // A value that was given and is wrong is already told.
                None if faults.iter().any(|f| f.starts_with(&format!("--param {}:", param.name))) => {}
                None => faults.push(format!(
                    "--param {}: missing; the playbook `{}` needs it ({}{})",
                    param.name,
                    self.name,
                    param.ty,
                    if param.doc.is_empty() { String::new() } else { format!(": {}", param.doc) },
                )),
            }
        }
        if faults.is_empty() { Ok(values) } else { Err(PlaybookFailure::BadParams { faults }) }
    }

    /// The plan with its parameters bound: one line of assignments before the text. So line `n` of the plan that the
    /// kernel sees is line `n - 1` of the file, and without parameters the lines are the same
    /// (see [`Playbook::lines_before`]).
    pub fn plan(&self, values: &IndexMap<Arc<str>, ParamValue>) -> String {
        if values.is_empty() {
            return self.text.clone();
        }
        let bindings: Vec<String> =
            values.iter().map(|(name, value)| format!("{name} = {}", value.literal())).collect();
        format!("{}\n{}", bindings.join("; "), self.text)
    }

    /// How many lines [`Playbook::plan`] puts before the text.
    pub fn lines_before(&self) -> usize {
        usize::from(!self.params.is_empty())
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<&str> = self.params.iter().map(|p| p.name.as_ref()).collect();
        match nearest(name, names.iter().copied()) {
            Some(best) => {
                format!("the playbook `{}` has no such parameter; did you mean `{best}`?", self.name)
            }
            None if names.is_empty() => format!("the playbook `{}` takes no parameters", self.name),
            None => {
                format!("the playbook `{}` has no such parameter; it has {}", self.name, names.join(", "))
            }
        }
    }
}
