//! `sentinel pin`: the PIN of the service.

use super::screen::Screen;
use clap::Subcommand;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::{ExposeSecret, SecretString};
use std::io::{self, BufRead, IsTerminal};

#[cfg(test)]
mod tests;

/// Longest line that is read for a PIN, in bytes.
const MAX_LINE: u64 = 4_096;

/// What `sentinel pin` does.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum PinCommand {
    /// Set the PIN, first or another, and end all sessions; stop `sentinel serve` before
    ///
    /// Asks twice at a terminal and shows nothing of it; else reads one line from standard input. Its argon2id hash goes into
    /// the PIN's file where there is one (SENTINEL_PIN_FILE, or secrets/sentinel_pin), else into the data folder.
    #[command(after_help = "Examples:
  sentinel pin set
  pass show sentinel | sentinel pin set")]
    Set,
}

/// No PIN was given.
#[derive(Debug, thiserror::Error)]
pub enum AskFailure {
    /// The terminal or standard input.
    #[error("cannot read the PIN: {0}; type it at a terminal or give it as one line of standard input")]
    Unreadable(#[from] io::Error),
    /// Nothing was typed, or nothing came.
    #[error("no PIN was given: type it at a terminal or give it as one line of standard input")]
    Empty,
    /// The second time said something else.
    #[error("the two PINs differ: begin again")]
    Different,
}

/// Asks for a new PIN: twice at a terminal, else one line of standard input.
///
/// # Errors
/// [`AskFailure`]
pub fn ask(screen: &Screen) -> Result<SecretString, AskFailure> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return line(stdin.lock());
    }
    let hidden = Hidden::new()?;
    let asked = |text| {
        screen.prompt(text);
        let typed = line(stdin.lock());
        // The end of the line was not shown either.
        screen.line("");
        typed
    };
    let (first, again) = (asked("new PIN: ")?, asked("once more: ")?);
    drop(hidden);
    if first.expose_secret() != again.expose_secret() {
        return Err(AskFailure::Different);
    }
    Ok(first)
}

/// One line without its end; spaces are part of a passphrase.
fn line(from: impl BufRead) -> Result<SecretString, AskFailure> {
    let mut text = String::new();
    from.take(MAX_LINE).read_line(&mut text)?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(AskFailure::Empty),
        pin => Ok(SecretString::from(pin)),
    }
}

/// The terminal shows nothing of what is typed until this is dropped.
struct Hidden(Termios);

impl Hidden {
    fn new() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        // What was typed before is no answer.
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _terminal_is_gone = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
