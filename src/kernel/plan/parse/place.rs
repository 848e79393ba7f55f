//! What is assigned to and what is changed in place.

use super::super::ast::{Builtin, Place, Target};
use super::super::lower::Lower;
use super::span_of;
use ruff_python_ast::{self as py, Expr as PyExpr};
use ruff_text_size::Ranged;
use std::sync::Arc;

/// Deepest nesting of names to unpack into: `for i, (a, b) in ...` has two.
const MAX_TARGET_DEPTH: usize = 4;

impl Lower<'_> {
    /// A target of an assignment or loop: a name or a tuple of names.
    pub(in crate::kernel::plan) fn target(&mut self, target: &PyExpr) -> Option<Target> {
        let found = self.target_at(target, 0)?;
        if matches!(found, Target::Tuple(..)) {
            self.all_given(target);
        }
        Some(found)
    }

    pub(in crate::kernel::plan) fn target_at(&mut self, target: &PyExpr, depth: usize) -> Option<Target> {
        let span = span_of(target.range());
        if depth > MAX_TARGET_DEPTH {
            self.fault(
                span,
                format!("names to unpack into are nested more than {MAX_TARGET_DEPTH} deep"),
                "take it apart in steps",
            );
            return None;
        }
        match target {
            PyExpr::Name(name) => Some(Target::Slot(self.assigned(name.id.as_str(), span)?)),
            PyExpr::Tuple(py::ExprTuple { elts, .. }) | PyExpr::List(py::ExprList { elts, .. }) => {
                let parts: Vec<Target> =
                    elts.iter().map(|e| self.target_at(e, depth + 1)).collect::<Option<_>>()?;
                Some(Target::Tuple(parts, span))
            }
            PyExpr::Attribute(_) => {
                self.refuse(
                    span,
                    "assigning to an attribute",
                    "use `value[\"name\"] = ...` on a dict the plan made",
                );
                None
            }
            PyExpr::Starred(_) => {
                self.refuse(span, "`*` in an assignment", "use a slice such as `values[1:]`");
                None
            }
            _ => {
                self.refuse(span, "assigning to this", "assign to a name");
                None
            }
        }
    }

    pub(in crate::kernel::plan) fn all_given(&mut self, target: &PyExpr) {
        match target {
            PyExpr::Name(name) => drop(self.given.insert(Arc::from(name.id.as_str()))),
            PyExpr::Tuple(tuple) => tuple.elts.iter().for_each(|e| self.all_given(e)),
            PyExpr::List(list) => list.elts.iter().for_each(|e| self.all_given(e)),
            _ => {}
        }
    }

    /// A container to change in place: a name, or an item path from a name.
    pub(in crate::kernel::plan) fn place(&mut self, at: &PyExpr) -> Option<Place> {
        let span = span_of(at.range());
        match at {
            PyExpr::Name(name) => {
                let root = self.used(name.id.as_str(), span)?;
                self.changed.entry(Arc::from(name.id.as_str())).or_insert(span);
                Some(Place { root, path: Vec::new(), span })
            }
            PyExpr::Subscript(item) => {
                let mut place = self.place(&item.value)?;
                place.path.push(self.expr(&item.slice));
                place.span = span;
                Some(place)
            }
            _ => {
                self.refuse(
                    span,
                    "changing a value that the plan did not make",
                    "copy it first, such as with `list(...)` or `dict(...)`",
                );
                None
            }
        }
    }
}

/// Whether an expression makes a new value, and does not hand on somebody else's. A plain name is dealt with as an
/// alias.
pub(super) fn is_made_here(value: &PyExpr) -> bool {
    match value {
        PyExpr::Attribute(_) => false,
        PyExpr::Subscript(item) => matches!(item.slice.as_ref(), PyExpr::Slice(_)),
        PyExpr::If(cond) => is_made_here(&cond.body) && is_made_here(&cond.orelse),
        PyExpr::BoolOp(bools) => bools.values.iter().all(is_made_here),
        PyExpr::Call(call) => match call.func.as_ref() {
            PyExpr::Name(func) => {
                let picks = matches!(func.id.as_str(), "min" | "max" | "sum");
                Builtin::named(func.id.as_str()).is_some() && !picks
            }
            PyExpr::Attribute(method) => !matches!(method.attr.as_str(), "get"),
            _ => false,
        },
        _ => true,
    }
}
