//! A model behind Ollama: the same form, no costs.

use super::{PLAN, catalogue, screened};
use crate::fake_claude::{Act, FakeClaude, submission};
use sentinel::kernel::port::{Draft, Planner, PlannerFailure};
use sentinel::planner::{OllamaPlanner, OllamaPlannerConfig};
use sentinel::tool::stub;
use serde_json::{Value as Json, json};

/// One draft from an Ollama server that gives these contents in turn.
fn local(contents: &[(&str, u64)]) -> (Result<Draft, PlannerFailure>, Vec<Json>) {
    let acts = contents.iter().map(|(content, tokens)| {
        let reply = json!({"message": {"role": "assistant", "content": content}, "done": true,
                           "done_reason": "stop", "prompt_eval_count": 9, "eval_count": tokens});
        Act::Raw(reply.to_string())
    });
    let fake = FakeClaude::playing(acts);
    let planner = OllamaPlanner::new(OllamaPlannerConfig::new(&fake.url, "qwen3:14b"), stub::render).unwrap();
    (planner.draft(&screened("Say hello."), &catalogue(), &[]), fake.seen())
}

#[test]
fn a_local_model_drafts_in_the_same_form_and_costs_nothing() {
    let (draft, seen) = local(&[("", 1), (&submission(PLAN).to_string(), 5)]);
    let draft = draft.unwrap();
    assert_eq!(draft.text, PLAN);
    let usage = draft.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.cost_micro_dollars), (18, 6, Some(0)));
    assert_eq!(seen.len(), 2, "an empty answer is tried once more");
}

#[test]
fn a_local_models_unusable_answers_are_named() {
    for (content, tokens, fault) in [
        ("", 1, "it is empty"),
        ("CANARY", 1, "not the JSON"),
        ("{}", 1, "no plan in it"),
        ("{}", 4_096, "cut off"),
    ] {
        let (draft, seen) = local(&[(content, tokens), (content, tokens), (content, tokens)]);
        let told = draft.unwrap_err().to_string();
        assert!(told.contains(fault) && told.contains("asked 2 times") && !told.contains("CANARY"), "{told}");
        assert_eq!(seen.len(), 2);
    }
}
