//! One rule of the rule file, and whether what its pattern matched counts.

use super::Kind;
use super::value::{entropy, is_digest_line, is_hex, is_stand_in};
use crate::scan::ScanError;
use crate::scan::patterns::{self, Case, Layout, Pattern, Set};
use aho_corasick::AhoCorasick;
use regex_automata::util::captures::Captures;
use serde::Deserialize;
use std::ops::Range;
use std::sync::OnceLock;

/// Largest compiled allow-list, in bytes.
const SIZE: usize = 4 << 20;

/// A rule as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) id: String,
    regex: String,
    #[serde(default)]
    entropy: f64,
    #[serde(default)]
    secret_group: usize,
    pub(super) keywords: Vec<String>,
    #[serde(default)]
    allowlists: Vec<Allowed>,
}

/// What passes although it matches, as the file has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Allowed {
    #[serde(default)]
    target: Target,
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    stopwords: Vec<String>,
}

/// What an allow-list's patterns are held against.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Target {
    #[default]
    Secret,
    Match,
    Line,
}

/// A rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) kind: Kind,
    row: Row,
    compiled: OnceLock<Result<Compiled, ScanError>>,
}

#[derive(Debug)]
struct Compiled {
    pattern: Pattern,
    allowed: Vec<Pass>,
}

/// An allow-list, compiled.
#[derive(Debug)]
pub(super) struct Pass {
    target: Target,
    patterns: Set,
    stopwords: Option<AhoCorasick>,
}

/// Forms that other things have too, although no name of a provider stands beside them.
const COMMON_FORMS: &[&str] = &[
    "curl-auth-header",
    "curl-auth-user",
    "facebook-access-token",
    "flutterwave-public-key",
    "freemius-secret-key",
    "gitlab-session-cookie",
    "jwt",
    "jwt-base64",
    "kubernetes-secret-yaml",
    "microsoft-teams-webhook",
    "nuget-config-password",
    "octopus-deploy-api-key",
    "slack-legacy-workspace-token",
    "sourcegraph-access-token",
    "twilio-api-key",
    "vault-service-token",
    "azure-ad-client-secret",
    "gcp-api-key",
];

impl Rule {
    pub(super) fn new(row: Row) -> Self {
        let named = Self::by_name(&row.regex);
        let kind = if row.id == "generic-api-key" {
            Kind::Assigned
        } else if named || COMMON_FORMS.contains(&row.id.as_str()) {
            Kind::Likely
        } else {
            Kind::Own
        };
        // Once per process: the rules live as long as it.
        let id: &'static str = Box::leak(row.id.clone().into_boxed_str());
        Self { id, kind, row, compiled: OnceLock::new() }
    }

    /// Whether the pattern looks for a provider's name, an operator, and any value of some shape.
    fn by_name(regex: &str) -> bool {
        regex.trim_start_matches("(?i)").starts_with(r"[\w.-]{0,50}?")
    }

    /// Whether the keyword must be followed by an operator to be worth the pattern's time.
    pub(super) fn needs_operator(&self) -> bool {
        Self::by_name(&self.row.regex)
    }

    /// How the keyword is written in the pattern, when the pattern cares for capitals.
    pub(super) fn written(&self, keyword: &str) -> Option<String> {
        let plain = self.row.regex.replace('\\', "");
        if plain.contains("(?i") {
            return None;
        }
        let lower = plain.to_ascii_lowercase();
        let mut forms: Vec<&str> =
            lower.match_indices(keyword).filter_map(|(at, _)| plain.get(at..at + keyword.len())).collect();
        forms.dedup();
        match forms.as_slice() {
            [one] => Some((*one).to_owned()),
            _ => None,
        }
    }

