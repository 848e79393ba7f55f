use super::*;
use crate::kernel::gate::GateFailure;
use crate::kernel::gate::permitted::{self, CallQuestion, Permission, Permitted};
use crate::kernel::gate::screened::{self, EditScreening, Screened};
use crate::kernel::gate::tests::{Full, Scan, Tell, Treats, asks, catalogue, pending, yes};
use crate::kernel::id::{CallNo, RunId};
use crate::kernel::label::Readers;
use crate::kernel::plan::FlowGraph;
use crate::kernel::port::*;
use crate::kernel::run::progress::{self, Progress};
use crate::kernel::testing::{Easy, Nobody, request};
use serde_json::json;

/// A stranger's text says to whom, and whether, something is paid.
const PAYS: &str = "who = tell(text=\"a\")\nif who != \"\":\n    pay(to=who, amount=5)";

/// Asks where the payee is a stranger's; nobody ever pays the thief.
struct Guards;

impl Policy for Guards {
    fn version(&self) -> Digest {
        Digest::of(b"guards")
    }

    fn judge_call(&self, facts: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
        let Some(to) = facts.args.iter().find(|arg| arg.name.as_ref() == "to") else {
            return Ok(Verdict::Allow(Vec::new()));
        };
        let reasons = |text: &str| vec![Reason { policy: "guards".into(), text: text.into() }];
        Ok(match &to.value {
            Some(value) if value == "thief" => Verdict::Deny(reasons("never")),
            _ if to.label.is_trusted() => Verdict::Allow(Vec::new()),
            _ => Verdict::Ask(reasons("a stranger chose the payee")),
        })
    }

    fn judge_plan(&self, _: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Allow(Vec::new()))
    }

    fn treat(&self, _: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        Ok((Treatment::Note, Vec::new()))
    }
}

/// The payment of [`PAYS`] as the plan wants it.
fn payment() -> PendingCall {
    let easy = Easy::default();
    let Permission::Permitted(first) = permitted::permit(pending(PAYS), &easy, &easy, &easy).unwrap() else {
        panic!("the first call is allowed")
    };
    let returned = first.perform(&Tell(json!("mallory")), &Nobody).unwrap();
    match progress::resume(screened::screen_returned(returned, &easy, &easy, &easy, &easy).unwrap()) {
        Progress::Call(call) => call,
        other => panic!("{other:?}"),
    }
}

fn asked(call: PendingCall, policy: &dyn Policy) -> CallQuestion {
    match permitted::permit(call, &Easy::default(), policy, &Easy::default()).unwrap() {
        Permission::Ask(question) => question,
        other => panic!("{other:?}"),
    }
}

fn typed_in(question: &CallQuestion, args: Json) -> Edit {
    let Json::Object(args) = args else { panic!("no object") };
    Edit { question: question.question().digest, args, by: Principal::new("ann"), reason: None }
}

fn edit(question: &CallQuestion, args: Json) -> Screened<Edit> {
    match screened::screen_edit(typed_in(question, args), &request(), &Easy::default(), &Easy::default())
        .unwrap()
    {
        EditScreening::Passed(edit) => edit,
        EditScreening::Blocked(findings) => panic!("{findings:?}"),
    }
}

/// The question after `args` were edited at this one.
fn edited(question: CallQuestion, args: Json) -> CallQuestion {
    let edit = edit(&question, args);
    asked(question.edit(&edit, &Easy::default()).unwrap(), &asks())
}

