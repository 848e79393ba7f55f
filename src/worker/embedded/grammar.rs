//! The grammar of an answer: whatever the model would like to say, only a value of the type can be decoded.

#[cfg(test)]
mod tests;

use crate::kernel::answer::{AnswerType, Form, MAX_ITEMS};
use crate::worker::candidates::candidates;
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// Longest free text of the embedded worker, in characters: a small model that starts to repeat itself ends here
/// instead of at the token limit.
pub(super) const TEXT_CHARS: usize = 1_000;
/// Above this many candidates a formed span is decoded by its expression over the text instead of by a list.
const MOST_CANDIDATES: usize = 400;

/// Most lines to choose evidence from, and the longest of them in characters.
const MOST_LINES: usize = 300;
const LINE_CHARS: usize = 160;

/// The Lark grammar of `{"quote": …, "answer": …}`, the quote only where [`quotes`] says so; `None` when the data
/// cannot hold any value of the type, so that there is nothing to ask.
pub(super) fn grammar(answer: &AnswerType, data: &str) -> Option<String> {
    let mut rules = Rules::default();
    let value = rules.value(answer)?;
    let quote = if quotes(answer) { rules.quote(data) } else { None };
    let head = match quote {
        Some(quote) => format!("{} {quote} {}", literal("{\"quote\": "), literal(", \"answer\": ")),
        None => literal("{\"answer\": "),
    };
    let mut lark = format!("start: {head} ({value} | \"null\") \"}}\"\n");
    lark.push_str("FLOAT: /-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,6})?/\n");
    lark.push_str("INT: /-?(0|[1-9][0-9]{0,17})/\n");
    lark.push_str("DATE: /\"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\"/\n");
    lark.push_str(
        "DATETIME: /\"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\"/\n",
    );
    let _ = writeln!(lark, r#"TEXT: /"([^"\\\x00-\x1F\x7F]|\\["\\nt]){{0,{TEXT_CHARS}}}"/"#);
    lark.push_str(&rules.lines);
    Some(lark)
}

/// Whether a line of the data is quoted before the answer. A small model that has to say where it looks answers
/// better; a span is such a quote itself. The quote is dropped; most of its tokens are forced and cost little.
pub(super) fn quotes(answer: &AnswerType) -> bool {
    match answer {
        AnswerType::Bool | AnswerType::Int | AnswerType::Float | AnswerType::Date | AnswerType::DateTime => {
            true
        }
        AnswerType::OneOf { .. } => false,
        AnswerType::Optional { inner } => quotes(inner),
        AnswerType::Text | AnswerType::Span { .. } | AnswerType::List { .. } | AnswerType::Record { .. } => {
            false
        }
    }
}

/// Rules and terminals made on the way.
#[derive(Default)]
struct Rules {
    lines: String,
    count: usize,
}

impl Rules {
    /// The expression for a value of the type, or `None` when there can be none.
    fn value(&mut self, answer: &AnswerType) -> Option<String> {
        Some(match answer {
            AnswerType::Bool => "(\"true\" | \"false\")".to_owned(),
            AnswerType::Int => "INT".to_owned(),
            AnswerType::Float => "FLOAT".to_owned(),
            AnswerType::Date => "DATE".to_owned(),
            AnswerType::DateTime => "DATETIME".to_owned(),
            AnswerType::Text => "TEXT".to_owned(),
            AnswerType::OneOf { options } => self.choice(options.iter().map(Json::to_string))?,
            AnswerType::Span { source, form } => self.span(source, *form)?,
            AnswerType::List { item } => match self.value(item) {
                Some(item) => {
                    let item = self.rule(&item);
                    format!("(\"[]\" | \"[\" {item} (\", \" {item}){{0,{}}} \"]\")", MAX_ITEMS - 1)
                }
                None => "\"[]\"".to_owned(),
            },
            AnswerType::Record { fields, .. } => {
                let mut parts = Vec::with_capacity(fields.len());
                for (name, ty) in fields {
                    // A field that the data lacks must be sayable, or the model makes one up.
                    parts.push(format!(
                        "{} ({} | \"null\")",
                        literal(&format!("{}: ", json!(name))),
                        self.value(ty)?
                    ));
                }
                self.rule(&format!("\"{{\" {} \"}}\"", parts.join(" \", \" ")))
            }
            AnswerType::Optional { inner } => match self.value(inner) {
                Some(inner) => format!("({inner} | \"null\")"),
                None => "\"null\"".to_owned(),
            },
        })
    }

    /// One of the data's lines, or of its sentences where it has long lines.
    fn quote(&mut self, data: &str) -> Option<String> {
        let mut lines: Vec<&str> = Vec::new();
        for line in data.lines().map(str::trim) {
            let parts = if line.chars().count() > LINE_CHARS {
                line.split_inclusive(". ")
            } else {
                line.split_inclusive("\n")
            };
            for part in parts.map(str::trim).filter(|part| part.chars().any(char::is_alphanumeric)) {
                if part.chars().count() <= LINE_CHARS && !lines.contains(&part) {
                    lines.push(part);
                }
            }
        }
        if lines.len() > MOST_LINES {
            return None;
        }
        self.choice(lines.iter().map(|line| json!(line).to_string()))
    }

    fn span(&mut self, source: &str, form: Option<Form>) -> Option<String> {
        let Some(form) = form else {
            if source.trim().is_empty() {
                return None;
            }
            return Some(self.substring(source, "(?s:.+)"));
        };
        match candidates(source, form, MOST_CANDIDATES) {
            Some(parts) => self.choice(parts.iter().map(|part| json!(part).to_string())),
            None => Some(self.substring(source, form.pattern())),
        }
    }

    /// A quoted verbatim part of `source` that matches `shape`. Escaping works character by character, so a part
    /// of the escaped text is the escaped form of a part.
    fn substring(&mut self, source: &str, shape: &str) -> String {
        let chunks: Vec<String> = chunks(source).map(escaped).collect();
        let name = self.next("SPAN");
        let list = json!({ "substring_chunks": chunks });
        let _ = writeln!(self.lines, "{name}: %regex {list} & /{}/", shape.replace('/', "\\/"));
        format!("\"\\\"\" {name} \"\\\"\"")
    }

    /// One of these literals; `None` when there are none.
    fn choice(&mut self, options: impl Iterator<Item = String>) -> Option<String> {
        let options: Vec<String> = options.map(|option| literal(&option)).collect();
        if options.is_empty() {
            return None;
        }
        let name = self.next("CHOICE");
        let _ = writeln!(self.lines, "{name}: {}", options.join(" | "));
        Some(name)
    }

    fn rule(&mut self, body: &str) -> String {
        let name = self.next("rule").to_lowercase();
        let _ = writeln!(self.lines, "{name}: {body}");
        name
    }

    fn next(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}_{}", self.count)
    }
}

/// A Lark string for exactly this text.
fn literal(text: &str) -> String {
    json!(text).to_string().replace('\x7f', "\\u007f")
}

/// The text as it stands inside a JSON string.
fn escaped(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// Words, numbers with their inner punctuation, and single other characters: a span cannot end inside a word or cut
/// 206 out of 206.35.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let mut end = first.len_utf8();
        if first.is_alphanumeric() {
            let mut tail = rest.get(end..)?.chars().peekable();
            while let Some(c) = tail.next() {
                let joint = matches!(c, '.' | ',' | '\'' | '-' | '/' | ':' | '@' | '_' | '’');
                let joins = joint && tail.peek().is_some_and(|next| next.is_alphanumeric());
                if !(c.is_alphanumeric() || joins) {
                    break;
                }
                end += c.len_utf8();
            }
        }
        let (chunk, left) = rest.split_at(end);
        rest = left;
        Some(chunk)
    })
}
