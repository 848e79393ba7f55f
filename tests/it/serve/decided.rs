//! What the log says of people's decisions: which question, what was decided, who, from where; never a word of theirs.

use super::{Server, client, insist, logs};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::AtomicU16;
use std::time::{Duration, Instant};

/// A stranger's words where others act on them: a person is asked.
const PLAN: &str = "theirs = file_read(path=\"theirs.txt\")\nmkdir(path=\"outbox\")\n\
                    file_write(path=\"outbox/a.txt\", content=theirs)\nanswer(\"written\")";

/// The lines about decisions, once there are so many: a line is written a moment after what it tells of.
fn lines(dir: &Path, count: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let text = logs(dir);
        let lines = text.lines().filter(|line| line.contains("a question was decided"));
        let found: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        if found.len() >= count {
            assert!(!text.contains("canary"), "{text}");
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_of_every_decision_and_none_of_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let settings = [
        ("SENTINEL_PIN_REQUIRED", "false"),
        ("SENTINEL_TRUST_LEVEL", "1"),
        ("SENTINEL_APPROVAL_MODE", "auto"),
    ];
    let server = Server::start(dir.path(), &settings);
    std::fs::write(dir.path().join("work/theirs.txt"), "theirs").unwrap();
    let (client, port) = (client(dir.path()), AtomicU16::new(server.port));
    let order = json!({"request": "write it down", "plan": PLAN});
    insist(&client, &port, "/task", Some(&order), "k").await;
    let next = async |before: Option<&String>| {
        let begun = Instant::now();
        loop {
            let (_, open) = insist(&client, &port, "/approvals?state=pending", None, "").await;
            match open["approvals"][0]["approval_id"].as_str() {
                Some(id) if Some(id) != before.map(String::as_str) => return id.to_owned(),
                _ => assert!(begun.elapsed() < Duration::from_secs(60), "{open}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut expected: Vec<(String, &str)> = Vec::new();
    // The plan, its call, and the call as it was edited.
    for (decision, body) in [
        ("approve", json!({"granted": true, "reason": "canary-reason"})),
        ("edit", json!({"granted": true, "edited_args": {"path": "outbox/canary-path"}})),
        ("deny", json!({"granted": false, "reason": "canary-reason"})),
    ] {
        let approval = next(expected.last().map(|(id, _)| id)).await;
        let path = format!("/approve/{approval}");
        let (status, said) = insist(&client, &port, &path, Some(&body), "").await;
        assert_eq!(status, 200, "{said}");
        // What counts for nothing is not told.
        let (status, said) = insist(&client, &port, &path, Some(&body), "").await;
        assert!(matches!(status, 409 | 410), "{status} {said}");
        expected.push((approval, decision));
    }
    let found = lines(dir.path(), expected.len());
    let told: Vec<(String, &str)> = found
        .iter()
        .map(|line| {
            let field =
                |name: &str| line["fields"][name].as_str().unwrap_or_else(|| panic!("{name}: {line}"));
            assert_eq!(
                (line["level"].as_str(), field("who"), field("address")),
                (Some("INFO"), "user", "127.0.0.1")
            );
            (field("approval").to_owned(), field("decision"))
        })
        .collect();
    assert_eq!(told, expected);
}
