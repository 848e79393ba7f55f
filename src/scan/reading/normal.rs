//! Undoes what makes a word look like another one to people or to machines: compatibility forms (NFKC), invisible
//! characters, heaps of marks, and look-alikes of ASCII letters (the skeleton of UTS 39).
//!
//! What honest writing is full of stays as it is, so that most honest texts have no second reading.

use super::map::{Making, Map};
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::LazyLock;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use unicode_script::{Script, UnicodeScript};

/// Most marks that are composed with their letter; more are no writing.
const MAX_MARKS: usize = 16;

/// The text normalised, if that says something else.
pub(super) fn normalise(raw: &str) -> Option<(String, Map)> {
    if raw.is_ascii() {
        return None;
    }
    let text = Whole { raw, foreign: OnceCell::new(), wide: OnceCell::new() };
    let mut made = Making::default();
    let (mut at, mut copied) = (0, None);
    while let Some(word) = next_word(raw, at) {
        at = word.end;
        let Some(chars) = text.normal(&word) else { continue };
        let from = copied.unwrap_or(0);
        made.copy(raw.get(from..word.start).unwrap_or_default(), from);
        for (c, at) in chars {
            made.push(c, at);
        }
        copied = Some(word.end);
    }
    // Nothing was changed.
    let from = copied?;
    made.copy(raw.get(from..).unwrap_or_default(), from);
    Some(made.finish(raw.len()))
}

/// The next stretch without an ASCII sign or space that is not all ASCII.
fn next_word(raw: &str, at: usize) -> Option<Range<usize>> {
    let is_sign = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
    let bytes = raw.as_bytes().get(at..)?;
    let hit = bytes.iter().position(|byte| !byte.is_ascii())?;
    let start = bytes.get(..hit)?.iter().rposition(is_sign).map_or(0, |sign| sign + 1);
    let end = bytes.iter().skip(hit).position(is_sign).map_or(bytes.len(), |len| hit + len);
    Some(at + start..at + end)
}

struct Whole<'t> {
    raw: &'t str,
    /// Whether some word is really written in letters that look like Latin ones.
    foreign: OnceCell<bool>,
    /// Whether some letter or digit is a full-width one; then full-width signs are words' signs too.
    wide: OnceCell<bool>,
}

