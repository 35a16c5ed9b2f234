//! Normalisation between a dense layer and its activation: u = gain (z - mean) / sqrt(var + eps) + shift.
//!
//! | name | mean and var over | source |
//! |---|---|---|
//! | batch norm | the batch, per unit; running averages for the test set | Ioffe and Szegedy 2015, algorithm 1 |
//! | layer norm | the units, per example | Ba et al. 2016, section 3 |
//!
//! With x = (z - mean) / sqrt(var + eps) and dx = gain du, both have the backward dz = (dx - mean(dx) - x mean(dx x))
//! / sqrt(var + eps), the means over what the statistics were over. Statistics accumulate in f64: they are sums over
//! a batch, and a mean that is off by a rounding error is a gradient that is not there.

mod batch;
mod layer;

use ndarray::{Array1, Array2};

use super::Scaled;
use crate::kernels::Real;

pub(super) use batch::BatchNorm;
pub(super) use layer::LayerNorm;

/// Added to every variance (PyTorch's default).
pub const EPS: f64 = 1e-5;

/// The statistics of one forward pass, which its backward needs.
#[derive(Debug, Clone)]
pub struct NormStatistics<F> {
    /// Means; (D) for batch norm, (B) for layer norm.
    mean: Vec<F>,
    /// 1 / sqrt(var + eps), likewise.
    inv_std: Vec<F>,
}

impl<F: Real> NormStatistics<F> {
    /// Room for the statistics of a (batch, units) layer.
    pub fn new(batch: usize, units: usize) -> Self {
        let n = batch.max(units);
        Self { mean: vec![F::zero(); n], inv_std: vec![F::zero(); n] }
    }

    /// Makes room for a (batch, units) layer, in the memory that is there if that is large enough.
    pub(super) fn fit(&mut self, (batch, units): (usize, usize)) {
        let n = batch.max(units);
        self.mean.resize(n, F::zero());
        self.inv_std.resize(n, F::zero());
    }
}

/// A normalisation with its parameters.
pub trait Norm<F: Real>: Send + std::fmt::Debug {
    /// u (B, D) from z (B, D) while training.
    fn forward(&mut self, z: &Array2<F>, u: &mut Array2<F>, statistics: &mut NormStatistics<F>);

    /// u (B, D) from z (B, D) for the test set.
    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>);

    /// du (B, D) becomes dz, in place; the parameters' gradients accumulate.
    fn backward(&mut self, z: &Array2<F>, grad: &mut Scaled<F>, statistics: &NormStatistics<F>);

    /// Gain and shift.
    fn affine(&mut self) -> &mut Affine<F>;

    /// Every array that the norm keeps between batches, under PyTorch's name, (D) each.
    fn arrays(&self) -> Vec<(&'static str, &Array1<F>)>;
}

/// Gain and shift per unit with their gradients, (D) each.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the module's formula names them")]
pub struct Affine<F> {
    pub gain: Array1<F>,
    pub shift: Array1<F>,
    pub dgain: Array1<F>,
    pub dshift: Array1<F>,
    /// The exponent of the entries of dgain and dshift.
    pub exponent: i32,
}

impl<F: Real> Affine<F> {
    fn new(units: usize) -> Self {
        let zeros = Array1::zeros(units);
        Self { gain: Array1::ones(units), shift: zeros.clone(), dgain: zeros.clone(), dshift: zeros, exponent: 0 }
    }

    /// The gain and the shift of every unit, (D) each.
    fn slices(&self) -> (&[F], &[F]) {
        (self.gain.as_slice().expect(CONTIGUOUS), self.shift.as_slice().expect(CONTIGUOUS))
    }
}

