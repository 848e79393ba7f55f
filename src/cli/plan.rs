//! `sentinel plan`: stubs and pre-flight.

use super::screen::{Screen, safe};
use super::{Exit, graph, local_user};
use crate::flow::{self, PreflightFailure};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::Request;
use crate::kernel::id::RunId;
use crate::kernel::plan::graph::Prediction;
use crate::kernel::port::Policy;
use crate::tool::stub;
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Looks at plans.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Pre-flight: the flow graph and the predicted verdicts; exit code 1 when a call can never pass
    #[command(after_help = "Example: sentinel plan check tidy.py --json")]
    Check {
        /// The plan
        file: PathBuf,
        /// Print one JSON object instead of text
        #[arg(long)]
        json: bool,
    },
    /// The tool stubs as a planner sees them
    #[command(after_help = "Example: sentinel plan stubs")]
    Stubs,
}

/// Prints the stubs.
pub fn stubs(catalogue: &Catalogue) -> Exit {
    Screen::stdout().line(stub::render(catalogue).trim_end());
    Exit::Done
}

/// Prints the flow graph of a plan text, or its faults with their places in the file.
pub fn check(
    file: &Path,
    text: &str,
    as_json: bool,
    trust_level: u8,
    catalogue: &Catalogue,
    policy: &dyn Policy,
) -> Exit {
    let screen = Screen::stdout();
    let request = Request {
        run: RunId::new("preflight"),
        principal: local_user(),
        reply_to: local_user(),
        channel: Arc::from("cli"),
        trust_level,
        text: String::new(),
    };
    let text = crate::planner::from_file(text);
    let graph = match flow::preflight(&text, &request, catalogue, policy) {
        Ok(graph) => graph,
        Err(PreflightFailure::Faulty(errors)) => {
            if as_json {
                let rows: Vec<_> = errors
                    .located()
                    .map(|((line, column), e)| json!({"line": line, "column": column, "message": e.message, "hint": e.hint}))
                    .collect();
                screen.line(&json!({"ok": false, "errors": rows}).to_string());
            } else {
                screen.complain(&safe(&errors.in_file(&file.display().to_string())));
            }
            return Exit::Usage;
        }
        Err(PreflightFailure::Gate(failure)) => {
            screen.complain(&format!("sentinel: {failure}"));
            return Exit::Failure;
        }
    };
    let never = graph.calls.iter().any(|c| c.prediction == Prediction::Never);
    if as_json {
        screen.line(&json!({"ok": !never, "graph": graph}).to_string());
    } else {
        screen.line(&graph::render(&graph, &screen));
        screen.line(&graph::summary(&graph));
    }
    if never { Exit::Refusal } else { Exit::Done }
}
