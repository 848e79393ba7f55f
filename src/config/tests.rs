#![expect(clippy::disallowed_methods, reason = "tests lay out real files")]

use super::*;

mod documented;
mod masked;
mod serve;

use std::fs;
use std::path::Path;
use std::time::Duration;

fn load_with(toml: Option<&str>, env: &[(&str, &str)]) -> Result<(Settings, Vec<String>), Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sentinel.toml");
    if let Some(toml) = toml {
        fs::write(&file, toml).unwrap();
    }
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let shown = format!("{}/", folder.path().display());
    load_from(&file, false, env)
        .map_err(|failure| failure.faults.into_iter().map(|fault| fault.replace(&shown, "")).collect())
}

#[test]
fn defaults_are_those_of_the_documentation() {
    let (settings, notes) = load_with(None, &[]).unwrap();
    assert_eq!(settings.places.data, Path::new("./data"));
    assert_eq!(settings.places.workspace, Path::new("./workspace"));
    assert_eq!(settings.places.playbooks(), Path::new("./policies/playbooks"));
    assert_eq!(settings.worker.kind, WorkerKind::Embedded);
    assert_eq!(settings.worker.ollama_url, "http://sentinel-ollama:11434");
    assert_eq!(settings.worker.ollama_model, "qwen3:14b");
    assert_eq!((settings.worker.model_path, settings.worker.threads), (None, 1));
    let seconds = Duration::from_secs;
    assert_eq!((settings.worker.timeout, settings.planner.timeout), (seconds(480), seconds(120)));
    assert_eq!(settings.tasks, TaskSettings { patience: seconds(1_500), at_once: 32, most: 256 });
    let approval = ApprovalSettings { mode: ApprovalMode::Full, trust_level: 0, ttl_seconds: 300 };
    assert_eq!(settings.approval, approval);
    assert_eq!(settings.limits, LimitSettings { calls: 50, loop_turns: 1_000, value_bytes: 1_000_000 });
    assert_eq!(notes.len(), 0);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let toml = "trust_level = 1\nmax_calls = 10\nworker = \"ollama\"\n";
    let env =
        [("SENTINEL_MAX_CALLS", "20"), ("SENTINEL_DATA_DIR", "42"), ("PATH", "/bin"), ("SENTINELX", "1")];
    let (settings, _) = load_with(Some(toml), &env).unwrap();
    assert_eq!(settings.limits.calls, 20);
    assert_eq!(settings.approval.trust_level, 1);
    assert_eq!(settings.worker.kind, WorkerKind::Ollama);
    assert_eq!(settings.limits.loop_turns, 1_000);
    assert_eq!(settings.places.data, Path::new("42"));
}

#[test]
fn every_wrong_value_names_its_source_and_what_is_allowed() {
    let toml = "trust_level = 5\nworker = \"cloud\"\ndata_dir = 3\nmax_loop_turns = 2.5\n";
    let env = [
        ("SENTINEL_APPROVAL_MODE", "never"),
        ("SENTINEL_MAX_CALLS", "many"),
        ("SENTINEL_WORKER_THREADS", "-1"),
        ("SENTINEL_OLLAMA_URL", "localhost:11434"),
        ("SENTINEL_WORKER_MODEL_PATH", ""),
    ];
    let mut faults = load_with(Some(toml), &env).unwrap_err();
    faults.sort();
    let mut expected = [
        "sentinel.toml: `trust_level` is 5; allowed is 0 or 1 (levels 2 to 4 are not built yet)",
        "sentinel.toml: `worker` is \"cloud\"; allowed is ollama or embedded",
        "sentinel.toml: `data_dir` is 3; allowed is a path",
        "sentinel.toml: `max_loop_turns` is 2.5; allowed is a whole number from 1 to 1000000",
        "SENTINEL_APPROVAL_MODE: `approval_mode` is \"never\"; allowed is full, smart or auto",
        "SENTINEL_MAX_CALLS: `max_calls` is \"many\"; allowed is a whole number from 1 to 10000",
        "SENTINEL_WORKER_THREADS: `worker_threads` is -1; allowed is a whole number from 1 to 64",
        "SENTINEL_OLLAMA_URL: `ollama_url` is \"localhost:11434\"; allowed is an http:// or https:// address without ? and #",
        "SENTINEL_WORKER_MODEL_PATH: `worker_model_path` is \"\"; allowed is the path of a GGUF file",
    ];
    expected.sort_unstable();
    assert_eq!(faults, expected);
}

#[test]
fn unknown_settings_are_errors_with_the_nearest_name() {
    let env = [("SENTINEL_WORKSPCE_DIR", "x")];
    let toml = "trust_levle = 1\nzzz = 1\nSENTINEL_HTTPS_PORT = 1\nfoo = 1\n";
    let mut faults = load_with(Some(toml), &env).unwrap_err();
    faults.sort();
    let expected = [
        "sentinel.toml: unknown setting `SENTINEL_HTTPS_PORT`; did you mean `https_port`?",
        "sentinel.toml: unknown setting `foo`; the nearest is `max_loop_turns`; docs/settings.md has all of them",
        "sentinel.toml: unknown setting `trust_levle`; did you mean `trust_level`?",
        "sentinel.toml: unknown setting `zzz`; docs/settings.md has all of them",
        "the environment: unknown setting `SENTINEL_WORKSPCE_DIR`; did you mean `SENTINEL_WORKSPACE_DIR`?",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn settings_of_later_parts_are_accepted_and_noted() {
    let (_, notes) = load_with(Some("embed_model = \"x\"\n"), &[("SENTINEL_MCP_ENABLED", "true")]).unwrap();
    assert_eq!(notes.len(), 2);
    assert!(notes[0].ends_with("sentinel.toml: `embed_model` has no effect in this version"), "{}", notes[0]);
    assert_eq!(notes[1], "the environment: `SENTINEL_MCP_ENABLED` has no effect in this version");
}

#[test]
fn a_secret_never_comes_from_a_plain_setting() {
    let faults = load_with(None, &[("SENTINEL_PIN", "123456")]).unwrap_err();
    let expected = "the environment: `SENTINEL_PIN` would hold a secret; put it into a file and name it in `SENTINEL_PIN_FILE`";
    assert_eq!(faults, [expected]);
    assert!(!load_with(Some("claude_api_key = \"k3y\""), &[]).unwrap_err().concat().contains("k3y"));
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let faults = load_with(Some("trust_level = \n"), &[]).unwrap_err();
    assert!(faults[0].starts_with("sentinel.toml: "), "{faults:?}");
    let missing = load_from(Path::new("/nonexistent/sentinel.toml"), true, []).unwrap_err();
    assert_eq!(missing.faults, ["/nonexistent/sentinel.toml: the settings file does not exist"]);
    assert!(load_from(Path::new("/nonexistent/sentinel.toml"), false, []).is_ok());
}
