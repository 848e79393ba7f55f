//! Characters without a shape of their own: tags, runs of variation selectors, overrides, zero width, controls.

use super::{Found, Rule};
use crate::kernel::port::Severity;

/// The flags of England, Scotland and Wales: the only emoji that Unicode builds with tag characters.
const TAG_FLAGS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];
const CANCEL_TAG: char = '\u{e007f}';
const BLACK_FLAG: char = '\u{1f3f4}';

const TAGS: Rule = ("tags", Severity::High, "invisible tag characters, which spell out hidden text");
const SELECTORS: Rule =
    ("selector-run", Severity::High, "several variation selectors in a row, which can hold hidden bytes");
const OVERRIDE: Rule = (
    "bidi-override",
    Severity::High,
    "a direction override, which shows text in another order than it is read",
);
const ZERO_WIDTH: Rule =
    ("zero-width", Severity::Note, "characters without width inside a word or several in a row");
const CONTROL: Rule = ("control", Severity::Note, "a control character that has no place in a text");

/// Finds runs of them.
pub(super) fn find(chars: &[(usize, char)], found: &mut Found<'_>) {
    let mut at = 0;
    while let Some(&(_, c)) = chars.get(at) {
        let Some(kind) = kind_of(c) else {
            at += 1;
            continue;
        };
        let len = chars.iter().skip(at).take_while(|(_, c)| kind_of(*c) == Some(kind)).count();
        let run = chars.get(at..at + len).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|i| chars.get(i)).map(|(_, c)| *c);
        let after = chars.get(at + len).map(|(_, c)| *c);
        if let Some(rule) = judge(kind, run, before, after) {
            found.add(rule, run);
        }
        at += len;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tag,
    Selector,
    Override,
    ZeroWidth,
    Control,
}

fn kind_of(c: char) -> Option<Kind> {
    match c {
        '\t' | '\n' | '\r' | '\u{c}' => None,
        '\u{e0000}'..='\u{e007f}' => Some(Kind::Tag),
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Some(Kind::Selector),
        '\u{202d}' | '\u{202e}' => Some(Kind::Override),
        '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' => Some(Kind::ZeroWidth),
        // Deprecated format characters and the anchors of annotations.
        '\u{206a}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => Some(Kind::Control),
        c if c.is_control() => Some(Kind::Control),
        _ => None,
    }
}

fn judge(kind: Kind, run: &[(usize, char)], before: Option<char>, after: Option<char>) -> Option<Rule> {
    match kind {
        Kind::Tag if before == Some(BLACK_FLAG) && is_flag(run) => None,
        Kind::Tag => Some(TAGS),
        Kind::Selector if run.len() == 1 => None,
        Kind::Selector => Some(SELECTORS),
        Kind::Override => Some(OVERRIDE),
        // A byte order mark at the very beginning is an encoding's, not a word's.
        Kind::ZeroWidth if run == [(0, '\u{feff}')] => None,
        Kind::ZeroWidth => {
            let in_word = before.is_some_and(is_western) && after.is_some_and(is_western);
            // Two joiners in a row are a common slip in Persian.
            if in_word || run.len() > 2 { Some(ZERO_WIDTH) } else { None }
        }
        Kind::Control => Some(CONTROL),
    }
}

fn is_flag(run: &[(usize, char)]) -> bool {
    let Some(((_, CANCEL_TAG), tags)) = run.split_last() else { return false };
    let ascii = |c: char| u8::try_from(c as u32 & 0x7f).map_or('?', char::from);
    let spelled: String = tags.iter().map(|(_, c)| ascii(*c)).collect();
    TAG_FLAGS.contains(&spelled.as_str())
}

/// A sign of names, or a letter or digit of a script that never needs a joiner or a break hint inside a word: Latin,
/// Greek, Cyrillic.
fn is_western(c: char) -> bool {
    c == '_' || c.is_alphanumeric() && matches!(c, '\0'..='\u{52f}' | '\u{1e00}'..='\u{1fff}')
}
