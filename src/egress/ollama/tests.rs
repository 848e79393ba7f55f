use super::*;

fn read(body: &str) -> Result<ChatReply, &'static str> {
    ChatReply::read(&HttpReply { status: 200, retry_after: None, body: body.into() })
}

#[test]
fn an_answer_is_whole_or_none() {
    let whole = r#"{"message": {"content": "yes"}, "done": true, "done_reason": "stop", "eval_count": 9}"#;
    let reply = read(whole).unwrap();
    assert_eq!((reply.answer(10), reply.done), (Ok("yes"), true));
    assert!(reply.answer(9).unwrap_err().contains("cut off"));
    let cut = read(&whole.replace("stop", "length")).unwrap();
    assert!(cut.answer(10).unwrap_err().contains("cut off"));
    assert_eq!(read(&whole.replace("yes", " ")).unwrap().answer(10), Err("it is empty"));
    assert_eq!(read(r#"{"message": {}}"#).unwrap().answer(10), Err("it is empty"));
    for body in ["", "[]", "{}", r#"{"message": "yes"}"#] {
        assert!(read(body).unwrap_err().contains("not a chat reply"), "{body}");
    }
}

#[test]
fn an_address_has_one_slash() {
    for url in ["http://127.0.0.1:11434", "http://127.0.0.1:11434/"] {
        assert_eq!(at(url, "/api/chat"), "http://127.0.0.1:11434/api/chat");
    }
}
