//! The active scanners and how they are run: each by itself, on a thread that can be given up.
//!
//! INVARIANT: every scanner of the list either said what it found or counts as a finding of the class `failed`.

use super::{
    Hit, ScanError, Scanner, Text, code, command, credential, crowd, echo, encoding, exfiltration, hidden,
    injection, path, personal, toxicity,
};
use crate::kernel::port::{Class, Crossing, Finding, ScannerFailure, Scanners, Severity};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use turn::Turns;

#[cfg(test)]
mod tests;
mod turn;

/// Longest that one scanner may take over one text. All together take milliseconds over an ordinary one.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Threads that may hang in a scanner before no text passes any more.
const MAX_HUNG: usize = 16;
/// Texts that are scanned at once also on a machine with one core.
const LEAST_AT_ONCE: usize = 4;
/// Most findings of one scanner; the others of a text with more are told as one.
const MAX_HITS: usize = 200;

/// The active scanners.
#[derive(Clone)]
pub struct Active {
    list: Arc<[Box<dyn Scanner>]>,
    limit: Duration,
    idle: Arc<Mutex<Vec<Bench>>>,
    hung: Arc<AtomicUsize>,
    turns: Arc<Turns>,
}

/// What one scanner said about one text.
#[derive(Debug, Clone)]
pub struct Scanned {
    /// Which scanner.
    pub scanner: &'static str,
    /// What it found; a failure is a finding.
    pub findings: Vec<Finding>,
    /// How long it took.
    pub took: Duration,
}

/// A thread that runs scanners.
struct Bench {
    jobs: SyncSender<Job>,
    said: Receiver<Said>,
}

/// Scan this text with the list, from this scanner on.
struct Job {
    text: Arc<str>,
    asked: Arc<str>,
    border: crate::kernel::port::Border,
    executed: bool,
    from: usize,
}

/// What the next scanner of the list said.
struct Said {
    hits: Result<Vec<Hit>, ScanError>,
    took: Duration,
}

impl Default for Active {
    fn default() -> Self {
        Self::new()
    }
}

impl Active {
    /// All scanners that need no data of their own.
    pub fn new() -> Self {
        Self::of(Self::usual(), TIME_LIMIT)
    }

    /// The same and the one that notes abusive words.
    pub fn with_toxicity() -> Self {
        let mut list = Self::usual();
        list.push(Box::new(toxicity::Toxicity));
        Self::of(list, TIME_LIMIT)
    }

    fn usual() -> Vec<Box<dyn Scanner>> {
        vec![
            Box::new(hidden::Hidden),
            Box::new(encoding::Encoding),
            Box::new(injection::Injection),
            Box::new(credential::Credential),
            Box::new(personal::Personal),
            Box::new(exfiltration::Exfiltration),
            Box::new(code::Code),
            Box::new(command::Command),
            Box::new(path::Path),
            Box::new(echo::Echo),
        ]
    }

    /// The scanners themselves, in order.
    pub(super) fn list(&self) -> impl Iterator<Item = &dyn Scanner> {
        self.list.iter().map(AsRef::as_ref)
    }

    fn of(list: Vec<Box<dyn Scanner>>, limit: Duration) -> Self {
        let turns = Arc::new(Turns::new(most_at_once()));
        Self { list: list.into(), limit, idle: Arc::default(), hung: Arc::default(), turns }
    }

    /// What each scanner says, in the order of the list, with its time.
    ///
    /// # Errors
    /// When the scanners cannot be run at all.
    pub fn each(&self, text: &str, crossing: &Crossing<'_>) -> Result<Vec<Scanned>, ScannerFailure> {
        let (text, asked) = (Arc::<str>::from(text), Arc::<str>::from(crossing.asked));
        let _turn = self.turns.take();
        let mut all = Vec::with_capacity(self.list.len());
        while let Some(scanner) = self.list.get(all.len()) {
            let bench = self.bench()?;
            let (border, executed, from) = (crossing.border, crossing.executed, all.len());
            let job = Job { text: text.clone(), asked: asked.clone(), border, executed, from };
            let mut usable = bench.jobs.send(job).is_ok();
            while usable && all.len() < self.list.len() {
                let name = self.list.get(all.len()).map_or(scanner.name(), |s| s.name());
                match bench.said.recv_timeout(self.limit) {
                    Ok(Said { hits, took }) => all.push(scanned(name, hits, took, &text)),
                    Err(RecvTimeoutError::Timeout) => {
                        let hits = Err(ScanError("it took too long".to_owned()));
                        all.push(scanned(name, hits, self.limit, &text));
                        self.hung.fetch_add(1, Ordering::Relaxed);
                        usable = false;
                    }
                    Err(RecvTimeoutError::Disconnected) => {
                        let hits = Err(ScanError("its thread ended".to_owned()));
                        all.push(scanned(name, hits, Duration::ZERO, &text));
                        usable = false;
                    }
                }
            }
            if usable {
                self.put_back(bench);
            }
        }
        Ok(all)
    }

