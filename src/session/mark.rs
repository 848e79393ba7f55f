//! What words are about: marks, found by the beginnings of words in many languages.

use aho_corasick::{AhoCorasick, MatchKind};
use indexmap::IndexMap;
use std::sync::{Arc, LazyLock};
use unicode_normalization::UnicodeNormalization as _;

#[cfg(test)]
mod tests;

const FILE: &str = include_str!("marks.toml");

/// The marks' names, in the order of their bits. INVARIANT: records hold these names.
const NAMES: [&str; 29] = [
    "weapons",
    "drugs",
    "toxins",
    "malware",
    "intrusion",
    "secrets",
    "fraud",
    "stalking",
    "burglary",
    "violence",
    "hatred",
    "destruction",
    "takeaway",
    "guards",
    "making",
    "writing",
    "taking",
    "detail",
    "evading",
    "defence",
    "premise",
    "fiction",
    "binding",
    "persona",
    "pressure",
    "recon",
    "pieces",
    "together",
    "obey",
];

/// A set of marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks(u32);

impl Marks {
    /// What harm is done with.
    pub(super) const SUBJECTS: Self = Self((1 << 13) - 1);
    /// That hardly any trade has to do with: weapons, drugs, toxins, stalking, burglary, violence, hatred.
    pub(super) const GRAVE: Self = Self(0b111 | 0b1111 << 7);
    /// Whose harm is done by text alone: programs, forgeries, agitation.
    pub(super) const WRITTEN: Self = Self(1 << 3 | 1 << 4 | 1 << 6 | 1 << 10);
    pub(super) const SECRETS: Self = Self(1 << 5);
    pub(super) const DESTRUCTION: Self = Self(1 << 11);
    pub(super) const TAKEAWAY: Self = Self(1 << 12);
    pub(super) const GUARDS: Self = Self(1 << 13);
    pub(super) const MAKING: Self = Self(1 << 14);
    pub(super) const WRITING: Self = Self(1 << 15);
    pub(super) const TAKING: Self = Self(1 << 16);
    pub(super) const DETAIL: Self = Self(1 << 17);
    pub(super) const EVADING: Self = Self(1 << 18);
    pub(super) const DEFENCE: Self = Self(1 << 19);
    pub(super) const PREMISE: Self = Self(1 << 20);
    pub(super) const FICTION: Self = Self(1 << 21);
    pub(super) const BINDING: Self = Self(1 << 22);
    pub(super) const PERSONA: Self = Self(1 << 23);
    pub(super) const PRESSURE: Self = Self(1 << 24);
    pub(super) const RECON: Self = Self(1 << 25);
    pub(super) const PIECES: Self = Self(1 << 26);
    pub(super) const TOGETHER: Self = Self(1 << 27);
    pub(super) const OBEY: Self = Self(1 << 28);

    /// The marks of folded text, and how many different stems of subjects and of getting around things it has.
    pub(super) fn of(folded: &str) -> (Self, u32) {
        let Ok(stems) = STEMS.as_ref() else { return (Self::default(), 0) };
        let (mut marks, mut seen) = (Self::default(), vec![false; stems.of.len()]);
        let mut weight = 0;
        for found in stems.automaton.find_overlapping_iter(folded) {
            let n = found.pattern().as_usize();
            let (Some(stem), Some(seen)) = (stems.of.get(n), seen.get_mut(n)) else { continue };
            if *seen || !stem.fits(folded, found.start(), found.end()) {
                continue;
            }
            *seen = true;
            marks = marks.with(stem.mark);
            weight += u32::from((Self::SUBJECTS.with(Self::EVADING)).has(stem.mark));
        }
        (marks, weight)
    }

    /// From a record; names that this version does not know are left out.
    pub(super) fn named(names: &[Arc<str>]) -> Self {
        names.iter().filter_map(|name| bit(name)).fold(Self::default(), Self::with)
    }

    /// For a record.
    pub(super) fn names(self) -> Vec<Arc<str>> {
        NAMES
            .iter()
            .filter(|name| bit(name).is_some_and(|mark| self.has(mark)))
            .map(|name| Arc::from(*name))
            .collect()
    }

    /// Whether any of these is there.
    pub(super) fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn subjects(self) -> Self {
        self.both(Self::SUBJECTS)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

fn bit(name: &str) -> Option<Marks> {
    NAMES.iter().position(|known| *known == name).map(|at| Marks(1 << at))
}

/// One stem.
#[derive(Debug)]
struct Stem {
    mark: Marks,
    /// Begins anywhere: scripts without spaces.
    dense: bool,
    /// The word ends with it.
    whole: bool,
}

impl Stem {
    fn fits(&self, text: &str, start: usize, end: usize) -> bool {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let after = text.get(end..).and_then(|after| after.chars().next());
        let first = text.get(start..).and_then(|rest| rest.chars().next());
        // A stem that begins with a sign begins where it stands.
        let inside = first.is_some_and(char::is_alphanumeric) && before.is_some_and(char::is_alphanumeric);
        let goes_on = after.is_some_and(char::is_alphanumeric);
        (self.dense || !inside) && !(self.whole && goes_on)
    }
}

struct Stems {
    automaton: AhoCorasick,
    of: Vec<Stem>,
}

/// Read at the first request, in some milliseconds; 300 KB.
static STEMS: LazyLock<Result<Stems, String>> = LazyLock::new(|| read(FILE));

fn read(file: &str) -> Result<Stems, String> {
    let groups: IndexMap<String, IndexMap<String, Vec<String>>> =
        toml::from_str(file).map_err(|e| format!("the marks cannot be read: {e}"))?;
    let (mut texts, mut of) = (Vec::new(), Vec::new());
    for (name, stems) in groups.into_values().flatten() {
        let mark = bit(&name).ok_or_else(|| format!("`{name}` is no mark"))?;
        for stem in stems {
            let (text, whole) = match stem.strip_suffix('|') {
                Some(text) => (folded(text.trim_end()), true),
                None => (folded(&stem), false),
            };
            of.push(Stem { mark, dense: text.chars().next().is_some_and(is_dense), whole });
            texts.push(text);
        }
    }
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .build(texts)
        .map_err(|e| format!("the marks cannot be indexed: {e}"))?;
    Ok(Stems { automaton, of })
}

/// Compatibility forms and accents undone, lower case, nothing invisible, single blanks.
pub(super) fn folded(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'));
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for c in plain.nfc().flat_map(char::to_lowercase) {
        let c = match c {
            '\u{2018}' | '\u{2019}' => '\'',
            // A letter of its own, and written with a plain one as often.
            'ı' => 'i',
            'ł' => 'l',
            'ß' => 's',
            c => c,
        };
        if c.is_whitespace() {
            if !blank {
                out.push(' ');
            }
            blank = true;
        } else {
            out.push(c);
            blank = false;
        }
    }
    out
}

/// Scripts that are written without spaces, or whose words grow at both ends: kana, Han, Hangul, Thai.
pub(super) fn is_dense(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{e00}'..='\u{e7f}')
}
