#![expect(clippy::disallowed_methods, reason = "tests lay out real files")]

use super::*;
use crate::egress::clock::FixedClock;
use crate::kernel::id::{CallNo, Digest, RunId, Site};
use crate::tool::builtin;
use serde_json::json;
use std::fs;
use tempfile::TempDir;

fn house() -> (TempDir, Runner) {
    let house = tempfile::tempdir().unwrap();
    fs::create_dir(house.path().join("inbox")).unwrap();
    fs::write(house.path().join("inbox/a.txt"), "grüße").unwrap();
    let clock = FixedClock("2026-11-30T23:30:00Z".parse().unwrap());
    let workspace = Workspace::open(house.path()).unwrap();
    let runner = Runner::new(workspace, Arc::new(clock), RunnerLimits { max_file_bytes: 100 });
    (house, runner)
}

fn call(runner: &Runner, tool: &str, args: Json) -> Result<ToolOutput, String> {
    let invocation = Invocation {
        run: RunId::new("r"),
        call: CallNo(1),
        site: Site(1),
        tool: Arc::from(tool),
        args: args.as_object().unwrap().clone(),
        idempotency_key: Digest::of(b""),
    };
    runner.invoke(&invocation).map_err(|failure| failure.message)
}

#[test]
fn reads_text_and_states_which_bytes_it_read() {
    let (_house, runner) = house();
    let output = call(&runner, "file_read", json!({"path": "./inbox//a.txt"})).unwrap();
    assert_eq!(output.value, json!("grüße"));
    let fact = output.file.unwrap();
    assert_eq!(fact.path, "inbox/a.txt");
    assert_eq!(fact.digest, Digest::of("grüße".as_bytes()));
}

#[test]
fn what_was_written_is_read_back_with_the_same_fact() {
    let (_house, runner) = house();
    let args = json!({"path": "inbox/b.csv", "content": "é;1\n"});
    let written = call(&runner, "file_write", args.clone()).unwrap();
    assert_eq!(written.value, json!({"path": "inbox/b.csv", "bytes": 5}));
    assert_eq!(call(&runner, "file_write", args).unwrap(), written);
    let read = call(&runner, "file_read", json!({"path": "inbox/b.csv"})).unwrap();
    assert_eq!(read.file, written.file);
}

#[test]
fn a_file_that_is_no_text_names_the_byte() {
    let (house, runner) = house();
    fs::write(house.path().join("scan.pdf"), b"%PDF\xff\xfe").unwrap();
    let message = call(&runner, "file_read", json!({"path": "scan.pdf"})).unwrap_err();
    assert_eq!(message, "`scan.pdf` is not UTF-8 text: byte 4 begins no character; convert it first");
}

#[test]
fn sizes_are_limited_both_ways() {
    let (house, runner) = house();
    fs::write(house.path().join("big.txt"), "x".repeat(101)).unwrap();
    assert!(call(&runner, "file_read", json!({"path": "big.txt"})).unwrap_err().contains("101 bytes"));
    let content = "x".repeat(101);
    let message = call(&runner, "file_write", json!({"path": "new.txt", "content": content})).unwrap_err();
    assert!(message.contains("at most 100"), "{message}");
    assert!(!house.path().join("new.txt").exists());
}

#[test]
fn lists_the_workspace_by_default_and_folders_by_path() {
    let (_house, runner) = house();
    let dir = json!([{"name": "inbox", "path": "inbox", "kind": "dir", "size": 0}]);
    assert_eq!(call(&runner, "list_dir", json!({})).unwrap().value, dir);
    let file = json!([{"name": "a.txt", "path": "inbox/a.txt", "kind": "file", "size": 7}]);
    assert_eq!(call(&runner, "list_dir", json!({"path": "inbox"})).unwrap().value, file);
    call(&runner, "mkdir", json!({"path": "empty"})).unwrap();
    assert_eq!(call(&runner, "list_dir", json!({"path": "empty"})).unwrap().value, json!([]));
}

#[test]
fn tells_the_date_of_its_clock() {
    let (_house, runner) = house();
    assert_eq!(call(&runner, "today", json!({})).unwrap().value, json!("2026-11-30"));
}

#[test]
fn refuses_to_leave_the_workspace() {
    let (house, runner) = house();
    std::os::unix::fs::symlink("/etc", house.path().join("etc")).unwrap();
    for path in ["/etc/passwd", "../x", "etc/passwd"] {
        for tool in ["file_read", "list_dir", "mkdir", "file_write"] {
            let message = call(&runner, tool, json!({"path": path, "content": ""})).unwrap_err();
            assert!(message.contains("link") || message.contains("not a path"), "{tool} {path}: {message}");
        }
    }
}

#[test]
fn every_tool_of_the_catalogue_has_a_runner() {
    let (_house, runner) = house();
    for tool in builtin::tools() {
        let args = json!({"path": "inbox/a.txt", "content": "x"});
        let outcome = call(&runner, &tool.name, args);
        assert!(!matches!(outcome, Err(message) if message.contains("no runner")), "{}", tool.name);
    }
    assert!(call(&runner, "shell", json!({})).unwrap_err().contains("no runner"));
}

#[test]
fn says_what_a_write_would_replace_and_changes_nothing() {
    let (house, runner) = house();
    let replaces = |tool: &str, path: &str| {
        let args = json!({"path": path, "content": "new"});
        runner.replaces(tool, args.as_object().unwrap()).map_err(|failure| failure.message)
    };
    let found = replaces("file_write", "inbox//a.txt").unwrap().unwrap();
    let (old, fact) = found.old.unwrap();
    assert_eq!((found.path.as_str(), old.as_str(), found.new.as_str()), ("inbox/a.txt", "grüße", "new"));
    assert_eq!(fact.digest, Digest::of("grüße".as_bytes()));
    for missing in ["inbox/b.txt", "none/b.txt"] {
        assert_eq!(replaces("file_write", missing).unwrap().unwrap().old, None);
    }
    assert_eq!(replaces("mkdir", "inbox").unwrap(), None);
    assert!(replaces("file_write", "../x").unwrap_err().contains("not a path"));
    assert_eq!(fs::read_to_string(house.path().join("inbox/a.txt")).unwrap(), "grüße");
    assert!(!house.path().join("inbox/b.txt").exists());
}
