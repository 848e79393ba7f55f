//! Decision tables: what the policies decide, written down row by row, so that a change of policy is a change of a row.
//!
//! A table is a TOML file of `[[call]]`, `[[plan]]` and `[[finding]]` rows, and `[[tool]]` entries for tools that the catalogue does
//! not have. An argument without a `value` is one that is not known yet, as in a pre-flight. Labels are trusted and
//! public unless the row says otherwise:
//!
//! ```toml
//! [[call]]
//! name = "a stranger's text into the outbox asks"
//! tool = "file_write"
//! args.path = { value = "outbox/payments.csv" }
//! args.content = { value = "…", untrusted = "text", from = ["file inbox/a.txt"], readers = ["ann"] }
//! pc = { untrusted = "bool" }
//! expect = "ask"
//! policies = ["outbox-untrusted", "untrusted-branch"]
//! ```

use super::engine::Engine;
use super::error::PolicyErrors;
use crate::kernel::catalogue::{Catalogue, Tool};
use crate::kernel::port::{PolicyFailure, Reason, Treatment, Verdict};
use row::{CallRow, FindingRow, PlanRow, ToolRow};
use serde::Deserialize;
use std::fmt;
use std::sync::Arc;
use toml::Spanned;

mod row;

#[cfg(test)]
mod tests;

/// A table that cannot be run at all.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not TOML, or not of a table's form; the text shows the place.
    #[error("this is not a decision table: {0}")]
    Format(#[from] toml::de::Error),
    /// Says nothing.
    #[error("the decision table has no row: write [[call]], [[plan]] or [[finding]] entries")]
    Empty,
    /// A tool of the table hides one of the catalogue.
    #[error(
        "the table defines the tool {0}, which the catalogue has already: remove it, or rename it in the table"
    )]
    ToolTaken(Arc<str>),
    /// The policies do not fit the catalogue with the table's tools.
    #[error("the policies do not fit the table's tools:\n{0}")]
    Policies(#[from] PolicyErrors),
}

/// What a verdict comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// May happen.
    Allow,
    /// May happen when a person approves.
    Ask,
    /// May not happen.
    Deny,
    /// The policies cannot be evaluated, which counts as a denial.
    Failure,
    /// A finding is kept and shown.
    Note,
    /// A finding goes into the datum's label.
    Label,
    /// What was found is taken out, and a keyed hash stands there.
    Hash,
    /// What was found is taken out, and a number stands there.
    Token,
    /// What was found is taken out, and asterisks stand there.
    Mask,
    /// What was found is taken out.
    Redact,
    /// The text does not pass.
    Block,
}

impl From<Treatment> for Outcome {
    fn from(treatment: Treatment) -> Self {
        match treatment {
            Treatment::Note => Self::Note,
            Treatment::Label => Self::Label,
            Treatment::Hash => Self::Hash,
            Treatment::Token => Self::Token,
            Treatment::Mask => Self::Mask,
            Treatment::Redact => Self::Redact,
            Treatment::Ask => Self::Ask,
            Treatment::Block => Self::Block,
        }
    }
}

/// An outcome and the ids of the policies that are its reasons, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What.
    pub outcome: Outcome,
    /// Why.
    pub policies: Vec<String>,
}

impl Decided {
    fn new(outcome: Outcome, mut policies: Vec<String>) -> Self {
        policies.sort();
        Self { outcome, policies }
    }
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.outcome {
            Outcome::Allow => "allow",
            Outcome::Ask => "ask",
            Outcome::Deny => "deny",
            Outcome::Failure => "failure",
            Outcome::Note => "note",
            Outcome::Label => "label",
            Outcome::Hash => "hash",
            Outcome::Token => "token",
            Outcome::Mask => "mask",
            Outcome::Redact => "redact",
            Outcome::Block => "block",
        })?;
        write!(f, " ({})", self.policies.join(", "))
    }
}

/// A row and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowResult {
    /// The row's name.
    pub name: String,
    /// Where its name stands in the table, counted from 1.
    pub line: usize,
    /// What the row says.
    pub expected: Decided,
    /// What the policies say.
    pub got: Decided,
    /// Why they could not be evaluated, when they could not.
    pub failure: Option<String>,
}

impl RowResult {
    /// Whether the policies decide as the row says, for the same reasons.
    pub fn holds(&self) -> bool {
        self.expected == self.got
    }
}

/// Runs every row of a table.
///
/// # Errors
/// When the table cannot be read or its tools do not fit; a row that does not hold is a result.
pub fn run(text: &str, engine: &Engine) -> Result<Vec<RowResult>, TableError> {
    let table = Table::read(text)?;
    if table.tool.is_empty() {
        return Ok(table.judged_by(text, engine));
    }
    let engine = engine.over(&table.extend(engine.catalogue())?)?;
    Ok(table.judged_by(text, &engine))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    tool: Vec<ToolRow>,
    #[serde(default)]
    call: Vec<CallRow>,
    #[serde(default)]
    plan: Vec<PlanRow>,
    #[serde(default)]
    finding: Vec<FindingRow>,
}

impl Table {
    fn read(text: &str) -> Result<Self, TableError> {
        let table: Self = toml::from_str(text)?;
        if table.call.is_empty() && table.plan.is_empty() && table.finding.is_empty() {
            return Err(TableError::Empty);
        }
        Ok(table)
    }

    fn extend(&self, catalogue: &Catalogue) -> Result<Catalogue, TableError> {
        if let Some(taken) = self.tool.iter().find(|t| catalogue.get(&t.name).is_some()) {
            return Err(TableError::ToolTaken(taken.name.clone()));
        }
        let known = catalogue.iter().map(|tool| Tool::clone(tool));
        Ok(Catalogue::new(known.chain(self.tool.iter().map(ToolRow::tool))))
    }

    fn judged_by(&self, text: &str, engine: &Engine) -> Vec<RowResult> {
        let calls = self
            .call
            .iter()
            .map(|row| result(text, &row.name, (row.expect, &row.policies), row.judge(engine).map(decided)));
        let plans = self
            .plan
            .iter()
            .map(|row| result(text, &row.name, (row.expect, &row.policies), row.judge(engine).map(decided)));
        let findings = self.finding.iter().map(|row| {
            let treated = row.treat(engine).map(|(treatment, reasons)| (treatment.into(), reasons));
            result(text, &row.name, (row.expect, &row.policies), treated)
        });
        calls.chain(plans).chain(findings).collect()
    }
}

fn decided(verdict: Verdict) -> (Outcome, Vec<Reason>) {
    match verdict {
        Verdict::Allow(reasons) => (Outcome::Allow, reasons),
        Verdict::Ask(reasons) => (Outcome::Ask, reasons),
        Verdict::Deny(reasons) => (Outcome::Deny, reasons),
    }
}

/// Turns a row's expectation and what came of it into a result.
fn result(
    text: &str,
    name: &Spanned<String>,
    expected: (Outcome, &[String]),
    judged: Result<(Outcome, Vec<Reason>), PolicyFailure>,
) -> RowResult {
    let line = text.get(..name.span().start).unwrap_or_default().matches('\n').count() + 1;
    let (outcome, reasons, failure) = match judged {
        Ok((outcome, reasons)) => (outcome, reasons, None),
        Err(failure) => (Outcome::Failure, Vec::new(), Some(failure.0)),
    };
    RowResult {
        name: name.get_ref().clone(),
        line,
        expected: Decided::new(expected.0, expected.1.to_vec()),
        got: Decided::new(outcome, reasons.into_iter().map(|r| r.policy).collect()),
        failure,
    }
}
