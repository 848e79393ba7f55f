//! Merges the sources and checks every value.

use super::keys::{self, Kind};
use super::name::nearest;
use super::{ApprovalSettings, LimitSettings, Places, Settings, WorkerKind, WorkerSettings};
use figment::providers::{Format as _, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::de::DeserializeOwned;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

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
            self.faults.push(match nearest(name, known) {
                Some(best) => {
                    format!("{source}: unknown setting `{}`; did you mean `{}`?", shown(name), shown(best))
                }
                None => {
                    let all: Vec<&str> = keys::KEYS.iter().map(|key| key.name).collect();
                    format!("{source}: unknown setting `{}`; known are {}", shown(name), all.join(", "))
                }
            });
        }
    }

    fn settings(&mut self) -> Option<Settings> {
        let data = self.path("data_dir");
        let workspace = self.path("workspace_dir");
        let policies = self.path("policies_dir");
        let kind: Option<WorkerKind> = self.value("worker");
        let ollama_url = self
            .checked("ollama_url", |url: &String| url.starts_with("http://") || url.starts_with("https://"));
        let ollama_model = self.checked("ollama_model", |name: &String| !name.trim().is_empty());
        // There is no default for this one, and to give none is no fault.
        let model_path = self.optional_path("worker_model_path");
        let threads = self.number("worker_threads", 1..=64);
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
        let found = self.figment.find_value(name).map(|v| show(&v)).unwrap_or_else(|_| "nothing".to_owned());
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

/// An address without the name and password that it may carry before an `@`.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..end).and_then(|authority| authority.rfind('@')).and_then(|at| rest.get(at..)) {
        Some(host) => format!("{scheme}://***{host}"),
        None => text.to_owned(),
    }
}

/// A value as people may see it.
pub(super) fn show(value: &Value) -> String {
    let text = match value {
        Value::String(_, text) => format!("\"{}\"", without_password(text)),
        Value::Array(_, items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
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
                Some(Kind::Text) | None => Value::from(text),
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
