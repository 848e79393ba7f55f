use super::super::tests::*;
use super::super::{Fault, Store};
use super::*;
use crate::kernel::port::Journal;
use serde_json::json;

const NOW: i64 = 1_000;
const LATE: i64 = 301_000;

fn about(of: &str, in_run: &str, call: Option<u32>) -> NewQuestion {
    NewQuestion {
        digest: digest(of),
        run: run(in_run),
        call: call.map(CallNo),
        kind: if call.is_some() { QuestionKind::Call } else { QuestionKind::Plan },
        payload: json!({"shown": of}),
        created: NOW,
        expires_at: LATE,
    }
}

fn say(store: &Store, row: &QuestionRow, answer: Answer) -> Result<Answered, AnswerError> {
    store.answer(&row.id, &row.digest, answer, &ann(), Some("because"), NOW + 1)
}

/// A granted question about call 1 of run `r`.
fn granted(store: &Store) -> QuestionRow {
    let row = store.ask(about("call 1", "r", Some(1))).unwrap();
    say(store, &row, Answer::Granted).unwrap().question
}

#[test]
fn a_question_is_asked_answered_and_found_again() {
    let f = fixture();
    let row = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    assert!(row.id.len() == 10 && row.id.chars().all(|c| c.is_ascii_alphanumeric()), "{}", row.id);
    assert_eq!((row.state, row.payload.clone()), (QuestionState::Pending, json!({"shown": "call 1"})));
    assert_eq!(f.store.pending().unwrap(), vec![row.clone()]);
    assert_eq!(f.store.approved_for(&row.run, &row.digest).unwrap(), None);

    let answered = say(&f.store, &row, Answer::Granted).unwrap().question;
    let expected = QuestionRow {
        state: QuestionState::Approved,
        answered_by: Some(ann()),
        answered_at: Some(NOW + 1),
        reason: Some("because".to_owned()),
        ..row.clone()
    };
    assert_eq!(answered, expected);
    let f = f.reopened();
    assert_eq!(f.store.pending().unwrap(), []);
    assert_eq!(f.store.question(&row.id).unwrap(), Some(expected.clone()));
    assert_eq!(f.store.approved_for(&row.run, &row.digest).unwrap(), Some(expected));
}

#[test]
fn the_same_open_question_is_one_question() {
    let f = fixture();
    let first = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    assert_eq!(f.store.ask(about("call 1", "r", Some(1))).unwrap(), first);
    assert_eq!(f.store.questions(&run("r")).unwrap().len(), 1);
    say(&f.store, &first, Answer::Denied).unwrap();
    assert_ne!(f.store.ask(about("call 1", "r", Some(1))).unwrap().id, first.id);
}

#[test]
fn an_approval_does_not_cross_runs() {
    let f = fixture();
    let mine = granted(&f.store);
    assert_eq!(f.store.approved_for(&run("other"), &mine.digest).unwrap(), None);
    let other = f.store.ask(about("call 1", "other", Some(1))).unwrap();
    assert_eq!(other.state, QuestionState::Pending);
    let error = f.store.record_using_approval(&run("other"), &started(1, "t", &[]), &mine.id).unwrap_err();
    assert_eq!(error, ApprovalError::Mismatch(mine.id));
}

#[test]
fn an_answer_counts_once() {
    let f = fixture();
    let row = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    say(&f.store, &row, Answer::Denied).unwrap();
    let again = say(&f.store, &row, Answer::Granted).unwrap_err();
    assert_eq!(again, AnswerError::AlreadyDecided { id: row.id.clone(), state: QuestionState::Denied });
    assert_eq!(f.store.approved_for(&row.run, &row.digest).unwrap(), None);
}

#[test]
fn of_many_answers_at_once_one_counts() {
    let f = fixture();
    let row = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    let counted = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|n| {
                let answer = if n % 2 == 0 { Answer::Granted } else { Answer::Denied };
                let (store, row) = (&f.store, &row);
                scope.spawn(move || say(store, row, answer).is_ok())
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).filter(|ok| *ok).count()
    });
    assert_eq!(counted, 1);
}

/// Edits a question about a call.
fn edit(store: &Store, row: &QuestionRow, to: i64) -> Result<Answered, AnswerError> {
    store.edit(&row.id, &row.digest, amount(to), &ann(), Some("too much"), NOW + 1)
}

