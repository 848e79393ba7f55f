//! A text and the ways in which it can be read, made once for all scanners.

use super::reading::{self, Reading, Unread};
use std::sync::OnceLock;

#[cfg(test)]
mod tests;

/// A text under scan.
#[derive(Debug)]
pub struct Text<'t> {
    raw: &'t str,
    read: OnceLock<(Vec<Reading<'t>>, Vec<Unread>)>,
}

impl<'t> Text<'t> {
    /// A text as it came.
    pub fn new(raw: &'t str) -> Self {
        Self { raw, read: OnceLock::new() }
    }

    /// As it came.
    pub fn raw(&self) -> &'t str {
        self.raw
    }

    /// Every way to read it: the raw text is the first, then it normalised where that differs, then its encoded parts
    /// decoded, each before what was inside it.
    pub fn readings(&self) -> &[Reading<'t>] {
        &self.read().0
    }

    /// What was not decoded because it is too deep or too much.
    pub(super) fn unread(&self) -> &[Unread] {
        &self.read().1
    }

    fn read(&self) -> &(Vec<Reading<'t>>, Vec<Unread>) {
        self.read.get_or_init(|| reading::of(self.raw))
    }
}
