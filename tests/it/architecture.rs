//! The house keeps its shape: floors, one crate per folder, a kernel that cannot act, proofs that cannot be forged.
//!
//! Each test below holds one rule over the real sources; `planted` shows that each rule finds what breaks it.

mod facts;
mod planted;
mod rules;

use facts::{Facts, Source};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

static TREE: LazyLock<Vec<Facts>> = LazyLock::new(|| {
    let mut sources = Vec::new();
    for folder in ["src", "tests", "benches"] {
        collect(folder, &mut sources);
    }
    sources.iter().map(Facts::read).collect()
});

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[expect(clippy::disallowed_methods, reason = "a test that reads the sources it was built from")]
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[expect(clippy::disallowed_methods, reason = "a test that reads the sources it was built from")]
fn entries(folder: &str) -> Vec<String> {
    let Ok(rows) = std::fs::read_dir(root().join(folder)) else { return Vec::new() };
    rows.map(|row| row.expect("readable folder").file_name().to_string_lossy().into_owned()).collect()
}

fn collect(folder: &str, out: &mut Vec<Source>) {
    for name in entries(folder) {
        let path = format!("{folder}/{name}");
        if root().join(&path).is_dir() {
            collect(&path, out);
        } else if name.ends_with(".rs") {
            let text = read(&path);
            out.push(Source { path, text });
        }
    }
}

fn table(path: &str) -> toml::Table {
    read(path).parse().unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The names by which code speaks of our dependencies.
fn dependencies() -> BTreeSet<String> {
    let manifest = table("Cargo.toml");
    let table = manifest.get("dependencies").and_then(toml::Value::as_table).expect("dependencies");
    table.keys().map(|name| name.replace('-', "_")).collect()
}

#[track_caller]
fn holds(violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{} places break the rule:\n  {}",
        violations.len(),
        violations.join("\n  ")
    );
}

#[test]
fn the_sources_were_read() {
    let kernel = TREE.iter().filter(|f| f.room() == Some("kernel"));
    assert!(kernel.map(|f| f.paths.len()).sum::<usize>() > 50, "an empty tree would break no rule");
    assert!(TREE.iter().any(|f| f.path == "src/lib.rs"));
}

#[test]
fn imports_point_down() {
    holds(&rules::floors(&TREE));
}

#[test]
fn floor_two_has_no_sideways_imports() {
    let second = ["planner", "worker", "scan", "policy", "approval", "tool", "memory", "session"];
    let pairs = rules::SIDEWAYS.iter().filter(|(a, b)| second.contains(a) || second.contains(b));
    assert_eq!(pairs.count(), 0, "rooms of floor 2 meet in flow only");
}

#[test]
fn heavy_crates_stay_in_their_folder() {
    holds(&rules::homes(&TREE));
}

#[test]
fn the_kernel_asks_and_never_acts() {
    holds(&rules::kernel_is_pure(&TREE, &dependencies()));
}

#[test]
fn proofs_cannot_be_forged() {
    holds(&rules::proofs_cannot_be_forged(&TREE));
}

#[test]
fn proofs_are_closed_and_must_be_used() {
    holds(&rules::proofs_are_closed(&TREE));
}

#[test]
fn files_have_one_subject() {
    for warning in rules::lengths(&TREE, rules::LONG) {
        eprintln!("warning: {warning}");
    }
    holds(&rules::lengths(&TREE, rules::TOO_LONG));
}

#[test]
fn modules_are_named_for_what_they_hold() {
    holds(&rules::names(&TREE));
}

#[test]
fn nothing_is_skipped() {
    holds(&rules::nothing_is_skipped(&TREE));
}

#[test]
fn tests_have_their_own_file() {
    holds(&rules::tests_have_their_own_file(&TREE));
}

#[test]
fn the_top_level_is_on_the_map() {
    holds(&rules::top_level(&entries("."), &read(".gitignore")));
}

#[test]
fn no_banned_crate_is_locked() {
    holds(&rules::locked(&table("Cargo.lock"), &table("deny.toml")));
}
