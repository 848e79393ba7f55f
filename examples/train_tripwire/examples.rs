//! From texts to examples: each unit of a text is one, and an attack's surroundings are honest.

use crate::corpus::Row;
use sentinel::scan::injection::features::{Features, Frame, Port};
use sentinel::scan::injection::model::value;
use sentinel::scan::injection::windows::Units;
use std::ops::Range;

/// Most windows that a text gives.
const MAX_WINDOWS: usize = 200;
/// Sentences that an honest text gives.
const HONEST_SENTENCES: usize = 6;
/// Sentences around an attack that a text gives.
const SENTENCES_AROUND: usize = 2;
/// An attack in so few characters is also an example of a sentence.
const SHORT: usize = 400;
/// A window that an attack fills to a smaller part than this, in percent, says nothing either way.
const WINDOW_PERCENT: usize = 40;
/// And a sentence.
const SENTENCE_PERCENT: usize = 60;

/// One unit of one text: which features it has, how much each counts, and what it weighs in training.
#[derive(Debug)]
pub struct Example {
    /// Where its features are.
    pub entries: Range<usize>,
    /// One over the length of its vector.
    pub shrink: f64,
    /// Whether it is one of an attack.
    pub attack: bool,
    /// How much it weighs.
    pub weight: f64,
}

/// All examples, with their features in two long rows.
#[derive(Debug, Default)]
pub struct Examples {
    /// The examples.
    pub list: Vec<Example>,
    /// Numbers of features.
    pub features: Vec<u32>,
    /// What each counts, in 1/1024.
    pub values: Vec<u16>,
}

/// Pseudo-random numbers, the same everywhere (Vigna's splitmix64).
#[derive(Debug)]
pub struct SplitMix(pub u64);

impl SplitMix {
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * n as u128) >> 64) as usize
    }

    /// Shuffles.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.below(end + 1));
        }
    }
}

impl Examples {
    /// The examples of these texts. Attacks together weigh this share of all.
    pub fn of<'r>(rows: impl IntoIterator<Item = &'r Row>, attack_share: f64) -> Self {
        let mut out = Self::default();
        let mut random = SplitMix(1);
        for row in rows {
            let first = out.list.len();
            out.row(row, &mut random);
            let units = out.list.len() - first;
            for example in out.list.iter_mut().skip(first) {
                // A long text weighs more than a short one, but not as much more as it is longer.
                example.weight = 1.0 / (units as f64).sqrt();
            }
        }
        out.balance(attack_share);
        out
    }

    /// How many are of attacks.
    pub fn attacks(&self) -> usize {
        self.list.iter().filter(|example| example.attack).count()
    }

    fn row(&mut self, row: &Row, random: &mut SplitMix) {
        let features = Features::of(&row.text, row.port());
        let mut units = Units::of(&features, row.port());
        units.windows.truncate(MAX_WINDOWS);
        let alone = units.windows.len() + units.sentences.len() == 1;
        let attack = row.attack().filter(|_| !alone);
        let within = |unit: &Range<usize>| {
            let tokens = features.tokens().get(unit.clone()).unwrap_or_default();
            let (first, last) = (tokens.first(), tokens.last());
            first.map_or(0, |t| t.span.start)..last.map_or(0, |t| t.span.end)
        };
        let overlap = |unit: &Range<usize>, span: &Range<usize>| {
            let unit = within(unit);
            unit.end.min(span.end).saturating_sub(unit.start.max(span.start))
        };
        for window in &units.windows {
            let Some(span) = &attack else {
                self.push(&features, window, Frame::Window, row.is_attack());
                continue;
            };
            let both = overlap(window, span);
            if both == 0 {
                self.push(&features, window, Frame::Window, false);
            } else if both * 100 >= WINDOW_PERCENT * span.len().min(within(window).len()) {
                self.push(&features, window, Frame::Window, true);
            }
        }
        for sentence in sentences(row, &units, &attack, overlap, random) {
            let both = attack.as_ref().map_or(0, |span| overlap(&sentence, span));
            if both == 0 {
                self.push(&features, &sentence, Frame::Sentence, false);
            } else if both * 100 >= SENTENCE_PERCENT * within(&sentence).len() {
                self.push(&features, &sentence, Frame::Sentence, true);
            }
        }
        if let Some(whole) = &units.whole {
            self.push(&features, whole, Frame::Window, row.is_attack());
        }
        let short = row.text.chars().count() < SHORT && row.package.is_none();
        if row.is_attack() && row.attack().is_none() && row.port() == Port::Data && short {
            self.push(&features, &(0..features.tokens().len()), Frame::Sentence, true);
        }
    }

    fn push(&mut self, features: &Features, unit: &Range<usize>, frame: Frame, attack: bool) {
        let mut numbers: Vec<u32> = features.unit(unit, frame).collect();
        numbers.sort_unstable();
        let start = self.features.len();
        let mut square = 0;
        for same in numbers.chunk_by(|a, b| a == b) {
            let counts = value(u16::try_from(same.len()).unwrap_or(u16::MAX));
            square += counts * counts;
            self.features.extend(same.first());
            self.values.push(u16::try_from(counts).unwrap_or(u16::MAX));
        }
        if square > 0 {
            let (entries, shrink) = (start..self.features.len(), 1.0 / (square as f64).sqrt());
            self.list.push(Example { entries, shrink, attack, weight: 1.0 });
        }
    }

    /// Makes attacks together weigh their share, and an example one on average.
    fn balance(&mut self, attack_share: f64) {
        let sum =
            |attack: bool| self.list.iter().filter(|e| e.attack == attack).map(|e| e.weight).sum::<f64>();
        let (attacks, honest, all) = (sum(true), sum(false), self.list.len() as f64);
        for example in &mut self.list {
            let (share, of) =
                if example.attack { (attack_share, attacks) } else { (1.0 - attack_share, honest) };
            example.weight *= share / of * all;
        }
    }
}

/// The sentences of a text that become examples: those of an attack, and some honest ones.
fn sentences(
    row: &Row,
    units: &Units,
    attack: &Option<Range<usize>>,
    overlap: impl Fn(&Range<usize>, &Range<usize>) -> usize,
    random: &mut SplitMix,
) -> Vec<Range<usize>> {
    let (mut chosen, mut around): (Vec<_>, Vec<_>) = match attack {
        Some(span) => units.sentences.iter().cloned().partition(|sentence| overlap(sentence, span) > 0),
        None if row.is_attack() => return Vec::new(),
        None => (Vec::new(), units.sentences.clone()),
    };
    random.shuffle(&mut around);
    around.truncate(if attack.is_some() { SENTENCES_AROUND } else { HONEST_SENTENCES });
    chosen.append(&mut around);
    chosen
}
