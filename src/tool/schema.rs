//! Reads JSON schemas, as MCP servers publish them, into the plan language's types.
//!
//! A part that the language has no type for becomes [`Type::Any`], which the checker accepts everywhere: a schema
//! can make a plan less checked, never more trusted.

#[cfg(test)]
mod tests;

use crate::kernel::catalogue::{RecordType, Type};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Deepest nesting that is read; below is [`Type::Any`].
const MAX_DEPTH: usize = 24;
/// Most nodes that one schema may expand to; references that fan out without end stop here.
const MAX_NODES: usize = 4_000;

/// One property of an object schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Whether the object must have it.
    pub required: bool,
    /// Its description, on one line; empty when there is none.
    pub doc: Arc<str>,
}

/// The parameters that an `inputSchema` describes, in its order.
pub fn properties(input_schema: &Json) -> Vec<Property> {
    let mut reader = Reader::new(input_schema);
    let Some(object) = reader.resolve_once(input_schema).as_object() else { return Vec::new() };
    let Some(listed) = object.get("properties").and_then(Json::as_object) else { return Vec::new() };
    let required = required_of(object);
    let mut properties = Vec::new();
    for (name, schema) in listed {
        properties.push(Property {
            name: Arc::from(name.as_str()),
            ty: reader.read(schema, &camel(name), 0),
            required: required.contains(&name.as_str()),
            doc: Arc::from(one_line(schema.get("description").and_then(Json::as_str).unwrap_or_default())),
        });
    }
    properties
}

/// The type that an `outputSchema` describes. A result wrapped as `{"result": ...}` because MCP wants an object at
/// the root (`x-fastmcp-wrap-result`) is unwrapped.
pub fn output(output_schema: &Json, hint: &str) -> Type {
    let mut reader = Reader::new(output_schema);
    let schema = if wraps_result(output_schema) {
        output_schema.pointer("/properties/result").unwrap_or(output_schema)
    } else {
        output_schema
    };
    reader.read(schema, hint, 0)
}

/// Whether results of this schema travel as `{"result": value}`.
pub fn wraps_result(output_schema: &Json) -> bool {
    output_schema.get("x-fastmcp-wrap-result").and_then(Json::as_bool).unwrap_or(false)
        && output_schema.pointer("/properties/result").is_some()
}

struct Reader<'s> {
    root: &'s Json,
    open: Vec<&'s str>,
    nodes: usize,
}

impl<'s> Reader<'s> {
    fn new(root: &'s Json) -> Self {
        Self { root, open: Vec::new(), nodes: 0 }
    }

    /// Follows one reference at the root, as some servers publish their input schema.
    fn resolve_once(&self, schema: &'s Json) -> &'s Json {
        let target = schema.get("$ref").and_then(Json::as_str).and_then(|name| self.target(name));
        target.unwrap_or(schema)
    }

    fn target(&self, reference: &str) -> Option<&'s Json> {
        // Only inside the same document: a schema makes nobody fetch anything.
        self.root.pointer(reference.strip_prefix('#')?)
    }

