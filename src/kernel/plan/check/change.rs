//! Statements that make classes and change containers in place.

use super::super::ast::{ClassBody, Literal, Place, Span};
use super::abs;
use super::abs::{Abs, AbsClass, AbsType, Shape};
use super::{Checker, literal_mark};
use crate::kernel::catalogue::Type;
use std::sync::Arc;

impl Checker<'_> {
    /// An in-place change: the container and everything on the way to it may be marked by the new part, the keys
    /// and the program counter. `key` is there for an item, and not for `append`.
    pub(super) fn change(&mut self, place: &Place, keys: &[Abs], span: Span, item: Abs, key: Option<&Abs>) {
        let pc = self.pc();
        let mut steer = pc.clone();
        for path in &place.path {
            steer = steer.join(&self.eval(path).deep());
        }
        steer = keys.iter().fold(steer, |mark, k| mark.join(&k.deep()));
        let mut root = self.get(place.root, place.span);
        root.fixed = None;
        let new = if !place.path.is_empty() {
            // Which part changes is not told apart: the part's mark may be anywhere below.
            let below = root.deep().join(&item.deep()).join(&steer);
            Abs::new(Shape::Any, below)
        } else {
            match (&root.shape, key) {
                (Shape::List(old), None) => Abs::new(Shape::List(grown(old, &item)), root.mark.join(&steer)),
                (Shape::List(old), Some(_)) => {
                    Abs::new(Shape::List(grown(old, &item)), root.mark.join(&steer))
                }
                (Shape::Dict { key: old_key, value }, Some(key)) => {
                    let key_type = match &key.shape {
                        Shape::Scalar(ty) if value.is_none() => ty.clone(),
                        Shape::Scalar(ty) => abs::join_types(old_key, ty).unwrap_or(Type::Any),
                        _ => Type::Any,
                    };
                    let shape = Shape::Dict { key: key_type, value: grown(value, &item) };
                    Abs::new(shape, root.mark.join(&steer))
                }
                (Shape::Any | Shape::Record { .. } | Shape::Maybe(_), _) => {
                    Abs::new(Shape::Any, root.deep().join(&item.deep()).join(&steer))
                }
                _ => {
                    let verb = if key.is_some() { "set an item of" } else { "append to" };
                    let kind = root.kind();
                    let hint = "start from a list or dict of the plan's own, such as `xs = []` or `d = {}`";
                    self.fault(span, format!("cannot {verb} a {kind}"), hint);
                    root.blurred()
                }
            }
        };
        self.set(place.root, new);
    }

    pub(super) fn class(&mut self, class: &crate::kernel::plan::ast::ClassDef) -> Abs {
        let (class, mark) = match &class.body {
            ClassBody::Record(fields) => {
                let fields: Vec<(Arc<str>, AbsType)> =
                    fields.iter().map(|(name, ty)| (name.clone(), self.ask_type(ty))).collect();
                let mark = fields.iter().fold(literal_mark(), |mark, (_, ty)| mark.join(&ty.mark()));
                (AbsClass::Record { name: class.name.clone(), fields }, mark)
            }
            ClassBody::Enum(members) => {
                let all_text = members.iter().all(|(_, value)| matches!(value, Literal::Str(_)));
                let all_int = members.iter().all(|(_, value)| matches!(value, Literal::Int(_)));
                let of = if all_text {
                    Type::Str
                } else if all_int {
                    Type::Int
                } else {
                    Type::Any
                };
                let names = members.iter().map(|(name, _)| name.clone()).collect();
                (AbsClass::Enum { name: class.name.clone(), members: names, of }, literal_mark())
            }
        };
        Abs::new(Shape::Class(Arc::new(class)), mark)
    }
}

fn grown(old: &Option<Box<Abs>>, item: &Abs) -> Option<Box<Abs>> {
    Some(Box::new(match old {
        Some(old) => old.join(item),
        None => item.clone(),
    }))
}
