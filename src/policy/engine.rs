//! Decisions: three outcomes from two evaluations.
//!
//! A call is judged as it is. When that denies, it is judged once more as if a person had approved it; when it
//! would then pass, the verdict is *ask* and the rules that gave way are the reasons. Otherwise it is *deny* and the
//! reasons are the rules that no approval lifts. Cedar skips a policy that errors, a forbid too, so any error in an
//! evaluation is a failure, which the kernel treats as a denial.

use super::context;
use super::error::{PolicyError, PolicyErrors};
use super::load::{self, DEFAULT_DENY};
use super::schema::Outline;
use super::slice::{Lists, Rules, Slice, is_joined};
use super::verdict::with_runner;
use crate::kernel::catalogue::{Catalogue, Effect};
use crate::kernel::id::Digest;
use crate::kernel::port::{
    CallFacts, FindingFacts, PlanFacts, Policy, PolicyFailure, Reason, RedactionKey, Treatment, Verdict,
};
use crate::kernel::principal::Principal;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    Response, Schema,
};
use std::collections::HashMap;
use std::sync::Arc;

mod call;
mod finding;
#[cfg(test)]
mod tests;

/// Whether a policy allows or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyEffect {
    /// Allows, unless a forbid applies.
    Permit,
    /// Forbids, whatever allows.
    Forbid,
}

impl From<cedar_policy::Effect> for PolicyEffect {
    fn from(effect: cedar_policy::Effect) -> Self {
        match effect {
            cedar_policy::Effect::Permit => Self::Permit,
            cedar_policy::Effect::Forbid => Self::Forbid,
        }
    }
}

/// One loaded policy, for listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyInfo {
    /// Its `@id`.
    pub id: String,
    /// The file's name as it was given.
    pub file: String,
    /// Where it starts, counted from 1.
    pub line: usize,
    /// Its `@reason`.
    pub reason: String,
    /// Whether it allows or forbids.
    pub effect: PolicyEffect,
    /// What it does to a call or a finding.
    pub role: PolicyRole,
    /// As it is written, annotations included.
    pub text: String,
}

/// What a policy does, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyRole {
    /// Lets something happen.
    Allows,
    /// Forbids what an approval would let happen: a person is asked.
    Asks,
    /// Forbids, and no approval lifts it.
    Forbids,
    /// Says what is done about what scanners find.
    Screens,
}

impl PolicyRole {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allows => "allows",
            Self::Asks => "asks",
            Self::Forbids => "forbids",
            Self::Screens => "screens",
        }
    }
}

/// How a decision came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    /// The verdict.
    pub verdict: Verdict,
    /// The policies that decided the call as it is.
    pub as_is: Vec<Reason>,
    /// The policies that would decide it after an approval.
    pub approved: Vec<Reason>,
}

/// The loaded policies and all that a decision needs.
pub struct Engine {
    sources: Vec<(String, String)>,
    catalogue: Catalogue,
    outline: Outline,
    schema: Schema,
    /// What the slices were made from, for the test that compares them.
    #[cfg(test)]
    set: PolicySet,
    infos: Vec<PolicyInfo>,
    index: HashMap<String, usize>,
    warnings: Vec<PolicyError>,
    entities: Entities,
    authorizer: Authorizer,
    user: EntityTypeName,
    targets: HashMap<Arc<str>, Target>,
    plan: Plan,
    findings: finding::Findings,
    version: Digest,
    key: Option<RedactionKey>,
}

/// The Cedar names of a tool.
struct Target {
    resource: EntityUid,
    actions: Vec<(Effect, EntityUid, Slice)>,
}

/// The Cedar names of a plan as a whole.
struct Plan {
    action: EntityUid,
    resource: EntityUid,
    slice: Slice,
}

/// What one evaluation found.
struct Evaluation {
    allowed: bool,
    reasons: Vec<Reason>,
}

