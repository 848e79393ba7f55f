//! Expressions: values and marks, without effects.
//!
//! INVARIANT: the mark of a result is above the mark of everything that was looked at to make it: operands,
//! containers passed through, conditions tested, also of parts that were then left out.

use super::access::{attribute, item_of};
use super::fuel::Fuel;
use super::{arith, fault, text};
use crate::kernel::label::{Capacity, Label, Source};
use crate::kernel::plan::PlanError;
use crate::kernel::plan::ast::{
    BinOp, CmpOp, CompShape, Comprehension, Expr, ExprKind, FPart, Lambda, Literal, Plan, Slot, Span, Target,
    TypeExpr,
};
use crate::kernel::value::{AskType, Data, Key, Mark, Node};
use indexmap::{IndexMap, IndexSet};
use std::sync::Arc;

pub(super) type Outcome<T> = Result<T, PlanError>;

/// The variables of a run.
#[derive(Debug, Clone)]
pub(super) struct Env {
    pub(super) slots: Vec<Option<Node>>,
    pub(super) fuel: Fuel,
}

/// The mark of a value that the plan's text itself makes.
pub(super) fn literal_mark() -> Mark {
    Mark::of(Label::trusted_from(Source::Planner))
}

/// A node whose mark says no more than its type can: see [`Label::bounded_by`].
pub(super) fn derived(data: Data, mark: &Mark) -> Node {
    let mark = match &data {
        Data::None | Data::Bool(_) => mark.bounded_by(Capacity::Bool),
        Data::Int(_) | Data::Float(_) | Data::Decimal(_) | Data::Delta(_) => {
            mark.bounded_by(Capacity::Number)
        }
        Data::Date(_) | Data::DateTime(_) => mark.bounded_by(Capacity::Date),
        Data::Str(_) => mark.bounded_by(Capacity::Text),
        Data::List(_) | Data::Tuple(_) | Data::Set(_) | Data::Dict(_) | Data::Class(_) => mark.clone(),
    };
    Node::new(data, mark)
}

impl Env {
    pub(super) fn new(plan: &Plan, fuel: Fuel) -> Self {
        Self { slots: vec![None; plan.names.len()], fuel }
    }

    pub(super) fn get(&self, slot: Slot, span: Span) -> Outcome<Node> {
        let held = self.slots.get(slot.0 as usize).and_then(Option::as_ref);
        held.cloned().ok_or_else(|| fault(span, "the variable was not set on the way here"))
    }

    pub(super) fn set(&mut self, slot: Slot, node: Node) {
        if let Some(place) = self.slots.get_mut(slot.0 as usize) {
            *place = Some(node);
        }
    }

