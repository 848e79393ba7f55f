//! The real program as a service: 200 tasks in flight while it is killed twenty times, and no secret in its logs.

#![expect(clippy::disallowed_methods, reason = "a test starts, kills and reads what it tests")]

mod disk;
mod going_down;
mod logins;

use sentinel::kernel::id::{CallNo, RunId};
use sentinel::kernel::record::Entry;
use sentinel::store::{QuestionState, Store};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::{Duration, Instant};

const PIN: &str = "canary-pin-918273";

/// A running `sentinel serve`.
pub struct Server {
    pub child: Child,
    pub port: u16,
    /// What it said before it listened.
    pub said: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL: nothing is tidied up.
        let _gone_already = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Server {
    pub fn start(dir: &Path, more: &[(&str, &str)]) -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in ["data", "work", "logs"] {
            std::fs::create_dir_all(dir.join(folder)).unwrap();
        }
        // A write beyond the system's limit for files is an error to the program, and does not end it.
        let mut child = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" serve", env!("CARGO_BIN_EXE_sentinel")])
            .current_dir(dir)
            .env("SENTINEL_DATA_DIR", dir.join("data"))
            .env("SENTINEL_WORKSPACE_DIR", dir.join("work"))
            .env("SENTINEL_LOG_DIR", dir.join("logs"))
            .env("SENTINEL_POLICIES_DIR", here.join("policies"))
            .env("SENTINEL_HTTPS_PORT", "0")
            .env("SENTINEL_HTTP_PORT", "0")
            .env("SENTINEL_TASK_PER_MINUTE", "10000")
            .env("SENTINEL_REQUEST_PER_MINUTE", "100000")
            .envs(more.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let listening = lines.by_ref().map(Result::unwrap).find_map(|line| {
            said.push_str(&line);
            let address = line.strip_prefix("listening on https://127.0.0.1:")?;
            Some(address.parse().unwrap())
        });
        // Somebody must read on, or a full pipe holds the server up.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port: listening.expect("the server did not start"), said }
    }
}

