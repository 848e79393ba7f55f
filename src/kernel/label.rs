//! Labels: where a value comes from, who may read it, and how much a stranger could say with it.
//!
//! A label never improves by computation: [`Label::join`] is the only way to combine two, and it goes down in
//! integrity, narrows the readers and widens the sources. The laws (commutative, associative, idempotent,
//! monotone, `Label::trusted()` is the unit) are property-tested in `label/tests.rs`.

use super::finding::Class;
use super::principal::Principal;
use super::treatment::Treatment;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Can a stranger have chosen this value?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// Only the user, the planner or an endorsed source had a say.
    Trusted,
    /// Somebody else may have chosen it.
    Untrusted,
}

/// How much an untrusted source could say with a value, from nothing to free text. A value takes the widest of
/// its inputs; a text built from more than choices is [`Capacity::Text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// Nothing: no untrusted source had a say.
    Nothing,
    /// Yes or no, or "there is none".
    Bool,
    /// One of a closed list that the plan wrote or that was itself trusted.
    Choice,
    /// A number.
    Number,
    /// A calendar date or time.
    Date,
    /// A verbatim part of the source in a checked form, such as an IBAN or a mail address.
    FormedSpan,
    /// A verbatim part of the source.
    Span,
    /// Any text.
    Text,
}

/// Where a value comes from. A run's labels name sources; they never quote what the source said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Source {
    /// The request, or an answer a person gave.
    User,
    /// The plan's own text.
    Planner,
    /// A quarantined model, by name.
    Worker(Arc<str>),
    /// A file in the workspace, by canonical path; `*` in a prediction whose path is not known yet.
    File(Arc<str>),
    /// A web host.
    Web(Arc<str>),
    /// A tool, by name.
    Tool(Arc<str>),
    /// A memory entry.
    Memory(Arc<str>),
    /// A downstream MCP server.
    Mcp(Arc<str>),
    /// A channel, such as a chat.
    Channel(Arc<str>),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User => f.write_str("user"),
            Self::Planner => f.write_str("plan"),
            Self::Worker(name) if name.as_ref() == "*" => f.write_str("the worker"),
            Self::Worker(name) => write!(f, "worker {name}"),
            Self::File(name) if name.as_ref() == "*" => f.write_str("what was written into files"),
            Self::File(name) => write!(f, "file {name}"),
            Self::Web(name) => write!(f, "web {name}"),
            Self::Tool(name) => write!(f, "tool {name}"),
            Self::Memory(name) => write!(f, "memory {name}"),
            Self::Mcp(name) => write!(f, "mcp {name}"),
            Self::Channel(name) => write!(f, "channel {name}"),
        }
    }
}

/// Who may read a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readers {
    /// Anybody.
    Public,
    /// Only these; an empty set means nobody.
    Only(Arc<BTreeSet<Principal>>),
}

impl Readers {
    /// Only the one principal.
    pub fn only(principal: Principal) -> Self {
        Self::Only(Arc::new(BTreeSet::from([principal])))
    }

    /// Who may read both: the intersection.
    pub fn meet(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Public, readers) | (readers, Self::Public) => readers.clone(),
            (Self::Only(a), Self::Only(b)) if Arc::ptr_eq(a, b) || a == b => self.clone(),
            (Self::Only(a), Self::Only(b)) => Self::Only(Arc::new(a.intersection(b).cloned().collect())),
        }
    }

    /// Whether everybody in `others` may read.
    pub fn include(&self, others: &Readers) -> bool {
        match (self, others) {
            (Self::Public, _) => true,
            (Self::Only(_), Self::Public) => false,
            (Self::Only(mine), Self::Only(theirs)) => theirs.is_subset(mine),
        }
    }
}

impl fmt::Display for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("anybody"),
            Self::Only(set) if set.is_empty() => f.write_str("nobody"),
            Self::Only(set) => {
                let names: Vec<&str> = set.iter().map(Principal::name).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

/// What the kernel knows about a value's origin. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    integrity: Integrity,
    capacity: Capacity,
    readers: Readers,
    sources: Arc<BTreeSet<Source>>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    found: Arc<Found>,
}

/// What scanners found in a value or in what it was made from, and the strictest that rules said of it. A tripwire's
/// note beside the lattice: no prediction can know it, and it makes nothing more trusted.
pub type Found = BTreeMap<Class, Treatment>;

fn is_nothing(found: &Arc<Found>) -> bool {
    found.is_empty()
}

impl Label {
    /// The unit of [`Label::join`]: trusted, public, from nowhere in particular.
    pub fn trusted() -> Self {
        Self {
            integrity: Integrity::Trusted,
            capacity: Capacity::Nothing,
            readers: Readers::Public,
            sources: Arc::default(),
            found: Arc::default(),
        }
    }

    /// Trusted and public, from `source`.
    pub fn trusted_from(source: Source) -> Self {
        Self { sources: Arc::new(BTreeSet::from([source])), ..Self::trusted() }
    }

    /// Untrusted and public, from `source`, which can say up to `capacity`.
    pub fn untrusted_from(source: Source, capacity: Capacity) -> Self {
        // INVARIANT: untrusted values have a capacity above Nothing, trusted ones exactly Nothing.
        let capacity = capacity.max(Capacity::Bool);
        Self { integrity: Integrity::Untrusted, capacity, ..Self::trusted_from(source) }
    }

