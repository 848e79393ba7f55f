//! Drafts go back with their faults, a bounded number of times, and every one is in the journal.

use super::claude::claude;
use super::{PLAN, catalogue, engine, request};
use crate::fake_claude::{Act, FakeClaude};
use sentinel::eval::Ledger;
use sentinel::flow::{self, Outcome, Past, Ports, ROUNDS};
use sentinel::kernel::port::{ApprovalMode, Planner};
use sentinel::kernel::record::Entry;
use sentinel::kernel::run::Limits;
use sentinel::planner::written::Written;
use sentinel::scan::Active;
use sentinel::session::Conversation;
use sentinel::tool::simulated::{Simulated, Unscripted};
use sentinel::worker::Scripted;
use serde_json::json;

/// Runs a request through the flow with this planner; gives the outcome and the journal.
fn run(planner: &dyn Planner) -> (Result<Outcome, flow::FlowFailure>, Vec<Entry>) {
    let (catalogue, engine, ledger) = (catalogue(), engine(), Ledger::default());
    let tools = Simulated::new(catalogue.as_ref().clone(), Vec::new(), Unscripted::Fails);
    let worker = Scripted::from_json("[]").unwrap();
    let ports = Ports {
        planner,
        scanners: &Active::new(),
        policy: &engine,
        people: &Nobody,
        tools: &tools,
        worker: &worker,
        onlooker: None,
        journal: &ledger,
        files: &ledger,
        conversation: &Conversation::begins(0),
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
    let Ok(Outcome::Refused(reasons)) = outcome else { panic!("{outcome:?}") };
    assert!(reasons[0].policy == "planner" && reasons[0].text.contains("refuses"), "{reasons:?}");
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
