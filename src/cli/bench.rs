//! `sentinel bench`: the figures of README's performance table, as text or stable JSON.

use super::Exit;
use super::screen::Screen;
use crate::egress::clock::{Clock, SystemClock};
use crate::egress::file;
use clap::Subcommand;
use serde_json::{Map, Value as Json, json};
use std::path::Path;
use std::time::Duration;

/// Measures speed. Build with `--release`, on a machine that does nothing else.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// A plan of 50 calls of no-op tools: policy, durable journal and interpreter included
    #[command(after_help = "Example: sentinel bench task --json")]
    Task {
        /// Print one JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// One decision with 50 policies loaded
    #[command(after_help = "Example: sentinel bench policy")]
    Policy {
        /// Print one JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// The embedded worker: load time, memory, seconds an ask
    #[command(after_help = "Example: sentinel bench worker")]
    Worker {
        /// Print one JSON object instead of text
        #[arg(long)]
        json: bool,
    },
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
}

impl Figure {
    /// A figure.
    pub fn new(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self { name, value, unit }
    }
}

/// The duration below which the given share (0 to 1) of the samples lie, in microseconds.
pub fn percentile(samples: &mut [Duration], share: f64) -> f64 {
    samples.sort_unstable();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into a few thousand samples"
    )]
    let at = ((samples.len().saturating_sub(1)) as f64 * share).round() as usize;
    samples.get(at).map_or(0.0, |d| d.as_secs_f64() * 1e6)
}

/// Prints figures.
pub fn print(name: &str, figures: &[Figure], as_json: bool) -> Exit {
    let screen = Screen::stdout();
    if as_json {
        let rows: Map<String, Json> =
            figures.iter().map(|f| (f.name.to_owned(), json!({"value": f.value, "unit": f.unit}))).collect();
        let date = SystemClock.now().to_string();
        screen.line(&json!({"name": name, "machine": machine(), "date": date, "figures": rows}).to_string());
        return Exit::Done;
    }
    screen.line(&format!("{name} on {}", machine()));
    for f in figures {
        screen.line(&format!("  {:<44} {:>12.3} {}", f.name, f.value, f.unit));
    }
    Exit::Done
}

/// The processor's name and how many of it there are.
fn machine() -> String {
    let text = file::read_text(Path::new("/proc/cpuinfo"), 1 << 20).unwrap_or_default();
    let model = text.lines().find_map(|l| l.strip_prefix("model name")).and_then(|l| l.split(':').nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cores} cores", model.unwrap_or("unknown processor").trim())
}

/// This process's resident memory in megabytes; 0 where the system does not tell.
pub fn resident_mb() -> f64 {
    let text = file::read_text(Path::new("/proc/self/status"), 1 << 16).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or("");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}
