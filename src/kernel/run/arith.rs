//! Operators.

use super::eval::{Outcome, derived};
use super::fault;
use super::fuel::Fuel;
use crate::kernel::plan::ast::{BinOp, CmpOp, Span};
use crate::kernel::value::{Data, Key, Mark, Node, whole_and_float};
use jiff::civil::DateTime;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::sync::Arc;

pub(super) fn negate(of: &Node, span: Span) -> Outcome<Node> {
    let data = match &of.data {
        Data::Int(i) => Data::Int(i.checked_neg().ok_or_else(|| overflow(span))?),
        Data::Bool(b) => Data::Int(-i64::from(*b)),
        Data::Float(f) => Data::Float(-f),
        Data::Decimal(d) => Data::Decimal(-*d),
        Data::Delta(d) => Data::Delta(d.checked_neg().ok_or_else(|| overflow(span))?),
        other => return Err(fault(span, format!("`-` does not work on a {}", other.kind()))),
    };
    Ok(derived(data, &of.mark))
}

pub(super) fn binary(op: BinOp, left: &Node, right: &Node, span: Span, fuel: &Fuel) -> Outcome<Node> {
    let mark = left.mark.join(&right.mark);
    if let Some(node) = containers(op, left, right, &mark, span, fuel)? {
        return Ok(node);
    }
    // A truth counts as 0 or 1, as in Python.
    let (left, right) = (&counted(left), &counted(right));
    let data = match (&left.data, &right.data) {
        (Data::Int(a), Data::Int(b)) => ints(op, *a, *b, span)?,
        (Data::Decimal(_), _) | (_, Data::Decimal(_)) => decimals(op, left, right, span)?,
        (Data::Str(a), Data::Str(b)) if op == BinOp::Add => {
            fuel.bytes(a.len() + b.len(), span)?;
            Data::str(format!("{a}{b}"))
        }
        (Data::Str(s), Data::Int(n)) | (Data::Int(n), Data::Str(s)) if op == BinOp::Mul => {
            let times = usize::try_from(*n).unwrap_or(0);
            fuel.bytes(s.len().saturating_mul(times), span)?;
            Data::str(s.repeat(times))
        }
        (Data::DateTime(_) | Data::Date(_) | Data::Delta(_), _) | (_, Data::Delta(_)) => {
            moments(op, left, right, span)?
        }
        _ => match (left.data.number(), right.data.number()) {
            (Some(a), Some(b)) => floats(op, a, b, span)?,
            _ => return Err(mismatch(op, left, right, span)),
        },
    };
    Ok(derived(data, &mark))
}

fn counted(node: &Node) -> Node {
    match node.data {
        Data::Bool(b) => Node::new(Data::Int(i64::from(b)), node.mark.clone()),
        _ => node.clone(),
    }
}

fn mismatch(op: BinOp, left: &Node, right: &Node, span: Span) -> crate::kernel::plan::PlanError {
    let (a, b) = (left.data.kind(), right.data.kind());
    let error = fault(span, format!("`{}` does not work on a {a} and a {b}", op.symbol()));
    if op == BinOp::Add && (a == "str" || b == "str") {
        return error.hint("use an f-string, such as f\"{a} {b}\"");
    }
    error
}

