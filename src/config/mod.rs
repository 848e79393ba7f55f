//! Settings: defaults, then `sentinel.toml`, then `SENTINEL_*`; the last one wins. Every fault is told, with the
//! source it comes from.

pub mod document;
mod explain;
mod keys;
mod load;
pub mod name;
mod planner;
pub mod secret;
mod serve;
#[cfg(test)]
mod tests;

pub use explain::{Explained, explain, explain_from};
pub use load::{ConfigFailure, load, load_from};
pub use planner::{PlannerKind, PlannerSettings};
pub use serve::{HttpLimits, LoginSettings, ServeSettings, TlsFiles};

use crate::kernel::port::ApprovalMode;
use std::path::PathBuf;
use std::time::Duration;

/// All settings, one struct a concern.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where things are.
    pub places: Places,
    /// The quarantined model.
    pub worker: WorkerSettings,
    /// Who makes plans.
    pub planner: PlannerSettings,
    /// The HTTP house.
    pub serve: ServeSettings,
    /// How plans and calls are approved.
    pub approval: ApprovalSettings,
    /// How many tasks there may be, and for how long.
    pub tasks: TaskSettings,
    /// What a run may use up.
    pub limits: LimitSettings,
}

/// Where things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `data_dir`: the store.
    pub data: PathBuf,
    /// `workspace_dir`: the user's files, the only ones that tools reach.
    pub workspace: PathBuf,
    /// `policies_dir`: policies, and playbooks in `playbooks/` below.
    pub policies: PathBuf,
}

impl Places {
    /// The folder of the playbooks.
    pub fn playbooks(&self) -> PathBuf {
        self.policies.join("playbooks")
    }
}

/// Which program answers `ask`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerKind {
    /// A server that speaks Ollama's API.
    Ollama,
    /// A confined child process of this program.
    Embedded,
}

/// The quarantined model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerSettings {
    /// `worker`.
    pub kind: WorkerKind,
    /// `ollama_url`.
    pub ollama_url: String,
    /// `ollama_model`.
    pub ollama_model: String,
    /// `worker_model_path`: a GGUF file; where none is set, the one that `scripts/fetch-models` puts down.
    pub model_path: Option<PathBuf>,
    /// `worker_threads`.
    pub threads: usize,
    /// `worker_seconds`: for one question, its retry included.
    pub timeout: Duration,
}

/// How many tasks there may be, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskSettings {
    /// `plan_seconds`: a task whose worker or disk is away is tried again for so long.
    pub patience: Duration,
    /// `run_at_once`: most tasks that run at once; those that wait for a person do not count.
    pub at_once: usize,
    /// `max_tasks`: most tasks under way at once, those that wait for a person included. Each holds a thread and some
    /// 50 KB; more of them queue.
    pub most: usize,
}

/// How plans and calls are approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalSettings {
    /// `approval_mode`.
    pub mode: ApprovalMode,
    /// `trust_level`, 0 or 1: what higher levels would allow is not built yet.
    pub trust_level: u8,
    /// `approval_ttl_seconds`: how long a question waits.
    pub ttl_seconds: u64,
}

/// What a run may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// `max_calls`: calls of tools and worker in one run.
    pub calls: u32,
    /// `max_loop_turns`: turns of all loops in one run.
    pub loop_turns: u32,
    /// `max_value_bytes`: the largest value, and so the largest file.
    pub value_bytes: u64,
}
