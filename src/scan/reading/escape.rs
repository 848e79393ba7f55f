//! Undoes escapes inside words: percent, HTML entities, `\x41`, `\u0041`, `\u{41}`, octal.
//!
//! Only lines are read again in which that tells something: a letter or digit never needs an escape, an escaped
//! percent sign begins another escape, and two escaped characters that print are enough.

use super::map::Making;
use super::{Part, is_unprintable};
use memchr::{memchr, memchr3, memrchr};

/// Named entities of characters that words and commands are made of. `&nbsp;` stands for a plain space.
const ENTITIES: [(&str, char); 36] = [
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("emsp", ' '),
    ("ensp", ' '),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("lbrace", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("nbsp", ' '),
    ("NewLine", '\n'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrace", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("Tab", '\t'),
    ("thinsp", ' '),
    ("verbar", '|'),
    ("vert", '|'),
];
/// The longest name, and the most digits of a character's number.
const LONGEST: usize = 8;

/// What an escape stands for.
#[derive(Debug, Clone, Copy)]
enum Stands {
    /// A byte of UTF-8.
    Byte(u8),
    /// A character.
    Char(char),
}

/// The lines that hold escapes, without them, as one part.
pub(super) fn undo(text: &str) -> Option<Part> {
    let bytes = text.as_bytes();
    let mut made = Making::default();
    let (mut line, mut at, mut end_of_last) = (0, 0, 0);
    while let Some(hit) = memchr3(b'%', b'&', b'\\', bytes.get(at..)?) {
        let hit = at + hit;
        if escape_at(text, hit).is_none() {
            at = hit + 1;
            continue;
        }
        let start =
            bytes.get(line..hit).and_then(|before| memrchr(b'\n', before)).map_or(line, |n| line + n + 1);
        let end = bytes.get(hit..).and_then(|rest| memchr(b'\n', rest)).map_or(text.len(), |n| hit + n + 1);
        let before = made.len();
        if undo_line(text, start..end, &mut made) {
            end_of_last = end;
        } else {
            made.truncate(before);
        }
        (line, at) = (end, end);
    }
    if made.text().is_empty() {
        return None;
    }
    let (text, map) = made.finish(end_of_last);
    Some(Part { text, map, rotated: false })
}

/// Whether undoing this line's escapes told something.
fn undo_line(text: &str, line: std::ops::Range<usize>, made: &mut Making) -> bool {
    let (mut told, mut printed) = (false, 0_usize);
    let mut at = line.start;
    let mut copied = line.start;
    let mut pending = Pending::default();
    while at < line.end {
        let found = text.as_bytes().get(at..line.end).and_then(|rest| memchr3(b'%', b'&', b'\\', rest));
        let Some(hit) = found.map(|n| at + n) else { break };
        let Some((len, stands)) = escape_at(text, hit) else {
            at = hit + 1;
            continue;
        };
        if copied < hit {
            pending.flush(text, made);
            made.copy(text.get(copied..hit).unwrap_or_default(), copied);
        }
        let c = match stands {
            Stands::Byte(byte) => {
                pending.bytes.push(byte);
                pending.at.push((hit, len));
                char::from(byte)
            }
            Stands::Char(c) => {
                pending.flush(text, made);
                made.push(c, hit);
                c
            }
        };
        let named = text.as_bytes().get(hit) == Some(&b'&');
        told |= named || c.is_ascii_alphanumeric() || c == '%';
        printed += usize::from(c == ' ' || c.is_ascii_graphic());
        at = hit + len;
        copied = at;
    }
    pending.flush(text, made);
    made.copy(text.get(copied..line.end).unwrap_or_default(), copied);
    told || printed > 1
}

/// Escaped bytes in a row, which are characters only together.
#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    at: Vec<(usize, usize)>,
}

impl Pending {
    /// Adds the characters that the bytes are; bytes that are none stay as they were written.
    fn flush(&mut self, text: &str, made: &mut Making) {
        let mut at = std::mem::take(&mut self.at).into_iter();
        for chunk in std::mem::take(&mut self.bytes).utf8_chunks() {
            for c in chunk.valid().chars() {
                let mut written = at.by_ref().take(c.len_utf8());
                let first = written.next();
                written.for_each(drop);
                if let Some((start, len)) = first {
                    if is_unprintable(c) {
                        made.copy(text.get(start..start + len).unwrap_or_default(), start);
                    } else {
                        made.push(c, start);
                    }
                }
            }
            for (start, len) in at.by_ref().take(chunk.invalid().len()) {
                made.copy(text.get(start..start + len).unwrap_or_default(), start);
            }
        }
    }
}

/// The escape that begins here: its length and what it stands for.
fn escape_at(text: &str, at: usize) -> Option<(usize, Stands)> {
    let rest = text.as_bytes().get(at..)?;
    match rest {
        [b'%', b'u', digits @ ..] => Some((6, Stands::Char(char_of(digits.get(..4)?)?))),
        [b'%', high, low, ..] => Some((3, Stands::Byte(byte_of(*high, *low)?))),
        [b'\\', b'x' | b'u', b'{', inside @ ..] => {
            let digits = inside.iter().take(LONGEST).position(|byte| *byte == b'}')?;
            Some((digits + 4, Stands::Char(char_of(inside.get(..digits)?)?)))
        }
        [b'\\', b'x', high, low, ..] => Some((4, Stands::Byte(byte_of(*high, *low)?))),
        [b'\\', b'u', digits @ ..] => Some((6, Stands::Char(char_of(digits.get(..4)?)?))),
        [b'\\', b'U', digits @ ..] => Some((10, Stands::Char(char_of(digits.get(..8)?)?))),
        [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
            let byte = (a - b'0') << 6 | (b - b'0') << 3 | (c - b'0');
            Some((4, Stands::Byte(byte)))
        }
        [b'&', b'#', b'x' | b'X', digits @ ..] => numbered(digits, 16).map(|(n, c)| (n + 3, Stands::Char(c))),
        [b'&', b'#', digits @ ..] => numbered(digits, 10).map(|(n, c)| (n + 2, Stands::Char(c))),
        [b'&', name @ ..] => {
            let len = name.iter().take(LONGEST + 1).position(|byte| *byte == b';')?;
            let name = name.get(..len)?;
            let (_, c) = ENTITIES.iter().find(|(known, _)| known.as_bytes() == name)?;
            Some((len + 2, Stands::Char(*c)))
        }
        _ => None,
    }
}

/// The number of an entity: how many bytes it takes, the semicolon included, which browsers do not ask for.
fn numbered(digits: &[u8], radix: u32) -> Option<(usize, char)> {
    let len = digits.iter().take(LONGEST).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let number = u32::from_str_radix(std::str::from_utf8(digits.get(..len)?).ok()?, radix).ok()?;
    let c = char::from_u32(number).filter(|c| !is_unprintable(*c))?;
    Some((len + usize::from(digits.get(len) == Some(&b';')), c))
}

fn char_of(digits: &[u8]) -> Option<char> {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let number = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    char::from_u32(number).filter(|c| !is_unprintable(*c))
}

fn byte_of(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}
