//! What is done about a finding: decided by policy, per border, and carried out by the gates.

use super::finding::{Border, Finding};
use super::id::Digest;
use super::port::Reason;
use super::principal::Principal;
use serde::{Deserialize, Serialize};

/// What is done about a finding, from the mildest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It is kept with the datum and shown.
    Note,
    /// The datum's label says what was found, so that rules about calls can see it.
    Label,
    /// The words are taken out, and a keyed hash stands for them: equal words have the same in all texts. Without a key
    /// nothing does. Where words cannot be taken out, this and the three that follow block.
    Hash,
    /// The words are taken out, and a number stands for them: equal words have the same in this text.
    Token,
    /// The words are taken out, and as many asterisks stand for them as they have characters.
    Mask,
    /// The words are taken out, and what they were stands for them.
    Redact,
    /// A person decides: about the plan, the call or the reply that it is part of.
    Ask,
    /// The text does not pass.
    Block,
}

impl Treatment {
    /// All but [`Treatment::Note`], which is what happens when no rule says otherwise; the strictest first.
    pub const BY_RULE: [Self; 7] =
        [Self::Block, Self::Ask, Self::Redact, Self::Mask, Self::Token, Self::Hash, Self::Label];

    /// Those that take words out, in one form or another.
    pub const TAKING_OUT: [Self; 4] = [Self::Redact, Self::Mask, Self::Token, Self::Hash];

    /// Whether words are taken out.
    pub fn takes_out(self) -> bool {
        Self::TAKING_OUT.contains(&self)
    }

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Label => "label",
            Self::Hash => "hash",
            Self::Token => "token",
            Self::Mask => "mask",
            Self::Redact => "redact",
            Self::Ask => "ask",
            Self::Block => "block",
        }
    }
}

/// Everything a policy may know about a finding.
#[derive(Debug, Clone)]
pub struct FindingFacts<'a> {
    /// On whose behalf the run is.
    pub principal: &'a Principal,
    /// Which channel the request came by, such as `cli`.
    pub channel: &'a str,
    /// The controller's trust level, 0 to 4.
    pub trust_level: u8,
    /// Which border the text crosses.
    pub border: Border,
    /// Whether the text will be run or obeyed by a machine.
    pub executed: bool,
    /// Whether no untrusted source had a say in the text.
    pub trusted: bool,
    /// What was found.
    pub finding: &'a Finding,
}

/// A finding and what is done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treated {
    /// What was found.
    pub finding: Finding,
    /// What is done.
    pub treatment: Treatment,
    /// The rules that say so; empty for [`Treatment::Note`].
    pub reasons: Vec<Reason>,
}

/// A secret of this installation.
#[derive(Clone, PartialEq, Eq)]
pub struct RedactionKey([u8; 32]);

impl RedactionKey {
    /// Of random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first 48 bits, in hexadecimal, of a hash of these words that nobody can make without the key.
    pub fn hash(&self, words: &str) -> String {
        // Each part has its length before it and not all of the hash is told, so nothing can be appended to the words.
        Digest::of_parts([b"redaction".as_slice(), &self.0, words.as_bytes()]).short()
    }
}

impl std::fmt::Debug for RedactionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedactionKey")
    }
}
