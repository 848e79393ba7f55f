//! The embedded worker: a small model in a confined child process of the same binary. No server, no GPU, no network.
//!
//! Decoding is constrained to the answer's type by a grammar, so even a tiny model answers in type, and a span is
//! verbatim by construction. The data goes between tags with a random name and the instruction is repeated after it.
//! Words are not datamarked here: it doubles the tokens and makes a model of this size worse (the figures are in
//! `tests/worker/README.md`), while what datamarking protects, the shape of the answer, the grammar guarantees.

pub mod child;
mod confinement;
mod engine;
mod grammar;
mod graph;
mod model_file;
mod protocol;
#[cfg(test)]
mod tests;
mod vocab;
mod weights;

pub use model_file::{DEFAULT_FILE, DEFAULT_SHA256, locate};
pub use protocol::{Cost, Layers, Probe, Probed, Readiness};

use super::spotlight;
use crate::egress::file;
use crate::egress::process::{Peer, PeerFailure};
use crate::kernel::port::{Ask, Worker, WorkerFailure, WorkerReply};
use protocol::{Order, Word};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long the child may take to load its model: a cold disk reads 491 MB in well under this.
const START_TIMEOUT: Duration = Duration::from_secs(120);
/// The subcommand under which the binary runs [`child::main`].
pub const CHILD_COMMAND: &str = "worker-child";

/// How to run the embedded worker.
#[derive(Debug, Clone)]
pub struct EmbeddedConfig {
    /// The GGUF file, see [`locate`].
    pub model: PathBuf,
    /// Threads for the arithmetic. One: on busy cores, two are slower than one.
    pub threads: usize,
    /// For one answer.
    pub timeout: Duration,
    /// This program, which knows the subcommand [`CHILD_COMMAND`].
    pub exe: PathBuf,
}

/// The worker, from the outside.
#[derive(Debug)]
pub struct Embedded {
    config: EmbeddedConfig,
    name: Arc<str>,
    readiness: Readiness,
    /// `None` after a failure, until the next question starts another child.
    peer: Mutex<Option<Peer>>,
}

impl Embedded {
    /// Starts the child and waits until its model is loaded and it is confined.
    ///
    /// # Errors
    /// [`WorkerFailure::Unavailable`] with what is missing or broken, where, and what to do.
    pub fn start(config: EmbeddedConfig) -> Result<Self, WorkerFailure> {
        let (peer, readiness) = launch(&config)?;
        let file = config.model.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("embedded:{file}").into();
        Ok(Self { config, name, readiness, peer: Mutex::new(Some(peer)) })
    }

    /// What the child said when it was ready, with the proof of its confinement.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// The child's resident memory in bytes now; `None` while it does not run.
    pub fn resident_bytes(&self) -> Option<u64> {
        let peer = self.peer.lock().unwrap_or_else(PoisonError::into_inner);
        let status = PathBuf::from(format!("/proc/{}/status", peer.as_ref()?.id()));
        let text = file::read_text(&status, 64 * 1024).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.saturating_mul(1024))
    }

    /// As [`Worker::answer`], with what it took.
    ///
    /// # Errors
    /// A named [`WorkerFailure`].
    pub fn answer_with_cost(&self, ask: &Ask) -> Result<(WorkerReply, Cost), WorkerFailure> {
        spotlight::fits(&ask.question, &ask.data)?;
        let mut slot = self.peer.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = slot.is_none();
        match self.attempt(&mut slot, ask) {
            // A child that died while idle, or over this question, gets one successor; a second death is the answer's.
            Err(PeerFailure::Ended(_)) if !fresh => match self.attempt(&mut slot, ask) {
                Ok(word) => outcome(word),
                Err(failure) => Err(named(failure)),
            },
            Ok(word) => outcome(word),
            Err(failure) => Err(named(failure)),
        }
    }

    fn attempt(&self, slot: &mut Option<Peer>, ask: &Ask) -> Result<Word, PeerFailure> {
        let mut peer = match slot.take() {
            Some(peer) => peer,
            None => match launch(&self.config) {
                Ok((peer, _)) => peer,
                Err(failure) => return Ok(Word::Fault(protocol::Fault::Unavailable(failure.to_string()))),
            },
        };
        let word = converse(&mut peer, &Order::Ask(ask.clone()), self.config.timeout)?;
        *slot = Some(peer);
        Ok(word)
    }
}

