//! What today's policy would say of the calls that a task made: nothing runs, nothing is written down.

use crate::kernel::catalogue::{Catalogue, Role};
use crate::kernel::id::{CallNo, RunId};
use crate::kernel::port::{ArgFacts, CallFacts, Policy, PolicyFailure, Verdict};
use crate::kernel::principal::Principal;
use crate::kernel::record::Entry;
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
        let facts = CallFacts { principal, channel, trust_level, tool, effect, args: &facts, pc: &pc };
        let now = policy.judge_call(&facts)?;
        // A call that was judged again after a restart stands once.
        out.retain(|judged| judged.step != step);
        out.push(Judged { step, call: name, then, now });
    }
    Ok(out)
}
