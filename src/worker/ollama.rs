//! A model behind an Ollama server. The request's types are ollama-rs'; the exchange is our own, because that
//! crate's client has no time-out, no bound on the reply and hides whether the answer was cut off.

mod aloud;
mod envelope;
mod health;
mod prompt;
mod reply;
#[cfg(test)]
mod tests;

pub use health::Health;

use super::spotlight::{self, Tags};
use crate::egress::http::{Http, HttpFailure, HttpRequest};
use crate::egress::ollama;
use crate::kernel::port::{Ask, Listener, Worker, WorkerFailure, WorkerReply};
use aloud::Aloud;
use prompt::Prompt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Largest reply in bytes: the longest answer many times over. Each token comes on a line of some 150 bytes.
const MAX_REPLY: usize = 4 * 1024 * 1024;

/// How to reach the model.
#[derive(Debug, Clone)]
pub struct OllamaConfig {
    /// The server, such as `http://sentinel-ollama:11434`.
    pub url: String,
    /// The model, such as `qwen3:14b`.
    pub model: String,
    /// For one question, its second try included; 480 s by default.
    pub timeout: Duration,
    /// The context in tokens. The server's own default would cut long data without a word.
    pub context: u32,
    /// The longest answer in tokens.
    pub answer_tokens: u32,
}

impl OllamaConfig {
    /// The defaults for this server and model.
    pub fn new(url: impl Into<String>, model: impl Into<String>) -> Self {
        let (url, model) = (url.into(), model.into());
        Self { url, model, timeout: Duration::from_secs(480), context: 32_768, answer_tokens: 2_048 }
    }
}

/// The worker behind a server.
#[derive(Debug)]
pub struct Ollama {
    config: OllamaConfig,
    name: Arc<str>,
    http: Http,
}

impl Ollama {
    /// A worker that asks this server. Nothing is sent yet.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(config: OllamaConfig) -> Result<Self, WorkerFailure> {
        let http = Http::new().map_err(|e| WorkerFailure::Unavailable(e.to_string()))?;
        let name = format!("ollama:{}", config.model).into();
        Ok(Self { config, name, http })
    }

    /// One exchange, and the answer if it is usable.
    fn attempt(
        &self,
        ask: &Ask,
        timeout: Duration,
        listener: Option<&mut dyn Listener>,
    ) -> Result<WorkerReply, WorkerFailure> {
        let tags = Tags::fresh(&ask.data);
        let prompt = Prompt::new(ask, &tags, &self.config)?;
        let body = prompt.request(ask, &self.config)?;
        let url = ollama::at(&self.config.url, "/api/chat");
        let request =
            HttpRequest { url: &url, headers: &[], body: Some(&body), timeout, max_bytes: MAX_REPLY };
        let reply = match listener {
            Some(listener) => {
                let mut aloud = Aloud::new(&prompt, &tags, listener);
                self.http.exchange_watched(&request, &mut |bytes| aloud.take(bytes))
            }
            None => self.http.exchange(&request),
        };
        let reply = reply.map_err(named)?;
        let text = reply::content(&reply, &self.config, prompt.marks())?;
        reply::read(&text, ask, &tags, prompt.marker())
    }

    /// The attempts at a question that can be asked at all.
    fn attempts(
        &self,
        ask: &Ask,
        attempt: impl FnMut(Duration) -> Result<WorkerReply, WorkerFailure>,
    ) -> Result<WorkerReply, WorkerFailure> {
        spotlight::fits(&ask.question, &ask.data)?;
        let began = Instant::now();
        twice(self.config.timeout, || began.elapsed(), attempt)
    }
}

impl Worker for Ollama {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        self.attempts(ask, |left| self.attempt(ask, left, None))
    }

    fn answer_aloud(&self, ask: &Ask, listener: &mut dyn Listener) -> Result<WorkerReply, WorkerFailure> {
        self.attempts(ask, |left| {
            listener.begin_anew();
            self.attempt(ask, left, Some(&mut *listener))
        })
    }
}

/// Tries an empty or unusable answer once more, with other marks and in the time that is left; a server that fails
/// is not tried again.
fn twice(
    total: Duration,
    elapsed: impl Fn() -> Duration,
    mut attempt: impl FnMut(Duration) -> Result<WorkerReply, WorkerFailure>,
) -> Result<WorkerReply, WorkerFailure> {
    let first = attempt(total);
    if !matches!(first, Err(WorkerFailure::BadAnswer(_))) {
        return first;
    }
    let left = total.saturating_sub(elapsed());
    if left.is_zero() {
        return first;
    }
    match attempt(left) {
        Err(WorkerFailure::TimedOut(_)) => Err(WorkerFailure::TimedOut(total.as_secs())),
        second => second,
    }
}

/// An exchange that failed, and what to do.
fn named(failure: HttpFailure) -> WorkerFailure {
    match failure {
        HttpFailure::TimedOut(_, after) => WorkerFailure::TimedOut(after),
        HttpFailure::GivenUp(..) => WorkerFailure::GivenUp,
        HttpFailure::TooLarge(..) => WorkerFailure::BadAnswer(failure.to_string()),
        HttpFailure::Unreachable(..) => WorkerFailure::Unavailable(format!(
            "{failure}; start Ollama there, or set SENTINEL_OLLAMA_URL, or set SENTINEL_WORKER=embedded"
        )),
        HttpFailure::Setup(..) | HttpFailure::Broken(..) => WorkerFailure::Unavailable(failure.to_string()),
    }
}

/// The server does not have the model.
fn missing(config: &OllamaConfig) -> WorkerFailure {
    WorkerFailure::Unavailable(ollama::model_is_missing(&config.url, &config.model))
}
