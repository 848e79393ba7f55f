//! Statements: a state machine over blocks that stops at every call.
//!
//! INVARIANT (implicit flows): a branch's condition, a loop's length and every test that may end one are joined
//! into the program counter while they last, and afterwards into every slot that *any* path under them writes.

use super::eval::{Env, Outcome, derived, literal_mark};
use super::fuel::{Fuel, Limits};
use super::{fault, text};
use crate::kernel::id::{CallNo, Site};
use crate::kernel::label::Capacity;
use crate::kernel::plan::PlanError;
use crate::kernel::plan::ast::{
    Block, CallStmt, Callee, ClassBody, ClassDef, Expr, ForStmt, IfStmt, Place, Plan, REPLY, Slot, Span, Stmt,
};
use crate::kernel::value::{AskType, Class, Data, Mark, Node};
use std::sync::Arc;

/// A plan in the middle of running.
#[derive(Debug)]
pub(in crate::kernel) struct Machine {
    plan: Arc<Plan>,
    pub(super) env: Env,
    frames: Vec<Frame>,
    calls: u32,
}

/// A call that the machine wants made before it can go on.
#[derive(Debug)]
pub(in crate::kernel) struct Wanted {
    pub no: CallNo,
    pub what: What,
    pub pc: Mark,
    pub stmt: Arc<CallStmt>,
}

/// What is wanted, with every value worked out.
#[derive(Debug)]
pub(in crate::kernel) enum What {
    Tool { name: Arc<str>, args: Vec<(Arc<str>, Node)> },
    Ask { question: Node, data: Node, ty: AskType },
    Confirm { question: Node },
}

impl What {
    /// The marks of everything that goes into it.
    pub fn mark(&self) -> Mark {
        match self {
            Self::Tool { args, .. } => {
                args.iter().fold(Mark::trusted(), |mark, (_, node)| mark.join(&node.deep()))
            }
            Self::Ask { question, data, ty } => question.deep().join(&data.deep()).join(&ty.mark()),
            Self::Confirm { question } => question.deep(),
        }
    }
}

/// Where the machine stopped.
#[derive(Debug)]
pub(in crate::kernel) enum Stop {
    Call(Wanted),
    Done(Node),
}

#[derive(Debug)]
struct Frame {
    stmts: Block,
    next: usize,
    /// What this frame adds to the program counter.
    pc: Mark,
    kind: FrameKind,
}

#[derive(Debug)]
enum FrameKind {
    Root,
    Branch(Arc<IfStmt>),
    Loop { stmt: Arc<ForStmt>, items: std::vec::IntoIter<Node> },
}

impl Machine {
    pub(in crate::kernel) fn new(plan: Arc<Plan>, limits: Limits) -> Self {
        let env = Env::new(&plan, Fuel::new(limits));
        let root = Frame { stmts: plan.body.clone(), next: 0, pc: Mark::trusted(), kind: FrameKind::Root };
        let mut machine = Self { plan, env, frames: vec![root], calls: 0 };
        machine.env.set(REPLY, Node::new(Data::List(Arc::default()), Mark::trusted()));
        machine
    }

    /// How many calls were wanted so far.
    pub(in crate::kernel) fn calls(&self) -> u32 {
        self.calls
    }

    pub(in crate::kernel) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Runs until a call is wanted or the plan is done.
    pub(in crate::kernel) fn run(&mut self) -> Result<Stop, PlanError> {
        loop {
            let Some(frame) = self.frames.last_mut() else {
                return Ok(Stop::Done(self.reply()?));
            };
            let Some(stmt) = frame.stmts.get(frame.next).cloned() else {
                self.end_of_block()?;
                continue;
            };
            frame.next += 1;
            if let Some(wanted) = self.step(&stmt)? {
                return Ok(Stop::Call(wanted));
            }
        }
    }

    /// Hands in the result of the call that was wanted.
    pub(in crate::kernel) fn hand_in(&mut self, wanted: &Wanted, result: Node) -> Result<(), PlanError> {
        self.env.fuel.weigh(&result, wanted.stmt.span)?;
        self.assign(wanted.stmt.into, result);
        Ok(())
    }

    pub(super) fn pc(&self) -> Mark {
        Mark::join_all(self.frames.iter().map(|f| &f.pc))
    }

    fn assign(&mut self, slot: Slot, node: Node) {
        let pc = self.pc();
        self.env.set(slot, node.joined(&pc));
    }

