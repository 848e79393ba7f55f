//! What a call that is asked about would change in a file, line by line, as the file stands just now.
//!
//! For the person's eyes only: it is no part of the question, and nothing is decided by it. The old text is shown to whom a
//! plan could read it for unasked: policy judges that reading like any other, and the label of what stands there is told.

use super::controller::Parts;
use super::what_if::{self, WhatIfFailure};
use crate::kernel::gate::question::{Question, Shown};
use crate::kernel::label::{Capacity, Label, Readers, Source};
use crate::kernel::port::{FileLabels as _, Reason, Replacement, Verdict};
use crate::kernel::principal::Principal;
use crate::kernel::record::RecordedArg;
use crate::tool::builtin;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use similar::{Algorithm, ChangeTag, TextDiff};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Longest text that is compared, in bytes, and most lines: what it costs grows with lines times differences.
const MAX_BYTES: usize = 200_000;
const MAX_LINES: usize = 2_000;
/// Most rows that are told; how many there are in all is told, too.
const MAX_ROWS: usize = 400;
/// Longest row that is told, in characters: the whole text stands in the question.
const MAX_ROW_CHARS: usize = 500;
/// So many lines that stay are told around those that change.
const AROUND: usize = 3;

/// What would change in a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The canonical path below the workspace; as the plan wrote it where the file may not be looked at.
    pub path: String,
    /// What it is.
    #[serde(flatten)]
    pub kind: Kind,
}

/// Kinds of changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// There is no such file: all of it is new.
    New,
    /// The file has this text already.
    Same {
        /// What the text that stands there is worth.
        label: Label,
    },
    /// Lines change.
    Lines {
        /// What the text that stands there is worth.
        label: Label,
        /// How many lines come.
        added: usize,
        /// How many lines go.
        removed: usize,
        /// Lines that come, go, or stay around those; each group by itself.
        groups: Vec<Vec<Row>>,
        /// Whether rows, or ends of rows, were left out.
        cut: bool,
    },
    /// What stands there may not be shown.
    Withheld {
        /// The policies that say so.
        reasons: Vec<Reason>,
    },
    /// What stands there cannot be compared.
    Unread {
        /// Why, for people.
        why: String,
    },
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What becomes of it.
    pub is: Is,
    /// Its number in the file as it stands, from 1.
    pub old: Option<usize>,
    /// Its number in the file as it would be, from 1.
    pub new: Option<usize>,
    /// Its text, without the line's end.
    pub text: String,
    /// Whether nothing ends the line: the last one of a file.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub open_end: bool,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Is {
    /// It stays.
    Kept,
    /// It comes.
    Added,
    /// It goes.
    Removed,
}

/// What the call of a question would change; `None` where it would write no text into a file.
///
/// # Errors
/// When it cannot be judged whether the old text may be shown: then it is not.
pub fn of(parts: &Parts, question: &Question, trust_level: u8) -> Result<Option<Change>, WhatIfFailure> {
    let Shown::Call { tool, args, .. } = &question.shown else { return Ok(None) };
    if tool.as_ref() != builtin::FILE_WRITE {
        return Ok(None);
    }
    let (principal, channel) = what_if::whose(&parts.store, &question.run)?;
    let path: Vec<RecordedArg> = args.iter().filter(|arg| arg.name.as_ref() == "path").cloned().collect();
    let named = path.iter().find_map(|arg| arg.value.as_str()).unwrap_or_default().to_owned();
    let told = |path, kind| Ok(Some(Change { path, kind }));
    // INVARIANT: nothing of the file is looked at before policy allowed this principal to read it.
    let reasons = match may_read(parts, (&principal, &channel), trust_level, path)? {
        Verdict::Allow(_) => None,
        Verdict::Ask(reasons) | Verdict::Deny(reasons) => Some(reasons),
    };
    if let Some(reasons) = reasons {
        return told(named, Kind::Withheld { reasons });
    }
    let values: Map<String, Json> =
        args.iter().map(|arg| (arg.name.to_string(), arg.value.clone())).collect();
    match parts.tools.replaces(tool, &values) {
        Err(failure) => told(named, Kind::Unread { why: failure.message }),
        Ok(None) => Ok(None),
        Ok(Some(Replacement { path, old: None, .. })) => told(path, Kind::New),
        Ok(Some(Replacement { path, old: Some((old, file)), new })) => {
            let known = parts.store.written_label(&file);
            let known = known.map_err(|_| WhatIfFailure::Missing("the label of a file"))?;
            let label = known.unwrap_or_else(|| strange(&path, &principal));
            if !label.is_readable_by(&principal) {
                let text = "what stands there is for other readers".to_owned();
                let reasons = vec![Reason { policy: "readers".to_owned(), text }];
                return told(path, Kind::Withheld { reasons });
            }
            told(path, compare(&old, &new, label))
        }
    }
}

/// What policy says of reading the file, unasked.
fn may_read(
    parts: &Parts,
    whose: (&Principal, &Arc<str>),
    trust_level: u8,
    path: Vec<RecordedArg>,
) -> Result<Verdict, WhatIfFailure> {
    let reader =
        parts.catalogue.get(builtin::FILE_READ).ok_or(WhatIfFailure::Missing("a tool that reads"))?;
    let policy = parts.policy.now();
    Ok(what_if::verdict(&*policy, reader, whose, trust_level, path, &Label::trusted())?)
}

/// The label of a file that no run wrote, as when a plan reads it.
fn strange(path: &str, reader: &Principal) -> Label {
    let file = Source::File(Arc::from(path));
    Label::untrusted_from(file, Capacity::Text).narrowed_to(&Readers::only(reader.clone()))
}

/// The lines that differ.
fn compare(old: &str, new: &str, label: Label) -> Kind {
    if old == new {
        return Kind::Same { label };
    }
    if [old, new].iter().any(|text| text.len() > MAX_BYTES || text.lines().count() > MAX_LINES) {
        let why = format!(
            "texts of more than {MAX_BYTES} bytes or {MAX_LINES} lines are not compared: the whole new text stands below"
        );
        return Kind::Unread { why };
    }
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_lines(old, new);
    let (mut added, mut removed) = (0, 0);
    let mut rows = 0;
    let mut cut = false;
    let mut groups = Vec::new();
    for ops in diff.grouped_ops(AROUND) {
        let mut group = Vec::new();
        for change in ops.iter().flat_map(|op| diff.iter_changes(op)) {
            let is = match change.tag() {
                ChangeTag::Equal => Is::Kept,
                ChangeTag::Insert => Is::Added,
                ChangeTag::Delete => Is::Removed,
            };
            added += usize::from(is == Is::Added);
            removed += usize::from(is == Is::Removed);
            rows += 1;
            if rows > MAX_ROWS {
                cut = true;
                continue;
            }
            let whole = change.value();
            let line = whole.strip_suffix('\n').unwrap_or(whole);
            let text: String = line.chars().take(MAX_ROW_CHARS).collect();
            cut |= text.len() < line.len();
            let number = |index: Option<usize>| index.map(|index| index + 1);
            group.push(Row {
                is,
                old: number(change.old_index()),
                new: number(change.new_index()),
                text,
                open_end: !whole.ends_with(['\n', '\r']),
            });
        }
        if !group.is_empty() {
            groups.push(group);
        }
    }
    Kind::Lines { label, added, removed, groups, cut }
}
