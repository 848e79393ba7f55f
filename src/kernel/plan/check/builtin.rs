//! Builtins and methods on shapes and marks.

use super::abs::{Abs, Shape, join_types};
use super::expr::{scalar_type, set_of};
use super::{Checker, NOT_MANY};
use crate::kernel::catalogue::Type;
use crate::kernel::plan::ast::{BinOp, Builtin, Lambda, Span};
use crate::kernel::value::Mark;
use std::sync::Arc;

type Named = [(Arc<str>, Abs)];

fn list(element: Option<Abs>, mark: Mark) -> Abs {
    Abs::new(Shape::List(element.map(Box::new)), mark)
}

fn scalar(ty: Type, mark: &Mark) -> Abs {
    Abs::derived(Shape::Scalar(ty), mark)
}

impl Checker<'_> {
    pub(super) fn builtin(
        &mut self,
        name: Builtin,
        args: &[Abs],
        key: Option<&Lambda>,
        named: &Named,
        span: Span,
    ) -> Abs {
        let all = args
            .iter()
            .chain(named.iter().map(|(_, a)| a))
            .fold(Mark::trusted(), |mark, a| mark.join(&a.deep()));
        let (least, most) = arity(name);
        if args.len() < least || args.len() > most {
            let name = name.name();
            let hint = match (least, most) {
                (least, most) if least == most => format!("it takes {least}"),
                (least, usize::MAX) => format!("it takes {least} or more"),
                (least, most) => format!("it takes {least} to {most}"),
            };
            self.fault(span, format!("`{name}` does not take {} values", args.len()), hint);
            return Abs::new(Shape::Any, all);
        }
        match (name, args) {
            (Builtin::Len, [of]) => {
                if matches!(&of.shape, Shape::Scalar(ty) if !matches!(ty, Type::Str | Type::Enum(_) | Type::Any))
                {
                    let kind = of.kind();
                    let hint = "take the length of a text, a list or a dict";
                    self.fault(span, format!("a {kind} has no length"), hint);
                }
                scalar(Type::Int, &of.mark)
            }
            (Builtin::Range, _) => {
                let item = scalar(Type::Int, &all);
                list(Some(item), all)
            }
            (Builtin::Min | Builtin::Max, _) => self.extreme(args, key, named, span),
            (Builtin::Sum, [of, ..]) => self.sum(of, args.get(1).or(keyword(named, "start")), span),
            (Builtin::Sorted, [of]) => {
                let item = self.element(of, span);
                let reverse = keyword(named, "reverse").map_or_else(Mark::trusted, Abs::deep);
                let keys = self.keyed(key, &item);
                list(Some(item), of.mark.join(&keys.deep()).join(&reverse))
            }
            (Builtin::Reversed, [of]) => list(Some(self.element(of, span)), of.mark.clone()),
            (Builtin::Enumerate, [of, ..]) => {
                let start = args.get(1).or(keyword(named, "start"));
                let mark = start.map_or(of.mark.clone(), |s| of.mark.join(&s.mark));
                let item = self.element(of, span);
                let pair = Shape::Tuple(vec![scalar(Type::Int, &mark), item]);
                list(Some(Abs::new(pair, mark.clone())), mark)
            }
            (Builtin::Zip, _) => {
                let mark = args.iter().fold(Mark::trusted(), |mark, a| mark.join(&a.mark));
                let cells = args.iter().map(|a| self.element(a, span)).collect();
                list(Some(Abs::new(Shape::Tuple(cells), mark.clone())), mark)
            }
            (Builtin::Any | Builtin::All, [of]) => {
                let item = self.element(of, span);
                scalar(Type::Bool, &of.mark.join(&item.mark))
            }
            (Builtin::Str, []) => scalar(Type::Str, &Mark::trusted()),
            (Builtin::Str, [of]) => match &of.shape {
                Shape::Scalar(Type::Str | Type::Enum(_)) => of.clone(),
                _ => scalar(Type::Str, &of.deep()),
            },
            (Builtin::Int, _) => scalar(Type::Int, &all),
            (Builtin::Float, _) => scalar(Type::Float, &all),
            (Builtin::Bool, _) => scalar(Type::Bool, &all),
            (Builtin::Decimal, _) => scalar(Type::Decimal, &all),
            (Builtin::Round, [of, ..]) => {
                let rounds = args.len() > 1 || keyword(named, "ndigits").is_some();
                let ty = match (&of.shape, rounds) {
                    (Shape::Scalar(Type::Decimal), _) => Type::Decimal,
                    (Shape::Scalar(Type::Int), _) | (Shape::Scalar(Type::Float), false) => Type::Int,
                    (Shape::Scalar(Type::Float), true) => Type::Float,
                    _ => return Abs::derived(Shape::Any, &all),
                };
                scalar(ty, &all)
            }
            (Builtin::Abs, [of]) => Abs::derived(
                match &of.shape {
                    Shape::Scalar(ty) => Shape::Scalar(ty.clone()),
                    _ => Shape::Any,
                },
                &all,
            ),
            (Builtin::List | Builtin::Tuple | Builtin::Set | Builtin::Dict, _) => {
                self.container(name, args, span)
            }
            (Builtin::ParseDatetime | Builtin::DateTime, _) => scalar(Type::DateTime, &all),
            (Builtin::Date, _) => scalar(Type::Date, &all),
            (Builtin::TimeDelta, _) => scalar(Type::Delta, &all),
            _ => Abs::derived(Shape::Any, &all),
        }
    }

    pub(super) fn element(&mut self, of: &Abs, span: Span) -> Abs {
        of.element().unwrap_or_else(|| {
            let kind = of.kind();
            self.fault(span, format!("cannot go through a {kind}"), NOT_MANY);
            of.blurred()
        })
    }

    fn keyed(&mut self, key: Option<&Lambda>, item: &Abs) -> Abs {
        match key {
            Some(lambda) => self.apply(lambda, item.clone()),
            None => item.clone(),
        }
    }

    fn extreme(&mut self, args: &[Abs], key: Option<&Lambda>, named: &Named, span: Span) -> Abs {
        let (item, mark) = match args {
            [of] => (self.element(of, span), of.mark.clone()),
            several => {
                let all = several.iter().cloned().reduce(|a, b| a.join(&b));
                (all.unwrap_or_else(|| Abs::new(Shape::Any, Mark::trusted())), Mark::trusted())
            }
        };
        let keys = self.keyed(key, &item);
        let steer = mark.join(&keys.deep()).as_influence();
        let item = match keyword(named, "default") {
            Some(default) => item.join(default),
            None => item,
        };
        let mut out = item.joined(&steer);
        out.fixed = None;
        out
    }

    fn sum(&mut self, of: &Abs, start: Option<&Abs>, span: Span) -> Abs {
        let item = self.element(of, span);
        let zero = scalar(Type::Int, &Mark::trusted());
        let start = start.cloned().unwrap_or(zero).joined(&of.mark);
        // From none over one to many: the types of all three are covered.
        let once = match &item.shape {
            Shape::Scalar(Type::Delta) => item.clone().joined(&start.mark),
            _ => self.binary(BinOp::Add, &start, &item, span),
        };
        let twice = self.binary(BinOp::Add, &once, &item, span);
        let mut out = Abs::derived(start.shape.clone(), &start.mark).join(&once).join(&twice);
        if matches!(item.shape, Shape::Scalar(Type::Delta)) {
            // Of no spans of time the sum is 0, which is as good as any.
            out.shape = Shape::Scalar(Type::Delta);
        }
        out
    }

    fn container(&mut self, name: Builtin, args: &[Abs], span: Span) -> Abs {
        let Some(of) = args.first() else {
            return match name {
                Builtin::Set => set_of(&[], Mark::trusted()),
                Builtin::Dict => Abs::new(Shape::Dict { key: Type::Any, value: None }, Mark::trusted()),
                Builtin::Tuple => Abs::new(Shape::Tuple(Vec::new()), Mark::trusted()),
                _ => list(None, Mark::trusted()),
            };
        };
        let item = self.element(of, span);
        match (name, &of.shape) {
            (Builtin::Dict, Shape::Dict { .. } | Shape::Record { .. }) => of.clone(),
            (Builtin::Dict, _) => match &item.shape {
                Shape::Tuple(pair) => {
                    let (key, value) = (pair.first(), pair.get(1));
                    let key_mark = key.map_or_else(Mark::trusted, Abs::deep);
                    let shape = Shape::Dict {
                        key: key.map_or(Type::Any, scalar_type),
                        value: value.map(|v| Box::new(item.part(v))),
                    };
                    Abs::new(shape, of.mark.join(&item.mark).join(&key_mark))
                }
                _ => Abs::new(Shape::Any, of.deep()),
            },
            (Builtin::Set, _) => set_of(&[item], of.mark.clone()),
            (Builtin::Tuple, Shape::Tuple(_)) => of.clone(),
            (Builtin::Tuple, _) => Abs::new(Shape::Any, of.deep()),
            _ => match &of.shape {
                // An empty list literal stays empty, so that what is appended decides its type.
                Shape::List(None) => of.clone(),
                _ => list(Some(item), of.mark.clone()),
            },
        }
    }

    pub(super) fn method(
        &mut self,
        of: &Abs,
        name: &Arc<str>,
        args: &[Abs],
        named: &[Abs],
        span: Span,
    ) -> Abs {
        let all = args.iter().chain(named).fold(of.deep(), |mark, a| mark.join(&a.deep()));
        match &of.shape {
            Shape::Any | Shape::Scalar(Type::Any) => unknown_method(of, name, &all),
            Shape::Maybe(inner) => {
                let inner = Abs::new(inner.as_ref().clone(), of.mark.clone());
                self.method(&inner, name, args, named, span)
            }
            Shape::Dict { .. } | Shape::Record { .. } => self.dict_method(of, name, args, &all, span),
            shape => match known_method(shape, name) {
                Some(Gives::Scalar(ty)) => scalar(ty, &all),
                Some(Gives::Texts) => list(Some(scalar(Type::Str, &all)), all.clone()),
                Some(Gives::ThreeTexts) => {
                    Abs::new(Shape::Tuple(vec![scalar(Type::Str, &all); 3]), all.clone())
                }
                Some(Gives::Same) => Abs::derived(of.shape.clone(), &all),
                Some(Gives::Itself) => of.clone(),
                Some(Gives::Set) => Abs::new(
                    Shape::Set(args.first().map_or(Type::Any, |a| match (&of.shape, &a.shape) {
                        (Shape::Set(x), Shape::Set(y)) => join_types(x, y).unwrap_or(Type::Any),
                        _ => Type::Any,
                    })),
                    all,
                ),
                None => self.no_method(of, name, span, &all),
            },
        }
    }

    fn no_method(&mut self, of: &Abs, name: &str, span: Span, all: &Mark) -> Abs {
        let kind = of.kind();
        let hint = "use a builtin, a field or an operator; texts, lists, dicts, sets and dates have methods";
        self.fault(span, format!("a {kind} has no method `{name}`"), hint);
        Abs::new(Shape::Any, all.clone())
    }

    fn dict_method(&mut self, of: &Abs, name: &str, args: &[Abs], all: &Mark, span: Span) -> Abs {
        let value = match &of.shape {
            Shape::Dict { value: Some(value), .. } => Some(of.part(value)),
            Shape::Record { fields, .. } => fields.values().map(|f| of.part(f)).reduce(|a, b| a.join(&b)),
            _ => None,
        };
        let key = of.element().unwrap_or_else(|| of.blurred());
        match name {
            "keys" => list(Some(key), of.mark.clone()),
            "values" => list(value, of.mark.clone()),
            "items" => {
                let value = value.unwrap_or_else(|| Abs::new(Shape::Any, of.mark.clone()));
                list(Some(Abs::new(Shape::Tuple(vec![key, value]), of.mark.clone())), of.mark.clone())
            }
            "get" => {
                let steer =
                    of.mark.join(&args.first().map_or_else(Mark::trusted, |k| k.deep().as_influence()));
                let default =
                    args.get(1).cloned().unwrap_or_else(|| Abs::scalar(Type::None, Mark::trusted()));
                let named_field = match (&of.shape, args.first().and_then(|k| k.fixed.as_ref()?.as_str())) {
                    (Shape::Record { fields, .. }, Some(field)) => fields.get(field).cloned(),
                    _ => None,
                };
                let found = named_field.or(value);
                let mut out = found.map_or(default.clone(), |v| v.join(&default)).joined(&steer);
                out.fixed = None;
                out
            }
            "copy" => of.clone(),
            _ => self.no_method(of, name, span, all),
        }
    }
}

