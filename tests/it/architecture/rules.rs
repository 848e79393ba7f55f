//! The tables and the rules. A rule takes facts and returns every place that breaks it.

use super::facts::{Facts, Found};
use std::collections::BTreeSet;

/// Which room stands on which floor; a room is a folder or a file directly below `src`.
const FLOORS: &[(u8, &[&str])] = &[
    (5, &["main", "app", "lib"]),
    (4, &["http", "mcp", "channel", "cli"]),
    (3, &["doctor", "eval", "flow"]),
    (2, &["planner", "worker", "scan", "policy", "approval", "tool", "memory", "session"]),
    (1, &["store", "bus", "config", "egress", "shell", "telemetry"]),
    (0, &["kernel"]),
];

/// Imports between two rooms of one floor that are part of the design. None on floor 2, ever.
pub const SIDEWAYS: &[(&str, &str)] =
    &[("eval", "flow"), ("doctor", "eval"), ("doctor", "flow"), ("bus", "store")];

/// The one place besides egress that names `Command`: it tries to start a process, which must be refused.
const CONFINEMENT_PROBES: &str = "worker/embedded/confinement";

/// One heavy crate, one folder: what may be named only below these places (relative to `src`, without `.rs`).
const HOMES: &[(&str, &[&str])] = &[
    ("aho_corasick", &["scan", "session/mark", "worker/spotlight/rolling"]),
    ("anyhow", &["main"]),
    ("argon2", &["http/auth"]),
    ("axum", &["http", "mcp"]),
    ("brush_parser", &["shell"]),
    ("candle_core", &["worker"]),
    ("candle_nn", &["worker"]),
    ("candle_transformers", &["worker"]),
    ("cap_std", &["egress"]),
    ("cedar_policy", &["policy"]),
    ("cedar_policy_core", &["policy"]),
    ("clap", &["cli", "main"]),
    ("figment", &["config"]),
    ("flate2", &["http/assets"]),
    ("governor", &["http"]),
    ("hyper", &["http"]),
    ("hyper_util", &["http"]),
    ("landlock", &["egress", "worker"]),
    ("libc", &["app"]),
    ("llguidance", &["worker"]),
    ("ollama_rs", &["worker"]),
    ("opentelemetry_proto", &["telemetry"]),
    ("prometheus_client", &["telemetry"]),
    ("prost", &["telemetry"]),
    ("psl", &["scan/exfiltration"]),
    ("pulldown_cmark", &["scan/exfiltration"]),
    ("rcgen", &["http"]),
    ("regex_automata", &["scan/patterns", "scan/credential/rule"]),
    ("reqwest", &["egress"]),
    ("ring", &["http"]),
    ("rmcp", &["mcp", "tool/mcp_client"]),
    ("ruff_python_ast", &["kernel/plan"]),
    ("ruff_python_parser", &["kernel/plan"]),
    ("ruff_text_size", &["kernel/plan"]),
    ("rusqlite", &["store"]),
    ("rustrict", &["scan/toxicity"]),
    ("secrecy", &["app", "cli", "config", "doctor", "http", "planner"]),
    ("rustls", &["http"]),
    ("similar", &["flow/change"]),
    ("seccompiler", &["egress", "worker"]),
    ("std::process::Command", &["egress", CONFINEMENT_PROBES]),
    ("tantivy", &["memory"]),
    ("tokenizers", &["worker"]),
    ("tokio::process", &["egress"]),
    ("tokio_rustls", &["http"]),
    ("toktrie", &["worker"]),
    ("tracing_appender", &["telemetry"]),
    ("tracing_subscriber", &["telemetry"]),
    ("tower_http", &["http"]),
    ("tree_sitter", &["scan/code"]),
    ("tree_sitter_bash", &["scan/code"]),
    ("tree_sitter_c", &["scan/code"]),
    ("tree_sitter_go", &["scan/code"]),
    ("tree_sitter_java", &["scan/code"]),
    ("tree_sitter_php", &["scan/code"]),
    ("tree_sitter_python", &["scan/code"]),
    ("tree_sitter_rust", &["scan/code"]),
    ("tree_sitter_typescript", &["scan/code"]),
    ("tungstenite", &["http"]),
    ("utoipa", &["http"]),
    ("x509_parser", &["http"]),
];

