//! Makes `src/scan/injection/model.bin` again, to the byte: `scripts/train-tripwire`.
//!
//! Without `--check` the file is written; with it, nothing is written and the exit code says whether the file is what
//! training gives. Needs no network and some seconds.

mod corpus;
mod examples;
mod svm;

#[cfg(test)]
mod tests;

use examples::Examples;
use sentinel::kernel::id::Digest;
use sentinel::scan::injection::MODEL;
use sentinel::scan::injection::model::Model;
use std::process::ExitCode;

/// How much a mistake counts against large weights.
const COST: f64 = 0.1;
/// What share of all examples the attacks weigh together.
const ATTACK_SHARE: f64 = 0.35;
/// Passes over the examples.
const PASSES: usize = 30;
/// Where the model is, from the top of the repository.
const FILE: &str = "src/scan/injection/model.bin";

#[expect(clippy::print_stdout, reason = "a tool for developers, whose answer this is")]
fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let rows = corpus::read()?;
    let examples = Examples::of(&rows, ATTACK_SHARE);
    println!("{} texts, {} examples, {} attacks", rows.len(), examples.list.len(), examples.attacks());
    let model = train(&examples);
    println!("{} {FILE}", Digest::of(&model));
    if !std::env::args().any(|arg| arg == "--check") {
        #[expect(clippy::disallowed_methods, reason = "a tool for developers writes the file it is for")]
        std::fs::write(FILE, model)?;
        return Ok(ExitCode::SUCCESS);
    }
    let same = model == MODEL;
    println!("{}", if same { "it is the shipped model" } else { "it is NOT the shipped model" });
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn train(examples: &Examples) -> Vec<u8> {
    let learned = svm::learn(examples, COST, PASSES);
    Model::write(&learned.weights, learned.bias)
}
