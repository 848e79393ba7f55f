//! How the figures spread over sources, because a new source is what counts.
//!
//! Rules and a shipped model are fixed: whatever source is left out, they are the same, so each source's own row is what leaving it
//! out would give, as long as the model learned from none of it. That is what [`Spread`] sums up: every source counts the same,
//! however many rows it has, and the worst is told by name. A source that the model learned from is told apart.

use super::row::Row;
use super::tally::{Counts, OTHERS, mean, under};
use crate::scan::injection::LEARNED_FROM;
use indexmap::IndexMap;
use serde::{Serialize, Serializer};

/// Classes that the model which learned from texts has a part in.
const LEARNED: [&str; 2] = ["injection", "encoding"];

/// The rows of each class by source.
#[derive(Debug, Clone, Default)]
pub struct BySource {
    classes: IndexMap<String, Sources>,
}

#[derive(Debug, Clone, Default)]
struct Sources {
    /// Of sources that nothing learned from.
    unseen: IndexMap<String, Counts>,
    /// Of sources that the model learned from.
    seen: IndexMap<String, Counts>,
    /// Rows that say no source, of which neither can be said.
    unnamed: u64,
}

/// One class's figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfClass {
    /// Over sources that nothing learned from.
    pub unseen: Spread,
    /// Over sources that the model learned from: flattering, and no measure of what is new.
    pub seen_in_training: Spread,
    /// Rows that name no source and so count in neither.
    pub unnamed_rows: u64,
}

/// Figures over sources, each of which counts the same.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Spread {
    /// How many there are.
    pub sources: usize,
    /// Recall, over those with attacks.
    pub recall: Option<Over>,
    /// False alarms, over those with honest rows.
    pub false_alarms: Option<Over>,
}

/// One figure over sources.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Over {
    /// How many sources have it.
    pub sources: usize,
    /// Its mean: every source counts the same.
    pub mean: f64,
    /// Its worst: the least recall, the most false alarms.
    pub worst: f64,
    /// Which source that is.
    pub worst_source: String,
    /// How many rows the worst one rests on.
    pub worst_rows: u64,
}

impl BySource {
    /// Counts a row. With `any`, all scanners decide, so also the one that learned.
    pub(super) fn take(&mut self, row: &Row, any: bool, caught: bool, is_high: bool) {
        let sources = self.classes.entry(row.class.1.clone()).or_default();
        if row.source.trim().is_empty() {
            sources.unnamed += 1;
            return;
        }
        let learned = any || LEARNED.contains(&row.class.0.name());
        let names =
            if learned && is_learned_from(&row.source) { &mut sources.seen } else { &mut sources.unseen };
        under(names, &row.source).take(row.is_attack, caught, is_high);
    }

    /// The figures of each class.
    pub fn classes(&self) -> impl Iterator<Item = (&str, OfClass)> {
        self.classes.iter().map(|(class, sources)| {
            let beyond: u64 = [&sources.unseen, &sources.seen]
                .into_iter()
                .filter_map(|names| names.get(OTHERS))
                .map(|counts| counts.attack + counts.benign)
                .sum();
            let figures = OfClass {
                unseen: Spread::over(&sources.unseen),
                seen_in_training: Spread::over(&sources.seen),
                unnamed_rows: sources.unnamed + beyond,
            };
            (class.as_str(), figures)
        })
    }
}

impl Spread {
    fn over(names: &IndexMap<String, Counts>) -> Self {
        let named = || names.iter().filter(|(name, _)| *name != OTHERS);
        let recall = named().filter_map(|(name, counts)| Some((name, counts.recall()?, counts.attack)));
        let alarms = named().filter_map(|(name, counts)| Some((name, counts.false_alarms()?, counts.benign)));
        Self {
            sources: named().count(),
            recall: Over::of(recall.collect(), |one, worst| one < worst),
            false_alarms: Over::of(alarms.collect(), |one, worst| one > worst),
        }
    }
}

impl Over {
    /// Of two sources that are as bad, the one with more rows is told.
    fn of(figures: Vec<(&String, f64, u64)>, worse: impl Fn(f64, f64) -> bool) -> Option<Self> {
        let sum: f64 = figures.iter().map(|(_, figure, _)| figure).sum();
        let sources = figures.len();
        let (name, worst, rows) = figures.into_iter().reduce(|worst, one| {
            let as_bad = !worse(worst.1, one.1) && one.2 > worst.2;
            if worse(one.1, worst.1) || as_bad { one } else { worst }
        })?;
        let mean = mean(sum, sources);
        Some(Self { sources, mean, worst, worst_source: name.clone(), worst_rows: rows })
    }
}

/// Whether the model learned from a source, by its name: that of a package or data set of the trainer, whatever its version.
pub(super) fn is_learned_from(source: &str) -> bool {
    let plain = |name: &str| name.trim().to_lowercase().replace(['-', ' ', '.'], "_");
    let source = plain(source);
    LEARNED_FROM.iter().any(|name| {
        let rest = source.strip_prefix(&plain(name));
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

impl Serialize for BySource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'s> {
            unseen_means: &'static str,
            trained_on: &'static [&'static str],
            by_class: IndexMap<&'s str, OfClass>,
        }
        let unseen_means = "the source is not named among those that the shipped model learned from";
        Shown { unseen_means, trained_on: &LEARNED_FROM, by_class: self.classes().collect() }
            .serialize(serializer)
    }
}
