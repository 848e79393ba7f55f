use super::*;
use crate::kernel::answer::AnswerType;
use serde_json::json;

fn ask(question: &str, data: &str, answer: AnswerType) -> Ask {
    Ask { question: question.to_owned(), data: data.to_owned(), answer }
}

const SCRIPT: &str = r#"[
    {"when": "total", "data": "invoice 1", "answer": 12.5},
    {"when": "total", "answer": null},
    {"when": "paid", "answer": "yes"}
]"#;

#[test]
fn the_first_rule_that_fits_answers() {
    let worker = Scripted::from_json(SCRIPT).unwrap();
    let first = worker.answer(&ask("the total?", "invoice 1", AnswerType::Float)).unwrap();
    assert_eq!(first, WorkerReply::Answer(json!(12.5)));
    let second = worker.answer(&ask("the total?", "invoice 2", AnswerType::Float)).unwrap();
    assert_eq!(second, WorkerReply::NotEnoughInformation);
}

#[test]
fn an_unknown_question_is_named() {
    let failure =
        Scripted::from_json(SCRIPT).unwrap().answer(&ask("who sent it?", "", AnswerType::Text)).unwrap_err();
    assert!(failure.to_string().contains("who sent it?"), "{failure}");
}

#[test]
fn an_answer_out_of_type_is_an_error() {
    let failure =
        Scripted::from_json(SCRIPT).unwrap().answer(&ask("paid?", "", AnswerType::Bool)).unwrap_err();
    assert!(matches!(failure, WorkerFailure::BadAnswer(_)), "{failure}");
}

#[test]
fn a_script_is_read_strictly() {
    assert!(Scripted::from_json(r#"[{"when": "x"}]"#).is_err());
    assert!(Scripted::from_json(r#"[{"when": "x", "anwser": 1, "answer": 1}]"#).is_err());
}
