use super::*;

#[test]
fn everything_that_is_counted_is_shown() {
    let metrics = Metrics::new();
    let second = Duration::from_secs(1);
    metrics.http("/task/{id}", "GET", 200, second);
    metrics.http("/task/{id}", "GET", 404, second);
    metrics.task_ended(&RunEnd::Done);
    metrics.task_ended(&RunEnd::Failed { message: "secret words".to_owned() });
    metrics.call_judged("file_write", &Verdict::Deny(Vec::new()));
    metrics.question_ended(QuestionEnd::Superseded);
    metrics.worker_asked(AskEnd::TimedOut, 3 * second);
    metrics.planner_used("m", &PlannerUse { input: 7, output: 5, cached: 3, cost_usd: 0.25 });
    metrics.planner_used("m", &PlannerUse { cost_usd: 0.5, ..PlannerUse::default() });
    metrics.auth_failed("login");
    metrics.throttled("task");
    let _follows = metrics.subscribed(Transport::Sse);
    metrics.journal_grew(1, 20);
    metrics.journal_grew(1, 1);
    let shown = metrics.render();
    for line in [
        r#"sentinel_http_requests_total{route="/task/{id}",method="GET",status="200"} 1"#,
        r#"sentinel_http_requests_total{route="/task/{id}",method="GET",status="404"} 1"#,
        r#"sentinel_http_request_duration_seconds_count{route="/task/{id}",method="GET"} 2"#,
        r#"sentinel_tasks_total{end="done"} 1"#,
        r#"sentinel_tasks_total{end="failed"} 1"#,
        r#"sentinel_calls_total{tool="file_write",verdict="deny"} 1"#,
        r#"sentinel_approvals_total{end="superseded"} 1"#,
        r#"sentinel_worker_asks_total{end="timed_out"} 1"#,
        r#"sentinel_worker_ask_duration_seconds_bucket{le="2.0"} 0"#,
        r#"sentinel_worker_ask_duration_seconds_bucket{le="4.0"} 1"#,
        r#"sentinel_planner_tokens_total{model="m",kind="input"} 7"#,
        r#"sentinel_planner_cost_usd_total{model="m"} 0.75"#,
        r#"sentinel_auth_failures_total{path="login"} 1"#,
        r#"sentinel_throttled_total{limit="task"} 1"#,
        "sentinel_journal_commits_total 2",
        "sentinel_journal_records_total 21",
    ] {
        assert!(shown.lines().any(|l| l == line), "{line} is not in\n{shown}");
    }
    let helps: Vec<&str> = shown.lines().filter(|line| line.starts_with("# HELP")).collect();
    assert_eq!(helps.len(), 16, "{shown}");
    for help in helps {
        let words: Vec<&str> = help.split_whitespace().collect();
        assert!(words[2].starts_with("sentinel_") && words.len() > 4, "{help}");
    }
    assert!(!shown.contains("secret") && shown.ends_with("# EOF\n"), "{shown}");
}

#[test]
fn what_lasts_is_counted_until_it_ends() {
    let metrics = Metrics::new();
    metrics.load(2, 1);
    let follows = (metrics.subscribed(Transport::Sse), metrics.subscribed(Transport::WebSocket));
    let has = |line: &str| metrics.render().lines().any(|l| l == line);
    assert!(has("sentinel_running_tasks 2") && has("sentinel_queue_depth 1"));
    assert!(has(r#"sentinel_subscribers{transport="sse"} 1"#));
    drop(follows);
    metrics.load(1, 0);
    assert!(has("sentinel_running_tasks 1") && has("sentinel_queue_depth 0"));
    assert!(has(r#"sentinel_subscribers{transport="websocket"} 0"#));
}
