//! The learner: a linear support vector machine with squared hinge loss, by coordinate descent in the dual (Hsieh et al., 2008;
//! what `liblinear -s 1` does, without its shrinking).
//!
//! One thread, a fixed order and nothing but `+ - * / sqrt` of IEEE doubles: the same texts give the same bytes on every machine.

use crate::examples::{Example, Examples, SplitMix};
use sentinel::scan::injection::model::WEIGHTS;

/// What was learned.
#[derive(Debug)]
pub struct Learned {
    /// One weight for each number of a feature.
    pub weights: Vec<f64>,
    /// The score of a text without features.
    pub bias: f64,
}

/// Learns in so many passes over the examples. `cost` is how much a mistake counts against large weights.
pub fn learn(examples: &Examples, cost: f64, passes: usize) -> Learned {
    let mut learned = Learned { weights: vec![0.0; WEIGHTS], bias: 0.0 };
    let mut alphas = vec![0.0; examples.list.len()];
    let mut order: Vec<usize> = (0..examples.list.len()).collect();
    let mut random = SplitMix(2);
    for _ in 0..passes {
        random.shuffle(&mut order);
        for &n in &order {
            let (Some(example), Some(alpha)) = (examples.list.get(n), alphas.get_mut(n)) else { continue };
            let sign = if example.attack { 1.0 } else { -1.0 };
            let softness = 0.5 / (cost * example.weight);
            let gradient = sign * learned.score(examples, example) - 1.0 + *alpha * softness;
            // The vector has length one, and the bias is a feature that is always one.
            let next = f64::max(*alpha - gradient / (2.0 + softness), 0.0);
            let step = (next - *alpha) * sign;
            if step != 0.0 {
                learned.step(examples, example, step);
            }
            *alpha = next;
        }
    }
    learned
}

impl Learned {
    fn score(&self, examples: &Examples, example: &Example) -> f64 {
        let mut dot = 0.0;
        for (feature, value) in entries(examples, example) {
            dot += self.weights.get(feature).copied().unwrap_or(0.0) * value;
        }
        dot * example.shrink + self.bias
    }

    fn step(&mut self, examples: &Examples, example: &Example, step: f64) {
        for (feature, value) in entries(examples, example) {
            if let Some(weight) = self.weights.get_mut(feature) {
                *weight += step * value * example.shrink;
            }
        }
        self.bias += step;
    }
}

fn entries<'e>(examples: &'e Examples, example: &Example) -> impl Iterator<Item = (usize, f64)> + use<'e> {
    let features = examples.features.get(example.entries.clone()).unwrap_or_default();
    let values = examples.values.get(example.entries.clone()).unwrap_or_default();
    features.iter().zip(values).map(|(feature, value)| (*feature as usize, f64::from(*value)))
}
