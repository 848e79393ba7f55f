//! What the policies would say about one path or one shell command, without a plan: for people who ask beforehand.
//!
//! Both go through [`Engine::judge_call`] with the facts of a call that a user makes with values of his own, so there
//! is one place that decides.

use super::engine::Engine;
use crate::kernel::catalogue::{Catalogue, Effect, Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::label::{Capacity, Integrity, Label, Source};
use crate::kernel::port::{ArgFacts, CallFacts, Policy as _, PolicyFailure, Reason, Verdict};
use crate::kernel::principal::Principal;
use crate::shell::{CommandFacts, command_facts, path_facts};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Stands in for a tool that runs commands while the catalogue has none. Plans cannot call it: it is in the schema only.
const PROBE: &str = "validate_command";

/// The principal and channel of a what-if.
const NOBODY: &str = "validate";

/// What would happen to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A file's content is read.
    Read,
    /// A file is written.
    Write,
    /// A folder's entries are read.
    List,
    /// A folder is made.
    Make,
}

impl Operation {
    /// The tool of the catalogue that does it.
    fn tool(self) -> &'static str {
        match self {
            Self::Read => "file_read",
            Self::Write => "file_write",
            Self::List => "list_dir",
            Self::Make => "mkdir",
        }
    }
}

/// A verdict's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// May happen.
    Allow,
    /// May happen when a person approves.
    Ask,
    /// May not happen.
    Deny,
}

/// What the policies say about a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathVerdict {
    /// The decision.
    pub outcome: Decision,
    /// The ids of the policies that decided.
    pub rules: Vec<String>,
    /// Their reasons, in the same order.
    pub reasons: Vec<String>,
    /// The path below the workspace; `None` when it leads elsewhere.
    pub canonical: Option<String>,
}

/// What the policies say about a shell command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandVerdict {
    /// The decision.
    pub outcome: Decision,
    /// The ids of the policies that decided.
    pub rules: Vec<String>,
    /// Their reasons, in the same order.
    pub reasons: Vec<String>,
    /// The programs and what was found.
    #[serde(flatten)]
    pub facts: CommandFacts,
}

impl Engine {
    /// Says what would become of a command that a user typed, at a trust level of 0 to 4.
    pub fn validate_command(&self, command: &str, trust_level: u8) -> CommandVerdict {
        let tool = runner(self.catalogue()).cloned().unwrap_or_else(|| Arc::new(probe()));
        let judge = |facts: &CallFacts<'_>| self.judge_commands(facts);
        let (judged, commands) = match typed(&tool, &[(Role::Command, command)], trust_level, judge) {
            Ok(judged) => judged,
            Err(failure) => (Err(failure), Vec::new()),
        };
        let (outcome, rules, reasons) = outcome(judged);
        let facts = commands.into_iter().next().unwrap_or_else(|| command_facts(command));
        CommandVerdict { outcome, rules, reasons, facts }
    }

    /// Says what would become of an operation on a path that a user typed, at a trust level of 0 to 4.
    pub fn validate_path(&self, path: &str, operation: Operation, trust_level: u8) -> PathVerdict {
        let name = operation.tool();
        let judged = match self.catalogue().get(name) {
            Some(tool) => typed(tool, &[(Role::Path, path), (Role::Data, "")], trust_level, |facts| {
                self.judge_call(facts)
            }),
            None => Err(PolicyFailure(format!("the catalogue has no tool {name}, so nothing does this"))),
        };
        let (outcome, rules, reasons) = outcome(judged);
        let facts = path_facts(path);
        PathVerdict { outcome, rules, reasons, canonical: (!facts.escapes).then_some(facts.canonical) }
    }
}

/// Asks about a call whose arguments are texts that a user typed, one for each role.
fn typed<T>(tool: &Tool, typed: &[(Role, &str)], level: u8, ask: impl FnOnce(&CallFacts<'_>) -> T) -> T {
    let given = |param: &Param| {
        let (_, text) = typed.iter().find(|(role, _)| *role == param.role)?;
        (param.required || param.role != Role::Data).then(|| ArgFacts {
            name: param.name.clone(),
            label: Label::trusted_from(Source::User),
            value: Some(Json::String((*text).to_owned())),
            critical: param.critical,
            role: param.role,
        })
    };
    let args: Vec<ArgFacts> = tool.params.iter().filter_map(given).collect();
    ask(&CallFacts {
        principal: &Principal::new(NOBODY),
        channel: NOBODY,
        trust_level: level,
        tool,
        effect: tool.effect,
        args: &args,
        pc: &Label::trusted_from(Source::User),
    })
}

/// The catalogue with a tool that runs commands, so that rules about commands can be asked before there is one.
pub(super) fn with_runner(catalogue: &Catalogue) -> Catalogue {
    match runner(catalogue) {
        Some(_) => catalogue.clone(),
        None => Catalogue::new(catalogue.iter().map(|tool| Tool::clone(tool)).chain([probe()])),
    }
}

/// The tool that runs commands: its one required argument is the command.
fn runner(catalogue: &Catalogue) -> Option<&Arc<Tool>> {
    let runs = |tool: &&Arc<Tool>| {
        let required = tool.params.iter().filter(|p| p.required || p.role == Role::Command);
        tool.effect == Effect::Execute && required.map(|p| p.role).eq([Role::Command])
    };
    catalogue.iter().find(runs)
}

fn probe() -> Tool {
    let command = Param {
        name: "command".into(),
        ty: Type::Str,
        required: true,
        doc: "".into(),
        critical: true,
        role: Role::Command,
    };
    Tool {
        name: PROBE.into(),
        doc: "".into(),
        params: vec![command],
        returns: Type::Str,
        effect: Effect::Execute,
        effect_with: Vec::new(),
        output: Grant { integrity: Integrity::Untrusted, capacity: Capacity::Text, public: false },
        fields: Vec::new(),
        origin: Origin::Tool,
        idempotent: false,
    }
}

/// What cannot be judged is denied.
fn outcome(judged: Result<Verdict, PolicyFailure>) -> (Decision, Vec<String>, Vec<String>) {
    let (outcome, reasons) = match judged {
        Ok(Verdict::Allow(reasons)) => (Decision::Allow, reasons),
        Ok(Verdict::Ask(reasons)) => (Decision::Ask, reasons),
        Ok(Verdict::Deny(reasons)) => (Decision::Deny, reasons),
        Err(failure) => {
            (Decision::Deny, vec![Reason { policy: "policy-failure".to_owned(), text: failure.to_string() }])
        }
    };
    let (rules, texts) = reasons.into_iter().map(|r| (r.policy, r.text)).unzip();
    (outcome, rules, texts)
}
