//! A span while it lasts, and as it is told.

use super::may_leave;
use crate::telemetry::names::{self, operation};
use crate::telemetry::redact;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use std::fmt;
use tracing::field::{Field, Visit};

/// Longest text of an attribute, in characters: names and ids are shorter.
const MAX_CHARS: usize = 200;

/// A trace's id and a span's in it.
pub(super) type Place = ([u8; 16], [u8; 8]);

/// A span that has not ended.
pub(super) struct Open {
    trace: [u8; 16],
    id: [u8; 8],
    parent: Option<[u8; 8]>,
    began: u64,
    attributes: Vec<KeyValue>,
}

impl Open {
    /// A span in its parent's trace, or the first of one.
    pub(super) fn begin(parent: Option<Place>, now: u64) -> Self {
        let (trace, parent) = match parent {
            Some((trace, id)) => (trace, Some(id)),
            None => (rand::random(), None),
        };
        Self { trace, id: rand::random(), parent, began: now, attributes: Vec::new() }
    }

    pub(super) fn place(&self) -> Place {
        (self.trace, self.id)
    }

    /// As it is told. `name` is the one in our sources, for a span that says of itself nothing better.
    pub(super) fn end(self, name: &str, now: u64) -> Span {
        let text = |wanted: &str| {
            let found = self.attributes.iter().find(|attribute| attribute.key == wanted)?;
            match found.value.as_ref()?.value.as_ref()? {
                Value::StringValue(text) => Some(text.as_str()),
                _ => None,
            }
        };
        // The conventions' way: what is done, and by which model or tool.
        let done = text(names::OPERATION_NAME);
        let by = text(names::TOOL_NAME).or_else(|| text(names::REQUEST_MODEL));
        let name = match (done, by) {
            (Some(done), Some(by)) => format!("{done} {by}"),
            (Some(done), None) => done.to_owned(),
            (None, _) => name.to_owned(),
        };
        let kind = if done == Some(operation::CHAT) { SpanKind::Client } else { SpanKind::Internal };
        let failed = text(names::ERROR_TYPE).is_some();
        let status = failed.then(|| Status { code: StatusCode::Error.into(), message: String::new() });
        Span {
            trace_id: self.trace.to_vec(),
            span_id: self.id.to_vec(),
            parent_span_id: self.parent.map_or_else(Vec::new, Vec::from),
            name,
            kind: kind.into(),
            start_time_unix_nano: self.began,
            // A clock that was set back meanwhile.
            end_time_unix_nano: now.max(self.began),
            status,
            attributes: self.attributes,
            ..Span::default()
        }
    }

    fn put(&mut self, field: &Field, value: Value) {
        let name = field.name();
        // INVARIANT: what is not on the list does not leave, whatever it holds.
        if !may_leave(name) {
            return;
        }
        self.attributes.retain(|attribute| attribute.key != name);
        self.attributes.push(attribute(name, value));
    }

    fn text(&mut self, field: &Field, text: &str) {
        let told = redact::scrub(text).chars().take(MAX_CHARS).collect();
        self.put(field, Value::StringValue(told));
    }
}

/// An attribute as the protocol has it.
pub(super) fn attribute(name: &str, value: Value) -> KeyValue {
    KeyValue { key: name.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

impl Visit for Open {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::DoubleValue(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::IntValue(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::BoolValue(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }
}