    /// Assigns to a name or takes a tuple apart; every part carries the container's mark.
    pub(super) fn bind(&mut self, target: &Target, node: Node) -> Outcome<()> {
        match target {
            Target::Slot(slot) => self.set(*slot, node),
            Target::Tuple(parts, span) => {
                let items = self.items(&node, *span)?;
                if items.len() != parts.len() {
                    let wanted = parts.len();
                    return Err(fault(
                        *span,
                        format!("cannot unpack: {wanted} names for a different number of values"),
                    ));
                }
                for (part, item) in parts.iter().zip(items) {
                    self.bind(part, item)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn eval(&mut self, expr: &Expr) -> Outcome<Node> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(Node::new(literal_data(literal), literal_mark())),
            ExprKind::Slot(slot) => self.get(*slot, span),
            ExprKind::FString(parts) => {
                let (text, mark) = self.fstring(parts, span)?;
                // The plan's own words around a choice are still a choice: see `Label::of_text`.
                Ok(Node::new(Data::str(text), mark.of_text()))
            }
            ExprKind::List(items) => Ok(Node::new(Data::List(Arc::new(self.evals(items)?)), literal_mark())),
            ExprKind::Tuple(items) => {
                Ok(Node::new(Data::Tuple(Arc::new(self.evals(items)?)), literal_mark()))
            }
            ExprKind::Set(items) => {
                let items = self.evals(items)?;
                self.set_of(items, literal_mark(), span)
            }
            ExprKind::Dict(pairs) => self.dict(pairs),
            ExprKind::Attr(of, name) => {
                let of = self.eval(of)?;
                attribute(&of, name, span)
            }
            ExprKind::Index(of, index) => {
                let of = self.eval(of)?;
                let index = self.eval(index)?;
                item_of(&of, &index, span)
            }
            ExprKind::Slice { of, lower, upper, step } => self.slice(of, lower, upper, step, span),
            ExprKind::Not(of) => {
                let of = self.eval(of)?;
                Ok(derived(Data::Bool(!of.data.truthy()), &of.mark))
            }
            ExprKind::Negate(of) => {
                let of = self.eval(of)?;
                arith::negate(&of, span)
            }
            ExprKind::Plus(of) => self.eval(of),
            ExprKind::Binary(op, left, right) => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                self.binary(*op, &left, &right, span)
            }
            ExprKind::Compare(left, rest) => self.compare(left, rest),
            ExprKind::And(values) => self.lazy(values, false),
            ExprKind::Or(values) => self.lazy(values, true),
            ExprKind::IfElse { cond, then, orelse } => {
                let cond = self.eval(cond)?;
                let taken = if cond.data.truthy() { then } else { orelse };
                Ok(self.eval(taken)?.joined(&cond.mark.as_influence()))
            }
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension, span),
            ExprKind::Builtin { name, args, key, named } => {
                let args = self.evals(args)?;
                let named = self.named(named)?;
                self.builtin(*name, &args, key.as_deref(), &named, span)
            }
            ExprKind::Method { of, name, args, named } => {
                let of = self.eval(of)?;
                let args = self.evals(args)?;
                let named = self.named(named)?;
                self.method(&of, name, &args, &named, span)
            }
            ExprKind::Construct { class, fields } => self.construct(*class, fields, span),
        }
    }

    fn evals(&mut self, exprs: &[Expr]) -> Outcome<Vec<Node>> {
        exprs.iter().map(|e| self.eval(e)).collect()
    }

    fn named(&mut self, named: &[(Arc<str>, Expr)]) -> Outcome<Vec<(Arc<str>, Node)>> {
        named.iter().map(|(name, e)| Ok((name.clone(), self.eval(e)?))).collect()
    }

    pub(super) fn set_of(&mut self, items: Vec<Node>, mark: Mark, span: Span) -> Outcome<Node> {
        let mut keys = IndexSet::new();
        let mut mark = mark;
        for item in items {
            let key = item
                .data
                .key()
                .ok_or_else(|| fault(span, "a set holds only texts, numbers, dates and tuples"))?;
            mark = mark.join(&item.deep());
            keys.insert(key);
        }
        Ok(Node::new(Data::Set(Arc::new(keys)), mark))
    }

    fn dict(&mut self, pairs: &[(Expr, Expr)]) -> Outcome<Node> {
        let mut entries = IndexMap::new();
        let mut mark = literal_mark();
        for (key, value) in pairs {
            let key_node = self.eval(key)?;
            let value = self.eval(value)?;
            mark = mark.join(&key_node.deep());
            entries.insert(dict_key(&key_node, key.span)?, value);
        }
        Ok(Node::new(Data::Dict(Arc::new(entries)), mark))
    }

