//! Spans for a tracing tool, over OTLP (<https://opentelemetry.io/docs/specs/otlp/>): http/protobuf, off unless a collector is
//! named.
//!
//! What leaves is decided by a list, not by a filter: the attributes of [`names::EXPORTED`], their texts redacted as the
//! log's are, and nothing else. Messages and other fields stay in the log. Spans are dropped, and counted, rather than
//! let a slow collector hold up a run.

mod batch;
mod open;
#[cfg(test)]
mod tests;

use super::log::Clock;
use super::names;
use batch::Batches;
use open::Open;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Below the collector's address; the protocol's own.
pub const PATH: &str = "/v1/traces";
/// Of a body; the protocol's own.
pub const CONTENT_TYPE: &str = "application/x-protobuf";
/// Spans that wait to be sent; more are dropped. At 500 bytes each some 1 MB.
const WAITING_SPANS: usize = 2_048;
/// Whose spans are meant: libraries have some of their own.
const OURS: &str = "sentinel";

/// Sends one encoded request and says what went wrong. Called on a thread of its own.
pub type Send = Box<dyn Fn(Vec<u8>) -> Result<(), String> + std::marker::Send>;

/// The exporter cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the thread that sends spans: {0}")]
pub struct OtlpFailure(#[from] std::io::Error);

/// Sends what still waits when it is dropped: keep it until the end of the program.
#[must_use]
pub struct Exporter {
    queue: Option<SyncSender<batch::Message>>,
    thread: Option<JoinHandle<()>>,
    dropped: Arc<AtomicU64>,
}

impl Exporter {
    /// How many spans were dropped because the collector was too slow.
    pub fn dropped_spans(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            // The subscriber holds the other end for ever: the thread is told, not left alone.
            let _gone_already = queue.send(batch::Message::End);
        }
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// Collects spans that ended. A part of the subscriber.
pub struct Spans {
    queue: SyncSender<batch::Message>,
    clock: Clock,
    dropped: Arc<AtomicU64>,
}

/// A layer for the subscriber, and what must be kept until the end.
///
/// # Errors
/// When no thread can be started.
pub fn exporter(send: Send, clock: Clock) -> Result<(Spans, Exporter), OtlpFailure> {
    let (queue, arrivals) = sync_channel(WAITING_SPANS);
    let dropped = Arc::new(AtomicU64::new(0));
    let batches = Batches::new(arrivals, send);
    let thread = std::thread::Builder::new().name("otlp".to_owned()).spawn(move || batches.run())?;
    let exporter = Exporter { queue: Some(queue.clone()), thread: Some(thread), dropped: dropped.clone() };
    Ok((Spans { queue, clock, dropped }, exporter))
}

impl Spans {
    fn now(&self) -> u64 {
        u64::try_from((self.clock)().as_nanosecond()).unwrap_or(0)
    }

    fn is_ours(meta: &Metadata<'_>) -> bool {
        let target = meta.target();
        target == OURS || target.strip_prefix(OURS).is_some_and(|rest| rest.starts_with("::"))
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id).filter(|span| Self::is_ours(span.metadata())) else { return };
        let parent = span.parent().and_then(|parent| parent.extensions().get::<Open>().map(Open::place));
        let mut open = Open::begin(parent, self.now());
        attributes.record(&mut open);
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(open);
        }
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let ended = open.end(span.name(), self.now());
        if self.queue.try_send(batch::Message::Span(Box::new(ended))).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Whether an attribute may leave.
fn may_leave(name: &str) -> bool {
    names::EXPORTED.contains(&name)
}
