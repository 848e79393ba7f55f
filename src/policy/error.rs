//! What is wrong with policy files, all of it at once, each with file, place and what to do.

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
    pub snippet: String,
    /// How many characters of the snippet are meant, at least 1.
    pub width: usize,
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
        let (start, end) = span;
        let before = text.get(..start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let snippet = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        let meant = text.get(start..end).and_then(|t| t.lines().next()).unwrap_or_default().chars().count();
        let line = before.matches('\n').count() + 1;
        let file = file.to_owned();
        Self { file, line, column, message, snippet: snippet.to_owned(), width: meant.max(1), hint }
    }

    /// A fault of the file as a whole, such as one that cannot be read.
    pub(super) fn whole(file: &str, message: String, hint: &str) -> Self {
        let hint = Some(hint.to_owned());
        Self { file: file.to_owned(), line: 1, column: 1, message, snippet: String::new(), width: 1, hint }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        if !self.snippet.is_empty() {
            let number = self.line.to_string();
            let margin = " ".repeat(number.len());
            let indent: String =
                self.snippet.chars().take(self.column - 1).map(|c| if c == '\t' { c } else { ' ' }).collect();
            write!(
                f,
                "\n{margin} |\n{number} | {}\n{margin} | {indent}{}",
                self.snippet,
                "^".repeat(self.width)
            )?;
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