fn shown(question: &CallQuestion) -> (Vec<RecordedArg>, Label) {
    match &question.question().shown {
        Shown::Call { args, pc, .. } => (args.clone(), pc.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_the_edited_argument_is_the_persons_own() {
    let before = asked(payment(), &asks());
    let (old, old_pc) = shown(&before);
    assert!(!old[0].label.is_trusted() && !old_pc.is_trusted() && old[0].through == [CallNo(1)]);
    let after = edited(before, json!({"amount": 6, "note": "from ann"}));
    let (new, new_pc) = shown(&after);
    // Neither who is paid nor why is any better for it.
    assert_eq!((&new[0], &new_pc), (&old[0], &old_pc));
    for (arg, name, value) in [(&new[1], "amount", json!(6)), (&new[2], "note", json!("from ann"))] {
        assert_eq!((arg.name.as_ref(), &arg.value), (name, &value));
        assert_eq!(arg.label, Label::trusted_from(Source::User));
        assert_eq!((arg.label.readers(), &arg.through[..]), (&Readers::Public, &[][..]));
    }
}

#[test]
fn a_strangers_value_that_was_not_wholly_replaced_stays_the_strangers() {
    let old = shown(&asked(payment(), &asks())).0[0].clone();
    for now in ["mallory2", "to MALLory", "all orders"] {
        let journal = Easy::default();
        let question = asked(payment(), &asks());
        let edit = edit(&question, json!({"to": now}));
        let live = question.edit(&edit, &journal).unwrap();
        let Some(Entry::Answered { edits, .. }) = journal.entries().pop() else { panic!("no edit") };
        let again = permitted::edited_before(payment(), edit.edit()).unwrap();
        let foreseen =
            foreseen(catalogue().get("pay").unwrap(), std::slice::from_ref(&old), &edit.edit().args);
        for arg in
            [&shown(&asked(live, &asks())).0[0], &shown(&asked(again, &asks())).0[0], &edits[0], &foreseen[0]]
        {
            assert_eq!((&arg.value, &arg.label), (&json!(now), &old.label.join(&typed())), "{now}");
            assert_eq!(arg.through, [CallNo(1)]);
        }
    }
    let whole = edited(asked(payment(), &asks()), json!({"to": "bob"}));
    assert_eq!((&shown(&whole).0[0].label, &shown(&whole).0[0].through[..]), (&typed(), &[][..]));
    // Nor does a second edit make it better.
    let twice =
        edited(edited(asked(payment(), &asks()), json!({"to": "mallory2"})), json!({"to": "mallory3"}));
    assert!(!shown(&twice).0[0].label.is_trusted());
}

#[test]
fn a_strangers_value_that_comes_back_by_way_of_another_is_still_the_strangers() {
    let own = edited(asked(payment(), &asks()), json!({"to": "bob"}));
    assert!(shown(&own).0[0].label.is_trusted());
    assert!(!shown(&edited(own, json!({"to": "mallory"}))).0[0].label.is_trusted());
}

#[test]
fn what_is_still_a_strangers_is_named() {
    let question = asked(payment(), &asks()).question().clone();
    let named = |args: Json| {
        let Json::Object(args) = args else { panic!("no object") };
        let kept = still_strange(&question, &catalogue(), &args);
        kept.into_iter().map(|(name, label)| (name.to_string(), label.is_trusted())).collect::<Vec<_>>()
    };
    assert_eq!(named(json!({"to": "mallory2", "amount": 7})), [("to".to_owned(), false)]);
    assert_eq!(named(json!({"to": "bob", "amount": 7})), []);
}

#[test]
fn a_value_sent_back_as_it_was_stays_the_strangers() {
    for same in [json!({"amount": 6, "to": "mallory"}), json!({"amount": 5.0}), json!({"note": null})] {
        let question = asked(payment(), &asks());
        let edit = edit(&question, same.clone());
        let refused = question.edit(&edit, &Easy::default());
        assert!(matches!(refused, Err(GateFailure::WrongEdit(EditRefused::Unchanged(_)))), "{same}");
    }
}

#[test]
fn an_edited_call_is_judged_like_any_other() {
    let judged = |args: Json| {
        let question = asked(payment(), &Guards);
        let edit = edit(&question, args);
        let call = question.edit(&edit, &Easy::default()).unwrap();
        permitted::permit(call, &Easy::default(), &Guards, &Easy::default()).unwrap()
    };
    assert!(matches!(judged(json!({"to": "bob"})), Permission::Permitted(Permitted { .. })));
    assert!(matches!(judged(json!({"to": "thief"})), Permission::Denied(_)));
    assert!(matches!(judged(json!({"amount": 1})), Permission::Ask(_)));
}

#[test]
fn an_edit_counts_for_its_own_question_only() {
    let first = asked(payment(), &asks());
    let (edit, yes) = (edit(&first, json!({"amount": 6})), yes(first.question()));
    let second = asked(first.edit(&edit, &Easy::default()).unwrap(), &asks());
    assert_ne!(second.question().digest, edit.edit().question);
    // Nor is a yes to the old question one to the new.
    assert!(matches!(second.answer(&yes, &Easy::default()), Err(GateFailure::WrongAnswer(_))));
    let second = edited(asked(payment(), &asks()), json!({"amount": 6}));
    assert!(matches!(second.edit(&edit, &Easy::default()), Err(GateFailure::WrongAnswer(_))));
}

#[test]
fn a_value_that_is_edited_back_makes_no_old_question() {
    let second = edited(asked(payment(), &asks()), json!({"amount": 6}));
    let old = second.question().digest;
    let third = edited(second, json!({"amount": 7}));
    let fourth = edited(third, json!({"amount": 6}));
    assert_ne!(fourth.question().digest, old);
}

#[test]
fn what_was_edited_before_a_restart_makes_the_same_call_again() {
    let question = asked(payment(), &asks());
    let edit = edit(&question, json!({"amount": 6}));
    let live = question.edit(&edit, &Easy::default()).unwrap();
    let again = permitted::edited_before(payment(), edit.edit()).unwrap();
    assert_eq!(permitted::digest_of(&live), permitted::digest_of(&again));
    assert_ne!(permitted::digest_of(&live), permitted::digest_of(&payment()));
    let digest = |call| asked(call, &asks()).question().digest;
    assert_eq!(digest(live), digest(again));
}

#[test]
fn an_edit_is_recorded_before_it_counts() {
    let question = asked(payment(), &asks());
    let given = edit(&question, json!({"amount": 6}));
    assert!(question.edit(&given, &Full).is_err());
    let (question, easy) = (asked(payment(), &asks()), Easy::default());
    let _call = question.edit(&given, &easy).unwrap();
    let entries = easy.entries();
    let Some(Entry::Answered { question, end, by, edits, .. }) = entries.last() else {
        panic!("{entries:?}")
    };
    assert_eq!((*question, *end), (given.edit().question, QuestionEnd::Superseded));
    assert_eq!(by.as_ref().map(Principal::name), Some("ann"));
    let edits: Vec<_> = edits.iter().map(|edit| (edit.name.as_ref(), edit.value.clone())).collect();
    assert_eq!(edits, [("amount", json!(6))]);
}

#[test]
fn what_a_person_writes_is_screened_like_a_request() {
    let question = asked(payment(), &asks());
    let screen = |scan: Scan, treatment| {
        let edit = typed_in(&question, json!({"note": "x"}));
        screened::screen_edit(edit, &request(), &scan, &Treats(treatment))
    };
    for treatment in [Treatment::Block, Treatment::Redact] {
        assert!(matches!(screen(Scan::Finds, treatment).unwrap(), EditScreening::Blocked(_)));
    }
    assert!(matches!(screen(Scan::None, Treatment::Block), Err(GateFailure::NoScanner)));
    assert!(matches!(screen(Scan::Fails, Treatment::Block), Err(GateFailure::Scanner(_))));
}

#[test]
fn what_cannot_be_edited_is_named_with_what_it_takes() {
    let question = asked(payment(), &asks()).question().clone();
    let refused = |args: Json| {
        let Json::Object(args) = args else { panic!("no object") };
        check(&question, &catalogue(), &args).unwrap_err().to_string()
    };
    assert!(refused(json!({})).contains("name what is to change"));
    assert!(refused(json!({"amuont": 6})).contains("no argument `amuont`: it takes `to`, `amount`, `note`"));
    let misfit = refused(json!({"amount": "six"}));
    assert!(misfit.contains("takes float as `amount`") && misfit.contains("found str"), "{misfit}");
    assert!(refused(json!({"to": null})).contains("takes str as `to`"));
    assert!(refused(json!({"to": "mallory"})).contains("`to` is that already"));
    let one = json!({"x": 1}).as_object().unwrap().clone();
    let (request, plan, graph) = (String::new(), String::new(), FlowGraph::default());
    let confirm = Shown::Confirm { call: CallNo(1), question: "Pay?".into(), label: Label::trusted() };
    for shown in [Shown::Plan { request, plan, graph, assessment: None }, confirm] {
        let other = Question { shown, run: RunId::new("run"), ..question.clone() };
        assert!(matches!(check(&other, &catalogue(), &one), Err(EditRefused::NotACall(_))));
    }
    let refused = edited_confirm(&one);
    assert!(matches!(refused, Err(GateFailure::WrongEdit(EditRefused::NotACall(_)))), "{refused:?}");
}

/// As [`check`] refuses it, should a face not have asked.
fn edited_confirm(args: &Map<String, Json>) -> Result<PendingCall, GateFailure> {
    let question = asked(pending("answer(f\"{confirm(\"Pay?\")}\")"), &asks());
    let edit = edit(&question, Json::Object(args.clone()));
    question.edit(&edit, &Easy::default())
}

#[test]
fn an_optional_argument_can_be_taken_away() {
    let with_note = edited(asked(payment(), &asks()), json!({"note": "x"}));
    let without = edited(with_note, json!({"note": null}));
    let names: Vec<Arc<str>> = shown(&without).0.into_iter().map(|arg| arg.name).collect();
    assert_eq!(names, ["to".into(), "amount".into()]);
}
