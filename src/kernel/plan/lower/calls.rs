//! Calls: tools, the worker and the user stand alone; builtins, methods and constructors stay expressions.

use super::super::ast::{Builtin, Callee, Expr, ExprKind, Lambda, Literal, Span, Target, TypeExpr};
use super::super::error::nearest;
use super::super::parse::span_of;
use super::{Lower, lazy};
use ruff_python_ast::{self as py, Expr as PyExpr};
use ruff_text_size::Ranged;
use std::sync::Arc;

/// Methods without side effects, by the type they belong to.
pub(in crate::kernel) const METHODS: &[&str] = &[
    // text
    "lower",
    "upper",
    "strip",
    "lstrip",
    "rstrip",
    "split",
    "rsplit",
    "splitlines",
    "join",
    "replace",
    "startswith",
    "endswith",
    "find",
    "rfind",
    "title",
    "capitalize",
    "casefold",
    "isdigit",
    "isalpha",
    "isalnum",
    "isupper",
    "islower",
    "isspace",
    "zfill",
    "ljust",
    "rjust",
    "center",
    "removeprefix",
    "removesuffix",
    "partition",
    "rpartition",
    "format",
    // lists, text
    "count",
    "index",
    "copy",
    // dicts
    "get",
    "keys",
    "values",
    "items",
    // sets
    "union",
    "intersection",
    "difference",
    "issubset",
    "issuperset",
    // dates
    "strftime",
    "isoformat",
    "weekday",
    "isoweekday",
    "date",
    "total_seconds",
    "timestamp",
    // numbers
    "is_integer",
    "quantize",
];

/// Methods that change their value: allowed nowhere in an expression.
const IN_PLACE: &[&str] = &[
    "append",
    "extend",
    "insert",
    "pop",
    "remove",
    "clear",
    "sort",
    "reverse",
    "add",
    "discard",
    "update",
    "setdefault",
    "popitem",
];

