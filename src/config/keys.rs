//! The table of keys: what there is, of which kind, and what it is when nobody sets it.

use serde_json::{Value as Json, json};

/// How the text of a variable is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// The address of a server. What it may carry of secrets is never shown.
    Address,
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts; in a variable, divided by commas.
    List,
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

const fn address(name: &'static str, allowed: &'static str) -> Key {
    Key { name, kind: Kind::Address, allowed }
}

const fn number(name: &'static str, allowed: &'static str) -> Key {
    Key { name, kind: Kind::Number, allowed }
}

const fn flag(name: &'static str) -> Key {
    Key { name, kind: Kind::Flag, allowed: "true or false" }
}

const fn list(name: &'static str, allowed: &'static str) -> Key {
    Key { name, kind: Kind::List, allowed }
}

/// What exists now. `defaults` has one value for each but paths that are optional.
pub(super) const KEYS: &[Key] = &[
    text("data_dir", "a path"),
    text("workspace_dir", "a path"),
    text("policies_dir", "a path"),
    text("worker", "ollama or embedded"),
    address("ollama_url", "an http:// or https:// address without ? and #"),
    text("ollama_model", "a model's name, such as qwen3:14b"),
    text("worker_model_path", "the path of a GGUF file"),
    number("worker_threads", "a whole number from 1 to 64"),
    number("worker_seconds", "a whole number from 1 to 3600"),
    text("approval_mode", "full, smart or auto"),
    number("trust_level", "0 or 1 (levels 2 to 4 are not built yet)"),
    number("approval_ttl_seconds", "a whole number from 1 to 86400"),
    number("plan_seconds", "a whole number from 10 to 86400"),
    number("run_at_once", "a whole number from 1 to 256"),
    number("max_tasks", "a whole number from 1 to 4096"),
    number("max_calls", "a whole number from 1 to 10000"),
    number("max_loop_turns", "a whole number from 1 to 1000000"),
    number("max_value_bytes", "a whole number from 1024 to 67108864"),
    text("planner", "claude, ollama, embedded or none"),
    address("claude_url", "an https:// address without ? and #"),
    text("claude_model", "a model's name, such as claude-sonnet-5-5"),
    text("claude_api_key_file", "the path of a file that holds the key"),
    number("planner_seconds", "a whole number from 1 to 1800"),
    text("log_dir", "a path"),
    address(
        "otlp_endpoint",
        "an http:// or https:// address of a collector without ? and #, such as http://127.0.0.1:4318",
    ),
    text("ui_dir", "the path of a folder with the page's files"),
    text("bind", "an address of this machine, such as 127.0.0.1 or 0.0.0.0"),
    number("https_port", "a whole number from 0 to 65535 (0: any free port)"),
    number("http_port", "a whole number from 0 to 65535 (0: no plain port)"),
    list("allowed_origins", "a list of https:// addresses without a path, such as https://home.example:8443"),
    list("trusted_proxies", "a list of addresses or networks, such as 10.0.0.2 or 10.0.0.0/24"),
    flag("pin_required"),
    text("pin_file", "the path of a file that holds the PIN"),
    text("tls_cert_file", "the path of a PEM certificate chain, with tls_key_file"),
    text("tls_key_file", "the path of its PEM key, with tls_cert_file"),
    list("tls_names", "a list of host names and addresses for the certificate that is made at first start"),
    number("task_per_minute", "a whole number from 1 to 1000000"),
    number("request_per_minute", "a whole number from 10 to 10000000"),
    number("body_bytes", "a whole number from 1024 to 67108864"),
    number("body_seconds", "a whole number from 1 to 600"),
    number("header_bytes", "a whole number from 8192 to 262144"),
    number("header_seconds", "a whole number from 1 to 60"),
    number("max_connections", "a whole number from 8 to 10000"),
    number("max_connections_per_address", "a whole number from 1 to 10000"),
    number("drain_seconds", "a whole number from 0 to 300"),
    number("login_tries", "a whole number from 1 to 20"),
    number("login_tries_global", "a whole number from 1 to 1000"),
    number("session_idle_minutes", "a whole number from 1 to 1440"),
    number("session_hours", "a whole number from 1 to 168"),
];

/// Documented settings whose part does not exist yet. They are accepted, so that one file serves every version, and
/// told as having no effect.
pub(super) const LATER: &[&str] = &["embed_model", "mcp_enabled", "signal_enabled"];

pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

pub(super) fn defaults() -> Json {
    let values = [
        ("data_dir", json!("./data")),
        ("workspace_dir", json!("./workspace")),
        ("policies_dir", json!("./policies")),
        ("worker", json!("embedded")),
        ("ollama_url", json!("http://sentinel-ollama:11434")),
        ("ollama_model", json!("qwen3:14b")),
        ("worker_threads", json!(1)),
        ("worker_seconds", json!(480)),
        ("approval_mode", json!("full")),
        ("trust_level", json!(0)),
        ("approval_ttl_seconds", json!(300)),
        ("plan_seconds", json!(1_500)),
        ("run_at_once", json!(32)),
        ("max_tasks", json!(256)),
        ("max_calls", json!(50)),
        ("max_loop_turns", json!(1_000)),
        ("max_value_bytes", json!(1_000_000)),
        ("planner", json!("none")),
        ("claude_url", json!("https://api.anthropic.com")),
        ("claude_model", json!("claude-sonnet-5-5")),
        ("planner_seconds", json!(120)),
        ("log_dir", json!("./logs")),
        ("bind", json!("127.0.0.1")),
        ("https_port", json!(8443)),
        ("http_port", json!(8080)),
        ("allowed_origins", json!([])),
        ("trusted_proxies", json!([])),
        ("pin_required", json!(true)),
        ("tls_names", json!([])),
        ("task_per_minute", json!(10)),
        ("request_per_minute", json!(600)),
        ("body_bytes", json!(1_000_000)),
        ("body_seconds", json!(30)),
        ("header_bytes", json!(16_384)),
        ("header_seconds", json!(10)),
        ("max_connections", json!(256)),
        ("max_connections_per_address", json!(64)),
        ("drain_seconds", json!(30)),
        ("login_tries", json!(5)),
        ("login_tries_global", json!(20)),
        ("session_idle_minutes", json!(30)),
        ("session_hours", json!(12)),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
