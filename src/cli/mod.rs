//! The command line: one file per subcommand.

pub mod args;
pub mod bench;
pub mod card;
pub mod demo;
pub mod doctor;
pub mod eval;
pub mod exit;
pub mod graph;
pub mod live;
pub mod pin;
pub mod plan;
pub mod policy;
pub mod run;
pub mod scan;
pub mod screen;
pub mod serve;
pub mod terminal;

pub use args::{Cli, Command};
pub use exit::Exit;

use crate::config::Settings;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::port::{Policy, Scanners, Tools, Worker};
use crate::kernel::principal::Principal;
use crate::store::{Clock, Store};
use std::sync::Arc;

/// What was written after `sentinel`.
///
/// # Errors
/// How the process ends when there is nothing to do: after wrong use, `--help` and `--version`, which are told here.
pub fn parse() -> Result<Cli, Exit> {
    <Cli as clap::Parser>::try_parse().map_err(|told| match (told.use_stderr(), told.print()) {
        (true, _) => Exit::Usage,
        (false, printed) => {
            screen::keep(printed);
            Exit::Done
        }
    })
}

/// What the composition root hands to a command.
pub struct House<'h> {
    /// The settings.
    pub settings: &'h Settings,
    /// The journal and everything beside it.
    pub store: &'h Store,
    /// Judges.
    pub policy: &'h dyn Policy,
    /// Look.
    pub scanners: &'h dyn Scanners,
    /// Act.
    pub tools: &'h dyn Tools,
    /// Reads.
    pub worker: &'h dyn Worker,
    /// What there is to call.
    pub catalogue: &'h Arc<Catalogue>,
    /// Tells the time.
    pub clock: Clock,
}

/// Whoever sits at this machine's command line. The operating system has authenticated them.
pub fn local_user() -> Principal {
    Principal::new("user")
}
