//! What is heard while the server writes, and that it changes nothing.

use super::*;

/// Everything that was heard, one try after the other.
#[derive(Default)]
struct Hears(Vec<String>);

impl Listener for Hears {
    fn hear(&mut self, words: &str) {
        self.0.last_mut().unwrap().push_str(words);
    }

    fn begin_anew(&mut self) {
        self.0.push(String::new());
    }
}

/// A reply in pieces of so many characters, with this for its last line.
fn streamed(content: &str, by: usize, last: &str) -> Vec<u8> {
    let chars: Vec<char> = content.chars().collect();
    let piece =
        |part: &[char]| json!({"message": {"content": part.iter().collect::<String>()}, "done": false});
    let lines: Vec<String> = chars.chunks(by).map(|part| piece(part).to_string()).collect();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n";
    format!("{head}{}\n{last}\n", lines.join("\n")).into_bytes()
}

const END: &str = r#"{"message": {"content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 400, "eval_count": 12}"#;

/// The reply to a question about free text, and what was heard.
fn aloud(replies: Vec<Vec<u8>>) -> (Result<WorkerReply, WorkerFailure>, Vec<String>) {
    let (fake, mut hears) = (FakeOllama::sending(replies), Hears::default());
    let reply = fake.worker().answer_aloud(&ask(AnswerType::Text), &mut hears);
    (reply, hears.0)
}

fn envelope(answer: &str) -> String {
    json!({"answer": answer, "have_enough_information": true}).to_string()
}

#[test]
fn the_answer_is_heard_and_is_the_same_as_without_a_listener() {
    for (by, said) in [(1, "a \"quoted\" word\nand 日本"), (3, "one more"), (1_000, "all at once")] {
        let stream = || streamed(&envelope(said), by, END);
        let (reply, heard) = aloud(vec![stream()]);
        assert_eq!(reply, Ok(WorkerReply::Answer(json!(said))));
        assert_eq!(heard, [said]);
        let alone = FakeOllama::sending(vec![stream()]).worker().answer(&ask(AnswerType::Text));
        assert_eq!(alone, reply);
    }
}

#[test]
fn thoughts_are_not_heard() {
    let content = format!("<think>to myself</think>{}", envelope("said <think>to myself</think>alone"));
    for by in [1, 4, 9, 1_000] {
        let (reply, heard) = aloud(vec![streamed(&content, by, END)]);
        assert_eq!(reply, Ok(WorkerReply::Answer(json!("said alone"))));
        assert_eq!(heard, ["said alone"], "by {by}");
    }
    let never = envelope("said <think>to myself");
    let (_, heard) = aloud(vec![streamed(&never, 3, END)]);
    assert_eq!(heard, ["said "]);
}

/// A server that gives back the marks of the question that it was asked: before every word, before half of them, and
/// the tags.
#[test]
fn marks_are_neither_heard_nor_answered() {
    for shape in ["all", "half", "tags", "only"] {
        let (url, thread) = echoing(shape);
        let mut config = OllamaConfig::new(url, "qwen3:14b");
        config.timeout = Duration::from_secs(20);
        let mut hears = Hears::default();
        let reply = Ollama::new(config).unwrap().answer_aloud(&ask(AnswerType::Text), &mut hears);
        thread.join().unwrap();
        let said = if shape == "only" { "" } else { "Total: 12.50 EUR" };
        assert_eq!(reply, Ok(WorkerReply::Answer(json!(said))), "{shape}");
        assert_eq!(hears.0, [said], "{shape}");
    }
}

/// A server that answers with marks in it, where the tests' other fake knows its answer beforehand.
fn echoing(shape: &'static str) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = read_request(&mut stream);
        let user = request["messages"][1]["content"].as_str().unwrap();
        let (open, rest) = user.split_once('\n').unwrap();
        let close = open.replace('<', "</");
        let nonce = open.trim_start_matches("<document-").trim_end_matches('>');
        let mark = format!("^{}^", rest.split('^').nth(1).unwrap());
        let said = match shape {
            "all" => format!("{mark}Total: {mark}12.50 {mark}EUR"),
            "half" => format!("Total: {mark}12.50 EUR{mark}"),
            "tags" => format!("{open}Total: 12.50{close} EUR{nonce}"),
            _ => format!("{mark}{mark}{open}{close}{nonce}{mark}"),
        };
        drop(stream.write_all(&streamed(&format!("{mark}{}", envelope(&said)), 2, END)));
    });
    (url, thread)
}

#[test]
fn another_try_is_heard_from_its_beginning() {
    let bad = streamed("{\"answer\": \"half of a", 3, END);
    let (reply, heard) = aloud(vec![bad, streamed(&envelope("whole"), 3, END)]);
    assert_eq!(reply, Ok(WorkerReply::Answer(json!("whole"))));
    assert_eq!(heard, ["half of a", "whole"]);
}

#[test]
fn an_error_in_the_middle_is_the_servers() {
    let half = "{\"answer\": \"half of a";
    for (error, says) in [
        ("CUDA error: out of memory", "broke off its answer: not enough memory"),
        ("an error was encountered while running the model", "broke off its answer;"),
    ] {
        let (reply, heard) = aloud(vec![streamed(half, 3, &json!({ "error": error }).to_string())]);
        let failure = reply.unwrap_err();
        assert!(matches!(&failure, WorkerFailure::Unavailable(why) if why.contains(says)), "{failure}");
        assert!(!failure.to_string().contains("encountered"), "{failure}");
        assert_eq!(heard, ["half of a"]);
    }
    let exceeded = json!({"error": "the input exceeds the context length"}).to_string();
    let (reply, _) = aloud(vec![streamed("", 1, &exceeded)]);
    assert!(matches!(reply, Err(WorkerFailure::TooLong(_))), "{reply:?}");
}

#[test]
fn a_reply_of_nothing_but_thoughts_takes_no_longer_than_another() {
    for content in ["<think>".repeat(400_000), envelope(&"<think>".repeat(400_000))] {
        let stream = || streamed(&content, 10_000_000, END);
        let (_, heard) = aloud(vec![stream(), stream()]);
        assert!(heard.iter().all(String::is_empty));
    }
}

#[test]
fn a_stream_that_does_not_end_is_not_used() {
    let cut = r#"{"message": {"content": ""}, "prompt_eval_count": 400}"#;
    let whole = envelope("whole");
    let (reply, _) = aloud(vec![streamed(&whole, 3, cut), streamed(&whole, 3, cut)]);
    assert!(
        matches!(&reply, Err(WorkerFailure::BadAnswer(why)) if why.contains("before its end")),
        "{reply:?}"
    );
    let limit = END.replace("stop", "length");
    let (reply, _) = aloud(vec![streamed(&whole, 3, &limit), streamed(&whole, 3, &limit)]);
    assert!(matches!(&reply, Err(WorkerFailure::BadAnswer(why)) if why.contains("cut off")), "{reply:?}");
    let endless = || streamed(&"x".repeat(MAX_REPLY), 1_000, END);
    let (reply, _) = aloud(vec![endless(), endless()]);
    assert!(matches!(&reply, Err(WorkerFailure::BadAnswer(why)) if why.contains("larger")), "{reply:?}");
}
