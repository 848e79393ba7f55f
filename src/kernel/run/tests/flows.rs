//! Non-interference and sound predictions, over generated plans.
//!
//! A plan runs twice over inputs that differ only where an observer cannot look. What the observer sees must be
//! the same: for integrity the observer trusts and the strangers' inputs change, for confidentiality the observer
//! is the public and the secrets change. Runs that fail are compared up to there.

use crate::kernel::id::Site;
use crate::kernel::label::{Label, Readers};
use crate::kernel::record::Entry;
use crate::kernel::run::Limits;
use crate::kernel::testing::program;
use crate::kernel::testing::sources::{Said, Side, catalogue};
use crate::kernel::testing::{End, Ran, Seen, World, cases};
use crate::kernel::value::{Data, Node};
use proptest::collection::vec;
use proptest::prelude::*;
use std::cell::Cell;

type Visible = fn(&Label) -> bool;

fn trusted(label: &Label) -> bool {
    label.is_trusted()
}

fn public(label: &Label) -> bool {
    *label.readers() == Readers::Public
}

fn said() -> impl Strategy<Value = Said> {
    let row = (0..5i64, "[ab]{0,2}");
    (0..6i64, "[abc]{0,3}", any::<bool>(), vec(0..6i64, 0..4), vec(row, 0..4))
        .prop_map(|(n, s, b, xs, rs)| Said { n, s, b, xs, rs })
}

fn side() -> impl Strategy<Value = Side> {
    (said(), said(), said(), said(), any::<u8>()).prop_map(
        |(trusted, untrusted, secret, untrusted_secret, worker)| Side {
            trusted,
            untrusted,
            secret,
            untrusted_secret,
            worker,
        },
    )
}

fn tape() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..400)
}

fn ran(text: &str, side: &Side) -> Ran {
    let limits = Limits { calls: 300, ..Limits::default() };
    World { catalogue: catalogue(), limits, tools: side, worker: side }.run(text)
}

/// Whether an observer sees the same in both nodes, which were reached through what has these labels.
fn agree(a: &Node, b: &Node, above: &(Label, Label), sees: Visible) -> Result<(), String> {
    let labels = (above.0.join(a.mark.label()), above.1.join(b.mark.label()));
    match (sees(&labels.0), sees(&labels.1)) {
        (false, false) => return Ok(()),
        (true, true) => {}
        // Whether a value can be seen must not depend on what cannot.
        _ => return Err(format!("seen in one run only: {a:?} and {b:?}")),
    }
    match (&a.data, &b.data) {
        (Data::List(x), Data::List(y)) | (Data::Tuple(x), Data::Tuple(y)) if x.len() == y.len() => {
            x.iter().zip(y.iter()).try_for_each(|(x, y)| agree(x, y, &labels, sees))
        }
        (Data::Dict(x), Data::Dict(y)) if x.keys().eq(y.keys()) => {
            x.values().zip(y.values()).try_for_each(|(x, y)| agree(x, y, &labels, sees))
        }
        (Data::List(_) | Data::Tuple(_) | Data::Dict(_), _) => Err(format!("shapes differ: {a:?} and {b:?}")),
        (x, y) if x.kind() == y.kind() && x.equals(y) => Ok(()),
        _ => Err(format!("values differ: {a:?} and {b:?}")),
    }
}

fn same_calls(a: &Ran, b: &Ran, sees: Visible) -> Result<(), String> {
    let seen =
        |ran: &Ran| -> Vec<Seen> { ran.calls.iter().filter(|c| sees(c.pc.label())).cloned().collect() };
    let (x, y) = (seen(a), seen(b));
    let failed = |ran: &Ran| matches!(ran.end, End::Failed(_));
    if x.len() != y.len() && !failed(a) && !failed(b) {
        return Err(format!("{} visible calls and {}", x.len(), y.len()));
    }
    for (x, y) in x.iter().zip(&y) {
        if (x.site, &x.name, x.args.len()) != (y.site, &y.name, y.args.len()) {
            return Err(format!("other calls: {x:?} and {y:?}"));
        }
        let unit = (Label::trusted(), Label::trusted());
        for ((name, x_arg), (_, y_arg)) in x.args.iter().zip(&y.args) {
            agree(x_arg, y_arg, &unit, sees).map_err(|e| format!("{} of {}: {e}", name, x.name))?;
        }
    }
    Ok(())
}

fn same_reply(a: &Ran, b: &Ran, sees: Visible) -> Result<(), String> {
    let (End::Done(x, x_label), End::Done(y, y_label)) = (&a.end, &b.end) else { return Ok(()) };
    match (sees(x_label), sees(y_label)) {
        (false, false) => Ok(()),
        (true, true) if x == y => Ok(()),
        _ => Err(format!("replies differ: {x:?} ({x_label}) and {y:?} ({y_label})")),
    }
}

