//! Text to statements. Everything that is Python but not in the plan language is refused here, with a hint.

mod class;
mod place;

use super::ast::{Block, CallStmt, Callee, Expr, ForStmt, IfStmt, Plan, Slot, Span, Stmt, Target};
use super::error::{PlanError, PlanErrors};
use super::lower::Lower;
use super::lower::MAX_LOWERED_DEPTH;
use super::writes::effects_of;
use crate::kernel::id::{Digest, Site};
use place::is_made_here;
use ruff_python_ast::{self as py, Expr as PyExpr, Stmt as PyStmt};
use ruff_text_size::Ranged;
use std::sync::Arc;

/// Longest plan text, in bytes. The largest of the 92 benchmark plans has 5,600.
pub const MAX_PLAN_BYTES: usize = 64 * 1024;
/// Stack for ruff's recursive parser and for dropping its tree: a 64 KB text nests at most about 32,000 deep.
const PARSE_STACK_BYTES: usize = 128 * 1024 * 1024;
/// Most braces that may be open at once, in strings and comments too.
const MAX_OPEN_BRACES: usize = 1_000;
/// Deepest nesting of blocks.
const MAX_BLOCK_DEPTH: usize = 20;

/// Parses a plan and lowers it.
///
/// # Errors
/// All faults found, each with its place and, where known, what to write instead.
pub fn parse(text: &str) -> Result<Plan, PlanErrors> {
    if text.len() > MAX_PLAN_BYTES {
        let message = format!("the plan has {} bytes, more than the {MAX_PLAN_BYTES} allowed", text.len());
        let fault = PlanError::at(Span::default(), message).hint("split the work into several requests");
        return Err(PlanErrors::new(text, vec![fault]));
    }
    // Ruff takes more stack for a format spec within a format spec than for anything else, and has no limit of its own.
    let mut open = 0usize;
    for byte in text.bytes() {
        match byte {
            b'{' => open += 1,
            b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > MAX_OPEN_BRACES {
            let message = format!("more than {MAX_OPEN_BRACES} braces are open at once");
            let fault =
                PlanError::at(Span::default(), message).hint("close them, or leave them out of texts");
            return Err(PlanErrors::new(text, vec![fault]));
        }
    }
    // A plan without calls or loops needs no such stack; the mapping is lazy, so a large one costs nothing.
    stacker::grow(PARSE_STACK_BYTES, || parse_on_big_stack(text))
}

fn parse_on_big_stack(text: &str) -> Result<Plan, PlanErrors> {
    let parsed = ruff_python_parser::parse_module(text).map_err(|error| {
        let fault = PlanError::at(span_of(error.location), format!("syntax error: {}", error.error))
            .hint("plans are written in a subset of Python");
        PlanErrors::new(text, vec![fault])
    })?;
    let mut lower = Lower::new(text);
    lower.declare_classes(&parsed.syntax().body);
    let body = lower.block(&parsed.syntax().body, Standing::Top);
    lower.finish(body)
}

/// Where a block stands: only the plan's very last expression statement is its answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The plan itself.
    Top,
    /// Inside a branch or loop.
    Inner,
}

pub(super) fn span_of(range: ruff_text_size::TextRange) -> Span {
    Span { start: range.start().to_u32(), end: range.end().to_u32() }
}

