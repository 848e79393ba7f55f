//! What is done about a scanner's finding: the strictest treatment that a rule asks for.
//!
//! Here a `permit` says "do this about it" and a `forbid` makes an exception. Every action is asked, the strictest
//! first; a finding that no rule names is noted.

use super::{Engine, Lists, Rules, Slice, internal};
use crate::kernel::port::{Border, Class, FindingFacts, PolicyFailure, Reason, Severity, Treatment};
use crate::policy::context;
use crate::policy::error::{PolicyError, PolicyErrors};
use crate::policy::load::Loaded;
use crate::policy::schema::action_of;
use cedar_policy::{Entities, EntityId, EntityTypeName, EntityUid, Schema};
use std::collections::HashMap;

#[cfg(test)]
mod tests;

/// The Cedar names of borders and treatments.
pub(super) struct Findings {
    borders: HashMap<Border, EntityUid>,
    classes: HashMap<Class, EntityUid>,
    actions: Vec<(Treatment, EntityUid, Rules)>,
    schema: Schema,
}

impl Findings {
    pub(super) fn of(
        loaded: &Loaded,
        action: &EntityTypeName,
        entities: &Entities,
        lists: &mut Lists,
    ) -> Result<Self, PolicyErrors> {
        let fault = |e: PolicyError| PolicyErrors(vec![e]);
        let ty = |name: &str| name.parse::<EntityTypeName>().map_err(|e| fault(internal(&e)));
        let uid =
            |ty: &EntityTypeName, id: &str| EntityUid::from_type_name_and_id(ty.clone(), EntityId::new(id));
        let (border, class) = (ty("Border")?, ty("Class")?);
        let mut actions = Vec::new();
        for treatment in Treatment::BY_RULE {
            let action = uid(action, &action_of(treatment));
            let slice =
                Slice::of(&loaded.screening, &action, entities, lists).map_err(|e| fault(internal(&*e)))?;
            actions.push((treatment, action, slice.as_is));
        }
        Ok(Self {
            borders: Border::ALL.map(|b| (b, uid(&border, b.as_str()))).into(),
            classes: Class::ALL.map(|c| (c, uid(&class, c.as_str()))).into(),
            actions,
            schema: loaded.screening_schema.clone(),
        })
    }
}

/// Severities as rules compare them.
fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Note => 1,
        Severity::Medium => 2,
        Severity::High => 3,
    }
}

impl Engine {
    /// The treatment of a finding and the rules that ask for it.
    pub(super) fn treatment(
        &self,
        facts: &FindingFacts<'_>,
    ) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        let names =
            self.findings.borders.get(&facts.border).zip(self.findings.classes.get(&facts.finding.class));
        let Some((border, class)) = names else {
            return Err(PolicyFailure("a finding's border or class has no name".to_owned()));
        };
        for (treatment, action, rules) in
            self.findings.actions.iter().filter(|(_, _, rules)| !rules.each.is_empty())
        {
            let context = context::of_finding(facts, class, rank(facts.finding.severity))?;
            let schema = cfg!(debug_assertions).then_some(&self.findings.schema);
            let request = self.request(facts.principal, action, border, context, schema)?;
            let evaluation = self.evaluate(&request, rules)?;
            if evaluation.allowed {
                return Ok((*treatment, evaluation.reasons));
            }
        }
        Ok((Treatment::Note, Vec::new()))
    }
}
