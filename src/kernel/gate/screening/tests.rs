//! Each treatment of a finding, at each gate.

use crate::kernel::gate::GateFailure;
use crate::kernel::gate::approved::{self, Judgement, Terms};
use crate::kernel::gate::checked::{self, Checking};
use crate::kernel::gate::permitted::{self, Permission};
use crate::kernel::gate::question::{Answer, Decision, Shown};
use crate::kernel::gate::released::{self, Release};
use crate::kernel::gate::screened::{self, Screening};
use crate::kernel::gate::tests::{
    Scan, TELL, Tell, Treats, catalogue, finished, pending, screened_request, yes,
};
use crate::kernel::labelled::Labelled;
use crate::kernel::port::*;
use crate::kernel::principal::Principal;
use crate::kernel::record::Entry;
use crate::kernel::run::progress::{self, Progress};
use crate::kernel::testing::{Easy, Nobody, request};
use serde_json::json;

fn screened_as(treatment: Treatment) -> Result<Screening, GateFailure> {
    screened::screen_request(request(), &Scan::Finds, &Treats(treatment), &Easy::default())
}

#[test]
fn what_was_found_in_a_request_is_taken_out_asked_about_or_noted() {
    let passed = |treatment| match screened_as(treatment).unwrap() {
        Screening::Passed(request) => request,
        Screening::Blocked(findings) => panic!("{findings:?}"),
    };
    let text = request().text;
    assert_eq!(passed(Treatment::Note).request().text, text);
    assert_eq!(passed(Treatment::Redact).request().text, format!("[removed: injection]{}", &text[1..]));
    let (easy, asked) = (Easy::default(), passed(Treatment::Ask));
    let checking = checked::check(TELL, &asked, &catalogue(), &easy, &easy, &easy).unwrap();
    let Checking::Checked(plan) = checking else { panic!("{checking:?}") };
    let judged = approved::judge(plan, &asked, &easy, Terms::default(), &easy).unwrap();
    let Judgement::Ask(question) = judged else { panic!("{judged:?}") };
    assert_eq!(question.question().reasons[0].policy, "screen");
}

#[test]
fn a_plan_in_which_something_is_found_is_faulty_or_asks() {
    let easy = Easy::default();
    let check = |treatment| {
        checked::check(TELL, &screened_request(), &catalogue(), &Scan::Finds, &Treats(treatment), &easy)
            .unwrap()
    };
    for treatment in [Treatment::Block, Treatment::Redact] {
        let Checking::Faulty(errors) = check(treatment) else { panic!("{treatment:?}") };
        assert!(errors.to_string().contains("screening stops this plan"), "{errors}");
    }
    let Checking::Checked(plan) = check(Treatment::Ask) else { panic!("faulty") };
    let judged = approved::judge(plan, &screened_request(), &easy, Terms::default(), &easy).unwrap();
    assert!(matches!(judged, Judgement::Ask(_)));
    assert!(matches!(
        checked::check(TELL, &screened_request(), &catalogue(), &Scan::None, &easy, &easy),
        Err(GateFailure::NoScanner)
    ));
}

#[test]
fn an_argument_in_which_something_is_found_stops_the_call_or_asks() {
    let permit = |treatment| {
        permitted::permit(pending(TELL), &Scan::Finds, &Treats(treatment), &Easy::default()).unwrap()
    };
    assert!(matches!(permit(Treatment::Block), Permission::Denied(reasons) if reasons[0].policy == "screen"));
    for treatment in [Treatment::Ask, Treatment::Redact] {
        let Permission::Ask(question) = permit(treatment) else { panic!("{treatment:?}") };
        let Shown::Call { args, .. } = &question.question().shown else { panic!("no call") };
        assert_eq!((args[0].findings.len(), &args[0].value), (1, &json!("a")));
    }
    assert!(matches!(permit(Treatment::Label), Permission::Permitted(_)));
    assert!(matches!(
        permitted::permit(pending(TELL), &Scan::None, &Easy::default(), &Easy::default()),
        Err(GateFailure::NoScanner)
    ));
}

/// What a call gave, as the plan sees it after screening: the reply, or why there is none.
fn told(treatment: Treatment, plan: &str) -> (Result<Labelled<String>, String>, Vec<Entry>) {
    told_by(&Tell(json!("secret")), treatment, plan)
}

