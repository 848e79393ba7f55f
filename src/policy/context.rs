//! From the kernel's facts to Cedar's context, built as values, never through JSON text.

use super::command::CommandFacts;
use super::path::PathFacts;
use super::schema::{Form, ParamView, ToolView};
use super::slice::{self, Uses};
use crate::kernel::catalogue::{Effect, Role};
use crate::kernel::label::{Capacity, Label, Readers, Source};
use crate::kernel::port::{ArgFacts, CallFacts, FindingFacts, PlanFacts, PolicyFailure, Treatment};
use crate::kernel::principal::Principal;
use cedar_policy::{Context, EntityUid, RestrictedExpression as Expr};
use command::Commands;
use paths::Paths;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use std::collections::BTreeSet;

mod command;
mod paths;

/// What is known of a call: computed once, however often it is judged.
pub(super) struct Known<'a> {
    facts: &'a CallFacts<'a>,
    flow: Flow<'a>,
    paths: Paths,
    commands: Commands,
    /// The arguments as they are given, each with the facts of its path where it is one.
    args: Vec<(&'a ParamView, &'a ArgFacts, Option<PathFacts>)>,
}

impl<'a> Known<'a> {
    /// Looks at a call.
    ///
    /// # Errors
    /// When an argument does not fit the catalogue that the rules were checked against.
    pub fn of(view: &'a ToolView, facts: &'a CallFacts<'a>) -> Result<Self, PolicyFailure> {
        let mut flow = Flow::new(facts);
        let mut paths = Paths::default();
        let mut commands = Commands::default();
        let mut args = Vec::with_capacity(facts.args.len());
        for (n, arg) in facts.args.iter().enumerate() {
            let param = view.params.iter().find(|p| p.name == arg.name);
            let param = param.ok_or_else(|| unknown(facts, &arg.name))?;
            if facts.args.iter().take(n).any(|before| before.name == arg.name) {
                return Err(failure(format!("the argument {} is given twice", arg.name)));
            }
            flow.add(param, arg);
            let path = paths.add(param, arg);
            commands.add(param, arg, &mut paths);
            fits(param, arg)?;
            args.push((param, arg, path));
        }
        if missing(view, facts) {
            return Err(failure(format!("{} is called without an argument that it needs", facts.tool.name)));
        }
        commands.fit(facts)?;
        Ok(Self { facts, flow, paths, commands, args })
    }

    /// The call's facts.
    pub fn facts(&self) -> &'a CallFacts<'a> {
        self.facts
    }

    /// The facts of its commands, in the order of its arguments.
    pub fn into_commands(self) -> Vec<CommandFacts> {
        self.commands.into_facts()
    }

    /// Its context, as far as `uses` goes.
    ///
    /// # Errors
    /// When the facts are none that Cedar takes.
    pub fn context(&self, uses: &Uses, approved: bool) -> Result<Context, PolicyFailure> {
        let mut args = Vec::new();
        if uses.any_of("args") {
            for (param, arg, path) in &self.args {
                args.push((arg.name.to_string(), argument(param, arg, path.as_ref())?));
            }
        }
        finish(vec![
            ("args".to_owned(), record(args)?),
            ("flow".to_owned(), self.flow.record(self.facts, uses)?),
            ("paths".to_owned(), self.paths.record(uses)?),
            ("command".to_owned(), self.commands.record(uses)?),
            ("trust_level".to_owned(), long(self.facts.trust_level)),
            ("channel".to_owned(), text(self.facts.channel)),
            ("effect".to_owned(), text(effect(self.facts.effect))),
            ("approved".to_owned(), flag(approved)),
        ])
    }
}

/// The context of a whole plan.
pub(super) fn of_plan(facts: &PlanFacts<'_>, approved: bool) -> Result<Context, PolicyFailure> {
    finish(vec![
        ("mode".to_owned(), text(&facts.mode.to_string())),
        ("trust_level".to_owned(), long(facts.trust_level)),
        ("channel".to_owned(), text(facts.channel)),
        ("approved".to_owned(), flag(approved)),
        ("effect".to_owned(), text(effect(facts.effect))),
        ("will_ask".to_owned(), Expr::new_long(i64::try_from(facts.will_ask).unwrap_or(i64::MAX))),
        ("pinned".to_owned(), flag(facts.pinned)),
        ("tools".to_owned(), texts(facts.tools.iter().map(|t| t.as_ref()))),
    ])
}

/// The context of a finding.
pub(super) fn of_finding(
    facts: &FindingFacts<'_>,
    class: &EntityUid,
    severity: i64,
) -> Result<Context, PolicyFailure> {
    finish(vec![
        ("class".to_owned(), Expr::new_entity_uid(class.clone())),
        ("severity".to_owned(), Expr::new_long(severity)),
        ("scanner".to_owned(), text(&facts.finding.scanner)),
        ("rule".to_owned(), text(&facts.finding.rule)),
        ("executed".to_owned(), flag(facts.executed)),
        ("trusted".to_owned(), flag(facts.trusted)),
        ("trust_level".to_owned(), long(facts.trust_level)),
        ("channel".to_owned(), text(facts.channel)),
    ])
}