fn amount(to: i64) -> Map<String, Json> {
    Map::from_iter([("amount".to_owned(), json!(to))])
}

#[test]
fn an_edit_ends_a_question_and_approves_nothing() {
    let f = fixture();
    let row = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    let edited = edit(&f.store, &row, 5).unwrap().question;
    let expected = QuestionRow {
        state: QuestionState::Superseded,
        answered_by: Some(ann()),
        answered_at: Some(NOW + 1),
        reason: Some("too much".to_owned()),
        edited_args: Some(amount(5)),
        ..row.clone()
    };
    assert_eq!(edited, expected);
    let f = f.reopened();
    assert_eq!(f.store.question(&row.id).unwrap(), Some(expected));
    for later in [say(&f.store, &row, Answer::Granted), edit(&f.store, &row, 6)] {
        assert_eq!(later.unwrap_err(), AnswerError::Superseded(row.id.clone()));
    }
    assert_eq!(f.store.approved_for(&row.run, &row.digest).unwrap(), None);
    let start = f.store.record_using_approval(&run("r"), &started(1, "t", &[]), &row.id).unwrap_err();
    assert_eq!(start, ApprovalError::NotApproved { id: row.id, state: QuestionState::Superseded });
    let plan = f.store.ask(about("plan", "r", None)).unwrap();
    assert!(edit(&f.store, &plan, 5).is_err(), "the table takes edits of calls only");
    assert_eq!(f.store.question(&plan.id).unwrap().unwrap().state, QuestionState::Pending);
}

