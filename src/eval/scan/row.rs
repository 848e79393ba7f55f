//! One line of labelled texts.

use super::class::{self, Counting};
use crate::kernel::port::Border;
use serde::Deserialize;
use serde_json::Value as Json;

/// What a line says.
#[derive(Debug, Deserialize)]
struct Written {
    text: String,
    label: String,
    class: Option<Json>,
    category: Option<Json>,
    source: Option<Json>,
    id: Option<Json>,
    context: Option<Json>,
    executed: Option<bool>,
    asked: Option<String>,
    spans: Option<Json>,
}

/// A labelled text.
#[derive(Debug)]
pub(super) struct Row {
    pub text: String,
    pub is_attack: bool,
    /// What it counts as, and under which name.
    pub class: (&'static Counting, String),
    pub category: String,
    pub source: String,
    pub id: String,
    pub border: Border,
    pub executed: bool,
    /// What the user said.
    pub asked: String,
    /// Marked parts: what they are, and where, in bytes.
    pub spans: Vec<(String, usize, usize)>,
}

/// What is wrong with a line, and what to do. May quote its label or class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// Not UTF-8.
    #[error("byte {0} of the line begins no character: write the file as UTF-8")]
    NotUtf8(usize),
    /// Not JSON, or another shape.
    #[error(
        r#"{0}; a line is {{"text": "...", "label": "attack" or "benign", "class": "..."}}, and may have category, source, context, spans, executed, asked, id"#
    )]
    Shape(String),
    /// Neither attack nor benign.
    #[error("the label {0:?} is unknown: write `attack` or `benign`")]
    Label(String),
    /// Nothing says what kind of attack is meant.
    #[error("the class {0:?} is unknown: write one of {known}; or say what the file is with `--class NAME`, or in its name, as in `injection.jsonl`", known = class::known())]
    Class(String),
}

/// Reads a line. `default` is what a row counts as whose own class says nothing.
pub(super) fn read(line: &[u8], default: Option<&(&'static Counting, String)>) -> Result<Row, RowFault> {
    let line = std::str::from_utf8(line).map_err(|e| RowFault::NotUtf8(e.valid_up_to()))?;
    let written: Written = serde_json::from_str(line).map_err(|e| RowFault::Shape(fault(&e)))?;
    let is_attack = match written.label.trim() {
        "attack" => true,
        "benign" => false,
        other => return Err(RowFault::Label(short(other))),
    };
    let own = words(written.class.as_ref());
    let class = match (Counting::named(&own), default) {
        (Some(counting), _) => (counting, own.trim().to_owned()),
        (None, Some(default)) => default.clone(),
        (None, None) => return Err(RowFault::Class(short(&own))),
    };
    let mut crossing = class.0.crossing(&written.text);
    let mut asked = written.asked.unwrap_or_default();
    match written.context {
        Some(Json::String(context)) => match class::border(&context) {
            Some((border, executed)) => (crossing.border, crossing.executed) = (border, executed),
            // What a user gave is a text of its own; it is what an echo repeats.
            None if asked.is_empty() => asked = context,
            None => {}
        },
        Some(Json::Object(context)) => {
            let text = |name: &str| context.get(name).and_then(Json::as_str);
            if let Some((border, executed)) = text("border").and_then(class::border) {
                (crossing.border, crossing.executed) = (border, executed);
            }
            crossing.executed = context.get("executed").and_then(Json::as_bool).unwrap_or(crossing.executed);
            asked = text("asked").map_or(asked, str::to_owned);
        }
        _ => {}
    }
    Ok(Row {
        spans: spans(&written.text, written.spans.as_ref()),
        text: written.text,
        is_attack,
        class,
        category: words(written.category.as_ref()),
        source: words(written.source.as_ref()),
        id: words(written.id.as_ref()),
        border: crossing.border,
        executed: written.executed.unwrap_or(crossing.executed),
        asked,
    })
}

/// A field that is mostly a text; a number and the like as JSON writes it.
fn words(field: Option<&Json>) -> String {
    match field {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// serde's sentence, with the column and without the line, which is always the first.
fn fault(e: &serde_json::Error) -> String {
    let text = e.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before);
    format!("{text} (column {})", e.column())
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// `[{"type", "start", "end"}]` in characters; what has another shape is no span.
fn spans(text: &str, spans: Option<&Json>) -> Vec<(String, usize, usize)> {
    let Some(Json::Array(all)) = spans else { return Vec::new() };
    let byte = |n: u64| {
        let at = usize::try_from(n).ok()?;
        text.char_indices().map(|(byte, _)| byte).chain([text.len()]).nth(at)
    };
    let one = |span: &Json| {
        let number = |name: &str| span.get(name).and_then(Json::as_u64).and_then(byte);
        Some((span.get("type")?.as_str()?.to_owned(), number("start")?, number("end")?))
    };
    all.iter().filter_map(one).collect()
}
