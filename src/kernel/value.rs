//! Values inside the interpreter: a tree in which every node carries its own mark.
//!
//! A container's mark speaks of its shape (length, order, which elements); an element's mark of the element. To
//! read an element is to learn of both, so every access joins the container's mark into what it yields.

mod json;
mod mark;
#[cfg(test)]
mod tests;

pub(in crate::kernel) use json::split;
pub use mark::Mark;

use super::answer::Form;
use indexmap::{IndexMap, IndexSet};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use std::cmp::Ordering;
use std::sync::Arc;

/// Deepest nesting of a value: what JSON readers accept, with room.
const MAX_DEPTH: usize = 60;

/// One node of a value.
#[derive(Debug, Clone)]
pub struct Node {
    pub(in crate::kernel) data: Data,
    pub(in crate::kernel) mark: Mark,
}

/// What a node holds. Containers are shared and copied when changed: values have no identity.
#[derive(Debug, Clone)]
pub(in crate::kernel) enum Data {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Decimal(Decimal),
    Str(Arc<str>),
    Date(Date),
    DateTime(DateTime),
    Delta(SignedDuration),
    List(Arc<Vec<Node>>),
    Tuple(Arc<Vec<Node>>),
    /// Only scalars; their marks are joined into the set's.
    Set(Arc<IndexSet<Key>>),
    /// A dict, a JSON object or a record; its keys' marks are joined into the dict's.
    Dict(Arc<IndexMap<Key, Node>>),
    /// A class of the plan, evaluated.
    Class(Arc<Class>),
}

/// A scalar that can be a dict's key or a set's element.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::kernel) enum Key {
    None,
    Bool(bool),
    Int(i64),
    /// The bits of a float that is not a whole number.
    Float(u64),
    Str(Arc<str>),
    Date(Date),
    DateTime(DateTime),
    Delta(SignedDuration),
    Decimal(Decimal),
    Tuple(Vec<Key>),
}

/// A class of the plan with its field types' run-time values filled in.
#[derive(Debug, Clone)]
pub(in crate::kernel) enum Class {
    Record { name: Arc<str>, fields: Vec<(Arc<str>, AskType)> },
    Enum { members: IndexMap<Arc<str>, Data> },
}

/// An answer's type while its options and sources still carry marks.
#[derive(Debug, Clone)]
pub(in crate::kernel) enum AskType {
    Bool,
    Int,
    Float,
    Str,
    Date,
    DateTime,
    List(Box<AskType>),
    Optional(Box<AskType>),
    OneOf(Node),
    Span(Node, Option<Form>),
    Class(Arc<Class>),
}

impl Node {
    pub(in crate::kernel) fn new(data: Data, mark: Mark) -> Self {
        Self { data, mark }
    }

    /// The same node, marked with `mark` as well.
    pub(in crate::kernel) fn joined(self, mark: &Mark) -> Self {
        Self { mark: self.mark.join(mark), data: self.data }
    }

    /// The join over the node and everything in it.
    pub(in crate::kernel) fn deep(&self) -> Mark {
        match &self.data {
            Data::List(items) | Data::Tuple(items) => {
                items.iter().fold(self.mark.clone(), |mark, item| mark.join(&item.deep()))
            }
            Data::Dict(entries) => {
                entries.values().fold(self.mark.clone(), |mark, item| mark.join(&item.deep()))
            }
            _ => self.mark.clone(),
        }
    }

    /// About how much memory the value takes, in bytes; gives up above `limit` or when nested too deep.
    pub(in crate::kernel) fn size(&self, limit: usize) -> usize {
        self.size_at(limit, 0)
    }

    fn size_at(&self, limit: usize, depth: usize) -> usize {
        let own = 16;
        if depth > MAX_DEPTH {
            return usize::MAX;
        }
        let sum = |start: usize, nodes: &mut dyn Iterator<Item = &Node>| {
            let mut total = start;
            for node in nodes {
                if total > limit {
                    break;
                }
                total = total.saturating_add(node.size_at(limit, depth + 1));
            }
            total
        };
        match &self.data {
            Data::Str(s) => own + s.len(),
            Data::List(items) | Data::Tuple(items) => sum(own, &mut items.iter()),
            Data::Set(items) => own + items.iter().map(Key::size).sum::<usize>(),
            Data::Dict(entries) => {
                let keys: usize = entries.keys().map(Key::size).sum();
                sum(own + keys, &mut entries.values())
            }
            _ => own,
        }
    }
}

impl Data {
    pub(in crate::kernel) fn str(text: impl Into<Arc<str>>) -> Self {
        Self::Str(text.into())
    }

