//! The planners against a fake of Claude's API: every kind of failure, what the user is told, and what is never sent.

use crate::fake_claude::{Act, FakeClaude, KEY, submission};
use secrecy::SecretString;
use sentinel::egress::clock::Timer;
use sentinel::eval::Ledger;
use sentinel::flow::{self, Outcome, Past, Ports, PreflightFailure, ROUNDS};
use sentinel::kernel::catalogue::Catalogue;
use sentinel::kernel::gate::screened::{self, Request, Screened, Screening};
use sentinel::kernel::id::{CallNo, Digest, RunId};
use sentinel::kernel::label::Label;
use sentinel::kernel::plan::graph::Prediction;
use sentinel::kernel::port::{ApprovalMode, Draft, Planner, PlannerFailure};
use sentinel::kernel::principal::Principal;
use sentinel::kernel::record::{Entry, RunEnd};
use sentinel::kernel::run::Limits;
use sentinel::planner::history::{History, Turn};
use sentinel::planner::written::Written;
use sentinel::planner::{Anthropic, AnthropicConfig, OllamaPlanner, OllamaPlannerConfig, prompt};
use sentinel::policy;
use sentinel::scan::Active;
use sentinel::tool::simulated::{Simulated, Unscripted};
use sentinel::tool::{builtin, stub};
use sentinel::worker::Scripted;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PLAN: &str = "answer(\"hello\")\n";

/// Time that passes only by waiting, and a note of each wait.
#[derive(Debug, Default)]
struct Waits(Mutex<Vec<Duration>>);

impl Timer for Waits {
    fn elapsed(&self) -> Duration {
        self.0.lock().unwrap().iter().sum()
    }

    fn wait(&self, time: Duration) {
        self.0.lock().unwrap().push(time);
    }
}

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::new(builtin::tools()))
}

fn engine() -> policy::Engine {
    policy::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"), &catalogue()).unwrap()
}

fn request(text: &str) -> Request {
    let user = Principal::new("user");
    Request {
        run: RunId::new("r"),
        principal: user.clone(),
        reply_to: user,
        channel: Arc::from("cli"),
        trust_level: 0,
        text: text.to_owned(),
    }
}

fn screened(text: &str) -> Screened<Request> {
    match screened::screen_request(request(text), &Active::new(), &Ledger::default()).unwrap() {
        Screening::Passed(request) => request,
        Screening::Blocked(findings) => panic!("{findings:?}"),
    }
}

/// Claude behind this server, and how long it was waited for.
fn claude(url: &str, change: impl FnOnce(&mut AnthropicConfig)) -> (Anthropic, Arc<Waits>) {
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
    let failed = Entry::CallFailed { call, digest, message: canary.clone() };
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

/// Runs a request through the flow with this planner; gives the outcome and the journal.
fn run(planner: &dyn Planner) -> (Result<Outcome, flow::FlowFailure>, Vec<Entry>) {
    let (catalogue, engine, ledger) = (catalogue(), engine(), Ledger::default());
    let tools = Simulated::new(catalogue.as_ref().clone(), Vec::new(), Unscripted::Fails);
    let worker = Scripted::from_json("[]").unwrap();
    let ports = Ports {
        planner,
        scanners: &Active::new(),
        policy: &engine,
        people: &crate::planner::Nobody,
        tools: &tools,
        worker: &worker,
        journal: &ledger,
        files: &ledger,
        catalogue: &catalogue,
        limits: Limits::default(),
        mode: ApprovalMode::Smart,
        stop: &std::sync::atomic::AtomicBool::new(false),
    };
    let outcome = flow::run(&ports, request("Say hello."), &Past::none());
    (outcome, ledger.entries())
}

/// Must not be bothered.
struct Nobody;

impl sentinel::kernel::port::People for Nobody {
    fn ask(
        &self,
        question: &sentinel::kernel::gate::question::Question,
    ) -> Result<sentinel::kernel::port::Said, sentinel::kernel::port::PeopleFailure> {
        panic!("a person was asked {:?}", question.shown);
    }
}

fn rounds(entries: &[Entry]) -> Vec<(u32, bool)> {
    let drafted = entries.iter().filter_map(|entry| match entry {
        Entry::Drafted { round, draft, .. } => Some((*round, draft.is_some())),
        _ => None,
    });
    drafted.collect()
}

#[test]
fn faults_go_back_and_every_draft_is_in_the_journal_with_its_cost() {
    let hopeless = "file_write(path=\"/etc/x\", content=\"x\")\n";
    let fake = FakeClaude::playing(["nonsense(\n", hopeless, PLAN].map(|plan| Act::Plan(plan.to_owned())));
    let (planner, _) = claude(&fake.url, |_| {});
    let (outcome, entries) = run(&planner);
    // Plans ask in this mode only where a call does, and none does.
    assert!(matches!(outcome, Ok(Outcome::Done(_))), "{outcome:?}");
    assert_eq!(rounds(&entries), [(1, true), (2, true), (3, true)]);
    let cost: u64 = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Drafted { usage, .. } => usage.cost_micro_dollars,
            _ => None,
        })
        .sum();
    assert_eq!(cost, 3 * 900);
    let last = fake.seen()[2].pointer("/messages/0/content/0/text").unwrap().as_str().unwrap().to_owned();
    assert!(last.contains("Your draft 1 had faults") && last.contains("nonsense("), "{last}");
    assert!(last.contains("line 1: `file_write` can never pass (path-leaves-workspace:"), "{last}");
}

