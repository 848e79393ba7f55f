//! Metrics and health: what an operator sees of the service.

use super::house::{House, PIN};
use super::tasks::User;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ASKS: &str = "answer(ask(\"Is it canary?\", data=\"canary\", type=bool))";

async fn metrics(user: &User<'_>) -> String {
    let (status, Value::String(text)) = user.get("/metrics").await else { panic!("metrics are text") };
    assert_eq!(status, 200, "{text}");
    text
}

fn has(shown: &str, lines: &[&str]) {
    for line in lines {
        assert!(shown.lines().any(|shown| shown == *line), "{line} is not in\n{shown}");
    }
}

/// Looks until the line is there; a test that looks in vain fails.
async fn until(user: &User<'_>, line: &str) {
    let begun = Instant::now();
    loop {
        let shown = metrics(user).await;
        if shown.lines().any(|shown| shown == line) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{line} is not in\n{shown}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_in_the_numbers_and_its_words_are_not() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let (id, approval) = user.waiting("answer(f\"canary {today()}\")").await;
    has(&metrics(&user).await, &["sentinel_running_tasks 1", "sentinel_queue_depth 0"]);
    user.post(&format!("/approve/{approval}"), json!({"granted": true, "reason": "canary"})).await;
    let (_, done) = user.get(&format!("/task/{id}?wait=20")).await;
    assert_eq!(done["state"], "done");
    let shown = metrics(&user).await;
    let records = format!("sentinel_journal_records_total {}", house.site.store.newest().unwrap().0);
    has(
        &shown,
        &[
            r#"sentinel_tasks_total{end="done"} 1"#,
            r#"sentinel_calls_total{tool="today",verdict="allow"} 1"#,
            r#"sentinel_approvals_total{end="approved"} 1"#,
            r#"sentinel_http_requests_total{route="/task",method="POST",status="202"} 1"#,
            r#"sentinel_http_requests_total{route="/approve/{id}",method="POST",status="200"} 1"#,
            r#"sentinel_http_requests_total{route="/task/{id}",method="GET",status="200"} 1"#,
            r#"sentinel_http_request_duration_seconds_count{route="/task/{id}",method="GET"} 1"#,
            r#"sentinel_http_requests_total{route="/metrics",method="GET",status="200"} 1"#,
            &records,
        ],
    );
    assert!(!shown.contains("sentinel_journal_commits_total 0") && shown.ends_with("# EOF\n"), "{shown}");
    assert!(!shown.contains("canary") && !shown.contains(&id) && !shown.contains(&approval), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_need_a_login_and_show_who_tried_without() {
    let house = House::open(&[("SENTINEL_LOGIN_TRIES", "4")]).await;
    let user = User::new(&house);
    let from = |address| house.client(address);
    let other = from("127.0.0.7");
    let plain = other.get(house.url("/metrics")).send().await.unwrap();
    assert_eq!(plain.status(), 401);
    assert!(!plain.text().await.unwrap().contains("sentinel_"));
    for n in 0..5 {
        let wrong = other.get(house.url("/metrics")).header("x-sentinel-pin", "000000").send().await.unwrap();
        assert_eq!(wrong.status(), if n < 4 { 401 } else { 429 });
    }
    let login = from("127.0.0.8").post(house.url("/api/session")).json(&json!({"pin": "000001"}));
    assert_eq!(login.send().await.unwrap().status(), 401);
    let forged = format!("__Host-sentinel={}", "0".repeat(64));
    assert_eq!(house.get(&from("127.0.0.8"), "cookie", &forged).await.0, 401);
    let brew = reqwest::Method::from_bytes(b"BREW").unwrap();
    other.request(brew, house.url("/no/such/place-4711")).send().await.unwrap();
    let shown = metrics(&user).await;
    has(
        &shown,
        &[
            r#"sentinel_auth_failures_total{path="header"} 4"#,
            r#"sentinel_auth_failures_total{path="login"} 1"#,
            r#"sentinel_auth_failures_total{path="cookie"} 1"#,
            r#"sentinel_throttled_total{limit="pin"} 1"#,
        ],
    );
    assert!(shown.contains(r#"{route="none",method="other",status="#), "{shown}");
    assert!(!shown.contains("4711") && !shown.contains("BREW"), "{shown}");
    assert!(!shown.contains(r#"path="setup""#), "who tried nothing failed nothing: {shown}");
    let answer = user.client.get(house.url("/metrics")).header("x-sentinel-pin", PIN).send().await.unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_was_met_and_a_stream_that_is_open_are_counted() {
    let house = House::open(&[("SENTINEL_TASK_PER_MINUTE", "1")]).await;
    let user = User::new(&house);
    let order = json!({"request": "do it", "plan": "answer(\"x\")"});
    assert_eq!(user.post("/task", order.clone()).await.0, 202);
    assert_eq!(user.post("/task", order).await.0, 429);
    has(&metrics(&user).await, &[r#"sentinel_throttled_total{limit="rate"} 1"#]);
    let stream = user.client.get(house.url("/api/events")).header("x-sentinel-pin", PIN);
    let stream = stream.header("accept", "text/event-stream").send().await.unwrap();
    has(&metrics(&user).await, &[r#"sentinel_subscribers{transport="sse"} 1"#]);
    drop(stream);
    until(&user, r#"sentinel_subscribers{transport="sse"} 0"#).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_needs_no_login_tells_states_and_asks_nobody() {
    let house = House::open(&[]).await;
    let user = User::new(&house);
    let health = async || {
        let response = house.client("127.0.0.1").get(house.url("/health")).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (status, fine) = health().await;
    let (_, policies) = user.get("/api/policies").await;
    let version = fine["policy_version"].as_str().unwrap();
    assert!(version.len() == 12 && policies["version"].as_str().unwrap().starts_with(version), "{fine}");
    let expected = json!({
        "status": "ok", "degraded": [], "policy_version": version, "trust_level": house.site.controller.parts().trust_level,
        "components": {"store": "ok", "worker": "unknown", "planner": "none", "planner_state": "none", "scanners": 10},
    });
    assert_eq!((status, &fine), (200, &expected));

    // The house's worker has no script, so it fails at the first question.
    let (_, approval) = user.waiting(ASKS).await;
    user.post(&format!("/approve/{approval}"), json!({"granted": true})).await;
    until(&user, r#"sentinel_worker_asks_total{end="unavailable"} 1"#).await;
    let (status, degraded) = health().await;
    assert_eq!(
        (status, &degraded["status"], &degraded["degraded"]),
        (200, &json!("degraded"), &json!(["worker"]))
    );
    assert!(!degraded.to_string().contains("scripted"), "{degraded}");
}
