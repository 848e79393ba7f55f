//! The places in an entry whose values are kept beside the journal, so that they can be erased.
//!
//! In the stored payload each is a [`Reference`]; [`slots`] names them once for writing, reading and verifying.

use super::error::Fault;
use crate::kernel::id::Digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// What stands in a payload instead of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reference {
    /// Which row.
    pub datum: u64,
    /// Over the value's bytes as stored.
    pub value: Digest,
    /// Over everything else in the row that may not change: label, source, ancestors, findings.
    pub facts: Digest,
}

/// One place.
pub(super) struct Slot<'a> {
    /// What stands here, such as `request` or `arg:path`.
    pub part: String,
    /// Whether the entry needs a text here; an erased one then reads as empty, others as null.
    pub text: bool,
    pub json: &'a mut Json,
}

impl Slot<'_> {
    /// What an erased value reads as.
    pub(super) fn blank(&self) -> Json {
        if self.text { Json::String(String::new()) } else { Json::Null }
    }

    pub(super) fn reference(&self) -> Result<Reference, Fault> {
        Reference::deserialize(&*self.json).map_err(Fault::from)
    }
}

/// The slots of an entry in its JSON form.
pub(super) fn slots(entry: &mut Json) -> Vec<Slot<'_>> {
    let Some(fields) = entry.as_object_mut() else { return Vec::new() };
    let (key, text) = match fields.get("entry").and_then(Json::as_str) {
        Some("request_screened") => ("request", true),
        Some("plan_checked" | "released") => ("text", true),
        Some("call_returned") => ("value", false),
        // Of the ends of a run only a failure has one.
        Some("call_failed" | "ended") => ("message", true),
        Some("answered") => return answered(fields),
        Some("drafted") => return fields.get_mut("assessment").and_then(reason).into_iter().collect(),
        Some("call_started" | "call_refused") => {
            return fields.get_mut("args").map(|list| values("arg", list)).unwrap_or_default();
        }
        _ => return Vec::new(),
    };
    fields.get_mut(key).map(|json| Slot { part: key.to_owned(), text, json }).into_iter().collect()
}

/// The planner's sentence: it may repeat the request, and is erased with it.
fn reason(assessment: &mut Json) -> Option<Slot<'_>> {
    let json = assessment.get_mut("reason")?;
    Some(Slot { part: "reason".to_owned(), text: true, json })
}

/// What a person said to a question: their words, and what they put in the place of arguments.
fn answered(fields: &mut Map<String, Json>) -> Vec<Slot<'_>> {
    let mut slots = Vec::new();
    for (key, json) in fields {
        match key.as_str() {
            // A reason that nobody gave is no value.
            "reason" if !json.is_null() => slots.push(Slot { part: key.clone(), text: true, json }),
            "edits" => slots.extend(values("edit", json)),
            _ => {}
        }
    }
    slots
}

fn values<'a>(kind: &str, list: &'a mut Json) -> Vec<Slot<'a>> {
    let rows = list.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut);
    rows.filter_map(|row| {
        let name = row.get("name").and_then(Json::as_str).unwrap_or_default();
        let part = format!("{kind}:{name}");
        row.get_mut("value").map(|json| Slot { part, text: false, json })
    })
    .collect()
}
