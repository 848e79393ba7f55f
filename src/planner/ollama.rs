//! A model behind an Ollama server drafts plans. As isolated as any planner: a call of its own that sees trusted text
//! only, and never the worker's conversation.

#[cfg(test)]
mod tests;

use super::history::{History, Remembers, WithHistory};
use super::submission::{self, Submission};
use super::{Stubs, prompt};
use crate::egress::clock::{SystemTimer, Timer};
use crate::egress::http::{Http, HttpFailure, HttpReply, HttpRequest};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{Draft, Planner, PlannerFailure, Tried, Usage};
use serde::Deserialize;
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

/// What we read of a reply; the rest is not ours.
#[derive(Debug, Deserialize)]
struct Reply {
    message: Message,
    #[serde(default)]
    done_reason: Option<String>,
    #[serde(default)]
    prompt_eval_count: u64,
    #[serde(default)]
    eval_count: u64,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    content: String,
}

/// Why a try gave no plan.
enum Miss {
    /// The answer is not usable; another may be.
    Unusable(&'static str),
    /// Trying again does not help.
    Final(String),
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

    fn attempt(&self, body: &Json, left: Duration, spent: &mut Option<Usage>) -> Result<Submission, Miss> {
        let url = format!("{}/api/chat", self.config.url.trim_end_matches('/'));
        let request =
            HttpRequest { url: &url, headers: &[], body: Some(body), timeout: left, max_bytes: MAX_REPLY };
        let reply = self.http.exchange(&request).map_err(|failure| self.missing(&failure))?;
        let reply = self.chat(&reply)?;
        let used = Usage {
            model: self.config.model.as_str().into(),
            input_tokens: reply.prompt_eval_count,
            output_tokens: reply.eval_count,
            // The user's own machine.
            cost_micro_dollars: Some(0),
            ..Usage::default()
        };
        *spent = Some(match spent.take() {
            Some(before) => before.plus(&used),
            None => used,
        });
        let full = reply.eval_count >= u64::from(self.config.answer_tokens);
        if full || reply.done_reason.as_deref() == Some("length") {
            return Err(Miss::Unusable("it was cut off at the token limit"));
        }
        if reply.message.content.trim().is_empty() {
            return Err(Miss::Unusable("it is empty"));
        }
        let json: Json = serde_json::from_str(reply.message.content.trim())
            .map_err(|_| Miss::Unusable("it is not the JSON that was asked for"))?;
        submission::read(&json).map_err(Miss::Unusable)
    }

    fn chat(&self, reply: &HttpReply) -> Result<Reply, Miss> {
        let (url, model) = (&self.config.url, &self.config.model);
        match reply.status {
            200 => serde_json::from_slice(&reply.body)
                .map_err(|_| Miss::Unusable("the server's reply is not a chat reply")),
            404 => Err(Miss::Final(format!(
                "the server at {url} does not have the model {model}; run `ollama pull {model}` there"
            ))),
            status => {
                Err(Miss::Final(format!("the server at {url} answered with status {status}; see its log")))
            }
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

    fn submission(&self, body: &Json, spent: &mut Option<Usage>) -> Result<Submission, String> {
        let began = self.config.timer.elapsed();
        let mut why = "";
        for _ in 0..ATTEMPTS {
            let passed = self.config.timer.elapsed().saturating_sub(began);
            let left = self.config.timeout.saturating_sub(passed);
            if left.is_zero() {
                return Err(self.too_slow());
            }
            match self.attempt(body, left, spent) {
                Ok(submission) => return Ok(submission),
                Err(Miss::Final(why)) => return Err(why),
                Err(Miss::Unusable(fault)) => why = fault,
            }
        }
        Err(format!("the answer of {} is not usable: {why} (asked {ATTEMPTS} times)", self.config.model))
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
        let mut spent = None;
        match self.submission(&body, &mut spent) {
            Ok(Submission { plan, assessment }) => {
                Ok(Draft { text: plan, pinned: false, usage: spent, assessment: Some(assessment) })
            }
            Err(message) => Err(PlannerFailure { message, spent: spent.map(Box::new) }),
        }
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