    #[cfg(test)]
    pub(super) fn compile_now(&self) -> Result<(), ScanError> {
        self.compiled.get_or_init(|| self.compile()).as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Everything that the pattern finds in a part of the text and that counts.
    ///
    /// # Errors
    /// When the pattern or an allow-list of the file cannot be compiled.
    pub(super) fn find(
        &self,
        text: &str,
        within: Range<usize>,
        globally: &Pass,
    ) -> Result<Vec<Range<usize>>, ScanError> {
        let compiled = self.compiled.get_or_init(|| self.compile()).as_ref().map_err(Clone::clone)?;
        let hay = text.as_bytes().get(..within.end).unwrap_or_default();
        let (mut at, mut out) = (within.start, Vec::new());
        while at <= hay.len() && compiled.pattern.is_match_at(hay, at) {
            let Some(found) = compiled.pattern.captures_at(hay, at) else { break };
            let Some(whole) = found.get_match() else { break };
            at = whole.end().max(at + 1);
            if let Some(span) =
                self.secret(&found).filter(|span| self.counts(compiled, globally, text, span, whole.range()))
            {
                out.push(span);
            }
        }
        Ok(out)
    }

    fn secret(&self, found: &Captures) -> Option<Range<usize>> {
        let group = match self.row.secret_group {
            0 => found.iter().skip(1).flatten().find(|group| !group.is_empty()).or(found.get_group(0)),
            n => found.get_group(n),
        };
        group.map(|group| group.range())
    }

    fn counts(
        &self,
        compiled: &Compiled,
        globally: &Pass,
        text: &str,
        span: &Range<usize>,
        whole: Range<usize>,
    ) -> bool {
        let bytes = text.as_bytes();
        let get = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
        let secret = get(span);
        let said = String::from_utf8_lossy(secret);
        if entropy(secret) <= self.row.entropy || is_stand_in(&said) {
            return false;
        }
        let line = line_of(bytes, span);
        let passes = |pass: &Pass| match pass.target {
            Target::Secret => pass.lets(secret, secret),
            Target::Match => pass.lets(get(&whole), secret),
            Target::Line => pass.lets(get(&line), secret),
        };
        let digest = || is_hex(&said) || self.kind == Kind::Assigned;
        let in_digests = || digest() && is_digest_line(&String::from_utf8_lossy(get(&line)));
        !(passes(globally) || compiled.allowed.iter().any(passes) || self.kind != Kind::Own && in_digests())
    }

    fn compile(&self) -> Result<Compiled, ScanError> {
        let failed = |error| ScanError(format!("the pattern of {} does not compile: {error}", self.id));
        let pattern = Pattern::of_bytes(&self.row.regex).map_err(failed)?;
        let allowed = self.row.allowlists.iter().map(Pass::new).collect::<Result<_, _>>()?;
        Ok(Compiled { pattern, allowed })
    }
}

impl Pass {
    pub(super) fn new(allowed: &Allowed) -> Result<Self, ScanError> {
        let failed = |error: String| ScanError(format!("an allow-list does not compile: {error}"));
        let patterns = Set::new(&allowed.regexes, Case::Told, SIZE).map_err(failed)?;
        let words = patterns::markers(&allowed.stopwords, Case::Ignored, Layout::Compact).map_err(failed)?;
        let stopwords = (!allowed.stopwords.is_empty()).then_some(words);
        Ok(Self { target: allowed.target, patterns, stopwords })
    }

    fn lets(&self, target: &[u8], secret: &[u8]) -> bool {
        self.patterns.is_match(target) || self.stopwords.as_ref().is_some_and(|words| words.is_match(secret))
    }
}

/// The line around a span, at most 200 bytes to each side.
fn line_of(bytes: &[u8], span: &Range<usize>) -> Range<usize> {
    let is_end = |b: &u8| *b == b'\n';
    let before =
        bytes.get(..span.start).unwrap_or_default().iter().rev().take(200).take_while(|b| !is_end(b)).count();
    let after = bytes.get(span.end..).unwrap_or_default().iter().take(200).take_while(|b| !is_end(b)).count();
    span.start - before..span.end + after
}
