//! The builtins.

use super::eval::{Env, Outcome, derived, dict_key};
use super::{arith, fault, moment, text};
use crate::kernel::plan::ast::{BinOp, Builtin, Lambda, Span};
use crate::kernel::value::{Data, Mark, Node};
use indexmap::IndexMap;
use jiff::SignedDuration;
use rust_decimal::RoundingStrategy;
use std::cmp::Ordering;
use std::sync::Arc;

type Named = [(Arc<str>, Node)];

impl Env {
    pub(super) fn builtin(
        &mut self,
        name: Builtin,
        args: &[Node],
        key: Option<&Lambda>,
        named: &Named,
        span: Span,
    ) -> Outcome<Node> {
        match (name, args) {
            (Builtin::Len, [of]) => length(of, span),
            (Builtin::Range, [_] | [_, _] | [_, _, _]) => self.range(args, span),
            (Builtin::Min, [_, ..]) => self.extreme(args, key, named, Ordering::Less, span),
            (Builtin::Max, [_, ..]) => self.extreme(args, key, named, Ordering::Greater, span),
            (Builtin::Sum, [of]) => self.sum(of, keyword(named, "start"), span),
            (Builtin::Sum, [of, start]) => self.sum(of, Some(start), span),
            (Builtin::Sorted, [of]) => self.sorted(of, key, named, span),
            (Builtin::Reversed, [of]) => {
                let mut items = self.items(of, span)?;
                items.reverse();
                Ok(list(items, of.mark.clone()))
            }
            (Builtin::Enumerate, [of]) => self.enumerate(of, keyword(named, "start"), span),
            (Builtin::Enumerate, [of, start]) => self.enumerate(of, Some(start), span),
            (Builtin::Zip, _) => self.zip(args, span),
            (Builtin::Any, [of]) => self.quantify(of, true, span),
            (Builtin::All, [of]) => self.quantify(of, false, span),
            (Builtin::Str, []) => Ok(derived(Data::str(""), &Mark::trusted())),
            (Builtin::Str, [of]) => match &of.data {
                Data::Str(_) => Ok(of.clone()),
                data => {
                    let shown = text::plain(data);
                    self.fuel.bytes(shown.len(), span)?;
                    Ok(derived(Data::str(shown), &of.deep()))
                }
            },
            (Builtin::Int, [of]) => int(of, span),
            (Builtin::Float, [of]) => float(of, span),
            (Builtin::Bool, [of]) => Ok(derived(Data::Bool(of.data.truthy()), &of.mark)),
            (Builtin::Round, [of]) => round(of, keyword(named, "ndigits"), span),
            (Builtin::Round, [of, places]) => round(of, Some(places), span),
            (Builtin::Abs, [of]) => abs(of, span),
            (Builtin::List | Builtin::Tuple | Builtin::Set | Builtin::Dict, _) => {
                self.container(name, args, span)
            }
            (Builtin::ParseDatetime, [of]) => Ok(derived(moment::parse(of, span)?, &of.mark)),
            (Builtin::Date | Builtin::DateTime, _) => calendar(name, args, named, span),
            (Builtin::TimeDelta, _) => time_delta(args, named, span),
            (Builtin::Decimal, [of]) => decimal(of, span),
            (name, args) => {
                let name = name.name();
                Err(fault(span, format!("`{name}` does not take {} values", args.len())))
            }
        }
    }

    fn range(&mut self, args: &[Node], span: Span) -> Outcome<Node> {
        let mark = args.iter().fold(Mark::trusted(), |mark, a| mark.join(&a.mark));
        let whole: Vec<i64> = args.iter().map(|a| whole(a, span)).collect::<Outcome<_>>()?;
        let (start, end, step) = match whole.as_slice() {
            [end] => (0, *end, 1),
            [start, end] => (*start, *end, 1),
            [start, end, step, ..] => (*start, *end, *step),
            [] => (0, 0, 1),
        };
        if step == 0 {
            return Err(fault(span, "the step of `range` is never 0"));
        }
        let span_len =
            if step > 0 { i128::from(end) - i128::from(start) } else { i128::from(start) - i128::from(end) };
        let step_size = i128::from(step).abs();
        let count = usize::try_from((span_len + step_size - 1).max(0) / step_size).unwrap_or(usize::MAX);
        self.fuel.bytes(count.saturating_mul(16), span)?;
        let at = |i: usize| start + step * i64::try_from(i).unwrap_or(0);
        let items = (0..count).map(|i| derived(Data::Int(at(i)), &mark)).collect();
        Ok(list(items, mark))
    }

