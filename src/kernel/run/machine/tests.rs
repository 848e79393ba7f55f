use super::*;
use crate::kernel::label::{Label, Source};
use crate::kernel::plan::parse;

/// Asks the worker what `read` gave, under this label.
fn asks_what_was_read(label: Label) -> Outcome<Stop> {
    let text = "text = read()\nanswer(ask(text, data=\"x\", type=bool))\n";
    let mut machine = Machine::new(Arc::new(parse(text).unwrap()), Limits::default());
    let Stop::Call(wanted) = machine.run().unwrap() else { panic!("`read` is called first") };
    machine.hand_in(&wanted, Node::new(Data::str("Is it red?"), Mark::of(label))).unwrap();
    machine.run()
}

/// The checker refuses such a plan before it runs; the interpreter does not rely on it.
#[test]
fn a_question_from_a_stranger_is_not_put_to_the_worker() {
    let source = Source::Tool(Arc::from("read"));
    assert!(matches!(asks_what_was_read(Label::trusted_from(source.clone())), Ok(Stop::Call(_))));
    let fault = asks_what_was_read(Label::untrusted_from(source, Capacity::Text)).unwrap_err();
    assert!(fault.message.contains("untrusted text"), "{fault}");
}
