//! A TOML file that a person wrote, read so that every fault is told with file, line and what to do.

use super::name::nearest;
use std::fmt::Display;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A value with its place.
pub type Placed<'t> = Spanned<DeValue<'t>>;
/// A key with its place.
pub type PlacedKey<'t> = Spanned<DeString<'t>>;

/// A TOML text and the faults found in it so far.
#[derive(Debug)]
pub struct Document<'t> {
    file: String,
    text: &'t str,
    lines_before: usize,
    faults: Vec<String>,
}

impl<'t> Document<'t> {
    /// A document that messages call `file`. `lines_before` of that file stand before the text.
    pub fn new(file: impl Into<String>, text: &'t str, lines_before: usize) -> Self {
        Self { file: file.into(), text, lines_before, faults: Vec::new() }
    }

    /// The table of the whole document; `None`, with a fault, when it is no TOML.
    pub fn table(&mut self) -> Option<DeTable<'t>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(table.into_inner()),
            Err(fault) => {
                self.fault(fault.span().map_or(0, |span| span.start), fault.message());
                None
            }
        }
    }

    /// Notes a fault at a byte of the text.
    pub fn fault(&mut self, at: usize, what: impl Display) {
        let before = self.text.get(..at).unwrap_or_default();
        let line = self.lines_before + before.matches('\n').count() + 1;
        self.faults.push(format!("{}:{line}: {what}", self.file));
    }

    /// Notes a key that is none of `known`, with the one it is most like. `what` says what it should be: `key`,
    /// `tool`, `argument`.
    pub fn unknown(&mut self, at: usize, what: &str, name: &str, known: &[&str]) {
        let hint = match nearest(name, known.iter().copied()) {
            Some(best) => format!("did you mean `{best}`?"),
            None if known.is_empty() => "there is none here".to_owned(),
            None => format!("known are {}", known.join(", ")),
        };
        self.fault(at, format!("unknown {what} `{name}`; {hint}"));
    }

    /// A text.
    pub fn text(&mut self, key: &PlacedKey<'_>, value: &Placed<'_>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(value.span().start, format!("`{}` must be a text in quotes", key.get_ref()));
        }
        text
    }

    /// True or false.
    pub fn boolean(&mut self, key: &PlacedKey<'_>, value: &Placed<'_>) -> Option<bool> {
        let yes = value.get_ref().as_bool();
        if yes.is_none() {
            self.fault(value.span().start, format!("`{}` must be true or false", key.get_ref()));
        }
        yes
    }

    /// A table, in the order of the file.
    pub fn entries<'v>(
        &mut self,
        key: &PlacedKey<'_>,
        value: &'v Placed<'t>,
    ) -> Vec<(&'v PlacedKey<'t>, &'v Placed<'t>)> {
        let Some(table) = value.get_ref().as_table() else {
            self.fault(value.span().start, format!("`{}` must be a table", key.get_ref()));
            return Vec::new();
        };
        in_order(table)
    }

    /// One of a closed list of words.
    pub fn word<T: Copy>(
        &mut self,
        key: &PlacedKey<'_>,
        value: &Placed<'_>,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(key, value)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let what = format!("`{}` cannot be `{text}`; it is one of {}", key.get_ref(), known.join(", "));
            self.fault(value.span().start, what);
        }
        found
    }

    /// How many faults there are so far.
    pub fn faults(&self) -> usize {
        self.faults.len()
    }

    /// All faults, in the order in which they were found.
    pub fn into_faults(self) -> Vec<String> {
        self.faults
    }
}

/// The entries of a table in the order of the file; the table itself sorts them.
pub fn in_order<'v, 't>(table: &'v DeTable<'t>) -> Vec<(&'v PlacedKey<'t>, &'v Placed<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
