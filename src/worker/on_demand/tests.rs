//! When the worker is started.

use super::OnDemand;
use crate::kernel::answer::AnswerType;
use crate::kernel::port::{Ask, Worker, WorkerFailure, WorkerReply};
use crate::worker::scripted::{Rule, Scripted};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn ask() -> Ask {
    Ask { question: "Is it?".to_owned(), data: String::new(), answer: AnswerType::Bool }
}

#[test]
fn a_start_that_failed_is_tried_again_and_one_that_went_well_is_not() {
    let starts = Arc::new(AtomicUsize::new(0));
    let count = starts.clone();
    let worker = OnDemand::new("soon", move || {
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(WorkerFailure::Unavailable("no model".to_owned()));
        }
        let yes = Rule { when: "Is it".to_owned(), data: None, answer: true.into() };
        Ok(Box::new(Scripted::new(vec![yes])))
    });
    assert_eq!(worker.name().as_ref(), "soon");
    assert!(matches!(worker.answer(&ask()), Err(WorkerFailure::Unavailable(_))));
    assert!(matches!(worker.answer(&ask()), Ok(WorkerReply::Answer(_))));
    assert!(matches!(worker.answer(&ask()), Ok(WorkerReply::Answer(_))));
    assert_eq!(worker.name().as_ref(), "scripted");
    assert_eq!(starts.load(Ordering::SeqCst), 2);
}
