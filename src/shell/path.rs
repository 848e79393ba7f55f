//! Facts about a path that a plan wants to use, from its text alone: no file system is asked.
//!
//! The facts speak of what the text says. A symbolic link inside the workspace can make the text say one thing and
//! the disk another, so the file door must not follow links; it should open exactly [`PathFacts::canonical`].

#[cfg(test)]
mod tests;

/// What a path's text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathFacts {
    /// Relative to the workspace, without `.`, `..` and doubled slashes; `.` for the workspace itself; empty when
    /// the path escapes.
    pub canonical: String,
    /// The first component in lower case, empty when the path escapes.
    pub root: String,
    /// The last component in lower case, empty when the path escapes.
    pub name: String,
    /// What follows the last component's last dot, in lower case, without the dot; empty when there is none.
    pub extension: String,
    /// Starts at a root, a drive, a home folder or a URL scheme.
    pub absolute: bool,
    /// Leaves the workspace, or is written so oddly that nobody should say where it leads.
    pub escapes: bool,
    /// Some component starts with a dot.
    pub hidden: bool,
}

/// Longest path in bytes (Linux PATH_MAX).
const MAX_PATH: usize = 4096;
/// Longest component in bytes (Linux NAME_MAX).
const MAX_COMPONENT: usize = 255;

/// Computes the facts. Never fails: what cannot be read escapes.
pub fn path_facts(text: &str) -> PathFacts {
    if is_absolute(text) {
        return PathFacts { absolute: true, escapes: true, ..PathFacts::default() };
    }
    let Some(components) = components(text) else {
        return PathFacts { escapes: true, ..PathFacts::default() };
    };
    let Some((first, last)) = components.first().zip(components.last()) else {
        let here = || ".".to_owned();
        return PathFacts { canonical: here(), root: here(), name: here(), ..PathFacts::default() };
    };
    // `./~/x` is harmless to us and the home folder to whoever reads the canonical form.
    if is_absolute(&components.join("/")) {
        return PathFacts { absolute: true, escapes: true, ..PathFacts::default() };
    }
    let name = last.to_lowercase();
    let extension = match name.trim_end_matches('.').rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension.to_owned(),
        _ => String::new(),
    };
    PathFacts {
        canonical: components.join("/"),
        root: first.to_lowercase(),
        extension,
        name,
        absolute: false,
        escapes: false,
        hidden: components.iter().any(|c| c.starts_with('.')),
    }
}

fn is_absolute(text: &str) -> bool {
    let first = text.split(['/', '\\']).next().unwrap_or_default();
    let rooted = text.starts_with(['/', '\\']);
    let home = first.starts_with('~') && (first.len() < text.len() || first.len() == 1);
    rooted || home || first.ends_with(':') || is_drive(first)
}

fn is_drive(first: &str) -> bool {
    let mut chars = first.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

/// The components after resolving `.` and `..`; `None` when the path goes above its start or is odd.
fn components(text: &str) -> Option<Vec<&str>> {
    if text.is_empty() || text.len() > MAX_PATH || text.chars().any(is_odd) || hides_a_separator(text) {
        return None;
    }
    let mut kept = Vec::new();
    for component in text.split('/') {
        match component {
            "" | "." => {}
            ".." => {
                kept.pop()?;
            }
            odd if odd.len() > MAX_COMPONENT || odd.trim() != odd || odd.chars().all(|c| c == '.') => {
                return None;
            }
            plain => kept.push(plain),
        }
    }
    Some(kept)
}

/// Characters that make a path read differently to a person, to us and to a file system: control and invisible
/// characters, direction marks, backslashes, and look-alikes of `/`, `\` and `.`.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\\'
            // Invisible, direction, joiner and filler characters.
            | '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFD}'
            | '\u{E0000}'..='\u{E0FFF}'
            // Look-alikes of the slash.
            | '\u{01C0}' | '\u{0338}' | '\u{2044}' | '\u{2215}' | '\u{2571}' | '\u{27CB}' | '\u{29F8}' | '\u{2CC6}'
            | '\u{2F03}' | '\u{31D3}' | '\u{FF0F}' | '\u{1735}'
            | '\u{2041}'
            // Look-alikes of the backslash.
            | '\u{2216}' | '\u{27CD}' | '\u{29F5}' | '\u{29F9}' | '\u{FE68}' | '\u{FF3C}'
            // Look-alikes of one, two or three dots.
            | '\u{2024}'..='\u{2026}' | '\u{FE19}' | '\u{FE30}' | '\u{FE52}' | '\u{FF0E}' | '\u{FF61}'
        )
}

/// Percent-encoded NUL, dot, slash or backslash, plain or encoded twice: somebody may decode it later.
fn hides_a_separator(text: &str) -> bool {
    if !text.contains('%') {
        return false;
    }
    let lower = text.to_lowercase();
    ["%2e", "%2f", "%5c", "%00", "%25", "%c0%a", "%u"].iter().any(|hidden| lower.contains(hidden))
}