    fn keys(&mut self, items: &[Node], key: Option<&Lambda>) -> Outcome<Vec<Node>> {
        match key {
            None => Ok(items.to_vec()),
            Some(lambda) => items.iter().map(|item| self.apply(lambda, item)).collect(),
        }
    }

    fn extreme(
        &mut self,
        args: &[Node],
        key: Option<&Lambda>,
        named: &Named,
        wanted: Ordering,
        span: Span,
    ) -> Outcome<Node> {
        let (items, mut mark) = match args {
            [of] => (self.items(of, span)?, of.mark.clone()),
            several => (several.to_vec(), Mark::trusted()),
        };
        let keys = self.keys(&items, key)?;
        // Which one is picked depends on every key that was compared.
        mark = keys.iter().fold(mark, |mark, key| mark.join(&key.deep()));
        let mut best: Option<(&Node, &Node)> = None;
        for (item, key) in items.iter().zip(&keys) {
            match best {
                Some((_, best_key)) if arith::order(key, best_key, span)? != wanted => {}
                _ => best = Some((item, key)),
            }
        }
        let steer = mark.as_influence();
        match (best, keyword(named, "default")) {
            (Some((item, _)), _) => Ok(item.clone().joined(&steer)),
            (None, Some(default)) => Ok(default.clone().joined(&steer)),
            (None, None) => Err(fault(span, "the list is empty: there is no smallest or largest")
                .hint("test the list with `if` first, or give `default=`")),
        }
    }

    fn sum(&mut self, of: &Node, start: Option<&Node>, span: Span) -> Outcome<Node> {
        let start = start.cloned().unwrap_or_else(|| derived(Data::Int(0), &Mark::trusted()));
        let mut total = derived(start.data, &start.mark.join(&of.mark));
        for item in self.items(of, span)? {
            total = match (&total.data, &item.data) {
                // A sum of spans of time or of lists starts from nothing, not from 0.
                (Data::Int(0), Data::Delta(_)) => item.joined(&total.mark),
                _ => self.binary(BinOp::Add, &total, &item, span)?,
            };
        }
        Ok(total)
    }

    fn sorted(&mut self, of: &Node, key: Option<&Lambda>, named: &Named, span: Span) -> Outcome<Node> {
        let items = self.items(of, span)?;
        let keys = self.keys(&items, key)?;
        let mut mark = keys.iter().fold(of.mark.clone(), |mark, key| mark.join(&key.deep()));
        let mut failed = None;
        let mut pairs: Vec<(Node, Node)> = items.into_iter().zip(keys).collect();
        let reverse = keyword(named, "reverse");
        let down = reverse.is_some_and(|r| r.data.truthy());
        if let Some(reverse) = reverse {
            mark = mark.join(&reverse.mark);
        }
        pairs.sort_by(|(_, a), (_, b)| {
            let (a, b) = if down { (b, a) } else { (a, b) };
            arith::order(a, b, span).unwrap_or_else(|error| {
                failed = Some(error);
                Ordering::Equal
            })
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(list(pairs.into_iter().map(|(item, _)| item).collect(), mark)),
        }
    }

    fn enumerate(&mut self, of: &Node, start: Option<&Node>, span: Span) -> Outcome<Node> {
        let first = start.map_or(Ok(0), |s| whole(s, span))?;
        let mark = start.map_or(of.mark.clone(), |s| of.mark.join(&s.mark));
        let numbered = self.items(of, span)?.into_iter().zip(first..).map(|(item, i)| {
            let index = derived(Data::Int(i), &mark);
            Node::new(Data::Tuple(Arc::new(vec![index, item])), mark.clone())
        });
        Ok(list(numbered.collect(), mark.clone()))
    }

    fn zip(&mut self, args: &[Node], span: Span) -> Outcome<Node> {
        let mark = args.iter().fold(Mark::trusted(), |mark, a| mark.join(&a.mark));
        let columns: Vec<Vec<Node>> = args.iter().map(|a| self.items(a, span)).collect::<Outcome<_>>()?;
        let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
        let row = |i: usize| {
            let cells = columns.iter().filter_map(|c| c.get(i).cloned()).collect();
            Node::new(Data::Tuple(Arc::new(cells)), mark.clone())
        };
        Ok(list((0..rows).map(row).collect(), mark.clone()))
    }

    fn quantify(&mut self, of: &Node, any: bool, span: Span) -> Outcome<Node> {
        let items = self.items(of, span)?;
        let mark = items.iter().fold(of.mark.clone(), |mark, i| mark.join(&i.mark));
        let found = items.iter().any(|i| i.data.truthy() == any);
        Ok(derived(Data::Bool(found == any), &mark))
    }

    fn container(&mut self, name: Builtin, args: &[Node], span: Span) -> Outcome<Node> {
        let [of] = args else {
            return match (name, args) {
                (Builtin::List, []) => Ok(list(Vec::new(), Mark::trusted())),
                (Builtin::Tuple, []) => Ok(Node::new(Data::Tuple(Arc::default()), Mark::trusted())),
                (Builtin::Set, []) => self.set_of(Vec::new(), Mark::trusted(), span),
                (Builtin::Dict, []) => Ok(Node::new(Data::Dict(Arc::default()), Mark::trusted())),
                _ => Err(fault(span, format!("`{}` takes one value", name.name()))),
            };
        };
        if let (Builtin::Dict, Data::Dict(_)) = (name, &of.data) {
            return Ok(of.clone());
        }
        let items = self.items(of, span)?;
        match name {
            Builtin::Tuple => Ok(Node::new(Data::Tuple(Arc::new(items)), of.mark.clone())),
            Builtin::Set => self.set_of(items, of.mark.clone(), span),
            Builtin::Dict => {
                let mut entries = IndexMap::new();
                let mut mark = of.mark.clone();
                for item in items {
                    let pair = self.items(&item, span)?;
                    let [key, value] = pair.as_slice() else {
                        return Err(fault(span, "`dict` takes pairs"));
                    };
                    mark = mark.join(&key.deep());
                    entries.insert(dict_key(key, span)?, value.clone());
                }
                Ok(Node::new(Data::Dict(Arc::new(entries)), mark))
            }
            _ => Ok(list(items, of.mark.clone())),
        }
    }
}

fn list(items: Vec<Node>, mark: Mark) -> Node {
    Node::new(Data::List(Arc::new(items)), mark)
}

pub(super) fn keyword<'n>(named: &'n Named, name: &str) -> Option<&'n Node> {
    named.iter().find(|(known, _)| known.as_ref() == name).map(|(_, node)| node)
}

