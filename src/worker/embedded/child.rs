//! The confined child: `sentinel worker-child`. It loads a model, locks itself in, and answers.

use super::confinement;
use super::engine::Engine;
use super::protocol::{Fault, Layers, Order, Probed, Readiness, Word};
use super::weights::Weights;
use crate::egress::file;
use crate::egress::process::{read_frame, write_frame};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Stdin, Stdout};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// Runs until the parent closes the stream. Standard input and output carry frames, so nothing may be printed.
pub fn main() -> ExitCode {
    let mut streams = Streams { from: std::io::stdin(), to: std::io::stdout() };
    let done = match streams.hear() {
        Some(Order::Start { model, sha256 }) => serve(&mut streams, &model, sha256.as_deref()),
        Some(Order::Probe { layers }) => probe(&mut streams, layers),
        Some(Order::Ask(_)) | None => Some(()),
    };
    if done.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Streams {
    from: Stdin,
    to: Stdout,
}

impl Streams {
    /// The next order; `None` when the parent has gone or speaks something else.
    fn hear(&mut self) -> Option<Order> {
        let frame = read_frame(&mut self.from.lock()).ok()??;
        serde_json::from_slice(&frame).ok()
    }

    /// `None` when the parent has gone.
    fn say(&mut self, word: &Word) -> Option<()> {
        let frame = serde_json::to_vec(word).ok()?;
        write_frame(&mut self.to.lock(), &frame).ok()
    }
}

fn serve(streams: &mut Streams, model: &Path, sha256: Option<&str>) -> Option<()> {
    let (mut engine, ready) = match prepare(model, sha256) {
        Ok(both) => both,
        Err(why) => return streams.say(&Word::Fault(Fault::Unavailable(why))),
    };
    streams.say(&Word::Ready(ready))?;
    while let Some(order) = streams.hear() {
        let Order::Ask(ask) = order else { return None };
        let word = match engine.answer(&ask) {
            Ok((reply, cost)) => Word::Reply { reply, cost },
            Err(fault) => Word::Fault(fault),
        };
        streams.say(&word)?;
    }
    Some(())
}

/// Opens the model, gives up files, loads and warms up (threads exist then), gives up everything else.
fn prepare(path: &Path, sha256: Option<&str>) -> Result<(Engine, Readiness), String> {
    let begun = Instant::now();
    let opened = file::open(path).map_err(|e| format!("{e}; {}", super::model_file::HELP))?;
    let landlock = confinement::lock_files();
    // Hashed while it is loaded: nothing is answered before both are done.
    let (engine, checked) = std::thread::scope(|scope| {
        let check = scope.spawn(|| sha256.map_or(Ok(()), |expected| check(&opened, expected)));
        let engine = opened.try_clone().map_err(|e| e.to_string()).and_then(load);
        (engine, check.join().unwrap_or_else(|_| Err("cannot be checked".to_owned())))
    });
    let (engine, name, architecture) = checked
        .and(engine)
        .map_err(|why| format!("the model {} {why}; {}", path.display(), super::model_file::HELP))?;
    drop(opened);
    confinement::lock_calls().map_err(|why| format!("the worker cannot be confined: {why}"))?;
    let ready = Readiness {
        model: name,
        architecture,
        context: engine.context(),
        load_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        landlock,
        probes: confinement::probe(),
    };
    Ok((engine, ready))
}

/// The engine with the model's own name and its architecture.
fn load(file: File) -> Result<(Engine, String, String), String> {
    let unusable = |why: String| format!("cannot be used: {why}");
    let first_line = |e: candle_core::Error| e.to_string().lines().next().unwrap_or("unknown").to_owned();
    let mut weights = Weights::open(file).map_err(|e| unusable(first_line(e)))?;
    let name = weights.content().metadata.get("general.name").and_then(|v| v.to_string().ok().cloned());
    let engine = Engine::load(&mut weights).map_err(unusable)?;
    Ok((engine, name.unwrap_or_else(|| "unnamed".to_owned()), weights.architecture().to_owned()))
}

/// Compares the file's digest, reading at places of its own: the loader moves the file's position.
fn check(file: &File, expected: &str) -> Result<(), String> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    let mut at = 0;
    loop {
        let n = file.read_at(&mut chunk, at).map_err(|e| format!("cannot be read: {e}"))?;
        if n == 0 {
            break;
        }
        hash.update(chunk.get(..n).unwrap_or_default());
        at += n as u64;
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == expected {
        return Ok(());
    }
    Err(format!("is damaged or another file: its sha256 is {found}, expected {expected}"))
}

fn probe(streams: &mut Streams, layers: Layers) -> Option<()> {
    let landlock = (layers != Layers::Nothing).then(confinement::lock_files);
    if layers == Layers::Everything
        && let Err(why) = confinement::lock_calls()
    {
        return streams.say(&Word::Fault(Fault::Unavailable(why)));
    }
    streams.say(&Word::Probed(Probed { landlock, probes: confinement::probe() }))
}
