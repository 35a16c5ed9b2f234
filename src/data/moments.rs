//! The moments of the inputs: what a theory of nets at initialisation asks of data.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::{Dataset, Examples};

/// Inputs in a few numbers, over the training part; over the test part where training draws its examples anew, which has
/// the same distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// How many inputs a net has (of a sequence those of one time step).
    pub inputs: usize,
    /// Mean of x^2 over examples, time steps and inputs.
    pub square: f64,
    /// Mean over the inputs of their variance over examples and time steps.
    pub variance: f64,
    /// How much the examples (of a sequence its time steps) differ in their own mean square over the inputs: the variance
    /// of that over the square of its mean; 0 where all are alike.
    pub unevenness: f64,
}

impl Moments {
    /// Of `data`.
    pub(super) fn of(data: &Dataset) -> Self {
        let part = if data.fresh.is_some() { &data.test } else { &data.train };
        Self::of_part(part, data.inputs())
    }

    fn of_part(part: &Examples, inputs: usize) -> Self {
        let rows = part.x.len() / inputs;
        let x = part.x.as_slice().expect("examples are row-major");
        let x = ArrayView2::from_shape((rows, inputs), x).expect("a row is a whole number of time steps");
        let count = rows as f64;
        // Reckoned twice rather than kept: of sequences with few inputs, they would take half as much as the inputs.
        let squares = || x.rows().into_iter().map(|x| x.iter().map(|x| x * x).sum::<f64>() / inputs as f64);
        let square = squares().sum::<f64>() / count;
        let spread = squares().map(|s| (s - square) * (s - square)).sum::<f64>() / count;
        let mut means = vec![0.0; inputs];
        for row in x.rows() {
            means.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / count);
        }
        let deviations =
            x.rows().into_iter().map(|row| row.iter().zip(&means).map(|(x, m)| (x - m) * (x - m)).sum::<f64>());
        let variance = deviations.sum::<f64>() / (count * inputs as f64);
        let unevenness = if square > 0.0 { spread / (square * square) } else { 0.0 };
        Self { inputs, square, variance, unevenness }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DataSpec, Source};

    fn moments(source: Source) -> Moments {
        let default = crate::spec::RunSpec::default().data;
        let length = if source == Source::Adding { 50.try_into().expect("positive") } else { default.length };
        Dataset::load(&DataSpec { source, length, ..default }).expect("no files").moments()
    }

    fn near(got: f64, want: f64, tolerance: f64) {
        assert!((got - want).abs() <= tolerance, "{got}, not {want}");
    }

    #[test]
    fn standard_normal_inputs_have_variance_1_and_the_unevenness_of_chi_square() {
        let Moments { inputs, square, variance, unevenness } = moments(Source::Noise);
        assert_eq!(inputs, 64);
        near(square, 1.0, 0.02);
        near(variance, square, 0.01);
        near(unevenness, 2.0 / 64.0, 0.005);
    }

    #[test]
    fn standardised_digits_vary_in_all_pixels_but_the_constant_ones() {
        let Moments { inputs, square, variance, .. } = moments(Source::Digits);
        assert_eq!(inputs, 64);
        near(variance, square, 1e-12);
        assert!((61.0 / 64.0..1.0).contains(&square), "{square}: at most 3 pixels are constant");
    }

    #[test]
    fn a_sequence_counts_time_step_by_time_step() {
        // A number from U(0, 1), E x^2 = 1/3, and a mark in 2 of 50 time steps.
        let Moments { inputs, square, variance, .. } = moments(Source::Adding);
        assert_eq!(inputs, 2);
        near(square, 0.5 * (1.0 / 3.0 + 0.04), 2e-3);
        near(variance, 0.5 * (1.0 / 12.0 + 0.04 * 0.96), 2e-3);
        // One of 10 inputs is 1.
        let Moments { inputs, square, unevenness, .. } = moments(Source::Copy);
        near(square, 1.0 / inputs as f64, 1e-12);
        near(unevenness, 0.0, 1e-12);
    }
}
