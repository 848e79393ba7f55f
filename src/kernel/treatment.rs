//! What is done about a finding: decided by policy, per border, and carried out by the gates.

use super::finding::{Border, Finding};
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
    /// The words are taken out. Where that cannot be, it blocks.
    Redact,
    /// A person decides: about the plan, the call or the reply that it is part of.
    Ask,
    /// The text does not pass.
    Block,
}

impl Treatment {
    /// All but [`Treatment::Note`], which is what happens when no rule says otherwise; the strictest first.
    pub const BY_RULE: [Self; 4] = [Self::Block, Self::Ask, Self::Redact, Self::Label];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Label => "label",
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
