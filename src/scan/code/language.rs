//! The languages that are read, and the guess which one a snippet is in.

use aho_corasick::AhoCorasick;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[cfg(test)]
mod tests;

/// A language with a grammar. C++ is read as C and C# as Java: their calls look alike, and their own grammars would
/// add 3 and 6 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scan) enum Language {
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    Script,
    /// Rust.
    Rust,
    /// Go.
    Go,
    /// Java.
    Java,
    /// C#.
    CSharp,
    /// C and C++.
    C,
    /// PHP.
    Php,
    /// Shells.
    Shell,
}

impl Language {
    /// All of them; the order decides between equals.
    pub(in crate::scan) const ALL: [Self; 9] = [
        Self::Python,
        Self::Script,
        Self::Rust,
        Self::Go,
        Self::Java,
        Self::CSharp,
        Self::C,
        Self::Php,
        Self::Shell,
    ];

    /// Its grammar.
    pub(super) fn grammar(self) -> tree_sitter::Language {
        match self {
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::Script => tree_sitter_typescript::LANGUAGE_TSX.into(),
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
            Self::Go => tree_sitter_go::LANGUAGE.into(),
            Self::Java | Self::CSharp => tree_sitter_java::LANGUAGE.into(),
            Self::C => tree_sitter_c::LANGUAGE.into(),
            Self::Php => tree_sitter_php::LANGUAGE_PHP.into(),
            Self::Shell => tree_sitter_bash::LANGUAGE.into(),
        }
    }

    /// What the fence of a block calls it.
    fn named(info: &str) -> Named {
        let name = info
            .trim_start_matches(['{', '.'])
            .split(|c: char| !(c.is_alphanumeric() || "+#".contains(c)))
            .next();
        match name.unwrap_or_default().to_ascii_lowercase().as_str() {
            "" | "code" | "text" | "txt" | "plain" | "plaintext" => Named::Unsaid,
            "py" | "python" | "python2" | "python3" | "ipython" | "pycon" => Named::As(Self::Python),
            "js" | "javascript" | "jsx" | "mjs" | "node" | "ts" | "typescript" | "tsx" | "vue" | "html" => {
                Named::As(Self::Script)
            }
            "rs" | "rust" => Named::As(Self::Rust),
            "go" | "golang" => Named::As(Self::Go),
            "java" | "kotlin" | "kt" | "scala" | "groovy" => Named::As(Self::Java),
            "cs" | "csharp" | "c#" => Named::As(Self::CSharp),
            "c" | "h" | "cpp" | "c++" | "cc" | "cxx" | "hpp" | "objc" => Named::As(Self::C),
            "php" => Named::As(Self::Php),
            "sh" | "bash" | "shell" | "zsh" | "console" | "terminal" => Named::As(Self::Shell),
            _ => Named::Other,
        }
    }
}

/// What a fence says.
enum Named {
    As(Language),
    Unsaid,
    /// A language that is not read, such as SQL, or a format, such as JSON.
    Other,
}

/// In which languages to read a snippet: one, two when it may be either, none when it is something else.
pub(in crate::scan) fn languages(info: Option<&str>, code: &str) -> Vec<Language> {
    match info.map_or(Named::Unsaid, Language::named) {
        Named::As(language) => vec![language],
        Named::Other => Vec::new(),
        Named::Unsaid => guess(code),
    }
}

/// Bytes that are looked at for a guess.
const LOOKED_AT: usize = 8192;
/// Bytes for which marks must say one point more.
const BYTES_PER_POINT: usize = 1000;
/// How often one mark counts.
const MAX_COUNT: u32 = 3;

/// What tells languages apart: marks, and how much each says for its language. About 60 KB once compiled.
struct Marks {
    finder: AhoCorasick,
    /// Per mark of the finder: for which language, and how much.
    says: Vec<(Language, u32)>,
}

static MARKS: LazyLock<Option<Marks>> = LazyLock::new(|| {
    let table: BTreeMap<Language, BTreeMap<String, u32>> = toml::from_str(include_str!("marks.toml")).ok()?;
    let flat = table.into_iter().flat_map(|(of, marks)| marks.into_iter().map(move |(m, w)| (m, (of, w))));
    let (marks, says): (Vec<String>, Vec<(Language, u32)>) = flat.unzip();
    Some(Marks { finder: AhoCorasick::new(marks).ok()?, says })
});

fn guess(code: &str) -> Vec<Language> {
    let Some(marks) = &*MARKS else { return Vec::new() };
    let code = code.get(..code.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
    let mut counts = vec![0u32; marks.says.len()];
    for found in marks.finder.find_overlapping_iter(code) {
        if let Some(count) = counts.get_mut(found.pattern().as_usize()) {
            *count = (*count + 1).min(MAX_COUNT);
        }
    }
    let mut scores: Vec<(u32, Language)> = Language::ALL
        .iter()
        .map(|language| {
            let its = marks.says.iter().zip(&counts).filter(|((of, _), _)| of == language);
            (its.map(|((_, weight), count)| weight * count).sum(), *language)
        })
        .filter(|(score, _)| *score > 0)
        .collect();
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let best = scores.first().map_or(0, |(score, _)| *score);
    // A second language is read too when it is nearly as likely.
    // A long text with hardly a mark is none of these languages.
    if (best as usize) < 1 + code.len() / BYTES_PER_POINT {
        return Vec::new();
    }
    scores.retain(|(score, _)| score * 4 >= best * 3);
    scores.truncate(2);
    scores.into_iter().map(|(_, language)| language).collect()
}
