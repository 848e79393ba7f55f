//! What the checker knows of a value before there is one: its shape, and a mark that is never better than the
//! one the value will have.

use crate::kernel::answer::Form;
use crate::kernel::catalogue::Type;
use crate::kernel::label::Capacity;
use crate::kernel::value::Mark;
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::sync::Arc;

/// Deepest shape that is told apart; below, everything is [`Shape::Any`].
const MAX_DEPTH: usize = 8;

/// A value that is not there yet. INVARIANT: a part that the shape does not name has at most the mark of the
/// part that contains it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Abs {
    pub shape: Shape,
    pub mark: Mark,
    /// The value itself, where the plan's text fixes it.
    pub fixed: Option<Json>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Nothing is known: every part has the mark of the whole.
    Any,
    /// One of the scalar types.
    Scalar(Type),
    /// A list; `None` while it is empty.
    List(Option<Box<Abs>>),
    Tuple(Vec<Abs>),
    /// Its elements have the set's own mark.
    Set(Type),
    /// A dict of the plan; `None` while it is empty.
    Dict {
        key: Type,
        value: Option<Box<Abs>>,
    },
    /// An object with these fields.
    Record {
        name: Arc<str>,
        fields: Arc<IndexMap<Arc<str>, Abs>>,
    },
    /// The value, or None.
    Maybe(Box<Shape>),
    /// A class of the plan.
    Class(Arc<AbsClass>),
}

/// A class of the plan.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum AbsClass {
    Record { name: Arc<str>, fields: Vec<(Arc<str>, AbsType)> },
    Enum { name: Arc<str>, members: Vec<Arc<str>>, of: Type },
}

/// A type as `ask` takes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum AbsType {
    Scalar(Type),
    List(Box<AbsType>),
    Optional(Box<AbsType>),
    OneOf(Abs),
    Span(Abs, Option<Form>),
    Class(Arc<AbsClass>),
}

impl Abs {
    pub(super) fn new(shape: Shape, mark: Mark) -> Self {
        Self { shape, mark, fixed: None }
    }

    pub(super) fn scalar(ty: Type, mark: Mark) -> Self {
        Self::new(Shape::Scalar(ty), mark)
    }

    /// A computed scalar or unknown: its mark says no more than its type can. See `run::eval::derived`.
    pub(super) fn derived(shape: Shape, mark: &Mark) -> Self {
        let mark = match &shape {
            Shape::Scalar(ty) => mark.bounded_by(capacity_of(ty)),
            Shape::Any | Shape::Maybe(_) => mark.bounded_by(Capacity::Text),
            _ => mark.clone(),
        };
        Self::new(shape, mark)
    }

    pub(super) fn joined(self, mark: &Mark) -> Self {
        Self { mark: self.mark.join(mark), ..self }
    }

    /// The join over the value and every part of it.
    pub(super) fn deep(&self) -> Mark {
        deep(&self.shape, &self.mark)
    }

    /// The least that covers both.
    pub(super) fn join(&self, other: &Self) -> Self {
        self.join_at(other, 0)
    }

    fn join_at(&self, other: &Self, depth: usize) -> Self {
        if self == other {
            return self.clone();
        }
        let mark = self.mark.join(&other.mark);
        let fixed = if self.fixed == other.fixed { self.fixed.clone() } else { None };
        match join_shapes(&self.shape, &other.shape, depth) {
            Some(shape) => Self { shape, mark, fixed },
            None => Self { shape: Shape::Any, mark: self.deep().join(&other.deep()), fixed: None },
        }
    }

    /// The same with nothing known of its shape: where joining does not come to an end by itself.
    pub(super) fn blurred(&self) -> Self {
        Self::new(Shape::Any, self.deep())
    }

    /// The type in words.
    pub(super) fn kind(&self) -> String {
        kind(&self.shape)
    }

    /// A part of the value, under the mark of the whole.
    pub(super) fn part(&self, part: &Abs) -> Self {
        part.clone().joined(&self.mark)
    }

    /// What iterating yields; `None` when it cannot be iterated.
    pub(super) fn element(&self) -> Option<Self> {
        match &self.shape {
            Shape::Any => Some(Self::new(Shape::Any, self.mark.clone())),
            Shape::Scalar(Type::Str | Type::Enum(_)) => Some(Self::scalar(Type::Str, self.mark.clone())),
            Shape::Scalar(Type::Any) => Some(Self::new(Shape::Any, self.mark.clone())),
            Shape::Scalar(_) | Shape::Class(_) => None,
            Shape::List(item) => Some(match item {
                Some(item) => self.part(item),
                None => Self::new(Shape::Any, self.mark.clone()),
            }),
            Shape::Tuple(items) => Some(match items.split_first() {
                Some((first, rest)) => self.part(&rest.iter().fold(first.clone(), |all, i| all.join(i))),
                None => Self::new(Shape::Any, self.mark.clone()),
            }),
            Shape::Set(ty) => Some(Self::of_type_flat(ty, self.mark.clone())),
            Shape::Dict { key, .. } => Some(Self::of_type_flat(key, self.mark.clone())),
            Shape::Record { .. } => Some(Self::scalar(Type::Str, self.mark.clone())),
            Shape::Maybe(inner) => Self::new(inner.as_ref().clone(), self.mark.clone()).element(),
        }
    }

