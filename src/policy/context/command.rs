//! The shell commands of a call, for `context.command`.

use super::paths::Paths;
use super::{Parts, flag, record, strings, texts};
use crate::kernel::catalogue::{Effect, Role};
use crate::kernel::port::{ArgFacts, CallFacts, PolicyFailure};
use crate::policy::schema::ParamView;
use crate::policy::slice::Uses;
use crate::shell::{CommandFacts, Finding, command_facts, path_facts};
use cedar_policy::RestrictedExpression as Expr;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The facts of all commands of a call together.
#[derive(Default)]
pub(super) struct Commands {
    given: bool,
    unknown: bool,
    facts: Vec<CommandFacts>,
}

impl Commands {
    /// Adds an argument's commands, and the files that they redirect to the paths of the call.
    pub fn add(&mut self, param: &ParamView, arg: &ArgFacts, paths: &mut Paths) {
        if param.role != Role::Command && arg.role != Role::Command {
            return;
        }
        self.given = true;
        match &arg.value {
            None => {
                self.unknown = true;
                paths.unknown = true;
            }
            Some(Json::Null) => {}
            Some(value) => match strings(value) {
                // The facts of no text are that it cannot be read.
                None => self.facts.push(command_facts("")),
                Some(texts) => self.facts.extend(texts.into_iter().map(command_facts)),
            },
        }
        for redirect in self.facts.iter().flat_map(|facts| &facts.redirects) {
            match redirect.literal {
                true if is_scratch(&redirect.target) => {}
                true => paths.fold(&path_facts(&redirect.target)),
                false => paths.unknown = true,
            }
        }
    }

    /// The rules about commands are rules about running programs, so a tool that runs one must say that it does.
    pub fn fit(&self, facts: &CallFacts<'_>) -> Result<(), PolicyFailure> {
        if self.given && facts.effect != Effect::Execute {
            return Err(PolicyFailure(format!(
                "the tool {} takes a command and its effect is {}: the catalogue must say execute",
                facts.tool.name, facts.effect
            )));
        }
        Ok(())
    }

    pub fn into_facts(self) -> Vec<CommandFacts> {
        self.facts
    }

    /// One set of words of all commands together.
    fn all<'a>(&'a self, of: impl Fn(&'a CommandFacts) -> &'a BTreeSet<String>) -> Expr {
        distinct(self.facts.iter().flat_map(of).map(String::as_str))
    }

    pub fn record(&self, uses: &Uses) -> Result<Expr, PolicyFailure> {
        let mut parts = Parts::new("command", uses);
        parts.add("given", || flag(self.given));
        parts.add("known", || flag(!self.unknown));
        parts.add("programs", || {
            let programs = self.facts.iter().flat_map(|facts| &facts.programs);
            distinct(programs.map(|program| program.name.as_str()))
        });
        parts.add("assigned", || self.all(|facts| &facts.assigned));
        parts.add("names", || self.all(|facts| &facts.names));
        parts.add("folders", || self.all(|facts| &facts.folders));
        parts.add("extensions", || {
            let names = self.facts.iter().flat_map(|facts| &facts.names);
            distinct(names.filter_map(|name| Some(name.rsplit_once('.')?.1)))
        });
        for (finding, name) in Finding::ALL {
            parts.add(name, || flag(self.facts.iter().any(|facts| facts.findings.contains(&finding))));
        }
        record(parts.fields)
    }
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Expr {
    texts(words.collect::<BTreeSet<_>>())
}

/// Folders for files that nobody keeps. They are outside the workspace, which asks; other places are refused.
fn is_scratch(target: &str) -> bool {
    let inside = target.strip_prefix("/tmp/").or_else(|| target.strip_prefix("/var/tmp/"));
    inside.is_some_and(|inside| !path_facts(inside).escapes)
}
