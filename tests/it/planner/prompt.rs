//! What a planner is told, and that its examples are what they are said to be.

use super::{catalogue, engine, request};
use sentinel::flow::{self, PreflightFailure};
use sentinel::kernel::plan::graph::Prediction;
use sentinel::planner::prompt;
use sentinel::tool::stub;

#[test]
fn good_examples_check_and_bad_ones_are_refused() {
    let (catalogue, engine) = (catalogue(), engine());
    let check = |text: &str| flow::preflight(text, &request("Do it."), &catalogue, &engine);
    let never = |graph: &sentinel::kernel::plan::FlowGraph| {
        graph.calls.iter().any(|call| call.prediction == Prediction::Never)
    };
    for good in prompt::GOOD {
        let graph = check(good.text).unwrap_or_else(|e| panic!("{}: {e}", good.name));
        assert!(!never(&graph) && good.text.starts_with("# Request: "), "{}", good.name);
    }
    for bad in prompt::BAD {
        let refused = match check(bad.text) {
            Ok(graph) => never(&graph),
            Err(PreflightFailure::Faulty(_)) => true,
            Err(PreflightFailure::Gate(e)) => panic!("{e}"),
        };
        assert!(refused && bad.text.contains("\n# Why: "), "{} is a good plan", bad.name);
    }
}

#[test]
fn the_system_prompt_as_it_was_reviewed() {
    insta::assert_snapshot!(prompt::system(&stub::render(&catalogue())));
}
