//! Who makes plans.

use super::load::Loading;
use std::path::PathBuf;

/// Which program drafts plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannerKind {
    /// The Claude API.
    Claude,
    /// A server that speaks Ollama's API.
    Ollama,
    /// A confined child process of this program.
    Embedded,
    /// Nobody: plans come with the request, or from playbooks.
    None,
}

/// Who makes plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannerSettings {
    /// `planner`.
    pub kind: PlannerKind,
    /// `claude_url`.
    pub claude_url: String,
    /// `claude_model`.
    pub claude_model: String,
    /// `claude_api_key_file`; where none is named, the secret `claude_api_key` (see `config::secret`).
    pub claude_api_key_file: Option<PathBuf>,
}

impl Loading {
    pub(super) fn planner(&mut self) -> Option<PlannerSettings> {
        let kind = self.value("planner");
        let claude_url = self.checked("claude_url", |url: &String| {
            url.starts_with("https://")
                || url.starts_with("http://127.0.0.1")
                || url.starts_with("http://localhost")
        });
        let claude_model = self.checked("claude_model", |name: &String| !name.trim().is_empty());
        let claude_api_key_file = self.optional_path("claude_api_key_file");
        Some(PlannerSettings {
            kind: kind?,
            claude_url: claude_url?,
            claude_model: claude_model?,
            claude_api_key_file,
        })
    }
}
