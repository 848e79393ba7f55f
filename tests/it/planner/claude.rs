//! Claude's API: every kind of failure, what the user is told, and what is never sent.

use super::{PLAN, catalogue, screened};
use crate::fake_claude::{Act, FakeClaude, KEY};
use secrecy::SecretString;
use sentinel::egress::clock::Timer;
use sentinel::kernel::id::{CallNo, Digest};
use sentinel::kernel::label::Label;
use sentinel::kernel::port::{Draft, Planner, PlannerFailure};
use sentinel::kernel::principal::Principal;
use sentinel::kernel::record::{Entry, RunEnd};
use sentinel::planner::history::{History, Turn};
use sentinel::planner::{Anthropic, AnthropicConfig};
use sentinel::tool::stub;
use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Time that passes only by waiting, and a note of each wait.
#[derive(Debug, Default)]
pub struct Waits(Mutex<Vec<Duration>>);

impl Timer for Waits {
    fn elapsed(&self) -> Duration {
        self.0.lock().unwrap().iter().sum()
    }

    fn wait(&self, time: Duration) {
        self.0.lock().unwrap().push(time);
    }
}

/// Claude behind this server, and how long it was waited for.
pub fn claude(url: &str, change: impl FnOnce(&mut AnthropicConfig)) -> (Anthropic, Arc<Waits>) {
    let waits = Arc::new(Waits::default());
    let mut config = AnthropicConfig::new(url, "claude-sonnet-5-5", SecretString::from(KEY));
    config.timer = waits.clone();
    change(&mut config);
    (Anthropic::new(config, stub::render).unwrap(), waits)
}

type Drafted = (Result<Draft, PlannerFailure>, Vec<Json>, Vec<Duration>);

/// One draft from a server that plays these acts.
fn drafted(acts: impl IntoIterator<Item = Act>, change: impl FnOnce(&mut AnthropicConfig)) -> Drafted {
    let fake = FakeClaude::playing(acts);
    let (planner, waits) = claude(&fake.url, change);
    let draft = planner.draft(&screened("Say hello."), &catalogue(), &[]);
    let waits = waits.0.lock().unwrap().clone();
    (draft, fake.seen(), waits)
}

fn told(acts: impl IntoIterator<Item = Act>) -> (String, usize, Vec<Duration>) {
    let (draft, seen, waits) = drafted(acts, |_| {});
    let told = draft.unwrap_err().to_string();
    assert!(!told.contains("CANARY") && !told.contains(KEY), "{told}");
    (told, seen.len(), waits)
}

#[test]
fn a_plan_comes_with_its_usage_and_its_assessment() {
    let (draft, seen, waits) = drafted([Act::Plan(PLAN.to_owned())], |_| {});
    let draft = draft.unwrap();
    assert_eq!((draft.text.as_str(), draft.pinned), (PLAN, false));
    let usage = draft.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.cache_read_tokens), (100, 50, 2_000));
    // 100 at 2 dollars a million, 50 at 10, 2,000 at 0.10.
    assert_eq!(usage.cost_micro_dollars, Some(200 + 500 + 200));
    assert_eq!(draft.assessment.unwrap().risk, 3);
    assert!(waits.is_empty());
    let body = &seen[0];
    assert_eq!(body["system"][0]["cache_control"]["type"], "ephemeral");
    assert!(body["system"][0]["text"].as_str().unwrap().contains("def file_write("));
    assert_eq!(body["tool_choice"]["type"], "auto", "this model takes no forced choice");
    assert_eq!(body["messages"][0]["content"][0]["text"], "# The request\n\nSay hello.");
}

#[test]
fn a_model_that_can_be_made_to_call_the_tool_is() {
    let (draft, seen, _) =
        drafted([Act::Plan(PLAN.to_owned())], |config| config.model = "claude-sonnet-4-6".to_owned());
    assert!(draft.is_ok(), "{draft:?}");
    assert_eq!(
        seen[0]["tool_choice"],
        json!({"type": "tool", "name": "submit_plan", "disable_parallel_tool_use": true})
    );
}

#[test]
fn a_wrong_key_is_told_with_its_file_and_asked_once() {
    let fake = FakeClaude::playing([]);
    let (planner, waits) = claude(&fake.url, |config| config.key = SecretString::from("sk-ant-wrong"));
    let told = planner.draft(&screened("Say hello."), &catalogue(), &[]).unwrap_err().to_string();
    assert!(told.contains("SENTINEL_CLAUDE_API_KEY_FILE") && !told.contains("sk-ant-wrong"), "{told}");
    assert_eq!(fake.seen().len(), 1);
    assert!(waits.0.lock().unwrap().is_empty());
}

#[test]
fn what_will_not_go_better_is_asked_once() {
    let refusal = Act::Stop("refusal", json!([]));
    for (act, hint) in [
        (Act::Error(400, "invalid_request_error", None), "SENTINEL_CLAUDE_MODEL"),
        (Act::Error(401, "authentication_error", None), "SENTINEL_CLAUDE_API_KEY_FILE"),
        (Act::Error(403, "permission_error", None), "another key"),
        (refusal, "refuses this request"),
        (Act::Oversized((1 << 20) + 1), "larger than"),
    ] {
        let (told, asked, waits) = told([act, Act::Plan(PLAN.to_owned())]);
        assert!(told.starts_with("no plan: ") && told.contains(hint), "{told}");
        assert_eq!((asked, waits.len()), (1, 0), "{told}");
    }
}

