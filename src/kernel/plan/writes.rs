//! What may happen under a branch or loop, whichever way it goes: the static half of implicit-flow tracking.
//!
//! INVARIANT: a slot that *any* path under a branch may write is listed, so that its label carries the branch's
//! condition also when the path was not taken (the not-taken branch says something too).

use super::ast::{Block, BlockEffects, REPLY, Slot, Stmt, Target};
use std::collections::BTreeSet;

/// The effects of the blocks of one `if` or `for`. A loop keeps its own `break`s to itself.
pub(super) fn effects_of(blocks: &[&Block], is_loop: bool, loop_target: Option<&Target>) -> BlockEffects {
    let mut found = Found::default();
    for block in blocks {
        found.block(block);
    }
    if let Some(target) = loop_target {
        found.target(target);
    }
    BlockEffects {
        writes: found.writes.into_iter().collect(),
        leaves_loop: found.leaves_loop && !is_loop,
        stops: found.stops,
    }
}

#[derive(Default)]
struct Found {
    writes: BTreeSet<Slot>,
    leaves_loop: bool,
    stops: bool,
}

impl Found {
    fn block(&mut self, block: &Block) {
        block.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let { target, .. } => self.target(target),
            Stmt::Call(call) => drop(self.writes.insert(call.into)),
            Stmt::If(branch) => self.nested(&branch.effects),
            Stmt::For(each) => self.nested(&each.effects),
            Stmt::Break | Stmt::Continue => self.leaves_loop = true,
            Stmt::Append { place, .. } | Stmt::SetItem { place, .. } => drop(self.writes.insert(place.root)),
            Stmt::Class { slot, .. } => drop(self.writes.insert(*slot)),
            Stmt::Answer { .. } => drop(self.writes.insert(REPLY)),
            Stmt::Stop { .. } => {
                self.writes.insert(REPLY);
                self.stops = true;
            }
        }
    }

    fn nested(&mut self, inner: &BlockEffects) {
        self.writes.extend(&inner.writes);
        self.leaves_loop |= inner.leaves_loop;
        self.stops |= inner.stops;
    }

    fn target(&mut self, target: &Target) {
        match target {
            Target::Slot(slot) => drop(self.writes.insert(*slot)),
            Target::Tuple(parts, _) => parts.iter().for_each(|part| self.target(part)),
        }
    }
}
