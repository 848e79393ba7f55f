#![expect(clippy::disallowed_methods, reason = "tests read the files that were written")]

use super::*;
use serde_json::Value as Json;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A terminal that remembers.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn config(folder: &Path) -> LogConfig {
    let clock: Clock = Arc::new(|| "2026-11-21T10:20:30Z".parse().unwrap());
    LogConfig { folder: folder.to_owned(), level: LevelFilter::INFO, files: 3, clock }
}

/// Logs what `act` does; gives the lines of the files and what the terminal showed.
fn logged(config: &LogConfig, act: impl FnOnce()) -> (String, String) {
    let screen = Screen::default();
    let kept = screen.clone();
    let (subscriber, guard) = subscriber(config, Some(move || kept.clone()), None).unwrap();
    tracing::subscriber::with_default(subscriber, act);
    assert_eq!(guard.dropped_lines(), 0);
    // The guard writes what waits.
    drop(guard);
    let mut files: Vec<_> = std::fs::read_dir(&config.folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let text = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let shown = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
    (text, shown)
}

#[test]
fn a_line_is_json_with_its_spans_and_short_on_a_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let (file, shown) = logged(&config(&dir.path().join("new/logs")), || {
        let span =
            tracing::info_span!("run", task = "t-1", "gen_ai.usage.input_tokens" = tracing::field::Empty);
        let _inside = span.enter();
        span.record("gen_ai.usage.input_tokens", 42);
        tracing::info!(calls = 3, ok = true, "a run\u{1b}[31m ended");
        tracing::debug!("below the level");
    });
    let lines: Vec<Json> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1, "{file}");
    assert_eq!(lines[0]["time"], "2026-11-21T10:20:30Z");
    assert_eq!((&lines[0]["level"], &lines[0]["fields"]["calls"]), (&"INFO".into(), &3.into()));
    assert_eq!(lines[0]["spans"][0]["task"], "t-1");
    assert_eq!(lines[0]["spans"][0]["gen_ai.usage.input_tokens"], 42);
    assert_eq!(shown, "10:20:30  INFO a run\\u{1b}[31m ended calls=3 ok=true\n");
}

#[test]
fn planted_secrets_never_reach_the_files() {
    #[derive(Debug)]
    #[expect(dead_code, reason = "read by Debug")]
    struct Headers {
        authorization: &'static str,
        x_sentinel_pin: &'static str,
    }
    let dir = tempfile::tempdir().unwrap();
    let (file, shown) = logged(&config(dir.path()), || {
        let span =
            tracing::info_span!("login", pin = "CANARY-1", cookie = tracing::field::Empty, from = "web");
        let _inside = span.enter();
        span.record("cookie", "CANARY-2");
        tracing::warn!(key = "CANARY-3", authorization = ?Some("CANARY-4"), "x-api-key" = 4711_u64, "refused");
        tracing::warn!(headers = ?Headers { authorization: "Basic CANARY-5", x_sentinel_pin: "CANARY-6" }, "headers");
        tracing::error!("the request had pin=CANARY-7 and Bearer CANARY-8");
    });
    assert_eq!(file.lines().count(), 3, "{file}");
    for text in [&file, &shown] {
        assert!(!text.contains("CANARY") && !text.contains("4711"), "{text}");
        assert!(text.contains(crate::telemetry::redact::REDACTED) && text.contains("refused"), "{text}");
    }
    assert!(file.contains("\"from\":\"web\""), "{file}");
}

#[test]
fn a_long_value_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (file, _) = logged(&config(dir.path()), || tracing::info!(text = "é".repeat(5_000), "long"));
    let line: Json = serde_json::from_str(&file).unwrap();
    assert_eq!(line["fields"]["text"].as_str().unwrap().chars().count(), 2_001);
}

#[test]
fn old_files_go_and_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    for day in 1..=6 {
        std::fs::write(dir.path().join(format!("sentinel.2020-01-0{day}.jsonl")), "{}\n").unwrap();
    }
    std::fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    drop(logged(&config(dir.path()), || tracing::info!("today")));
    let names: Vec<String> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    let logs = names.iter().filter(|name| name.starts_with("sentinel.")).count();
    assert!(logs == 3 && names.iter().any(|name| name == "notes.txt"), "{names:?}");
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let taken = dir.path().join("file");
    std::fs::write(&taken, "").unwrap();
    let failure = install(&config(&taken), None).err().unwrap().to_string();
    assert!(failure.contains("SENTINEL_LOG_DIR") && failure.contains("file"), "{failure}");
}

#[test]
fn files_are_for_this_user_only_also_those_of_before() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let modes = || -> Vec<u32> {
        let files = std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().metadata().unwrap());
        files.map(|meta| meta.permissions().mode() & 0o777).collect()
    };
    logged(&config(dir.path()), || tracing::info!("one"));
    assert_eq!(modes(), [0o600]);
    for file in std::fs::read_dir(dir.path()).unwrap() {
        std::fs::set_permissions(file.unwrap().path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    logged(&config(dir.path()), || tracing::info!("two"));
    assert_eq!(modes(), [0o600]);
}
