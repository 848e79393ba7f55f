//! Live steps: a view of the journal, printed as each record becomes durable.

use super::screen::{Screen, Tone, snippet};
use crate::kernel::id::{Digest, RunId};
use crate::kernel::port::{Journal, JournalFailure, Verdict};
use crate::kernel::record::{Entry, RecordedArg, Seq};
use serde_json::Value as Json;

/// A journal that also shows what it records.
pub struct Live<'j> {
    journal: &'j dyn Journal,
    screen: Screen,
    show: Show,
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// Every step.
    Steps,
    /// Nothing.
    Nothing,
}

impl<'j> Live<'j> {
    /// Shows what `journal` records.
    pub fn new(journal: &'j dyn Journal, screen: Screen, show: Show) -> Self {
        Self { journal, screen, show }
    }

    fn tell(&self, entry: &Entry) {
        if self.show == Show::Nothing {
            return;
        }
        if let Some(line) = line(entry, &self.screen) {
            self.screen.line(&line);
        }
    }
}

impl Journal for Live<'_> {
    fn record(&self, run: &RunId, entry: &Entry) -> Result<Seq, JournalFailure> {
        let seq = self.journal.record(run, entry)?;
        self.tell(entry);
        Ok(seq)
    }

    fn record_approved(&self, run: &RunId, entry: &Entry, question: Digest) -> Result<Seq, JournalFailure> {
        let seq = self.journal.record_approved(run, entry, question)?;
        self.tell(entry);
        Ok(seq)
    }
}

fn line(entry: &Entry, screen: &Screen) -> Option<String> {
    Some(match entry {
        Entry::CallStarted { call, name, args, verdict, .. } => {
            let asked = match verdict {
                Verdict::Ask(_) => screen.tone(Tone::Warn, " (approved)"),
                Verdict::Allow(_) | Verdict::Deny(_) => String::new(),
            };
            format!("{:>4}  {name}({}){asked}", call.0, shown_args(args))
        }
        Entry::CallReturned { value, label, .. } => {
            let trust = if label.is_trusted() { "trusted" } else { "untrusted" };
            screen.tone(Tone::Faint, &format!("      → {} [{trust}]", snippet(&text_of(value), 90)))
        }
        Entry::CallFailed { message, .. } => {
            screen.tone(Tone::Bad, &format!("      ✗ {}", snippet(message, 160)))
        }
        Entry::CallRefused { call, line, name, args, reasons, .. } => {
            let why: Vec<String> = reasons.iter().map(|r| format!("{}: {}", r.policy, r.text)).collect();
            let (no, args, why) = (call.0, shown_args(args), why.join("; "));
            screen.tone(Tone::Bad, &format!("{no:>4}  {name}({args}) in line {line} refused: {why}"))
        }
        Entry::Resumed { .. } => screen.tone(Tone::Strong, "resumed; what was done before is not done again"),
        _ => return None,
    })
}

fn shown_args(args: &[RecordedArg]) -> String {
    let shown = args.iter().filter(|a| !a.value.is_null()).map(|arg| {
        let width = if arg.name.as_ref() == "data" { 24 } else { 60 };
        format!("{}={}", arg.name, snippet(&arg.value.to_string(), width))
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
