//! Every rule finds a planted violation, and lets its honest twin pass. Remove a rule and a test here fails.

use super::facts::{Facts, Source};
use super::rules;
use std::collections::BTreeSet;

fn tree(files: &[(&str, &str)]) -> Vec<Facts> {
    let source = |(path, text): &(&str, &str)| Source { path: (*path).into(), text: (*text).into() };
    files.iter().map(|file| Facts::read(&source(file))).collect()
}

/// One violation, at `place`, for each of these texts in this file.
#[track_caller]
fn each_found(rule: impl Fn(&[Facts]) -> Vec<String>, path: &str, texts: &[&str]) {
    for text in texts {
        let found = rule(&tree(&[(path, text)]));
        assert!(
            found.iter().any(|v| v.starts_with(&format!("{path}:1:"))),
            "not found in {path}: {text}\n{found:?}"
        );
    }
}

#[track_caller]
fn none_found(rule: impl Fn(&[Facts]) -> Vec<String>, path: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(rule(&tree(&[(path, text)])), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn an_import_that_points_up() {
    let texts = [
        "use crate::flow::Run;",
        "pub use crate::flow;",
        "use crate::{kernel::id::Digest, flow::{self, Run}};",
        "use {std::fmt, crate::cli as c};",
        "fn f() { crate::http::serve() }",
        "fn f(x: &dyn crate::cli::Shown) {}",
        "fn f() { let v = vec![crate::flow::Run::new()]; }",
        "#[derive(crate::flow::Trace)] struct X;",
        "use super::super::flow;",
        "fn f() { super::super::flow::go() }",
        "mod inner { use super::super::super::flow::Run; }",
        "mod inner { fn f() { self::super::super::super::flow::go() } }",
        "use crate::*;",
        "use crate as everything;",
        "use sentinel::flow::Run;",
        "extern crate self as s;",
        "use crate::nowhere::X;",
    ];
    each_found(rules::floors, "src/store/journal.rs", &texts);
    each_found(
        rules::floors,
        "src/kernel/id.rs",
        &["use crate::store::Journal;", "use super::super::bus::Event;"],
    );
}

#[test]
fn an_import_that_points_sideways() {
    each_found(
        rules::floors,
        "src/worker/ollama.rs",
        &["use crate::tool::Files;", "use super::super::policy::Rules;"],
    );
    each_found(rules::floors, "src/worker/tests.rs", &["use crate::tool::Files;"]);
    each_found(rules::floors, "src/cli/run.rs", &["use crate::http::Router;"]);
}

#[test]
fn imports_that_point_down() {
    let texts = [
        "use crate::store::Journal;",
        "use super::prompt::Prompt;",
        "use crate::{kernel::id::Digest, worker::prompt};",
        "pub(crate) fn f() {}",
        "// use crate::flow::Run;\nconst T: &str = \"crate::flow::Run\";",
        "/// ```\n/// use sentinel::flow::Run;\n/// ```\nfn f() {}",
        "fn f() -> impl Iterator<Item = u8> + use<> { std::iter::empty() }",
    ];
    none_found(rules::floors, "src/worker/ollama.rs", &texts);
    none_found(rules::floors, "src/main.rs", &["use sentinel::{cli, flow};"]);
    none_found(rules::floors, "tests/it/demo.rs", &["use sentinel::{cli, flow};"]);
}

#[test]
fn a_room_without_a_floor() {
    each_found(rules::floors, "src/attic/mod.rs", &["", "fn f() {}"]);
    each_found(rules::floors, "src/attic.rs", &["fn f() {}"]);
}

#[test]
fn a_heavy_crate_outside_its_folder() {
    each_found(
        rules::homes,
        "src/flow/mod.rs",
        &[
            "use rusqlite::Connection;",
            "use rusqlite;",
            "fn f() { cedar_policy::Authorizer::new(); }",
            "use candle_core::{Device, Tensor};",
            "use llguidance as g;",
            "use std::process::Command;",
            "use std::process; fn f() { process::Command::new(\"sh\"); }",
            "use std::process as p; fn f() { p::Command::new(\"sh\"); }",
            "use std::process::{Command as C, Stdio};",
            "use std::process::*;",
            "use std::*;",
            "#[derive(clap::Parser)] struct Args;",
            "extern crate reqwest;",
            "macro_rules! m { () => { reqwest::Client::new() } }",
            "use tokio::process::Command;",
            "use anyhow::Result;",
            "use axum::Router;",
            "use candle_nn::VarBuilder;",
            "use candle_transformers::models;",
            "use cap_std::fs::Dir;",
            "use cedar_policy_core::ast::Expr;",
            "use figment::Figment;",
            "use ollama_rs::Ollama;",
            "use ruff_python_parser::parse_module;",
            "use ruff_text_size::TextRange;",
            "use tantivy::Index;",
            "use tokenizers::Tokenizer;",
            "use toktrie::TokTrie;",
            "use landlock::Ruleset;",
            "use seccompiler::BpfProgram;",
        ],
    );
    each_found(rules::homes, "src/tool/files.rs", &["use rmcp::Peer;", "use cap_std::fs::Dir;"]);
    each_found(rules::homes, "src/worker/ollama.rs", &["use std::process::Command;"]);
    each_found(rules::homes, "src/kernel/run/step.rs", &["use ruff_python_ast::Expr;"]);
    each_found(rules::homes, "src/storehouse.rs", &["use rusqlite::Connection;"]);
}

#[test]
fn a_heavy_crate_at_home() {
    none_found(rules::homes, "src/store/journal.rs", &["use rusqlite::Connection;"]);
    none_found(rules::homes, "src/tool/mcp_client.rs", &["use rmcp::Peer;"]);
    none_found(rules::homes, "src/tool/mcp_client/peer.rs", &["use rmcp::Peer;"]);
    none_found(rules::homes, "src/kernel/plan/parse.rs", &["use ruff_python_ast::Expr;"]);
    none_found(
        rules::homes,
        "src/cli/run.rs",
        &["fn f() -> std::process::ExitCode { std::process::ExitCode::SUCCESS }"],
    );
    none_found(
        rules::homes,
        "src/main.rs",
        &["use clap::Parser; fn main() -> anyhow::Result<()> { Ok(()) }"],
    );
}

#[test]
fn a_kernel_that_acts() {
    let known: BTreeSet<String> = ["rand", "sha2", "tempfile"].map(str::to_owned).into();
    let rule = |tree: &[Facts]| rules::kernel_is_pure(tree, &known);
    each_found(
        rule,
        "src/kernel/id.rs",
        &[
            "use std::fs;",
            "use std::{fmt, fs::File};",
            "use std::net::TcpStream;",
            "fn f() { std::thread::spawn(|| ()); }",
            "use std::time::{Duration, SystemTime};",
            "use std::time; fn f() { time::Instant::now(); }",
            "use std::time::*;",
            "fn f() { std::env::var(\"HOME\"); }",
            "use core::net::IpAddr;",
            "#[tokio::main] async fn f() {}",
            "use jiff::Timestamp; fn f() { Timestamp::now(); }",
            "use std::io::{self}; fn f() { io::stdout(); }",
            "use rand::Rng;",
            "fn f() { tempfile::tempdir(); }",
        ],
    );
    let pure = [
        "use sha2::Sha256;",
        "use std::time::Duration;",
        "use std::fmt; use std::io::Write;",
        "use super::rand;",
    ];
    none_found(rule, "src/kernel/id.rs", &pure);
    none_found(rule, "src/kernel/id/tests.rs", &["use std::fs;"]);
    none_found(rule, "src/store/journal.rs", &["use std::fs;"]);
}

#[test]
fn a_forged_proof() {
    let rule = rules::proofs_cannot_be_forged;
    each_found(
        rule,
        "src/kernel/gate/checked.rs",
        &[
            "#[derive(Clone)] pub struct CheckedPlan { a: u8 }",
            "#[derive(Debug, Copy)] pub struct Anything { a: u8 }",
            "#[derive(serde::Deserialize)] pub struct Permitted<T>(T);",
            "#[cfg_attr(test, derive(Default))] pub struct Released(u8);",
            "pub struct Screened<T>(T); impl<T: Clone> Clone for Screened<T> { }",
            "pub struct New(u8); impl std::default::Default for New { }",
            "pub struct New(u8); impl<'de> serde::Deserialize<'de> for New { }",
            "pub struct New(u8); mod inner { impl Clone for super::New { } }",
            "pub struct New(u8); fn f() { impl Clone for New { } }",
        ],
    );
    each_found(rule, "src/kernel/run/step.rs", &["#[derive(Clone)] pub enum PendingCall { A }"]);
    each_found(
        rule,
        "src/tool/mod.rs",
        &["#[derive(Clone)] struct Returned;", "impl Clone for kernel::Screened<u8> {}"],
    );
    none_found(
        rule,
        "src/kernel/gate/checked.rs",
        &["#[derive(Debug, PartialEq)] pub struct CheckedPlan { a: u8 }"],
    );
    none_found(
        rule,
        "src/kernel/id.rs",
        &["#[derive(Clone, Default, serde::Deserialize)] pub struct RunId(u8);"],
    );
    let apart = [
        ("src/kernel/gate/permitted.rs", "pub struct Permit(u8);"),
        ("src/kernel/value.rs", "impl Clone for Permit { }"),
    ];
    assert_eq!(rule(&tree(&apart)).len(), 1, "a struct of the gates is a proof in every file");
}

#[test]
fn a_label_that_can_be_taken_off() {
    let rule = rules::proofs_cannot_be_forged;
    each_found(
        rule,
        "src/kernel/labelled.rs",
        &[
            "#[derive(Debug)] pub struct Labelled<T>(T);",
            "#[derive(serde::Serialize)] pub struct Labelled<T>(T);",
            "impl<T> std::ops::Deref for Labelled<T> { }",
            "impl<T> fmt::Display for Labelled<T> { }",
        ],
    );
    none_found(rule, "src/kernel/labelled.rs", &["impl<T> fmt::Debug for Labelled<T> { }"]);
}

#[test]
fn a_proof_that_can_be_dropped_or_opened() {
    let rule = rules::proofs_are_closed;
    each_found(
        rule,
        "src/kernel/gate/released.rs",
        &[
            "pub struct Released(u8);",
            "#[must_use] pub struct Released(pub u8);",
            "#[must_use] pub struct Released { pub(crate) reply: u8 }",
        ],
    );
    let closed = ["#[must_use = \"deliver it\"] pub struct Released { pub(in crate::kernel) a: u8, b: u8 }"];
    none_found(rule, "src/kernel/gate/released.rs", &closed);
}

#[test]
fn a_file_that_grew() {
    let long = |lines: usize| tree(&[("src/kernel/value.rs", &"// a line\n".repeat(lines))]);
    assert!(rules::lengths(&long(rules::LONG), rules::LONG).is_empty());
    assert_eq!(rules::lengths(&long(rules::LONG + 1), rules::LONG).len(), 1);
    assert!(rules::lengths(&long(rules::TOO_LONG), rules::TOO_LONG).is_empty());
    assert_eq!(rules::lengths(&long(rules::TOO_LONG + 1), rules::TOO_LONG).len(), 1);
}

#[test]
fn a_module_without_a_noun() {
    for path in ["src/store/util.rs", "src/utils/mod.rs", "src/flow/helpers.rs", "tests/it/common.rs"] {
        each_found(rules::names, path, &["fn f() {}"]);
    }
    each_found(rules::names, "src/store/journal.rs", &["pub mod prelude { }"]);
    none_found(rules::names, "src/store/journal.rs", &["mod tests;", "mod utilities { }"]);
}

#[test]
fn something_that_is_skipped() {
    each_found(
        rules::nothing_is_skipped,
        "src/store/tests.rs",
        &[
            "#[test] #[ignore] fn f() {}",
            "#[ignore = \"slow\"] #[test] fn f() {}",
            "#[cfg_attr(debug_assertions, ignore)] #[test] fn f() {}",
            "/// ```ignore\n/// f();\n/// ```\nfn f() {}",
            "//! ```rust,ignore\n//! f();\n//! ```",
            "#[path = \"elsewhere.rs\"] mod elsewhere;",
        ],
    );
    none_found(
        rules::nothing_is_skipped,
        "src/store/tests.rs",
        &["/// ```\n/// ```\n#[test] fn ignore() {}"],
    );
}

#[test]
fn tests_inside_the_code() {
    let rule = rules::tests_have_their_own_file;
    each_found(
        rule,
        "src/store/journal.rs",
        &["#[cfg(test)] mod tests { }", "#[cfg(all(test, unix))] mod more { }"],
    );
    none_found(rule, "src/store/journal.rs", &["#[cfg(test)] mod tests;", "mod inner { }"]);
    none_found(rule, "tests/it/demo.rs", &["#[cfg(test)] mod tests { }"]);
}

#[test]
fn an_unknown_entry_at_the_top() {
    let entries = ["src", "README.md", "target", "models", "attic"].map(str::to_owned);
    let found = rules::top_level(&entries, "target/\n/models/\n*.snap.new\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found.iter().all(|v| v.starts_with("attic")));
}

#[test]
fn a_banned_crate_in_the_lock_file() {
    let parse = |text: &str| text.parse::<toml::Table>().expect("TOML");
    let deny = parse("[bans]\ndeny = [{ crate = \"openssl-sys\" }]");
    let lock = |name: &str| parse(&format!("[[package]]\nname = \"{name}\"\nchecksum = \"00\""));
    assert_eq!(rules::locked(&lock("openssl-sys"), &deny).len(), 1);
    assert!(rules::locked(&lock("rustls"), &deny).is_empty());
    assert_eq!(
        rules::locked(&parse("[[package]]\nname = \"fork\""), &deny).len(),
        1,
        "from a path or a git server"
    );
    assert_eq!(rules::locked(&lock("rustls"), &parse("[bans]")).len(), 1, "an empty list bans nothing");
}
