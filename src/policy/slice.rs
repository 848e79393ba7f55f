//! What a decision on one action needs, worked out once when policies are loaded.
//!
//! The validated policies stay the truth; a slice is the same policies made quicker for one action. Policies whose
//! scope cannot match the action are left out, the others lose the action test that they would pass, and literal
//! sets of texts (Cedar builds them anew at each evaluation, at about 0.2 µs an element) become attributes of one
//! entity. Prohibitions are joined for the decisions in which none applies. Whether a person approved is written into the policies, one set for either answer, so that one context serves
//! both evaluations of a call. Facts that none of the slice's policies mentions are not built. A property test holds
//! slices against the whole set.

mod joined;
mod settled;
#[cfg(test)]
mod tests;

use cedar_policy::{ActionConstraint, Entities, Entity, EntityUid, Policy, PolicySet, RestrictedExpression};
pub(super) use joined::{Rules, is_joined};
use serde_json::{Value as Json, json};
use settled::settled;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The entity that holds literal sets. Policies cannot name it: its type is not in the schema.
const LISTS: (&str, &str) = ("SentinelLists", "all");

/// Sets shorter than this are built faster than they are looked up.
const LONG: usize = 3;

/// Policies nested deeper than this, as Cedar's JSON writes them, are taken as they are: Cedar reads that form back by
/// recursion, at some 50 KB of stack a level in debug builds.
const DEEP: usize = 20;

/// The policies that can apply to one action, and the facts that they mention.
pub(super) struct Slice {
    /// For a call as it is.
    pub as_is: Rules,
    /// For a call that a person approved.
    pub approved: Rules,
    pub uses: Uses,
}

/// Which facts are mentioned. Asked for each fact of each decision.
#[derive(Debug, Clone, Default)]
pub(super) struct Uses {
    all: bool,
    records: BTreeMap<String, Mentioned>,
}

/// What is mentioned of a record: `flow` for the whole, `flow.trusted` for one of its parts.
#[derive(Debug, Clone, Default)]
struct Mentioned {
    whole: bool,
    parts: BTreeSet<String>,
}

/// Which parts of one record are needed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Parts<'u> {
    All,
    These(&'u BTreeSet<String>),
    None,
}

impl Parts<'_> {
    /// Whether this part is.
    pub fn contain(self, part: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(parts) => parts.contains(part),
            Self::None => false,
        }
    }
}

impl Uses {
    /// Every fact.
    pub fn all() -> Self {
        Self { all: true, records: BTreeMap::new() }
    }

    /// The parts of a record that are needed.
    pub fn of(&self, record: &str) -> Parts<'_> {
        match self.records.get(record) {
            _ if self.all => Parts::All,
            Some(mentioned) if mentioned.whole => Parts::All,
            Some(mentioned) => Parts::These(&mentioned.parts),
            None => Parts::None,
        }
    }

    /// Whether anything of a record is needed.
    pub fn any_of(&self, record: &str) -> bool {
        self.all || self.records.contains_key(record)
    }

    /// Collects every `context.record.part` of a condition.
    fn collect(&mut self, node: &Json) {
        if let Some((left, part)) = projection(node) {
            if let Some((inner, record)) = projection(left)
                && is_context(inner)
            {
                self.records.entry(record.to_owned()).or_default().parts.insert(part.to_owned());
                return;
            }
            if is_context(left) {
                self.records.entry(part.to_owned()).or_default().whole = true;
                return;
            }
        }
        // The context as a whole, compared or passed on: everything may matter.
        self.all |= is_context(node);
        children(node).for_each(|child| self.collect(child));
    }
}

/// The literal sets of all slices.
#[derive(Default)]
pub(super) struct Lists {
    sets: Vec<BTreeSet<String>>,
}

impl Lists {
    /// Replaces literal sets by attributes of the one entity.
    fn hoist(&mut self, node: &mut Json) {
        if let Some(set) = literal_set(node) {
            let number = self.sets.iter().position(|known| *known == set).unwrap_or_else(|| {
                self.sets.push(set);
                self.sets.len() - 1
            });
            let entity = json!({ "Value": { "__entity": { "type": LISTS.0, "id": LISTS.1 } } });
            *node = json!({ ".": { "left": entity, "attr": format!("list{number}") } });
            return;
        }
        match node {
            Json::Array(items) => items.iter_mut().for_each(|item| self.hoist(item)),
            Json::Object(fields) => fields.values_mut().for_each(|field| self.hoist(field)),
            _ => {}
        }
    }

