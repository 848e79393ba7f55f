//! One case of a corpus: `NAME.py` and what must happen, `NAME.toml`. The format is described in `tests/plans/README.md`.

use crate::egress::file;
use crate::kernel::catalogue::Catalogue;
use crate::tool::grants::{self, Named};
use crate::tool::{builtin, listing};
use crate::{tool, worker};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest file of a corpus.
const MAX_BYTES: u64 = 4 << 20;

/// A plan and what must happen to it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file's path below the corpus, without its ending.
    pub name: String,
    /// The plan.
    pub text: String,
    /// Its surroundings and expectations.
    pub sidecar: Sidecar,
    /// What it may call.
    pub catalogue: Arc<Catalogue>,
}

/// `NAME.toml`. An expectation that is absent is not checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sidecar {
    /// One line: what it shows.
    pub about: String,
    /// `builtin`, or a pair of files beside the corpus.
    pub catalogue: String,
    /// The user's words.
    pub request: String,
    /// Where the reply goes; to the user without it.
    pub reply_to: Option<String>,
    /// `ok` or `error`.
    pub check: Option<String>,
    /// Faults that must be found.
    pub errors: Vec<ExpectedError>,
    /// What pre-flight must say, by call site.
    pub predicted: BTreeMap<String, String>,
    /// Files that the user wrote.
    pub trusted_files: Vec<String>,
    /// The workspace.
    pub files: BTreeMap<String, String>,
    /// Honest answers.
    pub worker: Vec<AnswerRule>,
    /// Outputs of tools.
    pub tool: Vec<tool::simulated::Rule>,
    /// Answers of people.
    pub person: Vec<PersonRule>,
    /// What must happen in the run.
    pub run: Option<ExpectedRun>,
}

/// A fault that must be found.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    /// Line and column, as `4:5`; without it any place will do.
    #[serde(default)]
    pub at: String,
    /// A part of its message; without it any message will do.
    #[serde(default)]
    pub says: String,
}

/// An honest answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerRule {
    /// A part of the question.
    pub when: String,
    /// A part of the data.
    pub data: Option<String>,
    /// The answer.
    pub answer: Option<Json>,
    /// There is not enough information.
    #[serde(default)]
    pub none: bool,
}

/// What a person says to one question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonRule {
    /// A part of the question.
    pub question: String,
    /// Yes or no.
    pub granted: bool,
}

/// What must happen in the run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectedRun {
    /// `done`, `waiting`, `refused`, `failed` or `blocked`.
    pub end: Option<String>,
    /// All judged calls in order.
    pub calls: Option<Vec<String>>,
    /// The exact reply.
    pub answer: Option<String>,
    /// Parts of the reply.
    pub answer_contains: Vec<String>,
    /// Whether the reply is trusted.
    pub answer_trusted: Option<bool>,
    /// A part of the failure.
    pub error_says: Option<String>,
    /// Texts that may stand in no error, denial or reply.
    pub withheld: Vec<String>,
}

/// A corpus that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct CaseFailure {
    /// Which file.
    pub file: String,
    /// Why, and what to do.
    pub reason: String,
}

/// Every case below a folder, by name. A plan without a sidecar has the catalogue of its folder's name, or the built-in one.
///
/// # Errors
/// When a file cannot be read or says something unknown.
pub fn load(dir: &Path) -> Result<Vec<Case>, CaseFailure> {
    let failed = |file: &Path, reason: &dyn std::fmt::Display| CaseFailure {
        file: file.display().to_string(),
        reason: reason.to_string(),
    };
    let files: Vec<PathBuf> =
        listing::texts(dir).map_err(|e| failed(dir, &e))?.into_iter().map(|(path, _)| path).collect();
    let mut catalogues: BTreeMap<String, Arc<Catalogue>> = BTreeMap::new();
    let mut cases = Vec::new();
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "py")) {
        let full = dir.join(path);
        let text = file::read_text(&full, MAX_BYTES).map_err(|e| failed(&full, &e))?;
        let beside = path.with_extension("toml");
        let sidecar: Sidecar = if files.contains(&beside) {
            let at = dir.join(&beside);
            let text = file::read_text(&at, MAX_BYTES).map_err(|e| failed(&at, &e))?;
            toml::from_str(&text).map_err(|e| failed(&at, &e))?
        } else {
            let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
            Sidecar { catalogue: folder.to_string_lossy().into_owned(), ..Sidecar::default() }
        };
        let name = sidecar.catalogue.clone();
        let catalogue = match catalogues.get(&name) {
            Some(known) => known.clone(),
            None => {
                let made = Arc::new(catalogue(dir, &name)?);
                catalogues.insert(name, made.clone());
                made
            }
        };
        let name = path.with_extension("").display().to_string();
        cases.push(Case { name, text, sidecar, catalogue });
    }
    if cases.is_empty() {
        return Err(failed(dir, &"there is no plan here: a corpus is a folder with NAME.py and NAME.toml"));
    }
    Ok(cases)
}

/// The built-in tools and, for other names, those of `catalogues/NAME.json` and `.grants.toml` beside the corpus or
/// above it.
fn catalogue(dir: &Path, name: &str) -> Result<Catalogue, CaseFailure> {
    let file = |folder: &Path, ending: &str| folder.join("catalogues").join(format!("{name}{ending}"));
    let folder = dir.ancestors().find(|folder| file(folder, ".json").is_file());
    let Some(folder) = folder else {
        return Ok(Catalogue::new(builtin::tools()));
    };
    let read = |path: PathBuf| {
        let text = file::read_text(&path, MAX_BYTES);
        let shown = path.display().to_string();
        text.map(|t| (shown.clone(), t)).map_err(|e| CaseFailure { file: shown, reason: e.to_string() })
    };
    let (schema_name, schema) = read(file(folder, ".json"))?;
    let (grants_name, rules) = read(file(folder, ".grants.toml"))?;
    let named = |name, text| Named { name, text };
    let granted = grants::load(named(&schema_name, &schema), named(&grants_name, &rules))
        .map_err(|e| CaseFailure { file: grants_name.clone(), reason: e.to_string() })?;
    Ok(Catalogue::new(builtin::tools().into_iter().chain(granted.tools)))
}

impl Case {
    /// The honest worker of the case.
    pub fn honest(&self) -> worker::Scripted {
        let rule = |r: &AnswerRule| worker::scripted::Rule {
            when: r.when.clone(),
            data: r.data.clone(),
            answer: if r.none { Json::Null } else { r.answer.clone().unwrap_or(Json::Null) },
        };
        worker::Scripted::new(self.sidecar.worker.iter().map(rule).collect())
    }
}
