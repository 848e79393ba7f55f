//! A reply while it is written: the words of its answer, without marks and thoughts, for whoever listens.

use super::envelope::Envelope;
use super::prompt::Prompt;
use crate::egress::ollama::Pieces;
use crate::kernel::port::Listener;
use crate::worker::spotlight::rolling::{Met, Rolling};
use crate::worker::spotlight::{THOUGHT, THOUGHT_ENDS, Tags};

/// Passes on what a server streams.
pub(super) struct Aloud<'l> {
    pieces: Pieces,
    marks: Rolling,
    envelope: Envelope,
    /// In this order: [`THOUGHT`], [`THOUGHT_ENDS`], and the marks of this request.
    inside: Rolling,
    /// How many thoughts are open inside the answer.
    thoughts: usize,
    listener: &'l mut dyn Listener,
}

impl<'l> Aloud<'l> {
    pub(super) fn new(prompt: &Prompt, tags: &Tags, listener: &'l mut dyn Listener) -> Self {
        let mark = prompt.marker().mark().to_owned();
        let words = [THOUGHT.to_owned(), THOUGHT_ENDS.to_owned(), mark.clone()];
        Self {
            pieces: Pieces::default(),
            marks: Rolling::new([mark]),
            envelope: Envelope::new(),
            inside: Rolling::new(words.into_iter().chain(tags.words())),
            thoughts: 0,
            listener,
        }
    }

    /// Takes the next bytes of the reply.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let mut answer = String::new();
        let (marks, envelope) = (&mut self.marks, &mut self.envelope);
        self.pieces.take(bytes, |content| {
            marks.take(content, |met| {
                if let Met::Text(text) = met {
                    answer.push_str(&envelope.take(text));
                }
            });
        });
        let (thoughts, listener) = (&mut self.thoughts, &mut *self.listener);
        self.inside.take(&answer, |met| match met {
            Met::Word(0) => *thoughts += 1,
            Met::Word(1) => *thoughts = thoughts.saturating_sub(1),
            Met::Text(text) if *thoughts == 0 => listener.hear(text),
            Met::Text(_) | Met::Word(_) => {}
        });
    }
}
