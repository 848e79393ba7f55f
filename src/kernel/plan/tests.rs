//! Tests of the plan language: what parser and checker once got wrong.

use crate::kernel::plan::graph::Prediction;
use crate::kernel::run::Limits;
use crate::kernel::testing::sources::{Said, Side, catalogue};
use crate::kernel::testing::{End, Ran, World};

fn said(n: i64) -> Said {
    Said { n, s: "s".to_owned(), b: n > 0, xs: vec![n], rs: vec![(n, "t".to_owned())] }
}

fn ran(text: &str, stranger: i64) -> Ran {
    let side = Side {
        trusted: said(1),
        untrusted: said(stranger),
        secret: said(3),
        untrusted_secret: said(4),
        worker: 0,
    };
    World { catalogue: catalogue(), limits: Limits::default(), tools: &side, worker: &side }.run(text)
}

/// The labels under which the calls of `emit` were made, and of what they were given.
fn emitted(ran: &Ran) -> Vec<(bool, bool)> {
    let emits = ran.calls.iter().filter(|c| c.name.as_ref() == "emit");
    emits.map(|c| (c.pc.label().is_trusted(), c.args[0].1.deep().label().is_trusted())).collect()
}

#[test]
fn a_comprehensions_list_target_writes_no_variable_of_the_plan() {
    let text = "a = 1\nu = up()\nif u.b:\n    y = [0 for [a, b] in [[2, 3]]]\nemit(v=a)";
    let ran = ran(text, 1);
    assert!(matches!(ran.end, End::Done(..)), "{:?}", ran.end);
    assert_eq!(ran.calls.last().unwrap().args[0].1.to_json(), 1);
}

/// Leaving a turn early keeps the plan from a `stop` further down, so what comes after the loop hangs on it.
#[test]
fn a_break_decides_whether_a_later_stop_is_reached() {
    for word in ["break", "continue"] {
        let text = format!(
            "u = up()\nt = tp()\nfor x in [1, 2]:\n    if u.b:\n        {word}\n    if t.b:\n        stop()\nemit(v=1)"
        );
        assert_eq!(emitted(&ran(&text, 1)), [(false, true)], "{word}");
        assert_eq!(emitted(&ran(&text, 0)), [], "{word}");
        let node = ran(&text, 1).graph.calls.pop().unwrap();
        assert!(!node.pc.label.is_trusted() && node.prediction == Prediction::Allow);
    }
}

/// A `stop` under a stranger's condition raises what every later turn assigns, also where nothing else changes.
#[test]
fn a_stop_in_a_loop_is_foretold_for_the_turns_after_it() {
    let text =
        "u = up()\nx = 1\ni = 1\nfor i in [1, 1, 1]:\n    emit(v=x)\n    x = 1\n    if u.b:\n        stop()";
    let ran = ran(text, 0);
    assert_eq!(emitted(&ran), [(true, true), (false, true), (false, false)]);
    let node = ran.graph.calls.iter().find(|c| c.name.as_ref() == "emit").unwrap();
    assert!(!node.pc.label.is_trusted() && !node.args[0].label.is_trusted());
}

/// A reply is one text: who may choose among its lines can say as much as a text can.
#[test]
fn a_reply_is_foretold_as_text() {
    let ran = ran("u = up()\nif u.b:\n    answer(\"a\")\nelse:\n    answer(\"b\")", 1);
    let End::Done(_, label) = &ran.end else { panic!("{:?}", ran.end) };
    assert!(label.is_within(&ran.graph.reply.as_ref().unwrap().label));
}

/// An item changed by an operator under a branch is as wide as the interpreter makes it.
#[test]
fn an_item_changed_under_a_branch_is_foretold() {
    let ran = ran("u = up()\nd = {\"a\": 1}\nif u.b:\n    d[\"a\"] += 1\nemit(v=d)", 1);
    let arg = ran.calls.last().unwrap().args[0].1.deep();
    assert!(arg.label().is_within(&ran.graph.calls.last().unwrap().args[0].label));
}

/// After a `stop` that a stranger might have reached, everything hangs on its not being reached.
#[test]
fn what_is_set_after_a_possible_stop_carries_its_condition() {
    for set in ["x = 1", "x = tp()", "x = [1]\nx.append(2)"] {
        let ran = ran(&format!("u = up()\nx = [0]\nif u.b:\n    stop()\n{set}\nemit(v=x)"), 0);
        assert_eq!(emitted(&ran), [(false, false)], "{set}");
    }
    let ran = ran("u = up()\nx = [0]\nif u.b:\n    stop()\nx.append(2)\nemit(v=x)", 0);
    assert_eq!(emitted(&ran), [(false, false)]);
}

#[test]
fn the_order_that_a_strangers_key_makes_is_the_strangers() {
    for value in ["sorted([1, 2], key=lambda x: x * u.n)", "max([1, 2], key=lambda x: x * u.n)"] {
        assert_eq!(emitted(&ran(&format!("u = up()\nemit(v={value})"), 1)), [(true, false)], "{value}");
    }
}