/// The crates of the trusted base. Whoever adds one adds it to what an auditor of Sentinel must read.
const KERNEL_CRATES: &[&str] = &[
    "iban_validate",
    "indexmap",
    "jiff",
    "regex",
    "ruff_python_ast",
    "ruff_python_parser",
    "ruff_text_size",
    "rust_decimal",
    "serde",
    "serde_json",
    "sha2",
    "stacker",
    "strsim",
    "thiserror",
    "unicode_normalization",
    "unicode_width",
];

/// What would let the kernel act, wait or look at a clock. `std` and `core` are one here.
const KERNEL_NEVER: &[&str] = &[
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "std::env",
    "std::fs",
    "std::io::stderr",
    "std::io::stdin",
    "std::io::stdout",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "tokio",
];

/// Proofs that a gate was passed, besides every `pub struct` of `kernel/gate`.
const PROOFS: &[&str] =
    &["ApprovedPlan", "CheckedPlan", "PendingCall", "Permitted", "Released", "Returned", "Screened"];

/// Structs of `kernel/gate` that prove nothing: reports and questions, which may be copied freely.
pub const NOT_PROOFS: &[&str] = &["Answer", "Edit", "Question", "Remembered", "Request", "Terms"];

/// How one could get a second proof, or one without the check.
const FORGERIES: &[&str] = &["Clone", "Copy", "Default", "Deserialize"];

/// How a labelled value would come out of its label.
const LEAKS: &[&str] =
    &["AsRef", "Borrow", "Deref", "DerefMut", "Display", "IntoIterator", "Serialize", "ToString"];

const ROOMLESS: &[&str] = &["common", "helper", "helpers", "misc", "prelude", "util", "utils"];

/// What may stand at the top of the repository.
const TOP_LEVEL: &[&str] = &[
    ".ci",
    ".git",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "benches",
    "clippy.toml",
    "containers",
    "docs",
    "deny.toml",
    "examples",
    "justfile",
    "podman-compose.yml",
    "policies",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "scripts",
    "secrets",
    "src",
    "static",
    "tests",
];

/// Lines after which a file should be split, and after which it must be.
pub const LONG: usize = 400;
pub const TOO_LONG: usize = 700;

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(_, rooms)| rooms.contains(&room)).map(|(n, _)| *n)
}

fn at(facts: &Facts, line: usize, what: impl AsRef<str>) -> String {
    format!("{}:{line}: {}", facts.path, what.as_ref())
}

/// Every room has a floor, and imports point down only.
pub fn floors(tree: &[Facts]) -> Vec<String> {
    let mut out = Vec::new();
    for facts in tree {
        let Some(room) = facts.room() else { continue };
        match floor(room) {
            None => out.push(at(facts, 1, format!("`{room}` has no floor: give it one in FLOORS"))),
            Some(5) => {}
            Some(own) => out.extend(facts.paths.iter().filter_map(|path| upward(facts, room, own, path))),
        }
    }
    out
}

fn upward(facts: &Facts, room: &str, own: u8, path: &Found) -> Option<String> {
    if path.segments.first()? != "crate" {
        return None;
    }
    let target = match path.segments.get(1).map(String::as_str) {
        None | Some("*") => return Some(at(facts, path.line, "names the whole crate: name the room")),
        Some(target) => target,
    };
    let name = format!("{room} (floor {own}) uses {}", path.segments.join("::"));
    match floor(target) {
        _ if target == room || SIDEWAYS.contains(&(room, target)) => None,
        Some(theirs) if theirs < own => None,
        Some(theirs) => {
            Some(at(facts, path.line, format!("{name}, which is on floor {theirs}: imports point down")))
        }
        None => Some(at(facts, path.line, format!("{name}, which is no room"))),
    }
}