    /// The same label, readable only by those who may read both.
    #[must_use]
    pub fn narrowed_to(&self, readers: &Readers) -> Self {
        Self { readers: self.readers.meet(readers), ..self.clone() }
    }

    /// The same label of a value in which scanners found something.
    #[must_use]
    pub fn holding(&self, found: &Found) -> Self {
        Self { found: merge(&self.found, &Arc::new(found.clone())), ..self.clone() }
    }

    /// The least label above both: worse integrity, wider capacity, fewer readers, all sources.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        Self {
            integrity: self.integrity.max(other.integrity),
            capacity: self.capacity.max(other.capacity),
            readers: self.readers.meet(&other.readers),
            sources: union(&self.sources, &other.sources),
            found: merge(&self.found, &other.found),
        }
    }

    /// Joins many; the unit when there are none.
    pub fn join_all<'a>(labels: impl IntoIterator<Item = &'a Label>) -> Self {
        labels.into_iter().fold(Self::trusted(), |all, one| all.join(one))
    }

    /// The label of a text built from parts. Where a stranger only chose among what the plan wrote, every word in it
    /// is still the plan's, and it stays a choice; otherwise it is free text.
    #[must_use]
    pub fn of_text(&self) -> Self {
        if self.capacity <= Capacity::Choice { self.clone() } else { self.bounded_by(Capacity::Text) }
    }

    /// The label of a result whose type bounds what can be said with it, whatever went in: comparing two texts
    /// yields one bit, which holds nothing of what was found in them.
    #[must_use]
    pub fn bounded_by(&self, at_most: Capacity) -> Self {
        let found = if at_most < Capacity::FormedSpan { Arc::default() } else { self.found.clone() };
        match self.integrity {
            Integrity::Trusted => Self { found, ..self.clone() },
            Integrity::Untrusted => Self { capacity: at_most.max(Capacity::Bool), found, ..self.clone() },
        }
    }

    /// What a value that *steers* adds to what it steers: a branch, an index or a key picks among what is there.
    #[must_use]
    pub fn as_influence(&self) -> Self {
        let found = Arc::default();
        match self.integrity {
            Integrity::Trusted => Self { found, ..self.clone() },
            Integrity::Untrusted => {
                Self { capacity: self.capacity.min(Capacity::Choice), found, ..self.clone() }
            }
        }
    }

    /// Trusted or not.
    pub fn integrity(&self) -> Integrity {
        self.integrity
    }

    /// Whether no untrusted source had a say. A fact for policies and screens, not an authorisation.
    pub fn is_trusted(&self) -> bool {
        self.integrity == Integrity::Trusted
    }

    /// How much an untrusted source could say with it.
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// Whether this principal is among those who may read it.
    pub fn is_readable_by(&self, principal: &Principal) -> bool {
        self.readers.include(&Readers::only(principal.clone()))
    }

    /// Who may read it.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Where it comes from.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }

    /// What scanners found in it or in what it was made from.
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// Whether a value with `self` could arrive where `predicted` was foretold: nothing less trusted, nothing
    /// wider, no reader less, no source more. In a prediction a worker `*` stands for every worker, and a file `*` for whatever was written into a file.
    pub fn is_within(&self, predicted: &Self) -> bool {
        self.integrity <= predicted.integrity
            && self.capacity <= predicted.capacity
            && self.readers.include(&predicted.readers)
            && self.sources.iter().all(|source| predicted.covers(source))
    }

    fn covers(&self, source: &Source) -> bool {
        self.sources.contains(source)
            || match source {
                Source::Worker(_) => self.sources.contains(&Source::Worker(Arc::from("*"))),
                _ => false,
            }
            // A file holds what somebody wrote into it, and that may come from anywhere.
            || self.sources.contains(&Source::File(Arc::from("*")))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.integrity {
            Integrity::Trusted => "trusted",
            Integrity::Untrusted => "untrusted",
        })?;
        // A named file says it already; the star beside it only says that a file may hold anything.
        let star = Source::File(Arc::from("*"));
        let named = self.sources.iter().any(|s| matches!(s, Source::File(_)) && *s != star);
        let shown = self.sources.iter().filter(|s| !(named && **s == star));
        let sources: Vec<String> = shown.map(Source::to_string).collect();
        if !sources.is_empty() {
            write!(f, ", from {}", sources.join(" + "))?;
        }
        if !self.found.is_empty() {
            let found: Vec<&str> = self.found.keys().map(|class| class.as_str()).collect();
            write!(f, ", in which was found: {}", found.join(", "))?;
        }
        match &self.readers {
            Readers::Public => Ok(()),
            readers => write!(f, ", readable by {readers}"),
        }
    }
}

fn union(a: &Arc<BTreeSet<Source>>, b: &Arc<BTreeSet<Source>>) -> Arc<BTreeSet<Source>> {
    if Arc::ptr_eq(a, b) || b.is_subset(a) {
        return a.clone();
    }
    if a.is_subset(b) {
        return b.clone();
    }
    Arc::new(a.union(b).cloned().collect())
}

fn merge(a: &Arc<Found>, b: &Arc<Found>) -> Arc<Found> {
    if b.is_empty() || Arc::ptr_eq(a, b) {
        return a.clone();
    }
    if a.is_empty() {
        return b.clone();
    }
    let mut all = Found::clone(a);
    for (class, treatment) in b.iter() {
        let known = all.entry(*class).or_insert(*treatment);
        *known = (*known).max(*treatment);
    }
    Arc::new(all)
}
