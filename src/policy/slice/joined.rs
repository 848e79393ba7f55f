//! A set of policies with most of its prohibitions joined into one, for the decisions in which none of them applies.
//!
//! Cedar builds and takes down a condition for every policy that it looks at. Of the prohibitions few ever apply, and
//! "any of these" is one condition. Where it holds, or anything fails, the policies are looked at one by one.

use cedar_policy::{Policy, PolicyId, PolicySet};
use serde_json::{Value as Json, json};

/// The id of the joined policy. No policy of a file has such an id.
const JOINED: &str = "(joined)";
/// Fewer are not worth a second look.
const FEW: usize = 3;

/// Policies, each alone and the prohibitions joined.
#[derive(Default)]
pub(in crate::policy) struct Rules {
    /// Each alone: what decides.
    pub each: PolicySet,
    /// The same with prohibitions joined.
    /// INVARIANT: where its joined policy does not apply and nothing fails, it decides as `each` does and for the same
    /// reasons.
    pub quick: PolicySet,
}

impl Rules {
    /// Of policies with their JSON. One whose JSON is null is taken as it is.
    pub fn of(policies: Vec<(Policy, Json)>) -> Result<Self, Box<dyn std::error::Error>> {
        let (mut rules, mut conditions) = (Self::default(), Vec::new());
        let mut joined = Vec::new();
        for (policy, written) in policies {
            rules.each.add(policy.clone())?;
            match prohibition(&written) {
                Some(condition) => {
                    conditions.push(condition);
                    joined.push(policy);
                }
                None => rules.quick.add(policy)?,
            }
        }
        if conditions.len() < FEW {
            for policy in joined {
                rules.quick.add(policy)?;
            }
            return Ok(rules);
        }
        let all = json!({ "op": "All" });
        let any = json!({
            "effect": "forbid", "principal": all, "action": all, "resource": all,
            "conditions": [{ "kind": "when", "body": tree(conditions, "||") }],
        });
        rules.quick.add(Policy::from_json(Some(PolicyId::new(JOINED)), any)?)?;
        Ok(rules)
    }
}

/// Whether a policy's id is that of the joined one.
pub(in crate::policy) fn is_joined(id: &PolicyId) -> bool {
    AsRef::<str>::as_ref(id) == JOINED
}

/// The condition of a prohibition that holds for everybody and everything; `None` for any other policy.
fn prohibition(written: &Json) -> Option<Json> {
    let anybody =
        |part: &str| written.get(part).is_some_and(|scope| scope.get("op").is_some_and(|op| op == "All"));
    let forbids = written.get("effect").is_some_and(|effect| effect == "forbid");
    if !forbids || !["principal", "action", "resource"].into_iter().all(anybody) {
        return None;
    }
    let clause = |clause: &Json| {
        let body = clause.get("body")?.clone();
        match clause.get("kind")?.as_str()? {
            "when" => Some(body),
            "unless" => Some(json!({ "!": { "arg": body } })),
            _ => None,
        }
    };
    let clauses: Vec<Json> =
        written.get("conditions")?.as_array()?.iter().map(clause).collect::<Option<_>>()?;
    match clauses.is_empty() {
        true => Some(json!({ "Value": true })),
        false => Some(tree(clauses, "&&")),
    }
}

/// Conditions, at least one, in their order, as a tree of low depth: Cedar goes down it by recursion.
fn tree(mut conditions: Vec<Json>, operator: &str) -> Json {
    while conditions.len() > 1 {
        let mut pairs = conditions.into_iter();
        conditions = Vec::new();
        while let Some(left) = pairs.next() {
            conditions.push(match pairs.next() {
                Some(right) => json!({ operator: { "left": left, "right": right } }),
                None => left,
            });
        }
    }
    conditions.pop().unwrap_or_default()
}
