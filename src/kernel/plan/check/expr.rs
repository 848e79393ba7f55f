//! Expressions on shapes and marks.

use super::abs::{Abs, AbsClass, Shape, join_types};

use super::{Checker, NOT_MANY, literal_mark};
use crate::kernel::catalogue::Type;
use crate::kernel::plan::ast::{
    BinOp, CmpOp, CompShape, Comprehension, Expr, ExprKind, FPart, Lambda, Literal, Slot, Span,
};
use crate::kernel::value::Mark;
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn eval(&mut self, expr: &Expr) -> Abs {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Literal(literal) => literal_abs(literal),
            ExprKind::Slot(slot) => self.get(*slot, span),
            ExprKind::FString(parts) => self.fstring(parts),
            ExprKind::List(items) => self.list(items),
            ExprKind::Tuple(items) => {
                let items = items.iter().map(|e| self.eval(e)).collect();
                Abs::new(Shape::Tuple(items), literal_mark())
            }
            ExprKind::Set(items) => {
                let items: Vec<Abs> = items.iter().map(|e| self.eval(e)).collect();
                set_of(&items, literal_mark())
            }
            ExprKind::Dict(pairs) => self.dict(pairs),
            ExprKind::Attr(of, name) => {
                let of = self.eval(of);
                self.attribute(&of, name, span)
            }
            ExprKind::Index(of, index) => {
                let of_abs = self.eval(of);
                let index = self.eval(index);
                self.item(&of_abs, &index, span)
            }
            ExprKind::Slice { of, lower, upper, step } => {
                let of = self.eval(of);
                let mut steer = Mark::trusted();
                for bound in [lower, upper, step].into_iter().flatten() {
                    steer = steer.join(&self.eval(bound).mark);
                }
                self.slice(&of, &steer, span)
            }
            ExprKind::Not(of) => {
                let of = self.eval(of);
                Abs::derived(Shape::Scalar(Type::Bool), &of.mark)
            }
            ExprKind::Negate(of) => {
                let mut of = self.eval(of);
                let shape = match &of.shape {
                    Shape::Scalar(ty @ (Type::Int | Type::Float | Type::Decimal | Type::Delta)) => {
                        Shape::Scalar(ty.clone())
                    }
                    Shape::Scalar(Type::Bool) => Shape::Scalar(Type::Int),
                    Shape::Any | Shape::Maybe(_) => Shape::Any,
                    _ => {
                        let kind = of.kind();
                        let hint = "turn it into a number first, such as with `float(...)`";
                        self.fault(span, format!("`-` does not work on a {kind}"), hint);
                        Shape::Any
                    }
                };
                of = Abs::derived(shape, &of.deep());
                of
            }
            ExprKind::Plus(of) => self.eval(of),
            ExprKind::Binary(op, left, right) => {
                let left = self.eval(left);
                let right = self.eval(right);
                self.binary(*op, &left, &right, span)
            }
            ExprKind::Compare(left, rest) => self.compare(left, rest),
            ExprKind::And(values) | ExprKind::Or(values) => self.lazy(values),
            ExprKind::IfElse { cond, then, orelse } => {
                let cond = self.eval(cond);
                let then = self.eval(then);
                let orelse = self.eval(orelse);
                let mut out = then.join(&orelse).joined(&cond.mark.as_influence());
                out.fixed = None;
                out
            }
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Builtin { name, args, key, named } => {
                let args: Vec<Abs> = args.iter().map(|e| self.eval(e)).collect();
                let named: Vec<(Arc<str>, Abs)> =
                    named.iter().map(|(n, e)| (n.clone(), self.eval(e))).collect();
                self.builtin(*name, &args, key.as_deref(), &named, span)
            }
            ExprKind::Method { of, name, args, named } => {
                let of = self.eval(of);
                let args: Vec<Abs> = args.iter().map(|e| self.eval(e)).collect();
                let named: Vec<Abs> = named.iter().map(|(_, e)| self.eval(e)).collect();
                self.method(&of, name, &args, &named, span)
            }
            ExprKind::Construct { class, fields } => self.construct(*class, fields, span),
        }
    }

    fn fstring(&mut self, parts: &[FPart]) -> Abs {
        let mut mark = literal_mark();
        let mut fixed = Some(String::new());
        self.fstring_parts(parts, &mut mark, &mut fixed);
        let mut out = Abs::new(Shape::Scalar(Type::Str), mark.of_text());
        out.fixed = fixed.map(Json::String);
        out
    }

    fn fstring_parts(&mut self, parts: &[FPart], mark: &mut Mark, fixed: &mut Option<String>) {
        for part in parts {
            match part {
                FPart::Text(text) => {
                    if let Some(fixed) = fixed {
                        fixed.push_str(text);
                    }
                }
                FPart::Value { value, repr, spec } => {
                    let abs = self.eval(value);
                    *mark = mark.join(&abs.deep());
                    match (&abs.fixed, fixed.as_mut()) {
                        (Some(Json::String(text)), Some(fixed)) if !repr && spec.is_empty() => {
                            fixed.push_str(text)
                        }
                        _ => *fixed = None,
                    }
                    self.fstring_parts(spec, mark, &mut None);
                }
            }
        }
    }

    fn list(&mut self, items: &[Expr]) -> Abs {
        let items: Vec<Abs> = items.iter().map(|e| self.eval(e)).collect();
        let fixed: Option<Vec<Json>> = items.iter().map(|i| i.fixed.clone()).collect();
        let element =
            items.split_first().map(|(first, rest)| rest.iter().fold(first.clone(), |all, i| all.join(i)));
        let mut list = Abs::new(Shape::List(element.map(Box::new)), literal_mark());
        list.fixed = fixed.map(Json::Array);
        list
    }

    fn dict(&mut self, pairs: &[(Expr, Expr)]) -> Abs {
        let mut mark = literal_mark();
        let mut key_type: Option<Type> = None;
        let mut value: Option<Abs> = None;
        for (key, item) in pairs {
            let key = self.eval(key);
            let item = self.eval(item);
            mark = mark.join(&key.deep());
            let ty = scalar_type(&key);
            key_type = Some(key_type.map_or(ty.clone(), |old| join_types(&old, &ty).unwrap_or(Type::Any)));
            value = Some(value.map_or(item.clone(), |old| old.join(&item)));
        }
        let shape = Shape::Dict { key: key_type.unwrap_or(Type::Any), value: value.map(Box::new) };
        Abs::new(shape, mark)
    }

    pub(super) fn binary(&mut self, op: BinOp, left: &Abs, right: &Abs, span: Span) -> Abs {
        let mark = left.mark.join(&right.mark);
        if let (BinOp::Add, Some(Json::String(a)), Some(Json::String(b))) = (op, &left.fixed, &right.fixed) {
            let mut out = Abs::derived(Shape::Scalar(Type::Str), &mark);
            out.fixed = Some(Json::String(format!("{a}{b}")));
            return out;
        }
        let shape = match (op, &left.shape, &right.shape) {
            (_, Shape::Any | Shape::Maybe(_), _) | (_, _, Shape::Any | Shape::Maybe(_)) => None,
            (_, Shape::Scalar(Type::Any), _) | (_, _, Shape::Scalar(Type::Any)) => None,
            (BinOp::Add, Shape::List(a), Shape::List(b)) => {
                let joined = match (a, b) {
                    (None, other) | (other, None) => other.clone(),
                    (Some(a), Some(b)) => Some(Box::new(a.join(b))),
                };
                Some(Shape::List(joined))
            }
            (BinOp::Add, Shape::Tuple(a), Shape::Tuple(b)) => {
                Some(Shape::Tuple(a.iter().chain(b).cloned().collect()))
            }
            (BinOp::Mul, Shape::List(a), Shape::Scalar(_))
            | (BinOp::Mul, Shape::Scalar(_), Shape::List(a)) => Some(Shape::List(a.clone())),
            (BinOp::Union | BinOp::Intersection | BinOp::Sub, Shape::Set(a), Shape::Set(b)) => {
                Some(Shape::Set(join_types(a, b).unwrap_or(Type::Any)))
            }
            (
                BinOp::Union,
                Shape::Dict { .. } | Shape::Record { .. },
                Shape::Dict { .. } | Shape::Record { .. },
            ) => {
                return Abs::new(Shape::Any, left.deep().join(&right.deep()));
            }
            (op, Shape::Scalar(a), Shape::Scalar(b)) => match scalar_result(op, a, b) {
                Some(ty) => Some(Shape::Scalar(ty)),
                None => return self.no_operator(op, left, right, span),
            },
            _ => return self.no_operator(op, left, right, span),
        };
        match shape {
            Some(shape) => Abs::derived(shape, &mark),
            None => Abs::derived(Shape::Any, &left.deep().join(&right.deep())),
        }
    }

    fn no_operator(&mut self, op: BinOp, left: &Abs, right: &Abs, span: Span) -> Abs {
        let (a, b) = (left.kind(), right.kind());
        let text = op == BinOp::Add && (a == "str" || b == "str");
        let hint = match text {
            true => "use an f-string, such as f\"{a} {b}\"",
            false => "bring both to one type first, such as with `float(...)`, `str(...)` or `list(...)`",
        };
        self.fault(span, format!("`{}` does not work on a {a} and a {b}", op.symbol()), hint);
        Abs::new(Shape::Any, left.deep().join(&right.deep()))
    }

    fn compare(&mut self, left: &Expr, rest: &[(CmpOp, Expr)]) -> Abs {
        let mut left = self.eval(left);
        let mut seen = left.deep();
        for (op, right) in rest {
            let right_abs = self.eval(right);
            seen = seen.join(&right_abs.deep());
            self.check_comparison(*op, &left, &right_abs, right.span);
            left = right_abs;
        }
        Abs::derived(Shape::Scalar(Type::Bool), &seen)
    }

    fn check_comparison(&mut self, op: CmpOp, left: &Abs, right: &Abs, span: Span) {
        let ordered = matches!(op, CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE);
        if let (true, Shape::Scalar(a), Shape::Scalar(b)) = (ordered, &left.shape, &right.shape)
            && !comparable(a, b)
        {
            let (a, b) = (left.kind(), right.kind());
            let hint = "compare values of one type, or use `==`";
            self.fault(span, format!("a {a} and a {b} have no order"), hint);
        }
        let inside = matches!(op, CmpOp::In | CmpOp::NotIn);
        if inside
            && matches!(&right.shape, Shape::Scalar(ty) if !matches!(ty, Type::Str | Type::Enum(_) | Type::Any))
        {
            let (a, b) = (left.kind(), right.kind());
            let hint = "look in a text, a list, a set or a dict, or use `==`";
            self.fault(span, format!("`in` does not look for a {a} in a {b}"), hint);
        }
    }

    fn lazy(&mut self, values: &[Expr]) -> Abs {
        let mut seen = Mark::trusted();
        let mut out: Option<Abs> = None;
        for value in values {
            let abs = self.eval(value).joined(&seen);
            seen = seen.join(&abs.mark.as_influence());
            out = Some(out.map_or(abs.clone(), |known| known.join(&abs)));
        }
        let mut out = out.unwrap_or_else(|| Abs::scalar(Type::None, Mark::trusted()));
        out.fixed = None;
        out
    }

    fn comprehension(&mut self, comprehension: &Comprehension) -> Abs {
        let mut mark = literal_mark();
        for clause in &comprehension.clauses {
            let iter = self.eval(&clause.iter);
            mark = mark.join(&iter.mark);
            let item = iter.element().unwrap_or_else(|| {
                let kind = iter.kind();
                self.fault(clause.iter.span, format!("cannot go through a {kind}"), NOT_MANY);
                iter.blurred()
            });
            self.bind(&clause.target, item);
            for cond in &clause.conds {
                mark = mark.join(&self.eval(cond).mark);
            }
        }
        match &comprehension.shape {
            CompShape::List(element) => {
                let element = self.eval(element);
                Abs::new(Shape::List(Some(Box::new(element))), mark)
            }
            CompShape::Set(element) => {
                let element = self.eval(element);
                set_of(&[element], mark)
            }
            CompShape::Dict(key, value) => {
                let key = self.eval(key);
                let value = self.eval(value);
                let shape = Shape::Dict { key: scalar_type(&key), value: Some(Box::new(value)) };
                Abs::new(shape, mark.join(&key.deep()))
            }
        }
    }

    pub(super) fn apply(&mut self, lambda: &Lambda, item: Abs) -> Abs {
        self.set(lambda.param, item);
        self.eval(&lambda.body)
    }

    fn construct(&mut self, class: Slot, given: &[(Arc<str>, Expr)], span: Span) -> Abs {
        let class_abs = self.get(class, span);
        let given: Vec<(Arc<str>, Abs)> = given.iter().map(|(n, e)| (n.clone(), self.eval(e))).collect();
        let mark = literal_mark().join(&class_abs.mark);
        let Shape::Class(class) = &class_abs.shape else { return Abs::new(Shape::Any, mark) };
        let AbsClass::Record { name, fields } = class.as_ref() else {
            self.fault(span, "an enum is not called", "write `Name.MEMBER`");
            return Abs::new(Shape::Any, mark);
        };
        for (field, _) in &given {
            if !fields.iter().any(|(known, _)| known == field) {
                let known: Vec<&str> = fields.iter().map(|(known, _)| known.as_ref()).collect();
                let hint = format!("it has {}", known.join(", "));
                self.fault(span, format!("`{name}` has no field `{field}`"), hint);
            }
        }
        for (field, _) in fields {
            if !given.iter().any(|(known, _)| known == field) {
                let hint = format!("add `{field}=...`");
                self.fault(span, format!("`{name}` needs the field `{field}`"), hint);
            }
        }
        let fields: IndexMap<Arc<str>, Abs> = given.into_iter().collect();
        // Named apart from the class: what the plan fills in may have other types than what a worker answers.
        Abs::new(Shape::Record { name: name.clone(), fields: Arc::new(fields) }, mark)
    }
}

