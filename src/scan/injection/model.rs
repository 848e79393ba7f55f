//! The model: one weight of a byte for each number that a feature can have, a scale and a bias.

use super::features::{BITS, Features, Frame, Port};
use super::windows::Units;
use std::cell::Cell;
use std::ops::Range;

#[cfg(test)]
mod tests;

/// Weights of the model.
pub const WEIGHTS: usize = 1 << BITS;
/// Most counts that are cleared one by one.
const MOST_TOUCHED: usize = WEIGHTS / 8;
/// How a model's file begins: its kind and the version of its features.
const MAGIC: &[u8; 8] = b"TRIPWIR1";
/// Bytes before the weights: the magic, the scale and the bias.
const HEADER: usize = 16;
/// What a sentence must have over a window: alone, it has less around it that speaks for it.
const SENTENCE_OFFSET: f32 = 0.3;

/// `1024 (1 + ln n)` for a feature that occurs n times, rounded. A table of whole numbers, because `ln` differs in its last bits
/// between machines; so sums are exact, can be undone, and training gives the same bytes everywhere.
const VALUES: [i64; 65] = [
    0, 1024, 1734, 2149, 2444, 2672, 2859, 3017, 3153, 3274, 3382, 3479, 3569, 3651, 3726, 3797, 3863, 3925,
    3984, 4039, 4092, 4142, 4189, 4235, 4278, 4320, 4360, 4399, 4436, 4472, 4507, 4540, 4573, 4604, 4635,
    4665, 4694, 4722, 4749, 4775, 4801, 4827, 4851, 4875, 4899, 4922, 4945, 4967, 4988, 5009, 5030, 5050,
    5070, 5090, 5109, 5128, 5146, 5164, 5182, 5199, 5217, 5234, 5250, 5267, 5283,
];

/// What a feature that occurs so often in a unit counts, in 1/1024.
pub fn value(times: u16) -> i64 {
    let [.., most] = VALUES;
    VALUES.get(usize::from(times)).copied().unwrap_or(most)
}

/// A trained model.
#[derive(Debug, Clone, Copy)]
pub struct Model<'b> {
    weights: &'b [u8; WEIGHTS],
    scale: f32,
    bias: f32,
}

/// Why bytes are no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no model of this version; build Sentinel again with the model.bin of its source")]
pub struct NotAModel;

/// The unit of a text that looks most like an attack.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// How much: above the border's threshold it is taken for one.
    pub score: f32,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
}

impl<'b> Model<'b> {
    /// Reads a model's file.
    ///
    /// # Errors
    /// When the bytes are of another kind, version or length, or their numbers are none.
    pub fn read(bytes: &'b [u8]) -> Result<Self, NotAModel> {
        let (header, weights) = bytes.split_at_checked(HEADER).ok_or(NotAModel)?;
        let (magic, numbers) = header.split_at_checked(MAGIC.len()).ok_or(NotAModel)?;
        let (scale, bias) = numbers.split_at_checked(4).ok_or(NotAModel)?;
        let number = |bytes: &[u8]| bytes.try_into().map(f32::from_le_bytes).map_err(|_| NotAModel);
        let (scale, bias) = (number(scale)?, number(bias)?);
        if magic != MAGIC || !scale.is_finite() || !bias.is_finite() {
            return Err(NotAModel);
        }
        Ok(Self { weights: weights.try_into().map_err(|_| NotAModel)?, scale, bias })
    }

    /// Writes a model's file: weights are rounded to a byte, the largest being 127.
    pub fn write(weights: &[f64], bias: f64) -> Vec<u8> {
        let most = weights.iter().fold(f64::MIN_POSITIVE, |most, w| most.max(w.abs()));
        let scale = most / 127.0;
        let mut out = Vec::with_capacity(HEADER + WEIGHTS);
        out.extend_from_slice(MAGIC);
        #[expect(clippy::cast_possible_truncation, reason = "that is what the file holds")]
        for number in [scale as f32, bias as f32] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most 127 by the choice of the scale")]
        out.extend(weights.iter().map(|w| (w / scale).round() as i8).map(i8::cast_unsigned));
        out
    }

