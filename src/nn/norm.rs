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

use ndarray::{Array1, Array2};

use crate::kernels::{Real, sqrt, sum, sum_of};

/// Added to every variance (PyTorch's default).
const EPS: f64 = 1e-5;

/// Weight of the newest batch in the running averages (PyTorch's default).
const RUNNING: f64 = 0.1;

/// The statistics of one forward pass, which its backward needs.
#[derive(Debug, Clone)]
pub struct Statistics<F> {
    /// Means; (D) for batch norm, (B) for layer norm.
    mean: Vec<F>,
    /// 1 / sqrt(var + eps), likewise.
    inv_std: Vec<F>,
    /// Sums over the batch, (D) each.
    sums: [Vec<f64>; 2],
}

impl<F: Real> Statistics<F> {
    /// Room for the statistics of a (batch, units) layer.
    pub fn new(batch: usize, units: usize) -> Self {
        let n = batch.max(units);
        Self { mean: vec![F::zero(); n], inv_std: vec![F::zero(); n], sums: [vec![0.0; units], vec![0.0; units]] }
    }
}

/// A normalisation with its parameters.
pub trait Norm<F: Real>: Send + std::fmt::Debug {
    /// u (B, D) from z (B, D) while training.
    fn forward(&mut self, z: &Array2<F>, u: &mut Array2<F>, statistics: &mut Statistics<F>);

    /// u (B, D) from z (B, D) for the test set.
    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>);

    /// du (B, D) becomes dz, in place; the parameters' gradients accumulate.
    fn backward(&mut self, z: &Array2<F>, grad: &mut Array2<F>, statistics: &mut Statistics<F>);

    /// Gain and shift.
    fn affine(&mut self) -> &mut Affine<F>;
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
}

/// Batch norm.
#[derive(Debug)]
pub(super) struct BatchNorm<F> {
    affine: Affine<F>,
    /// Running mean and unbiased variance, (D) each.
    running: [Array1<F>; 2],
}

impl<F: Real> BatchNorm<F> {
    pub(super) fn new(units: usize) -> Self {
        Self { affine: Affine::new(units), running: [Array1::zeros(units), Array1::ones(units)] }
    }
}

impl<F: Real> Norm<F> for BatchNorm<F> {
    fn forward(&mut self, z: &Array2<F>, u: &mut Array2<F>, statistics: &mut Statistics<F>) {
        let batch = z.nrows() as f64;
        let Statistics { mean, inv_std, sums: [sum, squares] } = statistics;
        sum.fill(0.0);
        for row in z.rows() {
            row.iter().zip(&mut *sum).for_each(|(&z, sum)| *sum += z.f64());
        }
        squares.fill(0.0);
        for row in z.rows() {
            for ((&z, &sum), squares) in row.iter().zip(&*sum).zip(&mut *squares) {
                let centred = z.f64() - sum / batch;
                *squares += centred * centred;
            }
        }
        let [running_mean, running_var] = &mut self.running;
        for j in 0..sum.len() {
            mean[j] = F::of(sum[j] / batch);
            inv_std[j] = F::of(1.0 / sqrt(squares[j] / batch + EPS));
            let average = |old: F, new: f64| F::of((1.0 - RUNNING) * old.f64() + RUNNING * new);
            running_mean[j] = average(running_mean[j], sum[j] / batch);
            running_var[j] = average(running_var[j], squares[j] / (batch - 1.0));
        }
        let Affine { gain, shift, .. } = &self.affine;
        for (z, mut u) in z.rows().into_iter().zip(u.rows_mut()) {
            for (j, (u, &z)) in u.iter_mut().zip(z).enumerate() {
                *u = gain[j] * ((z - mean[j]) * inv_std[j]) + shift[j];
            }
        }
    }

    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>) {
        let Affine { gain, shift, .. } = &self.affine;
        let [mean, var] = &self.running;
        for (z, mut u) in z.rows().into_iter().zip(u.rows_mut()) {
            for (j, (u, &z)) in u.iter_mut().zip(z).enumerate() {
                *u = gain[j] * ((z - mean[j]) / sqrt(var[j] + F::of(EPS))) + shift[j];
            }
        }
    }

    fn backward(&mut self, z: &Array2<F>, grad: &mut Array2<F>, statistics: &mut Statistics<F>) {
        // forward was: u = gain x + shift, x = (z - mean) inv_std, mean and var over the batch
        let batch = z.nrows() as f64;
        let Statistics { mean, inv_std, sums: [sum_du, sum_du_x] } = statistics;
        sum_du.fill(0.0);
        sum_du_x.fill(0.0);
        for (z, du) in z.rows().into_iter().zip(grad.rows()) {
            for (j, (&z, &du)) in z.iter().zip(du).enumerate() {
                let x = (z - mean[j]) * inv_std[j];
                sum_du[j] += du.f64();
                sum_du_x[j] += (du * x).f64();
            }
        }
        let Affine { gain, dgain, dshift, .. } = &mut self.affine;
        for j in 0..sum_du.len() {
            dgain[j] += F::of(sum_du_x[j]);
            dshift[j] += F::of(sum_du[j]);
        }
        for (z, mut grad) in z.rows().into_iter().zip(grad.rows_mut()) {
            for (j, (grad, &z)) in grad.iter_mut().zip(z).enumerate() {
                let x = (z - mean[j]) * inv_std[j];
                let centred = *grad                                // 1: through x itself
                    - F::of(sum_du[j] / batch)                     // 2: through the mean
                    - x * F::of(sum_du_x[j] / batch); // 3: through the variance
                *grad = gain[j] * inv_std[j] * centred;
            }
        }
    }

    fn affine(&mut self) -> &mut Affine<F> {
        &mut self.affine
    }
}

