//! What an Ollama server says, as it stands on the wire; what an answer means is for the rooms that ask.

#[cfg(test)]
mod tests;

use super::http::HttpReply;
use serde::Deserialize;

/// What we read of the reply to a chat; the rest is not ours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChatReply {
    message: Message,
    /// Whether the server came to an end.
    #[serde(default)]
    pub done: bool,
    #[serde(default)]
    done_reason: Option<String>,
    /// How many tokens of the prompt were read.
    #[serde(default)]
    pub prompt_eval_count: u64,
    /// How many tokens were answered.
    #[serde(default)]
    pub eval_count: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Message {
    #[serde(default)]
    content: String,
}

impl ChatReply {
    /// Reads a reply's body.
    ///
    /// # Errors
    /// When it is no reply to a chat. Nothing of it is quoted.
    pub fn read(reply: &HttpReply) -> Result<Self, &'static str> {
        serde_json::from_slice(&reply.body).map_err(|_| "the server's reply is not a chat reply")
    }

    /// The answer's text.
    ///
    /// # Errors
    /// When it is empty, or cut off at `answer_tokens` tokens or at the server's own limit.
    pub fn answer(&self, answer_tokens: u32) -> Result<&str, &'static str> {
        if self.eval_count >= u64::from(answer_tokens) || self.done_reason.as_deref() == Some("length") {
            return Err("it was cut off at the token limit");
        }
        if self.message.content.trim().is_empty() {
            return Err("it is empty");
        }
        Ok(&self.message.content)
    }
}

/// The address of one of the server's verbs, such as `/api/chat`.
pub fn at(url: &str, verb: &str) -> String {
    format!("{}{verb}", url.trim_end_matches('/'))
}

/// What to do when the server answers that it does not know the model.
pub fn model_is_missing(url: &str, model: &str) -> String {
    format!("the server at {url} does not have the model {model}; run `ollama pull {model}` there")
}
