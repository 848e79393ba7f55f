//! Conditions with the answer to `context.approved` written in, and made shorter by it.
//!
//! Most rules that ask a person say `unless { context.approved }`: once the answer is known they either lose that
//! clause, or can never apply and are left out. What is left says the same and fails on the same facts.

use serde_json::{Value as Json, json};

/// The policy, as Cedar's JSON writes it, where `context.approved` is known; `None` when it then never applies.
pub(super) fn settled(mut policy: Json, approved: bool) -> Option<Json> {
    let Some(Json::Array(clauses)) = policy.get_mut("conditions") else { return Some(policy) };
    let mut kept: Vec<Json> = Vec::with_capacity(clauses.len());
    for mut clause in std::mem::take(clauses) {
        let wants = clause.get("kind").is_some_and(|kind| kind == "when");
        let Some(body) = clause.get_mut("body") else { return Some(policy) };
        settle(body, approved);
        match literal(body) {
            Some(is) if is == wants => {}
            // INVARIANT: a policy is left out only where no clause before this one could have failed: an error of a
            // policy makes the whole decision fail, and must go on doing so.
            Some(_) if kept.iter().filter_map(|clause| clause.get("body")).all(cannot_fail) => return None,
            _ => kept.push(clause),
        }
    }
    *clauses = kept;
    Some(policy)
}

/// Writes the answer into a condition.
fn settle(node: &mut Json, approved: bool) {
    if is_approved(node) {
        *node = json!({ "Value": approved });
        return;
    }
    match node {
        Json::Array(items) => items.iter_mut().for_each(|item| settle(item, approved)),
        // What stands in a literal is no condition, whatever it looks like.
        Json::Object(fields) if fields.contains_key("Value") => return,
        Json::Object(fields) => fields.values_mut().for_each(|field| settle(field, approved)),
        _ => return,
    }
    if let Some(shorter) = shorter(node) {
        *node = shorter;
    }
}

/// What a node comes to when one of its parts is a literal; the parts are as short as they can be.
fn shorter(node: &Json) -> Option<Json> {
    if let Some(not) = node.get("!") {
        return literal(not.get("arg")?).map(|is| json!({ "Value": !is }));
    }
    if let Some(choice) = node.get("if-then-else") {
        let branch = if literal(choice.get("if")?)? { "then" } else { "else" };
        return choice.get(branch).cloned();
    }
    // `&&` ends at the first false, `||` at the first true.
    let (parts, ends_at) = match (node.get("&&"), node.get("||")) {
        (Some(and), _) => (and, false),
        (_, Some(or)) => (or, true),
        _ => return None,
    };
    let (left, right) = (parts.get("left")?, parts.get("right")?);
    match (literal(left), literal(right)) {
        (Some(is), _) if is == ends_at => Some(left.clone()),
        (Some(_), _) => Some(right.clone()),
        (None, Some(is)) if is != ends_at => Some(left.clone()),
        (None, Some(_)) if cannot_fail(left) => Some(right.clone()),
        (None, _) => None,
    }
}

/// Whether a condition of a validated policy has a value on any facts that fit the schema. Arithmetic may overflow, and
/// an extension's function may refuse its text; what this list does not name counts as such.
fn cannot_fail(node: &Json) -> bool {
    const SAFE: [&str; 19] = [
        "Value",
        "Var",
        ".",
        "has",
        "!",
        "&&",
        "||",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "is",
        "like",
        "contains",
        "containsAll",
        "containsAny",
    ];
    let Some(fields) = node.as_object() else { return false };
    let Some((name, body)) = fields.iter().next().filter(|_| fields.len() == 1) else { return false };
    match name.as_str() {
        "Value" | "Var" => true,
        "Set" => body.as_array().is_some_and(|items| items.iter().all(cannot_fail)),
        name if SAFE.contains(&name) => {
            ["left", "right", "arg", "in"].iter().filter_map(|part| body.get(part)).all(cannot_fail)
        }
        _ => false,
    }
}

fn is_approved(node: &Json) -> bool {
    let Some(body) = node.get(".") else { return false };
    body.get("attr").is_some_and(|attr| attr == "approved") && body.get("left").is_some_and(super::is_context)
}

fn literal(node: &Json) -> Option<bool> {
    node.get("Value")?.as_bool()
}
