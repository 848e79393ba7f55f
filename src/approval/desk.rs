//! The desk: keeps questions in the store, hands them to a voice, and takes each answer once.

use super::{Voice, Vote, edit, millis, row};
use crate::kernel::gate::question::{Answer, Decision, Question};
use crate::kernel::port::{People, PeopleFailure, Said};
use crate::kernel::principal::Principal;
use crate::store::{self, AnswerError, QuestionState, Store};

/// Asks people, through the store.
pub struct Desk<'d> {
    store: &'d Store,
    voice: &'d dyn Voice,
    approver: Principal,
    clock: store::Clock,
    ttl_millis: i64,
}

impl<'d> Desk<'d> {
    /// A desk at which `approver`, whom the channel has authenticated, speaks through `voice`. An unanswered question
    /// expires after `ttl_seconds`.
    pub fn new(
        store: &'d Store,
        voice: &'d dyn Voice,
        approver: Principal,
        clock: store::Clock,
        ttl_seconds: u64,
    ) -> Self {
        Self { store, voice, approver, clock, ttl_millis: millis(ttl_seconds) }
    }

    fn given(&self, question: &Question, decision: Decision, reason: Option<String>) -> Said {
        Said::Answer(Answer { question: question.digest, decision, by: self.approver.clone(), reason })
    }

    fn settle(&self, id: &str, question: &Question, vote: Vote) -> Result<Said, AnswerError> {
        let (decision, answer, reason) = match vote {
            Vote::Silence => return Ok(Said::Waiting(id.to_owned())),
            Vote::Stop => {
                self.store.cancel(&question.run, (self.clock)())?;
                return Ok(Said::Stop);
            }
            Vote::Approve { reason } => (Decision::Approve, store::Answer::Granted, reason),
            Vote::Deny { reason } => (Decision::Deny, store::Answer::Denied, reason),
        };
        let now = (self.clock)();
        match self.store.answer(id, &question.digest, answer, &self.approver, reason.as_deref(), now) {
            Ok(_) => Ok(self.given(question, decision, reason)),
            Err(AnswerError::Expired(_)) => Ok(Said::Expired),
            // Somebody was faster; what they said counts.
            Err(AnswerError::AlreadyDecided { state: QuestionState::Approved, .. }) => {
                Ok(self.given(question, Decision::Approve, None))
            }
            Err(AnswerError::AlreadyDecided { state: QuestionState::Denied, .. }) => {
                Ok(self.given(question, Decision::Deny, None))
            }
            Err(AnswerError::Superseded(id)) => {
                let edited = self.store.question(&id)?.as_ref().and_then(edit);
                edited.ok_or(AnswerError::Superseded(id))
            }
            Err(failure) => Err(failure),
        }
    }
}

impl People for Desk<'_> {
    fn ask(&self, question: &Question) -> Result<Said, PeopleFailure> {
        let failed = |e: &dyn std::fmt::Display| PeopleFailure(e.to_string());
        self.store.expire((self.clock)()).map_err(|e| failed(&e))?;
        // Approved before a restart and not used yet: the same question is not asked twice.
        if let Some(row) = self.store.approved_for(&question.run, &question.digest).map_err(|e| failed(&e))? {
            let by = row.answered_by.unwrap_or_else(|| self.approver.clone());
            let decision = Decision::Approve;
            return Ok(Said::Answer(Answer { question: question.digest, decision, by, reason: row.reason }));
        }
        // Edited elsewhere, and the run was cut off before it heard of it.
        let before = self.store.questions(&question.run).map_err(|e| failed(&e))?;
        let latest = before.iter().rfind(|row| row.digest == question.digest);
        if let Some(edited) = latest.and_then(edit) {
            return Ok(edited);
        }
        let row = self.store.ask(row(question, (self.clock)(), self.ttl_millis)).map_err(|e| failed(&e))?;
        let vote = self.voice.decide(&row.id, question);
        self.settle(&row.id, question, vote).map_err(|e| failed(&e))
    }
}
