//! `sentinel doctor` as a program: over a healthy house, over broken ones, and with a fake of Claude behind `--live`.

#![expect(clippy::disallowed_methods, reason = "a test starts what it tests, and breaks houses")]

use crate::fake_claude::{Act, FakeClaude, KEY};
use crate::serve::Server;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What there is, in the order of the report, with the embedded worker.
const ALL: [&str; 25] = [
    "policy.denies",
    "policy.strangers",
    "policy.failure",
    "scan.blocks",
    "scan.finds",
    "data.exists",
    "journal.durable",
    "journal.unbroken",
    "journal.lock",
    "data.private",
    "secrets.private",
    "workspace.closed",
    "worker.confined",
    "egress.refuses",
    "log.redacted",
    "pin.set",
    "tls.certificate",
    "http.login",
    "http.throttle",
    "http.origin",
    "http.body-limit",
    "http.rate-requests",
    "http.rate-tasks",
    "machine.clock",
    "machine.disk",
];

/// A house in a directory of its own, in which a server has been: journal, certificate and workspace are there.
struct House {
    dir: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = |name: &str| dir.path().join(name).display().to_string();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let settings = vec![
            ("SENTINEL_DATA_DIR", place("data")),
            ("SENTINEL_WORKSPACE_DIR", place("work")),
            ("SENTINEL_LOG_DIR", place("logs")),
            ("SENTINEL_POLICIES_DIR", here.join("policies").display().to_string()),
            ("SENTINEL_PIN_FILE", place("pin")),
            ("SENTINEL_HTTPS_PORT", "0".to_owned()),
            ("SENTINEL_HTTP_PORT", "0".to_owned()),
        ];
        fs::create_dir(dir.path().join("data")).unwrap();
        let house = Self { dir, settings };
        house.mode("data", 0o700);
        house.write("pin", "918273");
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        self.mode(name, 0o600);
    }

    fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).unwrap();
    }

    fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value.into()));
    }

    fn serve(&self) -> Server {
        let settings: Vec<(&str, &str)> = self.settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
        Server::start(self.dir.path(), &settings)
    }

    fn doctor(&self, args: &[&str]) -> Report {
        let ran = Command::new(env!("CARGO_BIN_EXE_sentinel"))
            .arg("doctor")
            .args(args)
            .current_dir(self.dir.path())
            .envs(self.settings.iter().map(|(name, value)| (*name, value)))
            .output()
            .unwrap();
        let text = String::from_utf8(ran.stdout).unwrap();
        Report { code: ran.status.code().unwrap(), text, said: String::from_utf8(ran.stderr).unwrap() }
    }

    fn left_behind(&self) -> usize {
        let names = fs::read_dir(self.path("data")).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with(".doctor")).count()
    }
}

struct Report {
    code: i32,
    text: String,
    said: String,
}

impl Report {
    fn controls(&self) -> Vec<Value> {
        let json: Value = serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.said));
        json["controls"].as_array().unwrap().clone()
    }

    fn names(&self, keep: impl Fn(&Value) -> bool) -> BTreeSet<String> {
        let all = self.controls();
        all.iter().filter(|c| keep(c)).map(|c| c["name"].as_str().unwrap().to_owned()).collect()
    }

    /// What is required and not active, without what waits for another one.
    fn findings(&self) -> BTreeSet<String> {
        self.names(|c| c["required"] == true && c["active"] == false && c["see"].is_null())
    }

    fn evidence(&self, name: &str) -> String {
        let all = self.controls();
        let found = all.iter().find(|control| control["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {}", self.text))["evidence"].as_str().unwrap().to_owned()
    }
}

