//! The adding problem (Hochreiter and Schmidhuber 1997, experiment 4; in the form of Le et al. 2015): T pairs of a number
//! from U(0, 1) and a mark, which is 1 at one time step of the first half and one of the second, else 0. The answer, at
//! the end, is the sum of the two marked numbers. Whoever always says 1 has a loss of 1/6, the sum's variance.

use super::room::ExampleRoom;
use crate::data::examples::Answers;
use crate::seed::Random;

/// The number and the mark.
pub(in crate::data) const INPUTS: usize = 2;
pub(in crate::data) const OUTPUTS: usize = 1;

/// Variance of the sum of two numbers from U(0, 1): twice 1/12.
pub(super) const TARGET_VARIANCE: f64 = 1.0 / 6.0;

/// Draws one example of `length` time steps: first all numbers, then the two marks.
pub(super) fn draw(random: &mut Random, length: usize, row: ExampleRoom<'_>) {
    let ExampleRoom { example, x, answers } = row;
    for pair in x.chunks_exact_mut(INPUTS) {
        pair[0] = random.uniform();
        pair[1] = 0.0;
    }
    let half = length / 2;
    let marked = [random.below(half), half + random.below(length - half)];
    let mut sum = 0.0;
    for t in marked {
        x[INPUTS * t + 1] = 1.0;
        sum += x[INPUTS * t];
    }
    match answers {
        Answers::Values(values) => values[[example, 0]] = sum,
        Answers::Classes { .. } => unreachable!("a sum is a number"),
    }
}
