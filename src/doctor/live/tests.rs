use super::*;
use crate::doctor::gates::tests::shipped;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{Draft, PlannerFailure, Tried as Earlier};
use crate::scan::Active;
use crate::worker::Scripted;

/// Drafts what the function gives.
struct Says(fn() -> Result<Draft, PlannerFailure>);

impl Planner for Says {
    fn draft(&self, _: &Screened<Request>, _: &Catalogue, _: &[Earlier]) -> Result<Draft, PlannerFailure> {
        (self.0)()
    }
}

fn used() -> Usage {
    let model = "claude".into();
    Usage {
        model,
        input_tokens: 2_100,
        output_tokens: 40,
        cost_micro_dollars: Some(6_900),
        ..Usage::default()
    }
}

#[test]
fn a_planner_tells_its_cost_and_why_it_failed() {
    let ask = |says| planner(Ok(Box::new(Says(says))), &Active::new(), Some(&shipped()));
    let told =
        ask(|| Ok(Draft { usage: Some(used()), ..Draft::written("answer(\"ready\")", false) })).unwrap();
    assert!(told.contains("2100 tokens in") && told.contains("0.0069 US dollars"), "{told}");
    let spent = || Err(PlannerFailure { spent: Some(Box::new(used())), ..PlannerFailure::new("refused") });
    let gap = ask(spent).unwrap_err();
    assert!(gap.found.contains("refused") && gap.found.contains("0.0069"), "{gap:?}");
    assert_eq!(
        planner(Err("no key".to_owned()), &Active::new(), Some(&shipped())).unwrap_err().found,
        "no key"
    );
}

#[test]
fn a_worker_answers_in_type_or_is_found() {
    let scripted = |answer: &str| {
        Scripted::from_json(&format!(r#"[{{"when": "colour", "answer": {answer}}}]"#)).unwrap()
    };
    assert!(worker(&scripted("\"green\"")).unwrap().contains("green"));
    assert!(worker(&scripted("\"blue\"")).is_err());
    assert!(worker(&scripted("null")).unwrap_err().found.contains("no answer"));
    assert!(worker(&Scripted::new(Vec::new())).is_err());
}
