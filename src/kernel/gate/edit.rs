//! A person's own values in the place of a call's arguments, given instead of an answer to the question about it.
//!
//! An edit decides nothing. It makes another call, which goes through the gate like any other, and leaves everything
//! but the named arguments as it was: their values, their labels, and how the plan came here. A named argument is the
//! person's own only where it was wholly replaced ([`MIN_RUN`]).

use super::question::{Question, Shown};
use crate::kernel::catalogue::{Catalogue, Tool, Type};
use crate::kernel::id::{CallNo, Digest};
use crate::kernel::label::{Label, Source};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, QuestionEnd, RecordedArg};
use crate::kernel::run::What;
use crate::kernel::run::progress::PendingCall;
use crate::kernel::value::{Mark, Node};
use kept::Before;
pub use kept::MIN_RUN;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

mod kept;
#[cfg(test)]
mod tests;

/// Longest name of a stranger's that a refusal quotes, in characters.
const MAX_QUOTED: usize = 120;

/// What an authenticated person puts in the place of arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The digest of the question that was shown.
    pub question: Digest,
    /// The values by the argument's name; null takes an optional argument away.
    pub args: Map<String, Json>,
    /// Who wrote them.
    pub by: Principal,
    /// In the person's words.
    pub reason: Option<String>,
}

/// An edit that cannot be. The question stays as it is. Names arguments and types, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRefused {
    /// The question is about a plan, or is the plan's own.
    #[error(
        "only the arguments of a tool's call can be edited, and this question is about {0}: approve or deny it, and \
         give a task with another plan where the plan is wrong"
    )]
    NotACall(&'static str),
    /// There is nothing in it.
    #[error("no argument is named: name what is to change, or approve")]
    Empty,
    /// The tool takes no such argument.
    #[error("`{tool}` has no argument `{name}`: it takes {known}")]
    Unknown {
        /// Which tool.
        tool: Arc<str>,
        /// The argument as it was named.
        name: String,
        /// The arguments that there are.
        known: String,
    },
    /// The value has another type.
    #[error("`{tool}` takes {expected} as `{name}`: {misfit}")]
    Misfit {
        /// Which tool.
        tool: Arc<str>,
        /// Which argument.
        name: String,
        /// What it takes.
        expected: Type,
        /// Where the value differs.
        misfit: String,
    },
    /// A scanner found something grave in it.
    #[error("a scanner stops it ({0}): write it again without what it found")]
    Blocked(String),
    /// It is what stands there already.
    #[error("`{0}` is that already: leave out what does not change")]
    Unchanged(String),
}

/// Whether an edit of this question can be taken. For faces and stores, so that a person is told at once what is wrong;
/// the gate looks again.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(
    question: &Question,
    catalogue: &Catalogue,
    args: &Map<String, Json>,
) -> Result<(), EditRefused> {
    let (name, before) = match &question.shown {
        Shown::Call { tool, args, .. } => (tool, args),
        Shown::Plan { .. } => return Err(EditRefused::NotACall("a plan")),
        Shown::Confirm { .. } => return Err(EditRefused::NotACall("what the plan asks you")),
        Shown::Reply { .. } => return Err(EditRefused::NotACall("a reply")),
    };
    let tool = catalogue.get(name).ok_or(EditRefused::NotACall("no tool of this catalogue"))?;
    check_args(tool, before, args)
}

/// Whether a person's own values fit into a call with these arguments.
///
/// # Errors
/// The first thing that is wrong.
pub fn check_args(tool: &Tool, before: &[RecordedArg], args: &Map<String, Json>) -> Result<(), EditRefused> {
    let before = before.iter().map(|arg| (arg.name.to_string(), arg.value.clone())).collect();
    fits(tool, &before, args)
}

fn fits(tool: &Tool, before: &Map<String, Json>, args: &Map<String, Json>) -> Result<(), EditRefused> {
    if args.is_empty() {
        return Err(EditRefused::Empty);
    }
    for (name, value) in args {
        let unknown = || {
            let known: Vec<String> = tool.params.iter().map(|param| format!("`{}`", param.name)).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let name = name.chars().take(MAX_QUOTED).collect();
            EditRefused::Unknown { tool: tool.name.clone(), name, known }
        };
        let param = tool.param(name).ok_or_else(unknown)?;
        let taken_away = value.is_null() && !param.required;
        if let (Err(misfit), false) = (param.ty.check(value, name), taken_away) {
            let (tool, expected) = (tool.name.clone(), param.ty.clone());
            let misfit = format!("found {} at {}", misfit.found, misfit.path);
            return Err(EditRefused::Misfit { tool, name: name.clone(), expected, misfit });
        }
        // INVARIANT: a stranger's value is not made the person's own by being sent back as it was.
        if same(before.get(name), value) {
            return Err(EditRefused::Unchanged(name.clone()));
        }
    }
    Ok(())
}

