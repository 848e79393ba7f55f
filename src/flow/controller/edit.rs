//! A person's own values in the place of a call's arguments: judged beforehand, so that a slip of the finger costs no task.

use super::{Controller, perform};
use crate::flow::what_if::{self, WhatIfFailure};
use crate::kernel::gate::GateFailure;
use crate::kernel::gate::edit::{self, Edit, EditRefused};
use crate::kernel::gate::question::Question;
use crate::kernel::gate::screened::{self, EditScreening, Request};
use crate::kernel::id::RunId;
use crate::kernel::label::{Label, Source};
use crate::kernel::port::{Reason, Verdict};
use crate::kernel::principal::Principal;
use crate::store::{AnswerError, QuestionRow, QuestionState, StoreError};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// An edit that was not taken. The question stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditFailure {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] EditRefused),
    /// Policy would refuse the call with these values.
    #[error("policy would refuse this call: {}{}", told(.reasons), strange(.kept))]
    Denied {
        /// The rules that say so.
        reasons: Vec<Reason>,
        /// What was edited and is a stranger's all the same, with its label: that may be why.
        kept: Vec<(Arc<str>, Label)>,
    },
    /// Nobody can say what policy would say.
    #[error(transparent)]
    Unjudged(#[from] WhatIfFailure),
    /// It cannot be screened.
    #[error(transparent)]
    Gate(#[from] GateFailure),
    /// It does not count.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(reasons: &[Reason]) -> String {
    let told: Vec<String> =
        reasons.iter().map(|reason| format!("{}: {}", reason.policy, reason.text)).collect();
    told.join("; ")
}

/// Why an edited value counts as somebody else's, in the words of the page.
fn strange(kept: &[(Arc<str>, Label)]) -> String {
    let own = |source: &&Source| matches!(source, Source::User | Source::Planner);
    let told = kept.iter().map(|(name, label)| {
        let from: Vec<String> = label.sources().filter(|source| !own(source)).map(Source::to_string).collect();
        format!(
            ". `{name}` still contains text from {}: treated as from a stranger. It is yours once no four characters in a row of that are left",
            from.join(" + ")
        )
    });
    told.collect()
}

impl Controller {
    /// A person's own values in the place of a call's arguments, by the approval id of its question. That question is
    /// over with it; the call is judged again, and asked about again where policy asks.
    ///
    /// # Errors
    /// When it cannot be or does not count, and why.
    pub fn edit(
        &self,
        id: &str,
        args: Map<String, Json>,
        by: &Principal,
        reason: Option<&str>,
    ) -> Result<QuestionRow, EditFailure> {
        let row = self.asked(by, id)?;
        // What is over says so itself, whatever is wrong with the edit.
        if row.state == QuestionState::Pending {
            let question = serde_json::from_value::<Question>(row.payload.clone());
            let question = question.map_err(|_| EditRefused::NotACall("something that was erased"))?;
            edit::check(&question, &self.parts.catalogue, &args)?;
            let (whole, by, reason) = (args.clone(), by.clone(), reason.map(str::to_owned));
            let edit = Edit { question: row.digest, args: whole, by, reason };
            let request = self.request_of(&row.run)?;
            let policy = self.parts.policy.now();
            let screened = screened::screen_edit(edit, &request, &*self.parts.scanners, policy.as_ref())?;
            if let EditScreening::Blocked(findings) = screened {
                let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.as_ref()).collect();
                return Err(EditRefused::Blocked(rules.join(", ")).into());
            }
            self.foresee_edit(&row, &question, &args)?;
        }
        let now = (self.parts.clock)();
        let edited = self.parts.store.edit(&row.id, &row.digest, args, by, reason, now);
        self.ring(&row.run);
        Ok(edited?.question)
    }

    /// What was asked for, as the gates take it.
    fn request_of(&self, id: &RunId) -> Result<Request, EditFailure> {
        let gone = || EditRefused::NotACall("a task that was erased");
        let row = self.parts.store.task(id)?.ok_or_else(gone)?;
        let order = row.order.clone().and_then(|json| serde_json::from_value(json).ok()).ok_or_else(gone)?;
        Ok(perform::asked(&row, &order, self.parts.trust_level))
    }

    /// INVARIANT: a question is never ended for a call that policy would refuse, or that cannot be judged. The gate
    /// judges again.
    fn foresee_edit(
        &self,
        row: &QuestionRow,
        question: &Question,
        args: &Map<String, Json>,
    ) -> Result<(), EditFailure> {
        let parts = &self.parts;
        let task = parts.store.task(&row.run)?.ok_or(WhatIfFailure::Missing("the task"))?;
        let (policy, level) = (parts.policy.now(), task.trust_level.min(parts.trust_level));
        match what_if::judge_edited(&parts.store, &*policy, &parts.catalogue, question, args, level)? {
            Verdict::Deny(reasons) => {
                let kept = edit::still_strange(question, &parts.catalogue, args);
                Err(EditFailure::Denied { reasons, kept })
            }
            Verdict::Allow(_) | Verdict::Ask(_) => Ok(()),
        }
    }
}
