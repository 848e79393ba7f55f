//! What came back: whether it is whole, and the answer in it if it is of the asked type.

use super::{OllamaConfig, missing};
use crate::egress::http::HttpReply;
use crate::egress::ollama::{ChatFailure, ChatReply};
use crate::kernel::answer::AnswerType;
use crate::kernel::port::{Ask, WorkerFailure, WorkerReply};
use crate::worker::spotlight::{self, Marker, Tags};
use regex::Regex;
use serde_json::Value as Json;

/// A prompt that leaves fewer tokens than this was cut to fit, or left no room to answer.
const NEAR: u64 = 32;

/// The answer's text, from a reply that is complete and was made from the whole prompt, which holds `marks` marks.
pub(super) fn content(reply: &HttpReply, config: &OllamaConfig, marks: u64) -> Result<String, WorkerFailure> {
    if reply.status != 200 {
        return Err(refused(reply, config));
    }
    let bad = |why: &str| WorkerFailure::BadAnswer(why.to_owned());
    let reply = ChatReply::read(reply).map_err(|failure| match failure {
        ChatFailure::Unreadable => bad(&failure.to_string()),
        ChatFailure::Reported(said) => broke_off(&said, config),
    })?;
    let context = u64::from(config.context);
    let read = reply.prompt_eval_count;
    if read == 0 {
        return Err(bad("the server does not say how much of the prompt was read"));
    }
    if read + NEAR > context || read < marks {
        return Err(WorkerFailure::TooLong(format!(
            "the server read {read} tokens of the prompt and cut the rest; ask about a part"
        )));
    }
    // Without room left in the context the answer is as cut as at its own limit.
    let room = u32::try_from(context.saturating_sub(read)).unwrap_or(u32::MAX);
    let text = reply.answer(config.answer_tokens.min(room)).map_err(bad)?;
    if !reply.done {
        return Err(bad("the server stopped before its end"));
    }
    Ok(text.to_owned())
}

/// A status other than 200. The server's own words are looked at and never quoted.
fn refused(reply: &HttpReply, config: &OllamaConfig) -> WorkerFailure {
    let url = &config.url;
    let said = String::from_utf8_lossy(&reply.body);
    match reply.status {
        404 => missing(config),
        400 | 500 if says_too_long(&said) => too_long(config),
        status @ 300..=399 => WorkerFailure::Unavailable(format!(
            "the server at {url} points elsewhere (status {status}), which is not followed; set \
             SENTINEL_OLLAMA_URL to where Ollama is"
        )),
        status => {
            let why = memory(&said);
            WorkerFailure::Unavailable(format!("the server at {url} answered with status {status}{why}"))
        }
    }
}

/// An error in the middle of an answer: as at its beginning, the server is to blame and not the answer.
fn broke_off(said: &str, config: &OllamaConfig) -> WorkerFailure {
    if says_too_long(said) {
        return too_long(config);
    }
    let (url, why) = (&config.url, memory(said));
    WorkerFailure::Unavailable(format!("the server at {url} broke off its answer{why}; see its log"))
}

fn says_too_long(said: &str) -> bool {
    let said = said.to_lowercase();
    said.contains("context") && said.contains("exceed")
}

fn too_long(config: &OllamaConfig) -> WorkerFailure {
    let OllamaConfig { model, url, .. } = config;
    WorkerFailure::TooLong(format!("it does not fit into the context of {model} at {url}; ask about a part"))
}

fn memory(said: &str) -> &'static str {
    if said.to_lowercase().contains("memory") { ": not enough memory for the model" } else { "" }
}

/// Reads the envelope and checks the answer against its type.
pub(super) fn read(
    text: &str,
    ask: &Ask,
    tags: &Tags,
    marker: &Marker,
) -> Result<WorkerReply, WorkerFailure> {
    let unreadable = || WorkerFailure::BadAnswer("it is not the JSON that was asked for".to_owned());
    let mut json = envelope(&marker.strip(text)).ok_or_else(unreadable)?;
    let enough = json.get("have_enough_information").and_then(Json::as_bool).ok_or_else(unreadable)?;
    let value = json.get_mut("answer").map(Json::take).ok_or_else(unreadable)?;
    let value = locate(spotlight::clean(value, &ask.answer, tags), &ask.answer);
    let nothing = value.is_null() && matches!(ask.answer, AnswerType::Optional { .. });
    if !(enough || nothing) || spotlight::lacks(&value, &ask.answer) {
        return Ok(WorkerReply::NotEnoughInformation);
    }
    ask.answer.check(&value).map_err(|misfit| WorkerFailure::BadAnswer(misfit.to_string()))?;
    Ok(WorkerReply::Answer(value))
}

/// The JSON of an answer. Thoughts are taken out only where they keep it from being JSON: a quote may hold `<think>`.
fn envelope(text: &str) -> Option<Json> {
    if let Ok(json) = serde_json::from_str(text.trim()) {
        return Some(json);
    }
    let spoken = spotlight::without_thoughts(text);
    // Some templates open the thought themselves, and only its end comes back.
    let spoken = spoken.rsplit_once("</think>").map_or(spoken.as_str(), |(_, after)| after);
    serde_json::from_str(spoken.trim()).ok()
}

/// Replaces each span by the part of its source that has the same words: a model joins lines and drops double
/// spaces. What has no such part stays as it is and fails the check.
fn locate(value: Json, answer: &AnswerType) -> Json {
    match (answer, value) {
        (AnswerType::Span { source, .. }, Json::String(said)) if !source.contains(&said) => {
            let words: Vec<String> = said.split_whitespace().map(regex::escape).collect();
            let part = Regex::new(&words.join(r"\s+"))
                .ok()
                .and_then(|shape| shape.find(source))
                .map(|at| at.as_str());
            Json::String(part.map_or(said, str::to_owned))
        }
        (AnswerType::List { item }, Json::Array(all)) => {
            Json::Array(all.into_iter().map(|one| locate(one, item)).collect())
        }
        (AnswerType::Record { fields, .. }, Json::Object(mut map)) => {
            for (name, ty) in fields {
                if let Some(value) = map.get_mut(name.as_ref()) {
                    *value = locate(value.take(), ty);
                }
            }
            Json::Object(map)
        }
        (AnswerType::Optional { inner }, value) => locate(value, inner),
        (_, value) => value,
    }
}
