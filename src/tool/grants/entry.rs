//! One `[tools.NAME]` table.

use super::fields;
use crate::config::document::{Document, Placed, PlacedKey};
use crate::kernel::catalogue::{Effect, FieldGrant, Grant, Origin, Param, Role, Tool, Type};
use crate::kernel::label::{Capacity, Integrity};
use crate::tool::schema::Property;
use std::sync::Arc;

/// A tool as its schema describes it.
#[derive(Debug)]
pub(super) struct Described {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub properties: Vec<Property>,
    pub returns: Type,
}

const KEYS: [&str; 9] =
    ["effect", "critical", "output", "public", "idempotent", "reason", "effect_with", "roles", "fields"];
const EFFECTS: [(&str, Effect); 4] = [
    ("read", Effect::Read),
    ("write", Effect::Write),
    ("egress", Effect::Egress),
    ("execute", Effect::Execute),
];
const ROLES: [(&str, Role); 4] = [
    ("data", Role::Data),
    ("path", Role::Path),
    ("recipient", Role::Recipient),
    // Without it the rules about shell commands would see nothing of a granted tool that runs one.
    ("command", Role::Command),
];

/// Reads the grant of a described tool; `None`, with faults, when it says too little.
pub(super) fn read<'t>(
    document: &mut Document<'t>,
    tool: &Described,
    name: &PlacedKey<'t>,
    body: &Placed<'t>,
) -> Option<Tool> {
    let entries = document.entries(name, body);
    let value_of = |wanted: &str| entries.iter().find(|(key, _)| key.get_ref().as_ref() == wanted).copied();
    for (key, _) in &entries {
        if !KEYS.contains(&key.get_ref().as_ref()) {
            document.unknown(key.span().start, "key", key.get_ref(), &KEYS);
        }
    }
    if let Some((key, value)) = value_of("reason") {
        document.text(key, value);
    }
    let effect = match value_of("effect") {
        Some((key, value)) => document.word(key, value, &EFFECTS),
        None => {
            let what = format!(
                "`{}` has no effect; add effect = \"read\", \"write\", \"egress\" or \"execute\"",
                tool.name
            );
            document.fault(name.span().start, what);
            None
        }
    };
    let public = value_of("public").and_then(|(key, value)| document.boolean(key, value)).unwrap_or(false);
    let output = match value_of("output") {
        Some((key, value)) => fields::grant(document, key, value, &tool.returns, public),
        // Silence about a tool's output is no praise of it.
        None => Some(Grant { integrity: Integrity::Untrusted, capacity: Capacity::Text, public }),
    };
    let critical =
        value_of("critical").map(|(key, value)| names(document, tool, key, value)).unwrap_or_default();
    let effect_with = match value_of("effect_with") {
        Some((key, value)) => by_argument(document, tool, key, value, &EFFECTS),
        None => Vec::new(),
    };
    let roles = match value_of("roles") {
        Some((key, value)) => by_argument(document, tool, key, value, &ROLES),
        None => Vec::new(),
    };
    let fields = match value_of("fields") {
        Some((key, value)) => field_grants(document, tool, key, value, public),
        None => Vec::new(),
    };
    let idempotent = value_of("idempotent").and_then(|(key, value)| document.boolean(key, value));
    let effect = effect?;
    let role_of =
        |name: &Arc<str>| roles.iter().find(|(n, _)| n == name).map_or(Role::Data, |(_, role)| *role);
    let params = tool.properties.iter().map(|property| Param {
        name: property.name.clone(),
        ty: property.ty.clone(),
        required: property.required,
        doc: property.doc.clone(),
        critical: critical.contains(&property.name),
        role: role_of(&property.name),
    });
    Some(Tool {
        name: tool.name.clone(),
        doc: tool.doc.clone(),
        params: params.collect(),
        returns: tool.returns.clone(),
        effect,
        idempotent: idempotent.unwrap_or(false),
        effect_with,
        output: output?,
        fields,
        origin: Origin::Tool,
    })
}

fn names(
    document: &mut Document<'_>,
    tool: &Described,
    key: &PlacedKey<'_>,
    value: &Placed<'_>,
) -> Vec<Arc<str>> {
    let Some(items) = value.get_ref().as_array() else {
        document.fault(value.span().start, format!("`{}` must be a list of argument names", key.get_ref()));
        return Vec::new();
    };
    let mut found = Vec::new();
    for item in items.iter() {
        match item.get_ref().as_str() {
            Some(name) => found.extend(argument(document, tool, item.span().start, name)),
            None => document.fault(item.span().start, "an argument's name must be a text in quotes"),
        }
    }
    found
}

fn by_argument<'t, T: Copy>(
    document: &mut Document<'t>,
    tool: &Described,
    key: &PlacedKey<'t>,
    value: &Placed<'t>,
    words: &[(&str, T)],
) -> Vec<(Arc<str>, T)> {
    let mut found = Vec::new();
    for (name, word) in document.entries(key, value) {
        let argument = argument(document, tool, name.span().start, name.get_ref());
        let meaning = document.word(name, word, words);
        found.extend(argument.zip(meaning));
    }
    found
}

fn argument(document: &mut Document<'_>, tool: &Described, at: usize, name: &str) -> Option<Arc<str>> {
    let found = tool.properties.iter().find(|p| p.name.as_ref() == name).map(|p| p.name.clone());
    if found.is_none() {
        let known: Vec<&str> = tool.properties.iter().map(|p| p.name.as_ref()).collect();
        document.unknown(at, &format!("argument of {}", tool.name), name, &known);
    }
    found
}

fn field_grants<'t>(
    document: &mut Document<'t>,
    tool: &Described,
    key: &PlacedKey<'t>,
    value: &Placed<'t>,
    public: bool,
) -> Vec<FieldGrant> {
    let mut found = Vec::new();
    for (path, grant) in document.entries(key, value) {
        match fields::type_at(&tool.returns, path.get_ref()) {
            Ok(ty) => {
                let grant = fields::grant(document, path, grant, &ty, public);
                found.extend(
                    grant.map(|grant| FieldGrant { path: Arc::from(path.get_ref().as_ref()), grant }),
                );
            }
            Err(known) => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let what = format!("field of what {} returns", tool.name);
                document.unknown(path.span().start, &what, path.get_ref(), &known);
            }
        }
    }
    found
}
