//! The table of keys: what there is, of which kind, and what it is when nobody sets it.

use serde_json::{Value as Json, json};

/// How the text of a variable is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
}

/// One setting.
#[derive(Debug)]
pub(super) struct Key {
    pub name: &'static str,
    pub kind: Kind,
    /// What is allowed, for messages.
    pub allowed: &'static str,
}

const fn text(name: &'static str, allowed: &'static str) -> Key {
    Key { name, kind: Kind::Text, allowed }
}

const fn number(name: &'static str, allowed: &'static str) -> Key {
    Key { name, kind: Kind::Number, allowed }
}

/// What exists now. `defaults` has one value for each but `worker_model_path`.
pub(super) const KEYS: [Key; 14] = [
    text("data_dir", "a path"),
    text("workspace_dir", "a path"),
    text("policies_dir", "a path"),
    text("worker", "ollama or embedded"),
    text("ollama_url", "an http:// or https:// address"),
    text("ollama_model", "a model's name, such as qwen3:14b"),
    text("worker_model_path", "the path of a GGUF file"),
    number("worker_threads", "a whole number from 1 to 64"),
    text("approval_mode", "full, smart or auto"),
    number("trust_level", "a whole number from 0 to 4"),
    number("approval_ttl_seconds", "a whole number from 1 to 86400"),
    number("max_calls", "a whole number from 1 to 10000"),
    number("max_loop_turns", "a whole number from 1 to 1000000"),
    number("max_value_bytes", "a whole number from 1024 to 67108864"),
];

/// Documented settings whose part does not exist yet. They are accepted, so that one file serves every version, and
/// told as having no effect.
pub(super) const LATER: [&str; 14] = [
    "log_dir",
    "https_port",
    "http_port",
    "bind",
    "allowed_origins",
    "pin_required",
    "pin_file",
    "claude_api_key_file",
    "claude_url",
    "claude_model",
    "planner",
    "embed_model",
    "mcp_enabled",
    "signal_enabled",
];

pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

pub(super) fn defaults() -> Json {
    json!({
        "data_dir": "./data",
        "workspace_dir": "./workspace",
        "policies_dir": "./policies",
        "worker": "embedded",
        "ollama_url": "http://sentinel-ollama:11434",
        "ollama_model": "qwen3:14b",
        "worker_threads": 1,
        "approval_mode": "full",
        "trust_level": 0,
        "approval_ttl_seconds": 300,
        "max_calls": 50,
        "max_loop_turns": 1_000,
        "max_value_bytes": 1_000_000,
    })
}