    fn step(&mut self, stmt: &Stmt) -> Outcome<Option<Wanted>> {
        match stmt {
            Stmt::Let { target, value } => {
                let node = self.env.eval(value)?;
                self.env.fuel.weigh(&node, value.span)?;
                let pc = self.pc();
                self.env.bind(target, node.joined(&pc))?;
            }
            Stmt::Call(call) => return self.want(call).map(Some),
            Stmt::If(branch) => self.branch(branch)?,
            Stmt::For(each) => self.enter_loop(each)?,
            Stmt::Break => self.leave_turn(true)?,
            Stmt::Continue => self.leave_turn(false)?,
            Stmt::Append { place, value, span } => {
                let node = self.env.eval(value)?;
                self.change(place, *span, |data, _, span| match data {
                    Data::List(items) => {
                        Arc::make_mut(items).push(node);
                        Ok(())
                    }
                    other => Err(fault(span, format!("`append` does not work on a {}", other.kind()))),
                })?;
            }
            Stmt::SetItem { place, key, op, value, span } => self.set_item(place, key, *op, value, *span)?,
            Stmt::Class { slot, class } => {
                let node = self.class(class)?;
                self.assign(*slot, node);
            }
            Stmt::Answer { value } => self.say(value)?,
            Stmt::Stop { value } => {
                if let Some(value) = value {
                    self.say(value)?;
                }
                self.stop();
            }
        }
        Ok(None)
    }

    fn branch(&mut self, branch: &Arc<IfStmt>) -> Outcome<()> {
        let cond = self.env.eval(&branch.cond)?;
        let in_loop = self.frames.iter().any(|f| matches!(f.kind, FrameKind::Loop { .. }));
        let pc = if in_loop { cond.mark.as_repeated() } else { cond.mark.as_influence() };
        // Whether a turn or the plan goes on after this depends on the condition, whichever way it went.
        if branch.effects.stops {
            self.raise_root(&pc);
        }
        if branch.effects.leaves_loop {
            self.raise_loop(&pc);
        }
        let stmts = if cond.data.truthy() { branch.then.clone() } else { branch.orelse.clone() };
        self.frames.push(Frame { stmts, next: 0, pc, kind: FrameKind::Branch(branch.clone()) });
        Ok(())
    }

    fn enter_loop(&mut self, each: &Arc<ForStmt>) -> Outcome<()> {
        let iter = self.env.eval(&each.iter)?;
        let items = self.env.items(&iter, each.iter.span)?;
        let pc = iter.mark.as_repeated();
        if each.effects.stops {
            self.raise_root(&pc);
        }
        let kind = FrameKind::Loop { stmt: each.clone(), items: items.into_iter() };
        // An empty first turn: `end_of_block` fetches the first element.
        self.frames.push(Frame { stmts: Arc::from([]), next: 0, pc, kind });
        Ok(())
    }

    fn end_of_block(&mut self) -> Outcome<()> {
        if let Some(Frame { kind: FrameKind::Loop { stmt, items }, stmts, next, .. }) = self.frames.last_mut()
            && let Some(item) = items.next()
        {
            let stmt = stmt.clone();
            (*stmts, *next) = (stmt.body.clone(), 0);
            self.env.fuel.turn(stmt.span)?;
            let pc = self.pc();
            return self.env.bind(&stmt.target, item.joined(&pc));
        }
        if let Some(frame) = self.frames.pop() {
            self.close(&frame);
        }
        Ok(())
    }

    /// Joins a finished branch's or loop's influence into everything that it may have written.
    fn close(&mut self, frame: &Frame) {
        let writes = match &frame.kind {
            FrameKind::Root => return,
            FrameKind::Branch(branch) => &branch.effects.writes,
            FrameKind::Loop { stmt, .. } => &stmt.effects.writes,
        };
        for slot in writes {
            if let Some(Some(node)) = self.env.slots.get_mut(slot.0 as usize) {
                node.mark = node.mark.join(&frame.pc);
            }
        }
    }

    fn leave_turn(&mut self, for_good: bool) -> Outcome<()> {
        while let Some(frame) = self.frames.last_mut() {
            if let FrameKind::Loop { items, .. } = &mut frame.kind {
                frame.next = frame.stmts.len();
                if for_good {
                    *items = Vec::new().into_iter();
                }
                return Ok(());
            }
            if let Some(frame) = self.frames.pop() {
                self.close(&frame);
            }
        }
        Ok(())
    }