impl Worker for Embedded {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        self.answer_with_cost(ask).map(|(reply, _)| reply)
    }
}

/// Lets a child without a model try every forbidden thing, and reports what it met. For `doctor` and tests.
///
/// # Errors
/// When the child cannot be started or confined.
pub fn probe(exe: &Path, layers: Layers) -> Result<Probed, WorkerFailure> {
    let mut peer = Peer::start(exe, &[CHILD_COMMAND], &[]).map_err(named)?;
    match converse(&mut peer, &Order::Probe { layers }, START_TIMEOUT).map_err(named)? {
        Word::Probed(probed) => Ok(probed),
        Word::Fault(fault) => Err(fault.into()),
        Word::Ready(_) | Word::Reply { .. } => Err(strange()),
    }
}

/// Whether a digest is known for this file, so that its bytes are verified before they are used. For screens.
pub fn is_pinned(model: &Path) -> bool {
    model_file::pinned(model).is_some()
}

fn launch(config: &EmbeddedConfig) -> Result<(Peer, Readiness), WorkerFailure> {
    let threads = config.threads.max(1).to_string();
    let mut peer =
        Peer::start(&config.exe, &[CHILD_COMMAND], &[("RAYON_NUM_THREADS", &threads)]).map_err(named)?;
    // The child stands in the root directory.
    let model = std::path::absolute(&config.model).unwrap_or_else(|_| config.model.clone());
    let sha256 = model_file::pinned(&model).map(str::to_owned);
    match converse(&mut peer, &Order::Start { model, sha256 }, START_TIMEOUT).map_err(named)? {
        Word::Ready(readiness) => {
            // INVARIANT: no untrusted text reaches a child that got through to anything.
            let open = readiness.probes.iter().find(|probe| !probe.refused());
            match open {
                Some(probe) => Err(WorkerFailure::Unavailable(format!(
                    "its confinement does not hold: it could {}; nothing was sent to it",
                    probe.attempt
                ))),
                None if readiness.probes.is_empty() => Err(strange()),
                None => Ok((peer, readiness)),
            }
        }
        Word::Fault(fault) => Err(fault.into()),
        Word::Reply { .. } | Word::Probed(_) => Err(strange()),
    }
}

fn converse(peer: &mut Peer, order: &Order, timeout: Duration) -> Result<Word, PeerFailure> {
    let frame = serde_json::to_vec(order).map_err(|e| PeerFailure::Ended(e.to_string()))?;
    peer.send(frame)?;
    let frame = peer.receive(timeout)?;
    serde_json::from_slice(&frame).map_err(|_| PeerFailure::Ended("it said something unknown".to_owned()))
}

fn outcome(word: Word) -> Result<(WorkerReply, Cost), WorkerFailure> {
    match word {
        Word::Reply { reply, cost } => Ok((reply, cost)),
        Word::Fault(fault) => Err(fault.into()),
        Word::Ready(_) | Word::Probed(_) => Err(strange()),
    }
}

fn named(failure: PeerFailure) -> WorkerFailure {
    match failure {
        PeerFailure::TimedOut(after) => WorkerFailure::TimedOut(after.as_secs()),
        PeerFailure::GivenUp => WorkerFailure::GivenUp,
        PeerFailure::TooLarge(_) => WorkerFailure::TooLong(failure.to_string()),
        PeerFailure::Start { .. } | PeerFailure::Ended(_) => {
            WorkerFailure::Unavailable(format!("the embedded worker's process failed: {failure}"))
        }
    }
}

fn strange() -> WorkerFailure {
    WorkerFailure::Unavailable("the embedded worker's process does not speak as it should".to_owned())
}