/// What is known of the call as a whole.
struct Flow<'a> {
    trusted: bool,
    /// The control flow says something too, so its readers and sources count as an argument's do.
    labels: Vec<&'a Label>,
    tainted: Vec<&'a str>,
    tainted_critical: Vec<&'a str>,
    recipients: Readers,
}

impl<'a> Flow<'a> {
    fn new(facts: &CallFacts<'a>) -> Self {
        let labels = vec![facts.pc];
        Self {
            trusted: true,
            labels,
            tainted: Vec::new(),
            tainted_critical: Vec::new(),
            recipients: recipients(facts),
        }
    }

    fn add(&mut self, param: &'a ParamView, arg: &'a ArgFacts) {
        self.labels.push(&arg.label);
        if arg.label.is_trusted() {
            return;
        }
        self.trusted = false;
        self.tainted.push(&param.name);
        // The catalogue decides what is critical; a caller may add to it, not take away.
        if param.critical || arg.critical {
            self.tainted_critical.push(&param.name);
        }
    }

    /// The labels of the arguments, without the control flow's: what was found stands in words.
    fn args(&self) -> impl Iterator<Item = &&'a Label> {
        self.labels.iter().skip(1)
    }

    fn record(&self, facts: &CallFacts<'_>, uses: &Uses) -> Result<Expr, PolicyFailure> {
        let sources = || self.labels.iter().flat_map(|l| l.sources()).collect::<BTreeSet<&Source>>();
        let mut parts = Parts::new("flow", uses);
        parts.add("trusted", || flag(self.trusted));
        parts.add("pc_trusted", || flag(facts.pc.is_trusted()));
        parts.add("sources", || Expr::new_set(sources().iter().map(|s| Expr::new_string(s.to_string()))));
        parts.add("source_kinds", || texts(sources().iter().map(|s| kind_of(s)).collect::<BTreeSet<_>>()));
        parts.add("tainted_args", || texts(self.tainted.iter().copied()));
        parts.add("tainted_critical", || texts(self.tainted_critical.iter().copied()));
        let found = || self.args().flat_map(|l| l.found());
        parts.add("found", || texts(found().map(|(class, _)| class.as_str()).collect::<BTreeSet<_>>()));
        parts.add("ask_first", || flag(found().any(|(_, treatment)| *treatment == Treatment::Ask)));
        parts.add("private", || flag(self.labels.iter().any(|l| *l.readers() != Readers::Public)));
        parts.add("leaves_readers", || {
            let outside = !self.labels.iter().all(|l| l.readers().include(&self.recipients));
            flag(facts.effect >= Effect::Egress && outside)
        });
        record(parts.fields)
    }
}

/// The parts of a record that some policy mentions.
struct Parts<'a> {
    needed: slice::Parts<'a>,
    fields: Vec<(String, Expr)>,
}

impl<'a> Parts<'a> {
    fn new(record: &str, uses: &'a Uses) -> Self {
        Self { needed: uses.of(record), fields: Vec::with_capacity(32) }
    }

    fn add(&mut self, part: &str, make: impl FnOnce() -> Expr) {
        if self.needed.contain(part) {
            self.fields.push((part.to_owned(), make()));
        }
    }
}

/// Who reads what the call sends: the recipients by name, or anybody when one is not known.
fn recipients(facts: &CallFacts<'_>) -> Readers {
    let mut named = BTreeSet::new();
    for arg in facts.args.iter().filter(|a| a.role == Role::Recipient) {
        match &arg.value {
            Some(Json::Null) => {}
            Some(value) => match strings(value) {
                Some(names) => named.extend(names.into_iter().map(Principal::new)),
                None => return Readers::Public,
            },
            None => return Readers::Public,
        }
    }
    match named.is_empty() {
        true => Readers::Public,
        false => Readers::Only(named.into()),
    }
}

fn argument(param: &ParamView, arg: &ArgFacts, path: Option<&PathFacts>) -> Result<Expr, PolicyFailure> {
    let label = &arg.label;
    let readers = match label.readers() {
        Readers::Public => Expr::new_set([]),
        Readers::Only(names) => texts(names.iter().map(Principal::name)),
    };
    let mut fields = Vec::with_capacity(9);
    fields.push(("trusted".to_owned(), flag(label.is_trusted())));
    fields.push(("kind".to_owned(), text(capacity(label.capacity()))));
    fields.push(("rank".to_owned(), long(label.capacity() as u8)));
    fields.push((
        "sources".to_owned(),
        Expr::new_set(label.sources().map(|s| Expr::new_string(s.to_string()))),
    ));
    fields.push(("readers".to_owned(), readers));
    fields.push(("public".to_owned(), flag(*label.readers() == Readers::Public)));
    fields.push(("critical".to_owned(), flag(param.critical || arg.critical)));
    if let Some(value) = value(param, arg)? {
        fields.push(("value".to_owned(), value));
    }
    if let Some(path) = path {
        fields.push(("path".to_owned(), path_record(path)?));
    }
    record(fields)
}

