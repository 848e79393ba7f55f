//! `sentinel policy`: strict validation and decision tables.

use super::Exit;
use super::screen::{Screen, Tone};
use crate::kernel::port::Policy;
use crate::policy::{Engine, table};
use clap::Subcommand;
use std::path::PathBuf;

/// Checks policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Load and validate the policies, and list them
    #[command(after_help = "Example: SENTINEL_POLICIES_DIR=./policies sentinel policy check")]
    Check,
    /// Run decision tables against the policies
    #[command(after_help = "Example: sentinel policy test tests/policies/*.toml")]
    Test {
        /// Decision tables
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Lists what is loaded. Loading itself has validated it.
pub fn check(engine: &Engine) -> Exit {
    let screen = Screen::stdout();
    for policy in engine.policies() {
        screen.line(&format!("{:<28} {}:{}", policy.id, policy.file, policy.line));
        if !policy.reason.is_empty() {
            screen.line(&screen.tone(Tone::Faint, &format!("    {}", policy.reason)));
        }
    }
    for warning in engine.warnings() {
        screen.complain(&warning.to_string());
    }
    screen.line(&format!("{} policies, version {}", engine.policies().len(), engine.version().short()));
    Exit::Done
}

/// Runs tables, given as names and texts.
pub fn test(engine: &Engine, tables: &[(String, String)]) -> Exit {
    let screen = Screen::stdout();
    let (mut rows, mut wrong) = (0usize, 0usize);
    for (name, text) in tables {
        let results = match table::run(text, engine) {
            Ok(results) => results,
            Err(fault) => {
                screen.complain(&format!("{name}: {fault}"));
                return Exit::Usage;
            }
        };
        for row in results {
            rows += 1;
            if !row.holds() {
                wrong += 1;
                screen.complain(&screen.tone(
                    Tone::Bad,
                    &format!("{name}:{}: {}: expected {}, got {}", row.line, row.name, row.expected, row.got),
                ));
            }
        }
    }
    screen.line(&format!("{rows} rows, {wrong} wrong"));
    if wrong == 0 { Exit::Done } else { Exit::Refusal }
}
