//! Methods without side effects.

mod on_text;

use on_text::as_text;

use super::builtin::{keyword, whole};
use super::eval::{Env, Outcome, derived, dict_key};
use super::{arith, fault, moment};
use crate::kernel::plan::ast::{CmpOp, Span};
use crate::kernel::value::{Data, Key, Mark, Node};
use jiff::civil::DateTime;
use std::sync::Arc;

impl Env {
    pub(super) fn method(
        &mut self,
        of: &Node,
        name: &Arc<str>,
        args: &[Node],
        named: &[(Arc<str>, Node)],
        span: Span,
    ) -> Outcome<Node> {
        let by_name;
        let (args, named) = match (&of.data, name.as_ref()) {
            (Data::Str(_), "split" | "rsplit") if !named.is_empty() => {
                by_name = split_args(args, named, span)?;
                (by_name.as_slice(), &[][..])
            }
            _ => (args, named),
        };
        // What is given by name is never passed over in silence.
        if !named.is_empty() && !matches!(of.data, Data::Date(_) | Data::DateTime(_)) {
            let message = format!("`{name}` takes its values by position");
            return Err(fault(span, message).hint("leave the name out"));
        }
        let unknown = || {
            let kind = of.data.kind();
            fault(span, format!("a {kind} has no method `{name}` with these arguments"))
        };
        let node = match &of.data {
            Data::Str(s) => self.on_str(of, s, name, args, span)?,
            Data::List(items) | Data::Tuple(items) => on_list(of, items, name, args, span)?,
            Data::Dict(_) => self.on_dict(of, name, args, span)?,
            Data::Set(_) => self.on_set(of, name, args, span)?,
            Data::Date(_) | Data::DateTime(_) => on_moment(of, name, args, named, span)?,
            Data::Delta(d) if name.as_ref() == "total_seconds" && args.is_empty() => {
                Some(derived(Data::Float(d.as_secs_f64()), &of.mark))
            }
            Data::Float(f) if name.as_ref() == "is_integer" && args.is_empty() => {
                Some(derived(Data::Bool(f.fract() == 0.0), &of.mark))
            }
            Data::Decimal(d) if name.as_ref() == "quantize" => match args {
                [Node { data: Data::Decimal(places), mark }] => {
                    let rounded = d.round_dp_with_strategy(
                        places.scale(),
                        rust_decimal::RoundingStrategy::MidpointNearestEven,
                    );
                    Some(derived(Data::Decimal(rounded), &of.mark.join(mark)))
                }
                _ => None,
            },
            _ => None,
        };
        let node = node.ok_or_else(unknown)?;
        self.fuel.weigh(&node, span)?;
        Ok(node)
    }

    fn on_dict(&mut self, of: &Node, name: &str, args: &[Node], span: Span) -> Outcome<Option<Node>> {
        let Data::Dict(entries) = &of.data else { return Ok(None) };
        let list = |items: Vec<Node>| Ok(Some(Node::new(Data::List(Arc::new(items)), of.mark.clone())));
        match (name, args) {
            ("keys", []) => list(self.items(of, span)?),
            ("values", []) => list(entries.values().map(|v| v.clone().joined(&of.mark)).collect()),
            ("items", []) => {
                let pair = |(k, v): (&Key, &Node)| {
                    let cells = vec![k.node(&of.mark), v.clone().joined(&of.mark)];
                    Node::new(Data::Tuple(Arc::new(cells)), of.mark.clone())
                };
                list(entries.iter().map(pair).collect())
            }
            ("get", [key, rest @ ..]) if rest.len() <= 1 => {
                let steer = of.mark.join(&key.deep().as_influence());
                let found = entries.get(&dict_key(key, span)?).or(rest.first());
                let node = found.cloned().unwrap_or_else(|| derived(Data::None, &Mark::trusted()));
                Ok(Some(node.joined(&steer)))
            }
            ("copy", []) => Ok(Some(of.clone())),
            _ => Ok(None),
        }
    }

