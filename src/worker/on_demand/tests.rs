//! When the worker is started.

use super::OnDemand;
use crate::kernel::answer::AnswerType;
use crate::kernel::port::{Ask, Listener, Worker, WorkerFailure, WorkerReply};
use crate::worker::scripted::{Rule, Scripted};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn ask() -> Ask {
    Ask { question: "Is it?".to_owned(), data: String::new(), answer: AnswerType::Bool }
}

#[test]
fn a_start_that_failed_is_tried_again_and_one_that_went_well_is_not() {
    let starts = Arc::new(AtomicUsize::new(0));
    let (count, seen) = (starts.clone(), starts.clone());
    let worker = OnDemand::new(
        "soon",
        move || seen.load(Ordering::SeqCst) > 0,
        move || {
            if count.fetch_add(1, Ordering::SeqCst) == 0 {
                return Err(WorkerFailure::Unavailable("no model".to_owned()));
            }
            let yes = Rule { when: "Is it".to_owned(), data: None, answer: true.into() };
            Ok(Box::new(Scripted::new(vec![yes])))
        },
    );
    assert_eq!(worker.name().as_ref(), "soon");
    assert!(worker.is_missing(), "what it is started from is not there");
    assert!(matches!(worker.answer(&ask()), Err(WorkerFailure::Unavailable(_))));
    assert!(matches!(worker.answer(&ask()), Ok(WorkerReply::Answer(_))));
    assert!(matches!(worker.answer(&ask()), Ok(WorkerReply::Answer(_))));
    assert_eq!(worker.name().as_ref(), "scripted");
    assert!(!worker.is_missing());
    assert_eq!(starts.load(Ordering::SeqCst), 2);
}

/// Says a word before it answers.
struct Speaks;

impl Worker for Speaks {
    fn name(&self) -> Arc<str> {
        "speaks".into()
    }

    fn answer(&self, _: &Ask) -> Result<WorkerReply, WorkerFailure> {
        Ok(WorkerReply::NotEnoughInformation)
    }

    fn answer_aloud(&self, ask: &Ask, listener: &mut dyn Listener) -> Result<WorkerReply, WorkerFailure> {
        listener.hear("word");
        self.answer(ask)
    }
}

struct Hears(String);

impl Listener for Hears {
    fn hear(&mut self, words: &str) {
        self.0.push_str(words);
    }

    fn begin_anew(&mut self) {}
}

#[test]
fn its_words_are_passed_on() {
    let (worker, mut hears) = (OnDemand::new("soon", || true, || Ok(Box::new(Speaks))), Hears(String::new()));
    assert_eq!(worker.answer_aloud(&ask(), &mut hears), Ok(WorkerReply::NotEnoughInformation));
    assert_eq!(hears.0, "word");
}
