//! A person edits an argument while a task waits.

use super::*;
use crate::kernel::gate::edit::EditRefused;
use crate::kernel::record::QuestionEnd;
use crate::store::{QuestionRow, QuestionState};
use serde_json::{Map, Value as Json, json};

/// Whatever stands in a file says where something is written, so the call asks.
const ELSEWHERE: &str =
    "where = file_read(path=\"a.txt\")\nfile_write(path=where, content=\"x\")\nanswer(\"written\")";

fn args(path: &str) -> Map<String, Json> {
    Map::from_iter([("path".to_owned(), json!(path))])
}

impl Bench {
    #[expect(clippy::disallowed_methods, reason = "the test looks at what was written")]
    fn file(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self._dirs.1.path().join(name)).ok()
    }

    /// A task that waits at its call; the approval's id.
    fn at_its_call(&self) -> (RunId, String) {
        #[expect(clippy::disallowed_methods, reason = "a stranger's file lies in the workspace")]
        std::fs::write(self._dirs.1.path().join("a.txt"), "mallory.csv").unwrap();
        let task = self.submit(wish(Some(ELSEWHERE)));
        let at_call = |view: &TaskView| {
            let mut questions = view.report.questions.iter();
            questions.any(|q| q["state"] == "pending" && q["kind"] == "call")
        };
        let plan = self.question(&task.id);
        if !at_call(&self.controller.task(&user(), &task.id).unwrap().unwrap()) {
            self.decide(&plan, Answer::Granted).unwrap();
        }
        let view = self.until(&task.id, at_call);
        (task.id, view.report.questions.last().unwrap()["approval_id"].as_str().unwrap().to_owned())
    }

    fn edit(&self, id: &str, args: Map<String, Json>) -> Result<QuestionRow, EditFailure> {
        self.controller.edit(id, args, &user(), Some("here"))
    }
}

#[test]
fn a_call_is_made_as_its_person_edited_it() {
    let b = bench(ApprovalMode::Smart);
    let (task, question) = b.at_its_call();
    let row = b.edit(&question, args("b.txt")).unwrap();
    assert_eq!((row.state, row.edited_args), (QuestionState::Superseded, Some(args("b.txt"))));
    let view = b.over(&task);
    assert_eq!(
        (view.report.state, b.file("b.txt").as_deref(), b.file("mallory.csv")),
        ("done", Some("x"), None)
    );
    let step = view.report.steps.last().unwrap();
    assert_eq!(step.args["path"], "b.txt");
    // It says who changed it.
    let [decided] = &step.decided[..] else { panic!("{step:?}") };
    assert_eq!(
        (decided.end, &decided.by, &decided.edited[..]),
        (QuestionEnd::Superseded, &user(), &["path".into()][..])
    );
    assert_eq!((decided.reason.as_deref(), decided.at > 0), (Some("here"), true));
    assert_eq!(view.report.steps[0].decided, []);
    assert!(
        view.report.warnings.iter().any(|w| w.contains("user edited `path`")),
        "{:?}",
        view.report.warnings
    );
    assert!(matches!(b.decide(&question, Answer::Granted), Err(AnswerError::Superseded(_))));
    assert!(matches!(b.edit(&question, args("c.txt")), Err(EditFailure::Answer(AnswerError::Superseded(_)))));
}

#[test]
fn a_changed_character_makes_no_strangers_value_the_persons_own() {
    let b = bench(ApprovalMode::Smart);
    let (task, question) = b.at_its_call();
    b.edit(&question, args("mallory2.csv")).unwrap();
    let waits = |view: &TaskView| view.report.questions.last().is_some_and(|q| q["state"] == "pending");
    let view = b.until(&task, waits);
    let next = view.report.questions.last().unwrap();
    let path = &next["shown"]["args"][0];
    assert_eq!((&path["value"], &path["label"]["integrity"]), (&json!("mallory2.csv"), &json!("untrusted")));
    assert_eq!((b.file("mallory.csv"), b.file("mallory2.csv")), (None, None));
    // Where policy refuses it, it says whose text is in it.
    let id = next["approval_id"].as_str().unwrap();
    let refused = b.edit(id, args("../mallory.csv")).unwrap_err().to_string();
    assert!(
        refused.contains("`path` still contains text from file a.txt: treated as from a stranger"),
        "{refused}"
    );
    let refused = b.edit(id, args("../b.txt")).unwrap_err().to_string();
    assert!(!refused.contains("still contains"), "{refused}");
}