    fn of_type_flat(ty: &Type, mark: Mark) -> Self {
        match ty {
            Type::Any | Type::Union(_) | Type::List(_) | Type::Map(_) | Type::Record(_) => {
                Self::new(Shape::Any, mark)
            }
            scalar => Self::scalar(scalar.clone(), mark),
        }
    }

    /// A value of a declared type; `mark_at` gives the mark of each part by its field path.
    pub(super) fn of_type(ty: &Type, path: &str, mark_at: &dyn Fn(&str) -> Mark) -> Self {
        let mark = mark_at(path);
        let shape = match ty {
            Type::Any => Shape::Any,
            Type::List(item) => {
                Shape::List(Some(Box::new(Self::of_type(item, &format!("{path}[]"), mark_at))))
            }
            Type::Map(value) => {
                let value = Self::of_type(value, &field_path(path, "*"), mark_at);
                Shape::Dict { key: Type::Str, value: Some(Box::new(value)) }
            }
            Type::Record(record) => {
                let field = |(name, ty): (&Arc<str>, &Type)| {
                    (name.clone(), Self::of_type(ty, &field_path(path, name), mark_at))
                };
                Shape::Record {
                    name: record.name.clone(),
                    fields: Arc::new(record.fields.iter().map(field).collect()),
                }
            }
            Type::Union(types) => {
                let some: Vec<&Type> = types.iter().filter(|t| **t != Type::None).collect();
                let values: Vec<Self> = some.iter().map(|t| Self::of_type(t, path, mark_at)).collect();
                let Some((first, rest)) = values.split_first() else {
                    return Self::scalar(Type::None, mark);
                };
                let value = rest.iter().fold(first.clone(), |all, v| all.join(v));
                let shape =
                    if some.len() < types.len() { Shape::Maybe(Box::new(value.shape)) } else { value.shape };
                return Self::new(shape, mark.join(&value.mark));
            }
            scalar => Shape::Scalar(scalar.clone()),
        };
        Self::new(shape, mark)
    }
}

fn field_path(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn deep(shape: &Shape, mark: &Mark) -> Mark {
    match shape {
        Shape::List(Some(item)) | Shape::Dict { value: Some(item), .. } => mark.join(&item.deep()),
        Shape::Tuple(items) => items.iter().fold(mark.clone(), |mark, i| mark.join(&i.deep())),
        Shape::Record { fields, .. } => fields.values().fold(mark.clone(), |mark, i| mark.join(&i.deep())),
        Shape::Maybe(inner) => deep(inner, mark),
        _ => mark.clone(),
    }
}

fn join_shapes(a: &Shape, b: &Shape, depth: usize) -> Option<Shape> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match (a, b) {
        (a, b) if a == b => a.clone(),
        (Shape::Scalar(Type::None), Shape::Maybe(x)) | (Shape::Maybe(x), Shape::Scalar(Type::None)) => {
            Shape::Maybe(x.clone())
        }
        (Shape::Scalar(Type::None), x) | (x, Shape::Scalar(Type::None)) => match x {
            Shape::Any => return None,
            x => Shape::Maybe(Box::new(x.clone())),
        },
        (Shape::Maybe(x), Shape::Maybe(y)) => Shape::Maybe(Box::new(join_shapes(x, y, depth + 1)?)),
        (Shape::Maybe(x), y) | (y, Shape::Maybe(x)) => Shape::Maybe(Box::new(join_shapes(x, y, depth + 1)?)),
        (Shape::Scalar(x), Shape::Scalar(y)) => Shape::Scalar(join_types(x, y)?),
        (Shape::List(x), Shape::List(y)) => Shape::List(join_parts(x, y, depth)),
        (Shape::Tuple(x), Shape::Tuple(y)) if x.len() == y.len() => {
            Shape::Tuple(x.iter().zip(y).map(|(x, y)| x.join_at(y, depth + 1)).collect())
        }
        (Shape::Set(x), Shape::Set(y)) => Shape::Set(join_types(x, y).unwrap_or(Type::Any)),
        (Shape::Dict { key: k, value: v }, Shape::Dict { key: l, value: w }) => {
            Shape::Dict { key: join_types(k, l).unwrap_or(Type::Any), value: join_parts(v, w, depth) }
        }
        (Shape::Record { name, fields: x }, Shape::Record { name: other, fields: y })
            if name == other && x.len() == y.len() =>
        {
            let mut fields = IndexMap::new();
            for (field, abs) in x.iter() {
                fields.insert(field.clone(), abs.join_at(y.get(field)?, depth + 1));
            }
            Shape::Record { name: name.clone(), fields: Arc::new(fields) }
        }
        _ => return None,
    })
}

