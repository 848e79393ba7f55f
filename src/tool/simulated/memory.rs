//! The built-in file tools over a map in memory. Paths are read as the real workspace reads them.

use crate::egress::workspace::WorkspacePath;
use crate::kernel::id::Digest;
use crate::kernel::port::{FileFact, ToolFailure, ToolOutput};
use crate::tool::builtin;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct MemoryFiles {
    texts: BTreeMap<String, String>,
    folders: BTreeSet<String>,
}

impl MemoryFiles {
    pub fn new(texts: BTreeMap<String, String>) -> Self {
        let mut folders = BTreeSet::from([".".to_owned()]);
        texts.keys().for_each(|path| folders.extend(parents(path)));
        Self { texts, folders }
    }

    pub fn texts(&self) -> BTreeMap<String, String> {
        self.texts.clone()
    }

    /// Performs a call of a file tool; `None` when it is another tool's.
    pub fn invoke(
        &mut self,
        tool: &str,
        args: &Map<String, Json>,
    ) -> Option<Result<ToolOutput, ToolFailure>> {
        let text = |name: &str| args.get(name).and_then(Json::as_str);
        let path = match WorkspacePath::parse(text("path").unwrap_or(".")) {
            Ok(path) => path,
            Err(fault) => return Some(Err(ToolFailure { message: fault.to_string() })),
        };
        match tool {
            builtin::FILE_READ => Some(self.read(path.as_str())),
            builtin::FILE_WRITE => Some(self.write(path.as_str(), text("content").unwrap_or_default())),
            builtin::LIST_DIR => Some(self.list(&path)),
            builtin::MKDIR => {
                self.folders.insert(path.as_str().to_owned());
                self.folders.extend(parents(path.as_str()));
                Some(Ok(ToolOutput { value: json!({"path": path.as_str()}), file: None }))
            }
            _ => None,
        }
    }

    fn read(&self, path: &str) -> Result<ToolOutput, ToolFailure> {
        let text = self.texts.get(path).ok_or_else(|| missing(path))?;
        Ok(ToolOutput { value: json!(text), file: Some(fact(path, text)) })
    }

    fn write(&mut self, path: &str, text: &str) -> Result<ToolOutput, ToolFailure> {
        if parents(path).next().is_some_and(|parent| !self.folders.contains(&parent)) {
            return Err(ToolFailure { message: format!("the folder of `{path}` does not exist") });
        }
        if self.folders.contains(path) {
            return Err(ToolFailure { message: format!("`{path}` is a folder") });
        }
        self.texts.insert(path.to_owned(), text.to_owned());
        Ok(ToolOutput { value: json!({"path": path, "bytes": text.len()}), file: Some(fact(path, text)) })
    }

    fn list(&self, folder: &WorkspacePath) -> Result<ToolOutput, ToolFailure> {
        if !self.folders.contains(folder.as_str()) {
            return Err(missing(folder.as_str()));
        }
        let inside = |path: &str| {
            let name = match folder.as_str() {
                "." => path,
                folder => path.strip_prefix(folder)?.strip_prefix('/')?,
            };
            (!name.is_empty() && !name.starts_with('.') && !name.contains('/')).then(|| name.to_owned())
        };
        let files = self.texts.iter().filter_map(|(path, text)| Some((inside(path)?, "file", text.len())));
        let folders = self.folders.iter().filter_map(|path| Some((inside(path)?, "dir", 0)));
        let rows: BTreeMap<String, Json> = files
            .chain(folders)
            .map(|(name, kind, size)| {
                let path = folder.join(&name);
                (name.clone(), json!({"name": name, "path": path, "kind": kind, "size": size}))
            })
            .collect();
        Ok(ToolOutput { value: rows.into_values().collect(), file: None })
    }
}

/// The folders above a path, the nearest first; the workspace itself is `.`.
fn parents(path: &str) -> impl Iterator<Item = String> {
    std::iter::successors(path.rsplit_once('/').map(|(parent, _)| parent), |path| {
        path.rsplit_once('/').map(|(parent, _)| parent)
    })
    .map(str::to_owned)
}

fn fact(path: &str, text: &str) -> FileFact {
    FileFact { path: path.to_owned(), digest: Digest::of(text.as_bytes()) }
}

fn missing(path: &str) -> ToolFailure {
    ToolFailure { message: format!("`{path}` does not exist") }
}
