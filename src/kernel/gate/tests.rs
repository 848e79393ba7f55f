//! Each gate refuses what it is there to refuse. Remove the guard, and the test of its name fails: docs/gates.md.

mod ports;
mod proofs;

pub(super) use ports::{Full, Says, Scan, Tell, Treats, asks, denies};
pub(super) use proofs::{TELL, catalogue, finished, pending, screened_request, yes};

use super::GateFailure;
use super::approved::{self, Answered, Judgement, Terms};
use super::checked;
use super::permitted::{self, Decided, Permission};
use super::question::{Answer, Decision};
use super::released::{self, Release};
use super::returned::{self, Remembered};
use super::screened::{self, Screening};
use crate::kernel::id::Digest;
use crate::kernel::label::Label;
use crate::kernel::port::*;
use crate::kernel::principal::Principal;
use crate::kernel::record::Entry;
use crate::kernel::run::progress::{self, Progress};
use crate::kernel::testing::{Easy, Nobody, request};
use proofs::{checked_plan, permit, question};
use serde_json::json;
use std::sync::Arc;

#[test]
fn nothing_passes_without_a_scanner_or_when_one_fails() {
    let easy = Easy::default();
    let none = screened::screen_request(request(), &Scan::None, &easy, &easy);
    assert!(matches!(none, Err(GateFailure::NoScanner)));
    assert!(matches!(
        screened::screen_request(request(), &Scan::Fails, &easy, &easy),
        Err(GateFailure::Scanner(_))
    ));
    let returned = permit(TELL).perform(&Tell(json!("x")), &Nobody).unwrap();
    assert!(matches!(
        screened::screen_returned(returned, &Scan::None, &easy, &easy, &easy),
        Err(GateFailure::NoScanner)
    ));
    let release = released::release(finished("x"), &Principal::new("user"), &Scan::None, &easy, &easy);
    assert!(matches!(release, Err(GateFailure::NoScanner)));
}

#[test]
fn a_grave_finding_blocks_a_request() {
    let blocked =
        screened::screen_request(request(), &Scan::Finds, &Treats(Treatment::Block), &Easy::default())
            .unwrap();
    assert!(matches!(blocked, Screening::Blocked(_)));
}

#[test]
fn no_record_no_decision() {
    let easy = Easy::default();
    assert!(screened::screen_request(request(), &easy, &easy, &Full).is_err());
    assert!(checked::check(TELL, &screened_request(), &catalogue(), &easy, &easy, &Full).is_err());
    let plan = checked_plan(TELL, &easy);
    assert!(approved::judge(plan, &screened_request(), &easy, Terms::default(), &Full).is_err());
    assert!(permitted::permit(pending(TELL), &Easy::default(), &easy, &Full).is_err());
    let asked = question(TELL);
    let answer = yes(asked.question());
    assert!(asked.answer(&answer, &Full).is_err());
    let returned = permit(TELL).perform(&Tell(json!("x")), &Nobody).unwrap();
    assert!(screened::screen_returned(returned, &easy, &easy, &easy, &Full).is_err());
    assert!(released::release(finished("x"), &Principal::new("user"), &easy, &easy, &Full).is_err());
}

#[test]
fn a_plan_that_can_never_pass_is_denied_before_a_person_is_asked() {
    let plan = checked_plan(TELL, &denies());
    let judged = approved::judge(plan, &screened_request(), &denies(), Terms::default(), &Easy::default());
    assert!(matches!(judged.unwrap(), Judgement::Denied(reasons) if reasons[0].text == "never"));
}

#[test]
fn a_call_is_judged_and_not_only_the_plan() {
    let denied = permitted::permit(pending(TELL), &Easy::default(), &denies(), &Easy::default()).unwrap();
    assert!(matches!(denied, Permission::Denied(_)));
    assert!(matches!(
        permitted::permit(pending(TELL), &Easy::default(), &asks(), &Easy::default()).unwrap(),
        Permission::Ask(_)
    ));
}

#[test]
fn an_answer_counts_for_its_own_question_only() {
    let (first, second) = (question(TELL), question("tell(text=\"b\")"));
    assert_ne!(first.question().digest, second.question().digest);
    let answer = yes(first.question());
    assert!(matches!(second.answer(&answer, &Easy::default()), Err(GateFailure::WrongAnswer(_))));
    assert!(matches!(first.answer(&answer, &Easy::default()).unwrap(), Decided::Permitted(_)));
}

#[test]
fn a_no_is_a_no() {
    let asked = question(TELL);
    let no = Answer { decision: Decision::Deny, ..yes(asked.question()) };
    assert!(matches!(asked.answer(&no, &Easy::default()).unwrap(), Decided::Denied(_)));
}

#[test]
fn a_question_is_bound_to_labels_and_policy_version() {
    let digest = |text: &str, policy: &dyn Policy| match permitted::permit(
        pending(text),
        &Easy::default(),
        policy,
        &Easy::default(),
    )
    .unwrap()
    {
        Permission::Ask(asked) => asked.question().digest,
        other => panic!("{other:?}"),
    };
    struct Newer(Says);
    impl Policy for Newer {
        fn version(&self) -> Digest {
            Digest::of(b"newer")
        }
        fn judge_call(&self, facts: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
            self.0.judge_call(facts)
        }
        fn judge_plan(&self, facts: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
            self.0.judge_plan(facts)
        }

        fn treat(&self, _: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
            Ok((Treatment::Note, Vec::new()))
        }
    }
    assert_eq!(digest(TELL, &asks()), digest(TELL, &asks()));
    assert_ne!(digest(TELL, &asks()), digest(TELL, &Newer(asks())));
}

