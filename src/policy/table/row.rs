//! The rows of a table as they are written, and the facts that they stand for.

use super::super::engine::Engine;
use super::Outcome;
use crate::kernel::catalogue::{Effect, Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::label::{Capacity, Found, Integrity, Label, Readers, Source};
use crate::kernel::port::{
    ApprovalMode, ArgFacts, Border, CallFacts, Class, Finding, FindingFacts, PlanFacts, Policy as _,
    PolicyFailure, Reason, Severity, Treatment, Verdict,
};
use crate::kernel::principal::Principal;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;
use std::sync::Arc;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolRow {
    pub name: Arc<str>,
    pub effect: Effect,
    #[serde(default)]
    pub effect_with: IndexMap<Arc<str>, Effect>,
    #[serde(default)]
    pub params: Vec<ParamRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParamRow {
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
    pub fn tool(&self) -> Tool {
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

fn ann() -> Principal {
    Principal::new("ann")
}

fn cli() -> String {
    "cli".to_owned()
}

// No `flatten` in the rows: serde then takes unknown keys, and a misspelt `untrusted` would mean trusted.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallRow {
    pub name: Spanned<String>,
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
    pub expect: Outcome,
    pub policies: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArgRow {
    value: Option<Json>,
    untrusted: Option<Capacity>,
    #[serde(default)]
    from: Vec<SourceRow>,
    readers: Option<Vec<Principal>>,
    /// What scanners found in it, and what rules said of that: `found = { credential = "ask" }`.
    #[serde(default)]
    found: Found,
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
    pub fn judge(&self, engine: &Engine) -> Result<Verdict, PolicyFailure> {
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
                label: label(row.untrusted, &row.from, row.readers.as_deref()).holding(&row.found),
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

pub(super) fn label(untrusted: Option<Capacity>, from: &[SourceRow], readers: Option<&[Principal]>) -> Label {
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
pub(super) struct SourceRow(pub Source);

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
pub(super) struct PlanRow {
    pub name: Spanned<String>,
    #[serde(default = "ann")]
    principal: Principal,
    #[serde(default = "cli")]
    channel: String,
    #[serde(default)]
    trust_level: u8,
    mode: ApprovalMode,
    #[serde(default)]
    tools: Vec<Arc<str>>,
    pub effect: Effect,
    #[serde(default)]
    will_ask: usize,
    #[serde(default)]
    pinned: bool,
    pub expect: Outcome,
    pub policies: Vec<String>,
}

impl PlanRow {
    pub fn judge(&self, engine: &Engine) -> Result<Verdict, PolicyFailure> {
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindingRow {
    pub name: Spanned<String>,
    #[serde(default = "ann")]
    principal: Principal,
    #[serde(default = "cli")]
    channel: String,
    #[serde(default)]
    trust_level: u8,
    border: Border,
    class: Class,
    severity: Severity,
    #[serde(default)]
    scanner: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    executed: bool,
    #[serde(default)]
    trusted: bool,
    pub expect: Outcome,
    pub policies: Vec<String>,
}

impl FindingRow {
    pub fn treat(&self, engine: &Engine) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        let finding = Finding {
            scanner: self.scanner.as_str().into(),
            class: self.class,
            severity: self.severity,
            start: 0,
            end: 0,
            rule: self.rule.as_str().into(),
            reason: String::new(),
        };
        engine.treat(&FindingFacts {
            principal: &self.principal,
            channel: &self.channel,
            trust_level: self.trust_level,
            border: self.border,
            executed: self.executed,
            trusted: self.trusted,
            finding: &finding,
        })
    }
}
