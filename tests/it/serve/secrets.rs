//! Secrets go in at every door, and come out at none: log, terminal, settings, metrics, spans.

use super::{PIN, Server, client, logs};
use crate::http::sockets::{dial, hear, say};
use crate::otlp::collector;
use serde_json::json;
use std::process::Command;

const KEY: &str = "sk-ant-canary-564738";
const REQUEST: &str = "canary-request-4711";

fn stop(mut server: Server) -> String {
    let pid = rustix::process::Pid::from_child(&server.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(server.child.wait().unwrap().success());
    let since = server.since.lock().unwrap().clone();
    format!("{}{since}", server.said)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_log_or_output() {
    let dir = tempfile::tempdir().unwrap();
    for (name, secret) in [("pin", PIN), ("key", KEY)] {
        std::fs::write(dir.path().join(name), secret).unwrap();
    }
    let (pin, key_file) = (dir.path().join("pin"), dir.path().join("key"));
    let (otlp, seen) = collector();
    // Nobody listens there: the planner fails, with its key in hand.
    let settings = [
        ("SENTINEL_PIN_FILE", pin.to_str().unwrap()),
        ("SENTINEL_PLANNER", "claude"),
        ("SENTINEL_CLAUDE_URL", "http://127.0.0.1:9"),
        ("SENTINEL_CLAUDE_API_KEY_FILE", key_file.to_str().unwrap()),
        ("SENTINEL_OTLP_ENDPOINT", otlp.as_str()),
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
    // The same by the WebSocket: a wrong guess, then the PIN.
    let pem = std::fs::read(dir.path().join("data/tls-cert.pem")).unwrap();
    for (pin, answer) in [("canary-guess-2", "error"), (PIN, "auth_ok")] {
        let mut socket = dial(server.port, &pem, &[]).await.unwrap();
        say(&mut socket, json!({"type": "auth", "pin": pin})).await;
        assert_eq!(hear(&mut socket).await.unwrap()["type"], answer);
    }
    let order = json!({"request": REQUEST});
    let given =
        client.post(url("/task?wait=1")).header("x-sentinel-pin", PIN).json(&order).send().await.unwrap();
    assert!(given.status().is_success());
    let metrics = client.get(url("/metrics")).header("x-sentinel-pin", PIN).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains("sentinel_auth_failures_total"), "{metrics}");
    let terminal = stop(server);
    let logs = logs(dir.path());
    assert!(logs.contains("listening") && terminal.contains("SIGTERM"), "{logs}{terminal}");
    let explained = Command::new(env!("CARGO_BIN_EXE_sentinel"))
        .args(["serve", "--print-config"])
        .current_dir(dir.path())
        .envs(settings)
        .output()
        .unwrap();
    let shown = String::from_utf8(explained.stdout).unwrap();
    assert!(shown.contains("claude_api_key_file"), "{shown}");
    let spans: Vec<u8> = seen.lock().unwrap().iter().flat_map(|(_, body)| body.clone()).collect();
    let spans = String::from_utf8_lossy(&spans).into_owned();
    assert!(spans.contains("invoke_agent"), "{spans}");
    for canary in [PIN, KEY, &token, "canary-guess", REQUEST] {
        for (place, text) in [
            ("log", &logs),
            ("terminal", &terminal),
            ("settings", &shown),
            ("metrics", &metrics),
            ("spans", &spans),
        ] {
            assert!(!text.contains(canary), "{canary} is in the {place}");
        }
    }
}

/// The code is told on the terminal, once; what is set with it is told nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn the_setup_code_is_told_and_written_down_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let (_, code) = server.said.split_once("one-time code ").expect("no code was told");
    let code: String = code.chars().take(23).collect();
    assert_eq!(code.matches('-').count(), 3, "{code}");
    let client = client(dir.path());
    let url = |path: &str| format!("https://localhost:{}{path}", server.port);
    for (code, status) in [("WRONG-WRONG-WRONG-WRONG", 401), (&code, 204), (&code, 409)] {
        let order = json!({"code": code, "pin": PIN});
        assert_eq!(client.post(url("/api/setup")).json(&order).send().await.unwrap().status(), status);
    }
    let metrics = client.get(url("/metrics")).header("x-sentinel-pin", PIN).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let terminal = stop(server);
    assert_eq!(terminal.matches(&code).count(), 1, "{terminal}");
    let logs = logs(dir.path());
    assert!(metrics.contains("sentinel_") && logs.contains("listening"));
    for (place, text) in [("metrics", &metrics), ("log", &logs), ("terminal", &terminal)] {
        assert!(!text.contains(PIN), "the PIN is in the {place}");
        assert!(place == "terminal" || !text.contains(&code[..5]), "the code is in the {place}: {text}");
    }
}
