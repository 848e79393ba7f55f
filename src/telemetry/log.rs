//! The program's log: one JSON object a line in a folder, a new file each day, and short lines on a terminal.
//!
//! Logs are for operators; what happened is in the journal. So lines are dropped, and counted, rather than let a slow
//! disk hold up a run.

mod format;
mod private;
#[cfg(test)]
mod tests;

use super::otlp::Spans;
use format::{Fields, Lines, Style};
use jiff::Timestamp;
use private::Private;
use std::fs::DirBuilder;
use std::io::IsTerminal;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;

/// Lines that wait for the disk; more are dropped. At 200 bytes each some 2 MB.
const WAITING_LINES: usize = 10_000;

/// A file's name is this, the day, and [`SUFFIX`], with dots between.
const PREFIX: &str = "sentinel";
const SUFFIX: &str = "jsonl";

/// Says what time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where the log goes.
#[derive(Clone)]
pub struct LogConfig {
    /// The folder; made when it is not there. The files in it are `sentinel.YYYY-MM-DD.jsonl`.
    pub folder: PathBuf,
    /// The least important level that is written.
    pub level: LevelFilter,
    /// How many files are kept, today's included; at least 1.
    pub files: usize,
    /// The time in each line. The files' dates are UTC and come from the machine.
    pub clock: Clock,
}

/// The log cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LogFailure {
    /// The folder or today's file cannot be made.
    #[error("cannot write logs to {0}: {1}; make the folder writable or set SENTINEL_LOG_DIR")]
    Folder(PathBuf, #[source] InitError),
    /// Something else in this process takes the log already.
    #[error("the log was set up before: set it up once, at the start")]
    Taken,
}

/// Writes what still waits when it is dropped: keep it until the end of the program.
#[must_use]
pub struct LogGuard {
    dropped: ErrorCounter,
    _flushes: WorkerGuard,
}

impl LogGuard {
    /// How many lines were dropped because the disk was too slow.
    pub fn dropped_lines(&self) -> usize {
        self.dropped.dropped_lines()
    }
}

/// Takes the whole program's log from here on, and its spans where they are exported; with short lines on standard error
/// where that is a terminal.
///
/// # Errors
/// [`LogFailure`]
pub fn install(config: &LogConfig, spans: Option<Spans>) -> Result<LogGuard, LogFailure> {
    let terminal = std::io::stderr().is_terminal().then_some(std::io::stderr);
    let (subscriber, guard) = subscriber(config, terminal, spans)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogFailure::Taken)?;
    Ok(guard)
}

/// Logs what `act` does on this thread into a folder of its own, beside whatever log the program has; for `doctor`.
///
/// # Errors
/// [`LogFailure`]
pub fn rehearse(folder: &Path, act: impl FnOnce()) -> Result<(), LogFailure> {
    let clock: Clock = Arc::new(|| Timestamp::UNIX_EPOCH);
    let config = LogConfig { folder: folder.to_owned(), level: LevelFilter::INFO, files: 1, clock };
    let (subscriber, guard) = subscriber(&config, None::<fn() -> std::io::Stderr>, None)?;
    tracing::subscriber::with_default(subscriber, act);
    // The guard writes what waits.
    drop(guard);
    Ok(())
}

/// What `install` installs, with the terminal as a parameter.
fn subscriber<W>(
    config: &LogConfig,
    terminal: Option<W>,
    spans: Option<Spans>,
) -> Result<(impl Subscriber + Send + Sync + use<W>, LogGuard), LogFailure>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // The appender looks for old files before it makes the folder, and complains where there is none. What is wrong with
    // the folder it says itself.
    let _told_below = DirBuilder::new().recursive(true).mode(0o700).create(&config.folder);
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        .max_log_files(config.files.max(1))
        .build(&config.folder)
        .map_err(|e| LogFailure::Folder(config.folder.clone(), e))?;
    let private = Private::new(config.folder.clone(), appender);
    let (writer, flushes) =
        NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES).lossy(true).finish(private);
    let guard = LogGuard { dropped: writer.error_counter(), _flushes: flushes };
    let lines = |style| Lines { style, clock: Arc::clone(&config.clock) };
    let file = fmt::layer().fmt_fields(Fields).event_format(lines(Style::Json)).with_writer(writer);
    let human = terminal.map(|terminal| {
        fmt::layer().fmt_fields(Fields).event_format(lines(Style::Human)).with_writer(terminal)
    });
    let layers = file.and_then(human).with_filter(config.level);
    let spans = spans.map(|spans| spans.with_filter(config.level));
    Ok((tracing_subscriber::registry().with(layers).with(spans), guard))
}
