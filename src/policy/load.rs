//! Reading policy files and checking them: every fault of every file is found before anything is refused.

use super::engine::{Engine, PolicyInfo, PolicyRole};
use super::error::{PolicyError, PolicyErrors};
use super::schema::{FINDINGS, Outline};
use crate::kernel::catalogue::Catalogue;
use crate::kernel::port::PLANNER_REFUSES;
use cedar_policy::{
    ActionConstraint, Effect, EntityUid, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator,
};
use miette::Diagnostic;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::path::Path;

#[cfg(test)]
mod tests;

/// The id that denials without any rule carry.
pub(super) const DEFAULT_DENY: &str = "default-deny";
/// Names that no policy may have: they stand in its place where no policy, a person, silence or the planner refused, and what
/// those refuse counts otherwise than what a rule does.
const TAKEN: [&str; 4] = [DEFAULT_DENY, "person", "expired", PLANNER_REFUSES];

/// Loads all `*.cedar` files of a folder, in the order of their names.
///
/// # Errors
/// All faults of all files; a folder without a policy file is one.
pub fn load(dir: &Path, catalogue: &Catalogue) -> Result<Engine, PolicyErrors> {
    Engine::new(read_folder(dir).map_err(|e| PolicyErrors(vec![e]))?, catalogue)
}

/// The only place in this folder that touches the disk: reads what an administrator configured, at start-up.
#[expect(
    clippy::disallowed_methods,
    reason = "the door for policy files: read once at start-up, by a configured path"
)]
fn read_folder(dir: &Path) -> Result<Vec<(String, String)>, PolicyError> {
    let shown = dir.display().to_string();
    let hint = "point SENTINEL_POLICIES_DIR at the folder that holds the *.cedar files";
    let listing = std::fs::read_dir(dir)
        .map_err(|e| PolicyError::whole(&shown, format!("the policy folder cannot be read: {e}"), hint))?;
    let mut sources = Vec::new();
    for entry in listing {
        let path = entry
            .map_err(|e| PolicyError::whole(&shown, format!("the policy folder cannot be read: {e}"), hint))?
            .path();
        if path.extension().is_some_and(|extension| extension == "cedar") {
            let file = path.display().to_string();
            let bytes = std::fs::read(&path).map_err(|e| {
                let hint = "policy files are UTF-8 text that the server may read";
                PolicyError::whole(&file, format!("the policy file cannot be read: {e}"), hint)
            })?;
            sources.push((file.clone(), text(&file, &bytes)?));
        }
    }
    sources.sort();
    Ok(sources)
}

fn text(file: &str, bytes: &[u8]) -> Result<String, PolicyError> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|e| {
        // What stands before is the same in both, so the place is that of the file.
        let shown = String::from_utf8_lossy(bytes);
        let span = (e.valid_up_to(), e.valid_up_to() + '\u{fffd}'.len_utf8());
        let hint = "save the file as UTF-8".to_owned();
        PolicyError::at(file, &shown, span, "this is not UTF-8 text".to_owned(), Some(hint))
    })
}

/// What a checked set of files amounts to.
pub(super) struct Loaded {
    /// The rules about calls and plans.
    pub set: PolicySet,
    /// The rules about findings.
    pub screening: PolicySet,
    pub infos: Vec<PolicyInfo>,
    pub schema: Schema,
    pub screening_schema: Schema,
    pub warnings: Vec<PolicyError>,
}

