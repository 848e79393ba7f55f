//! Decision tables: what the policies decide, written down row by row, so that a change of policy is a change of a row.
//!
//! A table is a TOML file of `[[call]]` and `[[plan]]` rows, and `[[tool]]` entries for tools that the catalogue does
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
use crate::kernel::catalogue::{Catalogue, Effect, Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::label::{Capacity, Integrity, Label, Readers, Source};
use crate::kernel::port::{
    ApprovalMode, ArgFacts, CallFacts, PlanFacts, Policy as _, PolicyFailure, Verdict,
};
use crate::kernel::principal::Principal;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;
use std::fmt;
use std::sync::Arc;
use toml::Spanned;

/// A table that cannot be run at all.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not TOML, or not of a table's form; the text shows the place.
    #[error("this is not a decision table: {0}")]
    Format(#[from] toml::de::Error),
    /// Says nothing.
    #[error("the decision table has no row: write [[call]] or [[plan]] entries")]
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
}

impl Table {
    fn read(text: &str) -> Result<Self, TableError> {
        let table: Self = toml::from_str(text)?;
        if table.call.is_empty() && table.plan.is_empty() {
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
            .map(|row| result(text, &row.name, (row.expect, &row.policies), row.judge(engine)));
        let plans = self
            .plan
            .iter()
            .map(|row| result(text, &row.name, (row.expect, &row.policies), row.judge(engine)));
        calls.chain(plans).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolRow {
    name: Arc<str>,
    effect: Effect,
    #[serde(default)]
    effect_with: IndexMap<Arc<str>, Effect>,
    #[serde(default)]
    params: Vec<ParamRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParamRow {
    name: Arc<str>,
    #[serde(rename = "type")]
    ty: Ty,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    critical: bool,
    #[serde(default = "data")]
    role: Role,
}

fn data() -> Role {
    Role::Data
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Ty {
    Bool,
    Int,
    Decimal,
    Str,
    Strs,
    Any,
}

impl ToolRow {
    fn tool(&self) -> Tool {
        let params = self.params.iter().map(|p| Param {
            name: p.name.clone(),
            ty: match p.ty {
                Ty::Bool => Type::Bool,
                Ty::Int => Type::Int,
                Ty::Decimal => Type::Decimal,
                Ty::Str => Type::Str,
                Ty::Strs => Type::List(Box::new(Type::Str)),
                Ty::Any => Type::Any,
            },
            required: !p.optional,
            doc: "".into(),
            critical: p.critical,
            role: p.role,
        });
        Tool {
            name: self.name.clone(),
            doc: "".into(),
            params: params.collect(),
            returns: Type::Any,
            effect: self.effect,
            effect_with: self.effect_with.iter().map(|(arg, effect)| (arg.clone(), *effect)).collect(),
            output: Grant { integrity: Integrity::Untrusted, capacity: Capacity::Text, public: false },
            fields: Vec::new(),
            origin: Origin::Tool,
            idempotent: false,
        }
    }
}

/// Turns a row's expectation and what came of it into a result.
fn result(
    text: &str,
    name: &Spanned<String>,
    expected: (Outcome, &[String]),
    judged: Result<Verdict, PolicyFailure>,
) -> RowResult {
    let line = text.get(..name.span().start).unwrap_or_default().matches('\n').count() + 1;
    let (outcome, reasons, failure) = match judged {
        Ok(Verdict::Allow(reasons)) => (Outcome::Allow, reasons, None),
        Ok(Verdict::Ask(reasons)) => (Outcome::Ask, reasons, None),
        Ok(Verdict::Deny(reasons)) => (Outcome::Deny, reasons, None),
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

fn ann() -> Principal {
    Principal::new("ann")
}

fn cli() -> String {
    "cli".to_owned()
}

// No `flatten` in the rows: serde then takes unknown keys, and a misspelt `untrusted` would mean trusted.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallRow {
    name: Spanned<String>,
    #[serde(default = "ann")]
    principal: Principal,
    #[serde(default = "cli")]
    channel: String,
    #[serde(default)]
    trust_level: u8,
    tool: Arc<str>,
    #[serde(default)]
    args: IndexMap<Arc<str>, ArgRow>,
    #[serde(default)]
    pc: PcRow,
    expect: Outcome,
    policies: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArgRow {
    value: Option<Json>,
    untrusted: Option<Capacity>,
    #[serde(default)]
    from: Vec<SourceRow>,
    readers: Option<Vec<Principal>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct PcRow {
    untrusted: Option<Capacity>,
    #[serde(default)]
    from: Vec<SourceRow>,
    readers: Option<Vec<Principal>>,
}

impl CallRow {
    fn judge(&self, engine: &Engine) -> Result<Verdict, PolicyFailure> {
        let Some(tool) = engine.catalogue().get(&self.tool) else {
            return Err(PolicyFailure(format!(
                "neither the catalogue nor the table has the tool {}",
                self.tool
            )));
        };
        let facts = |(name, row): (&Arc<str>, &ArgRow)| {
            let param = tool.param(name);
            ArgFacts {
                name: name.clone(),
                label: label(row.untrusted, &row.from, row.readers.as_deref()),
                value: row.value.clone(),
                critical: param.is_some_and(|p| p.critical),
                role: param.map_or(Role::Data, |p| p.role),
            }
        };
        let args: Vec<ArgFacts> = self.args.iter().map(facts).collect();
        let known = args.iter().filter_map(|a| Some((a.name.to_string(), a.value.clone()?)));
        let known = serde_json::Map::from_iter(known);
        let unknown = |name: &str| args.iter().any(|a| a.name.as_ref() == name && a.value.is_none());
        engine.judge_call(&CallFacts {
            principal: &self.principal,
            channel: &self.channel,
            trust_level: self.trust_level,
            tool,
            effect: tool.effect_of(&known).max(tool.effect_given(unknown)),
            args: &args,
            pc: &label(self.pc.untrusted, &self.pc.from, self.pc.readers.as_deref()),
        })
    }
}

fn label(untrusted: Option<Capacity>, from: &[SourceRow], readers: Option<&[Principal]>) -> Label {
    let sources = from.iter().map(|row| row.0.clone());
    let labels: Vec<Label> = match untrusted {
        None => sources.map(Label::trusted_from).collect(),
        Some(capacity) if from.is_empty() => {
            vec![Label::untrusted_from(Source::File("inbox/stranger.txt".into()), capacity)]
        }
        Some(capacity) => sources.map(|source| Label::untrusted_from(source, capacity)).collect(),
    };
    let label = Label::join_all(&labels);
    match readers {
        None => label,
        Some(names) => label.narrowed_to(&Readers::Only(Arc::new(names.iter().cloned().collect()))),
    }
}

/// A source as screens show it: `user`, `plan`, or a kind and a name, such as `file inbox/a.txt`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct SourceRow(Source);

impl TryFrom<String> for SourceRow {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let named = |(kind, name): (&str, &str)| {
            let name: Arc<str> = name.into();
            Some(match kind {
                "worker" => Source::Worker(name),
                "file" => Source::File(name),
                "web" => Source::Web(name),
                "tool" => Source::Tool(name),
                "memory" => Source::Memory(name),
                "mcp" => Source::Mcp(name),
                "channel" => Source::Channel(name),
                _ => return None,
            })
        };
        match text.as_str() {
            "user" => Ok(Self(Source::User)),
            "plan" => Ok(Self(Source::Planner)),
            other => other.split_once(' ').and_then(named).map(Self).ok_or_else(|| {
                format!("`{other}` is no source: write user, plan, or one of worker, file, web, tool, memory, mcp, channel and a name")
            }),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanRow {
    name: Spanned<String>,
    #[serde(default = "ann")]
    principal: Principal,
    #[serde(default = "cli")]
    channel: String,
    #[serde(default)]
    trust_level: u8,
    mode: ApprovalMode,
    #[serde(default)]
    tools: Vec<Arc<str>>,
    effect: Effect,
    #[serde(default)]
    will_ask: usize,
    #[serde(default)]
    pinned: bool,
    expect: Outcome,
    policies: Vec<String>,
}

impl PlanRow {
    fn judge(&self, engine: &Engine) -> Result<Verdict, PolicyFailure> {
        engine.judge_plan(&PlanFacts {
            principal: &self.principal,
            channel: &self.channel,
            trust_level: self.trust_level,
            mode: self.mode,
            tools: &self.tools,
            effect: self.effect,
            will_ask: self.will_ask,
            pinned: self.pinned,
        })
    }
}
