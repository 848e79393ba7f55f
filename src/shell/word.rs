//! One shell word: what it says literally, and what only the shell will know.
//!
//! The tree's words are raw text. This reads one in a single pass, without the tree library's own word parser, which
//! keeps what it parsed in a global cache and takes exponential time on nested arithmetic.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

/// Values of variables that the same text assigns once and literally. They only ever add findings.
pub(super) type Known = HashMap<String, String>;

/// A word after removing its quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// The literal text; a variable of unknown value stays as `$NAME`, a substitution as `$()`.
    pub text: String,
    /// Says something that only the shell will know: a variable, a substitution, arithmetic, braces.
    pub dynamic: bool,
    /// Holds an unquoted `*`, `?` or `[`.
    pub glob: bool,
    /// Expands `IFS`, which is how commands are written without blanks.
    pub splits: bool,
    /// Begins with an unquoted `~`.
    pub tilde: bool,
    /// Texts of the commands that it substitutes.
    pub substitutions: Vec<String>,
}

impl Word {
    /// Nothing about it is left to the shell.
    pub fn is_literal(&self) -> bool {
        !self.dynamic && !self.glob
    }
}

/// How deep constructs may nest inside one word.
const DEEPEST: usize = 16;

/// Reads a word of the tree; `None` when its quotes and brackets do not match.
pub(super) fn read(raw: &str, known: &Known) -> Option<Word> {
    let mut reader = Reader { rest: raw, word: Word::default(), known, level: 0 };
    reader.unquoted()?;
    Some(reader.word)
}

/// Reads the body of a here-document whose tag is not quoted, where quotes are plain characters.
pub(super) fn read_document(raw: &str, known: &Known) -> Option<Word> {
    let mut reader = Reader { rest: raw, word: Word::default(), known, level: 0 };
    while let Some(c) = reader.next() {
        reader.in_quotes(c)?;
    }
    Some(reader.word)
}

struct Reader<'a, 'k> {
    rest: &'a str,
    word: Word,
    known: &'k Known,
    level: usize,
}

