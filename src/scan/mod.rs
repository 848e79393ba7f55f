//! The scanners, one per file, and the list of them.
//!
//! A scanner reads a [`Text`] (the raw words and the other ways to read them: normalised, decoded) and says what it found,
//! where, and why. What is *done* about a finding is not decided here but by policy, per border. A scanner is a
//! tripwire and never the boundary: labels are.

mod active;
pub mod bench;
mod code;
mod command;
mod credential;
mod crowd;
mod echo;
mod encoding;
mod exfiltration;
mod hidden;
pub mod injection;
mod path;
mod patterns;
mod personal;
pub mod planted;
mod reading;
pub mod report;
mod text;
mod toxicity;

pub use active::{Active, Scanned};
pub use reading::{How, Reading};
pub use text::Text;

use crate::kernel::port::{Class, Crossing, Severity};
use std::borrow::Cow;
use std::ops::Range;

/// Looks for one kind of thing.
pub trait Scanner: Send + Sync {
    /// The stable name under which its findings are kept.
    fn name(&self) -> &'static str;

    /// Finds. Must take time linear in the text, whatever the text is: a scanner that takes too long counts as a hit.
    ///
    /// # Errors
    /// When it cannot say; that counts as a hit too.
    fn scan(&self, text: &Text<'_>, crossing: &Crossing<'_>) -> Result<Vec<Hit>, ScanError>;
}

/// What a scanner found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What kind of thing.
    pub class: Class,
    /// How much it matters.
    pub severity: Severity,
    /// Where, in bytes of the raw text.
    pub span: Range<usize>,
    /// Which rule, by its stable name.
    pub rule: Cow<'static, str>,
    /// What it means, for people; never quotes the text.
    pub reason: Cow<'static, str>,
}

/// Why a scanner cannot say. Never quotes the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScanError(pub String);
