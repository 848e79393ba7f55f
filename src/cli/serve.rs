//! `sentinel serve`: the controller.

use super::Exit;
use super::screen::Screen;
use crate::config::Explained;
use clap::Args;

/// What `sentinel serve` takes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sentinel serve
  SENTINEL_HTTPS_PORT=9443 sentinel serve --print-config")]
pub struct ServeArgs {
    /// Show every setting with where it comes from, and stop
    #[arg(long)]
    pub print_config: bool,
}

/// Shows the settings, one a line: key, value, source.
pub fn print_config(settings: &[Explained]) -> Exit {
    let screen = Screen::stdout();
    let width = settings.iter().map(|row| row.key.len()).max().unwrap_or(0);
    for row in settings {
        screen.line(&format!("{:width$}  {}  ({})", row.key, row.value, row.source));
    }
    Exit::Done
}
