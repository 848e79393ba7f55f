//! From text to the parser's tree, within bounds.
//!
//! The parser recurses, backtracks without memory (unmatched `((((` take exponential time), unwraps numbers that do
//! not fit, and its tokenizer never ends on a here-document whose tag is empty. So a text is counted before it is parsed,
//! and what has more of anything than people write is refused.

use super::MAX_COMMAND;
use brush_parser::ast::Program;
use brush_parser::{ParserOptions, Token, TokenizerOptions};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Most substitutions and expansions in one text.
const MAX_EXPANSIONS: usize = 48;
/// Most unquoted opening round brackets in one list of tokens: the parser tries each in two ways.
const MAX_BRACKETS: usize = 10;
/// Most words that open or continue a compound command.
const MAX_COMPOUNDS: usize = 40;
/// Most `case` words: the parser reads the last branch of each twice.
const MAX_CASES: usize = 4;
/// Longest number before a redirection, in digits.
const MAX_DESCRIPTOR: usize = 4;
/// Most signs that open something in a word that looks like `name[...]`: the parser tries what each holds in several
/// ways, and that within each other.
const MAX_INDEX_SIGNS: usize = 8;
/// The parser gets this much stack, in bytes, where less than [`RED_ZONE`] is left.
const STACK: usize = 8 * 1024 * 1024;
/// Enough for the bounds above in a debug build.
const RED_ZONE: usize = 1024 * 1024;

/// Whether a text has no characters that people and shells read differently, and is not too long.
pub(super) fn is_plain(text: &str) -> bool {
    text.len() <= MAX_COMMAND && !text.trim().is_empty() && !text.chars().any(is_odd)
}

/// Control, invisible and direction characters, and blanks that shells take for letters.
fn is_odd(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
        || c.is_whitespace() && !c.is_ascii()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFD}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Parses a text; `None` when it is no command or goes beyond the bounds.
pub(super) fn parse(text: &str) -> Option<Program> {
    if text.len() > MAX_COMMAND || expansions(text) > MAX_EXPANSIONS {
        return None;
    }
    stacker::maybe_grow(RED_ZONE, STACK, || {
        // The bounds keep the parser from what is known to make it panic; this is for what is not known.
        catch_unwind(AssertUnwindSafe(|| within_bounds(text))).ok().flatten()
    })
}

fn within_bounds(text: &str) -> Option<Program> {
    // Without extended globs, as shells start: then `!(x)` runs x, as it would.
    let tokenizer = TokenizerOptions { enable_extended_globbing: false, ..TokenizerOptions::default() };
    let tokens = brush_parser::uncached_tokenize_str(&with_its_end(text)?, &tokenizer).ok()?;
    if !is_bounded(&tokens) {
        return None;
    }
    let parser = ParserOptions { enable_extended_globbing: false, ..ParserOptions::default() };
    brush_parser::parse_tokens(&tokens, &parser).ok()
}

/// The text with so many line ends that no here-document with an empty tag (`<<''`, `$(<<  x`) is open at its end.
///
/// INVARIANT: the tokenizer waits for ever at the end of a text where the first open here-document's tag is empty. An
/// empty line closes such a document, each operator `<<` opens at most one, and two more lines end whatever stood open.
fn with_its_end(text: &str) -> Option<Cow<'_, str>> {
    let documents = text.matches("<<").count();
    match documents {
        0 => Some(Cow::Borrowed(text)),
        // Here a line end would not be one.
        _ if text.ends_with('\\') => None,
        _ => Some(Cow::Owned(format!("{text}{}", "\n".repeat(documents + 2)))),
    }
}

fn expansions(text: &str) -> usize {
    let openers = ["$(", "${", "$[", "<(", ">("].iter().map(|opener| text.matches(opener).count());
    openers.sum::<usize>() + text.matches('`').count() / 2
}

fn is_bounded(tokens: &[Token]) -> bool {
    let (mut brackets, mut compounds, mut cases) = (0, 0, 0);
    let mut number = false;
    for token in tokens {
        match token {
            Token::Operator(operator, _) => {
                if number && operator.starts_with(['<', '>']) {
                    return false;
                }
                brackets += usize::from(operator == "(");
                number = false;
            }
            Token::Word(word, _) => {
                if index_signs(word) > MAX_INDEX_SIGNS {
                    return false;
                }
                compounds += usize::from(is_compound(word));
                cases += usize::from(word == "case");
                number = word.len() > MAX_DESCRIPTOR && word.bytes().all(|b| b.is_ascii_digit());
            }
        }
    }
    brackets <= MAX_BRACKETS && compounds <= MAX_COMPOUNDS && cases <= MAX_CASES
}

/// How much the parser would try on a word to find the index of an array in it.
fn index_signs(word: &str) -> usize {
    let name = word.trim_start_matches(|c: char| c == '_' || c.is_ascii_alphanumeric());
    match name.len() < word.len() && name.starts_with('[') {
        true => name.matches(['[', '$', '(', '`', '"', '\'', '\\']).count(),
        false => 0,
    }
}

fn is_compound(word: &str) -> bool {
    matches!(
        word,
        "{" | "[["
            | "if"
            | "elif"
            | "case"
            | "for"
            | "while"
            | "until"
            | "select"
            | "coproc"
            | "function"
            | "time"
    )
}
