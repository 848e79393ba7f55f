//! A model server that is none.

use sentinel::kernel::port::Worker;
use sentinel::worker::{Ollama, OllamaConfig};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// A server that streams as Ollama does: a fake, no model behind it. It stops in the middle of its reply, and in the
/// middle of a line, until it is told to go on.
pub struct Fake {
    url: String,
    go_on: Sender<()>,
}

/// What one reply says; the mark of the question stands where `^` does.
#[derive(Clone)]
pub struct Reply {
    pub content: String,
    /// After how many characters it waits.
    pub pause: usize,
    /// In place of the rest.
    pub error: Option<&'static str>,
}

pub fn answers(said: &str) -> Reply {
    let content = json!({"answer": said, "have_enough_information": true}).to_string();
    Reply { content, pause: said.len() / 2, error: None }
}

impl Fake {
    pub fn replying(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (go_on, told) = channel();
        std::thread::spawn(move || {
            for reply in replies {
                let (mut stream, _) = listener.accept().unwrap();
                let mark = mark(&mut stream);
                // A client that has gone is not this server's affair.
                drop(reply.send(&mut stream, &mark, &told));
            }
        });
        Self { url, go_on }
    }

    pub fn worker(&self) -> Arc<dyn Worker> {
        Arc::new(Ollama::new(OllamaConfig::new(&self.url, "qwen3:14b")).unwrap())
    }

    pub fn go_on(&self) {
        self.go_on.send(()).unwrap();
    }
}

impl Reply {
    fn send(&self, stream: &mut TcpStream, mark: &str, told: &Receiver<()>) -> std::io::Result<()> {
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
        let chars: Vec<char> = self.content.replace('^', mark).chars().collect();
        let lines = |chars: &[char]| -> String {
            let piece = |part: &[char]| json!({"message": {"content": part.iter().collect::<String>()}, "done": false});
            chars.chunks(7).map(|part| format!("{}\n", piece(part))).collect()
        };
        let (first, rest) = chars.split_at(self.pause.min(chars.len()));
        let (first, rest) = (lines(first), lines(rest));
        // The line that follows the pause begins before it.
        let (begun, left) = rest.split_at(rest.len().min(11));
        for part in format!("{first}{begun}").as_bytes().chunks(100) {
            stream.write_all(part)?;
        }
        stream.flush()?;
        told.recv().unwrap();
        if let Some(error) = self.error {
            return stream.write_all(format!("{left}{}\n", json!({ "error": error })).as_bytes());
        }
        let end = json!({"message": {"content": ""}, "done": true, "done_reason": "stop",
            "prompt_eval_count": 4_000, "eval_count": 100});
        stream.write_all(format!("{left}{end}\n").as_bytes())
    }
}

/// Reads a question; the mark that stands before its words.
fn mark(stream: &mut TcpStream) -> String {
    let (mut seen, mut chunk) = (Vec::new(), [0; 65_536]);
    loop {
        let n = stream.read(&mut chunk).unwrap();
        assert!(n > 0, "the question ended early");
        seen.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&seen);
        let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
        let Ok(body) = serde_json::from_str::<Value>(body) else { continue };
        assert_eq!(body["stream"], true);
        let rule = body["messages"][0]["content"].as_str().unwrap();
        return rule.split("is preceded by ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    }
}