/// A heavy crate is named in its own folder only, so that it can be replaced there.
pub fn homes(tree: &[Facts]) -> Vec<String> {
    let mut out = Vec::new();
    for facts in tree.iter().filter(|f| !f.is_test()) {
        let place = facts.path.strip_prefix("src/").unwrap_or(&facts.path).trim_end_matches(".rs");
        for path in &facts.paths {
            let names = |of: &&(&str, &[&str])| reaches(&path.segments, of.0);
            for (krate, places) in HOMES.iter().filter(names) {
                let lives_in = |home: &str| place == home || place.starts_with(&format!("{home}/"));
                if !places.iter().any(|home| lives_in(home)) {
                    out.push(at(facts, path.line, format!("{krate} lives in {}", places.join(", "))));
                }
            }
        }
    }
    out
}

/// Whether a path names `target` or something inside it, or imports everything around it.
fn reaches(segments: &[String], target: &str) -> bool {
    let target: Vec<&str> = target.split("::").collect();
    let root = |s: &str| if s == "core" || s == "alloc" { "std".to_owned() } else { s.to_owned() };
    let mut pairs = segments.iter().zip(&target).enumerate();
    let agree = pairs.all(|(n, (s, t))| s == "*" || if n == 0 { root(s) == *t } else { s == t });
    agree && (segments.len() >= target.len() || segments.last().is_some_and(|s| s == "*"))
}

/// The kernel does not act: no I/O, clock, thread or runtime, and only the crates an auditor agreed to read.
pub fn kernel_is_pure(tree: &[Facts], dependencies: &BTreeSet<String>) -> Vec<String> {
    let mut out = Vec::new();
    for facts in tree.iter().filter(|f| f.room() == Some("kernel") && !f.is_test()) {
        for path in &facts.paths {
            let name = path.segments.join("::");
            if let Some(never) = KERNEL_NEVER.iter().find(|never| reaches(&path.segments, never)) {
                out.push(at(
                    facts,
                    path.line,
                    format!("the kernel asks and never acts, but uses {never} ({name})"),
                ));
            }
            let first = path.segments.first().map_or("", String::as_str);
            if dependencies.contains(first) && !KERNEL_CRATES.contains(&first) {
                out.push(at(facts, path.line, format!("{first} is not one of the trusted base's crates")));
            }
        }
    }
    out
}

/// The names of all proofs in the tree.
fn proofs(tree: &[Facts]) -> BTreeSet<&str> {
    let in_gate = tree.iter().filter(|f| f.path.starts_with("src/kernel/gate") && !f.is_test());
    let structs = in_gate.flat_map(|f| &f.types).filter(|t| t.public && t.is_struct);
    let names = structs.map(|t| t.name.as_str()).filter(|name| !NOT_PROOFS.contains(name));
    names.chain(PROOFS.iter().copied()).collect()
}

/// A proof cannot be copied, made from nothing or read from disk.
pub fn proofs_cannot_be_forged(tree: &[Facts]) -> Vec<String> {
    let proofs = proofs(tree);
    let mut out = forbid(tree, &proofs, FORGERIES, FORGERIES, "is a proof and");
    out.extend(forbid(
        tree,
        &BTreeSet::from(["Labelled"]),
        LEAKS,
        &["Debug", "Serialize"],
        "is labelled and",
    ));
    out
}

fn forbid(
    tree: &[Facts],
    names: &BTreeSet<&str>,
    impls: &[&str],
    derives: &[&str],
    why: &str,
) -> Vec<String> {
    let mut out = Vec::new();
    for facts in tree {
        for ty in facts.types.iter().filter(|t| names.contains(t.name.as_str())) {
            for derive in ty.derives.iter().filter(|d| derives.contains(&d.as_str())) {
                out.push(at(facts, ty.line, format!("{} {why} derives {derive}", ty.name)));
            }
        }
        let hits = facts.impls.iter().filter(|i| names.contains(i.for_type.as_str()));
        for hit in hits.filter(|i| impls.contains(&i.of_trait.as_str())) {
            out.push(at(facts, hit.line, format!("{} {why} implements {}", hit.for_type, hit.of_trait)));
        }
    }
    out
}

