//! The log keeps secrets out.

#[cfg(test)]
mod tests;

use super::{Gap, Scratch, Tried};
use crate::egress::{file, standing};
use crate::telemetry::log;

const MEND: &str = "this is a fault of Sentinel; do not use it, and report it";
/// What is planted: it must reach no file.
const CANARY: &str = "canary-5f3c1e";
/// Longest log that a few lines make, in bytes.
const MAX_BYTES: u64 = 100_000;

/// Secrets are logged in three ways, as a field, inside a text and in a span, through the real log into a scratch folder;
/// the lines are there and none of the secrets is.
///
/// # Errors
/// When one is, or the lines are not.
pub fn redacted(scratch: &Result<Scratch, Gap>) -> Tried {
    let folder = scratch.as_ref().map_err(Clone::clone)?.place("logs");
    let unwritten = |e: &dyn std::fmt::Display| {
        Gap::new(format!("nothing could be logged: {e}"), "check the data directory's disk")
    };
    let logged = log::rehearse(&folder, || {
        let span = tracing::info_span!("doctor", claude_api_key = CANARY);
        let _inside = span.enter();
        tracing::info!(x_sentinel_pin = CANARY, "planted as a field");
        tracing::info!("planted in a text: Cookie: session={CANARY}");
        tracing::info!(header = format!("Authorization: Bearer {CANARY}"), "planted in a header");
    });
    logged.map_err(|e| unwritten(&e))?;
    let mut text = String::new();
    for written in standing::of_files_in(&folder).map_err(|e| unwritten(&e))? {
        text.push_str(&file::read_text(&written.path, MAX_BYTES).map_err(|e| unwritten(&e))?);
    }
    judge(&text)
}

fn judge(text: &str) -> Tried {
    if text.matches("planted").count() < 3 {
        return Err(Gap::new("what was logged for a trial is not in the log", MEND));
    }
    match text.matches(CANARY).count() {
        0 => Ok("a secret was logged as a field, in a text, in a header and in a span: none of it reached the file".into()),
        n => Err(Gap::new(format!("a planted secret stands {n} times in the log"), MEND)),
    }
}
