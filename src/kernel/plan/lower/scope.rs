//! Names and slots: what may be assigned, read and changed where.

use super::super::ast::{Builtin, Slot, Span, Target};
use super::super::error::nearest;
use super::super::parse::span_of;
use super::{Lower, RESERVED};
use ruff_python_ast::{self as py, Expr as PyExpr, Stmt as PyStmt};
use ruff_text_size::Ranged;
use std::collections::HashMap;
use std::sync::Arc;

impl Lower<'_> {
    /// Gives every class its slot before anything else is read, so that a type may name any of them.
    pub(in crate::kernel::plan) fn declare_classes(&mut self, stmts: &[PyStmt]) {
        for stmt in stmts {
            match stmt {
                PyStmt::ClassDef(class) => {
                    let (name, span) = (class.name.as_str(), span_of(class.name.range()));
                    if self.classes.contains_key(name) {
                        self.fault(
                            span,
                            format!("the class `{name}` stands twice"),
                            "leave one of them out, or rename it",
                        );
                    } else if let Some(slot) = self.assigned(name, span) {
                        self.classes.insert(Arc::from(name), slot);
                    }
                }
                PyStmt::If(branch) => {
                    self.declare_classes(&branch.body);
                    branch.elif_else_clauses.iter().for_each(|c| self.declare_classes(&c.body));
                }
                PyStmt::For(each) => self.declare_classes(&each.body),
                _ => {}
            }
        }
    }

    pub(in crate::kernel::plan) fn check_aliases(&mut self) {
        let aliases = std::mem::take(&mut self.aliases);
        for (to, from, span) in &aliases {
            if self.changed.contains_key(to) || self.changed.contains_key(from) {
                self.fault(
                    *span,
                    format!(
                        "`{to}` and `{from}` would be the same value, and one of them is changed in place"
                    ),
                    "copy it, such as with `list(...)` or `dict(...)`",
                );
            }
        }
    }

    /// Values have no identity here: changing a tool's value, or an element through a loop's variable, would change a
    /// copy and silently lose the change.
    pub(in crate::kernel::plan) fn check_changes(&mut self) {
        let mut given: Vec<(Arc<str>, Span)> = self
            .changed
            .iter()
            .filter(|(name, _)| self.given.contains(*name))
            .map(|(n, s)| (n.clone(), *s))
            .collect();
        given.sort_by_key(|(_, span)| span.start);
        for (name, span) in given {
            self.fault(
                span,
                format!("`{name}` holds a value that the plan did not make, and cannot be changed in place"),
                "copy it first, such as with `list(...)` or `dict(...)`, or build a new one",
            );
        }
    }

    pub(in crate::kernel::plan) fn new_slot(&mut self, name: Arc<str>) -> Slot {
        self.names.push(name);
        Slot(u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX))
    }

    pub(in crate::kernel::plan) fn temp(&mut self) -> Slot {
        let name = format!(".{}", self.names.len());
        self.new_slot(Arc::from(name))
    }

    /// The slot of a name that is being assigned.
    pub(in crate::kernel::plan) fn assigned(&mut self, name: &str, span: Span) -> Option<Slot> {
        if name.starts_with("__") {
            self.fault(
                span,
                "names with two underscores are not in the plan language",
                "choose a name that starts with a letter",
            );
            return None;
        }
        if RESERVED.contains(&name) || Builtin::named(name).is_some() {
            self.fault(span, format!("`{name}` is a builtin and cannot be assigned"), "choose another name");
            return None;
        }
        if let Some(slot) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return Some(*slot);
        }
        let slot = self.new_slot(Arc::from(name));
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(Arc::from(name), slot);
        }
        Some(slot)
    }

    /// The slot of a name that is being read.
    pub(in crate::kernel::plan) fn used(&mut self, name: &str, span: Span) -> Option<Slot> {
        if let Some(slot) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return Some(*slot);
        }
        let known: Vec<String> = self.scopes.iter().flat_map(|s| s.keys().map(ToString::to_string)).collect();
        let hint = nearest(name, known.iter().map(String::as_str)).map_or_else(
            || format!("set it on a line before this one, such as `{name} = ...`"),
            |near| format!("did you mean `{near}`?"),
        );
        self.fault(span, format!("`{name}` is used before it is defined"), &hint);
        None
    }

    /// Runs `body` with a fresh scope for comprehension variables and lambda parameters.
    pub(in crate::kernel::plan) fn scoped<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(HashMap::new());
        let out = body(self);
        self.scopes.pop();
        out
    }

    /// A variable of the innermost scope, shadowing outer ones of the same name.
    pub(in crate::kernel::plan) fn bound(&mut self, target: &PyExpr) -> Option<Target> {
        let mut names = Vec::new();
        collect_names(target, &mut names);
        for (name, span) in names {
            if RESERVED.contains(&name.as_ref()) || Builtin::named(&name).is_some() || name.starts_with("__")
            {
                self.fault(span, format!("`{name}` cannot be assigned"), "choose another name");
                return None;
            }
            let slot = self.new_slot(name.clone());
            if let Some(scope) = self.scopes.last_mut() {
                scope.insert(name, slot);
            }
        }
        self.target(target)
    }
}

fn collect_names(target: &PyExpr, names: &mut Vec<(Arc<str>, Span)>) {
    match target {
        PyExpr::Name(name) => names.push((Arc::from(name.id.as_str()), span_of(name.range()))),
        // INVARIANT: every name that `target` would assign, or a comprehension in an expression writes unseen.
        PyExpr::Tuple(py::ExprTuple { elts, .. }) | PyExpr::List(py::ExprList { elts, .. }) => {
            elts.iter().for_each(|e| collect_names(e, names));
        }
        _ => {}
    }
}
