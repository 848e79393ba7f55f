use super::*;
use serde_json::json;

fn reply(status: u16, body: &Json) -> HttpReply {
    HttpReply { status, retry_after: None, body: body.to_string().into_bytes() }
}

fn message(stop: &str, content: Json) -> Json {
    json!({"type": "message", "content": content, "stop_reason": stop,
           "usage": {"input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": null}})
}

fn call(input: Json) -> Json {
    json!({"type": "tool_use", "id": "t", "name": "submit_plan", "input": input})
}

fn good() -> Json {
    call(json!({"plan": "answer(\"a\")", "assessment": {"risk": 1, "reason": "r"}}))
}

#[test]
fn thoughts_and_words_around_the_call_are_passed_over() {
    let content = json!([{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "y"}, good()]);
    let (read, used) = read(&reply(200, &message("tool_use", content)), "claude-sonnet-5-5");
    assert_eq!(read.unwrap().plan, "answer(\"a\")");
    let used = used.unwrap();
    assert_eq!((used.input_tokens, used.cache_read_tokens), (10, 0));
    assert_eq!(used.cost_micro_dollars, Some(220));
}

#[test]
fn what_is_no_submission_is_malformed_and_counts_its_tokens() {
    for content in [
        json!([]),
        json!([{"type": "text", "text": "no"}]),
        json!([good(), good()]),
        json!([call(json!({}))]),
    ] {
        let (read, used) = read(&reply(200, &message("end_turn", content)), "m");
        assert!(matches!(read, Err(Unread::Missed(Miss::Again { after: None, .. }))), "{read:?}");
        assert_eq!(used.unwrap().output_tokens, 20);
    }
}

#[test]
fn a_plan_in_a_cut_or_refused_answer_is_not_taken() {
    let (cut, _) = read(&reply(200, &message("max_tokens", json!([good()]))), "m");
    assert_eq!(cut, Err(Unread::Truncated));
    let (refused, _) = read(&reply(200, &message("refusal", json!([good()]))), "m");
    assert!(matches!(refused, Err(Unread::Missed(Miss::Refused(_)))), "{refused:?}");
}

#[test]
fn statuses_say_what_to_do_and_quote_nothing() {
    let body = json!({"type": "error", "error": {"type": "x", "message": "CANARY"}});
    let expected = [
        (302, false, "SENTINEL_CLAUDE_URL"),
        (400, false, "SENTINEL_CLAUDE_MODEL"),
        (401, false, "SENTINEL_CLAUDE_API_KEY_FILE"),
        (402, false, "billed"),
        (403, false, "SENTINEL_CLAUDE_MODEL"),
        (404, false, "SENTINEL_CLAUDE_URL"),
        (413, false, "ask for less"),
        (429, true, "raise the limit"),
        (500, true, "fault of its own"),
        (529, true, "overloaded"),
    ];
    for (status, again, hint) in expected {
        let (why, retried) = match read(&reply(status, &body), "m").0.unwrap_err() {
            Unread::Missed(Miss::Again { why, .. }) => (why, true),
            Unread::Missed(Miss::Final(why) | Miss::Refused(why)) => (why, false),
            Unread::Missed(Miss::KeyRefused(why)) => {
                assert!([401, 403].contains(&status), "{status}");
                (why, false)
            }
            Unread::Truncated => panic!("{status} is not cut"),
        };
        assert_eq!(retried, again, "{status}");
        assert!(why.contains(hint) && !why.contains("CANARY"), "{status}: {why}");
    }
}

#[test]
fn missing_credit_is_told_from_other_bad_requests() {
    let body = json!({"error": {"message": "Your credit balance is too low"}});
    let Unread::Missed(Miss::Final(why)) = read(&reply(400, &body), "m").0.unwrap_err() else {
        panic!("is final")
    };
    assert!(why.contains("no credit"), "{why}");
}
