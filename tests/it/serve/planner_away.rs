//! A planner that gives no plan: a fake of Claude's API fails in each way, and health tells of it.

use super::{Server, insist, logs};
use crate::fake_claude::{Act, FakeClaude, KEY};
use serde_json::{Value, json};
use std::sync::atomic::AtomicU16;
use std::sync::{Arc, Mutex};

/// More than `planner_seconds` below: whoever is told to wait so long gives up at once.
const LONG: Option<u64> = Some(50);

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_how_the_planner_stood_and_nothing_that_it_said() {
    let plan = Act::Plan("answer(\"done\")".to_owned());
    let now = Arc::new(Mutex::new(plan.clone()));
    let plays = now.clone();
    let fake = FakeClaude::answering(move |_| plays.lock().unwrap().clone());
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    std::fs::write(&key, KEY).unwrap();
    let settings = [
        ("SENTINEL_PIN_REQUIRED", "false"),
        ("SENTINEL_APPROVAL_MODE", "smart"),
        ("SENTINEL_PLANNER", "claude"),
        ("SENTINEL_PLANNER_SECONDS", "20"),
        ("SENTINEL_CLAUDE_URL", fake.url.as_str()),
        ("SENTINEL_CLAUDE_API_KEY_FILE", key.to_str().unwrap()),
    ];
    let server = Server::start(dir.path(), &settings);
    let (client, port) = (super::client(dir.path()), AtomicU16::new(server.port));
    let health = async || insist(&client, &port, "/health", None, "").await.1;
    let state = |health: &Value| health["components"]["planner_state"].as_str().unwrap().to_owned();
    assert_eq!(state(&health().await), "unknown");
    for (n, (act, expected)) in [
        (plan.clone(), "ok"),
        (Act::Error(400, "canary_error", None), "failed"),
        (plan.clone(), "ok"),
        (Act::Error(401, "canary_error", None), "failed"),
        (Act::Stop("refusal", json!([])), "ok"),
        (Act::Error(429, "canary_error", LONG), "failed"),
        (plan.clone(), "ok"),
        (Act::Error(529, "canary_error", LONG), "failed"),
        (plan.clone(), "ok"),
        (Act::Cut, "failed"),
        (plan.clone(), "ok"),
        (Act::Raw("<html>canary</html>".to_owned()), "failed"),
    ]
    .into_iter()
    .enumerate()
    {
        let shown = format!("{act:?}");
        *now.lock().unwrap() = act;
        let order = json!({"request": "say that it is done"});
        let (_, task) = insist(&client, &port, "/task?wait=18", Some(&order), &format!("k{n}")).await;
        let path = format!("/task/{}?wait=18", task["task_id"].as_str().unwrap());
        let (_, task) = insist(&client, &port, &path, None, "").await;
        assert_eq!(task["over"], true, "{shown}: {task}");
        let told = health().await;
        assert_eq!(state(&told), expected, "{shown}: {told}");
        let degraded = if expected == "failed" { json!(["planner"]) } else { json!([]) };
        assert_eq!(told["degraded"], degraded, "{shown}: {told}");
        assert!(!told.to_string().contains("canary") && !told.to_string().contains("127.0.0.1"), "{told}");
    }
    let log = logs(dir.path());
    let warned = log.lines().filter(|line| line.contains("does not take the API key"));
    let warned: Vec<&str> = warned.collect();
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert!(warned[0].contains("WARN") && warned[0].contains("SENTINEL_CLAUDE_API_KEY_FILE"), "{warned:?}");
    assert!(!log.contains("canary") && !log.contains(KEY));
}
