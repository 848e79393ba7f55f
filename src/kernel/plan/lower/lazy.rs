//! Expressions that Python evaluates lazily or many times: with a call inside they become branches and loops.

use super::super::ast::{
    Builtin, CompClause, CompShape, Comprehension, Expr, ExprKind, IfStmt, Place, Slot, Span, Stmt, Target,
};
use super::super::parse::span_of;
use super::super::writes::effects_of;
use super::Lower;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as py, Expr as PyExpr};
use ruff_text_size::Ranged;
use std::sync::Arc;

/// What a comprehension makes, before lowering.
#[derive(Clone, Copy)]
pub(super) enum Shape<'p> {
    List(&'p PyExpr),
    Set(&'p PyExpr),
    Dict(&'p PyExpr, &'p PyExpr),
}

/// Whether a tool, the worker or the user is called somewhere inside. Generous: a class's constructor counts.
pub(super) fn has_call(expr: &PyExpr) -> bool {
    struct Finder(bool);
    impl<'p> Visitor<'p> for Finder {
        fn visit_expr(&mut self, expr: &'p PyExpr) {
            if let PyExpr::Call(call) = expr
                && let PyExpr::Name(func) = call.func.as_ref()
                && Builtin::named(func.id.as_str()).is_none()
                && !matches!(func.id.as_str(), "one_of" | "span")
            {
                self.0 = true;
            }
            if !self.0 {
                walk_expr(self, expr);
            }
        }
    }
    let mut finder = Finder(false);
    finder.visit_expr(expr);
    finder.0
}

impl Lower<'_> {
    pub(super) fn bool_op(&mut self, bools: &py::ExprBoolOp) -> Option<ExprKind> {
        let is_and = bools.op == py::BoolOp::And;
        if !bools.values.iter().skip(1).any(has_call) {
            let values = bools.values.iter().map(|v| self.expr(v)).collect();
            return Some(if is_and { ExprKind::And(values) } else { ExprKind::Or(values) });
        }
        let held = self.temp();
        self.lazy_chain(&bools.values, is_and, held);
        Some(ExprKind::Slot(held))
    }

    fn lazy_chain(&mut self, values: &[PyExpr], is_and: bool, held: Slot) {
        let Some((first, rest)) = values.split_first() else { return };
        let span = span_of(first.range());
        let value = self.expr(first);
        self.emit(Stmt::Let { target: Target::Slot(held), value });
        if rest.is_empty() {
            return;
        }
        let more = self.in_block(span, |lower| lower.lazy_chain(rest, is_and, held));
        let none = Arc::from([]);
        let (then, orelse) = if is_and { (more, none) } else { (none, more) };
        self.emit_if(Expr { kind: ExprKind::Slot(held), span }, then, orelse);
    }

    fn emit_if(&mut self, cond: Expr, then: super::Block, orelse: super::Block) {
        let effects = effects_of(&[&then, &orelse], false, None);
        self.emit(Stmt::If(Arc::new(IfStmt { cond, then, orelse, effects })));
    }

    pub(super) fn if_else(&mut self, cond: &py::ExprIf) -> Option<ExprKind> {
        if !has_call(&cond.body) && !has_call(&cond.orelse) {
            let test = self.boxed(&cond.test);
            let then = self.boxed(&cond.body);
            return Some(ExprKind::IfElse { cond: test, then, orelse: self.boxed(&cond.orelse) });
        }
        let test = self.expr(&cond.test);
        let held = self.temp();
        let then = self.in_block(span_of(cond.range), |lower| lower.let_held(held, &cond.body));
        let orelse = self.in_block(span_of(cond.range), |lower| lower.let_held(held, &cond.orelse));
        self.emit_if(test, then, orelse);
        Some(ExprKind::Slot(held))
    }

    fn let_held(&mut self, held: Slot, value: &PyExpr) {
        let value = self.expr(value);
        self.emit(Stmt::Let { target: Target::Slot(held), value });
    }

    pub(super) fn comprehension(
        &mut self,
        clauses: &[py::Comprehension],
        shape: Shape<'_>,
        span: Span,
    ) -> Option<ExprKind> {
        if clauses.iter().any(|c| c.is_async) {
            self.refuse(span, "`async for`", "use `for`");
            return None;
        }
        // The first iterable is evaluated once, outside; everything else may repeat.
        let repeats =
            clauses.iter().enumerate().any(|(i, c)| i > 0 && has_call(&c.iter) || c.ifs.iter().any(has_call));
        let element = match shape {
            Shape::List(e) | Shape::Set(e) => has_call(e),
            Shape::Dict(k, v) => has_call(k) || has_call(v),
        };
        if repeats || element {
            return self.comprehension_as_loop(clauses, shape, span);
        }
        let first = clauses.first().map(|c| self.expr(&c.iter))?;
        self.scoped(|lower| {
            let mut first = Some(first);
            let mut lowered = Vec::new();
            for clause in clauses {
                let iter = first.take().unwrap_or_else(|| lower.expr(&clause.iter));
                let target = lower.bound(&clause.target)?;
                let conds = clause.ifs.iter().map(|c| lower.expr(c)).collect();
                lowered.push(CompClause { target, iter, conds });
            }
            let shape = match shape {
                Shape::List(e) => CompShape::List(lower.expr(e)),
                Shape::Set(e) => CompShape::Set(lower.expr(e)),
                Shape::Dict(k, v) => {
                    let key = lower.expr(k);
                    CompShape::Dict(key, lower.expr(v))
                }
            };
            Some(ExprKind::Comprehension(Box::new(Comprehension { shape, clauses: lowered })))
        })
    }

    fn comprehension_as_loop(
        &mut self,
        clauses: &[py::Comprehension],
        shape: Shape<'_>,
        span: Span,
    ) -> Option<ExprKind> {
        let held = self.temp();
        let empty = match shape {
            Shape::Dict(..) => ExprKind::Dict(Vec::new()),
            Shape::List(_) | Shape::Set(_) => ExprKind::List(Vec::new()),
        };
        self.emit(Stmt::Let { target: Target::Slot(held), value: Expr { kind: empty, span } });
        self.scoped(|lower| lower.loop_over(clauses, shape, held, span));
        match shape {
            Shape::Set(_) => Some(Self::set_of(held, span).kind),
            Shape::List(_) | Shape::Dict(..) => Some(ExprKind::Slot(held)),
        }
    }

    fn loop_over(&mut self, clauses: &[py::Comprehension], shape: Shape<'_>, held: Slot, span: Span) {
        let Some((clause, rest)) = clauses.split_first() else {
            let place = Place { root: held, path: Vec::new(), span };
            match shape {
                Shape::List(e) | Shape::Set(e) => {
                    let value = self.expr(e);
                    self.emit(Stmt::Append { place, value, span });
                }
                Shape::Dict(k, v) => {
                    let key = self.expr(k);
                    let value = self.expr(v);
                    self.emit(Stmt::SetItem { place, key, op: None, value, span });
                }
            }
            return;
        };
        let iter = self.expr(&clause.iter);
        let Some(target) = self.bound(&clause.target) else { return };
        let body = self.in_loop(span, |lower| {
            lower.in_block(span, |lower| lower.filtered(&clause.ifs, rest, shape, held, span))
        });
        let Some(body) = body else { return };
        self.emit_for(target, iter, body, span);
    }

    fn filtered(
        &mut self,
        conds: &[PyExpr],
        rest: &[py::Comprehension],
        shape: Shape<'_>,
        held: Slot,
        span: Span,
    ) {
        let Some((cond, more)) = conds.split_first() else {
            return self.loop_over(rest, shape, held, span);
        };
        let cond = self.expr(cond);
        let then = self.in_block(span, |lower| lower.filtered(more, rest, shape, held, span));
        self.emit_if(cond, then, Arc::from([]));
    }
}
