//! Classes: records of typed fields, and enums.

use super::super::ast::{ClassBody, ClassDef, Literal, Span, Stmt};
use super::super::lower::Lower;
use super::span_of;
use ruff_python_ast::{self as py, Expr as PyExpr, Stmt as PyStmt};
use ruff_text_size::Ranged;
use std::sync::Arc;

impl Lower<'_> {
    pub(in crate::kernel::plan) fn class(&mut self, class: &py::StmtClassDef, span: Span) {
        if !class.decorator_list.is_empty() {
            self.refuse(span, "a decorator", "leave it out; a class is a record already");
        }
        let bases: Vec<&str> = class.arguments.iter().flat_map(|a| a.args.iter()).map(base_name).collect();
        let is_enum = bases.iter().any(|b| matches!(*b, "Enum" | "StrEnum"));
        if bases
            .iter()
            .any(|b| !matches!(*b, "Enum" | "StrEnum" | "str" | "BaseModel" | "NamedTuple" | "TypedDict"))
        {
            self.refuse(span, "inheritance", "a class is a record of typed fields, or `class Name(Enum)`");
        }
        let name: Arc<str> = Arc::from(class.name.as_str());
        let Some(&slot) = self.classes.get(&name) else { return };
        let body = if is_enum { self.enum_body(class) } else { self.record_body(class) };
        self.emit(Stmt::Class { slot, class: Arc::new(ClassDef { name, body }) });
    }

    pub(in crate::kernel::plan) fn record_body(&mut self, class: &py::StmtClassDef) -> ClassBody {
        let mut fields: Vec<(Arc<str>, super::super::ast::TypeExpr)> = Vec::new();
        for stmt in class.body.iter().filter(|s| !is_docstring(s) && !matches!(s, PyStmt::Pass(_))) {
            let span = span_of(stmt.range());
            let PyStmt::AnnAssign(field) = stmt else {
                self.refuse(span, "this in a class", "a class has only fields, such as `total: float`");
                continue;
            };
            let PyExpr::Name(name) = field.target.as_ref() else { continue };
            if name.id.starts_with("__") {
                self.fault(
                    span,
                    "names with two underscores are not in the plan language",
                    "choose a name that starts with a letter",
                );
            }
            if field.value.is_some() {
                self.refuse(span, "a default in a class", "use `T | None` for a field that may be missing");
            }
            if fields.iter().any(|(known, _)| known.as_ref() == name.id.as_str()) {
                self.fault(span, format!("the field `{}` stands twice", name.id), "leave one of them out");
                continue;
            }
            if let Some(ty) = self.type_expr(&field.annotation) {
                fields.push((Arc::from(name.id.as_str()), ty));
            }
        }
        if fields.is_empty() {
            self.fault(
                span_of(class.name.range()),
                "a class needs at least one field",
                "such as `total: float`",
            );
        }
        ClassBody::Record(fields)
    }

    pub(in crate::kernel::plan) fn enum_body(&mut self, class: &py::StmtClassDef) -> ClassBody {
        let mut members: Vec<(Arc<str>, Literal)> = Vec::new();
        for stmt in class.body.iter().filter(|s| !is_docstring(s)) {
            let span = span_of(stmt.range());
            let member = match stmt {
                PyStmt::Assign(assign) => match (assign.targets.as_slice(), self.literal(&assign.value)) {
                    ([PyExpr::Name(name)], Some(value @ (Literal::Str(_) | Literal::Int(_)))) => {
                        Some((Arc::from(name.id.as_str()), value))
                    }
                    _ => None,
                },
                _ => None,
            };
            match member {
                Some(member) => members.push(member),
                None => self.refuse(span, "this in an enum", "write members such as `PAID = \"paid\"`"),
            }
        }
        if members.is_empty() {
            self.fault(
                span_of(class.name.range()),
                "an enum needs at least one member",
                "such as `PAID = \"paid\"`",
            );
        }
        ClassBody::Enum(members)
    }
}

fn base_name(base: &PyExpr) -> &str {
    match base {
        PyExpr::Name(name) => name.id.as_str(),
        PyExpr::Attribute(attr) => attr.attr.as_str(),
        _ => "",
    }
}

fn is_docstring(stmt: &PyStmt) -> bool {
    matches!(stmt, PyStmt::Expr(e) if matches!(e.value.as_ref(), PyExpr::StringLiteral(_)))
}
