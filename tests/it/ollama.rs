//! The Ollama worker against a real model behind Ollama's wire format: `tests/peers/ollama_peer.py`, a peer of ours that
//! runs llama.cpp with the small default model. It is not Ollama and not qwen3:14b, so what is shown here is that the
//! exchange works, not how good the production model's answers are. Run `scripts/fetch-models` and `scripts/install-peers` first.

#![expect(clippy::disallowed_methods, reason = "tests read their own data and start the peer")]

use sentinel::egress::http::{Http, HttpRequest};
use sentinel::kernel::answer::AnswerType;
use sentinel::kernel::port::{Ask, Worker, WorkerFailure, WorkerReply};
use sentinel::worker::{Ollama, OllamaConfig};
use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const EXE: &str = env!("CARGO_BIN_EXE_sentinel");
/// What the peer calls its model.
const MODEL: &str = "qwen2.5-coder:0.5b";
/// The peer's context in tokens.
const CONTEXT: u32 = 4_096;
fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The running peer. It ends with its standard input, so also when this process is killed.
struct Peer {
    child: Child,
    url: String,
}

impl Peer {
    fn start() -> Self {
        let python = here("target/peers/venv/bin/python");
        assert!(python.exists(), "the peer's Python is not there: run scripts/install-peers");
        let model = here("models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf");
        assert!(model.exists(), "the model is not there: run scripts/fetch-models");
        let mut child = Command::new(python)
            .arg(here("tests/peers/ollama_peer.py"))
            .arg("--model")
            .arg(model)
            .args(["--name", MODEL, "--context", &CONTEXT.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("ready ").expect("the peer is ready").to_owned();
        Self { child, url }
    }

    fn config(&self) -> OllamaConfig {
        let context = CONTEXT;
        OllamaConfig { context, answer_tokens: 256, ..OllamaConfig::new(&self.url, MODEL) }
    }

    fn worker(&self) -> Ollama {
        Ollama::new(self.config()).unwrap()
    }

    /// One exchange with the peer itself.
    fn exchange(&self, verb: &str, body: Option<&Json>) -> (u16, String) {
        let url = format!("{}{verb}", self.url);
        let timeout = Duration::from_secs(120);
        let request = HttpRequest { url: &url, headers: &[], body, timeout, max_bytes: 1 << 20 };
        let reply = Http::new().unwrap().exchange(&request).unwrap();
        (reply.status, String::from_utf8(reply.body).unwrap())
    }

    /// The most memory that it held, in megabytes.
    fn peak_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1_000
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn the_real_model_answers_over_ollamas_wire_format() {
    let peer = Peer::start();
    the_server_is_healthy(&peer);
    the_peer_speaks_the_wire_format(&peer);
    questions_are_answered_in_type(&peer);
    what_does_not_fit_is_told(&peer);
    a_short_limit_is_told(&peer);
    a_run_waits_for_its_server(&peer);
    let peak = peer.peak_mb();
    println!("the peer held {peak} MB at most");
    assert!(peak < 2_000, "{peak} MB");
}

fn the_server_is_healthy(peer: &Peer) {
    let health = peer.worker().health(Duration::from_secs(60)).unwrap();
    assert_eq!(health.version, "0.0.0-peer");
    assert_eq!(health.digest.len(), 64, "{health:?}");
    let other = OllamaConfig { model: "qwen3:14b".to_owned(), ..peer.config() };
    let other = Ollama::new(other).unwrap();
    for failure in [
        other.health(Duration::from_secs(60)).unwrap_err(),
        other
            .answer(&Ask { question: "?".to_owned(), data: "x".to_owned(), answer: AnswerType::Bool })
            .unwrap_err(),
    ] {
        let told =
            matches!(&failure, WorkerFailure::Unavailable(why) if why.contains("ollama pull qwen3:14b"));
        assert!(told, "{failure}");
    }
}

/// So that the peer stays what it says it is.
fn the_peer_speaks_the_wire_format(peer: &Peer) {
    let (status, text) = peer.exchange("/api/ps", None);
    let running: Json = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &running["models"][0]["model"]), (200, &json!(MODEL)));
    let (status, text) = peer.exchange("/api/show", Some(&json!({"model": MODEL})));
    assert!(status == 200 && text.contains("context_length"), "{text}");
    let said = json!({"model": MODEL, "prompt": "2+2=", "options": {"num_predict": 2, "temperature": 0}});
    let (status, text) = peer.exchange("/api/generate", Some(&said));
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(status == 200 && lines.len() > 1, "{text}");
    assert_eq!(lines.last().unwrap()["done_reason"], "length");
    let (status, text) = peer.exchange("/api/embed", Some(&json!({"model": MODEL, "input": ["a", "b"]})));
    let vectors: Json = serde_json::from_str(&text).unwrap();
    assert_eq!((status, vectors["embeddings"].as_array().unwrap().len()), (200, 2));
}

/// Few and short: a question costs the small model seconds. The schema holds it to the type; that it also finds a number and
/// a date in three lines shows that marks, tags and schema reach a real model in a form that it can use.
fn questions_are_answered_in_type(peer: &Peer) {
    let data = "Invoice 7 of Harbour Print\nTotal EUR 12.50, due 2026-04-11.\nQuestions to Ann.";
    let asks = [
        ("What is the total?", AnswerType::Float, json!(12.5)),
        ("When is it due?", AnswerType::Date, json!("2026-04-11")),
    ];
    let mut right = 0;
    for (question, answer, wanted) in asks {
        let ask = Ask { question: question.to_owned(), data: data.to_owned(), answer };
        let said = peer.worker().answer(&ask).unwrap();
        println!("{question} -> {said:?}");
        if let WorkerReply::Answer(value) = &said {
            ask.answer.check(value).unwrap();
            right += usize::from(*value == wanted);
        }
    }
    // The marks are random, so one answer may tip.
    assert!(right >= 1, "{right} of 2 right");
}

/// Estimates say that it fits, the model's own tokens say that it does not.
fn what_does_not_fit_is_told(peer: &Peer) {
    let data = "7 1 9 3 ".repeat(1_400);
    let ask = Ask { question: "What is the sum?".to_owned(), data, answer: AnswerType::Int };
    let config = OllamaConfig { context: 32_768, ..peer.config() };
    let failure = Ollama::new(config).unwrap().answer(&ask).unwrap_err();
    assert!(matches!(failure, WorkerFailure::TooLong(_)), "{failure}");
}

fn a_short_limit_is_told(peer: &Peer) {
    let ask = || Ask {
        question: "Copy it.".to_owned(),
        data: "One two three.".to_owned(),
        answer: AnswerType::Text,
    };
    let short = OllamaConfig { answer_tokens: 3, ..peer.config() };
    let failure = Ollama::new(short).unwrap().answer(&ask()).unwrap_err();
    assert!(matches!(&failure, WorkerFailure::BadAnswer(why) if why.contains("cut off")), "{failure}");
    let hasty = OllamaConfig { timeout: Duration::from_millis(50), ..peer.config() };
    let failure = Ollama::new(hasty).unwrap().answer(&ask()).unwrap_err();
    assert_eq!(failure, WorkerFailure::TimedOut(0));
}

/// `sentinel run` in a folder of its own, with this server as its worker.
fn sentinel(at: &Path, url: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let ran = Command::new(EXE)
        .args(["run", "--json", "--worker", "ollama", "--yes-to", "plan", "--yes-to", "file_read path=*"])
        .args(args)
        .current_dir(at)
        .env("SENTINEL_OLLAMA_URL", url)
        .env("SENTINEL_OLLAMA_MODEL", MODEL)
        .env("SENTINEL_DATA_DIR", at.join("data"))
        .env("SENTINEL_WORKSPACE_DIR", at.join("work"))
        .env("SENTINEL_POLICIES_DIR", here("policies"))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ran.status.code(), text(ran.stdout), text(ran.stderr))
}

/// The server is down: the run waits, and goes on once there is one.
fn a_run_waits_for_its_server(peer: &Peer) {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path();
    std::fs::create_dir(at.join("work")).unwrap();
    std::fs::write(at.join("work/note.txt"), "The total is 12.50 EUR.").unwrap();
    let plan =
        "text = file_read(path=\"note.txt\")\nanswer(ask(\"What is the total?\", data=text, type=float))\n";
    std::fs::write(at.join("plan.py"), plan).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);

    let (code, out, err) = sentinel(at, &nobody, &["--plan", "plan.py"]);
    assert_eq!(code, Some(4), "{out}{err}");
    assert!(err.contains("start Ollama there"), "{err}");
    let report: Json = serde_json::from_str(&out).unwrap();
    let id = report["task_id"].as_str().unwrap();

    // What the model then says is its own affair; that the same run went on is ours.
    let (code, out, err) = sentinel(at, &peer.url, &["--resume", id]);
    let report: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(report["task_id"], id, "{report}");
    assert!(!err.contains("start Ollama") && matches!(code, Some(0 | 1)), "{code:?} {out}{err}");
    if code == Some(0) {
        assert_eq!(report["answer"], "12.5", "{report}");
    }
}