fn containers(
    op: BinOp,
    left: &Node,
    right: &Node,
    mark: &Mark,
    span: Span,
    fuel: &Fuel,
) -> Outcome<Option<Node>> {
    let data = match (op, &left.data, &right.data) {
        (BinOp::Add, Data::List(a), Data::List(b)) => {
            Data::List(Arc::new(a.iter().chain(b.iter()).cloned().collect()))
        }
        (BinOp::Add, Data::Tuple(a), Data::Tuple(b)) => {
            Data::Tuple(Arc::new(a.iter().chain(b.iter()).cloned().collect()))
        }
        (BinOp::Mul, Data::List(a), Data::Int(n)) | (BinOp::Mul, Data::Int(n), Data::List(a)) => {
            let times = usize::try_from(*n).unwrap_or(0);
            fuel.bytes(a.len().saturating_mul(times).saturating_mul(16), span)?;
            Data::List(Arc::new((0..times).flat_map(|_| a.iter().cloned()).collect()))
        }
        (BinOp::Union, Data::Set(a), Data::Set(b)) => Data::Set(Arc::new(a.union(b).cloned().collect())),
        (BinOp::Intersection, Data::Set(a), Data::Set(b)) => {
            Data::Set(Arc::new(a.intersection(b).cloned().collect()))
        }
        (BinOp::Sub, Data::Set(a), Data::Set(b)) => Data::Set(Arc::new(a.difference(b).cloned().collect())),
        (BinOp::Union, Data::Dict(a), Data::Dict(b)) => {
            let mut all = a.as_ref().clone();
            all.extend(b.iter().map(|(k, v)| (k.clone(), v.clone())));
            Data::Dict(Arc::new(all))
        }
        _ => return Ok(None),
    };
    Ok(Some(Node::new(data, mark.clone())))
}

fn overflow(span: Span) -> crate::kernel::plan::PlanError {
    fault(span, "the result is too large for a number").hint("use floats or smaller values")
}

fn by_zero(span: Span) -> crate::kernel::plan::PlanError {
    fault(span, "division by zero").hint("test the divisor with `if` first")
}

fn ints(op: BinOp, a: i64, b: i64, span: Span) -> Outcome<Data> {
    let whole = match op {
        BinOp::Add => a.checked_add(b),
        BinOp::Sub => a.checked_sub(b),
        BinOp::Mul => a.checked_mul(b),
        BinOp::Div => return floats(op, int_float(a), int_float(b), span),
        BinOp::FloorDiv if b == 0 => return Err(by_zero(span)),
        // Python rounds down, towards minus infinity.
        BinOp::FloorDiv => {
            a.checked_div_euclid(b).map(|q| if b < 0 && a.rem_euclid(b) != 0 { q - 1 } else { q })
        }
        BinOp::Mod if b == 0 => return Err(by_zero(span)),
        BinOp::Mod => a.checked_rem(b).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r }),
        BinOp::Pow if b < 0 => return floats(op, int_float(a), int_float(b), span),
        BinOp::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        BinOp::Union | BinOp::Intersection => {
            return Err(fault(span, format!("`{}` works on sets only", op.symbol())));
        }
    };
    whole.map(Data::Int).ok_or_else(|| overflow(span))
}

#[expect(clippy::cast_precision_loss, reason = "Python's own conversion of a large int rounds as well")]
fn int_float(i: i64) -> f64 {
    i as f64
}

fn floats(op: BinOp, a: f64, b: f64, span: Span) -> Outcome<Data> {
    let out = match op {
        BinOp::Add => a + b,
        BinOp::Sub => a - b,
        BinOp::Mul => a * b,
        BinOp::Div | BinOp::FloorDiv | BinOp::Mod if b == 0.0 => return Err(by_zero(span)),
        BinOp::Div => a / b,
        BinOp::FloorDiv => floor_mod(a, b).0,
        BinOp::Mod => floor_mod(a, b).1,
        BinOp::Pow => a.powf(b),
        BinOp::Union | BinOp::Intersection => {
            return Err(fault(span, format!("`{}` works on sets only", op.symbol())));
        }
    };
    if out.is_finite() { Ok(Data::Float(out)) } else { Err(overflow(span)) }
}

/// Python's `divmod` of floats: the quotient rounded down, and a remainder with the divisor's sign.
fn floor_mod(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest == 0.0 {
        rest = 0.0_f64.copysign(b);
    } else if (b < 0.0) != (rest < 0.0) {
        rest += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(a / b), rest);
    }
    let down = quotient.floor();
    (if quotient - down > 0.5 { down + 1.0 } else { down }, rest)
}