impl Lower<'_> {
    pub(super) fn call(&mut self, call: &py::ExprCall, span: Span) -> Option<ExprKind> {
        match call.func.as_ref() {
            PyExpr::Name(func) => self.call_name(func.id.as_str(), call, span),
            PyExpr::Attribute(method) => self.method(method, call, span),
            other => {
                self.refuse(span_of(other.range()), "calling this", "call a tool or builtin by its name");
                None
            }
        }
    }

    fn call_name(&mut self, name: &str, call: &py::ExprCall, span: Span) -> Option<ExprKind> {
        self.refuse_dunder(name, span)?;
        match name {
            "ask" => return self.ask(call, span),
            "confirm" => {
                let ([question], true) = (call.arguments.args.as_ref(), call.arguments.keywords.is_empty())
                else {
                    self.fault(span, "`confirm` takes one question", "such as `confirm(\"Send it?\")`");
                    return None;
                };
                let question = self.expr(question);
                return Some(ExprKind::Slot(self.emit_call(Callee::Confirm { question }, false, span)));
            }
            "or_none" => return self.or_none(call, span),
            "answer" | "stop" => {
                self.fault(span, format!("`{name}` stands on a line of its own"), "it has no value");
                return None;
            }
            "one_of" | "span" => {
                self.fault(
                    span,
                    format!("`{name}` is a type"),
                    "use it in `ask(..., type=...)` or as a field's type",
                );
                return None;
            }
            "print" => {
                self.refuse(span, "`print`", "use `answer(...)`");
                return None;
            }
            "isinstance" | "type" | "getattr" | "hasattr" | "eval" | "exec" | "open" | "input" | "map"
            | "filter" => {
                let instead = match name {
                    "map" | "filter" => "use a comprehension",
                    "open" => "use the tool `file_read`",
                    "input" => "use `confirm(\"question\")`",
                    _ => "the types of tools are in their stubs",
                };
                self.refuse(span, &format!("`{name}`"), instead);
                return None;
            }
            _ => {}
        }
        if let Some(&class) = self.classes.get(name) {
            let fields = self.keywords(call, span, "a class")?;
            let fields = fields.into_iter().map(|(name, value, _)| (name, value)).collect();
            return Some(ExprKind::Construct { class, fields });
        }
        match Builtin::named(name) {
            Some(builtin) => self.builtin(builtin, call, span),
            None => self.tool(name, call, span, false),
        }
    }

    fn tool(&mut self, name: &str, call: &py::ExprCall, span: Span, or_none: bool) -> Option<ExprKind> {
        let args = self.keywords(call, span, "a tool")?;
        let callee = Callee::Tool { name: Arc::from(name), args };
        Some(ExprKind::Slot(self.emit_call(callee, or_none, span)))
    }

    fn keywords(
        &mut self,
        call: &py::ExprCall,
        span: Span,
        what: &str,
    ) -> Option<Vec<(Arc<str>, Expr, Span)>> {
        if let Some(first) = call.arguments.args.first() {
            self.fault(
                span_of(first.range()),
                format!("{what} takes its arguments by name"),
                "write `name=value` for each",
            );
            return None;
        }
        let mut out: Vec<(Arc<str>, Expr, Span)> = Vec::new();
        for keyword in &call.arguments.keywords {
            let at = span_of(keyword.range());
            let Some(name) = &keyword.arg else {
                self.refuse(span, "`**` in a call", "name the arguments");
                return None;
            };
            if out.iter().any(|(known, ..)| known.as_ref() == name.as_str()) {
                self.fault(at, format!("the argument `{name}` stands twice"), "leave one of them out");
                continue;
            }
            let value = self.expr(&keyword.value);
            out.push((Arc::from(name.as_str()), value, at));
        }
        Some(out)
    }

    fn ask(&mut self, call: &py::ExprCall, span: Span) -> Option<ExprKind> {
        let mut question = None;
        let mut data = None;
        let mut ty = TypeExpr::Str;
        match call.arguments.args.as_ref() {
            [] => {}
            [first] => question = Some(self.expr(first)),
            [first, second] => {
                question = Some(self.expr(first));
                data = Some(self.expr(second));
            }
            _ => {
                self.fault(span, "`ask` takes a question, `data=` and `type=`", "name the arguments");
                return None;
            }
        }
        for keyword in &call.arguments.keywords {
            let at = span_of(keyword.range());
            match keyword.arg.as_ref().map(py::Identifier::as_str) {
                Some("question") if question.is_none() => question = Some(self.expr(&keyword.value)),
                Some("data") if data.is_none() => data = Some(self.expr(&keyword.value)),
                Some("type") => ty = self.type_expr(&keyword.value)?,
                Some(other) => {
                    let near = nearest(other, ["question", "data", "type"]);
                    let hint = near.map_or("`ask` takes a question, `data=` and `type=`".to_owned(), |n| {
                        format!("did you mean `{n}=`?")
                    });
                    self.fault(at, format!("`ask` has no argument `{other}`"), &hint);
                }
                None => self.refuse(at, "`**` in a call", "name the arguments"),
            }
        }
        let Some(question) = question else {
            self.fault(
                span,
                "`ask` needs a question",
                "such as `ask(\"Is it paid?\", data=text, type=bool)`",
            );
            return None;
        };
        Some(ExprKind::Slot(self.emit_call(Callee::Ask { question, data, ty }, false, span)))
    }

    fn or_none(&mut self, call: &py::ExprCall, span: Span) -> Option<ExprKind> {
        if let [PyExpr::Call(inner)] = call.arguments.args.as_ref()
            && let PyExpr::Name(name) = inner.func.as_ref()
            && Builtin::named(name.id.as_str()).is_none()
            && !super::RESERVED.contains(&name.id.as_str())
        {
            return self.tool(name.id.as_str(), inner, span_of(inner.range()), true);
        }
        self.fault(span, "`or_none` takes one tool call", "such as `or_none(file_read(path=\"a.txt\"))`");
        None
    }

    fn builtin(&mut self, name: Builtin, call: &py::ExprCall, span: Span) -> Option<ExprKind> {
        let args: Vec<Expr> = call.arguments.args.iter().map(|a| self.expr(a)).collect();
        let mut key = None;
        let mut named = Vec::new();
        for keyword in &call.arguments.keywords {
            let at = span_of(keyword.range());
            let Some(word) = keyword.arg.as_ref().map(py::Identifier::as_str) else {
                self.refuse(at, "`**` in a call", "name the arguments");
                return None;
            };
            let takes_key = matches!(name, Builtin::Min | Builtin::Max | Builtin::Sorted);
            if word == "key" && takes_key {
                key = self.key(&keyword.value)?;
                continue;
            }
            let allowed: &[&str] = match name {
                Builtin::Sorted => &["key", "reverse"],
                Builtin::Min | Builtin::Max => &["key", "default"],
                Builtin::Sum | Builtin::Enumerate => &["start"],
                Builtin::Round => &["ndigits"],
                Builtin::TimeDelta => &["days", "hours", "minutes", "seconds", "weeks"],
                Builtin::Date => &["year", "month", "day"],
                Builtin::DateTime => &["year", "month", "day", "hour", "minute", "second"],
                _ => &[],
            };
            if !allowed.contains(&word) {
                let known =
                    if allowed.is_empty() { "it takes none by name".to_owned() } else { allowed.join(", ") };
                self.fault(at, format!("`{}` has no argument `{word}`", name.name()), &known);
                continue;
            }
            named.push((Arc::from(word), self.expr(&keyword.value)));
        }
        if let (Builtin::Decimal, [Expr { kind: ExprKind::Literal(Literal::Str(text)), .. }]) =
            (name, args.as_slice())
            && text.parse::<rust_decimal::Decimal>().is_err()
        {
            self.fault(span, "`Decimal` takes a number in quotes", "such as `Decimal(\"12.50\")`");
        }
        Some(ExprKind::Builtin { name, args, key, named })
    }

    /// `key=lambda x: x.date`, `key=str` or `key=None`.
    fn key(&mut self, expr: &PyExpr) -> Option<Option<Box<Lambda>>> {
        let span = span_of(expr.range());
        match expr {
            PyExpr::NoneLiteral(_) => Some(None),
            PyExpr::Name(name) if Builtin::named(name.id.as_str()).is_some() => {
                let builtin = Builtin::named(name.id.as_str())?;
                let param = self.temp();
                let args = vec![Expr { kind: ExprKind::Slot(param), span }];
                let kind = ExprKind::Builtin { name: builtin, args, key: None, named: Vec::new() };
                Some(Some(Box::new(Lambda { param, body: Expr { kind, span } })))
            }
            PyExpr::Lambda(lambda) => {
                if lazy::has_call(&lambda.body) {
                    self.fault(span, "a call to a tool in a `key=`", "work the keys out in a loop before");
                    return None;
                }
                let params: Vec<&PyExprParam> =
                    lambda.parameters.iter().flat_map(|p| p.args.iter()).collect();
                let ([param], true) =
                    (params.as_slice(), lambda.parameters.as_ref().is_some_and(|p| p.len() == 1))
                else {
                    self.fault(span, "a `key=` lambda takes one parameter", "such as `key=lambda x: x.date`");
                    return None;
                };
                let name = param.parameter.name.as_str();
                self.scoped(|lower| {
                    let bound = PyExpr::Name(py::ExprName {
                        id: py::name::Name::new(name),
                        ctx: py::ExprContext::Store,
                        range: param.parameter.name.range(),
                        node_index: py::AtomicNodeIndex::NONE,
                    });
                    let Target::Slot(param) = lower.bound(&bound)? else { return None };
                    Some(Some(Box::new(Lambda { param, body: lower.expr(&lambda.body) })))
                })
            }
            _ => {
                self.fault(span, "`key=` takes a lambda", "such as `key=lambda x: x.date`");
                None
            }
        }
    }

    fn method(&mut self, method: &py::ExprAttribute, call: &py::ExprCall, span: Span) -> Option<ExprKind> {
        let name = method.attr.as_str();
        self.refuse_dunder(name, span)?;
        if let PyExpr::Name(of) = method.value.as_ref()
            && matches!(of.id.as_str(), "datetime" | "date")
            && matches!(name, "fromisoformat" | "strptime" | "today" | "now")
        {
            let instead = if matches!(name, "today" | "now") {
                "use the tool `today()`"
            } else {
                "use `parse_datetime(text)`"
            };
            self.refuse(span, &format!("`{}.{name}`", of.id), instead);
            return None;
        }
        if IN_PLACE.contains(&name) {
            self.refuse(
                span,
                &format!("`{name}` in an expression"),
                "`append` stands on a line of its own, on a value the plan made; the others are not there",
            );
            return None;
        }
        if !METHODS.contains(&name) {
            let hint = match nearest(name, METHODS.iter().copied()) {
                Some(near) => format!("did you mean `.{near}()`?"),
                None => "a field is read without parentheses".to_owned(),
            };
            self.fault(span_of(method.attr.range()), format!("unknown method `{name}`"), &hint);
            return None;
        }
        let of = self.boxed(&method.value);
        let args = call.arguments.args.iter().map(|a| self.expr(a)).collect();
        let mut named = Vec::new();
        for keyword in &call.arguments.keywords {
            let Some(word) = &keyword.arg else {
                self.refuse(span, "`**` in a call", "name the arguments");
                return None;
            };
            named.push((Arc::from(word.as_str()), self.expr(&keyword.value)));
        }
        Some(ExprKind::Method { of, name: Arc::from(name), args, named })
    }
}

type PyExprParam = py::ParameterWithDefault;