impl Whole<'_> {
    /// The characters of a word with where they come from; none if they are the same.
    fn normal(&self, word: &Range<usize>) -> Option<Vec<(char, usize)>> {
        let text = self.raw.get(word.clone())?;
        let mut kept: Vec<(char, usize)> = Vec::new();
        let mut before = self.raw.get(..word.start)?.chars().next_back();
        let mut chars = text.char_indices().map(|(at, c)| (word.start + at, c)).peekable();
        let mut changed = false;
        while let Some((at, c)) = chars.next() {
            if is_invisible(c) && at > 0 && before.is_none_or(needs_no_joiner) {
                changed = true;
                continue;
            }
            let alone = chars.peek().is_none_or(|(_, next)| next.is_ascii() || !is_combining_mark(*next));
            if alone && is_settled(c) {
                before = Some(c);
                kept.push((c, at));
                continue;
            }
            let mut marks = Vec::new();
            while let Some((_, mark)) =
                chars.next_if(|(_, c)| marks.len() < MAX_MARKS && is_combining_mark(*c))
            {
                marks.push(mark);
            }
            let normal = self.compose(c, &marks, before);
            changed |= !normal.iter().eq(std::iter::once(&c).chain(&marks));
            before = normal.last().copied().or(before);
            kept.extend(normal.into_iter().map(|c| (c, at)));
        }
        changed |= self.fold(&mut kept);
        if changed { Some(kept) } else { None }
    }

    fn compose(&self, c: char, marks: &[char], before: Option<char>) -> Vec<char> {
        if marks.is_empty() && is_combining_mark(c) && before.is_some_and(|c| c.is_ascii_alphabetic()) {
            // The rest of a heap of marks.
            return Vec::new();
        }
        if marks.is_empty() {
            let plain =
                c.is_ascii() || self.is_usual(c) || is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes;
            return match squared(c) {
                Some(letter) => vec![letter],
                None if plain => vec![c],
                None => std::iter::once(c).nfkc().collect(),
            };
        }
        let mut composed: Vec<char> = std::iter::once(c).chain(marks.iter().copied()).nfkc().collect();
        // What stays beside an ASCII letter is no accent that a language writes.
        if composed.first().is_some_and(char::is_ascii_alphabetic) {
            composed.retain(|c| !is_combining_mark(*c));
        }
        composed
    }

    /// Compatibility forms that honest texts are full of, and that hide nothing.
    fn is_usual(&self, c: char) -> bool {
        match c {
            '\u{a0}'..='\u{be}'
            | '…'
            | '™'
            | '℃'
            | '№'
            | '\u{2000}'..='\u{200a}'
            | '\u{2011}'
            | '\u{202f}' => true,
            '\u{3000}' | '\u{ff61}'..='\u{ffef}' => true,
            '\u{ff00}'..='\u{ff60}' if !is_wide(c) => {
                !*self.wide.get_or_init(|| self.raw.chars().any(is_wide))
            }
            _ => false,
        }
    }

    /// Replaces look-alikes of ASCII letters: in a word that has Latin letters too, and in one that has nothing else
    /// when no word of the text is really written in those letters.
    fn fold(&self, word: &mut [(char, usize)]) -> bool {
        let latin = word.iter().any(|(c, _)| c.is_ascii_alphabetic());
        let letters = || word.iter().map(|(c, _)| *c).filter(|c| !c.is_ascii() && c.is_alphabetic());
        let foldable = || letters().next().is_some() && letters().all(|c| look_alike(c).is_some());
        let disguised = latin || (foldable() && !self.is_foreign());
        if !disguised {
            return false;
        }
        let mut changed = false;
        for (c, _) in word {
            if let Some(ascii) = look_alike(*c) {
                *c = ascii;
                changed = true;
            }
        }
        changed
    }

    fn is_foreign(&self) -> bool {
        *self.foreign.get_or_init(|| {
            let mut at = 0;
            while let Some(word) = next_word(self.raw, at) {
                at = word.end;
                let text = self.raw.get(word).unwrap_or_default();
                let own = |c: char| {
                    matches!(c.script(), Script::Cyrillic | Script::Greek | Script::Armenian)
                        && look_alike(c).is_none()
                };
                if !text.bytes().any(|byte| byte.is_ascii_alphabetic()) && text.chars().any(own) {
                    return true;
                }
            }
            false
        })
    }
}

/// Greek, Coptic and Cyrillic letters, of which honest texts are full: told once, in a millisecond.
static NEAR: LazyLock<Vec<Option<char>>> = LazyLock::new(|| NEAR_LETTERS.map(skeleton).collect());
const NEAR_LETTERS: std::ops::RangeInclusive<char> = '\u{370}'..='\u{52f}';

/// The ASCII letter that a letter looks like.
pub(in crate::scan) fn look_alike(c: char) -> Option<char> {
    if NEAR_LETTERS.contains(&c) {
        let at = u32::from(c) - u32::from(*NEAR_LETTERS.start());
        return NEAR.get(usize::try_from(at).ok()?).copied().flatten();
    }
    skeleton(c)
}

fn skeleton(c: char) -> Option<char> {
    // The dotless i is Turkish, and not a disguise.
    if c.is_ascii() || c == 'ı' || !c.is_alphabetic() {
        return None;
    }
    let mut buffer = [0; 4];
    let mut skeleton = unicode_security::skeleton(c.encode_utf8(&mut buffer));
    let ascii = skeleton.next().filter(char::is_ascii_alphabetic)?;
    if skeleton.next().is_some() {
        return None;
    }
    // UTS 39 takes a capital I for a small L; words are rather written with the vowel.
    Some(if ascii == 'l' && c.is_uppercase() { 'I' } else { ascii })
}

/// Characters that compose to themselves when no mark follows: ASCII, Cyrillic, Chinese, kana, Hangul.
fn is_settled(c: char) -> bool {
    matches!(c, '\0'..='\x7f' | '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}' | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Letters in boxes and discs, which NFKC leaves.
fn squared(c: char) -> Option<char> {
    let base = match c {
        '\u{1f150}'..='\u{1f169}' => 0x1f150,
        '\u{1f170}'..='\u{1f189}' => 0x1f170,
        _ => return None,
    };
    char::from_u32(u32::from(c) - base + u32::from('A'))
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}')
}

/// Characters without a shape of their own.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// After these, an invisible character does nothing that writing needs.
fn needs_no_joiner(c: char) -> bool {
    matches!(c, '\0'..='\u{52f}' | '\u{1e00}'..='\u{1fff}' | '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}