impl Engine {
    /// Checks policy texts, each with the name of its file, against the schema of a catalogue.
    ///
    /// # Errors
    /// All faults of all files.
    pub fn new(mut sources: Vec<(String, String)>, catalogue: &Catalogue) -> Result<Self, PolicyErrors> {
        sources.sort();
        let outline = Outline::of(&with_runner(catalogue));
        let loaded = load::check(&sources, &outline)?;
        let names = names().and_then(|names| {
            let entities = loaded.schema.action_entities().map_err(|e| internal(&e))?;
            Ok((names, entities))
        });
        let ((user, tool, plan, action), entities) = names.map_err(|e| PolicyErrors(vec![e]))?;
        let uid =
            |ty: &EntityTypeName, id: &str| EntityUid::from_type_name_and_id(ty.clone(), EntityId::new(id));
        let mut lists = Lists::default();
        let mut slice = |action: &EntityUid| {
            Slice::of(&loaded.set, action, &entities, &mut lists)
                .map_err(|e| PolicyErrors(vec![internal(&*e)]))
        };
        let mut targets = HashMap::new();
        for (name, view) in &outline.tools {
            let mut actions = Vec::new();
            for (effect, id) in &view.actions {
                let action = uid(&action, id);
                let slice = slice(&action)?;
                actions.push((*effect, action, slice));
            }
            targets.insert(name.clone(), Target { resource: uid(&tool, name), actions });
        }
        let (run, resource) = (uid(&action, "run_plan"), uid(&plan, "plan"));
        let plan = Plan { slice: slice(&run)?, action: run, resource };
        let findings = finding::Findings::of(&loaded, &action, &entities, &mut lists)?;
        let entities = lists
            .entity()
            .and_then(|lists| Ok(entities.add_entities([lists], None)?))
            .map_err(|e| PolicyErrors(vec![internal(&*e)]))?;
        let parts = sources.iter().flat_map(|(file, text)| [file.as_bytes(), text.as_bytes()]);
        let version = Digest::of_parts(parts.chain([outline.text.as_bytes(), outline.screening.as_bytes()]));
        let index = loaded.infos.iter().enumerate().map(|(n, info)| (info.id.clone(), n)).collect();
        Ok(Self {
            targets,
            plan,
            findings,
            catalogue: catalogue.clone(),
            schema: loaded.schema,
            #[cfg(test)]
            set: loaded.set,
            infos: loaded.infos,
            warnings: loaded.warnings,
            authorizer: Authorizer::new(),
            sources,
            outline,
            index,
            entities,
            user,
            version,
            key: None,
        })
    }

    /// The policies in the order of their files.
    pub fn policies(&self) -> &[PolicyInfo] {
        &self.infos
    }

    /// The policy texts, each with the name of its file.
    pub fn sources(&self) -> &[(String, String)] {
        &self.sources
    }

    /// What the validator finds odd without being wrong, such as a rule that can never apply.
    pub fn warnings(&self) -> &[PolicyError] {
        &self.warnings
    }

    /// The schema that the policies were checked against.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// The catalogue that the schema was made from.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The same policies over a larger catalogue.
    ///
    /// # Errors
    /// When a policy does not fit it.
    pub fn over(&self, catalogue: &Catalogue) -> Result<Self, PolicyErrors> {
        Ok(Self { key: self.key.clone(), ..Self::new(self.sources.clone(), catalogue)? })
    }

    /// With the key of the hashes that `finding:hash` puts in the place of words; without one it takes them out like
    /// `finding:redact`.
    pub fn keyed(self, key: Option<RedactionKey>) -> Self {
        Self { key, ..self }
    }

    /// Judges a call and says which policies decided, as it is and after an approval.
    ///
    /// # Errors
    /// As for [`Policy::judge_call`].
    pub fn what_if(&self, facts: &CallFacts<'_>) -> Result<WhatIf, PolicyFailure> {
        let seen = self.see(facts)?;
        let as_is = self.evaluate_call(&seen, false)?.reasons;
        let approved = self.evaluate_call(&seen, true)?.reasons;
        Ok(WhatIf { verdict: self.judge_seen(&seen)?, as_is, approved })
    }

    fn evaluate_plan(&self, facts: &PlanFacts<'_>, approved: bool) -> Result<Evaluation, PolicyFailure> {
        let Plan { action, resource, slice } = &self.plan;
        let context = context::of_plan(facts, approved)?;
        let schema = cfg!(debug_assertions).then_some(&self.schema);
        self.evaluate(
            &self.request(facts.principal, action, resource, context, schema)?,
            slice.rules(approved),
        )
    }

