//! Whether the server is there and has the model, told before a question needs it.

use super::{Ollama, missing, named};
use crate::egress::http::HttpRequest;
use crate::egress::ollama;
use crate::kernel::port::WorkerFailure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Largest reply in bytes: a server with a thousand models has some 500 KB to say.
const MAX_REPLY: usize = 2 * 1024 * 1024;

/// A server that can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The server's version as it says; `unknown` where that is no version.
    pub version: String,
    /// The digest of the model's files as the server says; empty where that is no digest.
    pub digest: String,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: String,
}

#[derive(Debug, Deserialize)]
struct Models {
    models: Vec<Model>,
}

#[derive(Debug, Deserialize)]
struct Model {
    name: String,
    #[serde(default)]
    digest: String,
}

impl Ollama {
    /// Asks the server for its version and its models; no model is loaded by that. `timeout` holds for each of the two.
    ///
    /// # Errors
    /// [`WorkerFailure::Unavailable`] with what to do, or [`WorkerFailure::TimedOut`].
    pub fn health(&self, timeout: Duration) -> Result<Health, WorkerFailure> {
        let Version { version } = self.get("/api/version", timeout)?;
        let Models { models } = self.get("/api/tags", timeout)?;
        let found = models.into_iter().find(|model| is(&model.name, &self.config.model));
        let found = found.ok_or_else(|| missing(&self.config))?;
        // Both are shown to people and logged: nothing else than their own characters gets through.
        let version = if plain(&version) { version } else { "unknown".to_owned() };
        let digest = if plain(&found.digest) { found.digest } else { String::new() };
        Ok(Health { version, digest })
    }

    fn get<T: DeserializeOwned>(&self, verb: &str, timeout: Duration) -> Result<T, WorkerFailure> {
        let url = ollama::at(&self.config.url, verb);
        let request = HttpRequest { url: &url, headers: &[], body: None, timeout, max_bytes: MAX_REPLY };
        let strange = |what: &str| {
            WorkerFailure::Unavailable(format!(
                "the server at {} {what} for {verb}; is it Ollama? See SENTINEL_OLLAMA_URL",
                self.config.url
            ))
        };
        let reply = self.http.exchange(&request).map_err(|failure| match named(failure) {
            WorkerFailure::BadAnswer(_) => strange("says too much"),
            other => other,
        })?;
        if reply.status != 200 {
            return Err(strange(&format!("answered with status {}", reply.status)));
        }
        serde_json::from_slice(&reply.body).map_err(|_| strange("gives something else than Ollama"))
    }
}

/// Whether the server's name for a model is the one that is meant: a name without a tag means `latest`.
fn is(theirs: &str, ours: &str) -> bool {
    theirs == ours || theirs.strip_suffix(":latest") == Some(ours)
}

/// Whether a text looks like a version or a digest.
fn plain(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-+:".contains(c);
    (1..=80).contains(&text.len()) && text.chars().all(allowed)
}
