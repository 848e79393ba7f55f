//! Fields, items and slices: reading a part joins the mark of the whole.

use super::eval::{Env, Outcome, derived, dict_key};
use super::fault;
use crate::kernel::plan::ast::{Expr, Span};
use crate::kernel::value::{Class, Data, Key, Mark, Node};
use std::sync::Arc;

impl Env {
    pub(super) fn slice(
        &mut self,
        of: &Expr,
        lower: &Option<Box<Expr>>,
        upper: &Option<Box<Expr>>,
        step: &Option<Box<Expr>>,
        span: Span,
    ) -> Outcome<Node> {
        let of = self.eval(of)?;
        let mut steer = Mark::trusted();
        let mut bound = |env: &mut Self, e: &Option<Box<Expr>>| -> Outcome<Option<i64>> {
            let Some(e) = e else { return Ok(None) };
            let node = env.eval(e)?;
            steer = steer.join(&node.mark);
            match node.data {
                Data::Int(i) => Ok(Some(i)),
                Data::None => Ok(None),
                other => Err(fault(e.span, format!("a slice takes whole numbers, not a {}", other.kind()))),
            }
        };
        let (lower, upper, step) = (bound(self, lower)?, bound(self, upper)?, bound(self, step)?);
        let mark = of.mark.join(&steer.as_influence());
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err(fault(span, "a slice's step is never 0"));
        }
        match &of.data {
            Data::Str(s) => {
                let chars: Vec<char> = s.chars().collect();
                let text: String =
                    picked(chars.len(), lower, upper, step).filter_map(|i| chars.get(i)).collect();
                Ok(derived(Data::str(text), &mark))
            }
            Data::List(items) | Data::Tuple(items) => {
                let kept =
                    picked(items.len(), lower, upper, step).filter_map(|i| items.get(i)).cloned().collect();
                let data = match &of.data {
                    Data::Tuple(_) => Data::Tuple(Arc::new(kept)),
                    _ => Data::List(Arc::new(kept)),
                };
                Ok(Node::new(data, mark))
            }
            other => Err(fault(span, format!("cannot take a slice of a {}", other.kind()))),
        }
    }
}

/// `of.name`, on objects, dates and enums.
pub(super) fn attribute(of: &Node, name: &Arc<str>, span: Span) -> Outcome<Node> {
    let missing = || fault(span, format!("there is no field `{name}` in this {}", of.data.kind()));
    let data = match &of.data {
        Data::Dict(entries) => {
            let entry = entries.get(&Key::Str(name.clone())).ok_or_else(missing)?;
            return Ok(entry.clone().joined(&of.mark));
        }
        Data::Class(class) => match class.as_ref() {
            Class::Enum { members, .. } => members.get(name).cloned().ok_or_else(missing)?,
            Class::Record { .. } => return Err(missing()),
        },
        Data::Date(d) => match name.as_ref() {
            "year" => Data::Int(d.year().into()),
            "month" => Data::Int(d.month().into()),
            "day" => Data::Int(d.day().into()),
            _ => return Err(missing()),
        },
        Data::DateTime(d) => match name.as_ref() {
            "year" => Data::Int(d.year().into()),
            "month" => Data::Int(d.month().into()),
            "day" => Data::Int(d.day().into()),
            "hour" => Data::Int(d.hour().into()),
            "minute" => Data::Int(d.minute().into()),
            "second" => Data::Int(d.second().into()),
            _ => return Err(missing()),
        },
        Data::Delta(d) => {
            let (days, seconds, micros) = crate::kernel::value::split(*d);
            match name.as_ref() {
                "days" => Data::Int(days),
                "seconds" => Data::Int(seconds),
                "microseconds" => Data::Int(micros),
                _ => return Err(missing()),
            }
        }
        // An enum's member is its value: `Kind.PAID.value` is `Kind.PAID`.
        data @ (Data::Str(_) | Data::Int(_)) if name.as_ref() == "value" => data.clone(),
        _ => return Err(missing()),
    };
    Ok(derived(data, &of.mark))
}

/// `of[index]`.
pub(super) fn item_of(of: &Node, index: &Node, span: Span) -> Outcome<Node> {
    let steer = of.mark.join(&index.deep().as_influence());
    match (&of.data, &index.data) {
        (Data::List(items) | Data::Tuple(items), Data::Int(i)) => {
            let at = position(*i, items.len()).and_then(|i| items.get(i));
            let item = at.ok_or_else(|| {
                fault(span, "the index is out of range").hint("test the list with `if` or `len` first")
            })?;
            Ok(item.clone().joined(&steer))
        }
        (Data::Str(s), Data::Int(i)) => {
            let at = position(*i, s.chars().count()).and_then(|i| s.chars().nth(i));
            let found = at.ok_or_else(|| fault(span, "the index is out of range"))?;
            Ok(derived(Data::str(found.to_string()), &steer))
        }
        (Data::Dict(entries), _) => {
            let found = entries.get(&dict_key(index, span)?);
            let item = found.ok_or_else(|| {
                fault(span, "the key is not in the dict")
                    .hint("use `.get(key, default)` or test with `in` first")
            })?;
            Ok(item.clone().joined(&steer))
        }
        (Data::Class(class), Data::Str(name)) => match class.as_ref() {
            Class::Enum { members, .. } => {
                let member =
                    members.get(name).cloned().ok_or_else(|| fault(span, "no such member in the enum"))?;
                Ok(derived(member, &steer))
            }
            Class::Record { .. } => Err(fault(span, "a class has no items")),
        },
        (container, index) => {
            Err(fault(span, format!("cannot take an item of a {} by a {}", container.kind(), index.kind())))
        }
    }
}

/// A Python index as a position, when it is in range.
pub(super) fn position(index: i64, len: usize) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let at = if index < 0 { index.checked_add(len)? } else { index };
    (0..len).contains(&at).then(|| usize::try_from(at).ok()).flatten()
}

/// The positions that a Python slice picks.
fn picked(len: usize, lower: Option<i64>, upper: Option<i64>, step: i64) -> impl Iterator<Item = usize> {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let clamp =
        |i: i64, low: i64, high: i64| (if i < 0 { i.saturating_add(len) } else { i }).clamp(low, high);
    let (mut at, end) = if step > 0 {
        (lower.map_or(0, |i| clamp(i, 0, len)), upper.map_or(len, |i| clamp(i, 0, len)))
    } else {
        (lower.map_or(len - 1, |i| clamp(i, -1, len - 1)), upper.map_or(-1, |i| clamp(i, -1, len - 1)))
    };
    std::iter::from_fn(move || {
        let inside = if step > 0 { at < end } else { at > end };
        let here = inside.then_some(at)?;
        at = at.saturating_add(step);
        usize::try_from(here).ok()
    })
}