impl Lower<'_> {
    fn finish(mut self, body: Block) -> Result<Plan, PlanErrors> {
        if body.is_empty() && self.errors.is_empty() {
            let hint =
                "write at least one line, such as `answer(\"done\")`; `sentinel plan stubs` lists the tools";
            self.fault(Span::default(), "the plan is empty: there is nothing to do", hint);
        }
        self.check_aliases();
        self.check_changes();
        if !self.errors.is_empty() {
            return Err(PlanErrors::new(self.text, self.errors));
        }
        Ok(Plan {
            text: Arc::from(self.text),
            digest: Digest::of(self.text.as_bytes()),
            body,
            names: self.names,
            sites: self.sites,
        })
    }

    pub(super) fn block(&mut self, stmts: &[PyStmt], place: Standing) -> Block {
        self.blocks.push(Vec::new());
        if self.blocks.len() > MAX_BLOCK_DEPTH {
            if let Some(first) = stmts.first() {
                self.fault(
                    span_of(first.range()),
                    format!("blocks are nested more than {MAX_BLOCK_DEPTH} deep"),
                    "join conditions with `and`, or collect first and go through it after",
                );
            }
        } else {
            for (i, stmt) in stmts.iter().enumerate() {
                self.stmt(stmt, place == Standing::Top && i + 1 == stmts.len());
            }
        }
        self.blocks.pop().unwrap_or_default().into()
    }

    fn stmt(&mut self, stmt: &PyStmt, last: bool) {
        let span = span_of(stmt.range());
        match stmt {
            PyStmt::Assign(assign) => self.assign(assign),
            PyStmt::AnnAssign(assign) => match &assign.value {
                Some(value) => self.assign_one(&assign.target, value, span),
                None => self.refuse(span, "a declaration without a value", "give the variable a value"),
            },
            PyStmt::AugAssign(assign) => self.augmented(assign, span),
            PyStmt::If(branch) => self.branch(branch),
            PyStmt::For(each) => self.each(each, span),
            PyStmt::Break(_) | PyStmt::Continue(_) if self.loops == 0 => {
                let hint = "leave it out, or use `stop(\"why\")` to end the plan";
                self.fault(span, "`break` and `continue` stand only inside a `for`", hint);
            }
            PyStmt::Break(_) => self.emit(Stmt::Break),
            PyStmt::Continue(_) => self.emit(Stmt::Continue),
            PyStmt::Pass(_) => {}
            PyStmt::ClassDef(class) => self.class(class, span),
            PyStmt::Expr(expr) => self.expr_stmt(&expr.value, last),
            other => self.refuse_stmt(other, span),
        }
    }

    fn refuse_stmt(&mut self, stmt: &PyStmt, span: Span) {
        let (what, instead) = match stmt {
            PyStmt::While(_) => ("`while`", "use `for ... in range(n)` and `break`"),
            PyStmt::FunctionDef(f) if f.is_async => ("`async def`", "write the steps one after the other"),
            PyStmt::FunctionDef(_) => ("`def`", "write the steps one after the other, or in a loop"),
            PyStmt::Return(_) => ("`return`", "use `answer(...)` for the reply or `stop(...)` to end early"),
            PyStmt::Import(_) | PyStmt::ImportFrom(_) => {
                ("`import`", "everything there is can be called directly")
            }
            PyStmt::Try(_) => {
                ("`try`", "use `or_none(tool(...))`, which is None when the tool reports an error")
            }
            PyStmt::With(_) => ("`with`", "tools open and close what they need"),
            PyStmt::Raise(_) => ("`raise`", "use `stop(\"why\")`"),
            PyStmt::Assert(_) => ("`assert`", "use `if not ...: stop(\"why\")`"),
            PyStmt::Delete(_) => ("`del`", "build a new value without the part"),
            PyStmt::Global(_) | PyStmt::Nonlocal(_) => ("`global`", "a plan has one scope"),
            PyStmt::Match(_) => ("`match`", "use `if` / `elif`"),
            PyStmt::TypeAlias(_) => ("`type`", "name the type where it is used"),
            _ => ("this statement", "see `sentinel plan stubs` for what there is"),
        };
        self.refuse(span, what, instead);
    }

    fn assign(&mut self, assign: &py::StmtAssign) {
        let span = span_of(assign.range);
        if let [target] = assign.targets.as_slice() {
            return self.assign_one(target, &assign.value, span);
        }
        // a = b = value: the value is worked out once.
        let value = self.expr(&assign.value);
        let held = self.hold(value);
        for target in &assign.targets {
            if let Some(target) = self.target(target) {
                self.emit(Stmt::Let { target, value: held.clone() });
            }
        }
    }

    fn assign_one(&mut self, target: &PyExpr, value: &PyExpr, span: Span) {
        if let PyExpr::Subscript(item) = target {
            let value_expr = self.expr(value);
            let Some(place) = self.place(&item.value) else { return };
            let key = self.expr(&item.slice);
            return self.emit(Stmt::SetItem { place, key, op: None, value: value_expr, span });
        }
        // The right-hand side first: `x = x + 1` reads the old x.
        let value_expr = self.expr(value);
        if let PyExpr::Name(to) = target
            && !is_made_here(value)
        {
            self.given.insert(Arc::from(to.id.as_str()));
        }
        if let (PyExpr::Name(to), PyExpr::Name(from)) = (target, value) {
            self.aliases.push((Arc::from(to.id.as_str()), Arc::from(from.id.as_str()), span));
        }
        if let Some(target) = self.target(target) {
            self.emit(Stmt::Let { target, value: value_expr });
        }
    }

    fn augmented(&mut self, assign: &py::StmtAugAssign, span: Span) {
        let Some(op) = self.operator(assign.op, span) else { return };
        let value = self.expr(&assign.value);
        if let PyExpr::Subscript(item) = assign.target.as_ref() {
            let Some(place) = self.place(&item.value) else { return };
            let key = self.expr(&item.slice);
            return self.emit(Stmt::SetItem { place, key, op: Some(op), value, span });
        }
        let old = self.expr(&assign.target);
        let sum = Expr { kind: super::ast::ExprKind::Binary(op, Box::new(old), Box::new(value)), span };
        if let Some(target) = self.target(&assign.target) {
            self.emit(Stmt::Let { target, value: sum });
        }
    }

    fn branch(&mut self, branch: &py::StmtIf) {
        self.branch_from(&branch.test, &branch.body, &branch.elif_else_clauses);
    }

    fn branch_from(&mut self, test: &PyExpr, body: &[PyStmt], rest: &[py::ElifElseClause]) {
        let cond = self.expr(test);
        let then = self.block(body, Standing::Inner);
        self.blocks.push(Vec::new());
        match rest.split_first() {
            None => {}
            Some((clause, rest)) => match &clause.test {
                Some(test) if self.blocks.len() > MAX_LOWERED_DEPTH => {
                    self.fault(
                        span_of(test.range()),
                        "too many `elif`",
                        "look the value up in a dict instead",
                    );
                }
                Some(test) => self.branch_from(test, &clause.body, rest),
                None => clause.body.iter().for_each(|stmt| self.stmt(stmt, false)),
            },
        }
        let orelse: Block = self.blocks.pop().unwrap_or_default().into();
        let effects = effects_of(&[&then, &orelse], false, None);
        self.emit(Stmt::If(Arc::new(IfStmt { cond, then, orelse, effects })));
    }

    fn each(&mut self, each: &py::StmtFor, span: Span) {
        if each.is_async {
            return self.refuse(span, "`async for`", "use `for`");
        }
        if let Some(first) = each.orelse.first() {
            self.refuse(
                span_of(first.range()),
                "`else` after `for`",
                "use a variable that says what was found",
            );
        }
        let iter = self.expr(&each.iter);
        let Some(target) = self.target(&each.target) else { return };
        self.all_given(&each.target);
        let Some(body) = self.in_loop(span, |lower| lower.block(&each.body, Standing::Inner)) else { return };
        self.emit_for(target, iter, body, span);
    }

    pub(super) fn emit_for(&mut self, target: Target, iter: Expr, body: Block, span: Span) {
        let effects = effects_of(&[&body], true, Some(&target));
        self.emit(Stmt::For(Arc::new(ForStmt { target, iter, body, effects, span })));
    }

    fn expr_stmt(&mut self, expr: &PyExpr, last: bool) {
        let span = span_of(expr.range());
        if matches!(expr, PyExpr::StringLiteral(_)) && !last {
            return; // a comment in quotes
        }
        if let PyExpr::Call(call) = expr {
            if let PyExpr::Name(func) = call.func.as_ref() {
                match func.id.as_str() {
                    "answer" => return self.answer(call, span, false),
                    "stop" => return self.answer(call, span, true),
                    "print" => return self.refuse(span, "`print`", "use `answer(...)`"),
                    _ => {}
                }
            }
            if let PyExpr::Attribute(method) = call.func.as_ref()
                && self.in_place(method, call, span)
            {
                return;
            }
        }
        let is_call = matches!(expr, PyExpr::Call(_));
        let before = self.sites;
        let value = self.expr(expr);
        // The last line is the reply where the plan gives no other.
        if last && !self.answers {
            return self.emit(Stmt::Answer { value });
        }
        let called = self.sites > before;
        if !(is_call && called) {
            self.fault(span, "this line has no effect", "assign the value to a name, or leave the line out");
        }
    }

    fn answer(&mut self, call: &py::ExprCall, span: Span, stop: bool) {
        self.answers = true;
        let value = match (call.arguments.args.as_ref(), call.arguments.keywords.is_empty()) {
            ([], true) if stop => None,
            ([value], true) => Some(self.expr(value)),
            _ => {
                let name = if stop { "stop" } else { "answer" };
                return self.fault(
                    span,
                    format!("`{name}` takes one value"),
                    &format!("such as `{name}(text)`"),
                );
            }
        };
        match (stop, value) {
            (true, value) => self.emit(Stmt::Stop { value }),
            (false, Some(value)) => self.emit(Stmt::Answer { value }),
            (false, None) => {}
        }
    }

    /// `xs.append(x)` and its forbidden relatives, as statements. True when the statement is dealt with.
    fn in_place(&mut self, method: &py::ExprAttribute, call: &py::ExprCall, span: Span) -> bool {
        let instead = match method.attr.as_str() {
            "append" => {
                let [value] = call.arguments.args.as_ref() else {
                    self.fault(
                        span,
                        "`append` takes one value",
                        "such as `xs.append(x)`; use `xs += [a, b]` for more",
                    );
                    return true;
                };
                let value = self.expr(value);
                if let Some(place) = self.place(&method.value) {
                    self.emit(Stmt::Append { place, value, span });
                }
                return true;
            }
            "extend" => "use `xs += [...]`",
            "sort" => "use `sorted(xs)`",
            "reverse" => "use `reversed(xs)`",
            "add" => "collect in a list and use `set(xs)`",
            "insert" | "pop" | "remove" | "clear" => "build a new list with a slice or a comprehension",
            "update" => "use `d[key] = value`, or `a | b`",
            "setdefault" | "popitem" => "use `if key not in d: d[key] = ...`",
            _ => return false,
        };
        self.refuse(span, &format!("changing in place with `{}`", method.attr), instead);
        true
    }

    /// Emits a call as a statement of its own and gives the slot that holds its result.
    pub(super) fn emit_call(&mut self, callee: Callee, or_none: bool, span: Span) -> Slot {
        self.sites += 1;
        let site = Site(self.sites);
        let into = self.temp();
        self.emit(Stmt::Call(Arc::new(CallStmt { site, callee, into, or_none, span })));
        into
    }
}
