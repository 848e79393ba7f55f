//! What an edit leaves of a value. A person who changes a character of a stranger's words has not written them: an
//! edited value is the person's own only where it was wholly replaced.

use super::typed;
use crate::kernel::catalogue::Type;
use crate::kernel::value::{Data, Key, Mark, Node};
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::collections::HashSet;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

#[cfg(test)]
mod tests;

/// The shortest run of a text, in characters, with which it still is that text; of a shorter text it is all of it. Three
/// stand in two honest texts about the same thing by chance; five would let go of a short amount, a flag of a command and
/// the end of a host's name, which are what an attacker has to get through.
pub const MIN_RUN: usize = 4;

/// A run of [`MIN_RUN`] characters; of a shorter text all of it, filled up with NUL.
type Run = [char; MIN_RUN];

/// What a value was before an edit, by the marks of its parts. Where a part stands counts for nothing, or else putting an
/// element before another would make that one the person's own.
#[derive(Debug)]
pub(super) struct Before {
    /// One for each mark: values of plans have few different ones.
    parts: Vec<Part>,
    /// Of what holds the parts together: its length, its order and its keys are somebody's, too.
    around: Mark,
    /// Whether text is compared by its runs. Of a day or of one of the tool's own words only the whole says something.
    by_runs: bool,
}

#[derive(Debug)]
struct Part {
    mark: Mark,
    whole: HashSet<Key>,
    /// Of its texts, and of how everything else is written: a number may come back within a text, and with another digit.
    runs: HashSet<Run>,
}

impl Before {
    /// Of the values that stood there one after another as an argument of this type.
    pub(super) fn of(values: &[&Node], ty: &Type) -> Self {
        let mut own = Self { parts: Vec::new(), around: Mark::trusted(), by_runs: is_free(ty) };
        values.iter().for_each(|value| own.add(value));
        own
    }

    /// The value as its person wrote it, each part of it with the marks of what it still has of the value before.
    ///
    /// INVARIANT: what shares a run with the value before is no more trusted than that was.
    pub(super) fn edited(&self, json: &Json) -> Node {
        let own = Mark::of(typed());
        match json {
            Json::Array(items) => {
                let items = items.iter().map(|item| self.edited(item)).collect();
                Node::new(Data::List(Arc::new(items)), own)
            }
            Json::Object(entries) => {
                let keys = entries.keys().map(|key| Json::String(key.clone()));
                let mark = keys.fold(own, |mark, key| mark.join(&self.kept_in(&key)));
                let entry =
                    |(key, value): (&String, &Json)| (Key::Str(Arc::from(key.as_str())), self.edited(value));
                let entries: IndexMap<Key, Node> = entries.iter().map(entry).collect();
                Node::new(Data::Dict(Arc::new(entries)), mark)
            }
            scalar => Node::from_json(scalar, "", &|_| own.join(&self.kept_in(scalar))),
        }
    }

    /// The marks of everything that a scalar still has; the unit where it has nothing.
    fn kept_in(&self, scalar: &Json) -> Mark {
        let key = plain(scalar).data.key();
        let text = scalar.as_str();
        let mut runs = HashSet::new();
        if self.by_runs {
            for form in forms(&text.map_or_else(|| scalar.to_string(), str::to_owned)) {
                runs.extend(form.windows(MIN_RUN).map(run));
                match text {
                    // What was shorter than a run stands in it as a whole; within a number it would by chance.
                    Some(_) => runs.extend((1..MIN_RUN).flat_map(|length| form.windows(length).map(run))),
                    None => runs.extend(whole(&form)),
                }
            }
        }
        let keeps = |part: &&Part| {
            key.as_ref().is_some_and(|key| part.whole.contains(key)) || !part.runs.is_disjoint(&runs)
        };
        let kept: Vec<&Mark> = self.parts.iter().filter(keeps).map(|part| &part.mark).collect();
        if kept.is_empty() { Mark::trusted() } else { Mark::join_all(kept).join(&self.around) }
    }

    fn add(&mut self, node: &Node) {
        match &node.data {
            Data::List(items) | Data::Tuple(items) => {
                self.around = self.around.join(&node.mark);
                items.iter().for_each(|item| self.add(item));
            }
            Data::Dict(entries) => {
                self.around = self.around.join(&node.mark);
                for (key, value) in entries.iter() {
                    self.add_scalar(&Json::String(key.to_text()), &node.mark);
                    self.add(value);
                }
            }
            Data::Set(items) => items.iter().for_each(|item| self.add(&item.node(&node.mark))),
            _ => self.add_scalar(&node.to_json(), &node.mark),
        }
    }

    fn add_scalar(&mut self, scalar: &Json, mark: &Mark) {
        let by_runs = self.by_runs;
        match self.parts.iter_mut().find(|part| part.mark == *mark) {
            Some(part) => part.add(scalar, by_runs),
            None => {
                let mut part = Part { mark: mark.clone(), whole: HashSet::new(), runs: HashSet::new() };
                part.add(scalar, by_runs);
                self.parts.push(part);
            }
        }
    }
}

impl Part {
    fn add(&mut self, scalar: &Json, by_runs: bool) {
        self.whole.extend(plain(scalar).data.key());
        if !by_runs {
            return;
        }
        for form in forms(&scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned)) {
            self.runs.extend(form.windows(MIN_RUN).map(run).chain(whole(&form)));
        }
    }
}

/// Whether values of a type can be partly somebody's: of text that is free a part says something.
fn is_free(ty: &Type) -> bool {
    match ty {
        Type::Date | Type::DateTime | Type::Enum(_) => false,
        Type::List(item) => is_free(item),
        Type::Union(members) => members.iter().any(|member| *member != Type::None && is_free(member)),
        // The keys of a map are free whatever its values are.
        _ => true,
    }
}

fn plain(scalar: &Json) -> Node {
    Node::from_json(scalar, "", &|_| Mark::trusted())
}

/// A text as it is compared: in compatible forms and without regard to case; the same without what only sets it, for a form
/// in a browser writes other ends of lines than a file has; and its letters and digits alone, for `12-34-56` is `123456`.
fn forms(text: &str) -> [Vec<char>; 3] {
    // Upper and then lower case is folding for all that has both, also for ß and the final sigma.
    let folded = text.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let folded: Vec<char> = folded.nfkc().collect();
    let bare = folded.iter().copied().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let read: Vec<char> = folded.iter().copied().filter(|c| c.is_alphanumeric()).collect();
    let read = if read.len() < MIN_RUN { Vec::new() } else { read };
    [folded, bare, read]
}

/// A form that is shorter than a run, as one.
fn whole(form: &[char]) -> Option<Run> {
    (1..MIN_RUN).contains(&form.len()).then(|| run(form))
}

/// At most [`MIN_RUN`] characters as a run.
fn run(chars: &[char]) -> Run {
    let mut run = ['\0'; MIN_RUN];
    run.iter_mut().zip(chars).for_each(|(to, from)| *to = *from);
    run
}
