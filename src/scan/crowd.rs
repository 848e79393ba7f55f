//! A text in which more is found than anyone would read.

use super::Hit;
use std::cmp::Reverse;
use std::ops::Range;

#[cfg(test)]
mod tests;

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
