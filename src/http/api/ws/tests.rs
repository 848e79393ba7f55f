use super::message::{Auth, Said, Subscribe, from_client, problem};
use crate::http::Problem;
use serde_json::json;
use std::time::Duration;

#[test]
fn messages_are_read_strictly() {
    assert!(matches!(from_client(r#"{"type":"auth"}"#), Ok(Said::Auth(Auth { pin: None, .. }))));
    assert!(matches!(
        from_client(r#"{"type":"subscribe","task_id":"t","after":7}"#),
        Ok(Said::Subscribe(Subscribe { task_id: Some(_), after: 7, .. }))
    ));
    for unfit in [
        "",
        "[]",
        "null",
        r#"{"type":"auth","pin":5}"#,
        r#"{"type":"dance"}"#,
        r#"{"type":"cancel"}"#,
        r#"{"type":"approval","approval_id":"a","granted":"yes"}"#,
        r#"{"type":"task","request":"x","sudo":true}"#,
        "{\"type\":\"task\",\"request\":\"a\\u0000b\"}",
        r#"{"type":"task","request":"\ud800"}"#,
    ] {
        assert_eq!(from_client(unfit).unwrap_err().status(), 400, "{unfit}");
    }
}

#[test]
fn a_secret_is_not_shown() {
    let said = from_client(r#"{"type":"auth","pin":"271828"}"#).unwrap();
    assert!(!format!("{said:?}").contains("271828"));
    let wrong = from_client(r#"{"type":"auth","pin":["271828"]}"#).unwrap_err();
    assert!(!wrong.detail().contains("271828"));
}

#[test]
fn an_error_says_what_it_is_about() {
    let said = from_client(r#"{"type":"cancel","task_id":"t"}"#).unwrap();
    let told = problem(&Problem::not_found("no"), said.echo());
    let right = json!({"type": "error", "status": 404, "kind": "not-found", "detail": "no", "about": "cancel", "task_id": "t"});
    assert_eq!(told, right);
}

#[test]
fn a_field_that_does_not_fit_is_named() {
    for (unfit, says) in [
        (r#"{"type":"subscribe","after":-1}"#, "`after`: expected a whole number, 0 or more"),
        (r#"{"type":"approval","approval_id":"a","granted":"yes"}"#, "`granted`: expected a boolean"),
        (r#"{"type":"cancel"}"#, "the body: missing field `task_id`"),
        (r#"{"type":"cancel","task_id":"a","task_id":"b"}"#, "duplicate field `task_id`"),
        (r#"{"type":"cancel","task_id":"a","sudo":1}"#, "unknown field `sudo`"),
        (r#"{"task_id":"a"}"#, "missing field `type`"),
        (r#"{"type":"dance"}"#, "`type`: "),
    ] {
        let refused = from_client(unfit).unwrap_err();
        assert!(refused.detail().contains(says), "{unfit}: {}", refused.detail());
    }
}

#[test]
fn an_error_that_passes_says_when_to_come_again() {
    let told = problem(&Problem::too_many("rate", "too many", Duration::from_millis(1_500)), None);
    assert_eq!((&told["status"], &told["retry_after"]), (&json!(429), &json!(2)));
    assert!(problem(&Problem::not_found("no"), None).get("retry_after").is_none());
}