impl Reader<'_, '_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..)?;
        Some(c)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// What stands before the next `end`, which is taken too.
    fn until(&mut self, end: char) -> Option<String> {
        let (inner, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(inner.to_owned())
    }

    fn unquoted(&mut self) -> Option<()> {
        self.word.tilde = self.rest.starts_with('~');
        while let Some(c) = self.next() {
            match c {
                '\'' => {
                    let inner = self.until('\'')?;
                    self.word.text.push_str(&inner);
                }
                '"' => self.quoted()?,
                '\\' => match self.next()? {
                    '\n' => {}
                    escaped => self.word.text.push(escaped),
                },
                '$' if self.eat("'") => self.ansi_c()?,
                '$' if self.eat("\"") => self.quoted()?,
                '$' => self.dollar()?,
                '`' => self.backquoted()?,
                '*' | '?' | '[' => {
                    // `[` alone is a program.
                    self.word.glob |= c != '[' || self.rest.contains(']');
                    self.word.text.push(c);
                }
                '{' => {
                    self.word.dynamic |= expands_braces(self.rest);
                    self.word.text.push(c);
                }
                c => self.word.text.push(c),
            }
        }
        Some(())
    }

    fn quoted(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                '"' => return Some(()),
                '\\' if self.eat("\"") => self.word.text.push('"'),
                c => self.in_quotes(c)?,
            }
        }
    }

    /// A character between double quotes or in a here-document.
    fn in_quotes(&mut self, c: char) -> Option<()> {
        match c {
            '\\' => match self.rest.chars().next() {
                Some(c @ ('$' | '`' | '\\')) => {
                    self.next();
                    self.word.text.push(c);
                }
                Some('\n') => {
                    self.next();
                }
                _ => self.word.text.push('\\'),
            },
            '$' => self.dollar()?,
            '`' => self.backquoted()?,
            c => self.word.text.push(c),
        }
        Some(())
    }

    fn backquoted(&mut self) -> Option<()> {
        let mut inner = String::new();
        loop {
            match self.next()? {
                '`' => break,
                '\\' => match self.next()? {
                    c @ ('`' | '\\' | '$') => inner.push(c),
                    c => inner.extend(['\\', c]),
                },
                c => inner.push(c),
            }
        }
        self.substitute(inner);
        Some(())
    }

    fn substitute(&mut self, inner: String) {
        self.word.dynamic = true;
        self.word.text.push_str("$()");
        self.word.substitutions.push(inner);
    }

    fn dollar(&mut self) -> Option<()> {
        let first = self.rest.chars().next();
        match first {
            Some('(') => {
                self.next();
                let inner = self.balanced(')')?;
                // `((` that closes as a pair is arithmetic; it may hold substitutions, as any index may.
                match inner.strip_prefix('(').and_then(|i| i.strip_suffix(')')).filter(|i| closes(i)) {
                    Some(arithmetic) => self.inside(arithmetic),
                    None => {
                        self.substitute(inner);
                        Some(())
                    }
                }
            }
            Some('[') => {
                self.next();
                let inner = self.until(']')?;
                self.inside(&inner)
            }
            Some('{') => {
                self.next();
                let inner = self.balanced('}')?;
                self.parameter(&inner)
            }
            Some(c) if c == '_' || c.is_ascii_alphabetic() => {
                let end = self.rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
                let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                let name = name.to_owned();
                self.rest = rest;
                self.variable(&name);
                Some(())
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.next();
                self.word.dynamic = true;
                self.word.text.extend(['$', c]);
                Some(())
            }
            _ => {
                self.word.text.push('$');
                Some(())
            }
        }
    }

    fn variable(&mut self, name: &str) {
        self.word.dynamic = true;
        self.word.splits |= name == "IFS";
        match self.known.get(name) {
            Some(value) => self.word.text.push_str(value),
            None if name == "HOME" => self.word.text.push('~'),
            None => {
                self.word.text.push('$');
                self.word.text.push_str(name);
            }
        }
    }

    /// The inside of `${...}`.
    fn parameter(&mut self, inner: &str) -> Option<()> {
        let start = inner.trim_start_matches(['!', '#']);
        let end = start.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(start.len());
        let (name, rest) = start.split_at(end);
        let default = rest.trim_start_matches(':');
        match default.strip_prefix(['-', '=', '+']) {
            // A default is what the word most likely becomes.
            Some(default) if !self.known.contains_key(name) && name != "HOME" => {
                self.word.splits |= name == "IFS";
                self.inside(default)
            }
            _ => {
                self.variable(name);
                let held = self.word.text.len();
                self.inside(rest)?;
                self.word.text.truncate(held);
                Some(())
            }
        }
    }

    /// Text that the shell expands as part of this word.
    fn inside(&mut self, text: &str) -> Option<()> {
        self.word.dynamic = true;
        if self.level >= DEEPEST {
            return None;
        }
        let mut reader =
            Reader { rest: text, word: Word::default(), known: self.known, level: self.level + 1 };
        reader.unquoted()?;
        self.word.text.push_str(&reader.word.text);
        self.word.splits |= reader.word.splits;
        self.word.substitutions.append(&mut reader.word.substitutions);
        Some(())
    }

    /// What stands before the bracket that closes the one just taken; the closing one is taken too.
    fn balanced(&mut self, close: char) -> Option<String> {
        let end = end_of(self.rest, close)?;
        let (inner, rest) = self.rest.split_at(end);
        let inner = inner.to_owned();
        self.rest = rest.get(1..)?;
        Some(inner)
    }

    fn ansi_c(&mut self) -> Option<()> {
        loop {
            let c = match self.next()? {
                '\'' => return Some(()),
                '\\' => self.escape()?,
                c => c,
            };
            self.word.text.push(c);
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'e' | 'E' => '\u{1b}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'x' => self.code(16, 2)?,
            'u' => self.code(16, 4)?,
            'U' => self.code(16, 8)?,
            'c' => char::from_u32(u32::from(self.next()?) & 0x1f)?,
            c @ '0'..='7' => {
                let more: String = self.rest.chars().take(2).take_while(|c| c.is_digit(8)).collect();
                self.rest = self.rest.get(more.len()..)?;
                let code = u32::from_str_radix(&format!("{c}{more}"), 8).ok()?;
                char::from_u32(code & 0xff)?
            }
            c => c,
        })
    }

    fn code(&mut self, radix: u32, most: usize) -> Option<char> {
        let digits: String = self.rest.chars().take(most).take_while(|c| c.is_digit(radix)).collect();
        self.rest = self.rest.get(digits.len()..)?;
        char::from_u32(u32::from_str_radix(&digits, radix).ok()?)
    }
}

/// Whether what follows an unquoted `{` makes it a brace expansion.
fn expands_braces(rest: &str) -> bool {
    rest.find('}')
        .and_then(|end| rest.get(..end))
        .is_some_and(|inner| inner.contains(',') || inner.contains(".."))
}

/// Whether round brackets match, so that the text was between a pair of its own.
fn closes(text: &str) -> bool {
    let mut depth = 0_i32;
    for c in text.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// Where the bracket stands that closes one already open, past quotes, comments and nested constructs.
fn end_of(text: &str, close: char) -> Option<usize> {
    let mut open = vec![close];
    let mut chars = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let top = *open.last()?;
        let follows = chars.peek().map(|(_, c)| *c);
        match c {
            '\\' => {
                chars.next()?;
            }
            c if c == top => {
                open.pop();
                if open.is_empty() {
                    return Some(at);
                }
            }
            '\'' if top != '"' && top != '`' => {
                chars.find(|(_, c)| *c == '\'')?;
            }
            '"' if top != '`' => open.push('"'),
            '`' => open.push('`'),
            '$' if follows == Some('(') => {
                chars.next();
                open.push(')');
            }
            '$' if follows == Some('{') => {
                chars.next();
                open.push('}');
            }
            '(' if top == ')' => open.push(')'),
            '#' if top == ')' && (before.is_whitespace() || before == ';') => {
                while chars.peek().is_some_and(|(_, c)| *c != '\n') {
                    chars.next();
                }
            }
            _ => {}
        }
        if open.len() > DEEPEST * 2 {
            return None;
        }
        before = c;
    }
    None
}