#[test]
fn what_may_go_better_is_asked_three_times_with_growing_pauses() {
    for (act, hint) in [
        (Act::Error(429, "rate_limit_error", None), "status 429"),
        (Act::Error(529, "overloaded_error", None), "status 529"),
        (Act::Error(503, "api_error", None), "status 503"),
        (Act::Cut, "broke off"),
        (Act::Raw(String::new()), "nothing"),
        (Act::Raw("<html>CANARY".to_owned()), "not a message"),
        (Act::Input(json!({"plan": ["CANARY"]})), "malformed"),
        (Act::Stop("end_turn", json!([{"type": "text", "text": "CANARY"}])), "ended without a plan"),
    ] {
        let (told, asked, waits) = told(vec![act; 5]);
        assert!(told.contains(hint) && told.contains("asked 3 times"), "{told}");
        assert_eq!((asked, waits.len()), (3, 2), "{told}");
        assert!(waits[0] < waits[1] || waits[0] == Duration::from_secs(1), "{waits:?}");
    }
}

#[test]
fn the_third_attempt_may_succeed_and_counts_what_the_others_cost() {
    let acts = [Act::Input(json!({})), Act::Error(529, "overloaded_error", None), Act::Plan(PLAN.to_owned())];
    let (draft, seen, _) = drafted(acts, |_| {});
    assert_eq!(seen.len(), 3);
    assert_eq!(draft.unwrap().usage.unwrap().output_tokens, 100);
}

#[test]
fn a_failure_says_what_it_cost_all_the_same() {
    let (draft, ..) = drafted([Act::Stop("refusal", json!([]))], |_| {});
    assert_eq!(draft.unwrap_err().spent.unwrap().input_tokens, 100);
}

#[test]
fn the_servers_pause_is_kept_up_to_a_bound() {
    let limited = |after| Act::Error(429, "rate_limit_error", Some(after));
    let (draft, _, waits) = drafted([limited(7), limited(3_600), Act::Plan(PLAN.to_owned())], |_| {});
    assert!(draft.is_ok(), "{draft:?}");
    assert_eq!(waits, [Duration::from_secs(7), Duration::from_secs(60)]);
}

#[test]
fn no_pause_outlasts_the_deadline() {
    let acts = [Act::Error(429, "rate_limit_error", Some(30)), Act::Plan(PLAN.to_owned())];
    let (draft, seen, waits) = drafted(acts, |config| config.timeout = Duration::from_secs(20));
    let told = draft.unwrap_err().to_string();
    assert!(told.contains("status 429") && told.contains("no time is left"), "{told}");
    assert_eq!((seen.len(), waits.len()), (1, 0));
}

#[test]
fn a_plan_that_is_cut_off_gets_twice_the_room_once() {
    let cut = || Act::Stop("max_tokens", json!([]));
    let (draft, seen, _) = drafted([cut(), Act::Plan(PLAN.to_owned())], |_| {});
    assert!(draft.is_ok(), "{draft:?}");
    assert_eq!(seen[1]["max_tokens"].as_u64(), seen[0]["max_tokens"].as_u64().map(|n| 2 * n));
    let (told, asked, _) = told([cut(), cut(), Act::Plan(PLAN.to_owned())]);
    assert!(told.contains("ask for less at once"), "{told}");
    assert_eq!(asked, 2);
}

#[test]
fn a_slow_server_is_given_up() {
    let (draft, ..) = drafted([Act::Slow], |config| config.timeout = Duration::from_millis(200));
    let told = draft.unwrap_err().to_string();
    assert!(told.contains("no plan within 0.2 s"), "{told}");
}

#[test]
fn nobody_there_is_told_with_what_to_check() {
    let (planner, _) = claude("http://127.0.0.1:1", |_| {});
    let told = planner.draft(&screened("Say hello."), &catalogue(), &[]).unwrap_err().to_string();
    assert!(
        told.contains("cannot reach http://127.0.0.1:1") && told.contains("SENTINEL_CLAUDE_URL"),
        "{told}"
    );
}

#[test]
fn a_history_shows_no_value_error_or_answer() {
    let label = Label::trusted();
    let digest = Digest::of(b"x");
    let (call, canary) = (CallNo(1), "CANARY".to_owned());
    let screened_entry = Entry::RequestScreened {
        principal: Principal::new("user"),
        channel: "cli".into(),
        request: "Read the mail.".to_owned(),
        findings: Vec::new(),
    };
    let returned = Entry::CallReturned {
        call,
        digest,
        value: json!(canary),
        label,
        findings: Vec::new(),
        file: None,
        spans: Vec::new(),
    };
    let failed = Entry::CallFailed { call, digest, message: canary.clone(), findings: Vec::new() };
    let entries =
        [screened_entry, returned, failed, Entry::Ended(RunEnd::Failed { message: canary.clone() })];
    let history = History { turns: vec![Turn::from_entries(&entries).unwrap()] };
    let fake = FakeClaude::playing([Act::Plan(PLAN.to_owned())]);
    let (planner, _) = claude(&fake.url, |_| {});
    planner.with_history(history).draft(&screened("And now?"), &catalogue(), &[]).unwrap();
    let sent = fake.seen()[0].to_string();
    assert!(sent.contains("Read the mail.") && sent.contains("It failed."), "{sent}");
    assert!(!sent.contains(&canary), "{sent}");
}