pub fn client(dir: &Path) -> reqwest::Client {
    let pem = std::fs::read(dir.join("data/tls-cert.pem")).unwrap();
    reqwest::Client::builder()
        .no_proxy()
        .tls_built_in_root_certs(false)
        .add_root_certificate(reqwest::Certificate::from_pem(&pem).unwrap())
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

fn logs(dir: &Path) -> String {
    let files = std::fs::read_dir(dir.join("logs")).unwrap();
    files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// Asks until the server that is there just then answers: it may be killed at any moment.
async fn insist(
    client: &reqwest::Client,
    port: &AtomicU16,
    path: &str,
    body: Option<&Value>,
    key: &str,
) -> (u16, Value) {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < Duration::from_secs(120), "no answer to {path}");
        let url = format!("https://localhost:{}{path}", port.load(Ordering::SeqCst));
        let request = match body {
            Some(body) => client.post(url).json(body).header("idempotency-key", key),
            None => client.get(url),
        };
        if let Ok(response) = request.send().await {
            let status = response.status().as_u16();
            if let Ok(json) = response.json().await {
                return (status, json);
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const TASKS: usize = 200;
const KILLS: usize = 20;
const CLIENTS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn tasks_in_flight_survive_being_killed_again_and_again() {
    let dir = tempfile::tempdir().unwrap();
    let settings = [("SENTINEL_PIN_REQUIRED", "false"), ("SENTINEL_TRUST_LEVEL", "1")];
    let server = Server::start(dir.path(), &settings);
    let (port, done) = (AtomicU16::new(server.port), AtomicBool::new(false));
    let client = client(dir.path());
    let given: Mutex<BTreeMap<String, usize>> = Mutex::default();

    let give = async |from: usize| {
        for n in (from..TASKS).step_by(CLIENTS) {
            let plan = format!(
                "mkdir(path=\"t{n}\")\nfile_write(path=\"t{n}/a.txt\", content=\"{n}\")\nanswer(\"{n}\")"
            );
            let order = json!({"request": "write it down", "plan": plan});
            let (status, task) = insist(&client, &port, "/task", Some(&order), &format!("k{n}")).await;
            assert!(matches!(status, 200 | 202), "{status} {task}");
            given.lock().unwrap().insert(task["task_id"].as_str().unwrap().to_owned(), n);
        }
    };
    let approve = async {
        while !done.load(Ordering::SeqCst) {
            let (_, open) = insist(&client, &port, "/approvals?state=pending", None, "").await;
            for row in open["approvals"].as_array().into_iter().flatten() {
                let id = row["approval_id"].as_str().unwrap();
                let yes = json!({"granted": true});
                let (status, said) = insist(&client, &port, &format!("/approve/{id}"), Some(&yes), "").await;
                // Killed after the decision and before the answer: it counts, and is told so.
                assert!(matches!(status, 200 | 409), "{status} {said}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let kill = async {
        let mut server = server;
        let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..KILLS {
            // A fixed sequence of moments, from 50 to 550 ms.
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            tokio::time::sleep(Duration::from_millis(50 + (chance >> 33) % 500)).await;
            drop(server);
            server = Server::start(dir.path(), &settings);
            port.store(server.port, Ordering::SeqCst);
        }
        server
    };
    let finish = async {
        let (.., server) = tokio::join!(give(0), give(1), give(2), give(3), kill);
        let ids: Vec<String> = given.lock().unwrap().keys().cloned().collect();
        for id in &ids {
            let begun = Instant::now();
            loop {
                let (_, task) = insist(&client, &port, &format!("/task/{id}?wait=5"), None, "").await;
                if task["over"] == true {
                    assert_eq!(task["state"], "done", "{task}");
                    break;
                }
                assert!(begun.elapsed() < Duration::from_secs(120), "{task}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        done.store(true, Ordering::SeqCst);
        server
    };
    let (server, ()) = tokio::join!(finish, approve);
    drop(server);

    let given = given.into_inner().unwrap();
    assert_eq!(given.len(), TASKS, "one task for each key");
    let store = Store::open_read_only(&dir.path().join("data")).unwrap();
    assert!(store.verify().unwrap().problems.is_empty());
    let mut used = BTreeSet::new();
    for (id, n) in &given {
        let run = RunId::new(id.as_str());
        let entries: Vec<Entry> =
            store.entries(&run).unwrap().into_iter().map(|(_, _, entry)| entry).collect();
        let ends = entries.iter().filter(|entry| matches!(entry, Entry::Ended(_))).count();
        assert_eq!(ends, 1, "{id} ended {ends} times");
        assert!(matches!(entries.last(), Some(Entry::Ended(_))), "{id} went on after its end");
        let mut returned: BTreeSet<CallNo> = BTreeSet::new();
        for entry in &entries {
            match entry {
                Entry::CallStarted { call, .. } => {
                    assert!(!returned.contains(call), "{id}: {call} made twice")
                }
                Entry::CallReturned { call, .. } => {
                    assert!(returned.insert(*call), "{id}: {call} returned twice")
                }
                _ => {}
            }
        }
        for question in store.questions(&run).unwrap() {
            if let Some(seq) = question.used_by_seq {
                assert_eq!(question.state, QuestionState::Approved);
                assert!(used.insert(seq), "an approval was used twice");
            }
        }
        let written = std::fs::read_to_string(dir.path().join(format!("work/t{n}/a.txt"))).unwrap();
        assert_eq!(written, n.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_log_or_output() {
    let dir = tempfile::tempdir().unwrap();
    let key = "sk-ant-canary-564738";
    for (name, secret) in [("pin", PIN), ("key", key)] {
        std::fs::write(dir.path().join(name), secret).unwrap();
    }
    let (pin, key_file) = (dir.path().join("pin"), dir.path().join("key"));
    // Nobody listens there: the planner fails, with its key in hand.
    let settings = [
        ("SENTINEL_PIN_FILE", pin.to_str().unwrap()),
        ("SENTINEL_PLANNER", "claude"),
        ("SENTINEL_CLAUDE_URL", "http://127.0.0.1:9"),
        ("SENTINEL_CLAUDE_API_KEY_FILE", key_file.to_str().unwrap()),
    ];
    let server = Server::start(dir.path(), &settings);
    let client = client(dir.path());
    let url = |path: &str| format!("https://localhost:{}{path}", server.port);
    let login = client.post(url("/api/session")).json(&json!({"pin": PIN})).send().await.unwrap();
    assert_eq!(login.status(), 204);
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let token = cookie.split_once('=').unwrap().1.to_owned();
    let wrong =
        client.post(url("/api/session")).json(&json!({"pin": "canary-guess-1"})).send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    let secret_request = "canary-request-4711";
    let order = json!({"request": secret_request});
    let given =
        client.post(url("/task?wait=1")).header("x-sentinel-pin", PIN).json(&order).send().await.unwrap();
    assert!(given.status().is_success());
    drop(server);
    let logs = logs(dir.path());
    assert!(logs.contains("listening"), "{logs}");
    let explained = Command::new(env!("CARGO_BIN_EXE_sentinel"))
        .args(["serve", "--print-config"])
        .current_dir(dir.path())
        .envs(settings)
        .output()
        .unwrap();
    let shown = String::from_utf8(explained.stdout).unwrap();
    assert!(shown.contains("claude_api_key_file"), "{shown}");
    for canary in [PIN, key, &token, "canary-guess", secret_request] {
        assert!(!logs.contains(canary), "{canary} is in the log");
        assert!(!shown.contains(canary), "{canary} is in the settings");
    }
}

#[test]
fn the_setup_code_is_told_and_written_down_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let (_, code) = server.said.split_once("one-time code ").expect("no code was told");
    let code: String = code.chars().take(23).collect();
    assert_eq!(code.matches('-').count(), 3, "{code}");
    drop(server);
    for entry in std::fs::read_dir(dir.path().join("logs")).unwrap() {
        let log = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!log.contains(&code[..5]), "{log}");
    }
}

/// schemathesis asks every operation of the OpenAPI document with texts that fit it and texts that do not.
#[test]
fn real_model_peers_find_no_undocumented_answer() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = here.join("target/peers/venv/bin/schemathesis");
    assert!(program.exists(), "run scripts/install-peers, or leave this out: scripts/test --quick");
    let dir = tempfile::tempdir().unwrap();
    // Wrong PINs, of which it sends many, would lock it out.
    let settings = [("SENTINEL_PIN_REQUIRED", "false"), ("SENTINEL_PLANNER", "none")];
    let server = Server::start(dir.path(), &settings);
    let checks =
        "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let asked = Command::new(program)
        .args(["run", &format!("https://localhost:{}/openapi.json", server.port), "--checks", checks])
        .args(["--phases", "coverage,fuzzing", "--max-examples", "10", "--seed", "20261121"])
        .args(["--generation-database", "none", "--suppress-health-check", "all"])
        .args(["--generation-with-security-parameters", "false", "--request-timeout", "20", "--no-color"])
        .arg("--tls-verify")
        .arg(dir.path().join("data/tls-cert.pem"))
        .env("NO_PROXY", "localhost")
        .current_dir(dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&asked.stdout);
    assert!(asked.status.success(), "{said}{}", String::from_utf8_lossy(&asked.stderr));
    assert!(said.contains("Fuzzing"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_of_a_task_its_calls_and_their_time_and_no_value() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[("SENTINEL_PIN_REQUIRED", "false")]);
    let (client, port) = (client(dir.path()), AtomicU16::new(server.port));
    let plan = "mkdir(path=\"canary-path\")\nfile_write(path=\"canary-path/a\", content=\"canary-content\")\nanswer(\"canary-reply\")";
    let order = json!({"request": "canary-request", "plan": plan});
    let (_, given) = insist(&client, &port, "/task?wait=20", Some(&order), "k").await;
    let id = given["task_id"].as_str().unwrap();
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < Duration::from_secs(60), "{given}");
        let (_, open) = insist(&client, &port, "/approvals?state=pending", None, "").await;
        for row in open["approvals"].as_array().into_iter().flatten() {
            let path = format!("/approve/{}", row["approval_id"].as_str().unwrap());
            insist(&client, &port, &path, Some(&json!({"granted": true, "reason": "canary-reason"})), "")
                .await;
        }
        let (_, task) = insist(&client, &port, &format!("/task/{id}?wait=1"), None, "").await;
        if task["over"] == true {
            assert_eq!(task["state"], "done", "{task}");
            break;
        }
    }
    // A line is written a moment after what it tells of.
    let lines = loop {
        let text = logs(dir.path());
        if text.contains("a task is over") {
            assert!(!text.contains("canary"), "{text}");
            let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            break lines.collect::<Vec<_>>();
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let calls: Vec<&Value> = lines.iter().filter(|line| line["message"] == "a tool was called").collect();
    let tools: Vec<&Value> = calls.iter().map(|line| &line["spans"][1]["gen_ai.tool.name"]).collect();
    assert_eq!(tools, ["mkdir", "file_write"], "{lines:?}");
    let over = lines.iter().find(|line| line["message"] == "a task is over").unwrap();
    assert_eq!(over["fields"]["end"], "done");
    for line in calls.into_iter().chain([over]) {
        assert_eq!((&line["spans"][0]["name"], &line["spans"][0]["task_id"]), (&json!("task"), &json!(id)));
        assert!(line["fields"]["duration_ms"].is_u64(), "{line}");
    }
}
