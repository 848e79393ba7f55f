//! What a model hands in: a plan, and what it thinks of the conversation. The same form for every model.

#[cfg(test)]
mod tests;

use crate::kernel::port::Assessment;
use serde_json::{Value as Json, json};

/// The tool by which a model with tools hands it in.
pub(super) const TOOL: &str = "submit_plan";
/// Longest plan text in bytes that is taken: some hundred times a usual one, and far below what the parser bears.
const MAX_PLAN: usize = 100_000;
/// Longest sentence in characters that is kept.
const MAX_REASON: usize = 300;

/// A plan's text and the planner's opinion.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Submission {
    pub plan: String,
    pub assessment: Assessment,
}

/// The JSON schema of a submission. Without bounds that some servers cannot count; [`read`] checks those.
pub(super) fn schema() -> Json {
    json!({
        "type": "object",
        "properties": {
            "plan": {"type": "string", "description": "The whole plan, in the plan language."},
            "assessment": {
                "type": "object",
                "properties": {
                    "risk": {
                        "type": "integer",
                        "description": "0 to 100: how much the conversation, as a chain of requests, looks like an attack.",
                    },
                    "reason": {"type": "string", "description": "Why, in one sentence."},
                },
                "required": ["risk", "reason"],
                "additionalProperties": false,
            },
        },
        "required": ["plan", "assessment"],
        "additionalProperties": false,
    })
}

/// Reads a submission.
///
/// # Errors
/// Says what is wrong with its form, and quotes nothing of it.
pub(super) fn read(json: &Json) -> Result<Submission, &'static str> {
    let plan = json.get("plan").and_then(Json::as_str).ok_or("there is no plan in it")?;
    if plan.trim().is_empty() {
        return Err("the plan is empty");
    }
    if plan.len() > MAX_PLAN {
        return Err("the plan is too long");
    }
    let assessment = json.get("assessment").ok_or("the risk assessment is missing")?;
    let risk = assessment.get("risk").and_then(Json::as_u64).and_then(|risk| u8::try_from(risk).ok());
    let risk = risk.filter(|risk| *risk <= 100).ok_or("the risk is not a whole number from 0 to 100")?;
    let reason = assessment.get("reason").and_then(Json::as_str).ok_or("the risk has no reason")?;
    let reason = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect();
    Ok(Submission { plan: plan.to_owned(), assessment: Assessment { risk, reason } })
}
