//! The answer in what a model writes, read while it is written. For display only: what counts is read from the whole of
//! it, strictly, by `reply`.

use crate::worker::spotlight::{THOUGHT, THOUGHT_ENDS};

/// Longest name of the first field that is read, in characters.
const LONGEST_NAME: usize = 40;

/// Reads `{"answer": VALUE, ...}`, whatever thoughts stand before it. Texts are given as they mean, not as they are
/// escaped; a text by itself is given without quotes.
#[derive(Debug)]
pub(super) struct Envelope {
    at: At,
    /// How deep inside lists and objects of the value.
    depth: usize,
    /// The first half of a character that JSON writes in two.
    half: Option<u32>,
}

#[derive(Debug)]
enum At {
    /// Before the envelope: how many thoughts are open, whether it may begin here, and the latest characters.
    Before { thoughts: usize, fresh: bool, latest: String },
    /// In the name of the first field.
    Name(String),
    /// In the value, outside of texts.
    Value,
    /// In a text.
    Text,
    /// Behind a backslash.
    Escape,
    /// In `\uXXXX`: how many digits there are, and what they say.
    Hex(u8, u32),
    /// Behind the value, or where no answer can be.
    Over,
}

impl Envelope {
    pub(super) fn new() -> Self {
        let at = At::Before { thoughts: 0, fresh: true, latest: String::new() };
        Self { at, depth: 0, half: None }
    }

    /// Takes the next part and gives what it holds of the answer.
    pub(super) fn take(&mut self, part: &str) -> String {
        let mut out = String::new();
        for c in part.chars() {
            self.at = self.next(c, &mut out);
        }
        out
    }

    fn next(&mut self, c: char, out: &mut String) -> At {
        match std::mem::replace(&mut self.at, At::Over) {
            At::Before { thoughts, fresh, latest } => before(c, thoughts, fresh, latest),
            At::Name(name) if c == ':' && name.trim() == "\"answer\"" => At::Value,
            At::Name(mut name) => {
                name.push(c);
                if c == ':' || name.len() > LONGEST_NAME { At::Over } else { At::Name(name) }
            }
            At::Value => self.value(c, out),
            At::Text => self.text(c, out),
            At::Escape => self.escape(c, out),
            At::Hex(digits, code) => match c.to_digit(16) {
                Some(digit) if digits < 3 => At::Hex(digits + 1, code * 16 + digit),
                Some(digit) => {
                    self.unit(code * 16 + digit, out);
                    At::Text
                }
                None => At::Over,
            },
            At::Over => At::Over,
        }
    }

    fn value(&mut self, c: char, out: &mut String) -> At {
        match c {
            '"' if self.depth == 0 => return At::Text,
            '"' => {
                out.push(c);
                return At::Text;
            }
            '{' | '[' => self.depth += 1,
            '}' | ']' if self.depth > 0 => self.depth -= 1,
            ',' | '}' | ']' if self.depth == 0 => return At::Over,
            c if self.depth == 0 && c.is_whitespace() => return At::Value,
            _ => {}
        }
        out.push(c);
        At::Value
    }

    fn text(&mut self, c: char, out: &mut String) -> At {
        match c {
            '\\' => return At::Escape,
            '"' => {
                self.whole(out);
                if self.depth == 0 {
                    return At::Over;
                }
                out.push(c);
                return At::Value;
            }
            _ => self.say(c, out),
        }
        At::Text
    }

    fn escape(&mut self, c: char, out: &mut String) -> At {
        let meant = match c {
            'u' => return At::Hex(0, 0),
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            '"' | '\\' | '/' => c,
            _ => return At::Over,
        };
        self.say(meant, out);
        At::Text
    }

    /// One unit of UTF-16.
    fn unit(&mut self, code: u32, out: &mut String) {
        match (self.half.take(), code) {
            (Some(high), 0xdc00..=0xdfff) => {
                let both = 0x1_0000 + ((high - 0xd800) << 10) + (code - 0xdc00);
                out.push(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (half, 0xd800..=0xdbff) => {
                self.half = half;
                self.whole(out);
                self.half = Some(code);
            }
            (half, _) => {
                self.half = half;
                self.say(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), out);
            }
        }
    }

    fn say(&mut self, c: char, out: &mut String) {
        self.whole(out);
        out.push(c);
    }

    /// A half that nothing follows is no character.
    fn whole(&mut self, out: &mut String) {
        if self.half.take().is_some() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

/// Thoughts are left out, and so is whatever else stands before the envelope: a thought that the template opened is
/// known by its end only.
fn before(c: char, mut thoughts: usize, mut fresh: bool, mut latest: String) -> At {
    if fresh && c == '{' {
        return At::Name(String::new());
    }
    fresh = fresh && c.is_whitespace();
    latest.push(c);
    if latest.ends_with(THOUGHT_ENDS) {
        thoughts = thoughts.saturating_sub(1);
        fresh = thoughts == 0;
        latest.clear();
    } else if latest.ends_with(THOUGHT) {
        thoughts += 1;
        latest.clear();
    }
    if latest.len() > 4 * THOUGHT_ENDS.len() {
        latest.drain(..latest.ceil_char_boundary(latest.len() - THOUGHT_ENDS.len()));
    }
    At::Before { thoughts, fresh, latest }
}

#[cfg(test)]
mod tests;
