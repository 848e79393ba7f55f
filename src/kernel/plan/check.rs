//! The checker: runs a plan on labels instead of values, finds its faults, and foretells what policy will say.
//!
//! It mirrors the interpreter statement by statement and rounds every doubt down. INVARIANT (soundness): whatever
//! arrives at a call at run time has a label that [`Label::is_within`] the label predicted here. A test compares
//! the two over the whole corpus and over generated programs.
//!
//! [`Label::is_within`]: crate::kernel::label::Label::is_within

mod abs;
mod access;
mod builtin;
mod change;
mod expr;
mod site;

use super::ast::{Block, Expr, ForStmt, IfStmt, Place, Plan, REPLY, Slot, Span, Stmt, Target};
use super::error::PlanError;
use super::graph::FlowGraph;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::Request;
use crate::kernel::label::{Label, Source};
use crate::kernel::port::{Policy, PolicyFailure};
use crate::kernel::value::Mark;
use abs::{Abs, Shape};
use site::SiteFacts;
use std::collections::BTreeMap;

/// Turns of a loop after which shapes that still grow are blurred. Marks come to an end by themselves.
const EXACT_TURNS: usize = 4;
/// Turns after which the checker gives up; blurred shapes settle long before.
const MAX_TURNS: usize = 60;

/// What to do about something that is not many.
const NOT_MANY: &str = "go through a list, such as `[value]`, or through a field that holds one";

/// Checks a plan: its flow graph, and all its faults.
///
/// # Errors
/// When the policy cannot be evaluated.
pub(in crate::kernel) fn analyse(
    plan: &Plan,
    catalogue: &Catalogue,
    policy: &dyn Policy,
    request: &Request,
) -> Result<(FlowGraph, Vec<PlanError>), PolicyFailure> {
    let mut checker = Checker::new(plan, catalogue, request);
    checker.block(&plan.body);
    // A faulty call has no facts that a policy could judge.
    if !checker.errors.is_empty() {
        return Ok((FlowGraph::default(), checker.errors));
    }
    Ok((checker.graph(policy)?, Vec::new()))
}

/// What is known of a variable at a place in the plan.
#[derive(Debug, Clone, PartialEq)]
enum Held {
    Unset,
    /// Set on some ways to here.
    Perhaps(Abs),
    Set(Abs),
}

/// All variables; `None` where no way leads to.
type State = Option<Vec<Held>>;

#[derive(Debug)]
struct Frame {
    pc: Mark,
    /// For a loop: the states at its `break`s and at its `continue`s.
    turns: Option<(State, State)>,
    /// For a loop: whether a `stop` stands inside.
    stops: bool,
}

struct Checker<'a> {
    plan: &'a Plan,
    catalogue: &'a Catalogue,
    request: &'a Request,
    state: State,
    frames: Vec<Frame>,
    sites: BTreeMap<u32, SiteFacts>,
    /// What flowed into the reply at any end of the plan.
    reply: Option<Abs>,
    errors: Vec<PlanError>,
    /// Above zero while a loop has not settled: faults found then may be none.
    quiet: u32,
}

fn literal_mark() -> Mark {
    Mark::of(Label::trusted_from(Source::Planner))
}

impl<'a> Checker<'a> {
    fn new(plan: &'a Plan, catalogue: &'a Catalogue, request: &'a Request) -> Self {
        let mut slots = vec![Held::Unset; plan.names.len()];
        if let Some(reply) = slots.get_mut(REPLY.0 as usize) {
            *reply = Held::Set(Abs::new(Shape::List(None), Mark::trusted()));
        }
        Self {
            plan,
            catalogue,
            request,
            state: Some(slots),
            frames: vec![Frame { pc: Mark::trusted(), turns: None, stops: false }],
            sites: BTreeMap::new(),
            reply: None,
            errors: Vec::new(),
            quiet: 0,
        }
    }

