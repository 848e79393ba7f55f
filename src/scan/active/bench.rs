//! A thread that runs scanners over one text after another, and can be given up.
//!
//! What each scanner said is put into a place that both sides see, and the waiting side is woken once for a text, not once for
//! a scanner: ten wakings cost more than scanning a short text.

use crate::kernel::port::{Border, Crossing};
use crate::scan::{Hit, ScanError, Scanner, Text};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A thread that runs scanners.
pub(super) struct Bench {
    jobs: SyncSender<Job>,
    finished: Receiver<()>,
    hung: Arc<AtomicUsize>,
}

/// Scan this text with the list, from this scanner on.
pub(super) struct Job {
    text: Arc<str>,
    asked: Arc<str>,
    border: Border,
    executed: bool,
    from: usize,
    progress: Arc<Mutex<Progress>>,
}

/// What one scanner said.
pub(super) struct Said {
    pub(super) hits: Result<Vec<Hit>, ScanError>,
    pub(super) took: Duration,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Every scanner has spoken, and the thread is free.
    All,
    /// The next scanner took too long, and the thread is given up.
    Hung,
    /// The next scanner took its thread along.
    Gone,
    /// The thread had ended before.
    NotTaken,
}

/// How far a job is.
struct Progress {
    said: Vec<Said>,
    /// When the scanner that runs began.
    began: Instant,
    /// How many scanners have not spoken yet.
    left: usize,
    given_up: bool,
}

impl Job {
    /// Of `scanners` on the list, the first `from` have spoken already.
    pub(super) fn new(
        text: Arc<str>,
        asked: Arc<str>,
        crossing: &Crossing<'_>,
        from: usize,
        scanners: usize,
    ) -> Self {
        let left = scanners.saturating_sub(from);
        let progress = Progress { said: Vec::new(), began: Instant::now(), left, given_up: false };
        let (border, executed) = (crossing.border, crossing.executed);
        Self { text, asked, border, executed, from, progress: Arc::new(Mutex::new(progress)) }
    }
}

impl Bench {
    /// Starts the thread; `hung` counts those that were given up and still run.
    pub(super) fn start(list: Arc<[Box<dyn Scanner>]>, hung: Arc<AtomicUsize>) -> std::io::Result<Self> {
        let (jobs, incoming) = sync_channel::<Job>(1);
        let (outgoing, finished) = sync_channel::<()>(1);
        let still_hung = hung.clone();
        let run = move || {
            while let Ok(job) = incoming.recv() {
                if !work(&list, &job) {
                    // Now it is not hung any more.
                    still_hung.fetch_sub(1, Ordering::Relaxed);
                    return;
                }
                if outgoing.send(()).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("scan".to_owned()).spawn(run)?;
        Ok(Self { jobs, finished, hung })
    }

    /// What the job's scanners said one after another, and how it ended. No scanner is waited for longer than `limit`.
    pub(super) fn run(&self, job: Job, limit: Duration) -> (Vec<Said>, End) {
        let progress = job.progress.clone();
        if self.jobs.send(job).is_err() {
            return (Vec::new(), End::NotTaken);
        }
        let mut wait = limit;
        loop {
            match self.finished.recv_timeout(wait) {
                Ok(()) => return (std::mem::take(&mut lock(&progress).said), End::All),
                Err(RecvTimeoutError::Disconnected) => {
                    return (std::mem::take(&mut lock(&progress).said), End::Gone);
                }
                Err(RecvTimeoutError::Timeout) => {
                    let mut progress = lock(&progress);
                    // Once all have spoken, the thread is on its way to say so.
                    wait = match progress.left {
                        0 => limit,
                        _ => limit.saturating_sub(progress.began.elapsed()),
                    };
                    if wait.is_zero() {
                        progress.given_up = true;
                        self.hung.fetch_add(1, Ordering::Relaxed);
                        return (std::mem::take(&mut progress.said), End::Hung);
                    }
                }
            }
        }
    }
}

/// Runs the scanners over a job's text; `false` once it is given up.
fn work(list: &[Box<dyn Scanner>], job: &Job) -> bool {
    let text = Text::new(&job.text);
    let crossing = Crossing { border: job.border, executed: job.executed, asked: &job.asked };
    let mut began = Instant::now();
    lock(&job.progress).began = began;
    for scanner in list.iter().skip(job.from) {
        let hits = catch_unwind(AssertUnwindSafe(|| scanner.scan(&text, &crossing)))
            .unwrap_or_else(|_| Err(ScanError("it crashed".to_owned())));
        let mut progress = lock(&job.progress);
        if progress.given_up {
            return false;
        }
        progress.left = progress.left.saturating_sub(1);
        progress.said.push(Said { hits, took: began.elapsed() });
        // The next one begins as this one has spoken, or it could be told that it took as long as this one.
        began = Instant::now();
        progress.began = began;
    }
    true
}

fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}
