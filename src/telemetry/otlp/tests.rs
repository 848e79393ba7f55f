use super::*;
use jiff::Timestamp;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::sync::Mutex;
use std::sync::atomic::AtomicI64;
use tracing_subscriber::layer::SubscriberExt;

type Bodies = Arc<Mutex<Vec<Vec<u8>>>>;

/// Exports what `act` does, with a clock that moves a second at each look; gives the bodies.
fn exported(act: impl FnOnce()) -> Vec<Vec<u8>> {
    let bodies = Bodies::default();
    let kept = bodies.clone();
    let send: Send = Box::new(move |body| {
        kept.lock().unwrap().push(body);
        Ok(())
    });
    let looks = AtomicI64::new(1_000);
    let clock: Clock =
        Arc::new(move || Timestamp::from_second(looks.fetch_add(1, Ordering::Relaxed)).unwrap());
    let (spans, exporter) = exporter(send, clock).unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(spans), act);
    assert_eq!(exporter.dropped_spans(), 0);
    drop(exporter);
    std::mem::take(&mut bodies.lock().unwrap())
}

fn spans(bodies: &[Vec<u8>]) -> Vec<Span> {
    let requests = bodies.iter().map(|body| ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
    let resources = requests.flat_map(|request| request.resource_spans);
    resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
}

fn text(span: &Span, name: &str) -> Option<String> {
    let value = span.attributes.iter().find(|a| a.key == name)?.value.clone()?.value?;
    Some(match value {
        Value::StringValue(text) => text,
        other => format!("{other:?}"),
    })
}

#[test]
fn spans_have_their_place_their_time_and_the_conventions_names() {
    let bodies = exported(|| {
        let task = tracing::info_span!("task", task_id = "t-1", "gen_ai.operation.name" = "invoke_agent");
        let _in_task = task.enter();
        let call = tracing::info_span!(
            "tool_call",
            "gen_ai.operation.name" = "execute_tool",
            "gen_ai.tool.name" = "mkdir",
            "gen_ai.tool.call.id" = 7_u64,
            "error.type" = tracing::field::Empty,
        );
        call.record("error.type", "tool_error");
        drop(call);
        drop(tracing::info_span!("ask", "gen_ai.operation.name" = "chat", "gen_ai.request.model" = "qwen3"));
        drop(tracing::info_span!("bare"));
    });
    let spans = spans(&bodies);
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["execute_tool mkdir", "chat qwen3", "bare", "invoke_agent"]);
    let [call, ask, bare, task] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!((task.trace_id.len(), task.span_id.len(), task.parent_span_id.len()), (16, 8, 0));
    for child in [call, ask, bare] {
        assert_eq!((&child.trace_id, &child.parent_span_id), (&task.trace_id, &task.span_id));
        assert_ne!(child.span_id, task.span_id);
    }
    assert_eq!(text(task, "task_id").unwrap(), "t-1");
    assert_eq!(text(call, "gen_ai.tool.call.id").unwrap(), "IntValue(7)");
    assert_eq!((call.kind, ask.kind), (1, 3), "internal and client");
    assert_eq!((call.status.as_ref().unwrap().code, ask.status.is_none()), (2, true));
    assert_eq!(
        (task.start_time_unix_nano, call.start_time_unix_nano),
        (1_000_000_000_000, 1_001_000_000_000)
    );
    assert!(call.end_time_unix_nano > call.start_time_unix_nano);
}

#[test]
fn nothing_leaves_that_is_not_on_the_list_and_no_secret_that_is() {
    let bodies = exported(|| {
        let span = tracing::info_span!(
            "task",
            task_id = "t-1",
            request = "CANARY-1 pay the invoice",
            claude_api_key = "CANARY-2",
            "gen_ai.input.messages" = "CANARY-3",
            "gen_ai.request.model" = "a Bearer CANARY-4",
            "error.type" = ?Some("pin=CANARY-5"),
        );
        let _inside = span.enter();
        tracing::info!(value = "CANARY-6", "CANARY-7");
        span.record("request", "CANARY-8");
        drop(tracing::info_span!(target: "hyper", "CANARY-9"));
        drop(tracing::info_span!(target: "sentinel_else", "CANARY-10"));
    });
    let all = String::from_utf8_lossy(&bodies.concat()).into_owned();
    assert!(!all.contains("CANARY"), "{all}");
    let spans = spans(&bodies);
    assert_eq!(spans.len(), 1, "{spans:?}");
    assert_eq!(text(&spans[0], "gen_ai.request.model").unwrap(), "a Bearer [redacted]");
    assert!(spans[0].events.is_empty());
}

#[test]
fn a_collector_that_does_not_take_them_holds_nobody_up() {
    let (spans, exporter) =
        exporter(Box::new(|_| Err("away".to_owned())), Arc::new(|| Timestamp::UNIX_EPOCH)).unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(spans), || {
        for _ in 0..100 {
            drop(tracing::info_span!("task"));
        }
    });
    drop(exporter);
}

#[test]
fn what_does_not_fit_is_dropped_and_counted() {
    let (queue, arrivals) = sync_channel(1);
    let dropped = Arc::new(AtomicU64::new(0));
    let spans = Spans { queue, clock: Arc::new(|| Timestamp::UNIX_EPOCH), dropped: dropped.clone() };
    tracing::subscriber::with_default(tracing_subscriber::registry().with(spans), || {
        for _ in 0..3 {
            drop(tracing::info_span!("task"));
        }
    });
    assert_eq!(dropped.load(Ordering::Relaxed), 2);
    drop(arrivals);
}
