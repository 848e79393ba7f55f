//! Marks untrusted data as data, and takes the marks out of answers.
//!
//! Two marks. *Tags* with a fresh random name enclose the data, and the instruction stands after them again: a
//! document cannot close tags whose name was drawn after it was written. *Datamarking* puts a fresh random marker
//! before each word, so that every word says that it is data.
//!
//! Both are used with models behind a server. The embedded model gets the tags only: see `worker::embedded`.

pub(super) mod rolling;
#[cfg(test)]
mod tests;

use crate::kernel::answer::AnswerType;
use crate::kernel::port::WorkerFailure;
use rand::Rng;
use serde_json::Value as Json;

/// Question and data together, in characters.
pub const MAX_CHARS: usize = 100_000;
/// Question and data together, in tokens as [`estimated_tokens`] counts them.
pub const MAX_TOKENS: usize = 24_000;

/// What a model's thoughts stand between.
pub(super) const THOUGHT: &str = "<think>";
/// The end of [`THOUGHT`].
pub(super) const THOUGHT_ENDS: &str = "</think>";

/// Letters of random names: no vowels, so that no word comes out by chance.
const LETTERS: &[u8] = b"bcdfghjkmnpqrstvwxz";

/// Refuses what no worker can read, before anything is sent.
///
/// # Errors
/// [`WorkerFailure::TooLong`] with the sizes.
pub fn fits(question: &str, data: &str) -> Result<(), WorkerFailure> {
    let chars = question.chars().count() + data.chars().count();
    if chars > MAX_CHARS {
        return Err(WorkerFailure::TooLong(format!(
            "question and data are {chars} characters, at most {MAX_CHARS} are read; ask about a part"
        )));
    }
    let tokens = estimated_tokens(question) + estimated_tokens(data);
    if tokens > MAX_TOKENS {
        return Err(WorkerFailure::TooLong(format!(
            "question and data are about {tokens} tokens, at most {MAX_TOKENS} are read; ask about a part"
        )));
    }
    Ok(())
}

/// Four ASCII characters a token, one of any other script: on the high side for prose.
pub fn estimated_tokens(text: &str) -> usize {
    let (ascii, other) =
        text.chars().fold((0, 0), |(a, o), c| if c.is_ascii() { (a + 1, o) } else { (a, o + 1) });
    usize::div_ceil(ascii, 4) + other
}

/// The pair of tags around one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    nonce: String,
}

impl Tags {
    /// Tags whose name does not occur in the data.
    pub fn fresh(data: &str) -> Self {
        Self { nonce: fresh(8, data) }
    }

    /// `<document-…>`.
    pub fn open(&self) -> String {
        format!("<document-{}>", self.nonce)
    }

    /// `</document-…>`.
    pub fn close(&self) -> String {
        format!("</document-{}>", self.nonce)
    }

    /// All that an answer may have of them: both tags, and their name by itself.
    pub fn words(&self) -> [String; 3] {
        [self.open(), self.close(), self.nonce.clone()]
    }
}

/// The marker before each word of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    mark: String,
}

impl Marker {
    /// A marker that does not occur in the data.
    pub fn fresh(data: &str) -> Self {
        Self { mark: format!("^{}^", fresh(3, data)) }
    }

    /// The marker itself, for the instruction that explains it.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// The data with the marker before each word. Taking the markers out gives the data back unchanged.
    pub fn apply(&self, data: &str) -> String {
        let mut out = String::with_capacity(data.len() * 2);
        let mut in_word = false;
        for c in data.chars() {
            if !c.is_whitespace() && !in_word {
                out.push_str(&self.mark);
            }
            in_word = !c.is_whitespace();
            out.push(c);
        }
        out
    }

    /// The text without markers.
    pub fn strip(&self, text: &str) -> String {
        text.replace(&self.mark, "")
    }
}

/// A random word that is not in `data`.
fn fresh(len: usize, data: &str) -> String {
    let mut rng = rand::rng();
    loop {
        let word: String = (0..len)
            .filter_map(|_| LETTERS.get(rng.random_range(0..LETTERS.len())))
            .map(|b| char::from(*b))
            .collect();
        if !data.contains(&word) {
            return word;
        }
    }
}

/// The text without `<think>` blocks; an unclosed one takes the rest with it.
pub fn without_thoughts(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, thought)) = rest.split_once(THOUGHT) {
        out.push_str(before);
        rest = behind(thought).trim_start();
    }
    out.push_str(rest);
    out
}

/// What stands behind a thought that has begun: behind the end that belongs to its beginning, or where it holds more
/// beginnings than ends, behind the last end.
fn behind(thought: &str) -> &str {
    let (mut open, mut rest, mut last) = (1_usize, thought, "");
    while let Some((before, after)) = rest.split_once(THOUGHT_ENDS) {
        open += before.matches(THOUGHT).count();
        open -= 1;
        if open == 0 {
            return after;
        }
        (rest, last) = (after, after);
    }
    last
}

/// Takes tags, thoughts and the white space around spans out of an answer, following its type.
pub fn clean(value: Json, answer: &AnswerType, tags: &Tags) -> Json {
    match (answer, value) {
        (AnswerType::Text, Json::String(text)) => {
            let text = without_thoughts(&text).replace(&tags.open(), "").replace(&tags.close(), "");
            Json::String(text.replace(&tags.nonce, ""))
        }
        (AnswerType::Span { .. }, Json::String(text)) => Json::String(text.trim().to_owned()),
        (AnswerType::List { item }, Json::Array(all)) => {
            Json::Array(all.into_iter().map(|one| clean(one, item, tags)).collect())
        }
        (AnswerType::Record { fields, .. }, Json::Object(mut map)) => {
            for (name, ty) in fields {
                if let Some(value) = map.get_mut(name.as_ref()) {
                    *value = clean(value.take(), ty, tags);
                }
            }
            Json::Object(map)
        }
        (AnswerType::Optional { inner }, value) if !value.is_null() => clean(value, inner, tags),
        (_, value) => value,
    }
}

/// Whether the answer says null where its type has none: the data does not hold what was asked.
pub fn lacks(value: &Json, answer: &AnswerType) -> bool {
    match (answer, value) {
        (AnswerType::Optional { .. }, Json::Null) => false,
        (AnswerType::OneOf { options }, Json::Null) => !options.contains(&Json::Null),
        (_, Json::Null) => true,
        (AnswerType::Optional { inner }, value) => lacks(value, inner),
        (AnswerType::List { item }, Json::Array(all)) => all.iter().any(|one| lacks(one, item)),
        (AnswerType::Record { fields, .. }, Json::Object(map)) => {
            fields.iter().any(|(name, ty)| map.get(name.as_ref()).is_some_and(|value| lacks(value, ty)))
        }
        _ => false,
    }
}
