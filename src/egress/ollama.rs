//! What an Ollama server says, as it stands on the wire; what an answer means is for the rooms that ask.

#[cfg(test)]
mod tests;

use super::http::HttpReply;
use serde::Deserialize;
use serde_json::Value as Json;

/// What we read of the reply to a chat, whether it came in one piece or in many; the rest is not ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChatReply {
    content: String,
    /// Whether the server came to an end.
    pub done: bool,
    done_reason: Option<String>,
    /// How many tokens of the prompt were read.
    pub prompt_eval_count: u64,
    /// How many tokens were answered.
    pub eval_count: u64,
}

/// A piece of a reply; the only one where it was not asked for as a stream.
#[derive(Debug, Deserialize)]
struct Piece {
    message: Option<Message>,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    #[serde(default)]
    prompt_eval_count: u64,
    #[serde(default)]
    eval_count: u64,
    error: Option<Json>,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    content: String,
}

/// What came is no reply to a chat.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChatFailure {
    /// It does not read like one.
    #[error("the server's reply is not a chat reply")]
    Unreadable,
    /// The server broke off in the middle: its own words, to be looked at and never quoted.
    #[error("the server broke off with an error")]
    Reported(String),
}

impl ChatReply {
    /// Reads a reply's whole body.
    ///
    /// # Errors
    /// When it is no reply to a chat. Nothing of it is quoted.
    pub fn read(reply: &HttpReply) -> Result<Self, ChatFailure> {
        let mut whole = Self::default();
        let mut some = false;
        for piece in serde_json::Deserializer::from_slice(&reply.body).into_iter::<Piece>() {
            let piece = piece.map_err(|_| ChatFailure::Unreadable)?;
            if let Some(error) = piece.error {
                return Err(ChatFailure::Reported(error.to_string()));
            }
            // After its end nothing comes.
            let message = piece.message.filter(|_| !whole.done).ok_or(ChatFailure::Unreadable)?;
            some = true;
            whole.content.push_str(&message.content);
            whole.done = piece.done;
            whole.done_reason = piece.done_reason;
            whole.prompt_eval_count = piece.prompt_eval_count;
            whole.eval_count = piece.eval_count;
        }
        if some { Ok(whole) } else { Err(ChatFailure::Unreadable) }
    }

    /// The answer's text.
    ///
    /// # Errors
    /// When it is empty, or cut off at `answer_tokens` tokens or at the server's own limit.
    pub fn answer(&self, answer_tokens: u32) -> Result<&str, &'static str> {
        if self.eval_count >= u64::from(answer_tokens) || self.done_reason.as_deref() == Some("length") {
            return Err("it was cut off at the token limit");
        }
        if self.content.trim().is_empty() {
            return Err("it is empty");
        }
        Ok(&self.content)
    }
}

/// Reads a streamed reply as it comes, for display: what counts is [`ChatReply::read`] over the whole of it. A line may
/// come in any number of parts.
#[derive(Debug, Default)]
pub struct Pieces {
    line: Vec<u8>,
    over: bool,
}

impl Pieces {
    /// Takes the next bytes and gives the words of each line that is whole. After a line that is none, nothing more.
    pub fn take(&mut self, bytes: &[u8], mut words: impl FnMut(&str)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.over {
                return;
            }
            self.line.extend_from_slice(part);
            if !part.ends_with(b"\n") {
                return;
            }
            let line = std::mem::take(&mut self.line);
            match serde_json::from_slice(&line) {
                Ok(Piece { message: Some(message), error: None, done, .. }) => {
                    words(&message.content);
                    self.over = done;
                }
                _ => self.over = !line.trim_ascii().is_empty(),
            }
        }
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
