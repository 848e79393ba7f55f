//! What an output or a field of it is worth, and which fields there are.

use crate::config::document::{Document, Placed, PlacedKey};
use crate::kernel::catalogue::{Grant, Type};
use crate::kernel::label::{Capacity, Integrity};

const INTEGRITIES: [(&str, Integrity); 2] =
    [("trusted", Integrity::Trusted), ("untrusted", Integrity::Untrusted)];
const CAPACITIES: [(&str, Capacity); 7] = [
    ("bool", Capacity::Bool),
    ("choice", Capacity::Choice),
    ("number", Capacity::Number),
    ("date", Capacity::Date),
    ("formed_span", Capacity::FormedSpan),
    ("span", Capacity::Span),
    ("text", Capacity::Text),
];

/// Reads `"trusted"`, `"untrusted"` or `{ integrity, capacity, public }`.
pub(super) fn grant<'t>(
    document: &mut Document<'t>,
    key: &PlacedKey<'t>,
    value: &Placed<'t>,
    ty: &Type,
    public: bool,
) -> Option<Grant> {
    let mut grant = Grant { integrity: Integrity::Untrusted, capacity: Capacity::Nothing, public };
    let mut capacity = None;
    if value.get_ref().is_table() {
        let mut integrity = None;
        for (key, value) in document.entries(key, value) {
            match key.get_ref().as_ref() {
                "integrity" => integrity = Some(document.word(key, value, &INTEGRITIES)?),
                "capacity" => capacity = Some((key, document.word(key, value, &CAPACITIES)?)),
                "public" => grant.public = document.boolean(key, value)?,
                other => {
                    document.unknown(key.span().start, "key", other, &["integrity", "capacity", "public"]);
                }
            }
        }
        grant.integrity = integrity.unwrap_or(Integrity::Untrusted);
    } else {
        grant.integrity = document.word(key, value, &INTEGRITIES)?;
    }
    match (grant.integrity, capacity) {
        (Integrity::Trusted, Some((key, _))) => {
            document.fault(
                key.span().start,
                "a trusted field has no capacity: no stranger says anything with it",
            );
            None
        }
        (Integrity::Trusted, None) => Some(grant),
        (Integrity::Untrusted, given) => {
            let capacity = given.map_or_else(|| capacity_of(ty), |(_, capacity)| capacity);
            Some(Grant { capacity, ..grant })
        }
    }
}

/// The most that can be said with a value of this type, which the kernel checks on return.
fn capacity_of(ty: &Type) -> Capacity {
    match ty {
        Type::None | Type::Bool => Capacity::Bool,
        Type::Enum(_) => Capacity::Choice,
        Type::Int | Type::Float | Type::Decimal => Capacity::Number,
        Type::Date | Type::DateTime | Type::Delta => Capacity::Date,
        Type::Union(options) => options.iter().map(capacity_of).max().unwrap_or(Capacity::Text),
        // How many elements there are says something too, and so do the names of fields that are missing.
        Type::Any | Type::Str | Type::List(_) | Type::Map(_) | Type::Record(_) => Capacity::Text,
    }
}

/// The type at a field path such as `[].subject` or `owner.name`.
///
/// # Errors
/// The paths that there are, when this is none of them.
pub(super) fn type_at(ty: &Type, path: &str) -> Result<Type, Vec<String>> {
    let mut at = ty.clone();
    let mut seen = String::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, after) = split(rest);
        let next = steps(&at).into_iter().find(|(name, _)| name == step || name == "*");
        let Some((_, next)) = next else {
            let dot = if seen.is_empty() { "" } else { "." };
            let show = |name: String| match name.as_str() {
                "[]" => format!("{seen}[]"),
                _ => format!("{seen}{dot}{name}"),
            };
            return Err(steps(&at).into_iter().map(|(name, _)| show(name)).collect());
        };
        if !seen.is_empty() && step != "[]" {
            seen.push('.');
        }
        seen.push_str(step);
        at = next;
        rest = after;
    }
    Ok(at)
}

/// The first step of a path and what follows it.
fn split(path: &str) -> (&str, &str) {
    let (step, rest) = match path.strip_prefix("[]") {
        Some(rest) => ("[]", rest),
        None => path.split_at(path.find(['.', '[']).unwrap_or(path.len())),
    };
    // A dot that ends the path leads to a field without a name, which there is not.
    match rest.strip_prefix('.') {
        Some(after) if !after.is_empty() && !after.starts_with(['.', '[']) => (step, after),
        Some(_) => (path, ""),
        None => (step, rest),
    }
}

/// The steps that a type allows; `*` for any.
fn steps(ty: &Type) -> Vec<(String, Type)> {
    match ty {
        Type::Any => vec![("*".to_owned(), Type::Any)],
        Type::List(item) => vec![("[]".to_owned(), item.as_ref().clone())],
        Type::Map(value) => vec![("*".to_owned(), value.as_ref().clone())],
        Type::Record(record) => {
            record.fields.iter().map(|(name, ty)| (name.to_string(), ty.clone())).collect()
        }
        Type::Union(options) => options.iter().flat_map(steps).collect(),
        _ => Vec::new(),
    }
}