fn literal_abs(literal: &Literal) -> Abs {
    let (ty, fixed) = match literal {
        Literal::None => (Type::None, None),
        Literal::Bool(b) => (Type::Bool, Some(Json::Bool(*b))),
        Literal::Int(i) => (Type::Int, Some(Json::from(*i))),
        Literal::Float(f) => (Type::Float, Some(Json::from(*f))),
        Literal::Str(s) => (Type::Str, Some(Json::from(s.as_ref()))),
    };
    Abs { shape: Shape::Scalar(ty), mark: literal_mark(), fixed }
}

pub(super) fn scalar_type(abs: &Abs) -> Type {
    match &abs.shape {
        Shape::Scalar(ty) => ty.clone(),
        _ => Type::Any,
    }
}

pub(super) fn set_of(items: &[Abs], mark: Mark) -> Abs {
    let mark = items.iter().fold(mark, |mark, i| mark.join(&i.deep()));
    let ty = items.iter().map(scalar_type).reduce(|a, b| join_types(&a, &b).unwrap_or(Type::Any));
    Abs::new(Shape::Set(ty.unwrap_or(Type::Any)), mark)
}

fn comparable(a: &Type, b: &Type) -> bool {
    let class = |ty: &Type| match ty {
        Type::Str | Type::Enum(_) => 1,
        Type::Int | Type::Float | Type::Bool | Type::Decimal => 2,
        Type::Date | Type::DateTime => 3,
        Type::Delta => 4,
        _ => 0,
    };
    matches!(a, Type::Any) || matches!(b, Type::Any) || class(a) != 0 && class(a) == class(b)
}

