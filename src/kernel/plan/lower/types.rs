//! Types as a plan writes them: `list[one_of(ids)]`, `span(text, like=iban) | None`, a class.

use super::super::ast::{Expr, ExprKind, Span, TypeExpr};
use super::super::error::nearest;
use super::super::parse::span_of;
use super::{Lower, MAX_EXPR_DEPTH};
use crate::kernel::answer::Form;
use ruff_python_ast::{self as py, Expr as PyExpr};
use ruff_text_size::Ranged;

const SCALARS: &[&str] = &["bool", "int", "float", "str", "date", "datetime"];

impl Lower<'_> {
    pub(in crate::kernel::plan) fn type_expr(&mut self, expr: &PyExpr) -> Option<TypeExpr> {
        let span = span_of(expr.range());
        if self.depth >= MAX_EXPR_DEPTH {
            self.fault(
                span,
                format!("the type is nested more than {MAX_EXPR_DEPTH} deep"),
                "give a class a field of that type",
            );
            return None;
        }
        self.depth += 1;
        let ty = self.type_at(expr, span);
        self.depth -= 1;
        ty
    }

    fn type_at(&mut self, expr: &PyExpr, span: Span) -> Option<TypeExpr> {
        match expr {
            PyExpr::Name(name) => self.named_type(name.id.as_str(), span),
            PyExpr::NoneLiteral(_) => {
                self.fault(span, "`None` alone is no type", "write `T | None`");
                None
            }
            PyExpr::BinOp(union) if union.op == py::Operator::BitOr => self.union_type(union, span),
            PyExpr::Subscript(item) => self.generic_type(item, span),
            PyExpr::Call(call) => self.called_type(call, span),
            PyExpr::StringLiteral(_) => {
                self.fault(span, "a type in quotes", "write the type without quotes");
                None
            }
            _ => {
                self.unknown_type(span);
                None
            }
        }
    }

    fn unknown_type(&mut self, span: Span) {
        self.fault(
            span,
            "this is not a type of the plan language",
            "types are bool, int, float, str, date, datetime, one_of(list), span(text, like=...), list[T], T | None \
             and the plan's own classes",
        );
    }

    fn named_type(&mut self, name: &str, span: Span) -> Option<TypeExpr> {
        if let Some(&slot) = self.classes.get(name) {
            return Some(TypeExpr::Class(slot, span));
        }
        Some(match name {
            "bool" => TypeExpr::Bool,
            "int" => TypeExpr::Int,
            "float" | "Decimal" => TypeExpr::Float,
            "str" => TypeExpr::Str,
            "date" => TypeExpr::Date,
            "datetime" => TypeExpr::DateTime,
            "list" => TypeExpr::List(Box::new(TypeExpr::Str)),
            _ => {
                let classes: Vec<String> = self.classes.keys().map(ToString::to_string).collect();
                let known = SCALARS.iter().copied().chain(classes.iter().map(String::as_str));
                match nearest(name, known) {
                    Some(near) => {
                        self.fault(
                            span,
                            format!("unknown type `{name}`"),
                            &format!("did you mean `{near}`?"),
                        );
                    }
                    None => self.unknown_type(span),
                }
                return None;
            }
        })
    }

    fn union_type(&mut self, union: &py::ExprBinOp, span: Span) -> Option<TypeExpr> {
        let inner = match (union.left.as_ref(), union.right.as_ref()) {
            (inner, PyExpr::NoneLiteral(_)) | (PyExpr::NoneLiteral(_), inner) => inner,
            _ => {
                self.fault(
                    span,
                    "a union of two types",
                    "only `T | None` is possible; ask twice, or use a class",
                );
                return None;
            }
        };
        self.type_expr(inner).map(|ty| TypeExpr::Optional(Box::new(ty)))
    }

    fn generic_type(&mut self, item: &py::ExprSubscript, span: Span) -> Option<TypeExpr> {
        let name = match item.value.as_ref() {
            PyExpr::Name(name) => name.id.as_str(),
            _ => "",
        };
        match name {
            "list" | "List" => self.type_expr(&item.slice).map(|ty| TypeExpr::List(Box::new(ty))),
            "Optional" => self.type_expr(&item.slice).map(|ty| TypeExpr::Optional(Box::new(ty))),
            "Literal" => {
                let options = match item.slice.as_ref() {
                    PyExpr::Tuple(tuple) => tuple.elts.iter().map(|e| self.expr(e)).collect(),
                    one => vec![self.expr(one)],
                };
                Some(TypeExpr::OneOf(Box::new(Expr { kind: ExprKind::List(options), span })))
            }
            "dict" | "tuple" | "set" => {
                self.fault(span, format!("`{name}[...]` cannot be asked for"), "use `list[T]` or a class");
                None
            }
            _ => {
                self.unknown_type(span);
                None
            }
        }
    }

    fn called_type(&mut self, call: &py::ExprCall, span: Span) -> Option<TypeExpr> {
        let name = match call.func.as_ref() {
            PyExpr::Name(name) => name.id.as_str(),
            _ => "",
        };
        let positional = call.arguments.args.as_ref();
        match (name, positional) {
            ("one_of", [options]) if call.arguments.keywords.is_empty() => {
                Some(TypeExpr::OneOf(Box::new(self.expr(options))))
            }
            ("one_of", [_, _, ..]) if call.arguments.keywords.is_empty() => {
                let options = positional.iter().map(|e| self.expr(e)).collect();
                Some(TypeExpr::OneOf(Box::new(Expr { kind: ExprKind::List(options), span })))
            }
            ("span", [source]) => {
                let source = Box::new(self.expr(source));
                let form = match call.arguments.keywords.as_ref() {
                    [] => None,
                    [like] if like.arg.as_ref().is_some_and(|a| a.as_str() == "like") => {
                        Some(self.form(&like.value)?)
                    }
                    _ => {
                        self.fault(
                            span,
                            "`span` takes a text and `like=`",
                            "such as `span(text, like=iban)`",
                        );
                        return None;
                    }
                };
                Some(TypeExpr::Span(source, form))
            }
            ("one_of", _) => {
                self.fault(span, "`one_of` takes a list", "such as `one_of([\"paid\", \"open\"])`");
                None
            }
            ("span", _) => {
                self.fault(span, "`span` takes the text to quote from", "such as `span(text)`");
                None
            }
            _ => {
                self.unknown_type(span);
                None
            }
        }
    }

    fn form(&mut self, expr: &PyExpr) -> Option<Form> {
        let span = span_of(expr.range());
        let name = match expr {
            PyExpr::Name(name) => name.id.as_str(),
            PyExpr::StringLiteral(text) => text.value.to_str(),
            _ => "",
        };
        let form = Form::named(name);
        if form.is_none() {
            self.fault(span, "unknown form in `like=`", "forms are iban, date, amount, email, url and phone");
        }
        form
    }
}