/// By what they are, not by how they are written: 1 and 1.0 are the same amount.
fn same(before: Option<&Json>, now: &Json) -> bool {
    let plain = |json: &Json| Node::from_json(json, "", &|_| Mark::trusted());
    plain(before.unwrap_or(&Json::Null)).data.equals(&plain(now).data)
}

/// The label of what a person typed for exactly this call: as trusted and as public as the texts of their plan.
fn typed() -> Label {
    Label::trusted_from(Source::User)
}

/// The arguments that a call would have with a person's own values in it: what they wholly replace is as their own words,
/// what still has something of the value before is no better than that was, and all others are as they were. For faces
/// that want to know what policy would say; the gate computes its own, element by element of a list.
pub fn foreseen(tool: &Tool, before: &[RecordedArg], args: &Map<String, Json>) -> Vec<RecordedArg> {
    let kept = before.iter().filter(|arg| !args.contains_key(arg.name.as_ref())).cloned();
    let edited = args.iter().filter(|(name, value)| stays(tool, name, value)).map(|(name, value)| {
        let old = before.iter().find(|arg| arg.name.as_ref() == name).map(known);
        recorded(name, value, &written(tool, name, &Vec::from_iter(&old), value))
    });
    kept.chain(edited).collect()
}

/// Of the arguments into which a person would put own values, those that would be a stranger's all the same: each by its
/// name, with its label.
pub fn still_strange(
    question: &Question,
    catalogue: &Catalogue,
    args: &Map<String, Json>,
) -> Vec<(Arc<str>, Label)> {
    let Shown::Call { tool, args: before, .. } = &question.shown else { return Vec::new() };
    let edited = catalogue.get(tool).map(|tool| foreseen(tool, before, args)).unwrap_or_default();
    let named = edited.into_iter().filter(|arg| args.contains_key(arg.name.as_ref()));
    named.filter(|arg| !arg.label.is_trusted()).map(|arg| (arg.name, arg.label)).collect()
}

/// A recorded argument as a value, all of which is worth what the argument is worth.
fn known(arg: &RecordedArg) -> Node {
    let mark = Mark::of(arg.label.clone());
    let through = arg.through.iter().map(|call| Mark::made_by(Label::trusted(), call.0));
    let mark = through.fold(mark, |all, one| all.join(&one));
    Node::from_json(&arg.value, "", &|_| mark.clone())
}

/// The value that a person wrote, with the marks of what it still has of those before.
fn written(tool: &Tool, name: &str, before: &[&Node], value: &Json) -> Node {
    match tool.param(name) {
        Some(param) => Before::of(before, &param.ty).edited(value),
        None => Node::from_json(value, "", &|_| Mark::of(typed())),
    }
}

/// Null takes an argument away, unless it is a value that the argument takes.
fn stays(tool: &Tool, name: &str, value: &Json) -> bool {
    tool.param(name).is_some_and(|param| param.ty.check(value, name).is_ok())
}

/// An argument as its person wrote it.
fn recorded(name: &str, value: &Json, written: &Node) -> RecordedArg {
    let mark = written.deep();
    RecordedArg {
        name: Arc::from(name),
        value: value.clone(),
        label: mark.label().clone(),
        through: mark.through().map(CallNo).collect(),
        findings: Vec::new(),
    }
}

/// The call with an edit in it, and what was written.
///
/// INVARIANT: only the named arguments change, and only theirs is the new label. What stood there before an earlier edit
/// counts, too: a stranger's value does not become the person's own by way of another one.
pub(super) fn apply(
    mut call: PendingCall,
    edit: &Edit,
) -> Result<(PendingCall, Vec<RecordedArg>), EditRefused> {
    let (Some(tool), What::Tool { args, .. }) = (&call.tool, &mut call.wanted.what) else {
        return Err(EditRefused::NotACall("no tool's call"));
    };
    let replaced = &mut call.replaced;
    fits(tool, &call.args, &edit.args)?;
    let mut edits = Vec::new();
    for (name, value) in &edit.args {
        let known = args.iter().chain(replaced.iter()).filter(|(known, _)| known.as_ref() == name);
        let before: Vec<&Node> = known.map(|(_, before)| before).collect();
        let node = written(tool, name, &before, value);
        edits.push(recorded(name, value, &node));
        match args.iter_mut().find(|(known, _)| known.as_ref() == name) {
            Some((name, before)) => replaced.push((name.clone(), std::mem::replace(before, node))),
            None => args.push((Arc::from(name.as_str()), node)),
        }
        if stays(tool, name, value) {
            call.args.insert(name.clone(), value.clone());
        } else {
            call.args.remove(name);
        }
    }
    call.edited = Some(edit.question);
    Ok((call, edits))
}

impl Edit {
    /// The end of the edited question, with what was written in the place of its arguments.
    pub(super) fn superseded(&self, edits: Vec<RecordedArg>) -> Entry {
        Entry::Answered {
            question: self.question,
            end: QuestionEnd::Superseded,
            by: Some(self.by.clone()),
            reason: self.reason.clone(),
            edits,
        }
    }
}
