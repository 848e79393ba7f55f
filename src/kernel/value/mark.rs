//! A mark: a label, and the calls that a value came through.

use crate::kernel::label::{Capacity, Label};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the interpreter (and, with call *sites* for calls, the checker) carries on every node of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    label: Label,
    through: Arc<BTreeSet<u32>>,
}

impl Mark {
    /// A mark of this label that came through no call.
    pub(in crate::kernel) fn of(label: Label) -> Self {
        Self { label, through: Arc::default() }
    }

    /// The unit of [`Mark::join`].
    pub(in crate::kernel) fn trusted() -> Self {
        Self::of(Label::trusted())
    }

    /// The result of call (or site) number `n`. What went into the call is left out: the call's own row has it.
    pub(in crate::kernel) fn made_by(label: Label, n: u32) -> Self {
        Self { label, through: Arc::new(BTreeSet::from([n])) }
    }

    /// The label.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The numbers of the calls whose results went in.
    pub fn through(&self) -> impl Iterator<Item = u32> + '_ {
        self.through.iter().copied()
    }

    #[must_use]
    pub(in crate::kernel) fn join(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        let through = if other.through.is_subset(&self.through) {
            self.through.clone()
        } else if self.through.is_subset(&other.through) {
            other.through.clone()
        } else {
            Arc::new(self.through.union(&other.through).copied().collect())
        };
        Self { label: self.label.join(&other.label), through }
    }

    pub(in crate::kernel) fn join_all<'a>(marks: impl IntoIterator<Item = &'a Mark>) -> Self {
        marks.into_iter().fold(Self::trusted(), |all, one| all.join(one))
    }

    /// See [`Label::bounded_by`].
    #[must_use]
    pub(in crate::kernel) fn bounded_by(&self, at_most: Capacity) -> Self {
        Self { label: self.label.bounded_by(at_most), through: self.through.clone() }
    }

    /// An influence that may act again and again: many small choices in a row can spell any text.
    #[must_use]
    pub(in crate::kernel) fn as_repeated(&self) -> Self {
        self.bounded_by(Capacity::Text)
    }

    /// See [`Label::of_text`].
    #[must_use]
    pub(in crate::kernel) fn of_text(&self) -> Self {
        Self { label: self.label.of_text(), through: self.through.clone() }
    }

    /// See [`Label::as_influence`].
    #[must_use]
    pub(in crate::kernel) fn as_influence(&self) -> Self {
        Self { label: self.label.as_influence(), through: self.through.clone() }
    }
}
