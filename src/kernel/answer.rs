//! What a quarantined worker may answer: a closed type, its JSON schema, and the check on return.
//!
//! The type is the boundary. Whatever a document talks a model into, only a value of the asked type comes
//! back; what does not fit is a [`Misfit`], never a best effort.

mod form;
#[cfg(test)]
mod tests;

pub use form::Form;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::fmt;
use std::sync::Arc;

/// Longest free text that a worker may answer, in characters.
pub const MAX_TEXT_CHARS: usize = 4_000;
/// Most elements of a list that a worker may answer.
pub const MAX_ITEMS: usize = 200;

/// The type of an answer, with its run-time values filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AnswerType {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// A date and time without zone, `YYYY-MM-DDTHH:MM:SS`.
    DateTime,
    /// Free text of at most [`MAX_TEXT_CHARS`] characters.
    Text,
    /// Exactly one of these scalars.
    OneOf {
        /// The options.
        options: Vec<Json>,
    },
    /// A verbatim part of `source`, in `form` where one is named.
    Span {
        /// The text to quote from.
        source: Arc<str>,
        /// The form it must have.
        form: Option<Form>,
    },
    /// At most [`MAX_ITEMS`] of these.
    List {
        /// The type of each.
        item: Box<AnswerType>,
    },
    /// A record with exactly these fields.
    Record {
        /// What the plan calls it.
        name: Arc<str>,
        /// In the order of the plan.
        fields: Vec<(Arc<str>, AnswerType)>,
    },
    /// The answer, or null when there is none.
    Optional {
        /// The type when there is one.
        inner: Box<AnswerType>,
    },
}

/// An answer that does not fit its type. It names the place and the expected type and never quotes the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer does not fit its type at {path}: expected {expected}")]
pub struct Misfit {
    /// Where in the answer, such as `answer.items[2].iban`.
    pub path: String,
    /// What the type asks for.
    pub expected: String,
}

/// Where a span of an answer stands in its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanAt {
    /// Where in the answer.
    pub path: String,
    /// First byte in the source.
    pub start: usize,
    /// Length in bytes.
    pub len: usize,
}

impl AnswerType {
    /// The JSON schema that a model's decoder is constrained by.
    pub fn json_schema(&self) -> Json {
        match self {
            Self::Bool => json!({"type": "boolean"}),
            Self::Int => json!({"type": "integer"}),
            Self::Float => json!({"type": "number"}),
            Self::Date => json!({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
            Self::DateTime => json!({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}),
            Self::Text => json!({"type": "string", "maxLength": MAX_TEXT_CHARS}),
            Self::OneOf { options } => json!({"enum": options}),
            Self::Span { source, .. } => json!({"type": "string", "maxLength": source.chars().count()}),
            Self::List { item } => {
                json!({"type": "array", "items": item.json_schema(), "maxItems": MAX_ITEMS})
            }
            Self::Record { fields, .. } => {
                let properties: serde_json::Map<String, Json> =
                    fields.iter().map(|(name, ty)| (name.to_string(), ty.json_schema())).collect();
                let required: Vec<&str> = fields.iter().map(|(name, _)| name.as_ref()).collect();
                json!({
                    "type": "object", "properties": properties, "required": required,
                    "additionalProperties": false,
                })
            }
            Self::Optional { inner } => json!({"anyOf": [inner.json_schema(), {"type": "null"}]}),
        }
    }

    /// Checks an answer and lists where its spans stand. The first misfit is returned.
    ///
    /// # Errors
    /// [`Misfit`] when any part of the answer is not of the type.
    pub fn check(&self, answer: &Json) -> Result<Vec<SpanAt>, Misfit> {
        let mut spans = Vec::new();
        self.check_at(answer, "answer", &mut spans)?;
        Ok(spans)
    }

    fn check_at(&self, answer: &Json, path: &str, spans: &mut Vec<SpanAt>) -> Result<(), Misfit> {
        let fits = match (self, answer) {
            (Self::Bool, Json::Bool(_)) => true,
            (Self::Int, Json::Number(n)) => n.is_i64(),
            (Self::Float, Json::Number(n)) => n.as_f64().is_some_and(f64::is_finite),
            (Self::Date, Json::String(s)) => s.len() == 10 && s.parse::<jiff::civil::Date>().is_ok(),
            (Self::DateTime, Json::String(s)) => s.len() == 19 && s.parse::<jiff::civil::DateTime>().is_ok(),
            (Self::Text, Json::String(s)) => s.chars().count() <= MAX_TEXT_CHARS,
            (Self::OneOf { options }, value) => options.contains(value),
            (Self::Span { source, form }, Json::String(s)) => {
                let at = if s.is_empty() { None } else { source.find(s.as_str()) };
                if let Some(start) = at {
                    spans.push(SpanAt { path: path.to_owned(), start, len: s.len() });
                }
                at.is_some() && form.is_none_or(|form| form.matches(s))
            }
            (Self::List { item }, Json::Array(items)) if items.len() <= MAX_ITEMS => {
                for (i, one) in items.iter().enumerate() {
                    item.check_at(one, &format!("{path}[{i}]"), spans)?;
                }
                true
            }
            (Self::Record { fields, .. }, Json::Object(map)) if map.len() == fields.len() => {
                for (name, ty) in fields {
                    let value = map.get(name.as_ref()).ok_or_else(|| self.misfit(path))?;
                    ty.check_at(value, &format!("{path}.{name}"), spans)?;
                }
                true
            }
            (Self::Optional { .. }, Json::Null) => true,
            (Self::Optional { inner }, value) => return inner.check_at(value, path, spans),
            _ => false,
        };
        if fits { Ok(()) } else { Err(self.misfit(path)) }
    }

    fn misfit(&self, path: &str) -> Misfit {
        Misfit { path: path.to_owned(), expected: self.to_string() }
    }
}

impl fmt::Display for AnswerType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Float => f.write_str("float"),
            Self::Date => f.write_str("date"),
            Self::DateTime => f.write_str("datetime"),
            Self::Text => f.write_str("str"),
            Self::OneOf { options } => write!(f, "one_of({} options)", options.len()),
            Self::Span { form: None, .. } => f.write_str("span(text)"),
            Self::Span { form: Some(form), .. } => write!(f, "span(text, like={form})"),
            Self::List { item } => write!(f, "list[{item}]"),
            Self::Record { name, .. } => f.write_str(name),
            Self::Optional { inner } => write!(f, "{inner} | None"),
        }
    }
}
