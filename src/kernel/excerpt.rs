//! Parts of a text as they may be shown: safe, or as a line with carets under what is meant.

#[cfg(test)]
mod tests;

use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// Blanks in place of a tab, whose own width depends on where it stands.
const TAB: &str = "    ";
/// The longest line shown, in columns of a terminal.
const WIDEST: usize = 160;
/// What is shown before the part that is meant, where the line is longer than that.
const BEFORE: usize = 100;

/// The first line of a part of a text, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// The line, without control characters and with blanks for tabs; cut where it is long.
    pub shown: String,
    /// Blanks, and carets under the part: wide characters take two.
    pub carets: String,
}

impl Excerpt {
    /// The line in which the bytes `part` begin.
    pub fn of(text: &str, part: Range<usize>) -> Self {
        let (line, column) = line_column(text, part.start);
        let source = text.split('\n').nth(line - 1).unwrap_or("").trim_end_matches('\r');
        let meant =
            text.get(part).and_then(|part| part.lines().next()).map_or(1, |l| l.chars().count()).max(1);
        let skipped = skipped(source, column - 1);
        let (mut shown, mut indent, mut under) = (String::new(), 0, 0);
        if skipped > 0 {
            shown.push('…');
            indent = 1;
        }
        let mut wide = indent;
        for (at, c) in source.chars().enumerate().skip(skipped) {
            let width = width(c);
            wide += width;
            if wide > WIDEST {
                break;
            }
            match c {
                '\t' => shown.push_str(TAB),
                c if c.is_control() => shown.push(' '),
                c => shown.push(c),
            }
            indent += if at + 1 < column { width } else { 0 };
            under += if (column..column + meant).contains(&(at + 1)) { width } else { 0 };
        }
        let carets = " ".repeat(indent) + &"^".repeat(under.max(1));
        Self { line, column, shown, carets }
    }
}

/// Text that may come from anywhere, made safe to show: control and invisible direction characters are spelled out.
/// Line ends stay.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let hidden = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}');
        if (c.is_control() && c != '\n') || hidden {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// How many characters at the beginning are left out, so that the part can be seen.
fn skipped(source: &str, before: usize) -> usize {
    let whole: usize = source.chars().take(before).map(width).sum();
    let mut left = whole;
    match whole <= BEFORE {
        true => 0,
        false => source
            .chars()
            .take_while(|c| {
                left -= width(*c);
                left > BEFORE
            })
            .count(),
    }
}

fn width(c: char) -> usize {
    if c == '\t' { TAB.len() } else { c.width().unwrap_or(1) }
}

/// The line and the column in characters, both from 1, of a byte offset.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    (line, column)
}