    /// What people and error messages call this kind of value.
    pub(in crate::kernel) fn kind(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Decimal(_) => "Decimal",
            Self::Str(_) => "str",
            Self::Date(_) => "date",
            Self::DateTime(_) => "datetime",
            Self::Delta(_) => "timedelta",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Set(_) => "set",
            Self::Dict(_) => "dict",
            Self::Class(_) => "class",
        }
    }

    /// Python's truth.
    pub(in crate::kernel) fn truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(b) => *b,
            Self::Int(i) => *i != 0,
            Self::Float(f) => *f != 0.0,
            Self::Decimal(d) => !d.is_zero(),
            Self::Str(s) => !s.is_empty(),
            Self::Delta(d) => !d.is_zero(),
            Self::List(items) | Self::Tuple(items) => !items.is_empty(),
            Self::Set(items) => !items.is_empty(),
            Self::Dict(entries) => !entries.is_empty(),
            Self::Date(_) | Self::DateTime(_) | Self::Class(_) => true,
        }
    }

    /// The value as a key, when it is a scalar or a tuple of them.
    pub(in crate::kernel) fn key(&self) -> Option<Key> {
        Some(match self {
            Self::None => Key::None,
            Self::Bool(b) => Key::Bool(*b),
            Self::Int(i) => Key::Int(*i),
            Self::Float(f) => match i64::from_f64(*f).filter(|i| i.to_f64() == Some(*f)) {
                Some(whole) => Key::Int(whole),
                None => Key::Float(f.to_bits()),
            },
            Self::Str(s) => Key::Str(s.clone()),
            Self::Date(d) => Key::Date(*d),
            Self::DateTime(d) => Key::DateTime(*d),
            Self::Delta(d) => Key::Delta(*d),
            Self::Decimal(d) => Key::Decimal(d.normalize()),
            Self::Tuple(items) => Key::Tuple(items.iter().map(|n| n.data.key()).collect::<Option<_>>()?),
            Self::List(_) | Self::Set(_) | Self::Dict(_) | Self::Class(_) => return None,
        })
    }

    /// Python's `==`: numbers by value across their types, containers by their elements.
    pub(in crate::kernel) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(a), Self::List(b)) | (Self::Tuple(a), Self::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(x, y)| x.data.equals(&y.data))
            }
            (Self::Set(a), Self::Set(b)) => a == b,
            (Self::Dict(a), Self::Dict(b)) => {
                a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| v.data.equals(&w.data)))
            }
            (Self::Decimal(d), other) | (other, Self::Decimal(d)) => other.decimal().is_some_and(|o| o == *d),
            // Not through floats: whole numbers above 2^53 would become equal to their neighbours.
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Int(i), Self::Float(f)) | (Self::Float(f), Self::Int(i)) => {
                whole_and_float(*i, *f) == Some(Ordering::Equal)
            }
            (a, b) => match (a.number(), b.number()) {
                (Some(x), Some(y)) => x == y,
                (None, None) => a.key().is_some() && a.key() == b.key(),
                _ => false,
            },
        }
    }

    /// The value as a float, for numbers and booleans.
    pub(in crate::kernel) fn number(&self) -> Option<f64> {
        match self {
            Self::Bool(b) => Some(f64::from(u8::from(*b))),
            Self::Int(i) => i.to_f64(),
            Self::Float(f) => Some(*f),
            _ => None,
        }
    }

    /// The value as an exact decimal; a float through its shortest text.
    pub(in crate::kernel) fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Bool(b) => Some(Decimal::from(u8::from(*b))),
            Self::Int(i) => Some(Decimal::from(*i)),
            Self::Float(f) => f.to_string().parse().ok(),
            Self::Decimal(d) => Some(*d),
            _ => None,
        }
    }
}

/// The exact order of a whole number and a float; `None` for a float that is none.
pub(in crate::kernel) fn whole_and_float(i: i64, f: f64) -> Option<Ordering> {
    match f.trunc().to_i128() {
        Some(whole) if i128::from(i) == whole => 0.0_f64.partial_cmp(&f.fract()),
        Some(whole) => Some(i128::from(i).cmp(&whole)),
        None => 0.0_f64.partial_cmp(&f),
    }
}

impl Key {
    fn size(&self) -> usize {
        match self {
            Self::Str(s) => 16 + s.len(),
            Self::Tuple(keys) => keys.iter().map(Key::size).sum(),
            _ => 16,
        }
    }

    /// The key as a value, under the mark of the container it was in.
    pub(in crate::kernel) fn node(&self, mark: &Mark) -> Node {
        let data = match self {
            Self::None => Data::None,
            Self::Bool(b) => Data::Bool(*b),
            Self::Int(i) => Data::Int(*i),
            Self::Float(bits) => Data::Float(f64::from_bits(*bits)),
            Self::Str(s) => Data::Str(s.clone()),
            Self::Date(d) => Data::Date(*d),
            Self::DateTime(d) => Data::DateTime(*d),
            Self::Delta(d) => Data::Delta(*d),
            Self::Decimal(d) => Data::Decimal(*d),
            Self::Tuple(keys) => Data::Tuple(Arc::new(keys.iter().map(|k| k.node(mark)).collect())),
        };
        Node::new(data, mark.clone())
    }
}
