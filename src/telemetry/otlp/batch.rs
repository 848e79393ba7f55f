//! The thread that sends: many spans in one request.

use super::Send;
use super::open::attribute;
use crate::telemetry::names;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Most spans of one request.
const MAX_BATCH: usize = 512;
/// How long the first span of a batch waits for others.
const LINGER: Duration = Duration::from_secs(2);

/// What reaches the thread.
pub(super) enum Message {
    /// A span that ended.
    Span(Box<Span>),
    /// Nothing more is to come: send what is there.
    End,
}

pub(super) struct Batches {
    arrivals: Receiver<Message>,
    send: Send,
    /// A collector that is away is complained of once.
    complained: bool,
}

impl Batches {
    pub(super) fn new(arrivals: Receiver<Message>, send: Send) -> Self {
        Self { arrivals, send, complained: false }
    }

    /// Until the end is told, or nobody is left who could tell it.
    pub(super) fn run(mut self) {
        loop {
            let Ok(Message::Span(first)) = self.arrivals.recv() else { return };
            let (batch, ended) = self.gather(*first);
            self.deliver(batch);
            if ended {
                return;
            }
        }
    }

    fn gather(&self, first: Span) -> (Vec<Span>, bool) {
        let mut batch = vec![first];
        let until = Instant::now() + LINGER;
        while batch.len() < MAX_BATCH {
            match self.arrivals.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Message::Span(span)) => batch.push(*span),
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => return (batch, true),
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        (batch, false)
    }

    fn deliver(&mut self, batch: Vec<Span>) {
        let spans = batch.len();
        match (self.send)(request(batch).encode_to_vec()) {
            Ok(()) => self.complained = false,
            Err(why) if !self.complained => {
                self.complained = true;
                tracing::warn!(spans, why, "spans were not taken by the collector and are lost");
            }
            Err(_) => {}
        }
    }
}

fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let own = |name: &str, value: &str| attribute(name, Value::StringValue(value.to_owned()));
    let attributes = vec![
        own(names::SERVICE_NAME, env!("CARGO_PKG_NAME")),
        own(names::SERVICE_VERSION, env!("CARGO_PKG_VERSION")),
    ];
    let scope = InstrumentationScope { name: env!("CARGO_PKG_NAME").to_owned(), ..Default::default() };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..Default::default() }];
    let resource = Some(Resource { attributes, ..Default::default() });
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource, scope_spans, ..Default::default() }],
    }
}
