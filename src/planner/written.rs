//! A plan that somebody wrote down: a file, or a playbook with its parameters filled in.

use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{Draft, Planner, PlannerFailure, Tried};

/// Hands out the text it was given, and the same again when it has faults: nobody is there to write another.
#[derive(Debug, Clone)]
pub struct Written(Draft);

impl Written {
    /// A plan text; `pinned` when a person approved exactly it before.
    pub fn new(text: impl Into<String>, pinned: bool) -> Self {
        Self(Draft::written(text, pinned))
    }

    /// Whether a person approved exactly this before. A fact for screens.
    pub fn is_pinned(&self) -> bool {
        self.0.pinned
    }

    /// The plan's text.
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

impl Planner for Written {
    fn draft(
        &self,
        _request: &Screened<Request>,
        _catalogue: &Catalogue,
        _tried: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        Ok(self.0.clone())
    }
}