fn decimals(op: BinOp, left: &Node, right: &Node, span: Span) -> Outcome<Data> {
    if matches!((&left.data, &right.data), (Data::Float(_), _) | (_, Data::Float(_))) {
        return Err(fault(span, "a Decimal and a float do not mix").hint("write Decimal(\"...\") for both"));
    }
    let (Some(a), Some(b)) = (left.data.decimal(), right.data.decimal()) else {
        return Err(mismatch(op, left, right, span));
    };
    let out = match op {
        BinOp::Add => a.checked_add(b),
        BinOp::Sub => a.checked_sub(b),
        BinOp::Mul => a.checked_mul(b),
        BinOp::Div | BinOp::FloorDiv | BinOp::Mod if b.is_zero() => return Err(by_zero(span)),
        BinOp::Div => a.checked_div(b),
        BinOp::FloorDiv => a.checked_div(b).map(|q| q.trunc()),
        BinOp::Mod => a.checked_rem(b),
        BinOp::Pow | BinOp::Union | BinOp::Intersection => return Err(mismatch(op, left, right, span)),
    };
    out.map(Data::Decimal).ok_or_else(|| overflow(span))
}

/// Dates, times and spans of time.
fn moments(op: BinOp, left: &Node, right: &Node, span: Span) -> Outcome<Data> {
    use Data::{Date, DateTime, Delta, Float, Int};
    let out = match (op, &left.data, &right.data) {
        (BinOp::Add, DateTime(t), Delta(d)) | (BinOp::Add, Delta(d), DateTime(t)) => {
            t.checked_add(*d).ok().map(DateTime)
        }
        (BinOp::Sub, DateTime(t), Delta(d)) => t.checked_sub(*d).ok().map(DateTime),
        (BinOp::Add, Date(t), Delta(d)) | (BinOp::Add, Delta(d), Date(t)) => t.checked_add(*d).ok().map(Date),
        (BinOp::Sub, Date(t), Delta(d)) => t.checked_sub(*d).ok().map(Date),
        (BinOp::Sub, DateTime(a), DateTime(b)) => Some(Delta(a.duration_since(*b))),
        (BinOp::Sub, Date(a), Date(b)) => Some(Delta(a.duration_since(*b))),
        (BinOp::Add, Delta(a), Delta(b)) => a.checked_add(*b).map(Delta),
        (BinOp::Sub, Delta(a), Delta(b)) => a.checked_sub(*b).map(Delta),
        (BinOp::Mul, Delta(a), Int(n)) | (BinOp::Mul, Int(n), Delta(a)) => {
            i32::try_from(*n).ok().and_then(|n| a.checked_mul(n)).map(Delta)
        }
        (BinOp::Div, Delta(a), Delta(b)) if !b.is_zero() => Some(Float(a.as_secs_f64() / b.as_secs_f64())),
        (BinOp::FloorDiv, Delta(a), Delta(b)) if !b.is_zero() => {
            let (a, b) = (a.as_nanos(), b.as_nanos());
            let down = i128::from(b < 0 && a.rem_euclid(b) != 0);
            i64::try_from(a.div_euclid(b) - down).ok().map(Int)
        }
        (BinOp::Div | BinOp::FloorDiv, Delta(a), Int(n)) if *n != 0 => {
            i32::try_from(*n).ok().and_then(|n| a.checked_div(n)).map(Delta)
        }
        (BinOp::Div | BinOp::FloorDiv, Delta(_), Int(_) | Delta(_)) => return Err(by_zero(span)),
        _ => return Err(mismatch(op, left, right, span)),
    };
    out.ok_or_else(|| fault(span, "the date is out of range"))
}