const CONTIGUOUS: &str = "one dimension is contiguous";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::mean_and_std;

    fn z() -> Array2<f64> {
        Array2::from_shape_fn((6, 4), |(i, j)| ((i * 5 + j * 3) % 7) as f64 * 0.7 + j as f64)
    }

    #[test]
    fn batch_norm_gives_each_unit_mean_0_and_variance_1() {
        let (z, mut u) = (z(), Array2::zeros((6, 4)));
        let mut norm = BatchNorm::new(4);
        norm.forward(&z, &mut u, &mut NormStatistics::new(6, 4));
        for column in u.columns() {
            let (mean, std) = mean_and_std(&column.to_vec());
            assert!(mean.abs() < 1e-12 && (std - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn layer_norm_gives_each_example_mean_0_and_variance_1() {
        let (z, mut u) = (z(), Array2::zeros((6, 4)));
        let mut norm = LayerNorm::new(4);
        norm.forward(&z, &mut u, &mut NormStatistics::new(6, 4));
        for row in u.rows() {
            let (mean, std) = mean_and_std(&row.to_vec());
            assert!(mean.abs() < 1e-12 && (std - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn the_test_set_sees_the_running_mean_and_unbiased_variance() {
        let z = z();
        let mut norm = BatchNorm::new(4);
        let mut u = Array2::zeros((6, 4));
        norm.forward(&z, &mut u, &mut NormStatistics::new(6, 4));
        norm.evaluate(&z, &mut u);
        let column = z.column(1).to_vec();
        let (mean, std) = mean_and_std(&column);
        let (mean, var) = (0.1 * mean, 0.9 + 0.1 * std * std * 6.0 / 5.0);
        assert!((u[[2, 1]] - (z[[2, 1]] - mean) / (var + EPS).sqrt()).abs() < 1e-12);
    }

    /// u and, for du that rise by halves, dz.
    fn there_and_back(norm: &mut dyn Norm<f32>, z: &Array2<f32>) -> (Array2<f32>, Array2<f32>) {
        let (mut u, mut statistics) = (Array2::zeros(z.raw_dim()), NormStatistics::new(z.nrows(), z.ncols()));
        norm.forward(z, &mut u, &mut statistics);
        let grad = Array2::from_shape_fn(z.raw_dim(), |(i, j)| 0.5 * (i * i + j * j) as f32);
        let mut grad = Scaled { entries: grad, exponent: 0 };
        norm.backward(z, &mut grad, &statistics);
        let grad = grad.entries;
        (u, grad)
    }

    /// Both norms, and whether each takes its statistics over a row.
    fn both() -> [(Box<dyn Norm<f32>>, bool); 2] {
        [(Box::new(BatchNorm::new(4)), false), (Box::new(LayerNorm::new(4)), true)]
    }

    #[test]
    fn what_does_not_vary_becomes_0_however_small_or_large() {
        for x in [0.0, -0.0, 1e-45, -1e-40, f32::MIN_POSITIVE, 1.0, -3e38] {
            for (mut norm, _) in both() {
                let (u, dz) = there_and_back(&mut *norm, &Array2::from_elem((6, 4), x));
                assert!(u.iter().all(|&u| u == 0.0) && dz.iter().all(|dz| dz.is_finite()), "{x:e}: {u} {dz}");
            }
        }
    }

    #[test]
    fn subnormal_inputs_are_centred_and_divided_by_the_root_of_eps() {
        let scale = f32::MIN_POSITIVE / 64.0;
        let z = z().mapv(|z| f32::from_f64(z) * scale);
        for (mut norm, is_of_rows) in both() {
            let (u, dz) = there_and_back(&mut *norm, &z);
            for ((i, j), &u) in u.indexed_iter() {
                let alike = if is_of_rows { z.row(i) } else { z.column(j) };
                let mean = alike.iter().map(|&z| f64::from(z)).sum::<f64>() / alike.len() as f64;
                let want = (f64::from(z[[i, j]]) - mean) / EPS.sqrt();
                assert!((f64::from(u) - want).abs() <= 1e-5 * want.abs() + 1e-42, "{u:e}, not {want:e}");
                // du less its mean: nothing comes back through a variance that eps outweighs.
                let (at, mean) = if is_of_rows { (j, 14.0 / 4.0) } else { (i, 55.0 / 6.0) };
                let want = 0.5 * ((at * at) as f64 - mean) / EPS.sqrt();
                assert!((f64::from(dz[[i, j]]) - want).abs() <= 1e-4 * want.abs(), "{}, not {want}", dz[[i, j]]);
            }
        }
    }

    #[test]
    fn large_inputs_have_variance_1() {
        let z = z().mapv(|z| f32::from_f64(z) * 1e37);
        for (mut norm, is_of_rows) in both() {
            let (u, dz) = there_and_back(&mut *norm, &z);
            let alike = if is_of_rows { u.row(1).to_vec() } else { u.column(1).to_vec() };
            let (mean, std) = mean_and_std(&alike);
            assert!(mean.abs() < 1e-6 && (std - 1.0).abs() < 1e-6 && dz.iter().all(|dz| dz.is_finite()), "{u}");
        }
    }

    #[test]
    fn an_input_that_is_no_number_spoils_what_it_is_averaged_with_and_nothing_else() {
        for x in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            let mut z = z().mapv(f32::from_f64);
            z[[2, 1]] = x;
            for (mut norm, is_of_rows) in both() {
                let (u, dz) = there_and_back(&mut *norm, &z);
                for ((i, j), u) in u.indexed_iter() {
                    let is_spoilt = if is_of_rows { i == 2 } else { j == 1 };
                    assert!(u.is_nan() == is_spoilt && dz[[i, j]].is_nan() == is_spoilt, "{x}: {i}, {j}");
                }
            }
        }
    }
}
