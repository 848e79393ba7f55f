//! A fake of Claude's API: a real HTTP server on this machine that speaks the documented wire format of the Messages
//! API with its errors, and plays a script. No model is behind it. It also answers Ollama's `/api/chat` with raw replies.

use serde_json::{Value as Json, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The key that it takes.
pub const KEY: &str = "sk-ant-fake-0123456789";

/// What it does with one request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Hands in this plan.
    Plan(String),
    /// Calls the tool with this input.
    Input(Json),
    /// Ends with this reason and this content.
    Stop(&'static str, Json),
    /// An error in the documented form, with `Retry-After` where given.
    Error(u16, &'static str, Option<u64>),
    /// Any body with status 200.
    Raw(String),
    /// Breaks the connection in the middle of the body.
    Cut,
    /// Says nothing until the client goes away.
    Slow,
    /// A body of so many bytes.
    Oversized(usize),
}

/// The server; it ends with the process.
pub struct FakeClaude {
    /// Where it listens.
    pub url: String,
    seen: Arc<Mutex<Vec<Json>>>,
}

impl FakeClaude {
    /// Plays one act a request, and status 500 when none is left.
    pub fn playing(acts: impl IntoIterator<Item = Act>) -> Self {
        let mut acts = acts.into_iter().collect::<Vec<_>>().into_iter();
        Self::answering(move |_| acts.next().unwrap_or(Act::Error(500, "api_error", None)))
    }

    /// Answers each request by its body.
    pub fn answering(mut act: impl FnMut(&Json) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some((head, body)) = request(&mut stream) else { continue };
                let act = fault(&head, &body).unwrap_or_else(|| act(&body));
                kept.lock().unwrap().push(body);
                play(&mut stream, act);
            }
        });
        Self { url, seen }
    }

    /// The bodies of the requests that came.
    pub fn seen(&self) -> Vec<Json> {
        self.seen.lock().unwrap().clone()
    }
}

/// A well-formed submission.
pub fn submission(plan: &str) -> Json {
    json!({"plan": plan, "assessment": {"risk": 3, "reason": "Ordinary office work."}})
}

fn request(stream: &mut TcpStream) -> Option<(String, Json)> {
    let mut seen = Vec::new();
    let mut chunk = [0; 65536];
    loop {
        let n = stream.read(&mut chunk).ok().filter(|n| *n > 0)?;
        seen.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&seen);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(json) = serde_json::from_str(body)
        {
            return Some((head.to_lowercase(), json));
        }
    }
}

/// What the real API would refuse in this request.
fn fault(head: &str, body: &Json) -> Option<Act> {
    if head.starts_with("post /api/chat ") {
        return None;
    }
    if !head.starts_with("post /v1/messages ") {
        return Some(Act::Error(404, "not_found_error", None));
    }
    if !head.contains(&format!("x-api-key: {KEY}")) {
        return Some(Act::Error(401, "authentication_error", None));
    }
    let tool = body.pointer("/tools/0/name").and_then(Json::as_str);
    let whole = head.contains("anthropic-version: 2023-06-01")
        && body["max_tokens"].as_u64().is_some_and(|n| n > 0)
        && body["messages"][0]["role"] == "user"
        && tool.is_some_and(|name| body["tools"][0]["input_schema"].is_object() && name == "submit_plan");
    // The 5.5 models think always, and take no forced choice.
    let forced = body["tool_choice"]["type"] == "tool";
    let thinks = body["model"].as_str().is_some_and(|model| model.ends_with("-5-5"));
    (!whole || (forced && thinks)).then_some(Act::Error(400, "invalid_request_error", None))
}

fn message(stop: &str, content: &Json) -> String {
    json!({
        "id": "msg_fake", "type": "message", "role": "assistant", "model": "fake", "content": content,
        "stop_reason": stop, "stop_sequence": null,
        "usage": {"input_tokens": 100, "output_tokens": 50, "cache_creation_input_tokens": 0,
                  "cache_read_input_tokens": 2000},
    })
    .to_string()
}

fn play(stream: &mut TcpStream, act: Act) {
    let call = |input: Json| {
        let call = json!({"type": "tool_use", "id": "toolu_fake", "name": "submit_plan", "input": input});
        message("tool_use", &json!([{"type": "thinking", "thinking": "", "signature": "x"}, call]))
    };
    let (status, extra, body) = match act {
        Act::Plan(plan) => (200, String::new(), call(submission(&plan))),
        Act::Input(input) => (200, String::new(), call(input)),
        Act::Stop(reason, content) => (200, String::new(), message(reason, &content)),
        Act::Error(status, kind, after) => {
            let after = after.map(|s| format!("retry-after: {s}\r\n")).unwrap_or_default();
            let error = json!({"type": "error", "error": {"type": kind, "message": "CANARY of the server"}});
            (status, after, error.to_string())
        }
        Act::Raw(body) => (200, String::new(), body),
        Act::Cut => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"type\":");
            return;
        }
        Act::Slow => {
            while stream.read(&mut [0; 64]).is_ok_and(|n| n > 0) {}
            return;
        }
        Act::Oversized(bytes) => (200, String::new(), " ".repeat(bytes)),
    };
    let head =
        format!("HTTP/1.1 {status} X\r\n{extra}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // The client may have gone away, which is its right.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}
