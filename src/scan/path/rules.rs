//! The rules about paths.

use super::canonical::Lead;
use crate::kernel::port::Severity;
use crate::scan::patterns::{self, Case, Layout, Set};
use aho_corasick::AhoCorasick;
use serde::Deserialize;
use std::sync::LazyLock;

const FILE: &str = include_str!("rules.toml");

/// Largest compiled set of patterns, in bytes.
const SIZE: usize = 4 << 20;

/// A rule as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) severity: Severity,
    pub(super) reason: String,
    /// Whole paths, whatever their case.
    #[serde(default)]
    paths: Vec<String>,
    /// What is odd about the way it is written.
    lead: Option<String>,
    /// A name so common that it counts in words only with a folder before it.
    #[serde(default)]
    pub(super) is_common: bool,
    /// A file that some programs are there to use.
    #[serde(default)]
    pub(super) is_tool: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    markers: Vec<String>,
    rule: Vec<Rule>,
}

/// The rules, compiled.
pub(super) struct Rules {
    all: Vec<Rule>,
    paths: Set,
    of_paths: Vec<usize>,
    leads: Vec<(Lead, usize)>,
    markers: AhoCorasick,
}

/// Compiled at the first scan, in some milliseconds.
static RULES: LazyLock<Result<Rules, String>> = LazyLock::new(|| Rules::read(FILE));

/// The rules of the file.
///
/// # Errors
/// When they do not compile.
pub(super) fn rules() -> Result<&'static Rules, &'static str> {
    RULES.as_ref().map_err(String::as_str)
}

impl Rules {
    fn read(file: &str) -> Result<Self, String> {
        let file: File = toml::from_str(file).map_err(|e| e.to_string())?;
        let (mut written, mut of_paths, mut leads) = (Vec::new(), Vec::new(), Vec::new());
        for (n, rule) in file.rule.iter().enumerate() {
            written.extend(rule.paths.iter().map(|path| format!("^(?:{path})$")));
            of_paths.extend(rule.paths.iter().map(|_| n));
            if let Some(name) = &rule.lead {
                let lead = lead(name).ok_or_else(|| format!("{}: nothing is called {name}", rule.id))?;
                leads.push((lead, n));
            }
        }
        let paths = Set::new(&written, Case::Ignored, SIZE)?;
        let markers = patterns::markers(&file.markers, Case::Ignored, Layout::Table)?;
        Ok(Self { all: file.rule, paths, of_paths, leads, markers })
    }

    /// Where something of a rule stands, in order.
    pub(super) fn markers(&self, text: &str) -> impl Iterator<Item = usize> {
        self.markers.find_iter(text).map(|found| found.start())
    }

    /// The rules that are about paths, once for each path.
    #[cfg(test)]
    pub(super) fn of_paths(&self) -> impl Iterator<Item = &Rule> {
        self.of_paths.iter().filter_map(|n| self.all.get(*n))
    }

    /// The rules that hold for a path.
    pub(super) fn of(&self, path: &str, leads: &[Lead]) -> Vec<&Rule> {
        let by_path = self.paths.matches(path.as_bytes()).into_iter().filter_map(|n| self.of_paths.get(n));
        let by_lead = self.leads.iter().filter(|(lead, _)| leads.contains(lead)).map(|(_, n)| n);
        by_path.chain(by_lead).filter_map(|n| self.all.get(*n)).collect()
    }
}

fn lead(name: &str) -> Option<Lead> {
    match name {
        "disguised" => Some(Lead::Disguised),
        "up" => Some(Lead::Up),
        "nul" => Some(Lead::Nul),
        "share" => Some(Lead::Share),
        "device" => Some(Lead::Device),
        _ => None,
    }
}
