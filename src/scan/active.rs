//! The active scanners and how they are run: each by itself, on a thread that can be given up.
//!
//! INVARIANT: every scanner of the list either said what it found or counts as a finding of the class `failed`.

use super::{
    Hit, ScanError, Scanner, code, command, credential, crowd, echo, encoding, exfiltration, hidden,
    injection, path, personal, toxicity,
};
use crate::kernel::port::{Class, Crossing, Finding, ScannerFailure, Scanners, Severity};
use bench::{Bench, End, Job, Said};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use turn::Turns;

mod bench;
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
        while all.len() < self.list.len() {
            let bench = self.bench()?;
            let job = Job::new(text.clone(), asked.clone(), crossing, all.len(), self.list.len());
            let (said, end) = bench.run(job, self.limit);
            for Said { hits, took } in said {
                let name = self.name(all.len());
                all.push(scanned(name, hits, took, &text));
            }
            match end {
                End::All => self.put_back(bench),
                End::NotTaken => {}
                End::Hung => all.push(self.failed(all.len(), "it took too long", self.limit, &text)),
                End::Gone => all.push(self.failed(all.len(), "its thread ended", Duration::ZERO, &text)),
            }
        }
        Ok(all)
    }

    fn name(&self, at: usize) -> &'static str {
        self.list.get(at).map_or("all", |scanner| scanner.name())
    }

    fn failed(&self, at: usize, why: &str, took: Duration, text: &str) -> Scanned {
        scanned(self.name(at), Err(ScanError(why.to_owned())), took, text)
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
        Bench::start(self.list.clone(), self.hung.clone()).map_err(|_| failure("no thread could be started"))
    }
}

/// Most texts that are scanned at once, and threads that are kept while there are none.
fn most_at_once() -> usize {
    // Asked once: the answer comes from files of the system, and each text asks.
    static MOST: LazyLock<usize> = LazyLock::new(|| {
        std::thread::available_parallelism().map_or(0, |cores| 2 * cores.get()).max(LEAST_AT_ONCE)
    });
    *MOST
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
