//! The real program as a service: started, killed, and watched in what it says.

#![expect(clippy::disallowed_methods, reason = "a test starts, kills and reads what it tests")]

mod decided;
mod described;
mod disk;
mod fresh;
mod going_down;
mod killed;
mod logins;
mod memory;
mod planner_away;
mod secrets;
mod two_sessions;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PIN: &str = "canary-pin-918273";

/// A running `sentinel serve`.
pub struct Server {
    pub child: Child,
    pub port: u16,
    /// What it said before it listened.
    pub said: String,
    /// What it said on standard error since.
    pub since: Arc<Mutex<String>>,
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
        let since = Arc::new(Mutex::new(String::new()));
        let heard = since.clone();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| heard.lock().unwrap().push_str(&line))
        });
        Self { child, port: listening.expect("the server did not start"), said, since }
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
