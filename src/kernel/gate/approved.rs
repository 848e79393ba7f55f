//! The third gate: a plan that policy or a person allows to run.

use super::GateFailure;
use super::checked::CheckedPlan;
use super::question::{Answer, Decision, Question, Shown};
use super::screened::{Request, Screened};
use crate::kernel::catalogue::{Catalogue, Effect};
use crate::kernel::id::Digest;
use crate::kernel::plan::ast::Plan;
use crate::kernel::plan::graph::{FlowGraph, Prediction};
use crate::kernel::port::{ApprovalMode, Assessment, Journal, PlanFacts, Policy, Reason, Verdict};
use crate::kernel::record::{Entry, QuestionEnd};
use std::collections::BTreeSet;
use std::sync::Arc;

/// On what terms a plan is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How plans are approved.
    pub mode: ApprovalMode,
    /// Whether a person approved exactly this plan text before, as a playbook.
    pub pinned: bool,
}

impl Default for Terms {
    /// Every plan asks.
    fn default() -> Self {
        Self { mode: ApprovalMode::Full, pinned: false }
    }
}

/// A plan that may start, for the request it was judged for. Made only here.
#[derive(Debug)]
#[must_use = "an approved plan is there to be started"]
pub struct ApprovedPlan {
    plan: Arc<Plan>,
    catalogue: Arc<Catalogue>,
    request: Arc<Request>,
}

/// What the policy says of a plan.
#[must_use]
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once a plan and taken apart at once")]
pub enum Judgement {
    /// It may start.
    Approved(ApprovedPlan),
    /// A person must decide.
    Ask(PlanQuestion),
    /// It may not run.
    Denied(Vec<Reason>),
}

/// A plan that waits for a person. Answering uses it up.
#[derive(Debug)]
#[must_use = "somebody waits for this question"]
pub struct PlanQuestion {
    held: ApprovedPlan,
    question: Question,
    policy: Digest,
}

/// A plan that a person decided about.
#[must_use]
#[derive(Debug)]
pub enum Answered {
    /// It may start.
    Approved(ApprovedPlan),
    /// The person said no.
    Rejected(Vec<Reason>),
}

/// Judges a checked plan.
///
/// # Errors
/// When the policy or the journal fails.
pub fn judge(
    plan: CheckedPlan,
    request: &Screened<Request>,
    policy: &dyn Policy,
    terms: Terms,
    journal: &dyn Journal,
) -> Result<Judgement, GateFailure> {
    let request = Arc::new(request.request().clone());
    let (plan, graph, catalogue, asks) = plan.into_parts();
    let digest = plan.digest();
    let verdict = asked_too(verdict_on(&graph, &request, policy, terms)?, asks);
    let held = ApprovedPlan { plan, catalogue, request };
    match verdict {
        Verdict::Allow(reasons) => {
            let entry = Entry::PlanApproved { digest, policy: policy.version(), by: None, reasons };
            journal.record(&held.request.run, &entry)?;
            Ok(Judgement::Approved(held))
        }
        Verdict::Deny(reasons) => {
            journal.record(&held.request.run, &Entry::PlanRefused { digest, reasons: reasons.clone() })?;
            Ok(Judgement::Denied(reasons))
        }
        Verdict::Ask(reasons) => {
            let (request, plan) = (held.request.text.clone(), held.plan.text().to_owned());
            let shown = Shown::Plan { request, plan, graph, assessment: None };
            let question = Question {
                digest: question_digest(&held, policy.version()),
                run: held.request.run.clone(),
                reasons: reasons.clone(),
                shown,
            };
            let entry = Entry::Asked { question: question.digest, call: None, reasons };
            journal.record(&held.request.run, &entry)?;
            Ok(Judgement::Ask(PlanQuestion { held, question, policy: policy.version() }))
        }
    }
}

