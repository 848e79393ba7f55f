//! The texts inside a value, as scanners read them: one after the other, with the way back to where each stands.

use super::redaction::{Cut, Redactor};
use crate::kernel::label::Found;
use crate::kernel::port::{RedactionKey, Treated, Treatment};
use crate::kernel::value::{Data, Mark, Node};
use serde_json::Value as Json;
use std::ops::Range;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// All texts of a value, one per line.
#[derive(Debug, Default)]
pub(super) struct Texts {
    joined: String,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    span: Range<usize>,
    /// A key names a field; it cannot be rewritten without changing what the value is.
    key: bool,
}

impl Texts {
    /// The texts of a JSON value: keys and strings, in its order.
    pub(super) fn of(json: &Json) -> Self {
        let mut texts = Self::default();
        texts.collect(json);
        texts
    }

    /// A text by itself.
    pub(super) fn of_text(text: &str) -> Self {
        let mut texts = Self::default();
        texts.push(text, false);
        texts
    }

    fn collect(&mut self, json: &Json) {
        match json {
            Json::String(text) => self.push(text, false),
            Json::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Json::Object(map) => map.iter().for_each(|(key, value)| {
                self.push(key, true);
                self.collect(value);
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn push(&mut self, text: &str, key: bool) {
        if !self.parts.is_empty() {
            self.joined.push('\n');
        }
        let start = self.joined.len();
        self.joined.push_str(text);
        self.parts.push(Part { span: start..self.joined.len(), key });
    }

    /// What scanners read.
    pub(super) fn joined(&self) -> &str {
        &self.joined
    }

    /// What each text holds that its label must say, in order.
    fn found(&self, treated: &[Treated]) -> Vec<Found> {
        let of = |part: &Part| found(treated.iter().filter(|t| overlap(&part.span, t).is_some()));
        self.parts.iter().map(of).collect()
    }

    /// The value without the words that are to be taken out; `None` when they stand in the name of a field.
    pub(super) fn redacted(
        &self,
        json: &Json,
        treated: &[Treated],
        key: Option<&RedactionKey>,
    ) -> Option<Json> {
        let cut = |t: &&Treated| t.treatment.takes_out();
        let in_key = |part: &Part| treated.iter().filter(cut).any(|t| overlap(&part.span, t).is_some());
        if self.parts.iter().filter(|part| part.key).any(in_key) {
            return None;
        }
        let (mut parts, mut redactor) = (self.parts.iter(), Redactor::new(key));
        Some(rewrite(json, &mut |text| {
            let span = parts.next().map_or(0..0, |part| part.span.clone());
            let within = |t: &Treated| Some(Cut { span: overlap(&span, t)?, ..Cut::of(t)? });
            redactor.without(text, treated.iter().filter_map(within))
        }))
    }

    /// The node that was made from this value, with what each of its texts holds in its label.
    pub(super) fn marked(&self, node: Node, treated: &[Treated]) -> Node {
        let mut found = self.found(treated).into_iter();
        mark(node, &mut found)
    }
}

/// What a label must say of these findings.
pub(super) fn found<'t>(treated: impl Iterator<Item = &'t Treated>) -> Found {
    let mut found = Found::new();
    for one in treated.filter(|t| matches!(t.treatment, Treatment::Label | Treatment::Ask)) {
        let known = found.entry(one.finding.class).or_insert(one.treatment);
        *known = (*known).max(one.treatment);
    }
    found
}

/// A text without the words that are to be taken out.
pub(super) fn redacted(text: &str, treated: &[Treated], key: Option<&RedactionKey>) -> String {
    Redactor::new(key).without(text, treated.iter().filter_map(Cut::of))
}

/// Where a finding lies inside a part, counted from the part's start.
fn overlap(part: &Range<usize>, treated: &Treated) -> Option<Range<usize>> {
    let (start, end) = (treated.finding.start.max(part.start), treated.finding.end.min(part.end));
    (start < end).then(|| start - part.start..end - part.start)
}

/// The same value with each string rewritten; `each` is called for keys too, in order, and their names are kept.
fn rewrite(json: &Json, each: &mut impl FnMut(&str) -> String) -> Json {
    match json {
        Json::String(text) => Json::String(each(text)),
        Json::Array(items) => Json::Array(items.iter().map(|item| rewrite(item, each)).collect()),
        Json::Object(map) => {
            let field = |(key, value): (&String, &Json)| {
                let _ = each(key);
                (key.clone(), rewrite(value, each))
            };
            Json::Object(map.iter().map(field).collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => json.clone(),
    }
}

/// Joins what was found into the nodes of the texts, in the order in which [`Texts::of`] met them.
fn mark(node: Node, found: &mut impl Iterator<Item = Found>) -> Node {
    let data = match node.data {
        Data::Str(text) => {
            let held = held(found.next());
            return Node::new(Data::Str(text), node.mark.join(&held));
        }
        Data::List(items) => Data::List(Arc::new(items.iter().map(|i| mark(i.clone(), found)).collect())),
        Data::Dict(entries) => {
            // The name of a field is part of what the whole says.
            let mut own = node.mark;
            let marked = entries.iter().map(|(key, value)| {
                own = own.join(&held(found.next()));
                (key.clone(), mark(value.clone(), found))
            });
            let entries = Arc::new(marked.collect());
            return Node::new(Data::Dict(entries), own);
        }
        other => other,
    };
    Node::new(data, node.mark)
}

/// The node with all of its texts marked alike: for answers, whose types do not keep a text for every text.
pub(super) fn marked_whole(node: Node, found: &Found) -> Node {
    mark(node, &mut std::iter::repeat_with(|| found.clone()))
}

fn held(found: Option<Found>) -> Mark {
    let label = crate::kernel::label::Label::trusted();
    Mark::of(found.map_or(label.clone(), |found| label.holding(&found)))
}
