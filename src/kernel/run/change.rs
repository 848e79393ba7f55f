//! Changing a container of the plan in place.

use super::access::{item_of, position};
use super::eval::{Outcome, dict_key};
use super::machine::Machine;
use super::{arith, fault};
use crate::kernel::plan::ast::{BinOp, Expr, Place, Span};
use crate::kernel::value::{Data, Mark, Node};
use std::sync::Arc;

impl Machine {
    pub(super) fn set_item(
        &mut self,
        place: &Place,
        key: &Expr,
        op: Option<BinOp>,
        value: &Expr,
        span: Span,
    ) -> Outcome<()> {
        let value_node = self.env.eval(value)?;
        let key_node = self.env.eval(key)?;
        let fuel = self.env.fuel.clone();
        self.change(place, span, |data, mark, span| {
            let container = Node::new(data.clone(), mark.clone());
            let new = match op {
                None => value_node,
                Some(op) => {
                    arith::binary(op, &item_of(&container, &key_node, span)?, &value_node, span, &fuel)?
                }
            };
            // Which entry was written says something about the key.
            *mark = mark.join(&key_node.deep());
            match data {
                Data::Dict(entries) => {
                    Arc::make_mut(entries).insert(dict_key(&key_node, span)?, new);
                }
                Data::List(items) => {
                    let at = match key_node.data {
                        Data::Int(i) => position(i, items.len()),
                        _ => None,
                    };
                    let slot = at.and_then(|i| Arc::make_mut(items).get_mut(i));
                    *slot.ok_or_else(|| fault(span, "the index is out of range"))? = new;
                }
                other => return Err(fault(span, format!("cannot set an item of a {}", other.kind()))),
            }
            Ok(())
        })
    }

    /// Changes a container in place, under the program counter and under every key on the way to it.
    pub(super) fn change(
        &mut self,
        place: &Place,
        span: Span,
        change: impl FnOnce(&mut Data, &mut Mark, Span) -> Outcome<()>,
    ) -> Outcome<()> {
        let pc = self.pc();
        let keys: Vec<(Node, Span)> =
            place.path.iter().map(|e| Ok((self.env.eval(e)?, e.span))).collect::<Outcome<_>>()?;
        let mut root = self.env.get(place.root, place.span)?;
        let mut at = &mut root;
        at.mark = at.mark.join(&pc);
        for (key, span) in &keys {
            at.mark = at.mark.join(&key.deep());
            at = descend(at, key, *span)?;
            at.mark = at.mark.join(&pc);
        }
        change(&mut at.data, &mut at.mark, span)?;
        self.env.fuel.weigh(&root, span)?;
        self.env.set(place.root, root);
        Ok(())
    }
}

fn descend<'n>(at: &'n mut Node, key: &Node, span: Span) -> Outcome<&'n mut Node> {
    let missing = || fault(span, "there is nothing at this key to change").hint("set it first");
    match &mut at.data {
        Data::Dict(entries) => Arc::make_mut(entries).get_mut(&dict_key(key, span)?).ok_or_else(missing),
        Data::List(items) => match key.data {
            Data::Int(i) => {
                let at = position(i, items.len()).ok_or_else(missing)?;
                Arc::make_mut(items).get_mut(at).ok_or_else(missing)
            }
            _ => Err(missing()),
        },
        other => Err(fault(span, format!("cannot change a {} in place", other.kind()))),
    }
}
