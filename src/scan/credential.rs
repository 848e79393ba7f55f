//! Finds keys, tokens and passwords: by the rules of gitleaks, and by the names under which secrets are kept.
//!
//! One pass over the text finds the names and prefixes that any credential has beside it; only around these is anything
//! else looked at. What only looks like a secret passes: placeholders, references to variables, checksums and lock files.

mod assignment;
mod connection;
mod private_key;
mod rule;
mod rules;
mod value;

#[cfg(test)]
mod tests;

use super::{Hit, ScanError, Scanner, Text};
use crate::kernel::port::{Class, Crossing, Severity};
use rules::Rules;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// Read at the first text: about 4 ms, and 2 MB; each rule's pattern is compiled when its keyword is first seen.
static RULES: LazyLock<Result<Rules, ScanError>> = LazyLock::new(Rules::read);

/// The scanner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Credential;

impl Scanner for Credential {
    fn name(&self) -> &'static str {
        "credential"
    }

    fn scan(&self, text: &Text<'_>, _: &Crossing<'_>) -> Result<Vec<Hit>, ScanError> {
        let rules = RULES.as_ref().map_err(Clone::clone)?;
        let mut all = Vec::new();
        for reading in text.readings() {
            let found = rules.find(reading.text())?;
            all.extend(found.into_iter().map(|found| Found { span: reading.in_raw(&found.span), ..found }));
        }
        Ok(apart(all).into_iter().map(Found::into_hit).collect())
    }
}

/// A credential, or what looks like one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    rule: Cow<'static, str>,
    kind: Kind,
    span: Range<usize>,
}

/// How sure a rule is, from the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Something secret-looking that is assigned to a name which says that it is secret.
    Assigned,
    /// A password inside an address.
    InAddress,
    /// The right shape, beside the provider's name; or a form that many things have.
    Likely,
    /// A form that only this provider's keys have.
    Own,
    /// A private key.
    PrivateKey,
}

impl Found {
    fn into_hit(self) -> Hit {
        let (severity, reason) = match self.kind {
            Kind::Assigned => (Severity::Medium, "a name that says `secret` and a value that looks like one"),
            Kind::InAddress => (Severity::Medium, "an address with a password in it"),
            Kind::Likely => (Severity::Medium, "what looks like a provider's key or token"),
            Kind::Own => {
                (Severity::High, "a key or token in its provider's own form: whoever reads it can use it")
            }
            Kind::PrivateKey => (Severity::High, "a private key: whoever reads it can use it"),
        };
        Hit { class: Class::Credential, severity, span: self.span, rule: self.rule, reason: reason.into() }
    }
}

/// One finding for each place: of those that overlap, the surest, then the first.
fn apart(mut all: Vec<Found>) -> Vec<Found> {
    all.sort_by(|a, b| (a.span.start, b.kind, b.span.end).cmp(&(b.span.start, a.kind, a.span.end)));
    let mut out: Vec<Found> = Vec::with_capacity(all.len());
    for found in all {
        match out.last_mut() {
            Some(last) if last.span.end > found.span.start => {
                if found.kind > last.kind {
                    *last = found;
                }
            }
            _ => out.push(found),
        }
    }
    out
}
