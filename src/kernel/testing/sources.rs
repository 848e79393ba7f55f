//! Tools over two kinds of trust and two kinds of readers, whose outputs a test chooses.

use crate::kernel::answer::AnswerType;
use crate::kernel::catalogue::*;
use crate::kernel::id::Digest;
use crate::kernel::label::{Capacity, Integrity};
use crate::kernel::port::*;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// What a source says.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::kernel) struct Said {
    pub n: i64,
    pub s: String,
    pub b: bool,
    pub xs: Vec<i64>,
    pub rs: Vec<(i64, String)>,
}

/// One side of a comparison: what every source says, and how the worker is disposed.
#[derive(Debug, Clone)]
pub(in crate::kernel) struct Side {
    pub trusted: Said,
    pub untrusted: Said,
    pub secret: Said,
    pub untrusted_secret: Said,
    pub worker: u8,
}

/// The tools: four pure sources, one whose fields differ, an echo, one that may fail, and a sink.
pub(in crate::kernel) fn catalogue() -> Arc<Catalogue> {
    let rows = record("Row", vec![("k", Type::Int), ("t", Type::Str)]);
    let said = record(
        "Said",
        vec![
            ("n", Type::Int),
            ("s", Type::Str),
            ("b", Type::Bool),
            ("xs", Type::List(Box::new(Type::Int))),
            ("rs", Type::List(Box::new(rows))),
        ],
    );
    let good = |public| Grant { integrity: Integrity::Trusted, capacity: Capacity::Nothing, public };
    let bad = |public| Grant { integrity: Integrity::Untrusted, capacity: Capacity::Text, public };
    let at = |path: &str, grant| FieldGrant { path: Arc::from(path), grant };
    let n = || vec![param("n", Type::Int)];
    let echo = record("Echo", vec![("n", Type::Int), ("id", Type::Int)]);
    Arc::new(Catalogue::new([
        tool("tp", vec![], said.clone(), good(true), vec![]),
        tool("up", vec![], said.clone(), bad(true), vec![]),
        tool("ts", vec![], said.clone(), good(false), vec![]),
        tool("us", vec![], said.clone(), bad(false), vec![]),
        tool("mx", vec![], said, bad(false), vec![at("n", good(true)), at("rs[].k", good(true))]),
        tool("echo", n(), echo, good(true), vec![at("id", good(true))]),
        tool("flaky", n(), Type::Int, good(true), vec![]),
        tool("emit", vec![param("v", Type::Any)], Type::None, good(true), vec![]),
    ]))
}

fn record(name: &str, fields: Vec<(&str, Type)>) -> Type {
    let fields = fields.into_iter().map(|(field, ty)| (Arc::from(field), ty)).collect();
    Type::Record(Arc::new(RecordType { name: Arc::from(name), fields }))
}

fn param(name: &str, ty: Type) -> Param {
    let doc = Arc::from("");
    Param { name: Arc::from(name), ty, required: true, doc, critical: false, role: Role::Data }
}

fn tool(name: &str, params: Vec<Param>, returns: Type, output: Grant, fields: Vec<FieldGrant>) -> Tool {
    Tool {
        name: Arc::from(name),
        doc: Arc::from(""),
        params,
        returns,
        effect: Effect::Write,
        effect_with: Vec::new(),
        output,
        fields,
        origin: Origin::Tool,
        idempotent: false,
    }
}

impl Said {
    fn json(&self) -> Json {
        let rows: Vec<Json> = self.rs.iter().map(|(k, t)| json!({"k": k, "t": t})).collect();
        json!({"n": self.n, "s": self.s, "b": self.b, "xs": self.xs, "rs": rows})
    }
}

impl Side {
    /// The worker's answer: of the right type, and a function of what it was asked and of its disposition.
    fn answer(&self, ty: &AnswerType, seed: &Digest, salt: u8) -> Option<Json> {
        let mixed = Digest::of_parts([seed.as_bytes().as_slice(), &[self.worker, salt]]);
        let h = mixed.as_bytes()[0];
        Some(match ty {
            AnswerType::Bool => json!(h.is_multiple_of(2)),
            AnswerType::Int => json!(h % 7),
            AnswerType::Float => json!(f64::from(h) / 4.0),
            AnswerType::Text => json!(["", "a", "b", "ab"][usize::from(h % 4)]),
            AnswerType::OneOf { options } => options.get(usize::from(h) % options.len().max(1))?.clone(),
            AnswerType::List { item } => {
                (0..h % 4).map(|i| self.answer(item, &mixed, i)).collect::<Option<Vec<_>>>()?.into()
            }
            AnswerType::Record { fields, .. } => {
                let of = |(i, (name, ty)): (usize, &(Arc<str>, AnswerType))| {
                    Some((name.to_string(), self.answer(ty, &mixed, i as u8)?))
                };
                Json::Object(fields.iter().enumerate().map(of).collect::<Option<_>>()?)
            }
            AnswerType::Optional { .. } if h.is_multiple_of(3) => Json::Null,
            AnswerType::Optional { inner } => self.answer(inner, &mixed, 1)?,
            AnswerType::Date | AnswerType::DateTime | AnswerType::Span { .. } => return None,
        })
    }
}

impl Tools for Side {
    fn invoke(&self, call: &Invocation) -> Result<ToolOutput, ToolFailure> {
        let n = call.args.get("n").and_then(Json::as_i64).unwrap_or(0);
        let value = match call.tool.as_ref() {
            "tp" => self.trusted.json(),
            "up" => self.untrusted.json(),
            "ts" => self.secret.json(),
            "us" => self.untrusted_secret.json(),
            "mx" => {
                let mut value = self.untrusted_secret.json();
                value["n"] = json!(self.trusted.n);
                for (i, row) in value["rs"].as_array_mut().unwrap().iter_mut().enumerate() {
                    row["k"] = json!(i);
                }
                value
            }
            "echo" => json!({"n": n, "id": 7}),
            "flaky" if n & 1 == 0 => return Err(ToolFailure { message: "even".to_owned() }),
            "flaky" => json!(n),
            _ => Json::Null,
        };
        Ok(ToolOutput { value, file: None })
    }
}

impl Worker for Side {
    fn name(&self) -> Arc<str> {
        Arc::from("w")
    }

    fn answer(&self, ask: &Ask) -> Result<WorkerReply, WorkerFailure> {
        let seed = Digest::of_parts([ask.question.as_bytes(), ask.data.as_bytes()]);
        Ok(match Side::answer(self, &ask.answer, &seed, 0) {
            Some(json) => WorkerReply::Answer(json),
            None => WorkerReply::NotEnoughInformation,
        })
    }
}
