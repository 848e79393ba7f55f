//! A model behind an Ollama server drafts plans. As isolated as any planner: a call of its own that sees trusted text
//! only, and never the worker's conversation.

#[cfg(test)]
mod tests;

use super::attempts::{Attempts, Miss, Spent};
use super::history::{History, Remembers, WithHistory};
use super::submission::{self, Submission};
use super::{Stubs, prompt};
use crate::egress::clock::{Deadline, SystemTimer, Timer};
use crate::egress::http::{Http, HttpFailure, HttpRequest};
use crate::egress::ollama::{self, ChatReply};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{Draft, Planner, PlannerFailure, Tried, Usage};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// How often the server is asked for one draft, at most.
const ATTEMPTS: u32 = 2;
/// Largest reply in bytes: the longest answer many times over.
const MAX_REPLY: usize = 1 << 20;

/// How to reach the model.
#[derive(Debug, Clone)]
pub struct OllamaPlannerConfig {
    /// `ollama_url`: the server, such as `http://sentinel-ollama:11434`.
    pub url: String,
    /// `ollama_model`: the model, such as `qwen3:14b`.
    pub model: String,
    /// For one draft with both tries; 120 s by default.
    pub timeout: Duration,
    /// The context in tokens. The server's own default would cut the prompt without a word.
    pub context: u32,
    /// The longest answer in tokens.
    pub answer_tokens: u32,
    /// Says how much time has passed.
    pub timer: Arc<dyn Timer>,
}

impl OllamaPlannerConfig {
    /// The defaults for this server and model.
    pub fn new(url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            model: model.into(),
            timeout: Duration::from_secs(120),
            context: 32_768,
            answer_tokens: 4_096,
            timer: Arc::new(SystemTimer::start()),
        }
    }
}

/// The planner behind a server.
#[derive(Debug)]
pub struct OllamaPlanner {
    config: OllamaPlannerConfig,
    stubs: Stubs,
    http: Http,
}

impl OllamaPlanner {
    /// A planner that asks this server. Nothing is sent yet.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(config: OllamaPlannerConfig, stubs: Stubs) -> Result<Self, PlannerFailure> {
        let http = Http::new().map_err(|e| PlannerFailure::new(e.to_string()))?;
        Ok(Self { config, stubs, http })
    }

    /// The same planner for a conversation that has a past.
    pub fn with_history(&self, history: History) -> WithHistory<'_> {
        WithHistory::new(self, history)
    }

    fn body(&self, system: &str, task: &str) -> Json {
        let system = format!(
            "{system}\n\nHere `submit_plan` is the JSON object that you answer with: `plan` and `assessment`."
        );
        json!({
            "model": self.config.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": task}],
            "stream": false,
            "think": false,
            "format": submission::schema(),
            "options": {
                "temperature": 0.0,
                "num_ctx": self.config.context,
                "num_predict": self.config.answer_tokens,
            },
            "keep_alive": "5m",
        })
    }

    fn attempt(&self, body: &Json, left: Duration, spent: &mut Spent) -> Result<Submission, Miss> {
        let url = ollama::at(&self.config.url, "/api/chat");
        let request =
            HttpRequest { url: &url, headers: &[], body: Some(body), timeout: left, max_bytes: MAX_REPLY };
        let reply = self.http.exchange(&request).map_err(|failure| self.missing(&failure))?;
        let unusable = |why: &str| Miss::Again {
            why: format!("the answer of {} is not usable: {why}", self.config.model),
            after: Some(Duration::ZERO),
        };
        let reply = match reply.status {
            200 => ChatReply::read(&reply).map_err(|failure| unusable(&failure.to_string()))?,
            status => return Err(Miss::Final(self.refused(status))),
        };
        spent.add(Usage {
            model: self.config.model.as_str().into(),
            input_tokens: reply.prompt_eval_count,
            output_tokens: reply.eval_count,
            // The user's own machine.
            cost_micro_dollars: Some(0),
            ..Usage::default()
        });
        let text = reply.answer(self.config.answer_tokens).map_err(unusable)?;
        let json: Json = serde_json::from_str(text.trim())
            .map_err(|_| unusable("it is not the JSON that was asked for"))?;
        submission::read(&json).map_err(unusable)
    }

    fn refused(&self, status: u16) -> String {
        let (url, model) = (&self.config.url, &self.config.model);
        match status {
            404 => ollama::model_is_missing(url, model),
            status => format!("the server at {url} answered with status {status}; see its log"),
        }
    }

    fn missing(&self, failure: &HttpFailure) -> Miss {
        Miss::Final(match failure {
            HttpFailure::TimedOut(..) => self.too_slow(),
            HttpFailure::Unreachable(..) => {
                format!("{failure}; start Ollama there, or set SENTINEL_OLLAMA_URL or SENTINEL_PLANNER")
            }
            _ => failure.to_string(),
        })
    }

    fn too_slow(&self) -> String {
        let (model, seconds) = (&self.config.model, self.config.timeout.as_secs_f32());
        format!("{model} gave no plan within {seconds} s; use a smaller model or a faster machine")
    }
}

impl Remembers for OllamaPlanner {
    fn draft_after(
        &self,
        history: &History,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        let system = prompt::system(&(self.stubs)(catalogue));
        let body = self.body(&system, &prompt::task(history, &request.request().text, tried));
        let attempts = Attempts {
            deadline: Deadline::within(self.config.timeout, self.config.timer.as_ref()),
            most: ATTEMPTS,
            pause: |_| Duration::ZERO,
            too_slow: self.too_slow(),
        };
        attempts.draft(|left, spent| self.attempt(&body, left, spent))
    }
}

impl Planner for OllamaPlanner {
    fn draft(
        &self,
        request: &Screened<Request>,
        catalogue: &Catalogue,
        tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        self.draft_after(&History::default(), request, catalogue, tried)
    }
}