    /// The worst unit of a text; none if the text has no words.
    pub fn judge(&self, features: &Features, port: Port) -> Option<Judged> {
        let units = Units::of(features, port);
        let mut tally = Tally::new(self);
        let mut worst: Option<(f32, Range<usize>)> = None;
        let mut see = |score: Option<f32>, unit: &Range<usize>| {
            if let Some(score) = score
                && worst.as_ref().is_none_or(|(worst, _)| score > *worst)
            {
                worst = Some((score, unit.clone()));
            }
        };
        let mut before = 0..0;
        for window in units.windows {
            tally.slide(features, &before, &window);
            see(tally.score(), &window);
            before = window;
        }
        tally.count(features, &before, Frame::Window, Tally::remove);
        for sentence in units.sentences {
            tally.count(features, &sentence, Frame::Sentence, Tally::add);
            see(tally.score().map(|score| score - SENTENCE_OFFSET), &sentence);
            tally.count(features, &sentence, Frame::Sentence, Tally::remove);
        }
        // Last, because counts of a whole text may stop at their limit and cannot be taken back then.
        if let Some(whole) = units.whole {
            tally.count(features, &whole, Frame::Window, Tally::add);
            see(tally.score(), &whole);
        }
        let (score, unit) = worst?;
        let tokens = features.tokens().get(unit)?;
        let span = tokens.first()?.span.start..tokens.last()?.span.end;
        Some(Judged { score, span })
    }
}

thread_local! {
    /// The counts of this thread's last tally, all back at zero: clearing half a megabyte for each short text costs
    /// more than judging it.
    static CLEARED: Cell<Vec<u16>> = const { Cell::new(Vec::new()) };
}

/// A unit's sums, which are kept while features come and go.
struct Tally<'m> {
    model: &'m Model<'m>,
    counts: Vec<u16>,
    /// Which counts were ever more than zero, some of them several times; of a long text not all, and then all are cleared.
    touched: Vec<u32>,
    /// Sum of weight and value.
    dot: i64,
    /// Sum of squared values.
    square: i64,
}

impl<'m> Tally<'m> {
    fn new(model: &'m Model<'m>) -> Self {
        let mut counts = CLEARED.take();
        counts.resize(WEIGHTS, 0);
        Self { model, counts, touched: Vec::new(), dot: 0, square: 0 }
    }

    fn add(&mut self, feature: u32) {
        self.change(feature, u16::saturating_add);
    }

    fn remove(&mut self, feature: u32) {
        self.change(feature, u16::saturating_sub);
    }

    fn change(&mut self, feature: u32, by: fn(u16, u16) -> u16) {
        let at = feature as usize;
        let (Some(count), Some(weight)) = (self.counts.get_mut(at), self.model.weights.get(at)) else {
            return;
        };
        if *count == 0 && self.touched.len() < MOST_TOUCHED {
            self.touched.push(feature);
        }
        let before = value(*count);
        *count = by(*count, 1);
        let after = value(*count);
        self.dot += i64::from(weight.cast_signed()) * (after - before);
        self.square += after * after - before * before;
    }

    fn count(&mut self, features: &Features, tokens: &Range<usize>, frame: Frame, with: fn(&mut Self, u32)) {
        features.unit(tokens, frame).for_each(|feature| with(self, feature));
    }

    /// From one window to the next one, of which neither end lies before the first one's.
    fn slide(&mut self, features: &Features, from: &Range<usize>, to: &Range<usize>) {
        let frame = Frame::Window;
        let (old, new) = (features.inner_pairs(from), features.inner_pairs(to));
        features.singles(&(from.start..to.start.min(from.end)), frame).for_each(|f| self.remove(f));
        features.pairs(old.start..new.start.min(old.end), frame).for_each(|f| self.remove(f));
        features.singles(&(from.end.max(to.start)..to.end), frame).for_each(|f| self.add(f));
        features.pairs(old.end.max(new.start)..new.end, frame).for_each(|f| self.add(f));
    }

    #[expect(clippy::cast_precision_loss, reason = "a float is what a score is")]
    fn score(&self) -> Option<f32> {
        let length = (self.square as f64).sqrt();
        let score = self.dot as f64 / length * f64::from(self.model.scale) + f64::from(self.model.bias);
        #[expect(clippy::cast_possible_truncation, reason = "a few digits are enough")]
        (length > 0.0).then_some(score as f32)
    }
}

impl Drop for Tally<'_> {
    /// INVARIANT: what the next tally of this thread takes over is all zero.
    fn drop(&mut self) {
        if self.touched.len() == MOST_TOUCHED {
            self.counts.fill(0);
        }
        for feature in self.touched.drain(..) {
            if let Some(count) = self.counts.get_mut(feature as usize) {
                *count = 0;
            }
        }
        CLEARED.set(std::mem::take(&mut self.counts));
    }
}
