//! A text's sketch: its words' pieces, hashed and folded into a small vector. Texts that share words in any language have
//! sketches that point the same way; a text cannot be read off its sketch.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

#[cfg(test)]
mod tests;

/// Numbers of a sketch. Chance alone makes the cosine of two unrelated texts differ from 0 by about 1/16.
const SIZE: usize = 256;
/// Words of fewer letters hold a language together and say little.
const MIN_WORD: usize = 4;
/// Letters of a piece: words that begin alike or are inflected share most of theirs.
const PIECE: usize = 4;

/// A sketch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sketch(Box<[i8; SIZE]>);

impl Sketch {
    /// Of folded text, as [`super::mark::folded`] gives it.
    pub(super) fn of(folded: &str) -> Self {
        let mut sums = [0_i32; SIZE];
        for word in folded.split(|c: char| !c.is_alphanumeric()) {
            let letters: Vec<char> = word.chars().collect();
            let dense = letters.first().is_some_and(|c| super::mark::is_dense(*c));
            let size = if dense { 2 } else { PIECE };
            if letters.len() < if dense { 2 } else { MIN_WORD } {
                continue;
            }
            for piece in letters.windows(size) {
                add(&mut sums, piece);
            }
        }
        let damped = sums.map(|sum| {
            // Roots, so that a word said ten times does not drown the rest.
            let root = sum.unsigned_abs().isqrt();
            let root = i8::try_from(root).unwrap_or(i8::MAX);
            if sum < 0 { -root } else { root }
        });
        Self(Box::new(damped))
    }

    /// How alike two texts are: 1 for the same, about 0 for unrelated ones. 0 where one has no words.
    pub(super) fn likeness(&self, other: &Self) -> f64 {
        let dot = |a: &[i8; SIZE], b: &[i8; SIZE]| -> f64 {
            a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let norm = (dot(&self.0, &self.0) * dot(&other.0, &other.0)).sqrt();
        if norm > 0.0 { dot(&self.0, &other.0) / norm } else { 0.0 }
    }

    /// As a record has it.
    pub(super) fn to_text(&self) -> String {
        STANDARD.encode(self.0.map(i8::cast_unsigned))
    }

    /// From a record; of one that is damaged, a text without words.
    pub(super) fn from_text(text: &str) -> Self {
        let bytes = STANDARD.decode(text).unwrap_or_default();
        let bytes = <[u8; SIZE]>::try_from(bytes).unwrap_or([0; SIZE]);
        Self(Box::new(bytes.map(u8::cast_signed)))
    }
}

/// FNV-1a, 64 bits: the same on every machine and in every version, as records are.
fn add(sums: &mut [i32; SIZE], piece: &[char]) {
    let hash = piece.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, c| {
        (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = hash ^ (hash >> 32);
    let at = usize::try_from(mixed % SIZE as u64).unwrap_or_default();
    let sign = if mixed >> 20 & 1 == 0 { 1 } else { -1 };
    if let Some(sum) = sums.get_mut(at) {
        *sum = sum.saturating_add(sign);
    }
}