/// One link of a chain of comparisons.
pub(super) fn compare(op: CmpOp, left: &Node, right: &Node, span: Span) -> Outcome<bool> {
    Ok(match op {
        CmpOp::Eq => left.data.equals(&right.data),
        CmpOp::NotEq => !left.data.equals(&right.data),
        CmpOp::Is => same(left, right),
        CmpOp::IsNot => !same(left, right),
        CmpOp::In => contains(right, left, span)?,
        CmpOp::NotIn => !contains(right, left, span)?,
        CmpOp::Lt => order(left, right, span)?.is_lt(),
        CmpOp::LtE => order(left, right, span)?.is_le(),
        CmpOp::Gt => order(left, right, span)?.is_gt(),
        CmpOp::GtE => order(left, right, span)?.is_ge(),
    })
}

/// `is`: for None and booleans what people mean by it; for everything else, equality of type and value.
fn same(left: &Node, right: &Node) -> bool {
    left.data.kind() == right.data.kind() && left.data.equals(&right.data)
}

fn contains(container: &Node, item: &Node, span: Span) -> Outcome<bool> {
    match (&container.data, &item.data) {
        (Data::Str(text), Data::Str(part)) => Ok(text.contains(part.as_ref())),
        (Data::List(items) | Data::Tuple(items), _) => Ok(items.iter().any(|i| i.data.equals(&item.data))),
        (Data::Set(keys), _) => Ok(item.data.key().is_some_and(|k: Key| keys.contains(&k))),
        (Data::Dict(entries), _) => Ok(item.data.key().is_some_and(|k| entries.contains_key(&k))),
        (container, item) => {
            Err(fault(span, format!("`in` does not look for a {} in a {}", item.kind(), container.kind())))
        }
    }
}

/// Python's order between two values of comparable types.
pub(super) fn order(left: &Node, right: &Node, span: Span) -> Outcome<Ordering> {
    let unordered = || {
        let (a, b) = (left.data.kind(), right.data.kind());
        let error = fault(span, format!("a {a} and a {b} have no order"));
        if a == "None" || b == "None" { error.hint("test for None first") } else { error }
    };
    match (&left.data, &right.data) {
        (Data::Str(a), Data::Str(b)) => Ok(a.cmp(b)),
        (Data::Int(a), Data::Int(b)) => Ok(a.cmp(b)),
        (Data::Int(i), Data::Float(f)) => whole_and_float(*i, *f).ok_or_else(unordered),
        (Data::Float(f), Data::Int(i)) => {
            whole_and_float(*i, *f).map(Ordering::reverse).ok_or_else(unordered)
        }
        (Data::Date(a), Data::Date(b)) => Ok(a.cmp(b)),
        (Data::DateTime(a), Data::DateTime(b)) => Ok(a.cmp(b)),
        (Data::DateTime(a), Data::Date(b)) => Ok(a.cmp(&midnight(*b))),
        (Data::Date(a), Data::DateTime(b)) => Ok(midnight(*a).cmp(b)),
        (Data::Delta(a), Data::Delta(b)) => Ok(a.cmp(b)),
        (Data::Decimal(_), _) | (_, Data::Decimal(_)) => {
            let (a, b): (Option<Decimal>, Option<Decimal>) = (left.data.decimal(), right.data.decimal());
            a.zip(b).map(|(a, b)| a.cmp(&b)).ok_or_else(unordered)
        }
        (Data::List(a), Data::List(b)) | (Data::Tuple(a), Data::Tuple(b)) => {
            for (x, y) in a.iter().zip(b.iter()) {
                if !x.data.equals(&y.data) {
                    return order(x, y, span);
                }
            }
            Ok(a.len().cmp(&b.len()))
        }
        _ => {
            let pair = left.data.number().zip(right.data.number());
            pair.and_then(|(a, b)| a.partial_cmp(&b)).ok_or_else(unordered)
        }
    }
}

fn midnight(date: jiff::civil::Date) -> DateTime {
    date.at(0, 0, 0, 0)
}
