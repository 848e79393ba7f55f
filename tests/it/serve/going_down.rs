//! SIGTERM and SIGINT, with a task at work.

use super::{Server, client, insist, logs};
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::AtomicU16;
use std::time::{Duration, Instant};

/// A server with a task under way whose worker has been asked and says nothing; the worker's side of the line.
pub async fn at_work(dir: &Path) -> (Server, reqwest::Client, String, (TcpListener, TcpStream)) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = [
        ("SENTINEL_PIN_REQUIRED", "false"),
        ("SENTINEL_WORKER", "ollama"),
        ("SENTINEL_OLLAMA_URL", url.as_str()),
        ("SENTINEL_DRAIN_SECONDS", "60"),
    ];
    let server = Server::start(dir, &settings);
    let (client, port) = (client(dir), AtomicU16::new(server.port));
    let order = json!({"request": "do it", "plan": "answer(ask(\"Is it?\", data=\"x\", type=bool))"});
    let (_, given) = insist(&client, &port, "/task?wait=20", Some(&order), "k").await;
    let path = format!("/approve/{}", given["approval_id"].as_str().unwrap());
    insist(&client, &port, &path, Some(&json!({"granted": true})), "").await;
    let line = tokio::task::spawn_blocking(move || {
        let (stream, _) = listener.accept().unwrap();
        (listener, stream)
    });
    (server, client, given["task_id"].as_str().unwrap().to_owned(), line.await.unwrap())
}

fn signal(server: &Server, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(&server.child);
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Waits until the server is gone by itself.
async fn gone(mut server: Server) {
    let waited = tokio::task::spawn_blocking(move || server.child.wait().unwrap());
    let status = tokio::time::timeout(Duration::from_secs(20), waited).await.expect("it went on").unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_go_drains_first() {
    let dir = tempfile::tempdir().unwrap();
    let (server, client_before, id, worker) = at_work(dir.path()).await;
    let port = server.port;
    signal(&server, rustix::process::Signal::TERM);
    let begun = Instant::now();
    let url = |path: &str| format!("https://localhost:{port}{path}");
    while client_before.get(url("/health")).send().await.unwrap().json::<Value>().await.unwrap()["status"]
        != "stopping"
    {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not go down");
    }
    // A connection of before, and one that comes now.
    for client in [client_before, client(dir.path())] {
        let order = json!({"request": "one more", "plan": "answer(\"x\")"});
        let refused = client.post(url("/task")).json(&order).send().await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["retry-after"]),
            (503, &"60".parse().unwrap())
        );
        let problem: Value = refused.json().await.unwrap();
        assert_eq!(problem["type"], "urn:sentinel:problem:draining");
        let shown = client.get(url(&format!("/task/{id}"))).send().await.unwrap();
        assert_eq!(shown.status(), 200, "reading goes on");
    }
    // The worker hangs up: the task rests, and that is what the server waited for.
    drop(worker);
    gone(server).await;
    let logs = logs(dir.path());
    assert!(logs.contains("SIGTERM: no new tasks"), "{logs}");
    assert!(logs.contains("gone down; 1 task is not over and goes on at the next start"), "{logs}");
    assert!(!logs.contains(r#""message":"""#), "{logs}");
    let again = Server::start(dir.path(), &[("SENTINEL_PIN_REQUIRED", "false")]);
    let (status, task) =
        insist(&client(dir.path()), &AtomicU16::new(again.port), &format!("/task/{id}"), None, "").await;
    assert_eq!((status, &task["over"]), (200, &json!(false)), "it goes on: {task}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (server, _client, _id, _worker) = at_work(dir.path()).await;
    signal(&server, rustix::process::Signal::TERM);
    let begun = Instant::now();
    while !logs(dir.path()).contains("SIGTERM: no new tasks") {
        assert!(begun.elapsed() < Duration::from_secs(20), "the signal is not in the log");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    signal(&server, rustix::process::Signal::INT);
    gone(server).await;
    assert!(logs(dir.path()).contains("SIGINT again: gone at once"));
}