    /// The elements that iterating yields, each under its own mark and the container's.
    pub(super) fn items(&mut self, of: &Node, span: Span) -> Outcome<Vec<Node>> {
        let items: Vec<Node> = match &of.data {
            Data::List(items) | Data::Tuple(items) => {
                items.iter().map(|i| i.clone().joined(&of.mark)).collect()
            }
            Data::Set(keys) => keys.iter().map(|k| k.node(&of.mark)).collect(),
            Data::Dict(entries) => entries.keys().map(|k| k.node(&of.mark)).collect(),
            Data::Str(s) => s.chars().map(|c| Node::new(Data::str(c.to_string()), of.mark.clone())).collect(),
            other => return Err(fault(span, format!("cannot go through a {}", other.kind()))),
        };
        self.fuel.pure_turns(items.len(), span)?;
        Ok(items)
    }

    pub(super) fn binary(&mut self, op: BinOp, left: &Node, right: &Node, span: Span) -> Outcome<Node> {
        let size = self.fuel.clone();
        let node = arith::binary(op, left, right, span, &size)?;
        self.fuel.weigh(&node, span)?;
        Ok(node)
    }

    fn compare(&mut self, left: &Expr, rest: &[(CmpOp, Expr)]) -> Outcome<Node> {
        let mut left = self.eval(left)?;
        let mut seen = left.deep();
        for (op, right) in rest {
            let right_node = self.eval(right)?;
            seen = seen.join(&right_node.deep());
            if !arith::compare(*op, &left, &right_node, right.span)? {
                return Ok(derived(Data::Bool(false), &seen));
            }
            left = right_node;
        }
        Ok(derived(Data::Bool(true), &seen))
    }

    /// `and` / `or`: the first operand that decides, marked by all that were looked at.
    fn lazy(&mut self, values: &[Expr], decides_when: bool) -> Outcome<Node> {
        let mut seen = Mark::trusted();
        let mut last = Node::new(Data::None, Mark::trusted());
        for value in values {
            last = self.eval(value)?.joined(&seen);
            if last.data.truthy() == decides_when {
                break;
            }
            seen = seen.join(&last.mark.as_influence());
        }
        Ok(last)
    }

    fn comprehension(&mut self, comprehension: &Comprehension, span: Span) -> Outcome<Node> {
        let mut made = Made { mark: literal_mark(), items: Vec::new(), entries: IndexMap::new() };
        self.clauses(comprehension, 0, &mut made)?;
        let node = match comprehension.shape {
            CompShape::List(_) => Node::new(Data::List(Arc::new(made.items)), made.mark),
            CompShape::Set(_) => self.set_of(made.items, made.mark, span)?,
            CompShape::Dict(..) => Node::new(Data::Dict(Arc::new(made.entries)), made.mark),
        };
        self.fuel.weigh(&node, span)?;
        Ok(node)
    }

    fn clauses(&mut self, of: &Comprehension, depth: usize, made: &mut Made) -> Outcome<()> {
        let Some(clause) = of.clauses.get(depth) else {
            match &of.shape {
                CompShape::List(element) | CompShape::Set(element) => made.items.push(self.eval(element)?),
                CompShape::Dict(key, value) => {
                    let key_node = self.eval(key)?;
                    let value = self.eval(value)?;
                    made.mark = made.mark.join(&key_node.deep());
                    made.entries.insert(dict_key(&key_node, key.span)?, value);
                }
            }
            return Ok(());
        };
        let iter = self.eval(&clause.iter)?;
        // How often the body runs says how long the iterable is, so the result's shape carries its mark.
        made.mark = made.mark.join(&iter.mark);
        for item in self.items(&iter, clause.iter.span)? {
            self.bind(&clause.target, item)?;
            let mut keep = true;
            for cond in &clause.conds {
                let cond = self.eval(cond)?;
                made.mark = made.mark.join(&cond.mark);
                if !cond.data.truthy() {
                    keep = false;
                    break;
                }
            }
            if keep {
                self.clauses(of, depth + 1, made)?;
            }
        }
        Ok(())
    }