#[test]
fn after_three_rounds_the_faults_are_the_outcome() {
    let fake = FakeClaude::playing((0..5).map(|n| Act::Plan(format!("nonsense{n}(\n"))));
    let (planner, _) = claude(&fake.url, |_| {});
    let (outcome, entries) = run(&planner);
    assert!(matches!(outcome, Ok(Outcome::Faulty(_))), "{outcome:?}");
    assert_eq!(fake.seen().len(), ROUNDS as usize);
    assert_eq!(rounds(&entries).len(), ROUNDS as usize);
}

#[test]
fn a_draft_that_comes_to_nothing_is_in_the_journal_too() {
    let fake = FakeClaude::playing([Act::Stop("refusal", json!([]))]);
    let (planner, _) = claude(&fake.url, |_| {});
    let (outcome, entries) = run(&planner);
    assert!(outcome.unwrap_err().to_string().contains("refuses"));
    assert_eq!(rounds(&entries), [(1, false)]);
}

#[test]
fn a_written_plan_has_no_second_round_and_no_draft() {
    for (plan, faulty) in [("nonsense(\n", true), ("file_write(path=\"/etc/x\", content=\"x\")\n", false)] {
        let (outcome, entries) = run(&Written::new(plan, true));
        let outcome = outcome.unwrap();
        assert_eq!(matches!(outcome, Outcome::Faulty(_)), faulty, "{outcome:?}");
        assert_eq!(matches!(outcome, Outcome::Refused(_)), !faulty, "{outcome:?}");
        assert!(rounds(&entries).is_empty());
        let checked = entries.iter().filter(|e| matches!(e, Entry::PlanChecked { .. })).count();
        assert_eq!(checked, usize::from(!faulty));
    }
}

#[test]
fn good_examples_check_and_bad_ones_are_refused() {
    let (catalogue, engine) = (catalogue(), engine());
    let check = |text: &str| flow::preflight(text, &request("Do it."), &catalogue, &engine);
    let never = |graph: &sentinel::kernel::plan::FlowGraph| {
        graph.calls.iter().any(|call| call.prediction == Prediction::Never)
    };
    for good in prompt::GOOD {
        let graph = check(good.text).unwrap_or_else(|e| panic!("{}: {e}", good.name));
        assert!(!never(&graph) && good.text.starts_with("# Request: "), "{}", good.name);
    }
    for bad in prompt::BAD {
        let refused = match check(bad.text) {
            Ok(graph) => never(&graph),
            Err(PreflightFailure::Faulty(_)) => true,
            Err(PreflightFailure::Gate(e)) => panic!("{e}"),
        };
        assert!(refused && bad.text.contains("\n# Why: "), "{} is a good plan", bad.name);
    }
}

#[test]
fn the_system_prompt_as_it_was_reviewed() {
    insta::assert_snapshot!(prompt::system(&stub::render(&catalogue())));
}

/// One draft from an Ollama server that gives these contents in turn.
fn local(contents: &[(&str, u64)]) -> (Result<Draft, PlannerFailure>, Vec<Json>) {
    let acts = contents.iter().map(|(content, tokens)| {
        let reply = json!({"message": {"role": "assistant", "content": content}, "done": true,
                           "done_reason": "stop", "prompt_eval_count": 9, "eval_count": tokens});
        Act::Raw(reply.to_string())
    });
    let fake = FakeClaude::playing(acts);
    let planner = OllamaPlanner::new(OllamaPlannerConfig::new(&fake.url, "qwen3:14b"), stub::render).unwrap();
    (planner.draft(&screened("Say hello."), &catalogue(), &[]), fake.seen())
}

#[test]
fn a_local_model_drafts_in_the_same_form_and_costs_nothing() {
    let (draft, seen) = local(&[("", 1), (&submission(PLAN).to_string(), 5)]);
    let draft = draft.unwrap();
    assert_eq!(draft.text, PLAN);
    let usage = draft.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.cost_micro_dollars), (18, 6, Some(0)));
    assert_eq!(seen.len(), 2, "an empty answer is tried once more");
}

#[test]
fn a_local_models_unusable_answers_are_named() {
    for (content, tokens, fault) in [
        ("", 1, "it is empty"),
        ("CANARY", 1, "not the JSON"),
        ("{}", 1, "no plan in it"),
        ("{}", 4_096, "cut off"),
    ] {
        let (draft, seen) = local(&[(content, tokens), (content, tokens), (content, tokens)]);
        let told = draft.unwrap_err().to_string();
        assert!(told.contains(fault) && told.contains("asked 2 times") && !told.contains("CANARY"), "{told}");
        assert_eq!(seen.len(), 2);
    }
}