fn path_record(path: &PathFacts) -> Result<Expr, PolicyFailure> {
    record(vec![
        ("canonical".to_owned(), text(&path.canonical)),
        ("root".to_owned(), text(&path.root)),
        ("name".to_owned(), text(&path.name)),
        ("extension".to_owned(), text(&path.extension)),
        ("absolute".to_owned(), flag(path.absolute)),
        ("escapes".to_owned(), flag(path.escapes)),
        ("hidden".to_owned(), flag(path.hidden)),
    ])
}

/// The value in the form that rules see; nothing when it is null, not known yet or of no form.
fn value(param: &ParamView, arg: &ArgFacts) -> Result<Option<Expr>, PolicyFailure> {
    let Some(value) = arg.value.as_ref().filter(|v| !v.is_null()) else { return Ok(None) };
    let seen = match param.form {
        Form::Hidden => return Ok(None),
        Form::Bool => value.as_bool().map(flag),
        Form::Long => whole(value).map(Expr::new_long),
        Form::Decimal => decimal(value).map(|d| Expr::new_decimal(format!("{d:.4}"))),
        Form::Text => value.as_str().map(text),
        Form::Texts => strings(value).map(texts),
    };
    match seen {
        Some(seen) => Ok(Some(seen)),
        // The value is not quoted: it may be private.
        None => Err(failure(format!("the argument {} has a value that is not of its type", param.name))),
    }
}

/// Whether the value is of its type, where nobody looks at it.
fn fits(param: &ParamView, arg: &ArgFacts) -> Result<(), PolicyFailure> {
    match (&arg.value, param.form) {
        // A long text is not copied to find out that it is one.
        (Some(Json::String(_)), Form::Text | Form::Texts) => Ok(()),
        _ => value(param, arg).map(|_| ()),
    }
}

/// A whole number, at the nearest end when it is beyond Cedar's range, so that comparisons still hold.
fn whole(value: &Json) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| number.as_u64().map(|_| i64::MAX))
}

/// Cedar's decimals have four digits after the point and end at about 9.2e14. Rounds to the nearest, and takes the
/// nearest end beyond the range, so that comparisons still hold to a ten-thousandth.
fn decimal(value: &Json) -> Option<Decimal> {
    let written = match value {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.clone(),
        _ => return None,
    };
    let end = Decimal::from_i128_with_scale(i128::from(i64::MAX), 4);
    let exact = written.parse().or_else(|_| Decimal::from_scientific(&written));
    match (exact, written.parse::<f64>().ok()?) {
        (Ok(exact), _) => Some(exact.round_dp(4).clamp(-end, end)),
        (Err(_), float) if !float.is_finite() || float.abs() > 1.0 => {
            Some(if float > 0.0 { end } else { -end })
        }
        (Err(_), _) => Some(Decimal::ZERO),
    }
}

fn strings(value: &Json) -> Option<Vec<&str>> {
    match value {
        Json::String(one) => Some(vec![one]),
        Json::Array(many) => many.iter().map(Json::as_str).collect(),
        _ => None,
    }
}

fn missing(view: &ToolView, facts: &CallFacts<'_>) -> bool {
    view.params.iter().filter(|p| p.required).any(|p| facts.args.iter().all(|a| a.name != p.name))
}

fn unknown(facts: &CallFacts<'_>, name: &str) -> PolicyFailure {
    failure(format!(
        "{} has no argument {name} in the catalogue that the rules were checked against",
        facts.tool.name
    ))
}

fn failure(text: String) -> PolicyFailure {
    PolicyFailure(text)
}

fn finish(pairs: Vec<(String, Expr)>) -> Result<Context, PolicyFailure> {
    Context::from_pairs(pairs).map_err(|_| failure("the facts do not fit Cedar's context".to_owned()))
}

fn record(fields: Vec<(String, Expr)>) -> Result<Expr, PolicyFailure> {
    Expr::new_record(fields).map_err(|_| failure("an argument is given twice".to_owned()))
}

fn flag(value: bool) -> Expr {
    Expr::new_bool(value)
}

fn long(value: u8) -> Expr {
    Expr::new_long(i64::from(value))
}

fn text(value: &str) -> Expr {
    Expr::new_string(value.to_owned())
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> Expr {
    Expr::new_set(values.into_iter().map(text))
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Write => "write",
        Effect::Egress => "egress",
        Effect::Execute => "execute",
    }
}

fn capacity(capacity: Capacity) -> &'static str {
    match capacity {
        Capacity::Nothing => "nothing",
        Capacity::Bool => "bool",
        Capacity::Choice => "choice",
        Capacity::Number => "number",
        Capacity::Date => "date",
        Capacity::FormedSpan => "formed_span",
        Capacity::Span => "span",
        Capacity::Text => "text",
    }
}

fn kind_of(source: &Source) -> &'static str {
    match source {
        Source::User => "user",
        Source::Planner => "plan",
        Source::Worker(_) => "worker",
        Source::File(_) => "file",
        Source::Web(_) => "web",
        Source::Tool(_) => "tool",
        Source::Memory(_) => "memory",
        Source::Mcp(_) => "mcp",
        Source::Channel(_) => "channel",
    }
}
