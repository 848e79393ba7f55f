//! Takes words out of texts, and puts in their place what policy says: what they were, asterisks, a number or a hash.

use crate::kernel::port::{Class, RedactionKey, Treated, Treatment};
use std::ops::Range;

#[cfg(test)]
mod tests;

/// What is taken out of a text.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// What it is.
    pub class: Class,
    /// The form, one of [`Treatment::TAKING_OUT`].
    pub by: Treatment,
}

impl Cut {
    /// What is done about a finding, where its words are taken out.
    pub(super) fn of(treated: &Treated) -> Option<Self> {
        let (finding, by) = (&treated.finding, treated.treatment);
        let cut = Self { span: finding.start..finding.end, class: finding.class, by };
        by.takes_out().then_some(cut)
    }
}

/// What stands for the words that are taken out of one value: equal words get the same number in all its texts.
#[derive(Debug)]
pub(super) struct Redactor<'k> {
    key: Option<&'k RedactionKey>,
    /// Words that have a number, per class in the order of their numbers.
    numbered: Vec<(Class, String)>,
}

impl<'k> Redactor<'k> {
    pub(super) fn new(key: Option<&'k RedactionKey>) -> Self {
        Self { key, numbered: Vec::new() }
    }

    /// The text without these words. Of cuts that overlap, everything that any of them covers goes out as one, as what the
    /// first of them is and in the strictest form; a cut through a character takes all of it.
    pub(super) fn without(&mut self, text: &str, cuts: impl IntoIterator<Item = Cut>) -> String {
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        for Cut { span, class, by } in merged(text, cuts) {
            out.push_str(text.get(at..span.start).unwrap_or_default());
            at = span.end;
            out.push_str(&self.stand_in(text.get(span).unwrap_or_default(), class, by));
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    fn stand_in(&mut self, words: &str, class: Class, by: Treatment) -> String {
        let what = class.as_str();
        match (by, self.key) {
            (Treatment::Mask, _) => words.chars().map(|_| '*').collect(),
            (Treatment::Token, _) => format!("[{what}-{}]", self.number(words, class)),
            (Treatment::Hash, Some(key)) => format!("[{what}:{}]", key.hash(words)),
            _ => format!("[removed: {what}]"),
        }
    }

    fn number(&mut self, words: &str, class: Class) -> usize {
        let mut of_class = self.numbered.iter().filter(|(of, _)| *of == class);
        let count = of_class.clone().count();
        of_class.position(|(_, known)| known == words).map_or_else(
            || {
                self.numbered.push((class, words.to_owned()));
                count + 1
            },
            |at| at + 1,
        )
    }
}

/// The cuts in order, of whole characters, none touching another's.
fn merged(text: &str, cuts: impl IntoIterator<Item = Cut>) -> Vec<Cut> {
    let whole = |cut: Cut| Cut {
        span: text.floor_char_boundary(cut.span.start)..text.ceil_char_boundary(cut.span.end),
        ..cut
    };
    let mut all: Vec<Cut> = cuts.into_iter().map(whole).filter(|cut| !cut.span.is_empty()).collect();
    all.sort_by_key(|cut| (cut.span.start, cut.span.end));
    let mut out: Vec<Cut> = Vec::with_capacity(all.len());
    for cut in all {
        match out.last_mut() {
            Some(last) if cut.span.start < last.span.end => {
                last.span.end = last.span.end.max(cut.span.end);
                last.by = last.by.max(cut.by);
            }
            _ => out.push(cut),
        }
    }
    out
}
