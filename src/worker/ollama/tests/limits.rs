//! What is too long, too large, too slow, cut off or somewhere else.

use super::*;

fn failure(replies: Vec<(u16, Json)>) -> WorkerFailure {
    FakeOllama::replying(replies).worker().answer(&ask(AnswerType::Float)).unwrap_err()
}

/// A good answer but for some fields.
fn but(fields: Json) -> (u16, Json) {
    let (status, mut body) = enough(json!(1.0));
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    (status, body)
}

#[test]
fn a_cut_off_answer_is_not_used() {
    for fields in [
        json!({"done_reason": "length"}),
        json!({"eval_count": 2_048}),
        json!({"prompt_eval_count": 31_000, "eval_count": 1_768}),
    ] {
        let failure = failure(vec![but(fields.clone()), but(fields)]);
        assert!(failure.to_string().contains("cut off"), "{failure}");
    }
    let failure = failure(vec![but(json!({"done": false})), but(json!({"done": false}))]);
    assert!(failure.to_string().contains("before its end"), "{failure}");
}

#[test]
fn a_cut_prompt_is_noticed() {
    // Ollama before 0.12.6 cuts without a word, to exactly the context.
    for read in [32_768, 32_740, 100_000] {
        let failure = failure(vec![but(json!({"prompt_eval_count": read}))]);
        assert!(matches!(&failure, WorkerFailure::TooLong(why) if why.contains("cut")), "{failure}");
    }
    // A model whose own context is smaller than ours reads less than there are marks.
    let fake = FakeOllama::replying(vec![enough(json!(1.0))]);
    let long = Ask { data: "word ".repeat(1_000), ..ask(AnswerType::Float) };
    let failure = fake.worker().answer(&long).unwrap_err();
    assert!(matches!(&failure, WorkerFailure::TooLong(why) if why.contains("400 tokens")), "{failure}");
    // One that does not count is not believed.
    let silent = || but(json!({"prompt_eval_count": 0}));
    let failure = super::limits::failure(vec![silent(), silent()]);
    assert!(matches!(&failure, WorkerFailure::BadAnswer(why) if why.contains("was read")), "{failure}");
}

#[test]
fn a_prompt_that_the_server_refuses_is_too_long() {
    let newer = r#"{"error":{"code":400,"message":"request (9 tokens) exceeds the available context size (5 tokens)"}}"#;
    for said in ["the input length exceeds the context length", newer] {
        let failure = failure(vec![(400, json!({"error": said}))]);
        assert!(matches!(failure, WorkerFailure::TooLong(_)), "{failure}");
    }
    let other = failure(vec![(400, json!({"error": "secret words"}))]);
    assert!(matches!(&other, WorkerFailure::Unavailable(why) if why.contains("400")), "{other}");
    assert!(!other.to_string().contains("secret"));
}

#[test]
fn what_does_not_fit_is_not_sent() {
    let mut config = OllamaConfig::new("http://127.0.0.1:1", "m");
    config.context = 4_096;
    let long = Ask { data: "word ".repeat(8_000), ..ask(AnswerType::Float) };
    let failure = Ollama::new(config).unwrap().answer(&long).unwrap_err();
    assert!(matches!(failure, WorkerFailure::TooLong(_)), "{failure}");
    let huge = Ask { data: "word ".repeat(25_000), ..ask(AnswerType::Float) };
    let failure =
        Ollama::new(OllamaConfig::new("http://127.0.0.1:1", "m")).unwrap().answer(&huge).unwrap_err();
    assert!(matches!(&failure, WorkerFailure::TooLong(why) if why.contains("100000")), "{failure}");
}

#[test]
fn marks_count_as_the_tokens_that_they_are() {
    // A mark is four tokens for a real model (measured with Qwen2.5's vocabulary), not the one of its five characters.
    let marks = |words: usize| {
        let fake = FakeOllama::replying(vec![but(json!({"prompt_eval_count": 30_000}))]);
        let long = Ask { data: "word ".repeat(words), ..ask(AnswerType::Float) };
        drop(fake.worker().answer(&long).unwrap());
        let sent = fake.seen().remove(0);
        sent["messages"][1]["content"].as_str().unwrap().matches('^').count() / 2
    };
    assert!(marks(4_000) > 4_000);
    assert!(marks(8_000) < 10, "8,000 marked words are about 48,000 tokens");
}

#[test]
fn a_reply_that_is_too_large_is_refused() {
    let huge = || enough(json!("x".repeat(MAX_REPLY)));
    let fake = FakeOllama::replying(vec![huge(), huge()]);
    let failure = fake.worker().answer(&ask(AnswerType::Text)).unwrap_err();
    assert!(matches!(&failure, WorkerFailure::BadAnswer(why) if why.contains("larger")), "{failure}");
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let place = elsewhere.local_addr().unwrap();
    let head = format!(
        "HTTP/1.1 307 X\r\nlocation: http://{place}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let fake = FakeOllama::sending(vec![head.into_bytes()]);
    let failure = fake.worker().answer(&ask(AnswerType::Float)).unwrap_err();
    assert!(matches!(&failure, WorkerFailure::Unavailable(why) if why.contains("not followed")), "{failure}");
    assert!(elsewhere.accept().is_err(), "somebody went there");
}

#[test]
fn a_connection_that_breaks_leaves_the_run_waiting() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"message\": {\"con".to_vec();
    let fake = FakeOllama::sending(vec![half]);
    let failure = fake.worker().answer(&ask(AnswerType::Float)).unwrap_err();
    assert!(matches!(failure, WorkerFailure::Unavailable(_)), "{failure}");
    let fake = FakeOllama::sending(vec![Vec::new()]);
    let failure = fake.worker().answer(&ask(AnswerType::Float)).unwrap_err();
    assert!(matches!(failure, WorkerFailure::Unavailable(_)), "{failure}");
}

#[test]
fn a_silent_server_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = OllamaConfig::new(format!("http://{}", listener.local_addr().unwrap()), "m");
    config.timeout = Duration::from_millis(80);
    let failure = Ollama::new(config).unwrap().answer(&ask(AnswerType::Float)).unwrap_err();
    assert_eq!(failure, WorkerFailure::TimedOut(0));
}
