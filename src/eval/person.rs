//! Scripted people.

use super::case::PersonRule;
use crate::kernel::gate::question::{Answer, Decision, Question, Shown};
use crate::kernel::port::{People, PeopleFailure, Said};
use crate::kernel::principal::Principal;
use std::sync::{Mutex, PoisonError};

/// Approves the plan, and answers questions by rules: each rule answers one question, once.
pub struct Scripted {
    rules: Mutex<Vec<Option<PersonRule>>>,
    otherwise: Otherwise,
    asked: Mutex<Vec<Question>>,
}

/// What is said where no rule fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// Nothing: the run waits.
    Silence,
    /// Yes to everything.
    Approve,
    /// No to everything.
    Deny,
}

impl Scripted {
    /// People who say this.
    pub fn new(rules: &[PersonRule], otherwise: Otherwise) -> Self {
        let rules = Mutex::new(rules.iter().cloned().map(Some).collect());
        Self { rules, otherwise, asked: Mutex::default() }
    }

    /// The questions about calls, in order.
    pub fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn rule_for(&self, question: &Question) -> Option<bool> {
        let text = words(question);
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = rules.iter_mut().find(|r| r.as_ref().is_some_and(|r| text.contains(&r.question)))?;
        slot.take().map(|rule| rule.granted)
    }
}

/// The words that a rule looks in.
fn words(question: &Question) -> String {
    match &question.shown {
        Shown::Plan { .. } => String::new(),
        Shown::Confirm { question, .. } => question.clone(),
        Shown::Reply { text, .. } => text.clone(),
        Shown::Call { tool, args, .. } => {
            let args: Vec<String> = args.iter().map(|a| format!("{}={}", a.name, a.value)).collect();
            format!("{tool} {}", args.join(" "))
        }
    }
}

impl People for Scripted {
    fn ask(&self, question: &Question) -> Result<Said, PeopleFailure> {
        let say = |decision| {
            let (question, by) = (question.digest, Principal::new("user"));
            Ok(Said::Answer(Answer { question, decision, by, reason: None }))
        };
        if matches!(question.shown, Shown::Plan { .. }) {
            return say(Decision::Approve);
        }
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(question.clone());
        match (self.rule_for(question), self.otherwise) {
            (Some(true), _) | (None, Otherwise::Approve) => say(Decision::Approve),
            (Some(false), _) | (None, Otherwise::Deny) => say(Decision::Deny),
            (None, Otherwise::Silence) => Ok(Said::Waiting("rehearsal".to_owned())),
        }
    }
}
