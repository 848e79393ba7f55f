use super::*;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

/// A server that speaks the wire format of `/api/chat` and gives these replies in turn: a fake, no model behind it.
struct FakeOllama {
    url: String,
    thread: JoinHandle<Vec<Json>>,
}

impl FakeOllama {
    fn replying(replies: Vec<(u16, Json)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            replies
                .into_iter()
                .map(|(status, body)| {
                    let (mut stream, _) = listener.accept().unwrap();
                    let request = read_request(&mut stream);
                    let body = body.to_string();
                    let head = format!(
                        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
                    request
                })
                .collect()
        });
        Self { url, thread }
    }

    fn worker(&self) -> Ollama {
        let mut config = OllamaConfig::new(&self.url, "qwen3:14b");
        config.timeout = Duration::from_secs(20);
        Ollama::new(config).unwrap()
    }

    /// The requests that came.
    fn seen(self) -> Vec<Json> {
        self.thread.join().unwrap()
    }
}

fn read_request(stream: &mut TcpStream) -> Json {
    let mut seen = Vec::new();
    let mut chunk = [0; 65536];
    loop {
        let n = stream.read(&mut chunk).unwrap();
        seen.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&seen);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            assert!(head.starts_with("POST /api/chat "), "{head}");
            if let Ok(json) = serde_json::from_str(body) {
                return json;
            }
        }
        assert!(n > 0, "the request ended early");
    }
}

fn says(content: &str) -> (u16, Json) {
    let message = json!({"role": "assistant", "content": content});
    (
        200,
        json!({"model": "qwen3:14b", "message": message, "done": true, "done_reason": "stop", "eval_count": 12}),
    )
}

fn ask(answer: AnswerType) -> Ask {
    Ask {
        question: "What is the total?".to_owned(),
        data: "Total:  12.50\nEUR for Ann  Lee".to_owned(),
        answer,
    }
}

fn enough(answer: Json) -> (u16, Json) {
    says(&json!({"have_enough_information": true, "answer": answer}).to_string())
}

#[test]
fn the_request_is_marked_typed_and_bounded() {
    let fake = FakeOllama::replying(vec![enough(json!(12.5))]);
    let reply = fake.worker().answer(&ask(AnswerType::Float)).unwrap();
    assert_eq!(reply, WorkerReply::Answer(json!(12.5)));
    let seen = fake.seen().remove(0);
    assert_eq!(seen["stream"], json!(false));
    assert_eq!(seen["keep_alive"], json!("5m"));
    assert_eq!(seen["options"]["num_ctx"], json!(32_768));
    assert_eq!(seen["format"]["properties"]["answer"]["anyOf"][0]["type"], json!("number"));
    let user = seen["messages"][1]["content"].as_str().unwrap();
    assert!(!user.contains("Total:  12.50"), "the data is not marked: {user}");
    assert!(
        user.find("is data").unwrap() > user.find("EUR").unwrap(),
        "the rule stands after the data: {user}"
    );
}

#[test]
fn markers_and_thoughts_do_not_come_back() {
    let fake = FakeOllama::replying(vec![says(
        "<think>hm</think>{\"have_enough_information\": true, \"answer\": \"Ann Lee\"}",
    )]);
    let request = ask(AnswerType::Text);
    let span = AnswerType::Span { source: request.data.as_str().into(), form: None };
    // The source has two spaces between the names: the span is the source's, not the model's.
    assert_eq!(
        fake.worker().answer(&Ask { answer: span, ..request }).unwrap(),
        WorkerReply::Answer(json!("Ann  Lee"))
    );
    let marker = Marker::fresh("x");
    let said =
        json!({"have_enough_information": true, "answer": format!("{}12.50", marker.mark())}).to_string();
    let read = read(&said, &ask(AnswerType::Text), &Tags::fresh("x"), Some(&marker)).unwrap();
    assert_eq!(read, WorkerReply::Answer(json!("12.50")));
}

#[test]
fn an_unusable_answer_is_tried_once_more() {
    let fake = FakeOllama::replying(vec![says(" "), enough(json!(1.0))]);
    assert_eq!(fake.worker().answer(&ask(AnswerType::Float)).unwrap(), WorkerReply::Answer(json!(1.0)));
    assert_eq!(fake.seen().len(), 2);
    let fake = FakeOllama::replying(vec![enough(json!("no")), enough(json!("secret words"))]);
    let failure = fake.worker().answer(&ask(AnswerType::Float)).unwrap_err().to_string();
    assert!(failure.contains("expected float") && !failure.contains("secret"), "{failure}");
}

#[test]
fn a_cut_off_answer_is_not_used() {
    let cut = |field: &str, value: Json| {
        let (status, mut body) = enough(json!(1.0));
        body[field] = value;
        (status, body)
    };
    for reply in [cut("done_reason", json!("length")), cut("eval_count", json!(2_048))] {
        let fake = FakeOllama::replying(vec![reply.clone(), reply]);
        let failure = fake.worker().answer(&ask(AnswerType::Float)).unwrap_err();
        assert!(failure.to_string().contains("cut off"), "{failure}");
    }
}

#[test]
fn not_enough_information_carries_no_text() {
    let said = json!({"have_enough_information": false, "answer": null}).to_string();
    let fake = FakeOllama::replying(vec![says(&said), says(&said)]);
    assert_eq!(fake.worker().answer(&ask(AnswerType::Text)).unwrap(), WorkerReply::NotEnoughInformation);
    let optional = AnswerType::Optional { inner: Box::new(AnswerType::Text) };
    assert_eq!(fake.worker().answer(&ask(optional)).unwrap(), WorkerReply::Answer(Json::Null));
}

#[test]
fn a_missing_model_and_a_missing_server_are_named() {
    let fake = FakeOllama::replying(vec![(404, json!({"error": "model not found"}))]);
    let failure = fake.worker().answer(&ask(AnswerType::Float)).unwrap_err().to_string();
    assert!(failure.contains("ollama pull qwen3:14b"), "{failure}");
    let fake = FakeOllama::replying(vec![(500, json!({"error": "model requires more system memory"}))]);
    let failure = fake.worker().answer(&ask(AnswerType::Float)).unwrap_err().to_string();
    assert!(failure.contains("not enough memory"), "{failure}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure =
        Ollama::new(OllamaConfig::new(url, "m")).unwrap().answer(&ask(AnswerType::Float)).unwrap_err();
    assert!(
        matches!(&failure, WorkerFailure::Unavailable(why) if why.contains("SENTINEL_OLLAMA_URL")),
        "{failure}"
    );
}

#[test]
fn a_silent_server_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = OllamaConfig::new(format!("http://{}", listener.local_addr().unwrap()), "m");
    config.timeout = Duration::from_millis(80);
    let failure = Ollama::new(config).unwrap().answer(&ask(AnswerType::Float)).unwrap_err();
    assert_eq!(failure, WorkerFailure::TimedOut(0));
}

#[test]
fn what_does_not_fit_is_not_sent() {
    let mut config = OllamaConfig::new("http://127.0.0.1:1", "m");
    config.context = 4_096;
    let long = Ask { data: "word ".repeat(8_000), ..ask(AnswerType::Float) };
    let failure = Ollama::new(config).unwrap().answer(&long).unwrap_err();
    assert!(matches!(failure, WorkerFailure::TooLong(_)), "{failure}");
}