fn interferes(text: &str, a: &Side, b: &Side, sees: Visible) -> Result<(), TestCaseError> {
    let (x, y) = (ran(text, a), ran(text, b));
    let faulty = matches!(x.end, End::Faulty(_));
    prop_assert_eq!(faulty, matches!(y.end, End::Faulty(_)));
    let found = same_calls(&x, &y, sees).and_then(|()| same_reply(&x, &y, sees));
    found.map_err(|e| TestCaseError::fail(format!("{e}\nin the plan\n{text}")))
}

/// Whether nothing arrived that the pre-flight did not foretell.
fn foretold(ran: &Ran) -> Result<(), String> {
    let node = |site: Site| ran.graph.calls.iter().find(|c| c.site == site).ok_or(format!("{site} is new"));
    let sites: Vec<Site> = ran.calls.iter().map(|c| c.site).collect();
    for call in &ran.calls {
        let node = node(call.site)?;
        let pc = call.pc.label();
        if !pc.is_within(&node.pc.label) {
            return Err(format!("pc of {}: {pc} is not within {}", call.site, node.pc.label));
        }
        for (name, value) in &call.args {
            let mark = value.deep();
            let flow = node.args.iter().find(|f| f.name == *name).ok_or(format!("{name} is new"))?;
            if !mark.label().is_within(&flow.label) {
                let at = call.site;
                let (have, said) = (format!("{:?}", mark.label()), format!("{:?}", flow.label));
                return Err(format!("{name} of {at}: {have} is not within {said}"));
            }
            let came = mark.through().map(|no| sites[no as usize - 1]);
            if let Some(site) = came.into_iter().find(|site| !flow.from.contains(site)) {
                return Err(format!(
                    "{name} of {}: came through {site}, foretold {:?}",
                    call.site, flow.from
                ));
            }
            if flow.value.as_ref().is_some_and(|fixed| *fixed != value.to_json())
                && call.name.as_ref() != "ask"
            {
                return Err(format!("{name} of {}: is not the fixed value {:?}", call.site, flow.value));
            }
        }
    }
    for entry in &ran.entries {
        if let Entry::CallReturned { call, label, .. } = entry {
            let node = node(sites[call.0 as usize - 1])?;
            if !label.is_within(&node.output) {
                return Err(format!("output of {}: {label:?} is not within {:?}", node.site, node.output));
            }
        }
    }
    if let End::Done(_, label) = &ran.end {
        let reply = ran.graph.reply.as_ref().ok_or("no reply was foretold")?;
        if !label.is_within(&reply.label) {
            return Err(format!("reply: {label:?} is not within {:?}", reply.label));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn strangers_cannot_change_what_is_trusted(tape in tape(), a in side(), other in side()) {
        let text = program::plan(&tape);
        let b = Side { trusted: a.trusted.clone(), secret: a.secret.clone(), ..other };
        interferes(&text, &a, &b, trusted)?;
    }

    #[test]
    fn secrets_cannot_change_what_is_public(tape in tape(), a in side(), other in side()) {
        let text = program::plan(&tape);
        let b = Side {
            trusted: a.trusted.clone(), untrusted: a.untrusted.clone(), worker: a.worker, ..other
        };
        interferes(&text, &a, &b, public)?;
    }

    #[test]
    fn nothing_arrives_that_was_not_foretold(tape in tape(), side in side()) {
        let text = program::plan(&tape);
        let ran = ran(&text, &side);
        foretold(&ran).map_err(|e| TestCaseError::fail(format!("{e}\nin the plan\n{text}")))?;
    }
}

/// The properties above say nothing of plans that have faults or fail: most must check and come to their end.
#[test]
fn most_generated_plans_run_to_their_end() {
    let (all, faulty, failed) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let visible = Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 200, ..cases(200) });
    let first = Cell::new(None);
    runner
        .run(&(tape(), side()), |(tape, side)| {
            all.set(all.get() + 1);
            let text = program::plan(&tape);
            let ran = ran(&text, &side);
            visible.set(visible.get() + ran.calls.iter().filter(|c| trusted(c.pc.label())).count());
            match ran.end {
                End::Faulty(errors) => {
                    faulty.set(faulty.get() + 1);
                    first.set(Some(format!("{errors}\n{text}")));
                }
                End::Failed(why) => {
                    failed.set(failed.get() + 1);
                    first.set(Some(format!("{why}\n{text}")));
                }
                End::Done(..) => {}
            }
            Ok(())
        })
        .unwrap();
    let figures = format!("{} plans, {} faulty, {} failed", all.get(), faulty.get(), failed.get());
    eprintln!("{figures}, {} visible calls", visible.get());
    assert!((faulty.get() + failed.get()) * 4 < all.get(), "{figures}, such as\n{}", first.take().unwrap());
    assert!(visible.get() > 10 * all.get(), "the observer sees too little: {} calls", visible.get());
}
