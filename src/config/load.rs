//! Merges the sources and checks every value.

use super::keys::{self, Kind};
use super::name::{most_like, nearest};
use super::{ApprovalSettings, LimitSettings, Places, Settings, TaskSettings, WorkerKind, WorkerSettings};
use figment::providers::{Format as _, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::de::DeserializeOwned;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The prefix of the variables.
const PREFIX: &str = "SENTINEL_";
/// Keys whose values are secrets: a file names them, never a setting or a variable.
const SECRETS: [(&str, &str); 2] = [("pin", "pin_file"), ("claude_api_key", "claude_api_key_file")];

/// The settings are wrong. All faults, one a line, each with its source and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", faults.join("\n"))]
pub struct ConfigFailure {
    /// One sentence each.
    pub faults: Vec<String>,
}

/// Loads the settings of this process: the file at `file`, then the environment. Also returns notes: settings that
/// are documented and have no effect yet.
///
/// # Errors
/// Every unknown key and wrong value, and a file that cannot be read. A file that is not there is no error unless
/// `must_exist`.
pub fn load(file: &Path, must_exist: bool) -> Result<(Settings, Vec<String>), ConfigFailure> {
    load_from(file, must_exist, ours())
}

/// Our variables of this process.
pub(super) fn ours() -> impl Iterator<Item = (String, String)> {
    // The one place that reads the environment.
    let variables = std::env::vars_os();
    // A variable of somebody else may hold any bytes; one of ours that does is told as a wrong value.
    variables
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .filter(|(name, _)| name.starts_with(PREFIX))
}

/// Loads the settings from a file and from variables given as pairs.
///
/// # Errors
/// As for [`load`].
pub fn load_from(
    file: &Path,
    must_exist: bool,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(Settings, Vec<String>), ConfigFailure> {
    let (settings, loading) = merged(file, must_exist, variables)?;
    Ok((settings, loading.notes))
}

/// Merges the sources and checks all of it; keeps what was merged, so that it can be told.
pub(super) fn merged(
    file: &Path,
    must_exist: bool,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(Settings, Loading), ConfigFailure> {
    let mut loading = Loading::default();
    if must_exist && !file.exists() {
        loading.faults.push(format!("{}: the settings file does not exist", file.display()));
    }
    let env = Variables::new(variables);
    let from_file = if file.exists() { Some(Toml::file_exact(file).data()) } else { None };
    let from_file = match from_file.transpose() {
        Ok(data) => data,
        Err(fault) => {
            loading.faults.push(format!("{}: {fault}", file.display()));
            None
        }
    };
    loading.judge_keys(&file.display().to_string(), |key| key.to_owned(), from_file.as_ref());
    loading.judge_keys(
        "the environment",
        |key| format!("{PREFIX}{}", key.to_uppercase()),
        env.data().ok().as_ref(),
    );
    loading.figment = Figment::from(Serialized::defaults(keys::defaults()));
    if from_file.is_some() {
        loading.figment = loading.figment.merge(Toml::file_exact(file));
    }
    loading.figment = loading.figment.merge(env);
    let settings = loading.settings();
    match settings {
        Some(settings) if loading.faults.is_empty() => Ok((settings, loading)),
        _ => Err(ConfigFailure { faults: loading.faults }),
    }
}

#[derive(Default)]
pub(super) struct Loading {
    pub figment: Figment,
    pub faults: Vec<String>,
    pub notes: Vec<String>,
}

impl Loading {
    fn judge_keys(
        &mut self,
        source: &str,
        shown: impl Fn(&str) -> String,
        data: Option<&Map<Profile, Dict>>,
    ) {
        for name in data.into_iter().flat_map(|profiles| profiles.values()).flat_map(Dict::keys) {
            if keys::find(name).is_some() {
                continue;
            }
            if keys::LATER.contains(&name.as_str()) {
                self.notes.push(format!("{source}: `{}` has no effect in this version", shown(name)));
                continue;
            }
            if let Some((_, instead)) = SECRETS.iter().find(|(secret, _)| secret == name) {
                let (key, instead) = (shown(name), shown(instead));
                self.faults.push(format!(
                    "{source}: `{key}` would hold a secret; put it into a file and name it in `{instead}`"
                ));
                continue;
            }
            let known = keys::KEYS.iter().map(|key| key.name).chain(keys::LATER.iter().copied());
            // Whoever copies a variable's name into the file means the key behind the prefix.
            let lower = name.to_lowercase();
            let meant = lower.strip_prefix(&PREFIX.to_lowercase()).unwrap_or(&lower);
            let hint = match (nearest(meant, known.clone()), most_like(meant, known)) {
                (Some(best), _) => format!("did you mean `{}`?", shown(best)),
                (None, Some(best)) => {
                    format!("the nearest is `{}`; docs/settings.md has all of them", shown(best))
                }
                (None, None) => "docs/settings.md has all of them".to_owned(),
            };
            self.faults.push(format!("{source}: unknown setting `{}`; {hint}", shown(name)));
        }
    }

    fn settings(&mut self) -> Option<Settings> {
        let data = self.path("data_dir");
        let workspace = self.path("workspace_dir");
        let policies = self.path("policies_dir");
        let kind: Option<WorkerKind> = self.value("worker");
        let ollama_url = self.checked("ollama_url", |url: &String| is_address(url));
        let ollama_model = self.checked("ollama_model", |name: &String| !name.trim().is_empty());
        // There is no default for this one, and to give none is no fault.
        let model_path = self.optional_path("worker_model_path");
        let threads = self.number("worker_threads", 1..=64);
        let worker_seconds = self.number("worker_seconds", 1..=3_600);
        let plan_seconds = self.number("plan_seconds", 10..=86_400);
        let run_at_once = self.number("run_at_once", 1..=256);
        let max_tasks = self.number("max_tasks", 1..=4_096);
        let mode = self.value("approval_mode");
        let trust_level = self.number("trust_level", 0..=1);
        let ttl_seconds = self.number("approval_ttl_seconds", 1..=86_400);
        let calls = self.number("max_calls", 1..=10_000);
        let loop_turns = self.number("max_loop_turns", 1..=1_000_000);
        let value_bytes = self.number("max_value_bytes", 1_024..=67_108_864);
        let planner = self.planner();
        let serve = self.serve();
        Some(Settings {
            planner: planner?,
            serve: serve?,
            places: Places { data: data?, workspace: workspace?, policies: policies? },
            worker: WorkerSettings {
                kind: kind?,
                ollama_url: ollama_url?,
                ollama_model: ollama_model?,
                model_path,
                threads: usize::try_from(threads?).ok()?,
                timeout: Duration::from_secs(worker_seconds?),
            },
            tasks: TaskSettings {
                patience: Duration::from_secs(plan_seconds?),
                at_once: usize::try_from(run_at_once?).ok()?,
                most: usize::try_from(max_tasks?).ok()?,
            },
            approval: ApprovalSettings {
                mode: mode?,
                trust_level: u8::try_from(trust_level?).ok()?,
                ttl_seconds: ttl_seconds?,
            },
            limits: LimitSettings {
                calls: u32::try_from(calls?).ok()?,
                loop_turns: u32::try_from(loop_turns?).ok()?,
                value_bytes: value_bytes?,
            },
        })
    }

    pub(super) fn value<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        self.checked(name, |_: &T| true)
    }

    pub(super) fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.checked(name, |text: &String| !text.is_empty()).map(PathBuf::from)
    }

    /// A path that has no default.
    pub(super) fn optional_path(&mut self, name: &str) -> Option<PathBuf> {
        self.figment.contains(name).then(|| self.path(name)).flatten()
    }

    pub(super) fn number(&mut self, name: &str, range: RangeInclusive<u64>) -> Option<u64> {
        self.checked(name, |n| range.contains(n))
    }

    pub(super) fn checked<T: DeserializeOwned>(
        &mut self,
        name: &str,
        fits: impl Fn(&T) -> bool,
    ) -> Option<T> {
        if let Some(value) = self.figment.extract_inner::<T>(name).ok().filter(fits) {
            return Some(value);
        }
        let found =
            self.figment.find_value(name).map(|v| show(name, &v)).unwrap_or_else(|_| "nothing".to_owned());
        let allowed = keys::find(name).map_or("", |key| key.allowed);
        let source = self.source_of(name);
        self.faults.push(format!("{source}: `{name}` is {found}; allowed is {allowed}"));
        None
    }

    pub(super) fn source_of(&self, name: &str) -> String {
        let Some(metadata) = self.figment.find_metadata(name) else { return "the defaults".to_owned() };
        match metadata.source.as_ref().and_then(|s| s.file_path()) {
            Some(path) => path.display().to_string(),
            None if metadata.name == ENVIRONMENT => format!("{PREFIX}{}", name.to_uppercase()),
            None => "the defaults".to_owned(),
        }
    }
}

/// Whether a server can be reached there and paths be added: what stands behind `?` or `#` would not be what it seems.
pub(super) fn is_address(url: &str) -> bool {
    (url.starts_with("http://") || url.starts_with("https://")) && !url.contains(['?', '#'])
}

/// An address without what may be secret in it: a name and password before an `@`, and what stands behind `?` or `#`.
fn masked(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    // A password with a slash ends the authority early: then everything before the last `@` may be one.
    let (hides, shown) = match (authority.rsplit_once('@'), rest.rsplit_once('@')) {
        (Some((_, host)), _) => ("***@", format!("{host}{path}")),
        (None, Some((_, behind))) => ("***@", behind.to_owned()),
        (None, None) => ("", rest.to_owned()),
    };
    match shown.find(['?', '#']).and_then(|at| shown.split_at_checked(at + 1)) {
        Some((before, _)) => format!("{scheme}{hides}{before}***"),
        None => format!("{scheme}{hides}{shown}"),
    }
}

/// A setting's value as people may see it.
pub(super) fn show(name: &str, value: &Value) -> String {
    let address = keys::find(name).is_some_and(|key| key.kind == Kind::Address);
    let text = match value {
        Value::String(_, text) if address || text.contains("://") => format!("\"{}\"", masked(text)),
        Value::String(_, text) => format!("\"{text}\""),
        Value::Array(_, items) => {
            format!("[{}]", items.iter().map(|item| show(name, item)).collect::<Vec<_>>().join(", "))
        }
        other => serde_json::to_string(other).unwrap_or_else(|_| "a value".to_owned()),
    };
    text.chars().take(80).collect()
}

const ENVIRONMENT: &str = "environment";

/// The variables as a source. A key's kind says how its text is read, so that a folder called `42` stays a text.
struct Variables(Dict);

impl Variables {
    fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut dict = Dict::new();
        for (name, text) in pairs {
            let Some(name) = name.strip_prefix(PREFIX) else { continue };
            let name = name.to_lowercase();
            let value = match keys::find(&name).map(|key| key.kind) {
                Some(Kind::Number) => {
                    text.trim().parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
                }
                Some(Kind::Flag) => {
                    text.trim().parse::<bool>().map_or_else(|_| Value::from(text), Value::from)
                }
                Some(Kind::List) => {
                    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                    Value::from(parts.map(str::to_owned).collect::<Vec<_>>())
                }
                Some(Kind::Text | Kind::Address) | None => Value::from(text),
            };
            dict.insert(name, value);
        }
        Self(dict)
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named(ENVIRONMENT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}