    /// The entity that holds them.
    pub fn entity(&self) -> Result<Entity, Box<dyn std::error::Error>> {
        let texts = |set: &BTreeSet<String>| {
            RestrictedExpression::new_set(set.iter().cloned().map(RestrictedExpression::new_string))
        };
        let attributes: HashMap<_, _> =
            self.sets.iter().enumerate().map(|(n, set)| (format!("list{n}"), texts(set))).collect();
        let uid = EntityUid::from_type_name_and_id(LISTS.0.parse()?, cedar_policy::EntityId::new(LISTS.1));
        Ok(Entity::new(uid, attributes, HashSet::new())?)
    }
}

impl Slice {
    /// The slice of `set` for one action.
    pub fn of(
        set: &PolicySet,
        action: &EntityUid,
        entities: &Entities,
        lists: &mut Lists,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let (mut as_is, mut approved, mut uses) = (Vec::new(), Vec::new(), Uses::default());
        for policy in set.policies().filter(|p| can_match(p, action, entities)) {
            let mut written = policy.to_json()?;
            if depth(&written) > DEEP {
                uses.all = true;
                as_is.push((policy.clone(), Json::Null));
                approved.push((policy.clone(), Json::Null));
                continue;
            }
            let Some(fields) = written.as_object_mut() else {
                return Err("a policy is no JSON object".into());
            };
            fields.insert("action".to_owned(), json!({ "op": "All" }));
            let mut made =
                |written: Option<Json>| -> Result<Option<(Policy, Json)>, Box<dyn std::error::Error>> {
                    let Some(mut written) = written else { return Ok(None) };
                    if let Some(conditions) = written.get_mut("conditions") {
                        uses.collect(conditions);
                        lists.hoist(conditions);
                    }
                    Ok(Some((Policy::from_json(Some(policy.id().clone()), written.clone())?, written)))
                };
            let answers = (settled(written.clone(), false), settled(written, true));
            // Most policies do not look at the answer: they are read once.
            let same = answers.0 == answers.1;
            let first = made(answers.0)?;
            let second = if same { first.clone() } else { made(answers.1)? };
            as_is.extend(first);
            approved.extend(second);
        }
        Ok(Self { as_is: Rules::of(as_is)?, approved: Rules::of(approved)?, uses })
    }

    /// The policies for a call as it is, or as if a person had approved it.
    pub fn rules(&self, approved: bool) -> &Rules {
        if approved { &self.approved } else { &self.as_is }
    }

    /// Whether the answer to an approval must stand in the context too: some policy looks at the context as a whole, or
    /// was taken as it is.
    pub fn asks_context(&self) -> bool {
        self.uses.any_of("approved")
    }
}

fn can_match(policy: &Policy, action: &EntityUid, entities: &Entities) -> bool {
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(named) => named == *action,
        ActionConstraint::In(groups) => {
            groups.iter().any(|group| group == action || entities.is_ancestor_of(group, action))
        }
    }
}

/// `left.part`, or `left has part`.
fn projection(node: &Json) -> Option<(&Json, &str)> {
    let body = node.get(".").or_else(|| node.get("has"))?;
    Some((body.get("left")?, body.get("attr")?.as_str()?))
}

fn is_context(node: &Json) -> bool {
    node.get("Var").is_some_and(|name| name == "context")
}

fn literal_set(node: &Json) -> Option<BTreeSet<String>> {
    let fields = node.as_object().filter(|fields| fields.len() == 1)?;
    let items = fields.get("Set")?.as_array().filter(|items| items.len() >= LONG)?;
    items.iter().map(|item| Some(item.get("Value")?.as_str()?.to_owned())).collect()
}

/// How deeply a JSON value is nested, without recursion.
fn depth(root: &Json) -> usize {
    let (mut open, mut deepest) = (vec![(root, 1)], 0);
    while let Some((node, level)) = open.pop() {
        deepest = deepest.max(level);
        open.extend(children(node).map(|child| (child, level + 1)));
    }
    deepest
}

fn children(node: &Json) -> Box<dyn Iterator<Item = &Json> + '_> {
    match node {
        Json::Array(items) => Box::new(items.iter()),
        Json::Object(fields) => Box::new(fields.values()),
        _ => Box::new(std::iter::empty()),
    }
}
