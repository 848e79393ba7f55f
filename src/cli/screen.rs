//! Text for a terminal or a pipe. Nothing that a stranger wrote reaches a terminal as a control sequence.

pub use crate::kernel::excerpt::safe;

use std::io::{Error, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

/// The first thing that kept standard output from being written. One for the process, as the stream is.
static UNWRITTEN: OnceLock<Error> = OnceLock::new();

/// Standard output and standard error.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    colour: bool,
}

/// How a piece of text is meant. Colour is never the only signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// A heading.
    Strong,
    /// Beside the point.
    Faint,
    /// Went well.
    Good,
    /// Wants attention.
    Warn,
    /// Was refused or broke.
    Bad,
}

impl Screen {
    /// The process's own output; in colour only on a terminal.
    pub fn stdout() -> Self {
        Self { colour: std::io::stdout().is_terminal() }
    }

    /// Output without colour, for files and tests.
    pub fn plain() -> Self {
        Self { colour: false }
    }

    /// Writes a line to standard output. A closed pipe is no error: nobody reads any more. Any other failure is kept
    /// for the end of the process, see [`Screen::unwritten`].
    pub fn line(&self, text: &str) {
        keep(writeln!(std::io::stdout(), "{text}"));
    }

    /// What kept standard output from being written, such as a full disk.
    pub fn unwritten() -> Option<&'static Error> {
        UNWRITTEN.get()
    }

    /// Writes a line to standard error.
    pub fn complain(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Says how far long work has come, over what was said before; nothing says it is over. Silent where standard error
    /// is no terminal.
    pub fn progress(&self, text: &str) {
        let mut out = std::io::stderr();
        if out.is_terminal() {
            let _ = write!(out, "\r\u{1b}[K{text}").and_then(|()| out.flush());
        }
    }

    /// Writes a prompt without a line's end.
    pub fn prompt(&self, text: &str) {
        keep(write!(std::io::stdout(), "{text}").and_then(|()| std::io::stdout().flush()));
    }

    /// The text in a tone, where the output has colours.
    pub fn tone(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            _ if !self.colour => return text.to_owned(),
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Keeps the failure of a write to standard output for the end of the process.
pub(super) fn keep(written: Result<(), Error>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        // The first failure is the cause of the others.
        let _ = UNWRITTEN.set(error);
    }
}

/// Safe text on one line, at most `width` characters long.
pub fn snippet(text: &str, width: usize) -> String {
    let line: String = safe(text).split('\n').collect::<Vec<_>>().join("⏎");
    if line.chars().count() <= width {
        return line;
    }
    let mut cut: String = line.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
