//! Calls: arguments against the catalogue, what comes back, and what policy will say.

use super::abs::{Abs, AbsType, Shape};
use super::{Checker, literal_mark};
use crate::kernel::catalogue::{Effect, Origin, Param, Role, Tool, Type};
use crate::kernel::excerpt::line_column;
use crate::kernel::gate::output::OutputMarks;
use crate::kernel::id::Site;
use crate::kernel::label::{Capacity, Label, Readers, Source};
use crate::kernel::plan::ast::{CallStmt, Callee, Expr, Span, TypeExpr};
use crate::kernel::plan::error::nearest;
use crate::kernel::plan::graph::{CallNode, Flow, FlowGraph, Prediction};
use crate::kernel::port::{ArgFacts, CallFacts, Policy, PolicyFailure, Reason, Verdict};
use crate::kernel::record::CallKind;
use crate::kernel::value::Mark;
use serde_json::Value as Json;
use std::sync::Arc;

/// What was found at one call site, over all ways to it.
#[derive(Debug, Clone)]
pub(super) struct SiteFacts {
    kind: CallKind,
    name: Arc<str>,
    span: Span,
    tool: Option<Arc<Tool>>,
    args: Vec<(Arc<str>, Abs)>,
    pc: Mark,
    output: Label,
}

impl Checker<'_> {
    pub(super) fn call(&mut self, call: &CallStmt) {
        let pc = self.pc();
        let (facts, result) = match &call.callee {
            Callee::Tool { name, args } => self.tool_call(call, name, args),
            Callee::Ask { question, data, ty } => self.ask_call(call, question, data.as_ref(), ty),
            Callee::Confirm { question } => {
                let question_abs = self.eval(question);
                let label =
                    Label::trusted_from(Source::User).join(&question_abs.deep().label().as_influence());
                let result = Abs::scalar(Type::Bool, Mark::made_by(label, call.site.0));
                let args = vec![(Arc::from("question"), question_abs)];
                (self.facts(call, CallKind::Confirm, "confirm", None, args, &result), result)
            }
        };
        self.note(call.site, facts);
        self.set(call.into, result.joined(&pc));
    }

    fn facts(
        &self,
        call: &CallStmt,
        kind: CallKind,
        name: &str,
        tool: Option<Arc<Tool>>,
        args: Vec<(Arc<str>, Abs)>,
        result: &Abs,
    ) -> SiteFacts {
        let output = result.deep().label().clone();
        SiteFacts { kind, name: Arc::from(name), span: call.span, tool, args, pc: self.pc(), output }
    }

    /// Joins what was found now with what was found on other ways and turns.
    fn note(&mut self, site: Site, new: SiteFacts) {
        let merged = match self.sites.remove(&site.0) {
            None => new,
            Some(old) => SiteFacts {
                args: new
                    .args
                    .iter()
                    .map(|(name, abs)| match old.args.iter().find(|(known, _)| known == name) {
                        Some((_, known)) => (name.clone(), known.join(abs)),
                        None => (name.clone(), abs.clone()),
                    })
                    .collect(),
                pc: old.pc.join(&new.pc),
                output: old.output.join(&new.output),
                ..new
            },
        };
        self.sites.insert(site.0, merged);
    }

    fn tool_call(
        &mut self,
        call: &CallStmt,
        name: &Arc<str>,
        args: &[(Arc<str>, Expr, Span)],
    ) -> (SiteFacts, Abs) {
        let given: Vec<(Arc<str>, Abs, Span)> =
            args.iter().map(|(name, e, span)| (name.clone(), self.eval(e), *span)).collect();
        let input = given.iter().fold(Mark::trusted(), |mark, (_, abs, _)| mark.join(&abs.deep()));
        let Some(tool) = self.catalogue.get(name).cloned() else {
            self.unknown_tool(call, name);
            let result = Abs::new(Shape::Any, input);
            let args = given.into_iter().map(|(name, abs, _)| (name, abs)).collect();
            return (self.facts(call, CallKind::Tool, name, None, args, &result), result);
        };
        self.check_args(call, &tool, &given);
        let marks = self.output_marks(&tool, &given, &input, call.site);
        let mut result = Abs::of_type(&tool.returns, "", &|path| below(&tool, &marks, path));
        if call.or_none {
            let none = Abs::scalar(Type::None, marks.failure());
            result = result.join(&none);
        }
        let args = given.into_iter().map(|(name, abs, _)| (name, abs)).collect();
        (self.facts(call, CallKind::Tool, name, Some(tool), args, &result), result)
    }

    fn unknown_tool(&mut self, call: &CallStmt, name: &str) {
        let near = nearest(name, self.catalogue.iter().map(|t| t.name.as_ref()));
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`sentinel plan stubs` lists the tools".to_owned(),
        };
        let span = Span { end: call.span.start + u32::try_from(name.len()).unwrap_or(0), ..call.span };
        self.fault(span, format!("unknown tool `{name}`"), hint);
    }

    fn output_marks<'t>(
        &self,
        tool: &'t Tool,
        given: &[(Arc<str>, Abs, Span)],
        input: &Mark,
        site: Site,
    ) -> OutputMarks<'t> {
        let source = match &tool.origin {
            Origin::Tool => Source::Tool(tool.name.clone()),
            Origin::File { path_arg } => {
                let fixed = given
                    .iter()
                    .find(|(name, ..)| name == path_arg)
                    .and_then(|(_, abs, _)| abs.fixed.as_ref());
                let path = fixed.and_then(Json::as_str).filter(|p| is_canonical(p)).unwrap_or("*");
                Source::File(Arc::from(path))
            }
        };
        let own = Readers::only(self.request.principal.clone());
        // What a run wrote into a file keeps its own sources when it is read again.
        let anything = Mark::of(Label::trusted_from(Source::File(Arc::from("*"))));
        let input = match tool.origin {
            Origin::File { .. } => input.join(&anything),
            Origin::Tool => input.clone(),
        };
        OutputMarks::with(tool, source, None, own, &input, site.0)
    }

    fn check_args(&mut self, call: &CallStmt, tool: &Tool, given: &[(Arc<str>, Abs, Span)]) {
        for (name, abs, span) in given {
            let Some(param) = tool.param(name) else {
                let near = nearest(name, tool.params.iter().map(|p| p.name.as_ref()));
                let known: Vec<&str> = tool.params.iter().map(|p| p.name.as_ref()).collect();
                let hint = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => "it takes no arguments".to_owned(),
                    None => format!("it takes {}", known.join(", ")),
                };
                self.fault(*span, format!("`{}` has no argument `{name}`", tool.name), hint);
                continue;
            };
            let left_out = is_none(abs) && !param.required;
            if !left_out && !may_fit(&param.ty, abs) {
                let (wanted, found) = (&param.ty, abs.kind());
                let message = format!("`{name}` of `{}` takes {wanted}, not {found}", tool.name);
                self.fault(*span, message, format!("give it a value of the type {wanted}"));
            }
        }
        let missing: Vec<&Param> = tool
            .params
            .iter()
            .filter(|p| p.required && !given.iter().any(|(name, ..)| *name == p.name))
            .collect();
        if !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|p| format!("`{}`", p.name)).collect();
            let message = format!("`{}` needs the argument {}", tool.name, names.join(" and "));
            let words: Vec<String> = missing.iter().map(|p| format!("{}=<{}>", p.name, p.ty)).collect();
            self.fault(call.span, message, format!("add `{}`", words.join(", ")));
        }
    }

    fn ask_call(
        &mut self,
        call: &CallStmt,
        question: &Expr,
        data: Option<&Expr>,
        ty: &TypeExpr,
    ) -> (SiteFacts, Abs) {
        let asked = self.eval(question);
        let data = match data {
            Some(data) => self.eval(data),
            None => Abs::scalar(Type::None, literal_mark()),
        };
        if !may_fit(&Type::Str, &asked) {
            let kind = asked.kind();
            self.fault(
                question.span,
                format!("a question is text, not {kind}"),
                "put the value into `data=`",
            );
        }
        let label = asked.mark.label();
        if !label.is_trusted() && label.capacity() > Capacity::Choice {
            let hint = "ask a fixed question and put the text into `data=`";
            self.fault(question.span, "the question holds untrusted text", hint);
        }
        let ty = self.ask_type(ty);
        let worker = Label::untrusted_from(Source::Worker(Arc::from("*")), Capacity::Text);
        let input = asked.deep().join(&data.deep()).join(&ty.mark());
        let base = Mark::made_by(worker.join(input.label()), call.site.0);
        let result = ty.answer(&base);
        let types = Abs::scalar(Type::Str, ty.mark());
        let args =
            vec![(Arc::from("question"), asked), (Arc::from("data"), data), (Arc::from("type"), types)];
        (self.facts(call, CallKind::Ask, "ask", None, args, &result), result)
    }

    pub(super) fn ask_type(&mut self, ty: &TypeExpr) -> AbsType {
        match ty {
            TypeExpr::Bool => AbsType::Scalar(Type::Bool),
            TypeExpr::Int => AbsType::Scalar(Type::Int),
            TypeExpr::Float => AbsType::Scalar(Type::Float),
            TypeExpr::Str => AbsType::Scalar(Type::Str),
            TypeExpr::Date => AbsType::Scalar(Type::Date),
            TypeExpr::DateTime => AbsType::Scalar(Type::DateTime),
            TypeExpr::List(item) => AbsType::List(Box::new(self.ask_type(item))),
            TypeExpr::Optional(inner) => AbsType::Optional(Box::new(self.ask_type(inner))),
            TypeExpr::OneOf(options) => {
                let abs = self.eval(options);
                if abs.element().is_none() {
                    let kind = abs.kind();
                    let hint = "such as `one_of([\"paid\", \"open\"])`";
                    self.fault(options.span, format!("`one_of` takes a list, not {kind}"), hint);
                }
                AbsType::OneOf(abs)
            }
            TypeExpr::Span(source, form) => {
                let abs = self.eval(source);
                if !may_fit(&Type::Str, &abs) {
                    let kind = abs.kind();
                    let message = format!("`span` takes the text to quote from, not {kind}");
                    self.fault(source.span, message, "such as `span(text)`");
                }
                AbsType::Span(abs, *form)
            }
            TypeExpr::Class(slot, span) => match self.get(*slot, *span).shape {
                Shape::Class(class) => AbsType::Class(class),
                // The fault was recorded when the slot was read.
                _ => AbsType::Scalar(Type::Any),
            },
        }
    }

    /// The flow graph, with every site judged by policy on what was found.
    pub(super) fn graph(&mut self, policy: &dyn Policy) -> Result<FlowGraph, PolicyFailure> {
        let pc = self.pc();
        self.keep_reply(&pc);
        let mut graph = FlowGraph::default();
        for (number, facts) in &self.sites {
            graph.calls.push(self.node(Site(*number), facts, policy)?);
        }
        // Lines joined into one text: whatever may choose among them can say as much as a text can.
        let text = |abs: &Abs| flow("reply", &abs.deep().bounded_by(Capacity::Text), None, false);
        graph.reply = self.reply.as_ref().map(text);
        Ok(graph)
    }

    fn node(&self, site: Site, facts: &SiteFacts, policy: &dyn Policy) -> Result<CallNode, PolicyFailure> {
        let param = |name: &str| facts.tool.as_ref().and_then(|t| t.param(name));
        let args: Vec<Flow> = facts
            .args
            .iter()
            .map(|(name, abs)| {
                let critical = param(name).is_some_and(|p| p.critical);
                flow(name, &abs.deep(), abs.fixed.clone(), critical)
            })
            .collect();
        let present = |name: &str| {
            facts.args.iter().any(|(n, abs)| n.as_ref() == name && !is_none(abs) && !is_empty(abs))
        };
        let effect = facts.tool.as_ref().map_or(Effect::Read, |t| t.effect_given(present));
        let (prediction, reasons) = self.predict(facts, effect, policy)?;
        Ok(CallNode {
            site,
            line: line_column(&self.plan.text, facts.span.start as usize).0,
            kind: facts.kind,
            name: facts.name.clone(),
            effect,
            args,
            pc: flow("pc", &facts.pc, None, false),
            output: facts.output.clone(),
            prediction,
            reasons,
        })
    }

    fn predict(
        &self,
        facts: &SiteFacts,
        effect: Effect,
        policy: &dyn Policy,
    ) -> Result<(Prediction, Vec<Reason>), PolicyFailure> {
        let Some(tool) = facts.tool.as_deref() else {
            let prediction = match facts.kind {
                CallKind::Confirm => Prediction::Ask,
                CallKind::Tool | CallKind::Ask => Prediction::Allow,
            };
            return Ok((prediction, Vec::new()));
        };
        let args: Vec<ArgFacts> = facts
            .args
            .iter()
            .filter(|(_, abs)| !is_none(abs))
            .map(|(name, abs)| ArgFacts {
                name: name.clone(),
                label: abs.deep().label().clone(),
                value: abs.fixed.clone(),
                critical: tool.param(name).is_some_and(|p| p.critical),
                role: tool.param(name).map_or(Role::Data, |p| p.role),
            })
            .collect();
        let call = CallFacts {
            principal: &self.request.principal,
            channel: &self.request.channel,
            trust_level: self.request.trust_level,
            tool,
            effect,
            args: &args,
            pc: facts.pc.label(),
        };
        Ok(match policy.judge_call(&call)? {
            Verdict::Allow(reasons) => (Prediction::Allow, reasons),
            Verdict::Ask(reasons) => (Prediction::Ask, reasons),
            Verdict::Deny(reasons) => (Prediction::Never, reasons),
        })
    }
}