fn set_of(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_healthy_house_is_found_healthy_beside_a_server_with_the_real_model() {
    let mut house = House::new();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf");
    house.set("SENTINEL_WORKER_MODEL_PATH", model.display().to_string());
    let mut server = house.serve();
    let beside = house.doctor(&["--json"]);
    assert_eq!((beside.findings(), beside.code), (BTreeSet::new(), 0), "{}", beside.text);
    let names: Vec<String> =
        beside.controls().iter().map(|control| control["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ALL);
    // The server is undisturbed, and nothing is left behind.
    assert!(server.child.try_wait().unwrap().is_none());
    assert_eq!(house.left_behind(), 0);
    drop(server);
    let alone = house.doctor(&[]);
    assert_eq!(alone.code, 0, "{}", alone.text);
    assert!(alone.text.ends_with("25 controls are active, and all that are required\n"), "{}", alone.text);
}

#[test]
fn a_fresh_house_says_what_to_do_first() {
    let mut house = House::new();
    house.set("SENTINEL_DATA_DIR", house.path("nowhere").display().to_string());
    house.set("SENTINEL_WORKER_MODEL_PATH", "/nonexistent.gguf");
    house.settings.retain(|(name, _)| *name != "SENTINEL_PIN_FILE");
    let report = house.doctor(&["--json"]);
    // One finding for all that needs the data directory, and the rest names it.
    let expected = ["data.exists", "worker.confined"];
    assert_eq!((report.findings(), report.code), (set_of(&expected), 1), "{}", report.text);
    let waiting = report.names(|control| control["see"] == "data.exists");
    let scratch = ["journal.durable", "journal.lock", "workspace.closed", "log.redacted"];
    let real = ["journal.unbroken", "data.private", "tls.certificate", "machine.disk", "pin.set"];
    let http = ["http.login", "http.throttle", "http.origin", "http.body-limit", "http.rate-requests"];
    let untried: Vec<&str> = scratch.into_iter().chain(real).chain(http).chain(["http.rate-tasks"]).collect();
    assert_eq!(waiting, set_of(&untried), "{}", report.text);
    assert!(report.evidence("worker.confined").contains("/nonexistent.gguf"), "{}", report.text);
    // It makes nothing.
    assert!(!house.path("nowhere").exists());
    let told = house.doctor(&[]);
    assert_eq!(told.text.matches("→ run `sentinel serve` once").count(), 1, "{}", told.text);
    assert_eq!(told.text.matches("not tried (see data.exists)").count(), untried.len(), "{}", told.text);
}

#[test]
fn each_broken_control_is_found_and_no_other() {
    let mut house = House::new();
    drop(house.serve());
    house.set("SENTINEL_WORKER_MODEL_PATH", "/nonexistent.gguf");
    house.set("SENTINEL_POLICIES_DIR", house.path("policies").display().to_string());
    house.set("SENTINEL_WORKSPACE_DIR", house.path("gone").display().to_string());
    fs::create_dir(house.path("policies")).unwrap();
    house.write("policies/all.cedar", "@id(\"all\") permit (principal, action, resource);");
    house.write("pin", "123456");
    house.mode("pin", 0o644);
    house.mode("data/tls-key.pem", 0o644);
    house.mode("data", 0o755);
    let report = house.doctor(&["--json"]);
    let broken = [
        "policy.denies",
        "policy.strangers",
        "data.private",
        "secrets.private",
        "scan.blocks",
        "workspace.closed",
        "worker.confined",
        "pin.set",
        "tls.certificate",
    ];
    assert_eq!((report.findings(), report.code), (set_of(&broken), 1), "{}", report.text);
    assert!(!report.text.contains("123456"), "the PIN is quoted");
}

#[test]
fn policies_that_do_not_load_and_a_public_worker_are_found() {
    let mut house = House::new();
    house.set("SENTINEL_WORKER", "ollama");
    // Documentation addresses: nobody is there, and they are not private.
    house.set("SENTINEL_OLLAMA_URL", "http://[2001:db8::1]:9");
    drop(house.serve());
    house.set("SENTINEL_POLICIES_DIR", house.path("policies").display().to_string());
    fs::create_dir(house.path("policies")).unwrap();
    house.write("policies/broken.cedar", "permit (principal, action, resource");
    let report = house.doctor(&["--json"]);
    let broken = [
        "policy.denies",
        "policy.strangers",
        "policy.failure",
        "scan.blocks",
        "worker.address",
        "worker.reachable",
    ];
    assert_eq!((report.findings(), report.code), (set_of(&broken), 1), "{}", report.text);
    assert!(report.evidence("policy.denies").contains("broken.cedar"), "{}", report.text);
}

#[test]
fn a_house_without_a_pin_is_told_so_and_is_no_finding() {
    let mut house = House::new();
    house.set("SENTINEL_PIN_REQUIRED", "false");
    house.set("SENTINEL_WORKER_MODEL_PATH", "/nonexistent.gguf");
    drop(house.serve());
    let report = house.doctor(&["--json"]);
    assert_eq!(report.findings(), set_of(&["worker.confined"]), "{}", report.text);
    let optional = set_of(&["pin.set", "http.login", "http.throttle"]);
    assert_eq!(report.names(|control| control["required"] == false), optional);
    assert_eq!(report.names(|c| c["required"] == false && c["active"] == true), BTreeSet::new());
}

#[test]
fn live_failures_have_names() {
    let mut house = House::new();
    drop(house.serve());
    house.set("SENTINEL_WORKER_MODEL_PATH", "/nonexistent.gguf");
    house.set("SENTINEL_PLANNER", "claude");
    let evidence = |house: &House| {
        let report = house.doctor(&["--json", "--live"]);
        assert_eq!(report.code, 1, "{}", report.text);
        assert!(report.evidence("live.worker").contains("/nonexistent.gguf"), "{}", report.text);
        assert!(!report.text.contains(KEY), "the key is quoted");
        report.evidence("live.planner")
    };
    assert!(evidence(&house).contains("needs a key"), "no key");

    house.write("key", KEY);
    house.set("SENTINEL_CLAUDE_API_KEY_FILE", house.path("key").display().to_string());
    house.set("SENTINEL_CLAUDE_URL", "http://127.0.0.1:9");
    let away = evidence(&house);
    assert!(away.contains("127.0.0.1:9"), "{away}");

    let fake = FakeClaude::playing([Act::Plan("answer(\"ready\")".to_owned())]);
    house.set("SENTINEL_CLAUDE_URL", fake.url.clone());
    let answered = evidence(&house);
    assert!(answered.contains("US dollars") && answered.contains("50 out"), "{answered}");
    assert_eq!(fake.seen().len(), 1);

    house.write("key", "sk-ant-another");
    let refused = evidence(&house);
    assert!(refused.contains("status 401"), "{refused}");
}
