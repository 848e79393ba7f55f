//! One control, as it was found.

use serde::Serialize;

/// One control, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Control {
    /// Its stable name, such as `journal.durable`.
    pub name: &'static str,
    /// Whether Sentinel should not be used without it as it is configured.
    pub required: bool,
    /// Whether the attempts showed it at work.
    pub active: bool,
    /// What was tried and what happened.
    pub evidence: String,
    /// What to do; none for an active control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The control whose failure kept this one from being tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub see: Option<&'static str>,
}

/// A control that is not at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What was tried and what happened.
    pub found: String,
    /// What to do.
    pub remedy: String,
    /// Set where nothing was tried, because that control failed.
    see: Option<&'static str>,
}

/// What an attempt showed: the evidence, or what is missing.
pub type Tried = Result<String, Gap>;

impl Gap {
    /// What was found, and what to do about it.
    pub fn new(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { found: found.into(), remedy: remedy.into(), see: None }
    }

    /// Not tried, because the control named `see` failed. That one is the finding, and this is none of its own.
    pub fn untried(see: &'static str) -> Self {
        Self { found: format!("not tried (see {see})"), remedy: format!("mend {see} first"), see: Some(see) }
    }
}

impl Control {
    /// A control without which Sentinel should not be used.
    pub fn required(name: &'static str, tried: Tried) -> Self {
        Self::of(name, true, tried)
    }

    /// A control that this configuration does without.
    pub fn optional(name: &'static str, tried: Tried) -> Self {
        Self::of(name, false, tried)
    }

    fn of(name: &'static str, required: bool, tried: Tried) -> Self {
        match tried {
            Ok(evidence) => Self { name, required, active: true, evidence, remedy: None, see: None },
            Err(Gap { found, remedy, see }) => {
                Self { name, required, active: false, evidence: found, remedy: Some(remedy), see }
            }
        }
    }

    /// Whether this is a finding: something required that is not at work. What was not tried is left to the control that
    /// it waits for, which fails.
    pub fn fails(&self) -> bool {
        self.required && !self.active && self.see.is_none()
    }
}
