//! What a planner is told. The words are the text files in `prompt/`, reviewed like code; here they are only put together.

use super::history::History;
use crate::kernel::port::Tried;

/// A worked example: a plan with the request and the reason in its first two lines.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The file's name, for tests.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

const ROLE: &str = include_str!("prompt/role.md");
const RULES: &str = include_str!("prompt/rules.md");
const LANGUAGE: &str = include_str!("prompt/language.md");

/// Plans that check against the built-in catalogue.
pub const GOOD: [Example; 3] = [
    Example { name: "one_number", text: include_str!("prompt/good/one_number.py") },
    Example { name: "a_table", text: include_str!("prompt/good/a_table.py") },
    Example { name: "ask_first", text: include_str!("prompt/good/ask_first.py") },
];

/// Plans that are refused.
pub const BAD: [Example; 3] = [
    Example { name: "not_the_language", text: include_str!("prompt/bad/not_the_language.py") },
    Example { name: "obeys_the_message", text: include_str!("prompt/bad/obeys_the_message.py") },
    Example { name: "outside_the_workspace", text: include_str!("prompt/bad/outside_the_workspace.py") },
];

/// The system prompt around the catalogue's stubs. The same for every request, so that a provider can cache it.
pub fn system(stubs: &str) -> String {
    let shown = |heading: &str, examples: &[Example]| {
        let each = examples.iter().map(|example| format!("```python\n{}\n```", example.text.trim()));
        format!("# {heading}\n\n{}", each.collect::<Vec<_>>().join("\n\n"))
    };
    let parts = [
        ROLE.trim().to_owned(),
        RULES.trim().to_owned(),
        LANGUAGE.trim().to_owned(),
        shown("Good plans", &GOOD),
        shown("Plans that are refused", &BAD),
        format!("# The tools\n\n```python\n{}\n```", stubs.trim()),
    ];
    parts.join("\n\n")
}

/// What is said about one task: the conversation so far, the request, and earlier drafts with their faults. Trusted
/// text only. One message, so that no provider asks for the thoughts that belonged to an earlier one.
pub fn task(history: &History, request: &str, tried: &[Tried]) -> String {
    let mut parts = Vec::new();
    let past = history.show();
    if !past.is_empty() {
        parts.push(format!(
            "# Earlier in this conversation\n\nWhat was asked is over; it is here for reference.\n\n{}",
            past.trim_end()
        ));
    }
    parts.push(format!("# The request\n\n{}", request.trim()));
    for (n, tried) in tried.iter().enumerate() {
        parts.push(format!(
            "# Your draft {} had faults\n\n```python\n{}\n```\n\nThe checker said:\n\n```\n{}\n```",
            n + 1,
            tried.text.trim(),
            tried.faults.trim()
        ));
    }
    if !tried.is_empty() {
        parts.push("Hand in a plan without these faults.".to_owned());
    }
    parts.join("\n\n")
}