#[test]
fn of_answers_and_edits_at_once_one_counts() {
    let f = fixture();
    for round in 0..8 {
        let row = f.store.ask(about(&format!("call {round}"), "r", Some(round))).unwrap();
        let counted: Vec<bool> = std::thread::scope(|scope| {
            let (store, row) = (&f.store, &row);
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    scope.spawn(move || match n % 2 {
                        0 => say(store, row, Answer::Granted).is_ok(),
                        _ => edit(store, row, n).is_ok(),
                    })
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let winner = counted.iter().position(|counts| *counts).unwrap();
        assert_eq!(counted.iter().filter(|counts| **counts).count(), 1);
        let row = f.store.question(&row.id).unwrap().unwrap();
        let expected = match winner % 2 {
            0 => (QuestionState::Approved, None),
            _ => (QuestionState::Superseded, Some(amount(winner as i64))),
        };
        assert_eq!((row.state, row.edited_args), expected);
    }
}

#[test]
fn a_question_put_after_now_is_late_for_the_clock_was_set_back() {
    let f = fixture();
    let at =
        |created: i64| NewQuestion { created, expires_at: created + 300_000, ..about("q", "r", Some(1)) };
    let day = 86_400_000;
    let row = f.store.ask(at(day)).unwrap();
    let answer = |now| f.store.answer(&row.id, &row.digest, Answer::Granted, &ann(), None, now);
    assert_eq!(f.store.expire(day - SLACK_MS).unwrap(), [], "a correction by a minute ends nothing");
    assert_eq!(answer(day - SLACK_MS - 1).unwrap_err(), AnswerError::Expired(row.id.clone()));
    assert_eq!(answer(day + 1).unwrap_err(), AnswerError::Expired(row.id.clone()), "for good");
    let again = f.store.ask(at(day)).unwrap();
    let expired = f.store.expire(0).unwrap();
    assert_eq!(expired.iter().map(|row| &row.id).collect::<Vec<_>>(), [&again.id]);
}

#[test]
fn an_answer_to_something_else_does_not_count() {
    let f = fixture();
    let row = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    let other = f.store.answer(&row.id, &digest("shown before"), Answer::Granted, &ann(), None, NOW);
    assert_eq!(other.unwrap_err(), AnswerError::Superseded(row.id.clone()));
    assert_eq!(f.store.question(&row.id).unwrap().unwrap().state, QuestionState::Pending);
    let unknown = f.store.answer("nothing", &row.digest, Answer::Granted, &ann(), None, NOW);
    assert_eq!(unknown.unwrap_err(), AnswerError::Unknown("nothing".to_owned()));
}

#[test]
fn a_changed_question_supersedes_the_old_one() {
    let f = fixture();
    let old = f.store.ask(about("pay 10", "r", Some(1))).unwrap();
    let beside = f.store.ask(about("other call", "r", Some(2))).unwrap();
    let plan = f.store.ask(about("plan", "r", None)).unwrap();
    let new = f.store.ask(about("pay 99", "r", Some(1))).unwrap();
    assert_eq!(f.store.question(&old.id).unwrap().unwrap().state, QuestionState::Superseded);
    assert_eq!(say(&f.store, &old, Answer::Granted).unwrap_err(), AnswerError::Superseded(old.id));
    assert_eq!(f.store.pending().unwrap(), [beside, plan, new]);
}

#[test]
fn silence_expires_and_is_no_answer() {
    let f = fixture();
    let row = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    let later = f.store.ask(NewQuestion { expires_at: LATE + 1, ..about("call 2", "r", Some(2)) }).unwrap();
    let at = |now| f.store.answer(&row.id, &row.digest, Answer::Granted, &ann(), None, now);
    assert_eq!(at(LATE).unwrap_err(), AnswerError::Expired(row.id.clone()));
    assert_eq!(at(NOW).unwrap_err(), AnswerError::Expired(row.id.clone()), "it stays expired");
    let kept = f.store.question(&row.id).unwrap().unwrap();
    assert_eq!((kept.state, kept.answered_by), (QuestionState::Expired, None));

    assert_eq!(f.store.expire(LATE).unwrap(), []);
    let expired = f.store.expire(LATE + 1).unwrap();
    assert_eq!(expired, [f.store.question(&later.id).unwrap().unwrap()]);
    assert_eq!(f.store.pending().unwrap(), []);
}

#[test]
fn an_expired_question_is_asked_anew() {
    let f = fixture();
    let old = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    let again = NewQuestion { created: LATE, expires_at: LATE + 300, ..about("call 1", "r", Some(1)) };
    let new = f.store.ask(again).unwrap();
    assert_ne!(new.id, old.id);
    assert_eq!(f.store.question(&old.id).unwrap().unwrap().state, QuestionState::Expired);
}

#[test]
fn a_stopped_run_takes_its_questions_along() {
    let f = fixture();
    let mine = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    let other = f.store.ask(about("call 1", "other", Some(1))).unwrap();
    let cancelled = f.store.cancel(&run("r"), NOW + 5).unwrap();
    assert_eq!(cancelled, [f.store.question(&mine.id).unwrap().unwrap()]);
    assert_eq!(cancelled[0].state, QuestionState::Cancelled);
    let error = say(&f.store, &mine, Answer::Granted).unwrap_err();
    assert_eq!(error, AnswerError::AlreadyDecided { id: mine.id, state: QuestionState::Cancelled });
    assert_eq!(f.store.pending().unwrap(), [other]);
}

#[test]
fn an_approval_starts_one_thing() {
    let f = fixture();
    let row = granted(&f.store);
    let entry = started(1, "t", &[]);
    let seq = f.store.record_using_approval(&run("r"), &entry, &row.id).unwrap();
    assert_eq!(f.store.question(&row.id).unwrap().unwrap().used_by_seq, Some(seq));
    assert_eq!(f.store.approved_for(&row.run, &row.digest).unwrap(), None);
    let again = f.store.record_using_approval(&run("r"), &entry, &row.id).unwrap_err();
    assert_eq!(again, ApprovalError::Used { id: row.id, used_by: seq });
    assert_eq!(f.store.entries(&run("r")).unwrap().len(), 1, "the refused start left no record");
}

#[test]
fn of_many_starts_at_once_one_uses_the_approval() {
    let f = fixture();
    let row = granted(&f.store);
    let counted = std::thread::scope(|scope| {
        let use_it = || f.store.record_using_approval(&run("r"), &started(1, "t", &[]), &row.id).is_ok();
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(use_it)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).filter(|ok| *ok).count()
    });
    assert_eq!((counted, f.store.entries(&run("r")).unwrap().len()), (1, 1));
}

#[test]
fn an_approval_is_found_by_its_digest_and_used_once() {
    let f = fixture();
    let use_it = || f.store.record_approved(&run("r"), &started(1, "t", &[]), &digest("call 1"));
    assert_eq!(use_it().unwrap_err(), ApprovalError::Unknown(digest("call 1").short()));
    let denied = f.store.ask(about("call 1", "r", Some(1))).unwrap();
    say(&f.store, &denied, Answer::Denied).unwrap();
    let expected = ApprovalError::NotApproved { id: denied.id, state: QuestionState::Denied };
    assert_eq!(use_it().unwrap_err(), expected);
    let row = granted(&f.store);
    let seq = use_it().unwrap();
    assert_eq!(f.store.question(&row.id).unwrap().unwrap().used_by_seq, Some(seq));
    assert_eq!(use_it().unwrap_err(), ApprovalError::Used { id: row.id, used_by: seq });
    assert!(f.store.record_approved(&run("other"), &started(1, "t", &[]), &digest("call 1")).is_err());
}

#[test]
fn only_an_approval_of_this_starts_this() {
    let f = fixture();
    let start = |entry: &Entry, id: &str| f.store.record_using_approval(&run("r"), entry, id).unwrap_err();
    let call = started(1, "t", &[]);
    assert_eq!(start(&call, "nothing"), ApprovalError::Unknown("nothing".to_owned()));
    let open = f.store.ask(about("call 9", "r", Some(1))).unwrap();
    let pending = ApprovalError::NotApproved { id: open.id.clone(), state: QuestionState::Pending };
    assert_eq!(start(&call, &open.id), pending);
    say(&f.store, &open, Answer::Denied).unwrap();
    let denied = ApprovalError::NotApproved { id: open.id.clone(), state: QuestionState::Denied };
    assert_eq!(start(&call, &open.id), denied);

    let row = granted(&f.store);
    for other in [started(2, "t", &[]), approved("plan"), ended()] {
        assert_eq!(start(&other, &row.id), ApprovalError::Mismatch(row.id.clone()));
    }
    let plan = f.store.ask(about("plan", "r", None)).unwrap();
    say(&f.store, &plan, Answer::Granted).unwrap();
    assert_eq!(start(&ended(), &plan.id), ApprovalError::Mismatch(plan.id));
    assert_eq!(f.store.entries(&run("r")).unwrap(), []);
}

#[test]
fn the_kernels_port_uses_an_approval_once() {
    let f = fixture();
    let row = granted(&f.store);
    let journal: &dyn Journal = &f.store;
    let use_it = || journal.record_approved(&run("r"), &started(1, "t", &[]), row.digest);
    assert_eq!(use_it().unwrap(), crate::kernel::record::Seq(1));
    assert!(use_it().unwrap_err().0.contains("was used by record 1"));
}

#[test]
fn a_plan_approval_starts_its_plan() {
    let f = fixture();
    let row = f.store.ask(about("plan", "r", None)).unwrap();
    say(&f.store, &row, Answer::Granted).unwrap();
    assert_eq!(
        f.store.record_using_approval(&run("r"), &approved("plan"), &row.id).unwrap(),
        crate::kernel::record::Seq(1)
    );
}

#[test]
fn what_a_person_was_shown_and_said_is_erased_with_the_run() {
    let f = fixture();
    let row = granted(&f.store);
    let other = f.store.ask(about("call 1", "other", Some(1))).unwrap();
    f.store.erase(&run("r")).unwrap();
    assert_eq!(row.reason.as_deref(), Some("because"));
    let erased = QuestionRow { payload: Json::Null, reason: None, ..row.clone() };
    let edited = f.store.ask(about("call 2", "edits", Some(1))).unwrap();
    edit(&f.store, &edited, 5).unwrap();
    f.store.erase(&run("edits")).unwrap();
    let left = f.store.question(&edited.id).unwrap().unwrap();
    assert_eq!((left.edited_args, left.reason), (None, None));
    assert_eq!(f.store.question(&row.id).unwrap(), Some(erased));
    assert_eq!(f.store.question(&other.id).unwrap(), Some(other));
}

#[test]
fn the_table_itself_refuses_a_second_open_question_and_a_second_use() {
    let f = fixture();
    let row = granted(&f.store);
    f.store.record_using_approval(&run("r"), &started(1, "t", &[]), &row.id).unwrap();
    f.store.ask(about("x", "r", Some(2))).unwrap();
    for sql in [
        "INSERT INTO question SELECT 'again', digest, run, call, kind, payload, state, created, expires_at, NULL, \
         NULL, NULL, NULL, NULL FROM question WHERE state = 'pending'",
        "UPDATE question SET used_by_seq = 1 WHERE state = 'pending'",
    ] {
        let refused = f.store.write(move |db| Ok::<_, Fault>(db.execute(sql, [])?)).unwrap_err();
        assert!(refused.to_string().contains("UNIQUE"), "{refused}");
    }
}
