//! Fields, items and slices of shapes.

use super::Checker;
use super::abs::{Abs, AbsClass, Shape};
use crate::kernel::catalogue::Type;
use crate::kernel::plan::ast::Span;
use crate::kernel::plan::error::nearest;
use crate::kernel::value::Mark;
use serde_json::Value as Json;
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn attribute(&mut self, of: &Abs, name: &Arc<str>, span: Span) -> Abs {
        let mark = &of.mark;
        let no_field = |checker: &mut Self, kind: String, hint: String| {
            let message = format!("there is no field `{name}` in a {kind}");
            checker.fault(span, message, hint);
            Abs::new(Shape::Any, of.deep())
        };
        match &of.shape {
            Shape::Any | Shape::Scalar(Type::Any) => Abs::derived(Shape::Any, mark),
            Shape::Maybe(inner) => {
                let inner = Abs::new(inner.as_ref().clone(), mark.clone());
                self.attribute(&inner, name, span)
            }
            Shape::Record { fields, name: record } => match fields.get(name) {
                Some(field) => of.part(field),
                None => {
                    let near = nearest(name, fields.keys().map(AsRef::as_ref));
                    let known: Vec<&str> = fields.keys().map(AsRef::as_ref).collect();
                    let hint = near
                        .map_or(format!("it has {}", known.join(", ")), |n| format!("did you mean `{n}`?"));
                    no_field(self, record.to_string(), hint)
                }
            },
            Shape::Dict { value: Some(value), .. } => of.part(value),
            Shape::Dict { value: None, .. } => Abs::new(Shape::Any, mark.clone()),
            Shape::Class(class) => match class.as_ref() {
                AbsClass::Enum { members, of, .. } if members.contains(name) => {
                    Abs::derived(Shape::Scalar(of.clone()), mark)
                }
                AbsClass::Enum { members, name: class, .. } => {
                    let hint = format!("it has {}", members.join(", "));
                    no_field(self, class.to_string(), hint)
                }
                AbsClass::Record { name: class, .. } => {
                    no_field(self, class.to_string(), format!("make one first, such as `{class}(...)`"))
                }
            },
            Shape::Scalar(ty) => {
                let known: &[&str] = match ty {
                    Type::Date => &["year", "month", "day"],
                    Type::DateTime => &["year", "month", "day", "hour", "minute", "second"],
                    Type::Delta => &["days", "seconds", "microseconds"],
                    Type::Str | Type::Int | Type::Enum(_) if name.as_ref() == "value" => {
                        return Abs::derived(of.shape.clone(), mark);
                    }
                    _ => &[],
                };
                if known.contains(&name.as_ref()) {
                    return Abs::derived(Shape::Scalar(Type::Int), mark);
                }
                let hint = match known {
                    [] => "it has no fields: use the value itself".to_owned(),
                    known => format!("it has {}", known.join(", ")),
                };
                no_field(self, of.kind(), hint)
            }
            Shape::List(_) | Shape::Tuple(_) | Shape::Set(_) => {
                no_field(self, of.kind(), "go through it with `for`, or take an item such as `[0]`".into())
            }
        }
    }

    pub(super) fn item(&mut self, of: &Abs, index: &Abs, span: Span) -> Abs {
        let steer = of.mark.join(&index.deep().as_influence());
        let wrong = |checker: &mut Self| {
            let (of_kind, index) = (of.kind(), index.kind());
            let hint = "lists and texts take a number, dicts a key; records have fields, such as `.total`";
            checker.fault(span, format!("cannot take an item of a {of_kind} by a {index}"), hint);
            Abs::new(Shape::Any, of.deep().join(&steer))
        };
        let by_number = matches!(
            &index.shape,
            Shape::Any | Shape::Maybe(_) | Shape::Scalar(Type::Int | Type::Any | Type::Float)
        );
        match &of.shape {
            Shape::Any | Shape::Scalar(Type::Any) => Abs::derived(Shape::Any, &steer),
            Shape::Maybe(inner) => {
                let inner = Abs::new(inner.as_ref().clone(), of.mark.clone());
                self.item(&inner, index, span)
            }
            Shape::List(item) if by_number => match item {
                Some(item) => item.as_ref().clone().joined(&steer),
                None => Abs::new(Shape::Any, steer),
            },
            Shape::Tuple(items) if by_number => {
                let fixed = index.fixed.as_ref().and_then(Json::as_i64);
                let len = i64::try_from(items.len()).unwrap_or(0);
                let at = fixed.map(|i| if i < 0 { i + len } else { i }).and_then(|i| usize::try_from(i).ok());
                match at.and_then(|i| items.get(i)) {
                    Some(item) => item.clone().joined(&steer),
                    None => of.element().map_or_else(|| of.blurred(), |e| e.joined(&steer)),
                }
            }
            Shape::Scalar(Type::Str | Type::Enum(_)) if by_number => {
                Abs::derived(Shape::Scalar(Type::Str), &steer)
            }
            Shape::Dict { value, .. } => match value {
                Some(value) => value.as_ref().clone().joined(&steer),
                None => Abs::new(Shape::Any, steer),
            },
            Shape::Record { fields, .. } => match index.fixed.as_ref().and_then(Json::as_str) {
                Some(name) => match fields.get(name) {
                    Some(field) => field.clone().joined(&steer),
                    None => self.attribute(of, &Arc::from(name), span),
                },
                None => {
                    let all = fields.values().cloned().reduce(|all, f| all.join(&f));
                    all.map_or_else(|| of.blurred(), |all| all.joined(&steer))
                }
            },
            Shape::Class(class) => match class.as_ref() {
                AbsClass::Enum { of, .. } => Abs::derived(Shape::Scalar(of.clone()), &steer),
                AbsClass::Record { .. } => wrong(self),
            },
            Shape::List(_) | Shape::Tuple(_) | Shape::Set(_) | Shape::Scalar(_) => wrong(self),
        }
    }

    pub(super) fn slice(&mut self, of: &Abs, steer: &Mark, span: Span) -> Abs {
        let mark = of.mark.join(&steer.as_influence());
        match &of.shape {
            Shape::Any | Shape::Scalar(Type::Any) | Shape::Maybe(_) => {
                Abs::derived(Shape::Any, &of.deep().join(&mark))
            }
            Shape::Scalar(Type::Str | Type::Enum(_)) => Abs::derived(Shape::Scalar(Type::Str), &mark),
            Shape::List(_) => Abs::new(of.shape.clone(), mark),
            Shape::Tuple(_) => {
                let whole = of.deep().join(&mark);
                Abs::new(Shape::Any, whole)
            }
            _ => {
                let kind = of.kind();
                self.fault(span, format!("cannot take a slice of a {kind}"), "texts and lists have slices");
                of.blurred()
            }
        }
    }
}
