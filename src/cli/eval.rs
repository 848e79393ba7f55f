//! `sentinel eval`: what an attacker reaches, and what scanners see.

mod scan;

pub use scan::{ScanArgs, scan};

use super::Exit;
use super::screen::Screen;
use crate::eval;
use crate::policy::Engine;
use clap::Subcommand;
use std::path::{Path, PathBuf};

/// Measures what an attacker reaches, and what scanners see.
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
    /// Labelled texts, one JSON object a line: recall, false alarms, precision and time by class and by source
    Scan(ScanArgs),
}

/// Runs the evaluation and prints the report. Anything that the attacker reached is a finding.
pub fn adversary(dir: &Path, json: bool, engine: &Engine) -> Exit {
    let screen = Screen::stdout();
    let report = match eval::adversary::run(dir, engine) {
        Ok(report) => report,
        Err(message) => {
            screen.complain(&format!("sentinel: {message}"));
            return Exit::Usage;
        }
    };
    if json {
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