/// The mark at a path of an output, with every named field below a path that the type does not tell apart.
fn below(tool: &Tool, marks: &OutputMarks<'_>, path: &str) -> Mark {
    let hidden = tool.fields.iter().filter(|f| {
        let rest = f.path.strip_prefix(path).filter(|_| !path.is_empty());
        rest.is_some_and(|rest| rest.starts_with(['.', '['])) && tool.returns.at(&f.path).is_none()
    });
    hidden.fold(marks.at(path), |mark, f| mark.join(&marks.at(&f.path)))
}

fn flow(name: &str, mark: &Mark, value: Option<Json>, critical: bool) -> Flow {
    Flow {
        name: Arc::from(name),
        label: mark.label().clone(),
        from: mark.through().map(Site).collect(),
        value,
        critical,
    }
}

/// A path that is already written as the workspace will name it.
fn is_canonical(path: &str) -> bool {
    !path.is_empty() && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

pub(super) fn is_none(abs: &Abs) -> bool {
    abs.shape == Shape::Scalar(Type::None)
}

fn is_empty(abs: &Abs) -> bool {
    matches!(&abs.fixed, Some(Json::String(s)) if s.is_empty())
        || abs.shape == Shape::List(None) && abs.fixed.is_some()
}

/// Whether a value of this shape may have the type. Doubt counts as yes: the interpreter checks again.
pub(super) fn may_fit(ty: &Type, abs: &Abs) -> bool {
    shape_may_fit(ty, &abs.shape)
}

fn shape_may_fit(ty: &Type, shape: &Shape) -> bool {
    match (ty, shape) {
        (Type::Any, _) | (_, Shape::Any | Shape::Scalar(Type::Any)) => true,
        (Type::Union(types), shape) => types.iter().any(|ty| shape_may_fit(ty, shape)),
        (ty, Shape::Maybe(inner)) => shape_may_fit(ty, inner),
        (Type::Str | Type::Enum(_), Shape::Scalar(s)) => {
            matches!(s, Type::Str | Type::Enum(_) | Type::Date | Type::DateTime)
        }
        (Type::Float | Type::Decimal, Shape::Scalar(s)) => {
            matches!(s, Type::Float | Type::Int | Type::Decimal)
        }
        (Type::Int, Shape::Scalar(s)) => matches!(s, Type::Int | Type::Float),
        (Type::Delta, Shape::Scalar(s)) => matches!(s, Type::Delta | Type::Int | Type::Float),
        (Type::Date | Type::DateTime, Shape::Scalar(s)) => {
            matches!(s, Type::Str | Type::Date | Type::DateTime)
        }
        (scalar, Shape::Scalar(s)) => scalar == s,
        (Type::List(item), Shape::List(Some(element))) => may_fit(item, element),
        (Type::List(item), Shape::Tuple(items)) => items.iter().all(|i| may_fit(item, i)),
        (Type::List(item), Shape::Set(element)) => shape_may_fit(item, &Shape::Scalar(element.clone())),
        (Type::List(_), Shape::List(None)) => true,
        (Type::Map(_) | Type::Record(_), Shape::Dict { .. } | Shape::Record { .. }) => true,
        _ => false,
    }
}
