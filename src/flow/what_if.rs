//! What today's policy would say of the calls that a task made: nothing runs, nothing is written down.

use crate::kernel::catalogue::{Catalogue, Role, Tool};
use crate::kernel::gate::edit::{self, EditRefused};
use crate::kernel::gate::question::{Question, Shown};
use crate::kernel::id::{CallNo, RunId};
use crate::kernel::label::Label;
use crate::kernel::port::{ArgFacts, CallFacts, Policy, PolicyFailure, Verdict};
use crate::kernel::principal::Principal;
use crate::kernel::record::{Entry, RecordedArg};
use crate::store::{Store, StoreError};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
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
    /// It supposes what cannot be.
    #[error(transparent)]
    Supposed(#[from] Unsupposable),
}

/// What is supposed of a run's calls, other than they were.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Supposed {
    /// Another trust level than the one that the run had, 0 to 4.
    pub trust_level: Option<u8>,
    /// A person's own values in the place of arguments, by the call's number.
    pub edits: BTreeMap<CallNo, Map<String, Json>>,
}

/// What cannot be supposed, and why.
#[derive(Debug, thiserror::Error)]
pub enum Unsupposable {
    /// There is no such level.
    #[error("`trust_level` is a whole number from 0 to {MAX_TRUST_LEVEL}")]
    Level,
    /// No call of a tool has this number.
    #[error("`edits` names step {0}, which is no call of a tool in this task")]
    NoCall(u32),
    /// The values do not fit.
    #[error("`edits` of step {step}: {why}")]
    Misfit {
        /// Which call.
        step: u32,
        /// What is wrong.
        why: EditRefused,
    },
}

/// The highest trust level; from the design of the trust levels.
const MAX_TRUST_LEVEL: u8 = 4;

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
    let (principal, channel) = whose(store, &question.run)?;
    let whose = (&principal, &channel);
    Ok(verdict(policy, tool, whose, trust_level, edit::foreseen(tool, args, edits), pc)?)
}

/// On whose behalf a run is, and by which channel it came.
pub(super) fn whose(store: &Store, run: &RunId) -> Result<(Principal, Arc<str>), WhatIfFailure> {
    let entries = store.entries(run)?;
    let whose = entries.into_iter().find_map(|(_, _, entry)| match entry {
        Entry::RequestScreened { principal, channel, .. } => Some((principal, channel)),
        _ => None,
    });
    whose.ok_or(WhatIfFailure::Missing("the request"))
}

/// What policy says of a call that nobody makes.
pub(super) fn verdict(
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

/// Judges the tool calls of a run anew, as they were or as is supposed. Calls of tools that are no longer there, and
/// questions to the worker or to people, which no policy judges, are left out.
///
/// # Errors
/// When the journal cannot be read, the policy fails, or what is supposed cannot be.
pub fn judge(
    store: &Store,
    policy: &dyn Policy,
    catalogue: &Catalogue,
    run: &RunId,
    trust_level: u8,
    supposed: &Supposed,
) -> Result<Vec<Judged>, WhatIfFailure> {
    let trust_level = supposed.trust_level.unwrap_or(trust_level);
    if trust_level > MAX_TRUST_LEVEL {
        return Err(Unsupposable::Level.into());
    }
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
        let args = match supposed.edits.get(&step) {
            None => args,
            Some(edits) => {
                let misfit = |why| Unsupposable::Misfit { step: step.0, why };
                edit::check_args(tool, &args, edits).map_err(misfit)?;
                edit::foreseen(tool, &args, edits)
            }
        };
        let now = verdict(policy, tool, (principal, channel), trust_level, args, &pc)?;
        // A call that was judged again after a restart stands once.
        out.retain(|judged| judged.step != step);
        out.push(Judged { step, call: name, then, now });
    }
    let unknown = supposed.edits.keys().find(|step| !out.iter().any(|judged| judged.step == **step));
    if let Some(step) = unknown {
        return Err(Unsupposable::NoCall(step.0).into());
    }
    Ok(out)
}
