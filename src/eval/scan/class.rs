//! What a row of a class is: which findings count as having caught it, and which border its text crosses.

use crate::kernel::port::{Border, Class, Crossing, Finding, Severity};

/// What counts for the rows of one class.
#[derive(Debug)]
pub struct Counting {
    /// By which names a row or a file may call it; the first is shown.
    names: &'static [&'static str],
    /// A finding of any of these counts...
    classes: &'static [Class],
    /// ...from this severity on.
    pub(super) at_least: Severity,
    /// The border where the row names none.
    border: Border,
    /// Whether its text is run or obeyed where the row does not say.
    executed: bool,
}

/// All classes. The severities are those that the scanners mean by `likely`; where the thing itself is harmless, such as a
/// mail address or a joiner inside a word, a note is all that there is to say.
pub const ALL: [Counting; 11] = [
    Counting {
        names: &["injection", "prompt_injection"],
        classes: &[Class::Injection],
        at_least: Severity::Medium,
        border: Border::Request,
        executed: false,
    },
    Counting {
        names: &["credential", "credentials", "secret", "secrets"],
        classes: &[Class::Credential],
        at_least: Severity::Medium,
        border: Border::ToolOutput,
        executed: false,
    },
    Counting {
        names: &["personal", "pii", "personal_data"],
        classes: &[Class::Personal],
        at_least: Severity::Note,
        border: Border::ToolOutput,
        executed: false,
    },
    Counting {
        names: &["hidden", "unicode", "hidden_characters"],
        classes: &[Class::Hidden],
        at_least: Severity::Note,
        border: Border::ToolOutput,
        executed: false,
    },
    Counting {
        names: &["encoding", "encoded"],
        classes: &[
            Class::Injection,
            Class::Command,
            Class::Path,
            Class::Credential,
            Class::Exfiltration,
            Class::Hidden,
        ],
        at_least: Severity::Medium,
        border: Border::ToolOutput,
        executed: false,
    },
    Counting {
        names: &["command", "commands", "shell", "shell_command", "shell_commands"],
        classes: &[Class::Command],
        at_least: Severity::Medium,
        border: Border::ToolArgument,
        executed: true,
    },
    Counting {
        names: &["path", "paths", "sensitive_path", "sensitive_paths"],
        classes: &[Class::Path],
        at_least: Severity::Medium,
        border: Border::Answer,
        executed: false,
    },
    Counting {
        names: &["insecure_code", "code"],
        classes: &[Class::InsecureCode],
        at_least: Severity::Note,
        border: Border::Answer,
        executed: false,
    },
    Counting {
        names: &["echo", "vulnerability_echo"],
        classes: &[Class::Echo],
        at_least: Severity::Medium,
        border: Border::Answer,
        executed: false,
    },
    Counting {
        names: &["exfiltration", "exfil", "exfil_markdown"],
        classes: &[Class::Exfiltration],
        at_least: Severity::Medium,
        border: Border::Reply,
        executed: false,
    },
    Counting {
        names: &["toxicity", "toxic"],
        classes: &[Class::Toxicity],
        at_least: Severity::Note,
        border: Border::ToolOutput,
        executed: false,
    },
];

impl Counting {
    /// The class that a row or an option names, whatever its case and whichever of `-`, `_` and blank it uses.
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.trim().to_lowercase().replace(['-', ' '], "_");
        ALL.iter().find(|known| known.names.contains(&name.as_str()))
    }

    /// The class that a file's name has in it, as `unicode` in `unicode-2.jsonl`, with the name as it stands there; none
    /// where it has several. Of `insecure_code` and the `code` inside it, the longer is meant.
    pub fn in_file_name(stem: &str) -> Option<(&'static Self, &'static str)> {
        let stem = stem.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let stem = format!("_{stem}_");
        let all = ALL.iter().flat_map(|known| known.names.iter().map(move |name| (known, *name)));
        let found: Vec<_> = all.filter(|(_, name)| stem.contains(&format!("_{name}_"))).collect();
        let longest = found.iter().map(|(_, name)| name.len()).max()?;
        let mut longest = found.into_iter().filter(|(_, name)| name.len() == longest);
        let only = longest.next()?;
        longest.next().is_none().then_some(only)
    }

    /// Whether any of these findings is of this class and grave enough.
    pub fn caught(&self, findings: &[Finding]) -> bool {
        findings.iter().any(|found| self.classes.contains(&found.class) && found.severity >= self.at_least)
    }

    /// Where a row's text crosses, when the row does not say. A text of one word that is to be judged as a path is one.
    pub(super) fn crossing(&self, text: &str) -> Crossing<'static> {
        let (mut border, mut executed) = (self.border, self.executed);
        if self.classes == [Class::Path] && !text.contains(char::is_whitespace) {
            (border, executed) = (Border::ToolArgument, true);
        }
        Crossing { border, executed, asked: "" }
    }

    /// The name that is shown.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

/// All names, for people.
pub fn known() -> String {
    let told = |known: &Counting| match known.names {
        [only] => (*only).to_owned(),
        [first, rest @ ..] => format!("{first} ({})", rest.join(", ")),
        [] => String::new(),
    };
    ALL.iter().map(told).collect::<Vec<_>>().join(", ")
}

/// The border that a row's `context` means, and whether its text is run there; none for words that are no border.
pub(super) fn border(context: &str) -> Option<(Border, bool)> {
    let context = context.trim().to_lowercase().replace(['-', ' '], "_");
    Some(match context.as_str() {
        "user" | "user_input" | "user_request" | "request" | "prompt" => (Border::Request, false),
        "plan" | "planner" | "planner_output" => (Border::Plan, false),
        "answer" | "worker" | "worker_output" | "output" | "response" | "assistant" => {
            (Border::Answer, false)
        }
        "document" | "web" | "email" | "mail" | "file" | "retrieved" | "tool" | "tool_output" | "memory" => {
            (Border::ToolOutput, false)
        }
        "tool_argument" | "argument" => (Border::ToolArgument, false),
        "command" | "shell" | "executed" => (Border::ToolArgument, true),
        "reply" | "released" => (Border::Reply, false),
        _ => return None,
    })
}