/// INVARIANT: a plan with a call that can never pass is denied before a person is bothered with it.
fn verdict_on(
    graph: &FlowGraph,
    request: &Request,
    policy: &dyn Policy,
    terms: Terms,
) -> Result<Verdict, GateFailure> {
    let never: Vec<Reason> = graph
        .calls
        .iter()
        .filter(|c| c.prediction == Prediction::Never)
        .flat_map(|c| c.reasons.iter().cloned())
        .collect();
    if !never.is_empty() {
        return Ok(Verdict::Deny(never));
    }
    let tools: BTreeSet<Arc<str>> = graph.tool_calls().map(|c| c.name.clone()).collect();
    let tools: Vec<Arc<str>> = tools.into_iter().collect();
    let facts = PlanFacts {
        principal: &request.principal,
        channel: &request.channel,
        trust_level: request.trust_level,
        mode: terms.mode,
        tools: &tools,
        effect: graph.tool_calls().map(|c| c.effect).max().unwrap_or(Effect::Read),
        will_ask: graph.calls.iter().filter(|c| c.prediction == Prediction::Ask).count(),
        pinned: terms.pinned,
    };
    Ok(policy.judge_plan(&facts)?)
}

/// A verdict with what screening asks about as well.
pub(super) fn asked_too(verdict: Verdict, asks: Vec<Reason>) -> Verdict {
    match verdict {
        Verdict::Allow(_) if !asks.is_empty() => Verdict::Ask(asks),
        Verdict::Ask(reasons) => Verdict::Ask([reasons, asks].concat()),
        verdict => verdict,
    }
}

fn question_digest(held: &ApprovedPlan, policy: Digest) -> Digest {
    let request = &held.request;
    let level = [request.trust_level];
    Digest::of_parts([
        b"plan".as_slice(),
        request.run.as_str().as_bytes(),
        request.principal.name().as_bytes(),
        request.text.as_bytes(),
        &level,
        held.plan.digest().as_bytes(),
        held.catalogue.digest().as_bytes(),
        policy.as_bytes(),
    ])
}

impl PlanQuestion {
    /// The same question with what the planner thinks shown beside it. That decides nothing.
    pub fn beside(mut self, opinion: Option<Assessment>) -> Self {
        if let Shown::Plan { assessment, .. } = &mut self.question.shown {
            *assessment = opinion;
        }
        self
    }

    /// What the person is shown.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Takes the person's answer.
    ///
    /// # Errors
    /// When the answer belongs to another question, or the journal fails.
    pub fn answer(self, answer: &Answer, journal: &dyn Journal) -> Result<Answered, GateFailure> {
        self.question.must_be(answer.question)?;
        let run = &self.held.request.run;
        let digest = self.held.plan.digest();
        let reasons = self.question.reasons.clone();
        match answer.decision {
            Decision::Approve => {
                let by = Some(answer.by.clone());
                let entry = Entry::PlanApproved { digest, policy: self.policy, by, reasons };
                // The approval is bound to this run, and a run makes no call twice: it may be used again on resuming.
                journal.record(run, &ended(answer, QuestionEnd::Approved))?;
                journal.record(run, &entry)?;
                Ok(Answered::Approved(self.held))
            }
            Decision::Deny => {
                let reasons = denied_by(answer);
                journal.record(run, &ended(answer, QuestionEnd::Denied))?;
                journal.record(run, &Entry::PlanRefused { digest, reasons: reasons.clone() })?;
                Ok(Answered::Rejected(reasons))
            }
        }
    }
}

pub(super) fn denied_by(answer: &Answer) -> Vec<Reason> {
    let words = answer.reason.clone().unwrap_or_else(|| "no reason given".to_owned());
    vec![Reason { policy: "person".to_owned(), text: format!("{} said no: {words}", answer.by) }]
}

pub(super) fn ended(answer: &Answer, end: QuestionEnd) -> Entry {
    Entry::Answered {
        question: answer.question,
        end,
        by: Some(answer.by.clone()),
        reason: answer.reason.clone(),
        edits: Vec::new(),
    }
}

impl ApprovedPlan {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(in crate::kernel) fn into_parts(self) -> (Arc<Plan>, Arc<Catalogue>, Arc<Request>) {
        (self.plan, self.catalogue, self.request)
    }
}
