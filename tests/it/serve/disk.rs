//! A disk without room: the real program whose files must not grow, by the system's own limit.

use super::going_down::at_work;
use super::logs;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Lets no file of the server grow beyond the journal's present size, or lifts that.
fn limit(server: &super::Server, dir: &Path, full: bool) {
    let wal = std::fs::metadata(dir.join("data/sentinel.db-wal")).unwrap().len();
    let limit = Rlimit { current: full.then_some(wal), maximum: None };
    prlimit(Some(Pid::from_child(&server.child)), Resource::Fsize, limit).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_heals_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (server, client, id, worker) = at_work(dir.path()).await;
    let url = |path: &str| format!("https://localhost:{}{path}", server.port);
    let get = async |path: &str| {
        let response = client.get(url(path)).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    limit(&server, dir.path(), true);
    let order = json!({"request": "one more", "plan": "answer(\"x\")"});
    let refused = client.post(url("/task")).json(&order).send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(refused.json::<Value>().await.unwrap()["type"], "urn:sentinel:problem:store");
    assert_eq!(get("/health").await.0, 503);
    assert_eq!(get(&format!("/task/{id}")).await.0, 200, "reading goes on");
    // The task's worker hangs up: it is tried again, and what it does cannot be recorded.
    drop(worker);
    let begun = Instant::now();
    while !logs(dir.path()).contains(r#""missing":"store""#) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", logs(dir.path()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(logs(dir.path()).contains("records cannot be made durable"));
    let (_, task) = get(&format!("/task/{id}")).await;
    assert_eq!((&task["over"], &task["answer"]), (&json!(false), &Value::Null), "{task}");

    limit(&server, dir.path(), false);
    while get("/health").await.0 != 200 {
        assert!(begun.elapsed() < Duration::from_secs(90), "it does not heal");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(client.post(url("/task")).json(&order).send().await.unwrap().status(), 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_on_a_full_disk_says_that_the_store_failed() {
    let dir = tempfile::tempdir().unwrap();
    let pin = dir.path().join("pin");
    std::fs::write(&pin, super::PIN).unwrap();
    let server = super::Server::start(dir.path(), &[("SENTINEL_PIN_FILE", pin.to_str().unwrap())]);
    let client = super::client(dir.path());
    let url = format!("https://localhost:{}/api/session", server.port);
    let log_in = |pin: &str| client.post(&url).json(&json!({ "pin": pin })).send();
    let opened = log_in(super::PIN).await.unwrap();
    assert_eq!(opened.status(), 204);
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    limit(&server, dir.path(), true);
    let end = client.delete(&url).header("cookie", &cookie).header("sec-fetch-site", "same-origin").send();
    for failed in [log_in(super::PIN).await, log_in("000000").await, end.await] {
        let failed = failed.unwrap();
        assert_eq!(failed.status(), 503);
        assert_eq!(failed.json::<Value>().await.unwrap()["type"], "urn:sentinel:problem:store");
    }
    // Nobody writes here but who asks how it is.
    let health = async || {
        let url = format!("https://localhost:{}/health", server.port);
        client.get(url).send().await.unwrap().status().as_u16()
    };
    assert_eq!(health().await, 503);
    limit(&server, dir.path(), false);
    let begun = Instant::now();
    while health().await != 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not heal");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(log_in(super::PIN).await.unwrap().status(), 204);
    let log = logs(dir.path());
    let warned = log.lines().find(|line| line.contains("a login could not be judged"));
    assert!(warned.is_some_and(|line| line.contains("WARN")), "{log}");
}
