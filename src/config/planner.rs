//! Who makes plans.

use super::load::{Loading, is_address};
use std::path::PathBuf;
use std::time::Duration;

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
    /// `planner_seconds`: for one draft with all its attempts and pauses.
    pub timeout: Duration,
}

impl Loading {
    pub(super) fn planner(&mut self) -> Option<PlannerSettings> {
        let kind = self.value("planner");
        let claude_url = self.checked("claude_url", |url: &String| {
            is_address(url) && (url.starts_with("https://") || is_local(url))
        });
        let claude_model = self.checked("claude_model", |name: &String| !name.trim().is_empty());
        let claude_api_key_file = self.optional_path("claude_api_key_file");
        let seconds = self.number("planner_seconds", 1..=1_800);
        Some(PlannerSettings {
            kind: kind?,
            claude_url: claude_url?,
            claude_model: claude_model?,
            claude_api_key_file,
            timeout: Duration::from_secs(seconds?),
        })
    }
}

/// Plain HTTP to this machine itself, by one of its own names and nothing that only begins like one.
fn is_local(url: &str) -> bool {
    let rest = url.strip_prefix("http://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _port)| host);
    matches!(host, "127.0.0.1" | "localhost")
}
