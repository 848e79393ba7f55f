//! The fifth gate: a reply leaves only to somebody who may read all of it, without hidden links.

use super::GateFailure;
use crate::kernel::id::Digest;
use crate::kernel::label::{Label, Readers};
use crate::kernel::port::{Border, Crossing, Finding, Journal, Scanners};
use crate::kernel::principal::Principal;
use crate::kernel::record::Entry;
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

/// A reply leaves or is held back.
#[must_use]
#[derive(Debug)]
pub enum Release {
    /// It may be delivered.
    Released(Released),
    /// Somebody at the destination may not read it. Says who may, and nothing of what it holds.
    Leak {
        /// Who may read it.
        readers: Readers,
    },
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
/// When no scanner is active, one fails, or the journal does.
pub fn release(
    finished: Finished,
    to: &Principal,
    scanners: &dyn Scanners,
    journal: &dyn Journal,
) -> Result<Release, GateFailure> {
    let run = &finished.request.run;
    let label = finished.reply.label.clone();
    if !label.readers().include(&Readers::only(to.clone())) {
        let readers = label.readers().clone();
        journal.record(run, &Entry::HeldBack { to: to.clone(), label })?;
        return Ok(Release::Leak { readers });
    }
    if scanners.names().is_empty() {
        return Err(GateFailure::NoScanner);
    }
    let raw = finished.reply.inner;
    let findings = scanners.scan(&raw, &Crossing::at(Border::Reply))?;
    let (text, defanged) = if label.is_trusted() { (raw, 0) } else { defang(&raw) };
    let reply = Digest::of(text.as_bytes());
    let (to, said) = (to.clone(), text.clone());
    journal.record(run, &Entry::Released { to, label: label.clone(), text: said, reply, defanged })?;
    Ok(Release::Released(Released { text, label, findings }))
}

/// Shows where Markdown links go, and takes the address out of images that would load by themselves. A plain
/// address stays: the user may have asked for it, and it hides nothing.
fn defang(text: &str) -> (String, usize) {
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
