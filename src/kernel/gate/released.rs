//! The fifth gate: a reply leaves only to somebody who may read all of it, without hidden links.

use super::approved::{denied_by, ended};
use super::question::{Answer, Decision, Question, Shown};
use super::screening::{Screener, findings, reasons};
use super::{GateFailure, texts};
use crate::kernel::id::{Digest, RunId};
use crate::kernel::label::{Label, Readers};
use crate::kernel::port::{Border, Crossing, Finding, Journal, Policy, Reason, Scanners, Treatment};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, QuestionEnd};
use crate::kernel::run::progress::Finished;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// A reply that may be shown to its destination. Made only here.
#[derive(Debug)]
#[must_use = "a released reply is there to be delivered"]
pub struct Released {
    text: String,
    label: Label,
    findings: Vec<Finding>,
}

/// A reply leaves, waits or is held back.
#[must_use]
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once a run and taken apart at once")]
pub enum Release {
    /// It may be delivered.
    Released(Released),
    /// A person must decide, because of what was found in it.
    Ask(ReplyQuestion),
    /// Somebody at the destination may not read it. Says who may, and nothing of what it holds.
    Leak {
        /// Who may read it.
        readers: Readers,
    },
    /// It may not leave, because of what was found in it.
    Blocked(Vec<Reason>),
}

/// A reply that waits for a person. Answering uses it up.
#[derive(Debug)]
#[must_use = "somebody waits for this question"]
pub struct ReplyQuestion {
    run: RunId,
    to: Principal,
    reply: Released,
    defanged: usize,
    question: Question,
}

/// A reply that a person decided about.
#[must_use]
#[derive(Debug)]
pub enum Decided {
    /// It may be delivered.
    Released(Released),
    /// The person said no.
    Denied(Vec<Reason>),
}

impl Released {
    /// The reply.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where its parts come from.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// What the scanners noted.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Releases a finished run's reply to `to`.
///
/// # Errors
/// When no scanner is active, one fails, or policy or journal does.
pub fn release(
    finished: Finished,
    to: &Principal,
    scanners: &dyn Scanners,
    policy: &dyn Policy,
    journal: &dyn Journal,
) -> Result<Release, GateFailure> {
    let run = &finished.request.run;
    let label = finished.reply.label.clone();
    let to = to.clone();
    if !label.is_readable_by(&to) {
        let readers = label.readers().clone();
        journal.record(run, &Entry::HeldBack { to, label, findings: Vec::new() })?;
        return Ok(Release::Leak { readers });
    }
    let screener = Screener { scanners, policy, request: &finished.request };
    let raw = finished.reply.inner;
    let crossing = Crossing { border: Border::Reply, executed: false, asked: &finished.request.text };
    let treated = screener.screen(&raw, &crossing, label.is_trusted())?;
    let findings = findings(&treated);
    let blocked = reasons(&treated, &[Treatment::Block]);
    if !blocked.is_empty() {
        journal.record(run, &Entry::HeldBack { to, label, findings })?;
        return Ok(Release::Blocked(blocked));
    }
    let raw = texts::redacted(&raw, &treated, policy.redaction_key());
    let (text, defanged) = if label.is_trusted() { (raw, 0) } else { defang(&raw) };
    let reply = Released { text, label, findings };
    let asks = reasons(&treated, &[Treatment::Ask]);
    if asks.is_empty() {
        journal.record(run, &reply.entry(to, defanged))?;
        return Ok(Release::Released(reply));
    }
    let question = Question {
        digest: reply.question_digest(run, &to, policy.version()),
        run: run.clone(),
        reasons: asks.clone(),
        shown: Shown::Reply {
            text: reply.text.clone(),
            label: reply.label.clone(),
            findings: reply.findings.clone(),
        },
    };
    journal.record(run, &Entry::Asked { question: question.digest, call: None, reasons: asks })?;
    Ok(Release::Ask(ReplyQuestion { run: run.clone(), to, reply, defanged, question }))
}

impl Released {
    fn entry(&self, to: Principal, defanged: usize) -> Entry {
        let (label, text, findings) = (self.label.clone(), self.text.clone(), self.findings.clone());
        Entry::Released { to, label, reply: Digest::of(text.as_bytes()), text, defanged, findings }
    }

    /// What an approval is bound to: the run, the words, their label, what was found, and the policy that asked.
    fn question_digest(&self, run: &RunId, to: &Principal, policy: Digest) -> Digest {
        let all = serde_json::to_vec(&(&self.text, &self.label, &self.findings)).unwrap_or_default();
        let parts: [&[u8]; 5] =
            [b"reply", run.as_str().as_bytes(), to.name().as_bytes(), &all, policy.as_bytes()];
        Digest::of_parts(parts)
    }
}

impl ReplyQuestion {
    /// What the person is shown.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Takes the person's answer. An approval is used up in the transaction that records the release.
    ///
    /// # Errors
    /// When the answer belongs to another question, its approval was used before, or the journal fails.
    pub fn answer(self, answer: &Answer, journal: &dyn Journal) -> Result<Decided, GateFailure> {
        self.question.must_be(answer.question)?;
        match answer.decision {
            Decision::Approve => {
                journal.record(&self.run, &ended(answer, QuestionEnd::Approved))?;
                let entry = self.reply.entry(self.to, self.defanged);
                journal.record_approved(&self.run, &entry, self.question.digest)?;
                Ok(Decided::Released(self.reply))
            }
            Decision::Deny => {
                journal.record(&self.run, &ended(answer, QuestionEnd::Denied))?;
                let (to, label, findings) = (self.to, self.reply.label, self.reply.findings);
                journal.record(&self.run, &Entry::HeldBack { to, label, findings })?;
                Ok(Decided::Denied(denied_by(answer)))
            }
        }
    }
}

/// Shows where Markdown links go, and takes the address out of images that would load by themselves. A plain
/// address stays: the user may have asked for it, and it hides nothing.
pub(super) fn defang(text: &str) -> (String, usize) {
    static LINKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(!?)\[([^\]\n]{0,500})\]\(\s*<?([^)\s>]{1,2000})>?[^)\n]{0,500}\)").ok()
    });
    static TAGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)<(/?)(img|script|iframe|object|embed|svg|link|meta|style|form|video|audio)\b").ok()
    });
    let mut count = 0;
    let links = LINKS.as_ref().map_or(Cow::Borrowed(text), |links| {
        links.replace_all(text, |found: &Captures<'_>| {
            count += 1;
            let part = |i: usize| found.get(i).map_or("", |m| m.as_str());
            if part(1) == "!" {
                format!("[image removed: {}]", part(2))
            } else {
                format!("{} <{}>", part(2), part(3))
            }
        })
    });
    let tags = TAGS.as_ref().map_or(links.clone(), |tags| {
        Cow::Owned(
            tags.replace_all(&links, |found: &Captures<'_>| {
                count += 1;
                let part = |i: usize| found.get(i).map_or("", |m| m.as_str());
                format!("&lt;{}{}", part(1), part(2))
            })
            .into_owned(),
        )
    });
    (tags.into_owned(), count)
}