    pub(super) fn fstring(&mut self, parts: &[FPart], span: Span) -> Outcome<(String, Mark)> {
        let mut out = String::new();
        let mut mark = literal_mark();
        for part in parts {
            match part {
                FPart::Text(text) => out.push_str(text),
                FPart::Value { value, repr, spec } => {
                    let node = self.eval(value)?;
                    let (spec_text, spec_mark) = self.fstring(spec, span)?;
                    mark = mark.join(&node.deep()).join(&spec_mark);
                    let shown = if *repr { Data::str(text::repr(&node.data)) } else { node.data };
                    out.push_str(&text::format(&shown, &spec_text, value.span)?);
                }
            }
            self.fuel.bytes(out.len(), span)?;
        }
        Ok((out, mark))
    }

    /// Evaluates a `key=` for one element.
    pub(super) fn apply(&mut self, lambda: &Lambda, item: &Node) -> Outcome<Node> {
        self.set(lambda.param, item.clone());
        self.eval(&lambda.body)
    }

    fn construct(&mut self, class: Slot, fields: &[(Arc<str>, Expr)], span: Span) -> Outcome<Node> {
        let class_node = self.get(class, span)?;
        let mut entries = IndexMap::new();
        for (name, value) in fields {
            entries.insert(Key::Str(name.clone()), self.eval(value)?);
        }
        Ok(Node::new(Data::Dict(Arc::new(entries)), literal_mark().join(&class_node.mark)))
    }

    /// A type with its run-time values filled in.
    pub(super) fn ask_type(&mut self, ty: &TypeExpr) -> Outcome<AskType> {
        Ok(match ty {
            TypeExpr::Bool => AskType::Bool,
            TypeExpr::Int => AskType::Int,
            TypeExpr::Float => AskType::Float,
            TypeExpr::Str => AskType::Str,
            TypeExpr::Date => AskType::Date,
            TypeExpr::DateTime => AskType::DateTime,
            TypeExpr::List(item) => AskType::List(Box::new(self.ask_type(item)?)),
            TypeExpr::Optional(inner) => AskType::Optional(Box::new(self.ask_type(inner)?)),
            TypeExpr::OneOf(options) => {
                let span = options.span;
                let node = self.eval(options)?;
                let items = self.items(&node, span)?;
                if items.is_empty() {
                    return Err(fault(span, "`one_of` needs at least one option, the list is empty")
                        .hint("test the list with `if` before asking"));
                }
                let scalar =
                    |n: &Node| matches!(n.data, Data::Str(_) | Data::Int(_) | Data::Float(_) | Data::Bool(_));
                if !items.iter().all(scalar) {
                    return Err(fault(span, "`one_of` takes a list of texts, numbers or booleans"));
                }
                AskType::OneOf(Node::new(Data::List(Arc::new(items)), node.mark))
            }
            TypeExpr::Span(source, form) => {
                let node = self.eval(source)?;
                if !matches!(node.data, Data::Str(_)) {
                    let kind = node.data.kind();
                    return Err(fault(
                        source.span,
                        format!("`span` takes the text to quote from, not a {kind}"),
                    ));
                }
                AskType::Span(node, *form)
            }
            TypeExpr::Class(slot, span) => match self.get(*slot, *span)?.data {
                Data::Class(class) => AskType::Class(class),
                _ => return Err(fault(*span, "this is not a class")),
            },
        })
    }
}

struct Made {
    mark: Mark,
    items: Vec<Node>,
    entries: IndexMap<Key, Node>,
}

/// A key for a dict, or a fault at `span`.
pub(super) fn dict_key(node: &Node, span: Span) -> Outcome<Key> {
    let kind = node.data.kind();
    node.data.key().ok_or_else(|| fault(span, format!("a {kind} cannot be a dict's key")))
}

pub(super) fn literal_data(literal: &Literal) -> Data {
    match literal {
        Literal::None => Data::None,
        Literal::Bool(b) => Data::Bool(*b),
        Literal::Int(i) => Data::Int(*i),
        Literal::Float(f) => Data::Float(*f),
        Literal::Str(s) => Data::Str(s.clone()),
    }
}
