//! Values to JSON for tools and workers, and back with a mark for every node.

use super::{AskType, Class, Data, Key, Mark, Node};
use crate::kernel::answer::AnswerType;
use crate::kernel::catalogue::Type;
use crate::kernel::label::Capacity;
use indexmap::IndexMap;
use jiff::SignedDuration;
use serde_json::{Map, Number, Value as Json};
use std::sync::Arc;

/// A value or a tool's output that does not have the type it should. Names the place, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at {path}, found {found}")]
pub(in crate::kernel) struct Misshapen {
    pub path: String,
    pub expected: String,
    pub found: &'static str,
}

impl Node {
    /// The value as JSON: dates as ISO text, sets as lists, keys as text.
    pub(in crate::kernel) fn to_json(&self) -> Json {
        match &self.data {
            Data::None | Data::Class(_) => Json::Null,
            Data::Bool(b) => Json::Bool(*b),
            Data::Int(i) => Json::Number((*i).into()),
            Data::Float(f) => Number::from_f64(*f).map_or(Json::Null, Json::Number),
            Data::Decimal(d) => {
                // A decimal goes out as the float nearest to it, which is what JSON readers make of it anyway.
                let float = d.to_string().parse::<f64>().ok().and_then(Number::from_f64);
                float.map_or(Json::Null, Json::Number)
            }
            Data::Str(s) => Json::String(s.to_string()),
            Data::Date(d) => Json::String(d.to_string()),
            Data::DateTime(d) => Json::String(d.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
            Data::Delta(d) => Number::from_f64(d.as_secs_f64()).map_or(Json::Null, Json::Number),
            Data::List(items) | Data::Tuple(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Data::Set(items) => {
                let mark = Mark::trusted();
                Json::Array(items.iter().map(|k| k.node(&mark).to_json()).collect())
            }
            Data::Dict(entries) => {
                let pairs = entries.iter().map(|(k, v)| (k.to_text(), v.to_json()));
                Json::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    /// JSON as a value; `mark_at` gives the mark of each node by its field path (`[].subject`).
    pub(in crate::kernel) fn from_json(json: &Json, path: &str, mark_at: &dyn Fn(&str) -> Mark) -> Self {
        let data = match json {
            Json::Null => Data::None,
            Json::Bool(b) => Data::Bool(*b),
            Json::Number(n) => match n.as_i64() {
                Some(i) => Data::Int(i),
                None => n.as_f64().map_or(Data::None, Data::Float),
            },
            Json::String(s) => Data::str(s.as_str()),
            Json::Array(items) => {
                let below = format!("{path}[]");
                Data::List(Arc::new(items.iter().map(|i| Self::from_json(i, &below, mark_at)).collect()))
            }
            Json::Object(map) => {
                let field = |k: &str| if path.is_empty() { k.to_owned() } else { format!("{path}.{k}") };
                let entries: IndexMap<Key, Node> = map
                    .iter()
                    .map(|(k, v)| (Key::Str(Arc::from(k.as_str())), Self::from_json(v, &field(k), mark_at)))
                    .collect();
                Data::Dict(Arc::new(entries))
            }
        };
        Node::new(data, mark_at(path))
    }
}

impl Key {
    pub(in crate::kernel) fn to_text(&self) -> String {
        match self.node(&Mark::trusted()).to_json() {
            Json::String(text) => text,
            other => other.to_string(),
        }
    }
}

impl Type {
    /// Checks JSON against the type. Records may lack optional fields and may carry fields that are not listed.
    pub(in crate::kernel) fn check(&self, json: &Json, path: &str) -> Result<(), Misshapen> {
        let fits = match (self, json) {
            (Self::Any, _) | (Self::None, Json::Null) | (Self::Bool, Json::Bool(_)) => true,
            (Self::Int, Json::Number(n)) => n.is_i64(),
            (Self::Float | Self::Decimal | Self::Delta, Json::Number(_)) => true,
            (Self::Str | Self::Date | Self::DateTime, Json::String(_)) => true,
            (Self::Enum(options), Json::String(s)) => options.iter().any(|o| o.as_ref() == s),
            (Self::List(item), Json::Array(items)) => {
                let mut each = items.iter().enumerate();
                return each.try_for_each(|(i, one)| item.check(one, &format!("{path}[{i}]")));
            }
            (Self::Map(value), Json::Object(map)) => {
                return map.iter().try_for_each(|(k, one)| value.check(one, &format!("{path}.{k}")));
            }
            (Self::Record(record), Json::Object(map)) => {
                return record.fields.iter().try_for_each(|(name, ty)| match map.get(name.as_ref()) {
                    Some(one) => ty.check(one, &format!("{path}.{name}")),
                    None => ty.check(&Json::Null, &format!("{path}.{name}")),
                });
            }
            (Self::Union(types), json) => types.iter().any(|ty| ty.check(json, path).is_ok()),
            _ => false,
        };
        if fits {
            return Ok(());
        }
        Err(Misshapen { path: path.to_owned(), expected: self.to_string(), found: kind_of(json) })
    }
}

impl Type {
    /// The value with only the fields that its records name: what a type does not mention has no foretold label.
    pub(in crate::kernel) fn pruned(&self, json: Json) -> Json {
        match (self, json) {
            (Self::List(item), Json::Array(items)) => {
                Json::Array(items.into_iter().map(|one| item.pruned(one)).collect())
            }
            (Self::Map(value), Json::Object(map)) => {
                Json::Object(map.into_iter().map(|(key, one)| (key, value.pruned(one))).collect())
            }
            (Self::Record(record), Json::Object(map)) => {
                let named = map.into_iter().filter_map(|(key, one)| {
                    let ty = record.fields.get(key.as_str())?;
                    Some((key, ty.pruned(one)))
                });
                Json::Object(named.collect())
            }
            (Self::Union(types), json) => match types.iter().find(|ty| ty.check(&json, "").is_ok()) {
                Some(ty) => ty.pruned(json),
                None => json,
            },
            (_, json) => json,
        }
    }
}

fn kind_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "None",
        Json::Bool(_) => "bool",
        Json::Number(n) if n.is_i64() => "int",
        Json::Number(_) => "float",
        Json::String(_) => "str",
        Json::Array(_) => "list",
        Json::Object(_) => "object",
    }
}

impl AskType {
    /// The type without marks, as a worker gets it.
    pub(in crate::kernel) fn plain(&self) -> AnswerType {
        match self {
            Self::Bool => AnswerType::Bool,
            Self::Int => AnswerType::Int,
            Self::Float => AnswerType::Float,
            Self::Str => AnswerType::Text,
            Self::Date => AnswerType::Date,
            Self::DateTime => AnswerType::DateTime,
            Self::List(item) => AnswerType::List { item: Box::new(item.plain()) },
            Self::Optional(inner) => AnswerType::Optional { inner: Box::new(inner.plain()) },
            Self::OneOf(options) => AnswerType::OneOf { options: elements(options) },
            Self::Span(source, form) => AnswerType::Span {
                source: match &source.data {
                    Data::Str(text) => text.clone(),
                    _ => Arc::from(""),
                },
                form: *form,
            },
            Self::Class(class) => match class.as_ref() {
                Class::Record { name, fields } => AnswerType::Record {
                    name: name.clone(),
                    fields: fields.iter().map(|(field, ty)| (field.clone(), ty.plain())).collect(),
                },
                Class::Enum { members, .. } => {
                    let mark = Mark::trusted();
                    let options = members.values().map(|m| Node::new(m.clone(), mark.clone()).to_json());
                    AnswerType::OneOf { options: options.collect() }
                }
            },
        }
    }

    /// The join over everything that went into the type: options and sources, or the class's own mark.
    pub(in crate::kernel) fn mark(&self) -> Mark {
        match self {
            Self::List(inner) | Self::Optional(inner) => inner.mark(),
            Self::OneOf(node) | Self::Span(node, _) => node.deep(),
            Self::Class(class) => match class.as_ref() {
                Class::Record { fields, .. } => {
                    fields.iter().fold(Mark::trusted(), |all, (_, ty)| all.join(&ty.mark()))
                }
                Class::Enum { .. } => Mark::trusted(),
            },
            _ => Mark::trusted(),
        }
    }

    /// How much a stranger can say with an answer of this type.
    pub(in crate::kernel) fn capacity(&self) -> Capacity {
        match self {
            Self::Bool => Capacity::Bool,
            Self::Int | Self::Float => Capacity::Number,
            Self::Str => Capacity::Text,
            Self::Date | Self::DateTime => Capacity::Date,
            // A list's length is a number, whatever its elements are.
            Self::List(item) => item.capacity().max(Capacity::Number),
            Self::Optional(inner) => inner.capacity(),
            Self::OneOf(options) => options.deep().label().capacity().max(Capacity::Choice),
            Self::Span(_, Some(_)) => Capacity::FormedSpan,
            Self::Span(_, None) => Capacity::Span,
            // A record is always there, with the same fields: they say something, it does not.
            Self::Class(class) => match class.as_ref() {
                Class::Record { .. } => Capacity::Bool,
                Class::Enum { .. } => Capacity::Choice,
            },
        }
    }

    /// A checked answer as a value; `base` is the mark of what went into the question.
    pub(in crate::kernel) fn value(&self, json: &Json, base: &Mark) -> Node {
        let mark = base.bounded_by(self.capacity());
        let data = match (self, json) {
            (Self::Date, Json::String(s)) => s.parse().map_or(Data::None, Data::Date),
            (Self::DateTime, Json::String(s)) => s.parse().map_or(Data::None, Data::DateTime),
            (Self::Float, Json::Number(n)) => n.as_f64().map_or(Data::None, Data::Float),
            (Self::Optional(inner), json) if !json.is_null() => return inner.value(json, base),
            (Self::List(item), Json::Array(items)) => {
                Data::List(Arc::new(items.iter().map(|i| item.value(i, base)).collect()))
            }
            (Self::Class(class), Json::Object(map)) => match class.as_ref() {
                Class::Record { fields, .. } => {
                    let entry = |(name, ty): &(Arc<str>, AskType)| {
                        Some((Key::Str(name.clone()), ty.value(map.get(name.as_ref())?, base)))
                    };
                    Data::Dict(Arc::new(fields.iter().filter_map(entry).collect()))
                }
                Class::Enum { .. } => return Node::from_json(json, "", &|_| mark.clone()),
            },
            _ => return Node::from_json(json, "", &|_| mark.clone()),
        };
        Node::new(data, mark)
    }
}

fn elements(options: &Node) -> Vec<Json> {
    match options.to_json() {
        Json::Array(items) => items,
        Json::Object(map) => map.into_iter().map(|(key, _)| Json::String(key)).collect(),
        other => vec![other],
    }
}

/// A duration's parts as Python splits them: days, seconds of the day, microseconds.
pub(in crate::kernel) fn split(delta: SignedDuration) -> (i64, i64, i64) {
    let seconds = delta.as_secs().div_euclid(86_400);
    let rest = delta.as_secs().rem_euclid(86_400);
    (seconds, rest, i64::from(delta.subsec_micros()))
}