/// A proof cannot be dropped unnoticed, and nobody outside its file's family can reach into it.
pub fn proofs_are_closed(tree: &[Facts]) -> Vec<String> {
    let proofs = proofs(tree);
    let mut out = Vec::new();
    for facts in tree.iter().filter(|f| f.path.starts_with("src/kernel/") && !f.is_test()) {
        for ty in facts.types.iter().filter(|t| proofs.contains(t.name.as_str())) {
            if !ty.must_use {
                out.push(at(facts, ty.line, format!("{} is a proof and not #[must_use]", ty.name)));
            }
            for field in &ty.open_fields {
                out.push(at(
                    facts,
                    ty.line,
                    format!("{}.{field} is open: a proof's fields are private", ty.name),
                ));
            }
        }
    }
    out
}

/// A file has one subject.
pub fn lengths(tree: &[Facts], limit: usize) -> Vec<String> {
    let long = tree.iter().filter(|f| f.lines > limit);
    long.map(|f| at(f, f.lines, format!("{} lines, more than {limit}: split it by noun", f.lines))).collect()
}

/// Every module is named for what it holds.
pub fn names(tree: &[Facts]) -> Vec<String> {
    let mut out = Vec::new();
    for facts in tree {
        let parts = facts.path.split('/').map(|part| part.trim_end_matches(".rs"));
        let files = parts.filter(|part| ROOMLESS.contains(part)).map(|part| (part, 1));
        let mods = facts.mods.iter().filter(|m| ROOMLESS.contains(&m.name.as_str()) && m.inline);
        let all = files.chain(mods.map(|m| (m.name.as_str(), m.line)));
        out.extend(all.map(|(name, line)| at(facts, line, format!("`{name}` says nothing: name the noun"))));
    }
    out
}

/// Every test and example runs, and every module is where its name says.
pub fn nothing_is_skipped(tree: &[Facts]) -> Vec<String> {
    let hits = |f: &'_ Facts| -> Vec<String> {
        f.odd_attributes
            .iter()
            .map(|(line, what)| at(f, *line, format!("`{what}` hides something")))
            .collect()
    };
    tree.iter().flat_map(hits).collect()
}

/// Tests stand beside the code, in a file of their own.
pub fn tests_have_their_own_file(tree: &[Facts]) -> Vec<String> {
    let mut out = Vec::new();
    for facts in tree.iter().filter(|f| f.path.starts_with("src/")) {
        for found in facts.mods.iter().filter(|m| m.inline && (m.for_tests || m.name == "tests")) {
            out.push(at(facts, found.line, format!("move `mod {}` into its own file", found.name)));
        }
    }
    out
}

/// The top of the repository holds what the map names, and what `.gitignore` keeps out of it.
pub fn top_level(entries: &[String], gitignore: &str) -> Vec<String> {
    let ignored: Vec<&str> = gitignore.lines().map(|line| line.trim().trim_matches('/')).collect();
    let unknown =
        entries.iter().filter(|e| !TOP_LEVEL.contains(&e.as_str()) && !ignored.contains(&e.as_str()));
    unknown.map(|e| format!("{e}: not on the map (ARCHITECTURE.md, TOP_LEVEL)")).collect()
}

/// No banned crate is locked, on any platform, and every crate comes from the registry by checksum.
pub fn locked(lock: &toml::Table, deny: &toml::Table) -> Vec<String> {
    let text = |row: &toml::Value, key: &str| row.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let rows = |table: &toml::Table, key: &str| table.get(key).and_then(toml::Value::as_array).cloned();
    let bans = deny.get("bans").and_then(toml::Value::as_table).and_then(|bans| rows(bans, "deny"));
    let banned: BTreeSet<String> =
        bans.unwrap_or_default().iter().filter_map(|row| text(row, "crate")).collect();
    if banned.is_empty() {
        return vec!["deny.toml: bans.deny names no crate".into()];
    }
    let mut out = Vec::new();
    for row in rows(lock, "package").unwrap_or_default() {
        let name = text(&row, "name").unwrap_or_default();
        if banned.contains(&name) {
            out.push(format!("Cargo.lock: {name} is banned by deny.toml"));
        }
        if name != "sentinel" && text(&row, "checksum").is_none() {
            out.push(format!("Cargo.lock: {name} does not come from the registry"));
        }
    }
    out
}
