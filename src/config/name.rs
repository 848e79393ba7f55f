//! Names that people write: which ones a plan can use, and which one was meant.

/// Python's keywords.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];
/// What the plan language gives a meaning to, and what its literals need.
const TAKEN: [&str; 10] =
    ["ask", "answer", "confirm", "stop", "or_none", "one_of", "span", "date", "datetime", "Decimal"];

/// Whether a plan can use this as a name of its own, a keyword of a call or a field: ASCII letters, digits and `_`,
/// not beginning with a digit, no keyword of Python, no dunder, at most 128 letters.
pub fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && text.len() <= 128
        && !text.starts_with("__")
        && !KEYWORDS.contains(&text)
}

/// Whether a variable or a tool may be called so: a name without a meaning in the language.
pub fn is_free_name(text: &str) -> bool {
    is_name(text) && !TAKEN.contains(&text)
}

/// Of the names that are known the one most like `name`, where one is like it at all.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // 0.8 lets one slip of a finger pass in words of four letters and more.
    likest(name, known).filter(|(score, _)| *score >= 0.8).map(|(_, k)| k)
}

/// As [`nearest`], however little it is like it; none where no letter fits.
pub fn most_like<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    likest(name, known).filter(|(score, _)| *score > 0.0).map(|(_, k)| k)
}

fn likest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<(f64, &'n str)> {
    let name = name.to_lowercase();
    let scored = known.map(|k| (strsim::jaro_winkler(&k.to_lowercase(), &name), k));
    scored.max_by(|a, b| a.0.total_cmp(&b.0))
}