fn told_by(
    tools: &dyn Tools,
    treatment: Treatment,
    plan: &str,
) -> (Result<Labelled<String>, String>, Vec<Entry>) {
    let easy = Easy::default();
    let call = match permitted::permit(pending(plan), &easy, &easy, &easy).unwrap() {
        Permission::Permitted(permit) => permit.perform(tools, &Nobody).unwrap(),
        other => panic!("{other:?}"),
    };
    let screened = screened::screen_returned(call, &Scan::Finds, &Treats(treatment), &easy, &easy).unwrap();
    let reply = match progress::resume(screened) {
        Progress::Done(finished) => Ok(finished.reply),
        Progress::Failed(failure) => Err(failure.fault.to_string()),
        Progress::Call(call) => panic!("{call:?}"),
    };
    (reply, easy.entries())
}

const ANSWERS: &str = "answer(tell(text=\"a\"))";

#[test]
fn what_is_found_in_a_result_goes_into_its_label_is_taken_out_or_held_back() {
    let (reply, _) = told(Treatment::Note, ANSWERS);
    assert!(reply.unwrap().label.found().is_empty());
    for treatment in [Treatment::Label, Treatment::Ask] {
        let (reply, _) = told(treatment, ANSWERS);
        assert_eq!(reply.unwrap().label.found().get(&Class::Injection), Some(&treatment));
    }
    let (reply, entries) = told(Treatment::Redact, ANSWERS);
    assert_eq!(reply.unwrap().inner, "[removed: injection]ecret");
    assert!(
        !serde_json::to_string(&entries).unwrap().contains("\"secret"),
        "the record holds it: {entries:?}"
    );
    let (reply, entries) = told(Treatment::Block, ANSWERS);
    assert!(reply.unwrap_err().contains("held back by screening"));
    let Some(Entry::CallFailed { message, findings, .. }) = entries.last() else { panic!("{entries:?}") };
    assert!(message.contains("screen") && !message.contains("secret") && findings.len() == 1);
    let (reply, _) =
        told(Treatment::Block, "x = or_none(tell(text=\"a\"))\nanswer(\"none\" if x is None else x)");
    assert_eq!(reply.unwrap().inner, "none");
}

/// Reports an error in which something is found.
struct Fails;

impl Tools for Fails {
    fn invoke(&self, _: &Invocation) -> Result<ToolOutput, ToolFailure> {
        Err(ToolFailure { message: "secret".to_owned() })
    }
}

#[test]
fn words_are_taken_out_of_a_tools_error() {
    let message = |treatment| match told_by(&Fails, treatment, ANSWERS).1.pop() {
        Some(Entry::CallFailed { message, .. }) => message,
        other => panic!("{other:?}"),
    };
    assert!(message(Treatment::Note).contains("secret"));
    let redacted = message(Treatment::Redact);
    assert!(redacted.contains("[removed: injection]ecret"), "{redacted}");
}

#[test]
fn what_cannot_be_taken_out_of_a_result_is_held_back() {
    // The name of a field is part of what the value is.
    let (reply, entries) = told_by(&Tell(json!({"secret": 1})), Treatment::Redact, "answer(str(look()))");
    assert!(reply.unwrap_err().contains("held back by screening"));
    assert!(!serde_json::to_string(&entries).unwrap().contains("secret"), "the record holds it: {entries:?}");
}

#[test]
fn a_reply_in_which_something_is_found_is_cut_asked_about_or_stays() {
    let user = Principal::new("user");
    let release = |treatment| {
        released::release(finished("secret"), &user, &Scan::Finds, &Treats(treatment), &Easy::default())
            .unwrap()
    };
    let text = |released: Release| match released {
        Release::Released(reply) => reply.text().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text(release(Treatment::Label)), "secret");
    assert_eq!(text(release(Treatment::Redact)), "[removed: injection]ecret");
    assert!(matches!(release(Treatment::Block), Release::Blocked(reasons) if reasons[0].policy == "screen"));
    let Release::Ask(question) = release(Treatment::Ask) else { panic!("not asked") };
    let answer = yes(question.question());
    let Release::Ask(other) = released::release(
        finished("another"),
        &user,
        &Scan::Finds,
        &Treats(Treatment::Ask),
        &Easy::default(),
    )
    .unwrap() else {
        panic!("not asked")
    };
    assert!(matches!(other.answer(&answer, &Easy::default()), Err(GateFailure::WrongAnswer(_))));
    let (easy, no) = (Easy::default(), Answer { decision: Decision::Deny, ..answer.clone() });
    let Release::Ask(again) = release(Treatment::Ask) else { panic!("not asked") };
    assert!(matches!(again.answer(&no, &easy).unwrap(), released::Decided::Denied(_)));
    assert!(matches!(easy.entries().last(), Some(Entry::HeldBack { findings, .. }) if findings.len() == 1));
    let easy = Easy::default();
    assert!(matches!(question.answer(&answer, &easy).unwrap(), released::Decided::Released(_)));
    assert!(matches!(easy.entries().last(), Some(Entry::Released { findings, .. }) if findings.len() == 1));
}