    fn stop(&mut self) {
        while let Some(frame) = self.frames.pop() {
            self.close(&frame);
        }
    }

    fn raise_root(&mut self, pc: &Mark) {
        let all = self.pc().join(pc);
        if let Some(root) = self.frames.first_mut() {
            root.pc = root.pc.join(&all);
        }
    }

    fn raise_loop(&mut self, pc: &Mark) {
        let inner = self.frames.iter().rposition(|f| matches!(f.kind, FrameKind::Loop { .. }));
        let Some(frame) = inner.and_then(|i| self.frames.get_mut(i)) else { return };
        frame.pc = frame.pc.join(pc);
        // A turn that is left early never comes to a `stop` further down: whether the plan goes on hangs on it too.
        if matches!(&frame.kind, FrameKind::Loop { stmt, .. } if stmt.effects.stops) {
            self.raise_root(pc);
        }
    }

    fn want(&mut self, call: &Arc<CallStmt>) -> Outcome<Wanted> {
        self.env.fuel.call(call.span)?;
        let what = match &call.callee {
            Callee::Tool { name, args } => {
                let args = args.iter().map(|(name, e, _)| Ok((name.clone(), self.env.eval(e)?)));
                What::Tool { name: name.clone(), args: args.collect::<Outcome<_>>()? }
            }
            Callee::Ask { question, data, ty } => {
                let question_node = self.env.eval(question)?;
                let data = match data {
                    Some(data) => self.env.eval(data)?,
                    None => Node::new(Data::None, literal_mark()),
                };
                must_be_trusted(&question_node, question.span)?;
                What::Ask { question: question_node, data, ty: self.env.ask_type(ty)? }
            }
            Callee::Confirm { question } => What::Confirm { question: self.env.eval(question)? },
        };
        self.calls += 1;
        Ok(Wanted { no: CallNo(self.calls), what, pc: self.pc(), stmt: call.clone() })
    }

    fn say(&mut self, value: &Expr) -> Outcome<()> {
        let node = self.env.eval(value)?;
        let place = Place { root: REPLY, path: Vec::new(), span: value.span };
        self.change(&place, value.span, |data, _, _| {
            if let Data::List(items) = data {
                Arc::make_mut(items).push(node);
            }
            Ok(())
        })
    }

    /// The reply: what was said, one answer a line.
    fn reply(&mut self) -> Outcome<Node> {
        let said = self.env.get(REPLY, Span::default())?;
        let mark = said.deep();
        let lines: Vec<String> = match &said.data {
            Data::List(items) => items.iter().map(|i| text::plain(&i.data)).collect(),
            _ => Vec::new(),
        };
        Ok(derived(Data::str(lines.join("\n")), &mark))
    }

    fn class(&mut self, class: &ClassDef) -> Outcome<Node> {
        let (class, mark) = match &class.body {
            ClassBody::Record(fields) => {
                let mut typed = Vec::new();
                let mut mark = literal_mark();
                for (name, ty) in fields {
                    let ty = self.env.ask_type(ty)?;
                    mark = mark.join(&ty.mark());
                    typed.push((name.clone(), ty));
                }
                (Class::Record { name: class.name.clone(), fields: typed }, mark)
            }
            ClassBody::Enum(members) => {
                let members = members.iter().map(|(name, l)| (name.clone(), super::eval::literal_data(l)));
                (Class::Enum { members: members.collect() }, literal_mark())
            }
        };
        Ok(Node::new(Data::Class(Arc::new(class)), mark))
    }
}

/// Untrusted text in a question would steer the worker that is asked about untrusted text. A choice among
/// questions that the plan wrote is fine.
fn must_be_trusted(question: &Node, span: Span) -> Outcome<()> {
    if !matches!(question.data, Data::Str(_)) {
        return Err(fault(span, format!("a question is text, not a {}", question.data.kind())));
    }
    let label = question.mark.label();
    if label.is_trusted() || label.capacity() <= Capacity::Choice {
        return Ok(());
    }
    Err(fault(span, "the question holds untrusted text")
        .hint("ask a fixed question and put the text into `data=`"))
}

impl Wanted {
    pub(in crate::kernel) fn site(&self) -> Site {
        self.stmt.site
    }
}

#[cfg(test)]
mod tests;
