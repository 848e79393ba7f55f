//! One call: looked at once, judged as it is and as if a person had approved it.

use super::{Engine, Evaluation, Target, judge};
use crate::kernel::port::{CallFacts, PolicyFailure, Verdict};
use crate::policy::context::Known;
use crate::policy::slice::{Slice, Uses};
use crate::shell::CommandFacts;
use cedar_policy::{EntityUid, Request};

/// A call, looked at.
pub(super) struct Seen<'a> {
    known: Known<'a>,
    target: &'a Target,
    action: &'a EntityUid,
    slice: &'a Slice,
    /// As it is. It serves for the approved call too where the slice does not look into the context for that.
    request: Request,
}

impl Engine {
    /// Judges a call and says what its commands amount to, which is computed once.
    pub(in crate::policy) fn judge_commands(
        &self,
        facts: &CallFacts<'_>,
    ) -> Result<(Result<Verdict, PolicyFailure>, Vec<CommandFacts>), PolicyFailure> {
        let seen = self.see(facts)?;
        Ok((self.judge_seen(&seen), seen.known.into_commands()))
    }

    /// Looks at a call: all that both of its evaluations need.
    pub(super) fn see<'a>(&'a self, facts: &'a CallFacts<'a>) -> Result<Seen<'a>, PolicyFailure> {
        let name = &facts.tool.name;
        let known = self.outline.tools.get(name).zip(self.targets.get(name));
        let Some((view, target)) = known else {
            return Err(PolicyFailure(format!(
                "the tool {name} is not in the catalogue that the rules were checked against"
            )));
        };
        let action = target.actions.iter().find(|(effect, _, _)| *effect == facts.effect);
        let Some((_, action, slice)) = action else {
            return Err(PolicyFailure(format!(
                "the tool {name} has no effect {} in the catalogue",
                facts.effect
            )));
        };
        let known = Known::of(view, facts)?;
        let request = self.request_for(&known, target, action, slice, false)?;
        Ok(Seen { known, target, action, slice, request })
    }

    fn request_for(
        &self,
        known: &Known<'_>,
        target: &Target,
        action: &EntityUid,
        slice: &Slice,
        approved: bool,
    ) -> Result<Request, PolicyFailure> {
        let principal = known.facts().principal;
        // INVARIANT: contexts fit the schema by construction; debug builds and tests make sure at every decision.
        if cfg!(debug_assertions) {
            let whole = known.context(&Uses::all(), approved)?;
            self.request(principal, action, &target.resource, whole, Some(&self.schema))?;
        }
        let context = known.context(&slice.uses, approved)?;
        self.request(principal, action, &target.resource, context, None)
    }

    pub(super) fn judge_seen(&self, seen: &Seen<'_>) -> Result<Verdict, PolicyFailure> {
        judge(|approved| self.evaluate_call(seen, approved))
    }

    pub(super) fn evaluate_call(&self, seen: &Seen<'_>, approved: bool) -> Result<Evaluation, PolicyFailure> {
        let Seen { known, target, action, slice, request } = seen;
        if approved && slice.asks_context() {
            let request = self.request_for(known, target, action, slice, approved)?;
            return self.evaluate(&request, slice.rules(approved));
        }
        self.evaluate(request, slice.rules(approved))
    }
}
