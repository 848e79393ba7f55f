//! Where the running program's log and spans go.

use super::Stop;
use crate::cli::Exit;
use crate::config::Settings;
use crate::egress::clock::{Clock as _, SystemClock};
use crate::egress::http::{Http, HttpFailure, HttpRequest};
use crate::telemetry::log::{self, Clock, LogConfig, LogGuard};
use crate::telemetry::otlp::{self, Exporter};
use std::sync::Arc;
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// Log files that are kept, one a day.
const LOG_FILES: usize = 14;
/// For a collector to take a batch; it stands nearby.
const COLLECTOR_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer of a collector, in bytes: mostly none.
const MAX_ANSWER: usize = 64 * 1024;

/// What must be kept until the end of the program. Spans are sent before the log is closed, which may tell of them.
pub(super) struct Kept {
    _spans: Option<Exporter>,
    _log: LogGuard,
}

/// Opens the log, and the way to a collector where one is configured.
pub(super) fn logged(settings: &Settings) -> Result<Kept, Stop> {
    let failed = |e: &dyn std::fmt::Display| Stop(Exit::Failure, e.to_string());
    let clock: Clock = Arc::new(|| SystemClock.now());
    let exporter = match &settings.serve.otlp_endpoint {
        Some(endpoint) => {
            let send = sender(endpoint).map_err(|e| failed(&e))?;
            Some(otlp::exporter(send, clock.clone()).map_err(|e| failed(&e))?)
        }
        None => None,
    };
    let (layer, exporter) = exporter.unzip();
    let folder = settings.serve.log_dir.clone();
    let config = LogConfig { folder, level: LevelFilter::INFO, files: LOG_FILES, clock };
    let log = log::install(&config, layer).map_err(|e| failed(&e))?;
    Ok(Kept { _spans: exporter, _log: log })
}

fn sender(endpoint: &str) -> Result<otlp::Send, HttpFailure> {
    let http = Http::new()?;
    let url = format!("{}{}", endpoint.trim_end_matches('/'), otlp::PATH);
    Ok(Box::new(move |body| {
        let request = HttpRequest {
            url: &url,
            headers: &[],
            body: None,
            timeout: COLLECTOR_TIMEOUT,
            max_bytes: MAX_ANSWER,
        };
        match http.deliver(&request, otlp::CONTENT_TYPE, body) {
            Ok(reply) if reply.status == 200 => Ok(()),
            Ok(reply) => Err(format!("the collector of otlp_endpoint answered with status {}", reply.status)),
            Err(e) => Err(e.to_string()),
        }
    }))
}