fn keyword<'n>(named: &'n Named, name: &str) -> Option<&'n Abs> {
    named.iter().find(|(known, _)| known.as_ref() == name).map(|(_, abs)| abs)
}

/// How many positional values a builtin takes, at least and at most.
fn arity(name: Builtin) -> (usize, usize) {
    match name {
        Builtin::Len | Builtin::Sorted | Builtin::Reversed | Builtin::Any | Builtin::All | Builtin::Int => {
            (1, 1)
        }
        Builtin::Float | Builtin::Bool | Builtin::Abs | Builtin::ParseDatetime | Builtin::Decimal => (1, 1),
        Builtin::Sum | Builtin::Enumerate | Builtin::Round => (1, 2),
        Builtin::Range => (1, 3),
        Builtin::Min | Builtin::Max => (1, usize::MAX),
        Builtin::Zip => (0, usize::MAX),
        Builtin::Str | Builtin::List | Builtin::Dict | Builtin::Set | Builtin::Tuple => (0, 1),
        Builtin::Date => (0, 3),
        Builtin::DateTime => (0, 6),
        Builtin::TimeDelta => (0, 2),
    }
}

/// What a method of a known type gives.
enum Gives {
    Scalar(Type),
    Texts,
    ThreeTexts,
    /// The same type, made anew.
    Same,
    /// The value itself.
    Itself,
    Set,
}

