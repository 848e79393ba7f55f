//! A text in which more is found than anyone would read.

use super::Hit;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

#[cfg(test)]
mod tests;

/// What a scanner found so far.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    hits: Vec<Hit>,
    /// Told once per rule, however often.
    wide: Vec<Hit>,
    /// Per rule the stretches told, start and end. None overlap, so in the order of their starts they are in that of their ends.
    told: HashMap<Cow<'static, str>, BTreeMap<usize, usize>>,
}

impl Crowd {
    /// Adds a hit, unless its rule was told of something that overlaps it: the readings of a text hold the same things.
    pub(super) fn add(&mut self, hit: Hit) {
        let told = self.told.entry(hit.rule.clone()).or_default();
        let before = told.range(..hit.span.end).next_back();
        if before.is_none_or(|(_, end)| *end <= hit.span.start) {
            told.insert(hit.span.start, hit.span.end);
            self.hits.push(hit);
        }
    }

    /// Adds a hit, or widens the one that its rule has.
    pub(super) fn widen(&mut self, hit: Hit) {
        match self.wide.iter_mut().find(|told| told.rule == hit.rule) {
            Some(told) => told.span = over(&told.span, &hit.span),
            None => self.wide.push(hit),
        }
    }

    /// The gravest, at most `most`.
    pub(super) fn kept(mut self, most: usize) -> Vec<Hit> {
        self.hits.append(&mut self.wide);
        kept(self.hits, most)
    }
}

/// The gravest of these, at most `most`, in the order of the text.
///
/// INVARIANT: no hit is lost to a crowd of others. Those beyond `most` widen the last one kept of their class and severity, so that
/// whatever is done about it (a text stopped, words taken out) is done about them.
pub(super) fn kept(mut hits: Vec<Hit>, most: usize) -> Vec<Hit> {
    if hits.len() <= most {
        return hits;
    }
    hits.sort_by_key(|hit| (Reverse(hit.severity), hit.span.start));
    let rest = hits.split_off(most);
    let mut told: Vec<Hit> = Vec::new();
    for hit in rest {
        match hits
            .iter_mut()
            .rev()
            .chain(&mut told)
            .find(|kept| (kept.class, kept.severity) == (hit.class, hit.severity))
        {
            Some(kept) => kept.span = over(&kept.span, &hit.span),
            None => told.push(hit),
        }
    }
    hits.append(&mut told);
    hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
    hits
}

/// From the first to the last of both.
pub(super) fn over(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.min(b.start)..a.end.max(b.end)
}
