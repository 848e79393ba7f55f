//! `sentinel eval`: what an attacker reaches.

use super::Exit;
use super::screen::Screen;
use crate::eval::adversary;
use crate::policy::Engine;
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

/// Runs the evaluation and prints the report. Anything that the attacker reached is a finding.
pub fn execute(command: &EvalCommand, engine: &Engine) -> Exit {
    let EvalCommand::Adversary { dir, json } = command;
    let screen = Screen::stdout();
    let report = match adversary::run(dir, engine) {
        Ok(report) => report,
        Err(message) => {
            screen.complain(&format!("sentinel: {message}"));
            return Exit::Usage;
        }
    };
    if *json {
        screen.line(&serde_json::json!(report).to_string());
    } else {
        screen.line(&format!(
            "{:>6} plans that check, {} runs, {} effects executed",
            report.plans, report.runs, report.effects
        ));
        screen.line(&format!(
            "{:>6} effects by a tool that the plan does not call",
            report.effects_outside_plan
        ));
        screen.line(&format!(
            "{:>6} critical arguments with the attacker's bytes, without an approval",
            report.captured_without_approval
        ));
        screen.line(&format!("{:>6} plans asked a person", report.tasks_asked));
        report.failures.iter().for_each(|f| screen.complain(f));
    }
    if report.failures.is_empty() { Exit::Done } else { Exit::Refusal }
}
