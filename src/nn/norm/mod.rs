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

use crate::kernels::Real;

pub(super) use batch::BatchNorm;
pub(super) use layer::LayerNorm;

/// Added to every variance (PyTorch's default).
pub const EPS: f64 = 1e-5;

/// The statistics of one forward pass, which its backward needs.
#[derive(Debug, Clone)]
pub struct Statistics<F> {
    /// Means; (D) for batch norm, (B) for layer norm.
    mean: Vec<F>,
    /// 1 / sqrt(var + eps), likewise.
    inv_std: Vec<F>,
}

impl<F: Real> Statistics<F> {
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
    fn forward(&mut self, z: &Array2<F>, u: &mut Array2<F>, statistics: &mut Statistics<F>);

    /// u (B, D) from z (B, D) for the test set.
    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>);

    /// du (B, D) becomes dz, in place; the parameters' gradients accumulate.
    fn backward(&mut self, z: &Array2<F>, grad: &mut Array2<F>, statistics: &Statistics<F>);

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
}

impl<F: Real> Affine<F> {
    fn new(units: usize) -> Self {
        let zeros = Array1::zeros(units);
        Self { gain: Array1::ones(units), shift: zeros.clone(), dgain: zeros.clone(), dshift: zeros }
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
        norm.forward(&z, &mut u, &mut Statistics::new(6, 4));
        for column in u.columns() {
            let (mean, std) = mean_and_std(&column.to_vec());
            assert!(mean.abs() < 1e-12 && (std - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn layer_norm_gives_each_example_mean_0_and_variance_1() {
        let (z, mut u) = (z(), Array2::zeros((6, 4)));
        let mut norm = LayerNorm::new(4);
        norm.forward(&z, &mut u, &mut Statistics::new(6, 4));
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
        norm.forward(&z, &mut u, &mut Statistics::new(6, 4));
        norm.evaluate(&z, &mut u);
        let column = z.column(1).to_vec();
        let (mean, std) = mean_and_std(&column);
        let (mean, var) = (0.1 * mean, 0.9 + 0.1 * std * std * 6.0 / 5.0);
        assert!((u[[2, 1]] - (z[[2, 1]] - mean) / (var + EPS).sqrt()).abs() < 1e-12);
    }
}
