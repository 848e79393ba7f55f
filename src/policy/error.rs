//! What is wrong with policy files, all of it at once, each with file, place and what to do.

use crate::kernel::excerpt::Excerpt;
use std::fmt;

/// One fault in a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The file's name as it was given.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The line in question; empty when there is none to show.
    pub snippet: Box<str>,
    /// Carets for under the snippet.
    pub carets: Box<str>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl PolicyError {
    /// A fault at the bytes `start..end` of `text`.
    pub(super) fn at(
        file: &str,
        text: &str,
        span: (usize, usize),
        message: String,
        hint: Option<String>,
    ) -> Self {
        let Excerpt { line, column, shown, carets } = Excerpt::of(text, span.0..span.1);
        Self {
            file: file.to_owned(),
            line,
            column,
            message,
            snippet: shown.into(),
            carets: carets.into(),
            hint,
        }
    }

    /// A fault of the file as a whole, such as one that cannot be read.
    pub(super) fn whole(file: &str, message: String, hint: &str) -> Self {
        let hint = Some(hint.to_owned());
        let (snippet, carets) = (Box::from(""), Box::from(""));
        Self { file: file.to_owned(), line: 1, column: 1, message, snippet, carets, hint }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        if !self.snippet.is_empty() {
            let number = self.line.to_string();
            let margin = " ".repeat(number.len());
            write!(f, "\n{margin} |\n{number} | {}\n{margin} | {}", self.snippet, self.carets)?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Every fault that was found; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyErrors(pub Vec<PolicyError>);

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}
