//! A person at the terminal as a voice.

use super::card;
use super::screen::{Screen, Tone};
use crate::approval::{Voice, Vote};
use crate::kernel::gate::question::Question;
use std::io::{BufRead, IsTerminal};

/// Shows the card and reads an answer. Without a terminal nobody is there, and questions wait.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    screen: Screen,
}

impl Terminal {
    /// The terminal that this process was started from.
    pub fn new(screen: Screen) -> Self {
        Self { screen }
    }
}

impl Voice for Terminal {
    fn decide(&self, id: &str, question: &Question) -> Vote {
        self.screen.line(&card::render(id, question, &self.screen));
        if !std::io::stdin().is_terminal() {
            return Vote::Silence;
        }
        // What was typed before the question was shown is no answer to it.
        let _ = rustix::termios::tcflush(std::io::stdin(), rustix::termios::QueueSelector::IFlush);
        loop {
            self.screen.prompt(
                &self
                    .screen
                    .tone(Tone::Strong, "approve [y], deny [n reason], stop the run [s], later [l]: "),
            );
            let mut line = String::new();
            match std::io::stdin().lock().read_line(&mut line) {
                Ok(0) | Err(_) => return Vote::Silence,
                Ok(_) => {}
            }
            if let Some(vote) = vote(&line) {
                return vote;
            }
        }
    }
}

/// An answer as typed. An empty line is none: nobody approves by leaning on Enter.
fn vote(line: &str) -> Option<Vote> {
    let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let reason = Some(rest.trim().to_owned()).filter(|r| !r.is_empty());
    match word {
        "y" | "yes" => Some(Vote::Approve { reason }),
        "n" | "no" => Some(Vote::Deny { reason }),
        "s" | "stop" => Some(Vote::Stop),
        "l" | "later" => Some(Vote::Silence),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