    fn on_set(&mut self, of: &Node, name: &str, args: &[Node], span: Span) -> Outcome<Option<Node>> {
        let (Data::Set(mine), [other]) = (&of.data, args) else { return Ok(None) };
        let items = self.items(other, span)?;
        let other = self.set_of(items, other.mark.clone(), span)?;
        let Data::Set(theirs) = &other.data else { return Ok(None) };
        let mark = of.mark.join(&other.mark);
        let made = |keys| Some(Node::new(Data::Set(Arc::new(keys)), mark.clone()));
        Ok(match name {
            "union" => made(mine.union(theirs).cloned().collect()),
            "intersection" => made(mine.intersection(theirs).cloned().collect()),
            "difference" => made(mine.difference(theirs).cloned().collect()),
            "issubset" => Some(derived(Data::Bool(mine.is_subset(theirs)), &mark)),
            "issuperset" => Some(derived(Data::Bool(mine.is_superset(theirs)), &mark)),
            _ => None,
        })
    }
}

/// `sep=` and `maxsplit=` in their places.
fn split_args(args: &[Node], named: &[(Arc<str>, Node)], span: Span) -> Outcome<Vec<Node>> {
    if let Some((name, _)) = named.iter().find(|(name, _)| !matches!(name.as_ref(), "sep" | "maxsplit")) {
        return Err(fault(span, format!("`split` has no argument `{name}`")));
    }
    let none = || Node::new(Data::None, Mark::trusted());
    let sep = args.first().or(keyword(named, "sep")).cloned().unwrap_or_else(none);
    let most = args.get(1).or(keyword(named, "maxsplit")).cloned();
    Ok(std::iter::once(sep).chain(most).collect())
}

fn on_list(of: &Node, items: &[Node], name: &str, args: &[Node], span: Span) -> Outcome<Option<Node>> {
    let mark = args.iter().fold(of.deep(), |mark, a| mark.join(&a.deep()));
    let is = |item: &Node, wanted: &Node| arith::compare(CmpOp::Eq, item, wanted, span);
    match (name, args) {
        ("count", [wanted]) => {
            let hits = items.iter().filter(|i| is(i, wanted).unwrap_or(false)).count();
            Ok(Some(derived(Data::Int(i64::try_from(hits).unwrap_or(i64::MAX)), &mark)))
        }
        ("index", [wanted]) => {
            let at = items.iter().position(|i| is(i, wanted).unwrap_or(false));
            let at =
                at.ok_or_else(|| fault(span, "the value is not in the list").hint("test with `in` first"))?;
            Ok(Some(derived(Data::Int(i64::try_from(at).unwrap_or(i64::MAX)), &mark)))
        }
        ("copy", []) => Ok(Some(of.clone())),
        _ => Ok(None),
    }
}

fn on_moment(
    of: &Node,
    name: &str,
    args: &[Node],
    named: &[(Arc<str>, Node)],
    span: Span,
) -> Outcome<Option<Node>> {
    let marks = args.iter().chain(named.iter().map(|(_, n)| n));
    let mark = marks.fold(of.mark.clone(), |mark, a| mark.join(&a.mark));
    let at: DateTime = match &of.data {
        Data::DateTime(d) => *d,
        Data::Date(d) => d.at(0, 0, 0, 0),
        _ => return Ok(None),
    };
    let data = match (name, args) {
        ("strftime", [format]) => match as_text(format) {
            Some(format) => Data::str(moment::strftime(&of.data, format, span)?),
            None => return Ok(None),
        },
        ("isoformat", []) => match &of.data {
            Data::Date(d) => Data::str(d.to_string()),
            _ => Data::str(at.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        },
        ("weekday", []) => Data::Int(at.weekday().to_monday_zero_offset().into()),
        ("isoweekday", []) => Data::Int(at.weekday().to_monday_one_offset().into()),
        ("date", []) => Data::Date(at.date()),
        ("replace", []) => return replaced(of, at, named, &mark, span).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(derived(data, &mark)))
}

fn replaced(of: &Node, at: DateTime, named: &[(Arc<str>, Node)], mark: &Mark, span: Span) -> Outcome<Node> {
    let part = |name: &str, old: i64| keyword(named, name).map_or(Ok(old), |n| whole(n, span));
    let bad = || fault(span, "there is no such date or time");
    let small = |n: i64| i8::try_from(n).map_err(|_| bad());
    let year = i16::try_from(part("year", at.year().into())?).map_err(|_| bad())?;
    let (month, day) = (small(part("month", at.month().into())?)?, small(part("day", at.day().into())?)?);
    let (hour, minute) =
        (small(part("hour", at.hour().into())?)?, small(part("minute", at.minute().into())?)?);
    let second = small(part("second", at.second().into())?)?;
    let new = DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| bad())?;
    let data = match &of.data {
        Data::Date(_) => Data::Date(new.date()),
        _ => Data::DateTime(new),
    };
    Ok(derived(data, mark))
}
