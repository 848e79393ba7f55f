//! The PIN set by the command line, and what the log says of logins.

use super::{Server, client, logs};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const FIRST: &str = "canary-first-728191";
const SECOND: &str = "canary-second-728191";

fn pin_set(dir: &Path, more: &[(&str, &str)], pin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sentinel"))
        .args(["pin", "set"])
        .current_dir(dir)
        .env("SENTINEL_DATA_DIR", dir.join("data"))
        .envs(more.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{pin}").unwrap();
    child.wait_with_output().unwrap()
}

fn told(dir: &Path, what: &str) {
    let begun = Instant::now();
    while !logs(dir).contains(what) {
        assert!(begun.elapsed() < Duration::from_secs(60), "no `{what}` in {}", logs(dir));
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ok(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("canary"), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_in_a_file_is_set_logged_and_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pin");
    let settings = [("SENTINEL_PIN_FILE", file.to_str().unwrap())];
    for (unfit, why) in
        [("123456", "first that a stranger"), ("271828", "first that"), ("12", "6 digits"), ("", "no PIN")]
    {
        let refused = pin_set(dir.path(), &settings, unfit);
        assert_eq!(refused.status.code(), Some(2), "{unfit}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains(why), "{refused:?}");
    }
    ok(&pin_set(dir.path(), &settings, FIRST));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("$argon2id$"));

    let server = Server::start(dir.path(), &settings);
    let user = client(dir.path());
    let url = |port: u16, path: &str| format!("https://localhost:{port}{path}");
    let login = async |port: u16, pin: &str| {
        user.post(url(port, "/api/session")).json(&json!({ "pin": pin })).send().await.unwrap()
    };
    let cookie = |login: reqwest::Response| {
        assert_eq!(login.status(), 204);
        login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
    };
    let (out, kept) = (cookie(login(server.port, FIRST).await), cookie(login(server.port, FIRST).await));
    let list: serde_json::Value = user
        .get(url(server.port, "/api/session"))
        .header("cookie", &out)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let own = list["sessions"].as_array().unwrap().iter().find(|row| row["current"] == true).unwrap();
    let end = user.delete(url(server.port, &format!("/api/session/{}", own["id"].as_str().unwrap())));
    let own_page = format!("https://localhost:{}", server.port);
    assert_eq!(end.header("cookie", &out).header("origin", own_page).send().await.unwrap().status(), 204);
    for n in 0..5 {
        let wrong =
            user.get(url(server.port, "/api/session")).header("x-sentinel-pin", format!("canary-guess-{n}"));
        assert_eq!(wrong.send().await.unwrap().status(), 401);
    }
    told(dir.path(), "locked out after too many wrong guesses");
    let log = logs(dir.path());
    for (count, what) in [
        (5, "a login was refused"),
        (1, "locked out"),
        (2, "\"message\":\"logged in\""),
        (1, "\"message\":\"logged out\""),
    ] {
        assert_eq!(log.matches(what).count(), count, "{what}: {log}");
    }
    let line = log.lines().find(|line| line.contains("a login was refused")).unwrap();
    assert!(line.contains("\"WARN\"") && line.contains("127.0.0.1") && line.contains("\"header\""), "{line}");

    ok(&pin_set(dir.path(), &settings, SECOND));
    let pid = Pid::from_raw(i32::try_from(server.child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::HUP).unwrap();
    told(dir.path(), "SIGHUP: the PIN's file changed and needs a restart");
    drop(server);
    let server = Server::start(dir.path(), &settings);
    let get =
        |cookie: &str| user.get(url(server.port, "/api/session")).header("cookie", cookie.to_owned()).send();
    assert_eq!(get(&kept).await.unwrap().status(), 401);
    drop(server);
    let log = logs(dir.path());
    assert!(log.contains("all sessions were revoked") && !log.contains("canary"), "{log}");
    for file in std::fs::read_dir(dir.path().join("logs")).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_in_the_store_is_set_without_the_setup_code() {
    let dir = tempfile::tempdir().unwrap();
    ok(&pin_set(dir.path(), &[], FIRST));
    let server = Server::start(dir.path(), &[]);
    assert!(!server.said.contains("one-time code"), "{}", server.said);
    let beside = pin_set(dir.path(), &[], SECOND);
    assert_eq!(beside.status.code(), Some(4), "{beside:?}");
    let url = format!("https://localhost:{}/api/session", server.port);
    let login = client(dir.path()).post(url).json(&json!({ "pin": FIRST })).send().await.unwrap();
    assert_eq!(login.status(), 204);
}

#[test]
fn a_trivial_pin_in_its_file_keeps_the_service_from_starting() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("workspace")).unwrap();
    std::fs::write(dir.path().join("pin"), "777777").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sentinel"))
        .arg("serve")
        .current_dir(dir.path())
        .env("SENTINEL_POLICIES_DIR", Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"))
        .env("SENTINEL_PIN_FILE", dir.path().join("pin"))
        .env("SENTINEL_HTTPS_PORT", "0")
        .env("SENTINEL_HTTP_PORT", "0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("first that a stranger"), "{said}");
}
