//! Draft, check, and again with the faults: a plan that cannot work goes back before a person is bothered.

use super::{FlowFailure, Outcome, Ports, Step};
use crate::kernel::gate::checked::{self, CheckedPlan, Checking};
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::id::Digest;
use crate::kernel::plan::FlowGraph;
use crate::kernel::plan::graph::Prediction;
use crate::kernel::port::{Assessment, Draft, NoPlan, PLANNER_REFUSES, Reason, Tried, Usage};
use crate::kernel::record::Entry;

/// How often a planner drafts for one task, at most: once, and twice more with what was wrong (language.md: errors go
/// back at most 3 times). A model that fails three times in a row rarely finds it in the fourth.
pub const ROUNDS: u32 = 3;

/// A plan that has no faults.
pub(super) struct Drafted {
    pub(super) plan: CheckedPlan,
    /// Whether a person approved exactly this text before.
    pub(super) pinned: bool,
    /// The gravest that the planner thought of the conversation, over all rounds.
    pub(super) assessment: Option<Assessment>,
}

/// The plan. Of a plan that no round mends, the last one's end is the run's: its faults, or
/// the next gate's refusal of the call that can never pass.
pub(super) fn draft(ports: &Ports<'_>, request: &Screened<Request>) -> Result<Step<Drafted>, FlowFailure> {
    let mut tried: Vec<Tried> = Vec::new();
    let mut draft = match ask(ports, request, &tried)? {
        Step::Go(draft) => draft,
        Step::End(outcome) => return Ok(Step::End(outcome)),
    };
    let mut gravest = draft.assessment.clone();
    loop {
        let checking = checked::check(
            &draft.text,
            request,
            ports.catalogue,
            ports.scanners,
            ports.policy,
            ports.journal,
        )?;
        let faults = match &checking {
            Checking::Checked(plan) => hopeless(plan.graph()),
            Checking::Faulty(errors) => errors.to_string(),
        };
        let last = tried.len() + 1 >= ROUNDS as usize;
        if !faults.is_empty() && !last {
            tried.push(Tried { text: draft.text.clone(), faults });
            let next = match ask(ports, request, &tried)? {
                Step::Go(next) => next,
                Step::End(outcome) => return Ok(Step::End(outcome)),
            };
            // It only rises: a planner that calms down in the next round does not take it back.
            let graver = |risk| gravest.as_ref().is_none_or(|so_far| risk > so_far.risk);
            if let Some(assessment) = next.assessment.clone().filter(|more| graver(more.risk)) {
                gravest = Some(assessment);
            }
            // A planner that says the same again has nothing better; a written plan never has.
            if next.text != draft.text {
                draft = next;
                continue;
            }
        }
        return Ok(match checking {
            Checking::Checked(plan) => Step::Go(Drafted { plan, pinned: draft.pinned, assessment: gravest }),
            Checking::Faulty(errors) => Step::End(Outcome::Faulty(errors)),
        });
    }
}

/// Asks the planner, and writes down what a model used for it, also when it gave up. A planner that refuses ends the run as
/// a gate does: to the request, not to the machinery.
fn ask(ports: &Ports<'_>, request: &Screened<Request>, tried: &[Tried]) -> Result<Step<Draft>, FlowFailure> {
    let round = u32::try_from(tried.len() + 1).unwrap_or(u32::MAX);
    let record = |draft: Option<Digest>, usage: &Usage, assessment: &Option<Assessment>| {
        let entry = Entry::Drafted { round, draft, usage: usage.clone(), assessment: assessment.clone() };
        ports.journal.record(&request.request().run, &entry)
    };
    match ports.planner.draft(request, ports.catalogue, tried) {
        Ok(draft) => {
            if let Some(usage) = &draft.usage {
                record(Some(Digest::of(draft.text.as_bytes())), usage, &draft.assessment)?;
            }
            Ok(Step::Go(draft))
        }
        Err(failure) => {
            if let Some(spent) = &failure.spent {
                record(None, spent, &None)?;
            }
            if failure.cause == NoPlan::Refused {
                let reason = Reason { policy: PLANNER_REFUSES.to_owned(), text: failure.message };
                return Ok(Step::End(Outcome::Refused(vec![reason])));
            }
            Err(failure.into())
        }
    }
}

/// The calls that can never pass, one a line, with the rules that say so; empty when there is none.
fn hopeless(graph: &FlowGraph) -> String {
    let never = graph.calls.iter().filter(|call| call.prediction == Prediction::Never);
    let lines = never.map(|call| {
        let rules: Vec<String> =
            call.reasons.iter().map(|reason| format!("{}: {}", reason.policy, reason.text)).collect();
        format!("line {}: `{}` can never pass ({})", call.line, call.name, rules.join("; "))
    });
    lines.collect::<Vec<_>>().join("\n")
}