    fn read(&mut self, schema: &'s Json, hint: &str, depth: usize) -> Type {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Type::Any;
        }
        let Some(object) = schema.as_object() else { return Type::Any };
        if let Some(reference) = object.get("$ref").and_then(Json::as_str) {
            return self.read_reference(reference, depth);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(options) = object.get(key).and_then(Json::as_array) {
                return union(options.iter().map(|option| self.read(option, hint, depth + 1)));
            }
        }
        if let Some([only]) = object.get("allOf").and_then(Json::as_array).map(Vec::as_slice) {
            return self.read(only, hint, depth + 1);
        }
        if let Some(values) = object.get("enum").and_then(Json::as_array) {
            return closed_list(values.iter());
        }
        if let Some(value) = object.get("const") {
            return closed_list(std::iter::once(value));
        }
        match object.get("type") {
            Some(Json::String(name)) => self.read_typed(name, object, hint, depth),
            Some(Json::Array(names)) => union(
                names.iter().filter_map(Json::as_str).map(|name| self.read_typed(name, object, hint, depth)),
            ),
            None if object.contains_key("properties") => self.read_typed("object", object, hint, depth),
            None if object.contains_key("items") => self.read_typed("array", object, hint, depth),
            _ => Type::Any,
        }
    }

    fn read_reference(&mut self, reference: &'s str, depth: usize) -> Type {
        let Some(target) = self.target(reference) else { return Type::Any };
        if self.open.contains(&reference) {
            return Type::Any;
        }
        self.open.push(reference);
        let name = reference.rsplit('/').next().unwrap_or("Record");
        let ty = self.read(target, &camel(name), depth + 1);
        self.open.pop();
        ty
    }

    fn read_typed(&mut self, name: &str, object: &'s Map<String, Json>, hint: &str, depth: usize) -> Type {
        match name {
            "null" => Type::None,
            "boolean" => Type::Bool,
            "integer" => Type::Int,
            "number" => Type::Float,
            "string" => Type::Str,
            "array" => {
                let item = match (object.get("items"), object.get("prefixItems").and_then(Json::as_array)) {
                    (_, Some(each)) => union(each.iter().map(|one| self.read(one, hint, depth + 1))),
                    (Some(items), None) => self.read(items, hint, depth + 1),
                    (None, None) => Type::Any,
                };
                Type::List(Box::new(item))
            }
            "object" => self.read_object(object, hint, depth),
            _ => Type::Any,
        }
    }

    fn read_object(&mut self, object: &'s Map<String, Json>, hint: &str, depth: usize) -> Type {
        let Some(properties) = object.get("properties").and_then(Json::as_object) else {
            let values = match object.get("additionalProperties") {
                Some(schema @ Json::Object(_)) => self.read(schema, hint, depth + 1),
                _ => Type::Any,
            };
            return Type::Map(Box::new(values));
        };
        let required = required_of(object);
        let mut fields = IndexMap::new();
        for (name, schema) in properties {
            let ty = self.read(schema, &format!("{hint}{}", camel(name)), depth + 1);
            let ty = if required.contains(&name.as_str()) { ty } else { union([ty, Type::None]) };
            fields.insert(Arc::from(name.as_str()), ty);
        }
        let title = object.get("title").and_then(Json::as_str).map(camel).filter(|t| !t.is_empty());
        let name = title.unwrap_or_else(|| camel(hint));
        let name = if name.is_empty() { "Record".to_owned() } else { name };
        Type::Record(Arc::new(RecordType { name: Arc::from(name), fields }))
    }
}

fn required_of(object: &Map<String, Json>) -> Vec<&str> {
    let listed = object.get("required").and_then(Json::as_array);
    listed.map(|names| names.iter().filter_map(Json::as_str).collect()).unwrap_or_default()
}

/// The smallest union: flat, each once; anything with [`Type::Any`] in it is [`Type::Any`].
fn union(types: impl IntoIterator<Item = Type>) -> Type {
    let mut flat: Vec<Type> = Vec::new();
    for ty in types {
        match ty {
            Type::Union(inner) => inner.into_iter().for_each(|one| add(&mut flat, one)),
            other => add(&mut flat, other),
        }
    }
    if flat.is_empty() || flat.contains(&Type::Any) {
        return Type::Any;
    }
    match flat.as_slice() {
        [only] => only.clone(),
        _ => Type::Union(flat),
    }
}

fn add(flat: &mut Vec<Type>, ty: Type) {
    if !flat.contains(&ty) {
        flat.push(ty);
    }
}

fn closed_list<'j>(values: impl Iterator<Item = &'j Json>) -> Type {
    let mut texts: Vec<Arc<str>> = Vec::new();
    let mut others: Vec<Type> = Vec::new();
    for value in values {
        match value {
            Json::String(text) => texts.push(Arc::from(text.as_str())),
            Json::Null => others.push(Type::None),
            Json::Bool(_) => others.push(Type::Bool),
            Json::Number(n) if n.is_i64() => others.push(Type::Int),
            Json::Number(_) => others.push(Type::Float),
            Json::Array(_) | Json::Object(_) => others.push(Type::Any),
        }
    }
    let texts = if texts.is_empty() { None } else { Some(Type::Enum(texts)) };
    union(texts.into_iter().chain(others))
}

/// `get_user-info` -> `GetUserInfo`; only what a class name can hold.
pub(super) fn camel(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined: String = words
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
        })
        .collect();
    let joined: String = joined.chars().take(64).collect();
    if joined.starts_with(|c: char| c.is_ascii_digit()) { format!("T{joined}") } else { joined }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
