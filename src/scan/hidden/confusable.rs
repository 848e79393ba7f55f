//! Words in which letters of another script pass for Latin ones: `pаypal` with a Cyrillic `а`.

use super::{Found, Rule};
use crate::kernel::port::Severity;
use crate::scan::reading::look_alike;
use std::ops::Range;
use unicode_script::{Script, UnicodeScript};

const MIXED: Rule = (
    "mixed-script",
    Severity::Medium,
    "a word with letters of another script that look like Latin ones, so that it is not the word it looks like",
);
const HOST: Rule = (
    "confusable-host",
    Severity::Medium,
    "a host name written wholly in letters of another script that look like Latin ones",
);

/// Finds such words.
pub(super) fn find(text: &str, found: &mut Found<'_>) {
    let mut at = 0;
    while let Some(word) = next_word(text, at) {
        at = word.end;
        let Some(letters) = text.get(word.clone()) else { return };
        if is_mixed(letters) {
            found.add_span(MIXED, word);
        } else if is_host(text.get(..word.start).unwrap_or_default()) && is_disguised(letters) {
            found.add_span(HOST, word);
        }
    }
}

/// The next word that is not all ASCII.
fn next_word(text: &str, mut at: usize) -> Option<Range<usize>> {
    loop {
        let rest = text.get(at..)?;
        let hit = at + rest.bytes().position(|byte| !byte.is_ascii())?;
        let before = text.get(at..hit)?;
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(at, |sign| at + sign + 1);
        let after = text.get(hit..)?;
        let end = after.find(|c: char| !c.is_alphanumeric()).map_or(text.len(), |len| hit + len);
        if end > hit {
            return Some(start..end);
        }
        at = hit + after.chars().next().map_or(1, char::len_utf8);
    }
}

fn is_foreign(c: char) -> bool {
    c.is_alphabetic() && !matches!(c.script(), Script::Latin | Script::Common | Script::Inherited)
}

/// Latin letters, and letters of other scripts that all pass for Latin ones.
fn is_mixed(word: &str) -> bool {
    let mut foreign = word.char_indices().filter(|(_, c)| is_foreign(*c)).peekable();
    if foreign.peek().is_none() || !word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    foreign.all(|(_, c)| look_alike(c).is_some()) && !is_formula(word) && !is_inflected(word)
}

/// One Greek letter before or after a name or a unit, as in TNFα and kν. Nobody writes an omicron there.
fn is_formula(word: &str) -> bool {
    let greek = |c: char| c.script() == Script::Greek && !matches!(c, 'ο' | 'Ο');
    let mut foreign = word.chars().filter(|c| is_foreign(*c));
    let lone = foreign.next().is_some_and(greek) && foreign.next().is_none();
    lone && (word.chars().next().is_some_and(greek) || word.chars().next_back().is_some_and(greek))
}

/// An abbreviation in capitals with an ending of the language around it, as Russian writes them.
fn is_inflected(word: &str) -> bool {
    let ending = word.trim_start_matches(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
    word.len() - ending.len() > 1 && ending.chars().all(|c| is_foreign(c) && c.is_lowercase())
}

/// All letters pass for Latin ones, and none is one.
fn is_disguised(word: &str) -> bool {
    word.chars().count() > 2
        && word.chars().all(|c| c.is_ascii_digit() || (is_foreign(c) && look_alike(c).is_some()))
}

/// Whether what follows is the name of a host.
fn is_host(before: &str) -> bool {
    ["://", "www.", "@"].iter().any(|mark| before.ends_with(mark))
}