/// Parses, names and validates.
pub(super) fn check(sources: &[(String, String)], outline: &Outline) -> Result<Loaded, PolicyErrors> {
    let read = |text: &str| {
        Schema::from_cedarschema_str(text).map(|(schema, _)| schema).map_err(|e| {
            let hint = "a tool or parameter of the catalogue has a name that Cedar's schema does not take";
            PolicyErrors(vec![PolicyError::whole("(schema of the catalogue)", e.to_string(), hint)])
        })
    };
    let (schema, screening_schema) = (read(&outline.text)?, read(&outline.screening)?);
    let mut errors = Vec::new();
    let mut set = PolicySet::new();
    let mut infos: Vec<PolicyInfo> = Vec::new();
    for (file, text) in sources {
        match text.parse::<PolicySet>() {
            Err(parse) => errors.extend(parse.iter().map(|e| diagnosed(file, text, e, None))),
            Ok(parsed) => admit(file, text, &parsed, outline, (&mut set, &mut infos, &mut errors)),
        }
    }
    if errors.is_empty() && infos.is_empty() {
        let hint = "without a rule that permits, everything is denied: install the shipped policies/*.cedar";
        errors.push(PolicyError::whole("(policies)", "there is no policy".to_owned(), hint));
    }
    let texts: HashMap<&str, &str> = sources.iter().map(|(f, t)| (f.as_str(), t.as_str())).collect();
    let place = |id: &PolicyId| {
        let info = infos.iter().find(|i| i.id == AsRef::<str>::as_ref(id));
        info.and_then(|i| Some((i, *texts.get(i.file.as_str())?)))
    };
    let (mut calls, mut screening) = (PolicySet::new(), PolicySet::new());
    for policy in set.policies() {
        let part = if is_about_findings(policy) { &mut screening } else { &mut calls };
        // Each id was taken once.
        let _added = part.add(policy.clone());
    }
    let mut found: Vec<PolicyError> = Vec::new();
    for (schema, part) in [(&schema, &calls), (&screening_schema, &screening)] {
        let validation = Validator::new(schema.clone()).validate(part, ValidationMode::Strict);
        for error in validation.validation_errors() {
            if let Some((info, text)) = place(error.policy_id()) {
                let mut error = diagnosed(&info.file, text, error, Some(info));
                suggest_action(&mut error, outline);
                errors.push(error);
            }
        }
        let warned = validation.validation_warnings().filter_map(|w| place(w.policy_id()).map(|at| (w, at)));
        found.extend(warned.map(|(w, (info, text))| diagnosed(&info.file, text, w, Some(info))));
        if !validation.validation_passed() && errors.is_empty() {
            errors.push(PolicyError::whole(
                "(policies)",
                "the policies do not type-check".to_owned(),
                "see above",
            ));
        }
    }
    if errors.is_empty() {
        return Ok(Loaded { set: calls, screening, infos, schema, screening_schema, warnings: found });
    }
    Err(PolicyErrors(told_once(errors)))
}

type Found<'a> = (&'a mut PolicySet, &'a mut Vec<PolicyInfo>, &'a mut Vec<PolicyError>);

/// Takes one file's policies into the set under the names that their `@id` gives them.
fn admit(file: &str, text: &str, parsed: &PolicySet, outline: &Outline, into: Found<'_>) {
    let (set, infos, errors) = into;
    let mut fault = |span, message: String, hint: &str| {
        errors.push(PolicyError::at(file, text, span, message, Some(hint.to_owned())));
    };
    for template in parsed.templates() {
        let span = AsRef::as_ref(template).loc().map_or((0, 1), |l| (l.start(), l.end()));
        fault(
            span,
            "this is a template".to_owned(),
            "write the principal and the resource instead of ?principal and ?resource",
        );
    }
    let mut policies: Vec<(usize, usize, &Policy)> = parsed
        .policies()
        .map(|p| AsRef::as_ref(p).loc().map_or((0, 1, p), |l| (l.start(), l.end(), p)))
        .collect();
    policies.sort_by_key(|(start, _, _)| *start);
    for (start, end, policy) in policies {
        let span = (start, end);
        let id = policy.annotation("id").filter(|id| is_id(id));
        let effect = policy.effect();
        let reason = policy.annotation("reason").map(str::trim).filter(|r| !r.is_empty());
        if effect == Effect::Forbid && reason.is_none() {
            let hint = "write @reason(\"…\") above it: the person who is asked or refused reads it";
            fault(span, format!("the forbid {} has no @reason", id.unwrap_or("without an @id")), hint);
        }
        let Some(id) = id else {
            let hint = "write @id(\"what-it-decides\") above it: small letters, digits and hyphens, at most 64, \
                        unique in all files";
            fault(span, "this policy has no proper @id".to_owned(), hint);
            continue;
        };
        if let Some(first) = infos.iter().find(|i| i.id == id) {
            let message = format!("the id {id} is taken by {}:{}", first.file, first.line);
            fault(span, message, "give each policy an id of its own: reasons and decision tables name it");
            continue;
        }
        if let Some((tool, actions)) = never_requested(policy, outline) {
            let hint =
                format!("write `action in Action::\"call:{tool}\"`, or name one of {}", actions.join(", "));
            fault(
                span,
                format!("what {tool} does depends on its arguments, so `==` on it never holds"),
                &hint,
            );
        }
        let place = PolicyError::at(file, text, span, String::new(), None);
        let reason = reason.map_or_else(|| format!("allowed by {id}"), str::to_owned);
        infos.push(PolicyInfo {
            id: id.to_owned(),
            file: file.to_owned(),
            line: place.line,
            reason,
            effect: effect.into(),
            role: role(policy, effect),
            text: text.get(start..end).unwrap_or_default().to_owned(),
        });
        if let Err(e) = set.add(policy.new_id(PolicyId::new(id))) {
            fault(span, e.to_string(), "give it another id");
        }
    }
}

/// What a policy does. Told from the policy itself: whether its condition names `context.approved`.
fn role(policy: &Policy, effect: Effect) -> PolicyRole {
    if is_about_findings(policy) {
        return PolicyRole::Screens;
    }
    match effect {
        Effect::Permit => PolicyRole::Allows,
        // What cannot be told counts as what no approval lifts: nobody is promised a question.
        Effect::Forbid if policy.to_json().is_ok_and(|json| names_approved(&json)) => PolicyRole::Asks,
        Effect::Forbid => PolicyRole::Forbids,
    }
}

