//! Names, slots and expressions: ruff's tree to ours. A call inside an expression is lifted into a statement of
//! its own before it; where Python would evaluate it lazily or repeatedly, the branch or loop is made explicit.

mod calls;
mod lazy;
mod scope;
mod types;

use super::ast::{BinOp, Block, Builtin, CmpOp, Expr, ExprKind, FPart, Literal, Slot, Span, Stmt, Target};
use super::error::PlanError;
use super::parse::span_of;
use ruff_python_ast::{self as py, Expr as PyExpr};
use ruff_text_size::Ranged;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Deepest nesting of expressions.
pub(super) const MAX_EXPR_DEPTH: usize = 64;

/// Deepest nesting of blocks, with those that a chain of `elif`, `and`, `or` or comprehension clauses makes.
pub(super) const MAX_LOWERED_DEPTH: usize = 80;
/// Deepest nesting of loops. The checker goes through a loop's body about three times, so through one that is this
/// deep about 700 times; the deepest of the benchmark plans has 3.
pub(super) const MAX_LOOP_DEPTH: usize = 6;

/// Names that have a meaning of their own and cannot be assigned.
const RESERVED: &[&str] = &["ask", "answer", "stop", "confirm", "or_none", "one_of", "span", "print"];

pub(super) struct Lower<'a> {
    pub(super) text: &'a str,
    pub(super) errors: Vec<PlanError>,
    pub(super) names: Vec<Arc<str>>,
    pub(super) blocks: Vec<Vec<Stmt>>,
    pub(super) loops: usize,
    pub(super) sites: u32,
    /// Whether an `answer` or `stop` was seen.
    pub(super) answers: bool,
    pub(super) classes: HashMap<Arc<str>, Slot>,
    /// Names changed in place, with the first place where it happens.
    pub(super) changed: HashMap<Arc<str>, Span>,
    /// Names that hold, at some place, a value that the plan did not make itself.
    pub(super) given: HashSet<Arc<str>>,
    /// `a = b` between plain names.
    pub(super) aliases: Vec<(Arc<str>, Arc<str>, Span)>,
    scopes: Vec<HashMap<Arc<str>, Slot>>,
    pub(super) depth: usize,
}

