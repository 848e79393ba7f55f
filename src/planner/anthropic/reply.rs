//! Reads what the Messages API answers, and says of each failure what to do. Replies are never quoted: a proxy may have
//! written them.

#[cfg(test)]
mod tests;

use super::price;
use crate::egress::http::{HttpFailure, HttpReply};
use crate::kernel::port::Usage;
use crate::planner::attempts::Miss;
use crate::planner::submission::{self, Submission, TOOL};
use serde::Deserialize;
use serde_json::Value as Json;
use std::time::Duration;

/// Longest pause that a server may ask for, so that it cannot use up the whole time with one word.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Why an exchange gave no plan.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The plan did not fit into the tokens that were allowed.
    Truncated,
    /// Anything else.
    Missed(Miss),
}

impl Unread {
    fn again(why: impl Into<String>) -> Self {
        Self::Missed(Miss::again(why))
    }

    fn key(why: impl Into<String>) -> Self {
        Self::Missed(Miss::KeyRefused(why.into()))
    }

    fn last(why: impl Into<String>) -> Self {
        Self::Missed(Miss::Final(why.into()))
    }
}

/// What we read of a message; the rest is not ours.
#[derive(Debug, Deserialize)]
struct Message {
    content: Vec<Json>,
    stop_reason: Option<String>,
    usage: Used,
}

#[derive(Debug, Deserialize)]
struct Used {
    input_tokens: u64,
    output_tokens: u64,
    // Null where nothing was cached.
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
}

impl Used {
    fn of(&self, model: &str) -> Usage {
        let usage = Usage {
            model: model.into(),
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cache_read_tokens: self.cache_read_input_tokens.unwrap_or(0),
            cache_write_tokens: self.cache_creation_input_tokens.unwrap_or(0),
            cost_micro_dollars: None,
        };
        Usage { cost_micro_dollars: price::cost(&usage), ..usage }
    }
}

/// The submission, or why there is none; and what the exchange used, where the server says so.
pub(super) fn read(reply: &HttpReply, model: &str) -> (Result<Submission, Unread>, Option<Usage>) {
    if reply.status != 200 {
        return (Err(refused(reply, model)), None);
    }
    if reply.body.is_empty() {
        return (Err(Unread::again("Claude answered with nothing")), None);
    }
    let Ok(message) = serde_json::from_slice::<Message>(&reply.body) else {
        return (
            Err(Unread::again("Claude's answer is not a message of its API; check SENTINEL_CLAUDE_URL")),
            None,
        );
    };
    let used = message.usage.of(model);
    (submitted(&message), Some(used))
}

fn submitted(message: &Message) -> Result<Submission, Unread> {
    match message.stop_reason.as_deref() {
        Some("refusal") => {
            let why =
                "Claude refuses this request; say it differently, or give a plan with --plan or --playbook";
            return Err(Unread::Missed(Miss::Refused(why.to_owned())));
        }
        Some("max_tokens") => return Err(Unread::Truncated),
        Some("model_context_window_exceeded") => {
            return Err(Unread::last("the request is too long for the model; ask for less at once"));
        }
        _ => {}
    }
    let is = |block: &&Json, key: &str, value: &str| block.get(key).and_then(Json::as_str) == Some(value);
    let mut calls = message.content.iter().filter(|b| is(b, "type", "tool_use") && is(b, "name", TOOL));
    match (calls.next(), calls.next()) {
        (Some(call), None) => {
            let read = submission::read(call.get("input").unwrap_or(&Json::Null));
            read.map_err(|why| Unread::again(format!("Claude's plan is malformed: {why}")))
        }
        (Some(_), Some(_)) => Err(Unread::again("Claude's answer is malformed: it holds two plans")),
        (None, _) => Err(Unread::again("Claude's answer is malformed: it ended without a plan")),
    }
}

/// What a status that is not 200 means.
fn refused(reply: &HttpReply, model: &str) -> Unread {
    let status = reply.status;
    let again = |why: String| {
        let after = reply.retry_after.map(|asked| Duration::from_secs(asked).min(LONGEST_PAUSE));
        Unread::Missed(Miss::Again { why, after })
    };
    match status {
        400 if tells(reply, "credit balance") => Unread::last(
            "the Claude account has no credit left (status 400); add some in the provider's console",
        ),
        400 => Unread::last(format!(
            "Claude does not take the request (status 400); check that SENTINEL_CLAUDE_MODEL, now `{model}`, names a \
             model of the Messages API that takes tools"
        )),
        401 => Unread::key(
            "Claude does not accept the API key (status 401); put a valid one into the file that \
             SENTINEL_CLAUDE_API_KEY_FILE names (the secret `claude_api_key`)",
        ),
        402 => Unread::last("the Claude account cannot be billed (status 402); see the provider's console"),
        403 => Unread::key(format!(
            "the API key may not use `{model}` (status 403); set SENTINEL_CLAUDE_MODEL to another model, or put \
             another key into the file that SENTINEL_CLAUDE_API_KEY_FILE names"
        )),
        404 => Unread::last(format!(
            "Claude does not know the model `{model}` or the address (status 404); check SENTINEL_CLAUDE_MODEL and \
             SENTINEL_CLAUDE_URL"
        )),
        413 => Unread::last("the request is too large for Claude (status 413); ask for less at once"),
        429 => again(
            "Claude limits how much this account may ask (status 429); wait, or raise the limit".to_owned(),
        ),
        529 => again("Claude is overloaded (status 529); try again later".to_owned()),
        500..=599 => again(format!("Claude has a fault of its own (status {status}); try again later")),
        _ => Unread::last(format!("Claude answered with status {status}; check SENTINEL_CLAUDE_URL")),
    }
}

/// Whether the error's text says this. It is looked at and never shown.
fn tells(reply: &HttpReply, words: &str) -> bool {
    let error: Option<Json> = serde_json::from_slice(&reply.body).ok();
    let text = error.as_ref().and_then(|e| e.pointer("/error/message")).and_then(Json::as_str);
    text.is_some_and(|text| text.contains(words))
}

/// What no reply at all means.
pub(super) fn missing(failure: &HttpFailure, deadline: Duration) -> Unread {
    match failure {
        HttpFailure::TimedOut(..) => Unread::last(too_slow(deadline)),
        HttpFailure::Unreachable(..) => {
            Unread::again(format!("{failure}; check the network, the egress rules and SENTINEL_CLAUDE_URL"))
        }
        HttpFailure::Broken(..) => Unread::again(failure.to_string()),
        HttpFailure::GivenUp(..) => Unread::last(failure.to_string()),
        HttpFailure::TooLarge(..) | HttpFailure::Setup(..) => {
            Unread::last(format!("{failure}; check SENTINEL_CLAUDE_URL"))
        }
    }
}

pub(super) fn too_slow(deadline: Duration) -> String {
    format!("Claude gave no plan within {} s; try again, or allow more time", deadline.as_secs_f32())
}
