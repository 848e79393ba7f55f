//! Pieces of text that a turn hands over: what stands in quotes, or after an equals sign or a colon that names a part.

use regex::Regex;
use std::sync::LazyLock;

#[cfg(test)]
mod tests;

/// Longest piece, in characters; longer ones are quotations and not pieces.
const MAX_PIECE: usize = 200;
/// Fewer letters are no piece of a text.
const MIN_LETTERS: usize = 2;
/// Most pieces of one turn.
const MAX_PIECES: usize = 20;

static QUOTED: LazyLock<Result<Regex, regex::Error>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x) "([^"\n]{1,200})" | `([^`\n]{1,200})` | “([^”\n]{1,200})” | «([^»\n]{1,200})» | „([^“”\n]{1,200})[“”]
          | 「([^」\n]{1,200})」 | (?:^|[\s(:=])'([^'\n]{1,200})'
          | (?:^|\s)[[:alpha:]][[:alnum:]_]{0,15}\ ?=\ ?([^\s"'`;,]{1,200})
          | (?i:part|piece|fragment|teil|partie|parte|deel|część|часть|第)\ ?[0-9a-d一二三]{1,2}(?:\ is|\ ist)?\ ?[:：]\ ?([^"'`\n]{1,200})"#,
    )
});

/// The pieces of a turn, in order.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let Ok(quoted) = QUOTED.as_ref() else { return Vec::new() };
    let found = quoted.captures_iter(text).take(MAX_PIECES);
    let piece = |captures: regex::Captures<'_>| {
        let inner = captures.iter().skip(1).flatten().next()?;
        let piece: String = inner.as_str().chars().take(MAX_PIECE).collect();
        // Numbers are values and no words.
        (piece.chars().filter(|c| c.is_alphabetic()).count() >= MIN_LETTERS).then_some(piece)
    };
    found.filter_map(piece).collect()
}