impl<'a> Lower<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            errors: Vec::new(),
            names: vec![Arc::from(".reply")],
            blocks: Vec::new(),
            loops: 0,
            sites: 0,
            answers: false,
            classes: HashMap::new(),
            changed: HashMap::new(),
            given: HashSet::new(),
            aliases: Vec::new(),
            scopes: vec![HashMap::new()],
            depth: 0,
        }
    }

    /// Records what is wrong and what to write instead: there is no fault without advice.
    pub(super) fn fault(&mut self, span: Span, message: impl Into<String>, hint: &str) {
        self.errors.push(PlanError::at(span, message).hint(hint));
    }

    /// Something that is Python but not in the plan language.
    pub(super) fn refuse(&mut self, span: Span, what: &str, instead: &str) {
        self.fault(span, format!("{what} is not in the plan language"), instead);
    }

    pub(super) fn emit(&mut self, stmt: Stmt) {
        if let Some(block) = self.blocks.last_mut() {
            block.push(stmt);
        }
    }

    /// Puts a value into a temporary, so that it is worked out once; plain variables and literals stay.
    pub(super) fn hold(&mut self, value: Expr) -> Expr {
        if matches!(value.kind, ExprKind::Slot(_) | ExprKind::Literal(_)) {
            return value;
        }
        let span = value.span;
        let slot = self.temp();
        self.emit(Stmt::Let { target: Target::Slot(slot), value });
        Expr { kind: ExprKind::Slot(slot), span }
    }

    /// Lowers an expression; calls in it are emitted before.
    pub(super) fn expr(&mut self, expr: &PyExpr) -> Expr {
        let span = span_of(expr.range());
        self.depth += 1;
        let kind = if self.depth > MAX_EXPR_DEPTH {
            self.fault(
                span,
                format!("the expression is nested more than {MAX_EXPR_DEPTH} deep"),
                "give a part a name first",
            );
            None
        } else {
            self.expr_kind(expr, span)
        };
        self.depth -= 1;
        // A fault was recorded; the placeholder lets the search for further faults go on.
        Expr { kind: kind.unwrap_or(ExprKind::Literal(Literal::None)), span }
    }

    /// Reads a loop's body; `None` when loops are nested too deep.
    pub(super) fn in_loop<T>(&mut self, span: Span, body: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.loops == MAX_LOOP_DEPTH {
            self.fault(
                span,
                format!("loops are nested more than {MAX_LOOP_DEPTH} deep"),
                "collect first, then go through it",
            );
            return None;
        }
        self.loops += 1;
        let out = body(self);
        self.loops -= 1;
        Some(out)
    }

    fn exprs(&mut self, exprs: &[PyExpr]) -> Vec<Expr> {
        exprs.iter().map(|e| self.expr(e)).collect()
    }

    fn boxed(&mut self, expr: &PyExpr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn expr_kind(&mut self, expr: &PyExpr, span: Span) -> Option<ExprKind> {
        Some(match expr {
            PyExpr::Name(name) => return self.name(name.id.as_str(), span),
            PyExpr::List(list) => ExprKind::List(self.exprs(&list.elts)),
            PyExpr::Tuple(tuple) => ExprKind::Tuple(self.exprs(&tuple.elts)),
            PyExpr::Set(set) => ExprKind::Set(self.exprs(&set.elts)),
            PyExpr::Dict(dict) => return self.dict(dict, span),
            PyExpr::FString(f) => ExprKind::FString(self.fstring(&f.value)),
            PyExpr::Attribute(attr) => {
                self.refuse_dunder(attr.attr.as_str(), span)?;
                ExprKind::Attr(self.boxed(&attr.value), Arc::from(attr.attr.as_str()))
            }
            PyExpr::Subscript(item) => return self.subscript(item),
            PyExpr::UnaryOp(unary) => return self.unary(unary, span),
            PyExpr::BinOp(binary) => {
                let op = self.operator(binary.op, span)?;
                let left = self.boxed(&binary.left);
                ExprKind::Binary(op, left, self.boxed(&binary.right))
            }
            PyExpr::Compare(compare) => return self.compare(compare, span),
            PyExpr::BoolOp(bools) => return self.bool_op(bools),
            PyExpr::If(cond) => return self.if_else(cond),
            PyExpr::ListComp(c) => return self.comprehension(&c.generators, lazy::Shape::List(&c.elt), span),
            PyExpr::Generator(c) => {
                return self.comprehension(&c.generators, lazy::Shape::List(&c.elt), span);
            }
            PyExpr::SetComp(c) => return self.comprehension(&c.generators, lazy::Shape::Set(&c.elt), span),
            PyExpr::DictComp(c) => {
                let Some(key) = &c.key else {
                    self.refuse(span, "`**` in a comprehension", "name the keys");
                    return None;
                };
                return self.comprehension(&c.generators, lazy::Shape::Dict(key, &c.value), span);
            }
            PyExpr::Call(call) => return self.call(call, span),
            other => match self.literal(other) {
                Some(literal) => ExprKind::Literal(literal),
                None => {
                    self.refuse_expr(other, span);
                    return None;
                }
            },
        })
    }

    fn refuse_expr(&mut self, expr: &PyExpr, span: Span) {
        let (what, instead) = match expr {
            PyExpr::Lambda(_) => ("`lambda` outside of `key=`", "write the expression where it is used"),
            PyExpr::Named(_) => ("`:=`", "assign on a line of its own"),
            PyExpr::Await(_) => ("`await`", "calls wait by themselves"),
            PyExpr::Yield(_) | PyExpr::YieldFrom(_) => ("`yield`", "collect the values in a list"),
            PyExpr::Starred(_) => ("`*`", "name the values, or add the lists with `+`"),
            PyExpr::BytesLiteral(_) => ("a bytes literal", "use text"),
            PyExpr::EllipsisLiteral(_) => ("`...`", "use `None`"),
            PyExpr::TString(_) => ("a t-string", "use an f-string"),
            PyExpr::NumberLiteral(_) => {
                ("this number", "use a whole number below 9.2e18, a float or Decimal(\"...\")")
            }
            _ => ("this expression", "write it out step by step"),
        };
        self.refuse(span, what, instead);
    }

    pub(super) fn refuse_dunder(&mut self, name: &str, span: Span) -> Option<()> {
        if !name.starts_with("__") {
            return Some(());
        }
        self.fault(
            span,
            "names with two underscores are not in the plan language",
            "choose a name that starts with a letter",
        );
        None
    }

    fn name(&mut self, name: &str, span: Span) -> Option<ExprKind> {
        if Builtin::named(name).is_some() && !self.scopes.iter().any(|scope| scope.contains_key(name)) {
            self.fault(span, format!("`{name}` is a function; call it"), &format!("write `{name}(...)`"));
            return None;
        }
        if RESERVED.contains(&name) {
            self.fault(span, format!("`{name}` is a function; call it"), &format!("write `{name}(...)`"));
            return None;
        }
        self.used(name, span).map(ExprKind::Slot)
    }

    /// A literal, or `None` when the expression is none.
    pub(super) fn literal(&self, expr: &PyExpr) -> Option<Literal> {
        Some(match expr {
            PyExpr::NoneLiteral(_) => Literal::None,
            PyExpr::BooleanLiteral(b) => Literal::Bool(b.value),
            PyExpr::StringLiteral(s) => Literal::Str(Arc::from(s.value.to_str())),
            PyExpr::NumberLiteral(n) => match &n.value {
                py::Number::Int(i) => Literal::Int(i.as_i64()?),
                py::Number::Float(f) if f.is_finite() => Literal::Float(*f),
                py::Number::Float(_) | py::Number::Complex { .. } => return None,
            },
            _ => return None,
        })
    }

    fn dict(&mut self, dict: &py::ExprDict, span: Span) -> Option<ExprKind> {
        let mut items = Vec::new();
        for item in &dict.items {
            let Some(key) = &item.key else {
                self.refuse(span, "`**` in a dict", "use `a | b`");
                return None;
            };
            let key = self.expr(key);
            items.push((key, self.expr(&item.value)));
        }
        Some(ExprKind::Dict(items))
    }

    fn fstring(&mut self, value: &py::FStringValue) -> Vec<FPart> {
        let mut parts = Vec::new();
        for part in value {
            match part {
                py::FStringPart::Literal(text) => parts.push(FPart::Text(Arc::from(text.as_str()))),
                py::FStringPart::FString(f) => self.fstring_elements(&f.elements, &mut parts),
            }
        }
        parts
    }

    fn fstring_elements(&mut self, elements: &py::InterpolatedStringElements, parts: &mut Vec<FPart>) {
        for element in elements {
            match element {
                py::InterpolatedStringElement::Literal(text) => {
                    parts.push(FPart::Text(Arc::from(&*text.value)))
                }
                py::InterpolatedStringElement::Interpolation(hole) => {
                    if let Some(debug) = &hole.debug_text {
                        let shown = format!(
                            "{}{}{}",
                            debug.leading(),
                            self.source(&hole.expression),
                            debug.trailing()
                        );
                        parts.push(FPart::Text(Arc::from(shown)));
                    }
                    let value = self.expr(&hole.expression);
                    let mut spec = Vec::new();
                    if let Some(format) = &hole.format_spec {
                        self.fstring_elements(&format.elements, &mut spec);
                    }
                    let repr = match hole.conversion {
                        py::ConversionFlag::None => hole.debug_text.is_some() && spec.is_empty(),
                        py::ConversionFlag::Str => false,
                        py::ConversionFlag::Repr | py::ConversionFlag::Ascii => true,
                    };
                    parts.push(FPart::Value { value, repr, spec });
                }
            }
        }
    }

    fn source(&self, expr: &PyExpr) -> &str {
        let Span { start, end } = span_of(expr.range());
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    fn subscript(&mut self, item: &py::ExprSubscript) -> Option<ExprKind> {
        let of = self.boxed(&item.value);
        let PyExpr::Slice(slice) = item.slice.as_ref() else {
            return Some(ExprKind::Index(of, self.boxed(&item.slice)));
        };
        let lower = slice.lower.as_ref().map(|e| self.boxed(e));
        let upper = slice.upper.as_ref().map(|e| self.boxed(e));
        let step = slice.step.as_ref().map(|e| self.boxed(e));
        Some(ExprKind::Slice { of, lower, upper, step })
    }

    fn unary(&mut self, unary: &py::ExprUnaryOp, span: Span) -> Option<ExprKind> {
        let of = self.boxed(&unary.operand);
        match unary.op {
            py::UnaryOp::Not => Some(ExprKind::Not(of)),
            py::UnaryOp::USub => Some(ExprKind::Negate(of)),
            py::UnaryOp::UAdd => Some(ExprKind::Plus(of)),
            py::UnaryOp::Invert => {
                self.refuse(span, "`~`", "use `not`");
                None
            }
        }
    }

    pub(super) fn operator(&mut self, op: py::Operator, span: Span) -> Option<BinOp> {
        Some(match op {
            py::Operator::Add => BinOp::Add,
            py::Operator::Sub => BinOp::Sub,
            py::Operator::Mult => BinOp::Mul,
            py::Operator::Div => BinOp::Div,
            py::Operator::FloorDiv => BinOp::FloorDiv,
            py::Operator::Mod => BinOp::Mod,
            py::Operator::Pow => BinOp::Pow,
            py::Operator::BitOr => BinOp::Union,
            py::Operator::BitAnd => BinOp::Intersection,
            other => {
                self.refuse(span, &format!("`{}`", other.as_str()), "use arithmetic or `and` / `or`");
                return None;
            }
        })
    }

    fn compare(&mut self, compare: &py::ExprCompare, span: Span) -> Option<ExprKind> {
        let lazy_calls = compare.comparators.iter().skip(1).any(lazy::has_call);
        if lazy_calls {
            self.fault(span, "a call in a chain of comparisons", "put the call on a line of its own");
            return None;
        }
        let left = self.boxed(&compare.left);
        let mut rest = Vec::new();
        for (op, right) in compare.ops.iter().zip(&compare.comparators) {
            let op = match op {
                py::CmpOp::Eq => CmpOp::Eq,
                py::CmpOp::NotEq => CmpOp::NotEq,
                py::CmpOp::Lt => CmpOp::Lt,
                py::CmpOp::LtE => CmpOp::LtE,
                py::CmpOp::Gt => CmpOp::Gt,
                py::CmpOp::GtE => CmpOp::GtE,
                py::CmpOp::In => CmpOp::In,
                py::CmpOp::NotIn => CmpOp::NotIn,
                py::CmpOp::Is => CmpOp::Is,
                py::CmpOp::IsNot => CmpOp::IsNot,
            };
            rest.push((op, self.expr(right)));
        }
        Some(ExprKind::Compare(left, rest))
    }

    pub(super) fn set_of(list: Slot, span: Span) -> Expr {
        let args = vec![Expr { kind: ExprKind::Slot(list), span }];
        Expr { kind: ExprKind::Builtin { name: Builtin::Set, args, key: None, named: Vec::new() }, span }
    }

    /// A block that stands for a part of the expression at `span`.
    pub(super) fn in_block(&mut self, span: Span, body: impl FnOnce(&mut Self)) -> Block {
        self.blocks.push(Vec::new());
        // Every further call in `a() and b() and ...` is one block deeper, and whoever walks blocks has a stack.
        if self.blocks.len() > MAX_LOWERED_DEPTH {
            self.fault(
                span,
                "too many calls in one expression",
                "put them on lines of their own, under `if` or `for`",
            );
        } else {
            body(self);
        }
        self.blocks.pop().unwrap_or_default().into()
    }
}
