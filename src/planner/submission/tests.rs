use super::*;

fn whole() -> Json {
    json!({"plan": "answer(\"a\")", "assessment": {"risk": 100, "reason": "a\u{7}b"}})
}

fn with(path: &str, value: Json) -> Json {
    let mut json = whole();
    *json.pointer_mut(path).unwrap() = value;
    json
}

#[test]
fn a_whole_submission_is_read() {
    let read = read(&whole()).unwrap();
    assert_eq!(read.plan, "answer(\"a\")");
    assert_eq!(read.assessment, Assessment { risk: 100, reason: "a b".to_owned() });
}

#[test]
fn what_is_out_of_form_is_named_and_not_quoted() {
    let cases = [
        (json!("CANARY"), "there is no plan in it"),
        (with("/plan", json!(["CANARY"])), "there is no plan in it"),
        (with("/plan", json!(" \n")), "the plan is empty"),
        (with("/plan", json!("x".repeat(MAX_PLAN + 1))), "the plan is too long"),
        (json!({"plan": "CANARY"}), "the risk assessment is missing"),
        (with("/assessment/risk", json!(101)), "the risk is not a whole number from 0 to 100"),
        (with("/assessment/risk", json!(-1)), "the risk is not a whole number from 0 to 100"),
        (with("/assessment/risk", json!(0.5)), "the risk is not a whole number from 0 to 100"),
        (with("/assessment/reason", json!(null)), "the risk has no reason"),
    ];
    for (json, fault) in cases {
        assert_eq!(read(&json), Err(fault));
    }
}

#[test]
fn a_long_reason_is_cut() {
    let read = read(&with("/assessment/reason", json!("ü".repeat(MAX_REASON + 9)))).unwrap();
    assert_eq!(read.assessment.reason.chars().count(), MAX_REASON);
}
