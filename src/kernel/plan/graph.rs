//! The flow graph: what flows where in a plan, and what policy will say, before anything runs.

use crate::kernel::catalogue::Effect;
use crate::kernel::id::Site;
use crate::kernel::label::Label;
use crate::kernel::port::Reason;
use crate::kernel::record::CallKind;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// What will happen at a call site, as far as labels say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prediction {
    /// It will be allowed.
    Allow,
    /// A person will be asked.
    Ask,
    /// It can never pass.
    Never,
}

/// Something that flows into a call or into the reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// The argument's keyword.
    pub name: Arc<str>,
    /// Nothing less trusted than this will arrive.
    pub label: Label,
    /// The call sites whose results may be in it.
    pub from: Vec<Site>,
    /// The value where the plan's text fixes it.
    pub value: Option<Json>,
    /// Whether the catalogue calls the argument critical.
    pub critical: bool,
}

/// One call site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallNode {
    /// Its number.
    pub site: Site,
    /// Its line in the plan, from 1.
    pub line: usize,
    /// To whom it goes.
    pub kind: CallKind,
    /// The tool's name, or `ask` or `confirm`.
    pub name: Arc<str>,
    /// The most it can do.
    pub effect: Effect,
    /// What flows in.
    pub args: Vec<Flow>,
    /// What decides whether it is reached, and how often.
    pub pc: Flow,
    /// What comes out.
    pub output: Label,
    /// What policy will say.
    pub prediction: Prediction,
    /// Which rules say so.
    pub reasons: Vec<Reason>,
}

/// A plan's calls in the order of the text, and its reply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowGraph {
    /// The call sites.
    pub calls: Vec<CallNode>,
    /// What flows into the reply; `None` when the plan says nothing.
    pub reply: Option<Flow>,
}

impl FlowGraph {
    /// The calls that go to tools.
    pub fn tool_calls(&self) -> impl Iterator<Item = &CallNode> {
        self.calls.iter().filter(|c| c.kind == CallKind::Tool)
    }

    /// The call at a site.
    pub fn at(&self, site: Site) -> Option<&CallNode> {
        self.calls.iter().find(|c| c.site == site)
    }
}