    /// Records what is wrong and what to write instead: there is no fault without advice.
    fn fault(&mut self, span: Span, message: impl Into<String>, hint: impl Into<String>) {
        let error = PlanError::at(span, message).hint(hint);
        if self.quiet == 0 && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn pc(&self) -> Mark {
        Mark::join_all(self.frames.iter().map(|f| &f.pc))
    }

    fn get(&mut self, slot: Slot, span: Span) -> Abs {
        let held = self.state.as_ref().and_then(|s| s.get(slot.0 as usize)).cloned();
        let name = self.plan.name(slot).to_owned();
        match held {
            Some(Held::Set(abs)) => abs,
            Some(Held::Perhaps(abs)) => {
                let hint = "set it before the `if` or `for`, or on every way";
                self.fault(span, format!("`{name}` may not be set here"), hint);
                abs
            }
            Some(Held::Unset) => {
                let hint = format!("set it on a line before this one, such as `{name} = ...`");
                self.fault(span, format!("`{name}` is used before it is defined"), hint);
                Abs::new(Shape::Any, Mark::trusted())
            }
            // No way leads here; anything may be said of it.
            None => Abs::new(Shape::Any, Mark::trusted()),
        }
    }

    fn set(&mut self, slot: Slot, abs: Abs) {
        if let Some(place) = self.state.as_mut().and_then(|s| s.get_mut(slot.0 as usize)) {
            *place = Held::Set(abs);
        }
    }

    fn bind(&mut self, target: &Target, abs: Abs) {
        match target {
            Target::Slot(slot) => self.set(*slot, abs),
            Target::Tuple(parts, span) => {
                if let Shape::Tuple(items) = &abs.shape {
                    if items.len() != parts.len() {
                        let message = format!("{} names for {} values", parts.len(), items.len());
                        self.fault(*span, message, "write as many names as there are values");
                    }
                    for (part, item) in parts.iter().zip(items) {
                        self.bind(part, abs.part(item));
                    }
                    return;
                }
                let item = abs.element().unwrap_or_else(|| {
                    let kind = abs.kind();
                    let hint = "give it one name, and take its fields or items from there";
                    self.fault(*span, format!("a {kind} cannot be taken apart"), hint);
                    abs.blurred()
                });
                for part in parts {
                    self.bind(part, item.clone());
                }
            }
        }
    }

    fn block(&mut self, block: &Block) {
        for stmt in block.iter() {
            if self.state.is_none() {
                return;
            }
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let { target, value } => {
                let abs = self.eval(value).joined(&self.pc());
                self.bind(target, abs);
            }
            Stmt::Call(call) => self.call(call),
            Stmt::If(branch) => self.branch(branch),
            Stmt::For(each) => self.each(each),
            Stmt::Break => self.leave_turn(true),
            Stmt::Continue => self.leave_turn(false),
            Stmt::Append { place, value, span } => {
                let item = self.eval(value);
                self.change(place, &[], *span, item, None);
            }
            Stmt::SetItem { place, key, value, span, op } => {
                let value = self.eval(value);
                let key = self.eval(key);
                let value = match op {
                    None => value,
                    Some(_) => {
                        // The old value goes in as well, read from a container that already carries what steers.
                        let old = self.get(place.root, place.span).deep().join(&key.deep()).join(&self.pc());
                        let old = place.path.iter().fold(old, |mark, e| mark.join(&self.eval(e).deep()));
                        Abs::derived(Shape::Any, &value.deep().join(&old))
                    }
                };
                self.change(place, std::slice::from_ref(&key), *span, value, Some(&key));
            }
            Stmt::Class { slot, class } => {
                let abs = self.class(class);
                let abs = abs.joined(&self.pc());
                self.set(*slot, abs);
            }
            Stmt::Answer { value } => self.say(value),
            Stmt::Stop { value } => {
                if let Some(value) = value {
                    self.say(value);
                }
                self.stop();
            }
        }
    }

    fn branch(&mut self, branch: &IfStmt) {
        let cond = self.eval(&branch.cond).mark;
        let in_loop = self.frames.iter().any(|f| f.turns.is_some());
        let pc = if in_loop { cond.as_repeated() } else { cond.as_influence() };
        if branch.effects.stops {
            self.raise_root(&pc);
        }
        if branch.effects.leaves_loop {
            self.raise_loop(&pc);
        }
        self.frames.push(Frame { pc: pc.clone(), turns: None, stops: false });
        let before = self.state.clone();
        self.block(&branch.then);
        let after_then = std::mem::replace(&mut self.state, before);
        self.block(&branch.orelse);
        self.state = merged(after_then, self.state.take());
        self.frames.pop();
        self.close(&branch.effects.writes, &pc);
    }

    fn each(&mut self, each: &ForStmt) {
        let iter = self.eval(&each.iter);
        let item = iter.element().unwrap_or_else(|| {
            let kind = iter.kind();
            self.fault(each.iter.span, format!("cannot go through a {kind}"), NOT_MANY);
            iter.blurred()
        });
        let pc = iter.mark.as_repeated();
        if each.effects.stops {
            self.raise_root(&pc);
        }
        self.frames.push(Frame { pc, turns: Some((None, None)), stops: each.effects.stops });
        let entry = self.state.clone();
        self.quiet += 1;
        let mut head = entry.clone();
        for turn in 0..MAX_TURNS {
            // The root's too: a `stop` inside raises it, and the next turn starts under it.
            let pc_before = self.pc();
            let end = self.turn(each, &item, head.clone());
            let mut next = merged(head.clone(), end);
            if turn >= EXACT_TURNS {
                blur_growing(&mut next, &head);
            }
            if next == head && self.pc() == pc_before {
                break;
            }
            head = next;
        }
        self.quiet -= 1;
        // Once more, aloud: the state at the loop's head now covers every turn.
        let end = self.turn(each, &item, head.clone());
        let breaks = self.frames.last_mut().and_then(|f| f.turns.as_mut()).and_then(|t| t.0.take());
        let pc = self.frames.pop().map_or_else(Mark::trusted, |f| f.pc);
        self.state = merged(merged(head, end), breaks);
        // With no turn at all, what only the body sets is not set.
        self.state = merged(self.state.take(), entry);
        self.close(&each.effects.writes, &pc);
    }

    fn turn(&mut self, each: &ForStmt, item: &Abs, head: State) -> State {
        self.state = head;
        let pc = self.pc();
        self.bind(&each.target, item.clone().joined(&pc));
        self.block(&each.body);
        let continues = self.frames.last_mut().and_then(|f| f.turns.as_mut()).and_then(|t| t.1.take());
        merged(self.state.take(), continues)
    }

    fn leave_turn(&mut self, for_good: bool) {
        let state = self.state.take();
        let frame = self.frames.iter_mut().rev().find_map(|f| f.turns.as_mut());
        if let Some((breaks, continues)) = frame {
            let place = if for_good { breaks } else { continues };
            *place = merged(place.take(), state);
        }
    }

    fn raise_root(&mut self, pc: &Mark) {
        let all = self.pc().join(pc);
        if let Some(root) = self.frames.first_mut() {
            root.pc = root.pc.join(&all);
        }
    }

    fn raise_loop(&mut self, pc: &Mark) {
        let Some(frame) = self.frames.iter_mut().rev().find(|f| f.turns.is_some()) else { return };
        frame.pc = frame.pc.join(pc);
        if frame.stops {
            self.raise_root(pc);
        }
    }

    fn close(&mut self, writes: &[Slot], pc: &Mark) {
        let Some(state) = self.state.as_mut() else { return };
        for slot in writes {
            if let Some(Held::Set(abs) | Held::Perhaps(abs)) = state.get_mut(slot.0 as usize) {
                abs.mark = abs.mark.join(pc);
                abs.fixed = None;
            }
        }
    }

    fn say(&mut self, value: &Expr) {
        let item = self.eval(value);
        let place = Place { root: REPLY, path: Vec::new(), span: value.span };
        self.change(&place, &[], value.span, item, None);
    }

    /// The end of the plan on this way: every frame's influence is in the reply.
    fn stop(&mut self) {
        let pc = self.pc();
        self.keep_reply(&pc);
        self.state = None;
    }

    fn keep_reply(&mut self, pc: &Mark) {
        let held = self.state.as_ref().and_then(|s| s.get(REPLY.0 as usize));
        if let Some(Held::Set(reply)) = held {
            let reply = reply.clone().joined(pc);
            self.reply = Some(match &self.reply {
                Some(known) => known.join(&reply),
                None => reply,
            });
        }
    }
}

fn merged(a: State, b: State) -> State {
    match (a, b) {
        (None, other) | (other, None) => other,
        (Some(a), Some(b)) => Some(a.iter().zip(&b).map(|(a, b)| merge_held(a, b)).collect()),
    }
}

fn merge_held(a: &Held, b: &Held) -> Held {
    match (a, b) {
        (Held::Unset, Held::Unset) => Held::Unset,
        (Held::Set(a), Held::Set(b)) => Held::Set(a.join(b)),
        (Held::Unset, Held::Set(x) | Held::Perhaps(x)) | (Held::Set(x) | Held::Perhaps(x), Held::Unset) => {
            Held::Perhaps(x.clone())
        }
        (Held::Set(a) | Held::Perhaps(a), Held::Set(b) | Held::Perhaps(b)) => Held::Perhaps(a.join(b)),
    }
}

/// Blurs whatever a loop still makes larger, so that the search for a fixed point ends.
fn blur_growing(next: &mut State, head: &State) {
    let (Some(next), Some(head)) = (next, head) else { return };
    for (new, old) in next.iter_mut().zip(head) {
        if new == old {
            continue;
        }
        if let Held::Set(abs) | Held::Perhaps(abs) = new {
            *abs = abs.blurred();
        }
    }
}
