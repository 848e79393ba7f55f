//! The groups of digits of a text, and the words beside them.

use std::ops::Range;

/// The groups of ASCII digits of a text, in order.
#[derive(Debug)]
pub(super) struct Numbers<'t> {
    text: &'t str,
    groups: Vec<Range<usize>>,
}

impl<'t> Numbers<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let (mut groups, mut start) = (Vec::new(), None);
        for (at, byte) in text.bytes().enumerate() {
            match (byte.is_ascii_digit(), start) {
                (true, None) => start = Some(at),
                (false, Some(from)) => {
                    groups.push(from..at);
                    start = None;
                }
                _ => {}
            }
        }
        groups.extend(start.map(|from| from..text.len()));
        Self { text, groups }
    }

    /// Each group, with those after it.
    pub(super) fn tails(&self) -> impl Iterator<Item = &[Range<usize>]> {
        (0..self.groups.len()).filter_map(|at| self.groups.get(at..))
    }

    /// The span of the first groups, when they have these lengths and one of these characters between each two, the
    /// same everywhere.
    pub(super) fn shaped(
        &self,
        groups: &[Range<usize>],
        lens: &[usize],
        between: &[u8],
    ) -> Option<Range<usize>> {
        let groups = groups.get(..lens.len())?;
        if groups.iter().map(Range::len).ne(lens.iter().copied()) {
            return None;
        }
        let mut gaps = groups.windows(2).map(|pair| match pair {
            [a, b] => self.text.get(a.end..b.start).unwrap_or_default(),
            _ => "",
        });
        let first = gaps.next().unwrap_or_default();
        let known = lens.len() == 1 || matches!(first.as_bytes(), [one] if between.contains(one));
        (known && gaps.all(|gap| gap == first)).then_some(groups.first()?.start..groups.last()?.end)
    }

    /// Whether nothing is joined to a span that would make it a part of something longer.
    pub(super) fn stands_alone(&self, span: &Range<usize>) -> bool {
        let joined = |c: char| c.is_alphanumeric() || c == '_';
        let mut before = self.text.get(..span.start).unwrap_or_default().chars().rev();
        let mut after = self.text.get(span.end..).unwrap_or_default().chars();
        let (b, b2) = (before.next(), before.next());
        let (a, a2) = (after.next(), after.next());
        let left = b.is_some_and(joined)
            || b.is_some_and(|c| "-.+/,".contains(c)) && b2.is_some_and(|c| c.is_ascii_digit());
        let right = a.is_some_and(joined)
            || a.is_some_and(|c| "-./,:".contains(c)) && a2.is_some_and(|c| c.is_ascii_digit())
            || a.is_some_and(|c| "-/".contains(c))
                && a2.is_some_and(char::is_alphanumeric)
                && !after_word(self.text, span.end);
        !left && !right
    }
}

/// Whether what is joined by a dash or slash is a word, as in `555-0100-Office`.
fn after_word(text: &str, at: usize) -> bool {
    let rest = text.get(at + 1..).unwrap_or_default();
    rest.bytes().take_while(u8::is_ascii_alphabetic).count() >= 3
}

/// The digits of a span.
pub(super) fn digits(text: &str, span: &Range<usize>) -> String {
    text.get(span.clone()).unwrap_or_default().chars().filter(char::is_ascii_digit).collect()
}

/// Whether one of the words, given in small letters, stands within so many bytes before or after a span, at the beginning
/// of a word.
pub(super) fn near(text: &str, span: &Range<usize>, before: usize, after: usize, words: &[&str]) -> bool {
    let bytes = text.as_bytes();
    let from = span.start.saturating_sub(before);
    let sides = [from..span.start, span.end..(span.end + after).min(bytes.len())];
    let begins = |at: usize| {
        let letter = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphabetic() || !b.is_ascii());
        letter(at) && !at.checked_sub(1).is_some_and(letter)
    };
    sides.into_iter().any(|side| {
        side.clone().filter(|at| begins(*at)).any(|at| {
            let rest = bytes.get(at..side.end).unwrap_or_default();
            let is =
                |word: &str| rest.get(..word.len()).is_some_and(|b| b.eq_ignore_ascii_case(word.as_bytes()));
            words.iter().any(|word| is(word))
        })
    })
}
