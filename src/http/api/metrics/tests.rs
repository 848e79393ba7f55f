use super::*;
use crate::kernel::id::{Digest, RunId};
use crate::kernel::port::{Reason, Usage};
use crate::kernel::record::{Entry, RunEnd};
use crate::store::Store;
use crate::telemetry::Metrics;

#[test]
fn a_method_is_one_of_ours() {
    assert_eq!(method(&Method::DELETE), "DELETE");
    assert_eq!(method(&Method::from_bytes(b"BREW").unwrap()), "other");
}

#[test]
fn the_way_in_is_told_from_what_was_shown() {
    assert_eq!(way_in("/api/session", "POST"), Some("login"));
    assert_eq!(way_in("/api/setup", "POST"), Some("setup"));
    assert_eq!(way_in("/api/session", "GET"), None);
    let mut headers = HeaderMap::new();
    assert_eq!(shown(&headers), None);
    headers.insert("cookie", HeaderValue::from_static("__Host-sentinel=00"));
    assert_eq!(shown(&headers), Some("cookie"));
    headers.insert(PIN_HEADER, HeaderValue::from_static("1"));
    assert_eq!(shown(&headers), Some("header"));
}

fn usage(cost: Option<u64>) -> Usage {
    Usage {
        model: "planner-1".into(),
        input_tokens: 100,
        output_tokens: 20,
        cache_read_tokens: 3_000,
        cache_write_tokens: 400,
        cost_micro_dollars: cost,
    }
}

#[test]
fn the_journal_is_counted_once_and_from_the_start_of_the_program_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Arc::new(|| 1)).unwrap();
    let run = RunId::new("r");
    let put = |entry: &Entry| store.append(&run, entry).unwrap();
    let drafted = |cost| Entry::Drafted { round: 1, draft: None, usage: usage(cost), assessment: None };
    put(&drafted(Some(9_000_000)));
    let (tally, metrics) = (Tally::from_now(&store).unwrap(), Metrics::new());
    put(&drafted(Some(250_000)));
    put(&drafted(None));
    put(&Entry::Ended(RunEnd::Failed { message: "canary".to_owned() }));
    tally.catch_up(&store, &metrics).unwrap();
    tally.catch_up(&store, &metrics).unwrap();
    let shown = metrics.render();
    for line in [
        r#"sentinel_planner_tokens_total{model="planner-1",kind="input"} 1000"#,
        r#"sentinel_planner_tokens_total{model="planner-1",kind="output"} 40"#,
        r#"sentinel_planner_tokens_total{model="planner-1",kind="cached"} 6000"#,
        r#"sentinel_planner_cost_usd_total{model="planner-1"} 0.25"#,
        r#"sentinel_tasks_total{end="failed"} 1"#,
        "sentinel_journal_records_total 3",
        "sentinel_journal_commits_total 3",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_refused_call_counts_under_what_policy_said() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Arc::new(|| 1)).unwrap();
    let (tally, metrics) = (Tally::from_now(&store).unwrap(), Metrics::new());
    let reason = |policy: &str| Reason { policy: policy.to_owned(), text: String::new() };
    for reasons in [vec![reason("person")], vec![reason("expired")], vec![reason("no-write")], Vec::new()] {
        let refused = Entry::CallRefused {
            call: crate::kernel::id::CallNo(1),
            site: crate::kernel::id::Site(1),
            line: 1,
            name: "file_write".into(),
            digest: Digest::of(b"c"),
            args: Vec::new(),
            pc: crate::kernel::label::Label::trusted(),
            reasons,
        };
        store.append(&RunId::new("r"), &refused).unwrap();
    }
    tally.catch_up(&store, &metrics).unwrap();
    let shown = metrics.render();
    assert!(shown.contains(r#"sentinel_calls_total{tool="file_write",verdict="ask"} 2"#), "{shown}");
    assert!(shown.contains(r#"sentinel_calls_total{tool="file_write",verdict="deny"} 2"#), "{shown}");
}
