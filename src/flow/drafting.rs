//! Draft, check, and again with the faults: a plan that cannot work goes back before a person is bothered.

use super::{FlowFailure, Outcome, Ports, Step};
use crate::kernel::gate::checked::{self, CheckedPlan, Checking};
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::id::Digest;
use crate::kernel::plan::FlowGraph;
use crate::kernel::plan::graph::Prediction;
use crate::kernel::port::{Assessment, Draft, Tried, Usage};
use crate::kernel::record::Entry;

/// How often a planner drafts for one task, at most: once, and twice more with what was wrong (language.md: errors go
/// back at most 3 times). A model that fails three times in a row rarely finds it in the fourth.
pub const ROUNDS: u32 = 3;

/// The plan and whether it is pinned. Of a plan that no round mends, the last one's end is the run's: its faults, or
/// the next gate's refusal of the call that can never pass.
pub(super) fn draft(
    ports: &Ports<'_>,
    request: &Screened<Request>,
) -> Result<Step<(CheckedPlan, bool)>, FlowFailure> {
    let mut tried: Vec<Tried> = Vec::new();
    let mut draft = ask(ports, request, &tried)?;
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
            let next = ask(ports, request, &tried)?;
            // A planner that says the same again has nothing better; a written plan never has.
            if next.text != draft.text {
                draft = next;
                continue;
            }
        }
        return Ok(match checking {
            Checking::Checked(plan) => Step::Go((plan, draft.pinned)),
            Checking::Faulty(errors) => Step::End(Outcome::Faulty(errors)),
        });
    }
}

/// Asks the planner, and writes down what a model used for it, also when it gave up.
fn ask(ports: &Ports<'_>, request: &Screened<Request>, tried: &[Tried]) -> Result<Draft, FlowFailure> {
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
            Ok(draft)
        }
        Err(failure) => {
            if let Some(spent) = &failure.spent {
                record(None, spent, &None)?;
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