pub(super) fn whole(node: &Node, span: Span) -> Outcome<i64> {
    match &node.data {
        Data::Int(i) => Ok(*i),
        Data::Bool(b) => Ok(i64::from(*b)),
        other => Err(fault(span, format!("a whole number is needed here, not a {}", other.kind()))),
    }
}

fn length(of: &Node, span: Span) -> Outcome<Node> {
    let len = match &of.data {
        Data::Str(s) => s.chars().count(),
        Data::List(items) | Data::Tuple(items) => items.len(),
        Data::Set(keys) => keys.len(),
        Data::Dict(entries) => entries.len(),
        other => return Err(fault(span, format!("a {} has no length", other.kind()))),
    };
    Ok(derived(Data::Int(i64::try_from(len).unwrap_or(i64::MAX)), &of.mark))
}

fn int(of: &Node, span: Span) -> Outcome<Node> {
    let out_of_range = || fault(span, "the number is too large");
    let i = match &of.data {
        Data::Int(i) => *i,
        Data::Bool(b) => i64::from(*b),
        Data::Float(f) if f.abs() < 9.2e18 => {
            rust_decimal::prelude::ToPrimitive::to_i64(&f.trunc()).ok_or_else(out_of_range)?
        }
        Data::Float(_) => return Err(out_of_range()),
        Data::Decimal(d) => {
            rust_decimal::prelude::ToPrimitive::to_i64(&d.trunc()).ok_or_else(out_of_range)?
        }
        Data::Str(s) => digits(s).and_then(|s| s.parse().ok()).ok_or_else(|| {
            fault(span, "the text is not a whole number").hint("ask the worker for an `int`, or use `float`")
        })?,
        other => return Err(fault(span, format!("`int` does not work on a {}", other.kind()))),
    };
    Ok(derived(Data::Int(i), &of.mark))
}

/// A number's text without the underscores that may stand between two digits.
fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let alone = |part: &str| part.starts_with('_') || part.ends_with('_') || part.contains("__");
    if text.split(|c: char| !c.is_ascii_digit() && c != '_').any(alone) {
        None
    } else {
        Some(text.replace('_', ""))
    }
}

fn float(of: &Node, span: Span) -> Outcome<Node> {
    let f = match &of.data {
        Data::Str(s) => {
            digits(s).and_then(|s| s.parse::<f64>().ok()).filter(|f| f.is_finite()).ok_or_else(|| {
                fault(span, "the text is not a number")
                    .hint("remove currency signs and thousands marks with `.replace`")
            })?
        }
        Data::Decimal(d) => rust_decimal::prelude::ToPrimitive::to_f64(d).unwrap_or(0.0),
        data => {
            data.number().ok_or_else(|| fault(span, format!("`float` does not work on a {}", data.kind())))?
        }
    };
    Ok(derived(Data::Float(f), &of.mark))
}

