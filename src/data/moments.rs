//! The moments of the inputs: what a theory of nets at initialisation asks of data.

use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::examples::Examples;
use crate::kernels::ln;

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
    /// of its logarithm; 0 where all are alike, infinite where one is all 0.
    pub unevenness: f64,
    /// The number of directions in which the examples differ: (tr C)^2 / tr C^2 of their covariance C; as many as inputs
    /// where these are independent and alike, 1 where all lie on a line. From at most 256 of them.
    pub directions: f64,
}

/// The examples that are compared with each other, at most: with more, large data would take seconds.
const COMPARED: usize = 256;

impl Moments {
    /// Takes the moments of the inputs of some examples, of which each time step has `inputs`.
    pub(in crate::data) fn of(part: &Examples, inputs: usize) -> Self {
        let rows = part.x.len() / inputs;
        let x = part.x.as_slice().expect("examples are row-major");
        let x = ArrayView2::from_shape((rows, inputs), x).expect("a row is a whole number of time steps");
        let count = rows as f64;
        // Reckoned again rather than kept: of sequences with few inputs, they would take half as much as the inputs.
        let squares = || x.rows().into_iter().map(|x| x.iter().map(|x| x * x).sum::<f64>() / inputs as f64);
        let square = squares().sum::<f64>() / count;
        let mut means = vec![0.0; inputs];
        for row in x.rows() {
            means.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / count);
        }
        let deviations =
            x.rows().into_iter().map(|row| row.iter().zip(&means).map(|(x, m)| (x - m) * (x - m)).sum::<f64>());
        let variance = deviations.sum::<f64>() / (count * inputs as f64);
        Self { inputs, square, variance, unevenness: unevenness(squares), directions: directions(&x, &means) }
    }
}

/// The variance of the logarithm of examples' mean squares, which can be asked for again.
fn unevenness<I: Iterator<Item = f64>>(squares: impl Fn() -> I) -> f64 {
    if squares().any(|square| square == 0.0) {
        return f64::INFINITY;
    }
    let (sum, count) = squares().fold((0.0, 0), |(sum, n), square| (sum + ln(square), n + 1));
    let mean = sum / f64::from(count);
    squares().map(|square| ln(square) - mean).map(|deviation| deviation * deviation).sum::<f64>() / f64::from(count)
}

/// (tr C)^2 / tr C^2, C being the covariance of the rows of `x`, whose means are `means`. For two examples that are drawn
/// independently, E (x - m)^T (y - m) squared is tr C^2, so that C itself is not needed. NaN where nothing varies.
fn directions(x: &ArrayView2<'_, f64>, means: &[f64]) -> f64 {
    let step = x.nrows().div_ceil(COMPARED);
    let rows: Vec<_> = x.rows().into_iter().step_by(step).collect();
    // Deviations from the means are taken as they are needed: copies would add to the memory of wide data.
    let dot = |a: &ArrayView1<'_, f64>, b: &ArrayView1<'_, f64>| {
        a.iter().zip(b).zip(means).map(|((a, b), mean)| (a - mean) * (b - mean)).sum::<f64>()
    };
    let count = rows.len() as f64;
    let trace = rows.iter().map(|row| dot(row, row)).sum::<f64>() / count;
    let pairs = rows.iter().enumerate().flat_map(|(i, a)| rows[..i].iter().map(move |b| dot(a, b)));
    let of_square = pairs.map(|dot| dot * dot).sum::<f64>() / (0.5 * count * (count - 1.0));
    trace * trace / of_square
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DataSource, DataSpec, Dataset};

    fn moments(source: DataSource) -> Moments {
        let default = crate::spec::RunSpec::default().data;
        let length = if source == DataSource::Adding { 50.try_into().expect("positive") } else { default.length };
        Dataset::load(&DataSpec { source, length, ..default }).expect("no files").moments()
    }

    fn near(got: f64, want: f64, tolerance: f64) {
        assert!((got - want).abs() <= tolerance, "{got}, not {want}");
    }

    #[test]
    fn standard_normal_inputs_have_variance_1_and_the_unevenness_of_chi_square() {
        let Moments { inputs, square, variance, unevenness, directions } = moments(DataSource::Noise);
        assert_eq!(inputs, 64);
        near(square, 1.0, 0.02);
        near(variance, square, 0.01);
        // The variance of ln chi^2 of n degrees of freedom is 2 / n + 2 / n^2.
        near(unevenness, 2.0 / 64.0, 0.005);
        near(directions, 64.0, 2.0);
    }

    #[test]
    fn standardised_digits_vary_in_all_pixels_but_the_constant_ones() {
        let Moments { inputs, square, variance, .. } = moments(DataSource::Digits);
        assert_eq!(inputs, 64);
        near(variance, square, 1e-12);
        assert!((61.0 / 64.0..1.0).contains(&square), "{square}: at most 3 pixels are constant");
    }

    #[test]
    fn examples_differ_in_no_more_directions_than_they_have_inputs() {
        let (moons, digits) = (moments(DataSource::Moons).directions, moments(DataSource::Digits).directions);
        assert!((1.0..2.1).contains(&moons), "{moons}");
        assert!((5.0..40.0).contains(&digits), "{digits}: neighbouring pixels go together");
        let of = |rows: &[f64]| {
            let x = ndarray::Array2::from_shape_vec((rows.len() / 2, 2), rows.to_vec()).expect("pairs");
            let means = [0, 1].map(|i| x.column(i).sum() / x.nrows() as f64);
            directions(&x.view(), &means)
        };
        // All on a line: every product of two is that of their lengths.
        let line: Vec<f64> = (0..200).flat_map(|i| [f64::from(i % 2) * 2.0 - 1.0; 2]).collect();
        near(of(&line), 1.0, 1e-12);
        assert!(of(&[1.0; 40]).is_nan());
    }

    #[test]
    fn examples_that_differ_in_size_are_uneven_and_one_without_size_is_so_without_bound() {
        let of = |squares: &[f64]| unevenness(|| squares.iter().copied());
        assert_eq!(of(&[2.0; 5]), 0.0);
        near(of(&[1.0, (2.0_f64).exp()]), 1.0, 1e-12);
        assert_eq!(of(&[1.0, 0.0]), f64::INFINITY);
    }

    #[test]
    fn a_sequence_counts_time_step_by_time_step() {
        // A number from U(0, 1), E x^2 = 1/3, and a mark in 2 of 50 time steps.
        let Moments { inputs, square, variance, .. } = moments(DataSource::Adding);
        assert_eq!(inputs, 2);
        near(square, 0.5 * (1.0 / 3.0 + 0.04), 2e-3);
        near(variance, 0.5 * (1.0 / 12.0 + 0.04 * 0.96), 2e-3);
        // One of 10 inputs is 1.
        let Moments { inputs, square, unevenness, .. } = moments(DataSource::Copy);
        near(square, 1.0 / inputs as f64, 1e-12);
        near(unevenness, 0.0, 1e-12);
    }
}
