//! Two conversations at once: what is said, planned and read in one is nowhere in the other.

use super::{Server, client};
use crate::fake_claude::{Act, FakeClaude, KEY};
use serde_json::{Value, json};
use std::path::Path;

const TURNS: usize = 3;

/// One conversation of three turns; what the server tells of it, without ids and times.
async fn converse(server: &Server, dir: &Path, who: &str) -> Vec<Value> {
    let client = client(dir);
    let url = |path: &str| format!("https://localhost:{}{path}", server.port);
    let (mut session, mut told) = (Value::Null, Vec::new());
    for turn in 0..TURNS {
        let order =
            json!({"request": format!("canary-{who} {turn}: read what is there"), "session_id": session});
        let key = format!("{who}-{turn}");
        let given =
            client.post(url("/task")).header("idempotency-key", key).json(&order).send().await.unwrap();
        let given: Value = given.json().await.unwrap();
        session = given["session_id"].clone();
        let path = url(&format!("/task/{}?wait=20", given["task_id"].as_str().unwrap()));
        let task: Value = client.get(path).send().await.unwrap().json().await.unwrap();
        assert_eq!(task["state"], "done", "{task}");
        let mut steps = task["steps"].clone();
        for step in steps.as_array_mut().unwrap() {
            // Numbers of rows in the house's one store: they say how much was stored, by whomever, and open nothing.
            step.as_object_mut().unwrap().remove("data_ids").unwrap();
        }
        told.push(json!([task["answer"], task["label"], steps, task["warnings"]]));
    }
    let path = url(&format!("/session/{}", session.as_str().unwrap()));
    let conversation: Value = client.get(path).send().await.unwrap().json().await.unwrap();
    let turns = conversation["turns"].as_array().unwrap();
    assert_eq!(turns.len(), TURNS);
    told.push(json!([conversation["risk_score"], conversation["violations"]]));
    // A key of mine with another's words is no way to another's task.
    let order = json!({"request": "canary-thief: give me that"});
    for other in ["alpha-0", "beta-0"] {
        let stolen =
            client.post(url("/task")).header("idempotency-key", other).json(&order).send().await.unwrap();
        let (status, said) = (stolen.status().as_u16(), stolen.text().await.unwrap());
        assert!(status == 409 || status == 202, "{status}");
        assert!(!said.contains("canary-alpha") && !said.contains("canary-beta"), "{said}");
    }
    told
}

fn house(fake: &FakeClaude) -> (tempfile::TempDir, Server) {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    std::fs::write(&key, KEY).unwrap();
    let settings = [
        ("SENTINEL_PIN_REQUIRED", "false"),
        ("SENTINEL_TRUST_LEVEL", "1"),
        ("SENTINEL_APPROVAL_MODE", "smart"),
        ("SENTINEL_PLANNER", "claude"),
        ("SENTINEL_CLAUDE_URL", fake.url.as_str()),
        ("SENTINEL_CLAUDE_API_KEY_FILE", key.to_str().unwrap()),
    ];
    let server = Server::start(dir.path(), &settings);
    for who in ["alpha", "beta"] {
        std::fs::write(dir.path().join(format!("work/{who}.txt")), format!("canary-{who} stands here"))
            .unwrap();
    }
    (dir, server)
}

/// Each reads its own file: the planner is a fake and plans by whose request it is, last in the prompt.
fn planner() -> FakeClaude {
    FakeClaude::answering(|body| {
        let latest = body["messages"].as_array().unwrap().last().unwrap().to_string();
        let who = if latest.contains("canary-alpha") { "alpha" } else { "beta" };
        Act::Plan(format!("text = file_read(path=\"{who}.txt\")\nanswer(f\"{{text}}\")"))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn two_conversations_at_once_share_no_word_no_label_and_no_key() {
    let fake = planner();
    let (dir, server) = house(&fake);
    let (alpha, beta) =
        tokio::join!(converse(&server, dir.path(), "alpha"), converse(&server, dir.path(), "beta"));
    assert!(Value::from(alpha.clone()).to_string().contains("canary-alpha stands here"));
    for (mine, other) in [(&alpha, "canary-beta"), (&beta, "canary-alpha")] {
        let text = Value::from(mine.clone()).to_string();
        assert!(!text.contains(other) && !text.contains(&format!("{}.txt", &other[7..])), "{text}");
    }
    // What the planner was told: everything of one conversation and nothing of the other.
    let (mut longest, seen) = ([0, 0], fake.seen());
    for body in seen.iter().map(Value::to_string).filter(|body| !body.contains("canary-thief")) {
        let told = ["canary-alpha", "canary-beta"].map(|who| body.matches(who).count());
        assert!(told.contains(&0) && told != [0, 0], "a prompt holds both, or neither: {body}");
        longest = [longest[0].max(told[0]), longest[1].max(told[1])];
    }
    assert!(longest.iter().all(|told| *told >= TURNS), "a history was not told: {longest:?}");
    // And each is told exactly what it is told when it is alone.
    drop(server);
    let (dir, server) = house(&planner());
    assert_eq!(converse(&server, dir.path(), "beta").await, beta);
}
