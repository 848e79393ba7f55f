//! Which language a turn is in, as far as a change of it can be told.

#[cfg(test)]
mod tests;

/// A script, or a language of those that share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    /// Written in letters of this script only one way is known.
    Script(&'static str),
    /// A language in Latin letters, told by its small words.
    Latin(&'static str),
}

/// The commonest small words, which no other of these languages has as often.
const SMALL: [(&str, &[&str]); 9] = [
    (
        "en",
        &[
            "the", "and", "of", "to", "is", "you", "that", "it", "for", "with", "how", "what", "my", "this",
            "are",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ich", "ist", "nicht", "ein", "eine", "wie", "mit", "fur", "zu",
            "den", "mir", "auf",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "et", "des", "une", "est", "pour", "je", "dans", "comment", "que", "moi",
            "du", "pas", "vous",
        ],
    ),
    (
        "es",
        &["el", "los", "las", "una", "es", "para", "por", "como", "que", "con", "del", "me", "mi", "un", "y"],
    ),
    (
        "it",
        &[
            "il", "che", "di", "per", "una", "come", "sono", "non", "gli", "della", "con", "mi", "del", "un",
            "e",
        ],
    ),
    (
        "pt",
        &["o", "os", "uma", "para", "como", "nao", "com", "voce", "do", "da", "em", "que", "um", "meu", "e"],
    ),
    ("nl", &["de", "het", "een", "en", "van", "ik", "niet", "voor", "met", "hoe", "mijn", "op", "je", "is"]),
    ("pl", &["i", "w", "na", "jest", "nie", "jak", "do", "z", "mi", "moj", "to", "sie", "czy", "dla", "o"]),
    ("tr", &["bir", "ve", "bu", "icin", "nasil", "ile", "ne", "bana", "de", "mi", "var", "olarak", "benim"]),
];
/// Fewer letters say nothing.
const MIN_LETTERS: usize = 6;
/// Fewer small words than these say nothing.
const MIN_SMALL: usize = 2;

/// Of folded text; none when that is not clear.
pub(super) fn of(folded: &str) -> Option<Tongue> {
    let mut counts = [
        ("latin", 0_usize),
        ("cyrillic", 0),
        ("arabic", 0),
        ("devanagari", 0),
        ("han", 0),
        ("kana", 0),
        ("hangul", 0),
        ("thai", 0),
        ("greek", 0),
        ("hebrew", 0),
    ];
    for c in folded.chars() {
        let script = match c {
            'a'..='z' => "latin",
            '\u{400}'..='\u{52f}' => "cyrillic",
            '\u{600}'..='\u{6ff}' => "arabic",
            '\u{900}'..='\u{97f}' => "devanagari",
            '\u{3400}'..='\u{9fff}' => "han",
            '\u{3040}'..='\u{30ff}' => "kana",
            '\u{ac00}'..='\u{d7af}' => "hangul",
            '\u{e00}'..='\u{e7f}' => "thai",
            '\u{370}'..='\u{3ff}' => "greek",
            '\u{590}'..='\u{5ff}' => "hebrew",
            _ => continue,
        };
        if let Some((_, count)) = counts.iter_mut().find(|(name, _)| *name == script) {
            *count += if script == "latin" { 1 } else { 2 };
        }
    }
    // Some kana make Japanese of any number of Han characters.
    let kana = counts.iter().any(|(name, count)| *name == "kana" && *count > 2);
    let (script, letters) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    match script {
        _ if letters < MIN_LETTERS => None,
        "latin" => latin(folded),
        "han" if kana => Some(Tongue::Script("kana")),
        other => Some(Tongue::Script(other)),
    }
}

fn latin(folded: &str) -> Option<Tongue> {
    let mut counts = SMALL.map(|(name, _)| (name, 0_usize));
    for word in folded.split(|c: char| !c.is_alphanumeric()) {
        for ((_, words), (_, count)) in SMALL.iter().zip(&mut counts) {
            *count += usize::from(words.contains(&word));
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    match counts {
        [(name, first), (_, second), ..] if first >= MIN_SMALL && first > second => Some(Tongue::Latin(name)),
        _ => None,
    }
}
