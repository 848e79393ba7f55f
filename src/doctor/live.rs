//! What costs something: one real draft of the planner, and one real answer of the worker. Only with `--live`.

#[cfg(test)]
mod tests;

use super::gates::request;
use super::{Gap, Tried};
use crate::eval::Ledger;
use crate::kernel::answer::AnswerType;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::gate::screened::{Screening, screen_request};
use crate::kernel::port::{Ask, Planner, Policy, Scanners, Usage, Worker, WorkerReply};
use serde_json::json;

/// What the planner is asked for: as little as there is.
const REQUEST: &str = "Answer with the word ready. Call no tool.";

/// Asks the real planner for the smallest plan there is, and tells what that cost.
///
/// # Errors
/// Why there is no draft, by name: no key, a key that is refused, no network, no such model.
pub fn planner(
    planner: Result<Box<dyn Planner>, String>,
    scanners: &dyn Scanners,
    policy: Option<&dyn Policy>,
) -> Tried {
    let policy =
        policy.ok_or_else(|| Gap::new("nothing was asked: the policies do not load", "see policy.denies"))?;
    let remedy = "see SENTINEL_PLANNER and the settings that begin with its name";
    let planner = planner.map_err(|why| Gap::new(why, remedy))?;
    let Ok(Screening::Passed(request)) =
        screen_request(request(REQUEST), scanners, policy, &Ledger::default())
    else {
        return Err(Gap::new("nothing was asked: the request did not pass the scanners", "see scan.blocks"));
    };
    match planner.draft(&request, &Catalogue::new([]), &[]) {
        Ok(draft) => {
            Ok(format!("the planner drafted a plan; {}", draft.usage.as_ref().map_or_else(free, cost)))
        }
        Err(failure) => {
            let spent = failure.spent.as_deref().map_or_else(String::new, |used| format!("; {}", cost(used)));
            Err(Gap::new(format!("{failure}{spent}"), remedy))
        }
    }
}

fn free() -> String {
    "it tells no cost".to_owned()
}

fn cost(used: &Usage) -> String {
    let tokens = format!(
        "{} used {} tokens in, {} from its cache, {} out",
        used.model, used.input_tokens, used.cache_read_tokens, used.output_tokens
    );
    match used.cost_micro_dollars {
        Some(micros) => format!("{tokens}: {:.4} US dollars", micros as f64 / 1e6),
        None => format!("{tokens}; its price is not known"),
    }
}

/// Asks the real worker one question about two lines of text.
///
/// # Errors
/// Why there is no usable answer.
pub fn worker(worker: &dyn Worker) -> Tried {
    let remedy = "see SENTINEL_WORKER and the settings that begin with its name";
    let options = vec![json!("green"), json!("red")];
    let ask = Ask {
        question: "Which colour is the door?".to_owned(),
        data: "The house has one door.\nThe door is green.".to_owned(),
        answer: AnswerType::OneOf { options },
    };
    match worker.answer(&ask) {
        Ok(WorkerReply::Answer(value)) => match ask.answer.check(&value) {
            Ok(_) => Ok(format!("{} answered a question in its type: {value}", worker.name())),
            Err(_) => Err(Gap::new(format!("{} answered out of type", worker.name()), remedy)),
        },
        Ok(WorkerReply::NotEnoughInformation) => {
            Err(Gap::new(format!("{} found no answer in two lines of text", worker.name()), remedy))
        }
        Err(failure) => Err(Gap::new(failure.to_string(), remedy)),
    }
}
