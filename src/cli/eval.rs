//! `sentinel eval`: what an attacker reaches.

use clap::Subcommand;
use std::path::PathBuf;

/// Measures what an attacker reaches.
#[derive(Debug, Subcommand)]
pub enum EvalCommand {
    /// Every plan of a folder with a worker that obeys the attacker: effects reached
    #[command(after_help = "Example: sentinel eval adversary tests/plans --json")]
    Adversary {
        /// A folder of plans with their sidecars
        dir: PathBuf,
        /// Print one JSON object instead of text
        #[arg(long)]
        json: bool,
    },
}

/// Runs the evaluation.
pub fn execute(command: &EvalCommand, engine: &crate::policy::Engine) -> super::Exit {
    let EvalCommand::Adversary { .. } = command;
    let _ = engine;
    super::Exit::Failure
}
