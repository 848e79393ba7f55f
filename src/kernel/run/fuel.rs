//! How much a run may use. Out of fuel is a clear refusal, not a hang.

use super::fault;
use crate::kernel::plan::PlanError;
use crate::kernel::plan::ast::Span;
use crate::kernel::value::Node;
use serde::{Deserialize, Serialize};

/// The limits of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Calls to tools, worker and user together.
    pub calls: u32,
    /// Turns of all loops and comprehensions together.
    pub loop_turns: u32,
    /// Size of one value in bytes.
    pub value_bytes: usize,
}

impl Default for Limits {
    /// 50 calls, 1,000 turns, 1 MB a value: the design's figures.
    fn default() -> Self {
        Self { calls: 50, loop_turns: 1_000, value_bytes: 1 << 20 }
    }
}

/// What is left of the limits.
#[derive(Debug, Clone)]
pub(super) struct Fuel {
    limits: Limits,
    calls: u32,
    turns: u32,
    comprehension_turns: u64,
}

/// Comprehensions and builtins work on data without calling anything, so they may turn more often than loops.
const PURE_TURNS_PER_TURN: u64 = 100;

impl Fuel {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, calls: 0, turns: 0, comprehension_turns: 0 }
    }

    pub(super) fn call(&mut self, span: Span) -> Result<(), PlanError> {
        self.calls += 1;
        if self.calls > self.limits.calls {
            let most = self.limits.calls;
            return Err(fault(span, format!("out of fuel: the plan makes more than {most} calls"))
                .hint("read less at once, or raise the limit `max_calls`"));
        }
        Ok(())
    }

    pub(super) fn turn(&mut self, span: Span) -> Result<(), PlanError> {
        self.turns += 1;
        if self.turns > self.limits.loop_turns {
            let most = self.limits.loop_turns;
            return Err(fault(span, format!("out of fuel: loops turn more than {most} times"))
                .hint("use a comprehension for plain data, or raise the limit `max_loop_turns`"));
        }
        Ok(())
    }

    pub(super) fn pure_turns(&mut self, n: usize, span: Span) -> Result<(), PlanError> {
        self.comprehension_turns = self.comprehension_turns.saturating_add(n as u64);
        let most = u64::from(self.limits.loop_turns) * PURE_TURNS_PER_TURN;
        if self.comprehension_turns > most {
            return Err(fault(span, format!("out of fuel: comprehensions turn more than {most} times"))
                .hint("work on fewer elements, or raise the limit `max_loop_turns`"));
        }
        Ok(())
    }

    /// Refuses to make something of `bytes` bytes before it is made.
    pub(super) fn bytes(&self, bytes: usize, span: Span) -> Result<(), PlanError> {
        if bytes > self.limits.value_bytes {
            let most = self.limits.value_bytes;
            return Err(fault(
                span,
                format!("out of fuel: a value of more than {most} bytes, or nested too deep"),
            )
            .hint("keep only the part that is needed, or raise the limit `max_value_bytes`"));
        }
        Ok(())
    }

    pub(super) fn weigh(&self, node: &Node, span: Span) -> Result<(), PlanError> {
        self.bytes(node.size(self.limits.value_bytes), span)
    }
}
