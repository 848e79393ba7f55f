//! What of a worker's answer may be shown while it is written: a rolling scan, so that nothing is shown that policy would
//! not let pass, and no half of it either.
//!
//! Words wait until enough stands behind them. What waits is scanned together with the end of what was shown; then all of
//! it but its end goes out, made as harmless as a reply. This is for display only: the whole answer is screened, labelled
//! and written down by its own gate afterwards, whatever was shown.

use super::GateFailure;
use super::released::defang;
use super::screening::Screener;
use crate::kernel::answer::AnswerType;
use crate::kernel::excerpt::safe;
use crate::kernel::id::CallNo;
use crate::kernel::port::{
    Ask, Border, Crossing, Glimpse, Listener, Onlooker, Treatment, Worker, WorkerFailure, WorkerReply,
};
use crate::kernel::run::progress::PendingCall;

#[cfg(test)]
mod tests;

/// What always waits, in bytes: of anything that scanners find in this much, the beginning is still there when its end
/// comes. What has no white space is not cut at all, however long it is.
const HOLD: usize = 200;
/// What at least goes out at a time, in bytes: so often a text is scanned, and no oftener.
const STEP: usize = 100;
/// How much of what was shown is scanned again with what waits, in bytes: `password =` before the password.
const CONTEXT: usize = 400;
/// How much of the request scanners are told of, in bytes: each scan reads it.
const ASKED: usize = 4_000;
/// The longest word that is waited for, in bytes. Real words, addresses and tokens are shorter.
const LONGEST_WORD: usize = 4_000;
/// The most that is heard of one answer, in bytes: the longest one many times over.
const MOST: usize = 256 * 1024;

/// Why no more is shown.
const FOUND: &str = "a finding";
const UNSCANNED: &str = "it cannot be scanned";
const ENDLESS: &str = "a word that does not end";
const TOO_LONG: &str = "it is too long";

/// A worker's reply to a call's question, shown to an onlooker as it comes where that may be: only free text means what
/// its words say before its type was checked, and only what a reply may be made of is for who watches. Words that
/// become no answer are taken back.
pub(super) fn answer_before(
    onlooker: &dyn Onlooker,
    screener: Screener<'_>,
    call: &PendingCall,
    ask: &Ask,
    worker: &dyn Worker,
) -> Result<WorkerReply, WorkerFailure> {
    let (request, inside) = (screener.request, call.wanted.what.mark().join(&call.wanted.pc));
    let readable =
        [&request.reply_to, &request.principal].iter().all(|who| inside.label().is_readable_by(who));
    if !readable || !matches!(ask.answer, AnswerType::Text) {
        return worker.answer(ask);
    }
    let mut aloud = Aloud::new(screener, call.no(), onlooker);
    let reply = worker.answer_aloud(ask, &mut aloud);
    if !matches!(reply, Ok(WorkerReply::Answer(_))) {
        aloud.begin_anew();
    }
    reply
}

/// Shows an onlooker a worker's words.
struct Aloud<'a> {
    screener: Screener<'a>,
    call: CallNo,
    onlooker: &'a dyn Onlooker,
    /// The end of what went out, as the worker said it.
    context: String,
    /// What waits.
    waiting: String,
    /// How long that must be before it is looked at.
    enough: usize,
    /// How many bytes were heard.
    heard: usize,
    /// How many characters went out.
    shown: usize,
    stopped: bool,
}

impl<'a> Aloud<'a> {
    fn new(screener: Screener<'a>, call: CallNo, onlooker: &'a dyn Onlooker) -> Self {
        let (context, waiting) = (String::new(), String::new());
        let (enough, heard, shown) = (HOLD + STEP, 0, 0);
        Self { screener, call, onlooker, context, waiting, enough, heard, shown, stopped: false }
    }

    /// Lets out what may go. Every scan lets out [`STEP`] bytes or is the last one, so all of them together take time
    /// linear in the text.
    fn let_out(&mut self) {
        let Some(cut) = cut(&self.waiting).filter(|cut| *cut >= STEP) else {
            if self.waiting.len() > HOLD + STEP + LONGEST_WORD {
                self.stop(ENDLESS);
            }
            self.enough = self.waiting.len() + STEP;
            return;
        };
        let window = format!("{}{}", self.context, self.waiting);
        match self.passes(&window) {
            Ok(true) => {}
            Ok(false) => return self.stop(FOUND),
            Err(_) => return self.stop(UNSCANNED),
        }
        let rest = self.waiting.split_off(cut);
        let out = std::mem::replace(&mut self.waiting, rest);
        self.context.push_str(&out);
        let old = self.context.floor_char_boundary(self.context.len().saturating_sub(CONTEXT));
        self.context.drain(..old);
        self.enough = HOLD + STEP;
        let text = harmless(&out);
        let from = self.shown;
        self.shown += text.chars().count();
        self.see(Glimpse::Words { from, text });
    }

    /// Whether policy would let a text with these words pass, as an answer and as a reply: who watches is a person, like
    /// whoever gets the reply.
    fn passes(&self, window: &str) -> Result<bool, GateFailure> {
        let request = &self.screener.request.text;
        let asked = request.get(..request.floor_char_boundary(ASKED)).unwrap_or_default();
        let at = |border| Crossing { border, executed: false, asked };
        let (answer, reply) = (at(Border::Answer), at(Border::Reply));
        for found in self.screener.screen(window, &answer, false)? {
            let shown = self.screener.treat(found.finding, &reply, false)?;
            if found.treatment.max(shown.treatment) > Treatment::Label {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn stop(&mut self, why: &'static str) {
        self.stopped = true;
        (self.context, self.waiting) = (String::new(), String::new());
        self.see(Glimpse::Stopped(why));
    }

    fn see(&self, glimpse: Glimpse) {
        self.onlooker.see(&self.screener.request.run, self.call, glimpse);
    }
}

impl Listener for Aloud<'_> {
    fn hear(&mut self, words: &str) {
        if self.stopped {
            return;
        }
        self.heard += words.len();
        if self.heard > MOST {
            return self.stop(TOO_LONG);
        }
        self.waiting.push_str(words);
        // What nobody sees waits unscanned, so that who comes later sees no half of what policy keeps.
        if self.waiting.len() >= self.enough && self.onlooker.watches(&self.screener.request.run) {
            self.let_out();
        }
    }

    fn begin_anew(&mut self) {
        if self.shown > 0 && !self.stopped {
            self.see(Glimpse::Words { from: 0, text: String::new() });
        }
        (self.context, self.waiting) = (String::new(), String::new());
        (self.enough, self.heard, self.shown) = (HOLD + STEP, 0, 0);
    }
}

/// Where what waits may be cut: behind the last white space, or the last letter of a script that writes without it,
/// that has [`HOLD`] bytes behind it.
fn cut(waiting: &str) -> Option<usize> {
    let early = waiting.get(..waiting.floor_char_boundary(waiting.len().checked_sub(HOLD)?))?;
    let ends_word = |c: char| c.is_whitespace() || (!c.is_ascii() && c.is_alphabetic());
    let (at, c) = early.char_indices().rfind(|(_, c)| ends_word(*c))?;
    Some(at + c.len_utf8())
}

/// As a reply is defanged. A link whose words went out before its address is broken up too.
fn harmless(text: &str) -> String {
    safe(&defang(text).0.replace("](", "] ("))
}
