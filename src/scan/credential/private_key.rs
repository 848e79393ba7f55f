//! Private keys in PEM and OpenPGP armour.

use super::{Found, Kind};

/// Longest label between `-----BEGIN ` and the next dashes that is read.
const LABEL: usize = 60;
/// Fewest characters of base64 that make a key and not a mention of one: an Ed25519 key has 64.
const FEWEST: usize = 40;
/// How far a key's body is read; 16,384 bits of RSA have about 12,600 characters.
const LONGEST: usize = 20_000;

/// The key that begins at `at`, where the text says `-----BEGIN`.
pub(super) fn at(text: &str, at: usize) -> Option<Found> {
    let rest = text.get(at..)?.strip_prefix("-----BEGIN")?;
    let label_end = rest.get(..rest.floor_char_boundary(LABEL))?.find("-----")?;
    let label = rest.get(..label_end)?;
    if !label.trim_end_matches(" BLOCK").ends_with("PRIVATE KEY") {
        return None;
    }
    let body = rest.get(label_end + 5..rest.floor_char_boundary(LONGEST))?;
    let end = body.find("-----").unwrap_or(body.len());
    let body = body.get(..end)?;
    // Of a literal in code: `\n` written out, or quotes and signs of each line.
    let is_key = |line: &str| {
        let line = line.trim_matches(|c: char| c.is_ascii_whitespace() || "\"'`+,;\\#|>".contains(c));
        !line.is_empty() && line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    };
    let lines = body.split(['\n', '\r']).flat_map(|line| line.split("\\n")).filter(|line| is_key(line));
    let (mut sum, mut kinds) = (0, [false; 256]);
    for byte in lines.flat_map(str::bytes) {
        sum += 1;
        if let Some(kind) = kinds.get_mut(usize::from(byte)) {
            *kind = true;
        }
    }
    // A body of a few kinds of characters is a blank: `xxxx`, `...`.
    let blank = kinds.iter().filter(|seen| **seen).count() < 12;
    let span = at..at + "-----BEGIN".len() + label_end + 5 + end;
    (sum >= FEWEST && !blank).then(|| Found { rule: "private-key".into(), kind: Kind::PrivateKey, span })
}
