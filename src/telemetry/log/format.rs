//! A line of the log. Every value passes the redaction here, of events and of spans alike: there is no other way into a file.

use super::Clock;
use crate::telemetry::redact;
use serde_json::{Map, Value as Json, json};
use std::fmt;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Longest value of a field, in characters: a log is no place for documents.
const MAX_CHARS: usize = 2_000;

/// For whom a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// One JSON object.
    Json,
    /// Short, for a terminal.
    Human,
}

/// Writes events.
pub(super) struct Lines {
    pub(super) style: Style,
    pub(super) clock: Clock,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, Fields> for Lines {
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, Fields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Visited::default();
        event.record(&mut fields);
        let Visited(mut fields) = fields;
        let message = fields.shift_remove("message").unwrap_or_else(|| json!(""));
        let (time, meta) = ((self.clock)(), event.metadata());
        if self.style == Style::Human {
            let told = message.as_str().unwrap_or_default().escape_debug();
            write!(writer, "{} {:>5} {told}", time.strftime("%H:%M:%S"), meta.level())?;
            for (name, value) in &fields {
                write!(writer, " {name}={value}")?;
            }
            return writeln!(writer);
        }
        let mut spans = Vec::new();
        for span in ctx.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            let mut row = span.extensions().get::<FormattedFields<Fields>>().map_or_else(Map::new, parsed);
            row.insert("name".to_owned(), json!(span.name()));
            spans.push(Json::Object(row));
        }
        let line = json!({
            "time": time.to_string(), "level": meta.level().as_str(), "target": meta.target(),
            "message": message, "fields": fields, "spans": spans,
        });
        writeln!(writer, "{line}")
    }
}

/// Keeps a span's fields as JSON.
pub(super) struct Fields;

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut visited = Visited::default();
        fields.record(&mut visited);
        write!(writer, "{}", Json::Object(visited.0))
    }

    fn add_fields(&self, current: &'w mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let mut visited = Visited(parsed(current));
        fields.record(&mut visited);
        current.fields = Json::Object(visited.0).to_string();
        Ok(())
    }
}

fn parsed(fields: &FormattedFields<Fields>) -> Map<String, Json> {
    serde_json::from_str(&fields.fields).unwrap_or_default()
}

/// Fields as JSON, redacted.
#[derive(Default)]
struct Visited(Map<String, Json>);

impl Visited {
    fn put(&mut self, field: &Field, value: Json) {
        let value = if redact::is_secret(field.name()) { json!(redact::REDACTED) } else { value };
        self.0.insert(field.name().to_owned(), value);
    }

    fn text(&mut self, field: &Field, text: &str) {
        let mut told: String = redact::scrub(text).chars().take(MAX_CHARS + 1).collect();
        if told.chars().count() > MAX_CHARS {
            told.pop();
            told.push('…');
        }
        self.put(field, json!(told));
    }
}

impl Visit for Visited {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }
}
