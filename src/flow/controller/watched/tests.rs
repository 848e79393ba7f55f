use super::*;
use crate::kernel::answer::AnswerType;
use crate::kernel::id::{CallNo, Digest, RunId, Site};
use serde_json::json;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Where the log goes.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn logged(act: impl FnOnce()) -> String {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, act);
    String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
}

/// Answers with what it was given, and takes 250 ms of the test's clock.
struct Peer {
    now: Arc<AtomicI64>,
    reply: Mutex<Result<WorkerReply, WorkerFailure>>,
}

impl Worker for Peer {
    fn name(&self) -> Arc<str> {
        "peer".into()
    }

    fn answer(&self, _: &Ask) -> Result<WorkerReply, WorkerFailure> {
        self.now.fetch_add(250, Ordering::SeqCst);
        self.reply.lock().unwrap().clone()
    }
}

impl Tools for Peer {
    fn invoke(&self, call: &Invocation) -> Result<ToolOutput, ToolFailure> {
        self.now.fetch_add(250, Ordering::SeqCst);
        match call.args.is_empty() {
            true => Err(ToolFailure { message: "canary-message".to_owned() }),
            false => Ok(ToolOutput { value: json!("canary-output"), file: None }),
        }
    }

    fn replaces(
        &self,
        tool: &str,
        _: &serde_json::Map<String, Json>,
    ) -> Result<Option<Replacement>, ToolFailure> {
        Ok(Some(Replacement { path: tool.to_owned(), old: None, new: String::new() }))
    }
}

#[test]
fn what_a_call_would_replace_is_passed_on() {
    let (peer, watch, _) = peer();
    let tools = WatchedTools { inner: peer, watch };
    assert_eq!(tools.replaces("there", &serde_json::Map::new()).unwrap().unwrap().path, "there");
}

fn peer() -> (Arc<Peer>, Arc<Watch>, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(1_000_000));
    let reply = Mutex::new(Ok(WorkerReply::Answer(json!("canary-answer"))));
    let peer = Arc::new(Peer { now: now.clone(), reply });
    let ticks = now.clone();
    (peer, Arc::new(Watch::new(Arc::new(move || ticks.load(Ordering::SeqCst)))), now)
}

fn ask() -> Ask {
    let (question, data) = ("canary-question".to_owned(), "canary-data".to_owned());
    Ask { question, data, answer: AnswerType::Bool }
}

#[test]
fn the_worker_is_counted_and_its_latest_state_is_known_for_a_while() {
    let (peer, watch, now) = peer();
    let worker = WatchedWorker { inner: peer.clone(), watch: watch.clone() };
    assert_eq!(watch.worker_state(), ModelState::Unknown, "nobody asked it");
    let lines = logged(|| {
        assert_eq!(worker.answer(&ask()), Ok(WorkerReply::Answer(json!("canary-answer"))));
        assert_eq!(watch.worker_state(), ModelState::Answers);
        for (failure, state) in [
            (WorkerFailure::Unavailable("canary-reason".to_owned()), ModelState::Fails),
            (WorkerFailure::BadAnswer("canary-reason".to_owned()), ModelState::Answers),
            (WorkerFailure::TimedOut(480), ModelState::Fails),
        ] {
            *peer.reply.lock().unwrap() = Err(failure.clone());
            assert_eq!(worker.answer(&ask()), Err(failure));
            assert_eq!(watch.worker_state(), state);
        }
    });
    now.fetch_add(LATELY_MILLIS, Ordering::SeqCst);
    assert_eq!(watch.worker_state(), ModelState::Fails);
    now.fetch_add(1, Ordering::SeqCst);
    assert_eq!(watch.worker_state(), ModelState::Unknown, "that is long ago");
    let shown = watch.metrics.render();
    for line in [
        r#"sentinel_worker_asks_total{end="answered"} 1"#,
        r#"sentinel_worker_asks_total{end="unavailable"} 1"#,
        r#"sentinel_worker_asks_total{end="unusable"} 1"#,
        r#"sentinel_worker_asks_total{end="timed_out"} 1"#,
        "sentinel_worker_ask_duration_seconds_sum 1.0",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    assert_eq!(lines.matches("duration_ms=250").count(), 4, "{lines}");
    assert!(lines.contains("gen_ai.request.model=\"peer\""), "{lines}");
    assert!(lines.contains("error.type=\"timed_out\""), "{lines}");
    assert!(!lines.contains("canary"), "{lines}");
}

#[test]
fn what_was_given_up_says_nothing_about_a_model() {
    let (peer, watch, _) = peer();
    *peer.reply.lock().unwrap() = Err(WorkerFailure::GivenUp);
    let worker = WatchedWorker { inner: peer, watch: watch.clone() };
    assert_eq!(worker.answer(&ask()), Err(WorkerFailure::GivenUp));
    assert_eq!(watch.worker_state(), ModelState::Unknown);
    let failed = Err(PlannerFailure::new("cut off"));
    halt::until(&Arc::new(AtomicBool::new(true)), || watch.planner_asked(&failed));
    assert_eq!(watch.planner_state(), ModelState::Unknown);
    watch.planner_asked(&failed);
    assert_eq!(watch.planner_state(), ModelState::Fails);
}

#[test]
fn a_call_leaves_its_tool_and_its_time_and_no_value() {
    let (peer, watch, _) = peer();
    let tools = WatchedTools { inner: peer, watch };
    let call = |args: serde_json::Value| Invocation {
        run: RunId::new("r"),
        call: CallNo(7),
        site: Site(1),
        tool: "file_write".into(),
        args: args.as_object().unwrap().clone(),
        idempotency_key: Digest::of(b"k"),
    };
    let lines = logged(|| {
        assert_eq!(tools.invoke(&call(json!({"path": "canary-path"}))).unwrap().value, "canary-output");
        assert_eq!(tools.invoke(&call(json!({}))).unwrap_err().message, "canary-message");
    });
    let lines: Vec<&str> = lines.lines().collect();
    for line in &lines {
        for part in [
            "gen_ai.operation.name=\"execute_tool\"",
            "gen_ai.tool.name=\"file_write\"",
            "gen_ai.tool.call.id=7",
            "duration_ms=250",
        ] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
        assert!(!line.contains("canary"), "{line}");
    }
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("end=\"returned\"") && !lines[0].contains("error.type"), "{lines:?}");
    assert!(
        lines[1].contains("end=\"failed\"") && lines[1].contains("error.type=\"tool_error\""),
        "{lines:?}"
    );
}