    /// Keeps a thread for the next text; one too many ends as it is dropped.
    fn put_back(&self, bench: Bench) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < most_at_once() {
            idle.push(bench);
        }
    }

    /// An idle thread, or a new one.
    fn bench(&self) -> Result<Bench, ScannerFailure> {
        let failure = |reason: &str| ScannerFailure { scanner: "all".to_owned(), reason: reason.to_owned() };
        if let Some(bench) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(bench);
        }
        if self.hung.load(Ordering::Relaxed) >= MAX_HUNG {
            return Err(failure("too many scanners hang; restart Sentinel and report this"));
        }
        let (jobs, incoming) = sync_channel::<Job>(1);
        let (outgoing, said) = sync_channel::<Said>(self.list.len());
        let (list, hung) = (self.list.clone(), self.hung.clone());
        let run = move || {
            while let Ok(job) = incoming.recv() {
                if !work(&list, &job, &outgoing) {
                    // Whoever gave the job has given this thread up; now it is not hung any more.
                    hung.fetch_sub(1, Ordering::Relaxed);
                    return;
                }
            }
        };
        std::thread::Builder::new()
            .name("scan".to_owned())
            .spawn(run)
            .map_err(|_| failure("no thread could be started"))?;
        Ok(Bench { jobs, said })
    }
}

/// Most texts that are scanned at once, and threads that are kept while there are none.
fn most_at_once() -> usize {
    std::thread::available_parallelism().map_or(0, |cores| 2 * cores.get()).max(LEAST_AT_ONCE)
}

/// Runs the scanners over a job's text; `false` once nobody listens.
fn work(list: &[Box<dyn Scanner>], job: &Job, said: &SyncSender<Said>) -> bool {
    let text = Text::new(&job.text);
    let crossing = Crossing { border: job.border, executed: job.executed, asked: &job.asked };
    for scanner in list.iter().skip(job.from) {
        let begun = Instant::now();
        let hits = catch_unwind(AssertUnwindSafe(|| scanner.scan(&text, &crossing)))
            .unwrap_or_else(|_| Err(ScanError("it crashed".to_owned())));
        if said.send(Said { hits, took: begun.elapsed() }).is_err() {
            return false;
        }
    }
    true
}

fn scanned(scanner: &'static str, hits: Result<Vec<Hit>, ScanError>, took: Duration, text: &str) -> Scanned {
    let finding = |hit: Hit| Finding {
        scanner: Arc::from(scanner),
        class: hit.class,
        severity: hit.severity,
        start: text.floor_char_boundary(hit.span.start),
        end: text.ceil_char_boundary(hit.span.end),
        rule: Arc::from(hit.rule.as_ref()),
        reason: hit.reason.into_owned(),
    };
    let findings = match hits {
        Ok(hits) => crowd::kept(hits, MAX_HITS).into_iter().map(finding).collect(),
        Err(ScanError(why)) => vec![Finding {
            scanner: Arc::from(scanner),
            class: Class::Failed,
            severity: Severity::High,
            start: 0,
            end: text.len(),
            rule: Arc::from("failed"),
            reason: format!("the scanner {scanner} failed, which counts as a hit: {why}"),
        }],
    };
    Scanned { scanner, findings, took }
}

impl Scanners for Active {
    fn names(&self) -> Vec<Arc<str>> {
        self.list.iter().map(|scanner| Arc::from(scanner.name())).collect()
    }

    fn scan(&self, text: &str, crossing: &Crossing<'_>) -> Result<Vec<Finding>, ScannerFailure> {
        Ok(self.each(text, crossing)?.into_iter().flat_map(|scanned| scanned.findings).collect())
    }
}

impl std::fmt::Debug for Active {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.list.iter().map(|scanner| scanner.name())).finish()
    }
}
