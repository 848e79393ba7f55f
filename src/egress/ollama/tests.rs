use super::*;

fn read(body: &str) -> Result<ChatReply, ChatFailure> {
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
        assert!(read(body).unwrap_err().to_string().contains("not a chat reply"), "{body}");
    }
}

#[test]
fn an_address_has_one_slash() {
    for url in ["http://127.0.0.1:11434", "http://127.0.0.1:11434/"] {
        assert_eq!(at(url, "/api/chat"), "http://127.0.0.1:11434/api/chat");
    }
}

/// A reply in pieces as Ollama streams it, with letters of several bytes.
const STREAM: &str = concat!(
    r#"{"message": {"role": "assistant", "content": "Grün"}, "done": false}"#,
    "\n",
    r#"{"message": {"role": "assistant", "content": "kohl \ud83e"}, "done": false}"#,
    "\n",
);

#[test]
fn a_reply_in_pieces_is_the_reply_in_one() {
    let pieces =
        ["Grün", "kohl ", "\"12\""].map(|word| format!("{{\"message\": {{\"content\": {word:?}}}}}\n"));
    let end = r#"{"message": {"content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 4, "eval_count": 3}"#;
    let reply = read(&format!("{}{end}\n", pieces.concat())).unwrap();
    assert_eq!((reply.answer(10), reply.done), (Ok("Grünkohl \"12\""), true));
    assert_eq!((reply.prompt_eval_count, reply.eval_count), (4, 3));
    assert!(!read(&pieces.concat()).unwrap().done);
    for more in [pieces[0].as_str(), end, "x"] {
        let body = format!("{}{end}\n{more}", pieces.concat());
        assert_eq!(read(&body), Err(ChatFailure::Unreadable), "{more} after the end");
    }
    assert_eq!(read(&format!("{}{{\"mess", pieces.concat())), Err(ChatFailure::Unreadable));
    // Half a character is none.
    assert_eq!(read(STREAM), Err(ChatFailure::Unreadable));
}

#[test]
fn an_error_in_the_middle_is_one() {
    for error in
        [r#"{"error": "CUDA error: out of memory"}"#, r#"{"error": {"code": 500, "message": "memory"}}"#]
    {
        let body = format!("{{\"message\": {{\"content\": \"so far\"}}}}\n{error}\n");
        let failure = read(&body).unwrap_err();
        assert!(matches!(&failure, ChatFailure::Reported(said) if said.contains("memory")), "{failure:?}");
        assert!(!failure.to_string().contains("memory"), "it is quoted");
    }
}

/// What is heard of a stream that is cut behind every `step` bytes.
fn heard(stream: &str, step: usize) -> String {
    let (mut pieces, mut all) = (Pieces::default(), String::new());
    stream.as_bytes().chunks(step).for_each(|part| pieces.take(part, |words| all.push_str(words)));
    all
}

#[test]
fn a_line_may_be_split_anywhere() {
    let line = |word: &str| format!("{{\"message\": {{\"content\": {word:?}}}}}\n");
    let stream = format!("{}\n{}{}", line("Grün"), line("kohl, \"zwölf\\"), line(" Köpfe"));
    for step in 1..=stream.len() {
        assert_eq!(heard(&stream, step), "Grünkohl, \"zwölf\\ Köpfe", "cut every {step} bytes");
    }
    // What is not whole is not heard, and nothing is after what cannot be read.
    assert_eq!(heard(stream.trim_end(), 7), "Grünkohl, \"zwölf\\");
    let both = "{\"message\": {\"content\": \"x\"}, \"error\": \"secret\"}";
    for broken in [both, "{\"error\": \"secret\"}", "{\"message\": ", "[]", "x", "{}"] {
        assert_eq!(heard(&format!("{}{broken}\n{}", line("so far"), line("more")), 5), "so far", "{broken}");
    }
    let end = "{\"message\": {\"content\": \".\"}, \"done\": true}\n";
    assert_eq!(heard(&format!("{}{end}{}", line("all"), line("more")), 5), "all.");
}