/// The type of `a op b`, or `None` when there is none.
fn scalar_result(op: BinOp, a: &Type, b: &Type) -> Option<Type> {
    use Type::{Bool, Date, DateTime, Decimal, Delta, Enum, Float, Int, Str};
    let number = |ty: &Type| matches!(ty, Int | Float | Bool);
    Some(match (op, a, b) {
        (BinOp::Add, Str | Enum(_), Str | Enum(_)) => Str,
        (BinOp::Mul, Str | Enum(_), Int | Bool) | (BinOp::Mul, Int | Bool, Str | Enum(_)) => Str,
        (BinOp::Union | BinOp::Intersection, ..) => return None,
        (_, Decimal, Decimal | Int | Bool) | (_, Int | Bool, Decimal) => Decimal,
        (BinOp::Add, DateTime, Delta) | (BinOp::Add, Delta, DateTime) | (BinOp::Sub, DateTime, Delta) => {
            DateTime
        }
        (BinOp::Add, Date, Delta) | (BinOp::Add, Delta, Date) | (BinOp::Sub, Date, Delta) => Date,
        (BinOp::Sub, DateTime, DateTime) | (BinOp::Sub, Date, Date) => Delta,
        (BinOp::Add | BinOp::Sub, Delta, Delta) => Delta,
        (BinOp::Mul, Delta, Int) | (BinOp::Mul, Int, Delta) | (BinOp::Div | BinOp::FloorDiv, Delta, Int) => {
            Delta
        }
        (BinOp::Div, Delta, Delta) => Float,
        (BinOp::FloorDiv, Delta, Delta) => Int,
        (BinOp::Div, a, b) if number(a) && number(b) => Float,
        // A negative exponent makes a float of two ints.
        (BinOp::Pow, a, b) if number(a) && number(b) => Float,
        (_, Int | Bool, Int | Bool) => Int,
        (_, a, b) if number(a) && number(b) => Float,
        _ => return None,
    })
}
