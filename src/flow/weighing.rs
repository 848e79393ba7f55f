//! A request is weighed with what was said before it in its conversation, before anything is planned for it.

use super::{FlowFailure, Outcome, Ports};
use crate::kernel::analysis::{Analysis, Concern};
use crate::kernel::gate::GateFailure;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::id::RunId;
use crate::kernel::port::{Border, Class, Crossing, Finding, FindingFacts, Reason, Treatment};
use crate::kernel::record::Entry;
use crate::session::{BLOCK, FADE_PER_MINUTE, Words, minutes_until_below};

/// The policy that a refusal names.
const RULE: &str = "conversation";

/// Weighs a request that was screened; gives the run's end when it is not to be planned. A warning is in the record and stops nothing.
pub(super) fn weigh(ports: &Ports<'_>, request: &Screened<Request>) -> Result<Option<Outcome>, FlowFailure> {
    let words = Words::of(&request.request().text);
    // A payload that was split over turns is whole only here.
    let across = match ports.conversation.together(&words) {
        Some(text) => {
            ports.scanners.scan(&text, &Crossing::at(Border::Request)).map_err(GateFailure::Scanner)?
        }
        None => Vec::new(),
    };
    let unread = unread(ports, request.request(), &across)?;
    if !unread.is_empty() {
        return Ok(Some(Outcome::Refused(unread)));
    }
    let analysis = ports.conversation.analyse(&words, request.findings(), &across);
    if analysis.score > 0.0 {
        ports.journal.record(&request.request().run, &Entry::Weighed { analysis: analysis.clone() })?;
    }
    Ok(match analysis.verdict {
        Concern::Pass | Concern::Warn => None,
        Concern::Block => Some(Outcome::Refused(refusal(&analysis))),
    })
}

/// Why a request does not pass with whose earlier turns a scanner failed: to the request is done what policy does about any
/// text that was not scanned. A label cannot say it, since nothing carries one yet.
fn unread(ports: &Ports<'_>, request: &Request, across: &[Finding]) -> Result<Vec<Reason>, FlowFailure> {
    let mut all = Vec::new();
    for finding in across.iter().filter(|finding| finding.class == Class::Failed) {
        let facts = FindingFacts {
            principal: &request.principal,
            channel: &request.channel,
            trust_level: request.trust_level,
            border: Border::Request,
            executed: false,
            trusted: true,
            finding,
        };
        let (treatment, reasons) = ports.policy.treat(&facts).map_err(GateFailure::Policy)?;
        if treatment > Treatment::Label {
            let told = |reason: Reason| Reason {
                text: format!("the turns before it with the request: {}: {}", reason.text, finding.reason),
                ..reason
            };
            all.extend(reasons.into_iter().map(told));
        }
    }
    Ok(all)
}

/// Notes what a blocked request was like, so that it is known when it comes again.
pub(super) fn sketch(ports: &Ports<'_>, run: &RunId, words: &Words) -> Result<(), FlowFailure> {
    ports.journal.record(run, &Entry::Sketched { gist: words.gist() })?;
    Ok(())
}

/// Why, and what to do.
fn refusal(analysis: &Analysis) -> Vec<Reason> {
    let reason = |text| Reason { policy: RULE.to_owned(), text };
    let why =
        analysis.reasons.iter().map(|w| reason(format!("the request {} ({}, +{})", w.why, w.rule, w.points)));
    let minutes = minutes_until_below(analysis.score, BLOCK);
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    let what_to_do = reason(format!(
        "this conversation's score is {}, and from {BLOCK:.1} on nothing more of it is planned: begin a new session (leave \
         session_id out), or wait {minutes} {unit}, since each minute of silence takes {FADE_PER_MINUTE:.1} off",
        analysis.score
    ));
    why.chain([what_to_do]).collect()
}