fn names_approved(json: &Json) -> bool {
    match json {
        Json::Object(fields) => {
            let of_context =
                fields.get("left").and_then(|left| left.get("Var")).is_some_and(|v| v == "context");
            let own = of_context && fields.get("attr").is_some_and(|attr| attr == "approved");
            own || fields.values().any(names_approved)
        }
        Json::Array(items) => items.iter().any(names_approved),
        _ => false,
    }
}

/// Whether a policy names actions about findings, and no other.
fn is_about_findings(policy: &Policy) -> bool {
    let is = |action: &EntityUid| action.id().unescaped().starts_with(FINDINGS);
    match policy.action_constraint() {
        ActionConstraint::Any => false,
        ActionConstraint::Eq(action) => is(&action),
        ActionConstraint::In(actions) => actions.iter().all(is),
    }
}

/// A tool whose calls have several actions, when the policy names the tool itself with `==`.
fn never_requested(policy: &Policy, outline: &Outline) -> Option<(String, Vec<String>)> {
    let ActionConstraint::Eq(action) = policy.action_constraint() else { return None };
    let name: &str = action.id().as_ref();
    let tool = name.strip_prefix("call:")?;
    let view = outline.tools.get(tool)?;
    let varies = view.actions.len() > 1;
    varies.then(|| (tool.to_owned(), view.actions.iter().map(|(_, action)| action.clone()).collect()))
}

fn is_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !id.is_empty() && id.len() <= 64 && id.chars().all(plain) && !TAKEN.contains(&id)
}

/// A fault that Cedar found, in our form.
fn diagnosed(file: &str, text: &str, error: &dyn CedarFault, info: Option<&PolicyInfo>) -> PolicyError {
    let label = error.labels().and_then(|mut labels| labels.next());
    let start_of_policy = info.map_or(0, |i| text.lines().take(i.line - 1).map(|l| l.len() + 1).sum());
    let (start, len) = label.as_ref().map_or((start_of_policy, 1), |l| (l.offset(), l.len()));
    let message = error.to_string();
    let of_args = message.contains("attribute `args").then(|| {
        "rules on a group of tools see context.flow and context.paths; `context.args` needs `action in \
         Action::\"call:NAME\"`, and an optional part needs a `has` check before it"
            .to_owned()
    });
    let of_label = || label.as_ref().and_then(|l| l.label().map(str::to_owned));
    let of_cedar = error.help().map(|h| h.to_string()).or_else(of_label);
    let hint = match message.contains("unable to guarantee") {
        true => of_cedar,
        false => of_args.or(of_cedar),
    };
    PolicyError::at(file, text, (start, start + len), message, hint)
}

/// Says which tool was probably meant by an action that there is not.
fn suggest_action(error: &mut PolicyError, outline: &Outline) {
    let Some((_, rest)) = error.message.split_once("unrecognized action `Action::\"") else { return };
    let meant = rest.split('"').next().unwrap_or_default();
    let similar =
        |tool: &&std::sync::Arc<str>| (strsim::jaro_winkler(meant, &format!("call:{tool}")) * 1e6) as u32;
    error.hint = Some(match outline.tools.keys().max_by_key(similar) {
        Some(tool) if meant.starts_with("call:") => format!("did you mean `Action::\"call:{tool}\"`?"),
        _ => {
            "actions are run_plan, call, read, write, egress, execute, call:NAME for each tool, and finding:block, \
             finding:ask, finding:redact, finding:mask, finding:token, finding:hash, finding:label"
                .to_owned()
        }
    });
}

/// A rule on a group is checked against every action of the group; one fault at one place is told once.
fn told_once(mut errors: Vec<PolicyError>) -> Vec<PolicyError> {
    let place = |e: &PolicyError| (e.file.clone(), e.line, e.column);
    let fault = |e: &PolicyError| e.message.split(" in context for ").next().map(str::to_owned);
    // The stand-ins for groups mean nothing to people: another action of the same fault goes first.
    errors.sort_by_cached_key(|e| {
        (place(e), fault(e), e.message.contains("Action::\"any:"), e.message.clone())
    });
    let mut told: Vec<(PolicyError, usize)> = Vec::new();
    for error in errors {
        match told.last_mut() {
            Some((last, more)) if place(last) == place(&error) && fault(last) == fault(&error) => *more += 1,
            _ => told.push((error, 0)),
        }
    }
    let finish = |(mut error, more): (PolicyError, usize)| {
        if more > 0 {
            error.message = format!("{} (and {more} more like it)", error.message);
        }
        error
    };
    told.into_iter().map(finish).collect()
}

/// What Cedar's parser and validator report.
trait CedarFault: Diagnostic {}
impl<T: Diagnostic> CedarFault for T {}