fn decimal(of: &Node, span: Span) -> Outcome<Node> {
    let d = match &of.data {
        Data::Str(s) => s.trim().parse().ok(),
        data => data.decimal(),
    };
    let d = d.ok_or_else(|| fault(span, "`Decimal` takes a number in quotes, such as Decimal(\"12.50\")"))?;
    Ok(derived(Data::Decimal(d), &of.mark))
}

fn round(of: &Node, places: Option<&Node>, span: Span) -> Outcome<Node> {
    let mark = places.map_or(of.mark.clone(), |p| of.mark.join(&p.mark));
    let digits = match places {
        None | Some(Node { data: Data::None, .. }) => None,
        Some(places) => Some(
            usize::try_from(whole(places, span)?)
                .ok()
                .filter(|d| *d <= 15)
                .ok_or_else(|| fault(span, "`round` takes between 0 and 15 places"))?,
        ),
    };
    let data = match (&of.data, digits) {
        (Data::Int(_) | Data::Bool(_), _) => return int(of, span).map(|n| n.joined(&mark)),
        (Data::Float(f), None) => Data::Int(
            rust_decimal::prelude::ToPrimitive::to_i64(&f.round_ties_even())
                .ok_or_else(|| fault(span, "the number is too large"))?,
        ),
        // Formatting rounds the exact binary value half to even, which is what Python's `round` does.
        (Data::Float(f), Some(digits)) => Data::Float(format!("{f:.digits$}").parse().unwrap_or(*f)),
        (Data::Decimal(d), digits) => {
            let places = u32::try_from(digits.unwrap_or(0)).unwrap_or(0);
            Data::Decimal(d.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven))
        }
        (other, _) => return Err(fault(span, format!("`round` does not work on a {}", other.kind()))),
    };
    Ok(derived(data, &mark))
}

fn abs(of: &Node, span: Span) -> Outcome<Node> {
    let data = match &of.data {
        Data::Int(i) => Data::Int(i.checked_abs().ok_or_else(|| fault(span, "the number is too large"))?),
        Data::Float(f) => Data::Float(f.abs()),
        Data::Decimal(d) => Data::Decimal(d.abs()),
        Data::Delta(d) => Data::Delta(d.abs()),
        other => return Err(fault(span, format!("`abs` does not work on a {}", other.kind()))),
    };
    Ok(derived(data, &of.mark))
}

fn calendar(name: Builtin, args: &[Node], named: &Named, span: Span) -> Outcome<Node> {
    let parts = ["year", "month", "day", "hour", "minute", "second"];
    let mut mark = Mark::trusted();
    let mut numbers = [0i64; 6];
    for (i, (part, slot)) in parts.iter().zip(&mut numbers).enumerate() {
        let given = args.get(i).or_else(|| keyword(named, part));
        match given {
            Some(node) => {
                mark = mark.join(&node.mark);
                *slot = whole(node, span)?;
            }
            None if i < 3 => return Err(fault(span, format!("`{}` needs year, month and day", name.name()))),
            None => {}
        }
    }
    let [year, month, day, hour, minute, second] = numbers;
    let bad = || fault(span, "there is no such date or time");
    let small = |n: i64| i8::try_from(n).map_err(|_| bad());
    // Python knows no year before 1.
    let year = i16::try_from(year).ok().filter(|year| *year >= 1).ok_or_else(bad)?;
    let date = jiff::civil::Date::new(year, small(month)?, small(day)?).map_err(|_| bad())?;
    if name == Builtin::Date {
        return Ok(derived(Data::Date(date), &mark));
    }
    let time = jiff::civil::Time::new(small(hour)?, small(minute)?, small(second)?, 0).map_err(|_| bad())?;
    Ok(derived(Data::DateTime(date.to_datetime(time)), &mark))
}

fn time_delta(args: &[Node], named: &Named, span: Span) -> Outcome<Node> {
    let seconds_per =
        [("days", 86_400.0), ("seconds", 1.0), ("minutes", 60.0), ("hours", 3_600.0), ("weeks", 604_800.0)];
    let mut mark = Mark::trusted();
    let mut total = 0.0;
    for (i, (unit, seconds)) in seconds_per.iter().enumerate() {
        let given = args.get(i).filter(|_| i < 2).or_else(|| keyword(named, unit));
        if let Some(node) = given {
            mark = mark.join(&node.mark);
            let n = node.data.number().ok_or_else(|| fault(span, "`timedelta` takes numbers"))?;
            total += n * seconds;
        }
    }
    let delta =
        SignedDuration::try_from_secs_f64(total).map_err(|_| fault(span, "the span of time is too long"))?;
    Ok(derived(Data::Delta(delta), &mark))
}
