//! Claude drafts plans, over the Messages API. It is told the request, the catalogue and what the user asked before,
//! and hands a plan in by a tool call. Tried against a fake of the API only, never against the live one.

mod price;
mod reply;
#[cfg(test)]
mod tests;

use super::attempts::{Attempts, Miss, Spent};
use super::history::{History, Remembers, WithHistory};
use super::submission::{self, Submission, TOOL};
use super::{Stubs, prompt};
use crate::egress::clock::{Deadline, SystemTimer, Timer};
use crate::egress::http::{Http, HttpRequest};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{Draft, Planner, PlannerFailure, Tried};
use reply::Unread;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// The version of the wire format, from the API's documentation.
const VERSION: &str = "2023-06-01";
/// How often the server is asked for one draft, at most.
const ATTEMPTS: u32 = 3;
/// Largest reply in bytes: the longest answer many times over.
const MAX_REPLY: usize = 1 << 20;
/// The pause after the first attempt; it doubles, and chance takes up to half off, so that many do not come at once.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How to reach Claude.
#[derive(Debug, Clone)]
pub struct AnthropicConfig {
    /// `claude_url`: the server. Over plain HTTP on this machine only, because the key goes with every request.
    pub url: String,
    /// `claude_model`.
    pub model: String,
    /// The content of `claude_api_key_file`. Shown nowhere.
    pub key: SecretString,
    /// For one draft with all its attempts and pauses; 120 s by default.
    pub timeout: Duration,
    /// The longest answer in tokens, thoughts included; twice as much when it did not do.
    pub answer_tokens: u32,
    /// Says how much time has passed, and waits.
    pub timer: Arc<dyn Timer>,
}

impl AnthropicConfig {
    /// The defaults for this server, model and key.
    pub fn new(url: impl Into<String>, model: impl Into<String>, key: SecretString) -> Self {
        Self {
            url: url.into(),
            model: model.into(),
            key,
            timeout: Duration::from_secs(120),
            answer_tokens: 16_384,
            timer: Arc::new(SystemTimer::start()),
        }
    }
}

/// The planner behind Claude's API.
#[derive(Debug)]
pub struct Anthropic {
    config: AnthropicConfig,
    stubs: Stubs,
    http: Http,
}

impl Anthropic {
    /// A planner that asks this server. Nothing is sent yet.
    ///
    /// # Errors
    /// When the key or the address cannot be used, or the HTTP client cannot be set up.
    pub fn new(config: AnthropicConfig, stubs: Stubs) -> Result<Self, PlannerFailure> {
        // Files end with a line break; the header must not.
        let key = SecretString::from(config.key.expose_secret().trim());
        if key.expose_secret().is_empty() || !key.expose_secret().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(PlannerFailure::new(
                "the Claude API key is empty or not one line of plain text; put it into the file that \
                 SENTINEL_CLAUDE_API_KEY_FILE names (the secret `claude_api_key`)",
            ));
        }
        if !keeps_the_key(&config.url) {
            return Err(PlannerFailure::new(
                "SENTINEL_CLAUDE_URL must begin with https://, or with http:// for a server on this machine: the API \
                 key goes with every request",
            ));
        }
        let http = Http::new().map_err(|e| PlannerFailure::new(e.to_string()))?;
        Ok(Self { config: AnthropicConfig { key, ..config }, stubs, http })
    }

    /// The same planner for a conversation that has a past.
    pub fn with_history(&self, history: History) -> WithHistory<'_> {
        WithHistory::new(self, history)
    }

    fn body(&self, system: &str, task: &str, answer_tokens: u32) -> Json {
        let choice = if price::takes_forced_choice(&self.config.model) {
            json!({"type": "tool", "name": TOOL, "disable_parallel_tool_use": true})
        } else {
            json!({"type": "auto", "disable_parallel_tool_use": true})
        };
        json!({
            "model": self.config.model,
            "max_tokens": answer_tokens,
            "system": [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
            "tools": [{
                "name": TOOL,
                "description": "Hands in the plan. Call it exactly once.",
                "input_schema": submission::schema(),
            }],
            "tool_choice": choice,
            "messages": [{"role": "user", "content": [{"type": "text", "text": task}]}],
        })
    }

    /// One exchange, within what is left of the time.
    fn attempt(&self, body: &Json, left: Duration, spent: &mut Spent) -> Result<Submission, Unread> {
        let url = format!("{}/v1/messages", self.config.url.trim_end_matches('/'));
        let request = HttpRequest {
            url: &url,
            headers: &[("x-api-key", self.config.key.expose_secret()), ("anthropic-version", VERSION)],
            body: Some(body),
            timeout: left,
            max_bytes: MAX_REPLY,
        };
        let reply = self.http.exchange(&request).map_err(|e| reply::missing(&e, self.config.timeout))?;
        let (read, used) = reply::read(&reply, &self.config.model);
        used.into_iter().for_each(|used| spent.add(used));
        read
    }
}

impl Remembers for Anthropic {
    fn draft_after(
        &self,
        history: &History,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        let system = prompt::system(&(self.stubs)(catalogue));
        let task = prompt::task(history, &request.request().text, tried);
        let attempts = Attempts {
            deadline: Deadline::within(self.config.timeout, self.config.timer.as_ref()),
            most: ATTEMPTS,
            pause: backoff,
            too_slow: reply::too_slow(self.config.timeout),
        };
        let (mut tokens, mut widened) = (self.config.answer_tokens, false);
        attempts.draft(|left, spent| match self.attempt(&self.body(&system, &task, tokens), left, spent) {
            Ok(submission) => Ok(submission),
            Err(Unread::Missed(miss)) => Err(miss),
            Err(Unread::Truncated) if widened => Err(Miss::Final(format!(
                "Claude's plan does not fit into {tokens} tokens; ask for less at once"
            ))),
            Err(Unread::Truncated) => {
                (tokens, widened) = (tokens.saturating_mul(2), true);
                Err(Miss::Again { why: "Claude's plan was cut off".to_owned(), after: Some(Duration::ZERO) })
            }
        })
    }
}

impl Planner for Anthropic {
    fn draft(
        &self,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        self.draft_after(&History::default(), request, catalogue, tried)
    }
}

/// The pause after this attempt, between half of it and all of it.
fn backoff(attempt: u32) -> Duration {
    let whole = FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(8));
    whole.mul_f64(rand::random_range(0.5..=1.0))
}

/// Whether a key sent there stays between us and the server: encrypted, or within this machine.
fn keeps_the_key(url: &str) -> bool {
    if url.starts_with("https://") {
        return true;
    }
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let local = ["127.0.0.1", "[::1]", "localhost"];
    local.iter().any(|host| {
        authority.strip_prefix(host).is_some_and(|port| {
            port.is_empty() || port.strip_prefix(':').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        })
    })
}