#[test]
fn an_edit_of_one_argument_asks_again_about_the_others() {
    let b = bench(ApprovalMode::Smart);
    let (task, question) = b.at_its_call();
    b.edit(&question, Map::from_iter([("content".to_owned(), json!("mine"))])).unwrap();
    let waits = |view: &TaskView| view.report.questions.last().is_some_and(|q| q["state"] == "pending");
    let view = b.until(&task, waits);
    let next = view.report.questions.last().unwrap();
    assert_ne!(next["approval_id"], question.as_str());
    let arg = |name: &str| {
        let all = next["shown"]["args"].as_array().unwrap();
        all.iter().find(|arg| arg["name"] == name).unwrap().clone()
    };
    assert_eq!(
        (&arg("path")["value"], &arg("path")["label"]["integrity"]),
        (&json!("mallory.csv"), &json!("untrusted"))
    );
    assert_eq!(
        (&arg("content")["value"], &arg("content")["label"]["integrity"]),
        (&json!("mine"), &json!("trusted"))
    );
    assert_eq!((b.file("mallory.csv"), b.file("b.txt")), (None, None));
    let id = next["approval_id"].as_str().unwrap().to_owned();
    b.edit(&id, args("b.txt")).unwrap();
    assert_eq!(b.over(&task).report.state, "done");
    assert_eq!(b.file("b.txt").as_deref(), Some("mine"));
}

#[test]
fn what_a_person_writes_can_be_forbidden_too() {
    let b = bench(ApprovalMode::Smart);
    let (task, question) = b.at_its_call();
    for outside in ["../b.txt", "../../etc/x", ""] {
        let refused = b.edit(&question, args(outside)).unwrap_err();
        assert!(matches!(&refused, EditFailure::Denied { reasons, .. } if !reasons.is_empty()), "{refused}");
        let row = b.controller.approval(&user(), &question).unwrap().unwrap();
        assert_eq!((row.state, row.edited_args), (QuestionState::Pending, None));
    }
    b.edit(&question, args("b.txt")).unwrap();
    assert_eq!(b.over(&task).report.state, "done");
}

#[test]
fn an_edit_that_cannot_be_leaves_the_question_open() {
    let b = bench(ApprovalMode::Full);
    let task = b.submit(wish(Some(TODAY)));
    let plan = b.question(&task.id);
    assert!(matches!(b.edit(&plan, args("b.txt")), Err(EditFailure::Refused(EditRefused::NotACall(_)))));
    b.decide(&plan, Answer::Granted).unwrap();
    b.over(&task.id);
    let (task, question) = b.at_its_call();
    for bad in [Map::new(), args("mallory.csv"), Map::from_iter([("to".to_owned(), json!("x"))])] {
        assert!(matches!(b.edit(&question, bad), Err(EditFailure::Refused(_))));
    }
    let mallory = b.controller.edit(&question, args("b.txt"), &Principal::new("mallory"), None);
    assert!(matches!(mallory, Err(EditFailure::Answer(AnswerError::Unknown(_)))));
    let row = b.controller.approval(&user(), &question).unwrap().unwrap();
    assert_eq!((row.state, row.edited_args), (QuestionState::Pending, None));
    b.decide(&question, Answer::Granted).unwrap();
    let report = b.over(&task).report;
    assert_eq!((report.state, b.file("mallory.csv").as_deref()), ("done", Some("x")));
    assert_eq!(report.steps[1].decided[0].end, QuestionEnd::Approved);
}

#[test]
fn of_an_approval_and_an_edit_at_once_one_counts() {
    let b = bench(ApprovalMode::Smart);
    let (task, question) = b.at_its_call();
    let (approved, edited) = std::thread::scope(|scope| {
        let (b, question) = (&b, &question);
        let approve = scope.spawn(move || b.decide(question, Answer::Granted).is_ok());
        let edit = scope.spawn(move || b.edit(question, args("b.txt")).is_ok());
        (approve.join().unwrap(), edit.join().unwrap())
    });
    assert_ne!(approved, edited);
    assert_eq!(b.over(&task).report.state, "done");
    assert_eq!((b.file("mallory.csv").is_some(), b.file("b.txt").is_some()), (approved, edited));
}