/// Layer norm.
#[derive(Debug)]
pub(super) struct LayerNorm<F> {
    affine: Affine<F>,
}

impl<F: Real> LayerNorm<F> {
    pub(super) fn new(units: usize) -> Self {
        Self { affine: Affine::new(units) }
    }

    /// Normalises one example and returns its mean and 1 / std.
    fn normalise(&self, z: &[F], u: &mut [F]) -> (F, F) {
        let Affine { gain, shift, .. } = &self.affine;
        let units = z.len() as f64;
        let mean = sum(z) / units;
        let var = sum_of(z, |z| (z - mean) * (z - mean)) / units;
        let (mean, inv_std) = (F::of(mean), F::of(1.0 / sqrt(var + EPS)));
        for (j, (u, &z)) in u.iter_mut().zip(z).enumerate() {
            *u = gain[j] * ((z - mean) * inv_std) + shift[j];
        }
        (mean, inv_std)
    }
}

impl<F: Real> Norm<F> for LayerNorm<F> {
    fn forward(&mut self, z: &Array2<F>, u: &mut Array2<F>, statistics: &mut Statistics<F>) {
        for (i, (z, mut u)) in z.rows().into_iter().zip(u.rows_mut()).enumerate() {
            let (z, u) = (z.to_slice().expect(CONTIGUOUS), u.as_slice_mut().expect(CONTIGUOUS));
            (statistics.mean[i], statistics.inv_std[i]) = self.normalise(z, u);
        }
    }

    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>) {
        for (z, mut u) in z.rows().into_iter().zip(u.rows_mut()) {
            self.normalise(z.to_slice().expect(CONTIGUOUS), u.as_slice_mut().expect(CONTIGUOUS));
        }
    }

    fn backward(&mut self, z: &Array2<F>, grad: &mut Array2<F>, statistics: &mut Statistics<F>) {
        // forward was: u = gain x + shift, x = (z - mean) inv_std, mean and var over the units
        let units = z.ncols() as f64;
        let Affine { gain, dgain, dshift, .. } = &mut self.affine;
        for (i, (z, mut grad)) in z.rows().into_iter().zip(grad.rows_mut()).enumerate() {
            let (mean, inv_std) = (statistics.mean[i], statistics.inv_std[i]);
            let (mut sum_dx, mut sum_dx_x) = (0.0, 0.0);
            for (j, (&z, &du)) in z.iter().zip(&grad).enumerate() {
                let x = (z - mean) * inv_std;
                dgain[j] += du * x;
                dshift[j] += du;
                sum_dx += (gain[j] * du).f64();
                sum_dx_x += (gain[j] * du * x).f64();
            }
            for (j, (grad, &z)) in grad.iter_mut().zip(z).enumerate() {
                let x = (z - mean) * inv_std;
                let centred = gain[j] * *grad                      // 1: through x itself
                    - F::of(sum_dx / units)                        // 2: through the mean
                    - x * F::of(sum_dx_x / units); // 3: through the variance
                *grad = inv_std * centred;
            }
        }
    }

    fn affine(&mut self) -> &mut Affine<F> {
        &mut self.affine
    }
}

const CONTIGUOUS: &str = "rows of a row-major matrix are contiguous";

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
