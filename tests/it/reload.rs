//! SIGHUP to the real program: policies are read again or stay, and the log says what needs a restart.

#![expect(clippy::disallowed_methods, reason = "a test writes the policies and settings that it changes")]

use crate::serve::{Server, client};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

struct House {
    dir: tempfile::TempDir,
    server: Server,
    client: reqwest::Client,
}

impl House {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let policies = dir.path().join("policies");
        fs::create_dir(&policies).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        for entry in fs::read_dir(shipped).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), policies.join(entry.file_name())).unwrap();
            }
        }
        fs::write(dir.path().join("sentinel.toml"), "max_calls = 50\n").unwrap();
        let settings =
            [("SENTINEL_POLICIES_DIR", policies.to_str().unwrap()), ("SENTINEL_PIN_REQUIRED", "false")];
        let server = Server::start(dir.path(), &settings);
        let client = client(dir.path());
        Self { dir, server, client }
    }

    fn hang_up(&self) {
        let pid = Pid::from_raw(i32::try_from(self.server.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::HUP).unwrap();
    }

    fn policy(&self, text: &str) {
        fs::write(self.dir.path().join("policies/more.cedar"), text).unwrap();
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("https://localhost:{}{path}", self.server.port);
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Asks until it is so.
    async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let said = self.get(path).await;
            if holds(&said) {
                return said;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a line of the log that says so.
    async fn told(&self, what: &str) -> String {
        let begun = Instant::now();
        loop {
            let files = fs::read_dir(self.dir.path().join("logs")).unwrap();
            let text: String = files.map(|f| fs::read_to_string(f.unwrap().path()).unwrap()).collect();
            if text.contains(what) {
                return text;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "no `{what}` in {text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_read_again_and_a_faulty_set_leaves_the_old_one_in_force() {
    let house = House::open();
    let before = house.get("/health").await;
    let path = "/validate/path?path=notes.txt&operation=read";
    assert_eq!(house.get(path).await["outcome"], "allow");

    house.policy(
        "@id(\"no-notes\") @reason(\"notes are closed\") forbid (principal, action in Action::\"read\", resource)
         when { context.paths.names.contains(\"notes.txt\") };",
    );
    house.hang_up();
    let version = before["policy_version"].clone();
    let second = house.until("/health", |health| health["policy_version"] != version).await;
    assert_eq!(second["degraded"], json!([]));
    assert_eq!(house.get(path).await["outcome"], "deny");

    house.policy("@id(\"broken\") forbid (principal, action, resource)");
    house.hang_up();
    let degraded = house.until("/health", |health| health["degraded"] == json!(["policies"])).await;
    assert_eq!(
        (&degraded["status"], &degraded["policy_version"]),
        (&json!("degraded"), &second["policy_version"])
    );
    assert_eq!(house.get(path).await["outcome"], "deny");
    let log = house.told("stay as they were").await;
    assert!(log.contains("\"level\":\"ERROR\"") && log.contains("more.cedar:1:"), "{log}");

    fs::remove_file(house.dir.path().join("policies/more.cedar")).unwrap();
    house.hang_up();
    let mended = house.until("/health", |health| health["degraded"] == json!([])).await;
    assert_eq!(mended["policy_version"], before["policy_version"]);
    assert_eq!(house.get(path).await["outcome"], "allow");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificate_and_settings_are_looked_at_and_a_restart_is_asked_for_by_name() {
    let house = House::open();
    fs::write(house.dir.path().join("sentinel.toml"), "max_calls = 49\ntask_per_minute = 9\n").unwrap();
    house.hang_up();
    // `task_per_minute` is set by a variable too, which wins: it did not change.
    let log = house.told("these settings changed and need a restart: max_calls\"").await;
    assert!(log.contains("SIGHUP: the certificate is the same as before"), "{log}");
    fs::write(house.dir.path().join("sentinel.toml"), "max_cals = 49\n").unwrap();
    house.hang_up();
    house.told("the settings have faults, and a restart would fail").await;
    assert_eq!(house.get("/health").await["status"], "ok");
}