fn join_parts(a: &Option<Box<Abs>>, b: &Option<Box<Abs>>, depth: usize) -> Option<Box<Abs>> {
    match (a, b) {
        (None, other) | (other, None) => other.clone(),
        (Some(a), Some(b)) => Some(Box::new(a.join_at(b, depth + 1))),
    }
}

/// The least scalar type that covers both.
pub(super) fn join_types(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (a, b) if a == b => a.clone(),
        (Type::Str | Type::Enum(_), Type::Str | Type::Enum(_)) => Type::Str,
        (Type::Int | Type::Float | Type::Bool, Type::Int | Type::Float | Type::Bool) => Type::Float,
        _ => return None,
    })
}

fn capacity_of(ty: &Type) -> Capacity {
    match ty {
        Type::None | Type::Bool => Capacity::Bool,
        Type::Int | Type::Float | Type::Decimal | Type::Delta => Capacity::Number,
        Type::Date | Type::DateTime => Capacity::Date,
        _ => Capacity::Text,
    }
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Any => "value".to_owned(),
        Shape::Scalar(Type::Enum(_)) => "str".to_owned(),
        Shape::Scalar(ty) => ty.to_string(),
        Shape::List(Some(item)) => format!("list[{}]", item.kind()),
        Shape::List(None) => "list".to_owned(),
        Shape::Tuple(_) => "tuple".to_owned(),
        Shape::Set(_) => "set".to_owned(),
        Shape::Dict { .. } => "dict".to_owned(),
        Shape::Record { name, .. } => name.to_string(),
        Shape::Maybe(inner) => format!("{} | None", kind(inner)),
        Shape::Class(_) => "class".to_owned(),
    }
}

impl AbsType {
    /// The marks of its options and sources.
    pub(super) fn mark(&self) -> Mark {
        match self {
            Self::Scalar(_) => Mark::trusted(),
            Self::List(inner) | Self::Optional(inner) => inner.mark(),
            Self::OneOf(abs) | Self::Span(abs, _) => abs.deep(),
            Self::Class(class) => match class.as_ref() {
                AbsClass::Record { fields, .. } => {
                    fields.iter().fold(Mark::trusted(), |mark, (_, ty)| mark.join(&ty.mark()))
                }
                AbsClass::Enum { .. } => Mark::trusted(),
            },
        }
    }

    fn capacity(&self) -> Capacity {
        match self {
            Self::Scalar(ty) => capacity_of(ty),
            Self::List(item) => item.capacity().max(Capacity::Number),
            Self::Optional(inner) => inner.capacity(),
            Self::OneOf(options) => options.deep().label().capacity().max(Capacity::Choice),
            Self::Span(_, Some(_)) => Capacity::FormedSpan,
            Self::Span(_, None) => Capacity::Span,
            Self::Class(class) => match class.as_ref() {
                AbsClass::Record { .. } => Capacity::Bool,
                AbsClass::Enum { .. } => Capacity::Choice,
            },
        }
    }

    /// An answer of this type, from a question with the mark `base`.
    pub(super) fn answer(&self, base: &Mark) -> Abs {
        let mark = base.bounded_by(self.capacity());
        let shape = match self {
            Self::Scalar(ty) => Shape::Scalar(ty.clone()),
            Self::List(item) => Shape::List(Some(Box::new(item.answer(base)))),
            Self::Optional(inner) => {
                let answer = inner.answer(base);
                return Abs::new(Shape::Maybe(Box::new(answer.shape)), answer.mark.join(&mark));
            }
            Self::OneOf(options) => options.element().map_or(Shape::Any, |e| e.shape),
            Self::Span(..) => Shape::Scalar(Type::Str),
            Self::Class(class) => match class.as_ref() {
                AbsClass::Record { name, fields } => {
                    let fields = fields.iter().map(|(name, ty)| (name.clone(), ty.answer(base))).collect();
                    Shape::Record { name: name.clone(), fields: Arc::new(fields) }
                }
                AbsClass::Enum { of, .. } => Shape::Scalar(of.clone()),
            },
        };
        Abs::new(shape, mark)
    }
}
