//! What is wrong with a plan, where, and what to do about it.

#[cfg(test)]
mod tests;

use super::ast::Span;
use crate::kernel::excerpt::{Excerpt, line_column};
use std::fmt::{self, Write as _};

/// One fault in a plan's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError {
    /// Where in the text.
    pub span: Span,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to write instead, where we know.
    pub hint: Option<String>,
}

impl PlanError {
    /// A fault at `span`.
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    /// The same fault with a hint.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// All faults of a plan, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", render(text, errors, None))]
pub struct PlanErrors {
    /// The plan's text.
    pub text: String,
    /// At least one fault.
    pub errors: Vec<PlanError>,
}

impl PlanErrors {
    pub(in crate::kernel) fn new(text: &str, mut errors: Vec<PlanError>) -> Self {
        errors.sort_by_key(|e| (e.span.start, e.span.end));
        errors.dedup();
        Self { text: text.to_owned(), errors }
    }

    /// The line and column of each fault, counted from 1, beside the fault.
    pub fn located(&self) -> impl Iterator<Item = ((usize, usize), &PlanError)> {
        self.errors.iter().map(|e| (line_column(&self.text, e.span.start as usize), e))
    }

    /// All faults as text, each with its place in the file that the plan was read from.
    pub fn in_file(&self, file: &str) -> String {
        render(&self.text, &self.errors, Some(file))
    }
}

fn render(text: &str, errors: &[PlanError], file: Option<&str>) -> String {
    let mut out = String::new();
    for error in errors {
        let Excerpt { line, column, shown, carets } =
            Excerpt::of(text, error.span.start as usize..error.span.end as usize);
        let gutter = " ".repeat(line.to_string().len());
        // Writing to a String cannot fail.
        let _ = writeln!(out, "error: {}", error.message);
        let _ = match file {
            Some(file) => writeln!(out, "{gutter}--> {file}:{line}:{column}"),
            None => writeln!(out, "{gutter}--> line {line}, column {column}"),
        };
        let _ = writeln!(out, "{gutter} |\n{line} | {shown}\n{gutter} | {carets}");
        if let Some(hint) = &error.hint {
            let _ = writeln!(out, "{gutter} = help: {hint}");
        }
    }
    if let [_, _, ..] = errors {
        let _ = writeln!(out, "{} errors in the plan", errors.len());
    }
    out.truncate(out.trim_end().len());
    out
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

/// The known name nearest to a wrong one, when it is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(wrong, name), name));
    scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}
