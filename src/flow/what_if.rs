//! What today's policy would say of the calls that a task made: nothing runs, nothing is written down.

use crate::kernel::catalogue::{Catalogue, Role, Tool};
use crate::kernel::gate::edit;
use crate::kernel::gate::question::{Question, Shown};
use crate::kernel::id::{CallNo, RunId};
use crate::kernel::label::Label;
use crate::kernel::port::{ArgFacts, CallFacts, Policy, PolicyFailure, Verdict};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, RecordedArg};
use crate::store::{Store, StoreError};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// One call, then and now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// Its number.
    pub step: CallNo,
    /// The tool.
    pub call: Arc<str>,
    /// What policy said then.
    pub then: Verdict,
    /// What it says now.
    pub now: Verdict,
}

/// There is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WhatIfFailure {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy failed.
    #[error(transparent)]
    Policy(#[from] PolicyFailure),
    /// There is nothing to judge by.
    #[error("the journal does not have {0} of this run")]
    Missing(&'static str),
}

/// What policy would say of a question's call with a person's own values in the place of arguments.
///
/// # Errors
/// As [`judge`], and when the run's request or the tool is not there: what cannot be judged is no yes.
pub fn judge_edited(
    store: &Store,
    policy: &dyn Policy,
    catalogue: &Catalogue,
    question: &Question,
    edits: &Map<String, Json>,
    trust_level: u8,
) -> Result<Verdict, WhatIfFailure> {
    let Shown::Call { tool, args, pc, .. } = &question.shown else {
        return Err(WhatIfFailure::Missing("a call"));
    };
    let tool = catalogue.get(tool).ok_or(WhatIfFailure::Missing("a tool"))?;
    let entries = store.entries(&question.run)?;
    let whose = entries.iter().find_map(|(_, _, entry)| match entry {
        Entry::RequestScreened { principal, channel, .. } => Some((principal, channel)),
        _ => None,
    });
    let whose = whose.ok_or(WhatIfFailure::Missing("the request"))?;
    Ok(verdict(policy, tool, whose, trust_level, edit::foreseen(tool, args, edits), pc)?)
}

fn verdict(
    policy: &dyn Policy,
    tool: &Tool,
    (principal, channel): (&Principal, &Arc<str>),
    trust_level: u8,
    args: Vec<RecordedArg>,
    pc: &Label,
) -> Result<Verdict, PolicyFailure> {
    let values: Map<String, Json> = args.iter().map(|a| (a.name.to_string(), a.value.clone())).collect();
    let facts: Vec<ArgFacts> = args
        .into_iter()
        .map(|arg| ArgFacts {
            critical: tool.param(&arg.name).is_some_and(|param| param.critical),
            role: tool.param(&arg.name).map_or(Role::Data, |param| param.role),
            name: arg.name,
            label: arg.label,
            value: Some(arg.value),
        })
        .collect();
    let effect = tool.effect_of(&values);
    policy.judge_call(&CallFacts { principal, channel, trust_level, tool, effect, args: &facts, pc })
}

/// Judges the tool calls of a run anew. Calls of tools that are no longer there, and questions to the worker or to
/// people, which no policy judges, are left out.
///
/// # Errors
/// When the journal cannot be read, or the policy fails.
pub fn judge(
    store: &Store,
    policy: &dyn Policy,
    catalogue: &Catalogue,
    run: &RunId,
    trust_level: u8,
) -> Result<Vec<Judged>, WhatIfFailure> {
    let mut whose: Option<(Principal, Arc<str>)> = None;
    let mut out: Vec<Judged> = Vec::new();
    for (_, _, entry) in store.entries(run)? {
        let (step, name, args, pc, then) = match entry {
            Entry::RequestScreened { principal, channel, .. } => {
                whose = Some((principal, channel));
                continue;
            }
            Entry::CallStarted { call, name, args, pc, verdict, .. } => (call, name, args, pc, verdict),
            Entry::CallRefused { call, name, args, pc, reasons, .. } => {
                (call, name, args, pc, Verdict::Deny(reasons))
            }
            _ => continue,
        };
        let (Some(tool), Some((principal, channel))) = (catalogue.get(&name), &whose) else { continue };
        let now = verdict(policy, tool, (principal, channel), trust_level, args, &pc)?;
        // A call that was judged again after a restart stands once.
        out.retain(|judged| judged.step != step);
        out.push(Judged { step, call: name, then, now });
    }
    Ok(out)
}