#[test]
fn a_result_is_recalled_only_for_the_call_that_was_made() {
    let remembered = |digest| Remembered { digest, value: json!("x"), label: Label::trusted(), error: None };
    let right = permitted::digest_of(&pending(TELL));
    assert!(returned::recall(pending(TELL), remembered(right)).is_ok());
    let other = returned::recall(pending("tell(text=\"b\")"), remembered(right));
    assert!(matches!(other, Err(GateFailure::Diverged(_))));
}

#[test]
fn a_tool_that_breaks_its_type_gives_no_value() {
    let easy = Easy::default();
    let returned =
        permit("answer(tell(text=\"a\"))").perform(&Tell(json!({"not": "text"})), &Nobody).unwrap();
    let screened = screened::screen_returned(returned, &easy, &easy, &easy, &easy).unwrap();
    assert!(matches!(progress::resume(screened), Progress::Failed(_)));
}

/// A model that does not answer, for this reason.
struct Silent(WorkerFailure);

impl Worker for Silent {
    fn name(&self) -> Arc<str> {
        "silent".into()
    }

    fn answer(&self, _: &Ask) -> Result<WorkerReply, WorkerFailure> {
        Err(self.0.clone())
    }
}

#[test]
fn a_missing_worker_ends_no_run() {
    let asks = "answer(ask(\"Is it?\", data=\"x\", type=bool | None))";
    let missing = Silent(WorkerFailure::Unavailable("no model".to_owned()));
    let failure = permit(asks).perform(&Tell(json!("x")), &missing).unwrap_err();
    assert!(matches!(failure, GateFailure::Worker(WorkerFailure::Unavailable(_))), "{failure:?}");
}

#[test]
fn a_worker_that_was_given_up_ends_no_run() {
    let asks = "answer(ask(\"Is it?\", data=\"x\", type=bool | None))";
    let failure = permit(asks).perform(&Tell(json!("x")), &Silent(WorkerFailure::GivenUp)).unwrap_err();
    assert!(matches!(failure, GateFailure::Worker(WorkerFailure::GivenUp)), "{failure:?}");
}

#[test]
fn a_refusal_is_recorded_with_what_would_have_been_done() {
    let easy = Easy::default();
    let asked = question(TELL);
    let no = Answer { decision: Decision::Deny, ..yes(asked.question()) };
    assert!(matches!(asked.answer(&no, &easy).unwrap(), Decided::Denied(_)));
    let entries = easy.entries();
    let Some(Entry::CallRefused { line: 1, args, .. }) = entries.last() else { panic!("{entries:?}") };
    assert_eq!(args.first().map(|arg| (arg.name.as_ref(), &arg.value)), Some(("text", &json!("a"))));
}

#[test]
fn a_reply_goes_only_to_who_may_read_it() {
    let easy = Easy::default();
    let leak =
        released::release(finished("private"), &Principal::new("stranger"), &easy, &easy, &easy).unwrap();
    assert!(matches!(leak, Release::Leak { .. }));
    let own = released::release(finished("private"), &Principal::new("user"), &easy, &easy, &easy).unwrap();
    assert!(matches!(own, Release::Released(reply) if reply.text() == "private"));
}

#[test]
fn untrusted_links_are_shown_and_images_do_not_load() {
    let easy = Easy::default();
    let text = "see [the bank](https://evil.example/?q=1) ![x](https://evil.example/p.png) <img src=x> https://ok.example";
    let Release::Released(reply) =
        released::release(finished(text), &Principal::new("user"), &easy, &easy, &easy).unwrap()
    else {
        panic!("held back")
    };
    assert_eq!(
        reply.text(),
        "see the bank <https://evil.example/?q=1> [image removed: x] &lt;img src=x> https://ok.example"
    );
}

#[test]
fn a_rejected_plan_does_not_start() {
    struct AsksForPlans;
    impl Policy for AsksForPlans {
        fn version(&self) -> Digest {
            Digest::of(b"plans")
        }
        fn judge_call(&self, _: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
            Ok(Verdict::Allow(Vec::new()))
        }
        fn judge_plan(&self, _: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
            Ok(asks().0)
        }

        fn treat(&self, _: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
            Ok((Treatment::Note, Vec::new()))
        }
    }
    let easy = Easy::default();
    let ask = || {
        let plan = checked_plan(TELL, &AsksForPlans);
        match approved::judge(plan, &screened_request(), &AsksForPlans, Terms::default(), &easy).unwrap() {
            Judgement::Ask(question) => question,
            other => panic!("{other:?}"),
        }
    };
    let asked = ask();
    let no = Answer { decision: Decision::Deny, ..yes(asked.question()) };
    assert!(matches!(asked.answer(&no, &easy).unwrap(), Answered::Rejected(_)));
    let asked = ask();
    let answer = yes(asked.question());
    assert!(matches!(asked.answer(&answer, &easy).unwrap(), Answered::Approved(_)));
}