fn known_method(shape: &Shape, name: &str) -> Option<Gives> {
    let found = match (shape, name) {
        (Shape::Scalar(Type::Str | Type::Enum(_)), _) => match name {
            "lower" | "upper" | "strip" | "lstrip" | "rstrip" | "join" | "replace" | "title"
            | "capitalize" | "casefold" | "zfill" | "ljust" | "rjust" | "center" | "removeprefix"
            | "removesuffix" => Gives::Scalar(Type::Str),
            "split" | "rsplit" | "splitlines" => Gives::Texts,
            "partition" | "rpartition" => Gives::ThreeTexts,
            "startswith" | "endswith" | "isdigit" | "isalpha" | "isalnum" | "isupper" | "islower"
            | "isspace" => Gives::Scalar(Type::Bool),
            "find" | "rfind" | "count" => Gives::Scalar(Type::Int),
            _ => return None,
        },
        (Shape::List(_) | Shape::Tuple(_), "count" | "index") => Gives::Scalar(Type::Int),
        (Shape::List(_) | Shape::Tuple(_), "copy") => Gives::Itself,
        (Shape::Set(_), "union" | "intersection" | "difference") => Gives::Set,
        (Shape::Set(_), "issubset" | "issuperset") => Gives::Scalar(Type::Bool),
        (Shape::Scalar(Type::Date | Type::DateTime), "strftime" | "isoformat") => Gives::Scalar(Type::Str),
        (Shape::Scalar(Type::Date | Type::DateTime), "weekday" | "isoweekday") => Gives::Scalar(Type::Int),
        (Shape::Scalar(Type::DateTime | Type::Date), "date") => Gives::Scalar(Type::Date),
        (Shape::Scalar(Type::Date | Type::DateTime), "replace") => Gives::Same,
        (Shape::Scalar(Type::Delta), "total_seconds") => Gives::Scalar(Type::Float),
        (Shape::Scalar(Type::Float), "is_integer") => Gives::Scalar(Type::Bool),
        (Shape::Scalar(Type::Decimal), "quantize") => Gives::Scalar(Type::Decimal),
        _ => return None,
    };
    Some(found)
}

/// A method on a value of unknown type: the result's type where every type's method of this name agrees on it.
fn unknown_method(of: &Abs, name: &str, all: &Mark) -> Abs {
    match name {
        "startswith" | "endswith" | "isdigit" | "isalpha" | "isalnum" | "isupper" | "islower" | "isspace"
        | "is_integer" | "issubset" | "issuperset" => scalar(Type::Bool, all),
        "find" | "rfind" | "count" | "index" | "weekday" | "isoweekday" => scalar(Type::Int, all),
        "lower" | "upper" | "strip" | "lstrip" | "rstrip" | "join" | "title" | "capitalize" | "casefold"
        | "zfill" | "ljust" | "rjust" | "center" | "removeprefix" | "removesuffix" | "strftime"
        | "isoformat" => scalar(Type::Str, all),
        "split" | "rsplit" | "splitlines" => {
            list(Some(scalar(Type::Str, all)), all.bounded_by(crate::kernel::label::Capacity::Text))
        }
        "total_seconds" => scalar(Type::Float, all),
        "copy" => of.clone(),
        _ => Abs::derived(Shape::Any, all),
    }
}