    fn request(
        &self,
        principal: &Principal,
        action: &EntityUid,
        resource: &EntityUid,
        context: Context,
        schema: Option<&Schema>,
    ) -> Result<Request, PolicyFailure> {
        let user = EntityUid::from_type_name_and_id(self.user.clone(), EntityId::new(principal.name()));
        // Cedar's own text may quote values; ours does not.
        Request::new(user, action.clone(), resource.clone(), context, schema).map_err(|_| {
            PolicyFailure(format!("the facts do not fit the schema of {}", action.id().unescaped()))
        })
    }

    fn evaluate(&self, request: &Request, rules: &Rules) -> Result<Evaluation, PolicyFailure> {
        let response = self.authorizer.is_authorized(request, &rules.quick, &self.entities);
        let diagnostics = response.diagnostics();
        if diagnostics.errors().next().is_some() || diagnostics.reason().any(is_joined) {
            return self.evaluate_each(request, &rules.each);
        }
        self.evaluation(&response)
    }

    fn evaluate_each(&self, request: &Request, set: &PolicySet) -> Result<Evaluation, PolicyFailure> {
        self.evaluation(&self.authorizer.is_authorized(request, set, &self.entities))
    }

    fn evaluation(&self, response: &Response) -> Result<Evaluation, PolicyFailure> {
        if let Some(cedar_policy::AuthorizationError::PolicyEvaluationError(error)) =
            response.diagnostics().errors().next()
        {
            // Cedar's own text may quote values; ours does not.
            return Err(PolicyFailure(format!("the policy {} failed on these facts", error.policy_id())));
        }
        let mut fired: Vec<usize> = response
            .diagnostics()
            .reason()
            .filter_map(|id| self.index.get(AsRef::<str>::as_ref(id)).copied())
            .collect();
        fired.sort_unstable();
        let infos = fired.into_iter().filter_map(|n| self.infos.get(n));
        let reasons =
            infos.map(|info| Reason { policy: info.id.clone(), text: info.reason.clone() }).collect();
        Ok(Evaluation { allowed: response.decision() == Decision::Allow, reasons })
    }
}

/// Three outcomes from two evaluations.
fn judge(evaluate: impl Fn(bool) -> Result<Evaluation, PolicyFailure>) -> Result<Verdict, PolicyFailure> {
    let as_is = evaluate(false)?;
    if as_is.allowed {
        return Ok(Verdict::Allow(as_is.reasons));
    }
    let approved = evaluate(true)?;
    match (approved.allowed, as_is.reasons.is_empty(), approved.reasons.is_empty()) {
        // No forbid is left, so every forbid that fired has given way.
        (true, false, _) => Ok(Verdict::Ask(as_is.reasons)),
        // Nothing forbade: it is the permit of the second evaluation that needs the approval.
        (true, true, _) => Ok(Verdict::Ask(approved.reasons)),
        (false, _, false) => Ok(Verdict::Deny(approved.reasons)),
        (false, _, true) => Ok(Verdict::Deny(vec![default_deny()])),
    }
}

fn default_deny() -> Reason {
    Reason {
        policy: DEFAULT_DENY.to_owned(),
        text: "no policy allows this, and what no policy allows is denied".to_owned(),
    }
}

fn internal(error: &dyn std::error::Error) -> PolicyError {
    PolicyError::whole(
        "(schema of the catalogue)",
        error.to_string(),
        "this is a fault of Sentinel; please report it",
    )
}

fn names() -> Result<(EntityTypeName, EntityTypeName, EntityTypeName, EntityTypeName), PolicyError> {
    let name = |text: &str| text.parse::<EntityTypeName>().map_err(|e| internal(&e));
    Ok((name("User")?, name("Tool")?, name("Plan")?, name("Action")?))
}

impl Policy for Engine {
    fn version(&self) -> Digest {
        self.version
    }

    fn judge_call(&self, facts: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
        self.judge_seen(&self.see(facts)?)
    }

    fn judge_plan(&self, facts: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
        judge(|approved| self.evaluate_plan(facts, approved))
    }

    fn treat(&self, facts: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        self.treatment(facts)
    }

    fn redaction_key(&self) -> Option<&RedactionKey> {
        self.key.as_ref()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Engine({} policies, version {})", self.infos.len(), self.version.short())
    }
}
