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

use super::dense::{as_slice, as_slice_mut};
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

    /// u = gain x + shift for one example, where x = normalised(unit, z).
    #[inline(always)]
    fn apply(&self, z: &[F], normalised: impl Fn(usize, F) -> F, u: &mut [F]) {
        let (gain, shift) = (self.gain.as_slice().expect(CONTIGUOUS), self.shift.as_slice().expect(CONTIGUOUS));
        let affine = gain.iter().zip(shift);
        for (j, ((u, &z), (&gain, &shift))) in u.iter_mut().zip(z).zip(affine).enumerate() {
            *u = gain * normalised(j, z) + shift;
        }
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
        let (batch, units) = (z.nrows() as f64, z.ncols());
        let (z, u) = (as_slice(z), as_slice_mut(u));
        let Statistics { mean, inv_std, sums: [sum, squares] } = statistics;
        sum.fill(0.0);
        for z in z.chunks_exact(units) {
            sum.iter_mut().zip(z).for_each(|(sum, &z)| *sum += z.f64());
        }
        sum.iter_mut().for_each(|sum| *sum /= batch); // now the means
        squares.fill(0.0);
        for z in z.chunks_exact(units) {
            for ((squares, &mean), &z) in squares.iter_mut().zip(&*sum).zip(z) {
                let centred = z.f64() - mean;
                *squares += centred * centred;
            }
        }
        let [running_mean, running_var] = &mut self.running;
        for j in 0..units {
            mean[j] = F::of(sum[j]);
            inv_std[j] = F::of(1.0 / sqrt(squares[j] / batch + EPS));
            let average = |old: F, new: f64| F::of((1.0 - RUNNING) * old.f64() + RUNNING * new);
            running_mean[j] = average(running_mean[j], sum[j]);
            running_var[j] = average(running_var[j], squares[j] / (batch - 1.0));
        }
        for (z, u) in z.chunks_exact(units).zip(u.chunks_exact_mut(units)) {
            self.affine.apply(z, |j, z| (z - mean[j]) * inv_std[j], u);
        }
    }

    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>) {
        let units = z.ncols();
        let [mean, var] = &self.running;
        for (z, u) in as_slice(z).chunks_exact(units).zip(as_slice_mut(u).chunks_exact_mut(units)) {
            self.affine.apply(z, |j, z| (z - mean[j]) / sqrt(var[j] + F::of(EPS)), u);
        }
    }

    fn backward(&mut self, z: &Array2<F>, grad: &mut Array2<F>, statistics: &mut Statistics<F>) {
        // forward was: u = gain x + shift, x = (z - mean) inv_std, mean and var over the batch
        let (batch, units) = (z.nrows() as f64, z.ncols());
        let (z, grad) = (as_slice(z), as_slice_mut(grad));
        let Statistics { mean, inv_std, sums: [sum_du, sum_du_x] } = statistics;
        let (mean, inv_std) = (&mut mean[..units], &mut inv_std[..units]);
        sum_du.fill(0.0);
        sum_du_x.fill(0.0);
        for (z, du) in z.chunks_exact(units).zip(grad.chunks_exact(units)) {
            let statistics = mean.iter().zip(&*inv_std);
            let sums = sum_du.iter_mut().zip(&mut *sum_du_x);
            for (((&z, &du), (&mean, &inv_std)), (sum_du, sum_du_x)) in z.iter().zip(du).zip(statistics).zip(sums) {
                let x = (z - mean) * inv_std;
                *sum_du += du.f64();
                *sum_du_x += (du * x).f64();
            }
        }
        let Affine { gain, dgain, dshift, .. } = &mut self.affine;
        for j in 0..units {
            dgain[j] += F::of(sum_du_x[j]);
            dshift[j] += F::of(sum_du[j]);
            sum_du[j] /= batch; // now the means
            sum_du_x[j] /= batch;
        }
        let gain = gain.as_slice().expect(CONTIGUOUS);
        for (z, grad) in z.chunks_exact(units).zip(grad.chunks_exact_mut(units)) {
            let statistics = mean.iter().zip(&*inv_std).zip(gain);
            let means = sum_du.iter().zip(&*sum_du_x);
            for (((grad, &z), ((&mean, &inv_std), &gain)), (&mean_du, &mean_du_x)) in
                grad.iter_mut().zip(z).zip(statistics).zip(means)
            {
                let x = (z - mean) * inv_std;
                let centred = *grad              // 1: through x itself
                    - F::of(mean_du)             // 2: through the mean
                    - x * F::of(mean_du_x); // 3: through the variance
                *grad = gain * inv_std * centred;
            }
        }
    }

    fn affine(&mut self) -> &mut Affine<F> {
        &mut self.affine
    }

    fn arrays(&self) -> Vec<(&'static str, &Array1<F>)> {
        let [mean, var] = &self.running;
        vec![("weight", &self.affine.gain), ("bias", &self.affine.shift), ("running_mean", mean), ("running_var", var)]
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
        let units = z.len() as f64;
        let mean = sum(z) / units;
        let var = sum_of(z, |z| (z - mean) * (z - mean)) / units;
        let (mean, inv_std) = (F::of(mean), F::of(1.0 / sqrt(var + EPS)));
        self.affine.apply(z, |_, z| (z - mean) * inv_std, u);
        (mean, inv_std)
    }
}

impl<F: Real> Norm<F> for LayerNorm<F> {
    fn forward(&mut self, z: &Array2<F>, u: &mut Array2<F>, statistics: &mut Statistics<F>) {
        let units = z.ncols();
        for (i, (z, u)) in as_slice(z).chunks_exact(units).zip(as_slice_mut(u).chunks_exact_mut(units)).enumerate() {
            (statistics.mean[i], statistics.inv_std[i]) = self.normalise(z, u);
        }
    }

    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>) {
        let units = z.ncols();
        for (z, u) in as_slice(z).chunks_exact(units).zip(as_slice_mut(u).chunks_exact_mut(units)) {
            self.normalise(z, u);
        }
    }

    fn backward(&mut self, z: &Array2<F>, grad: &mut Array2<F>, statistics: &mut Statistics<F>) {
        // forward was: u = gain x + shift, x = (z - mean) inv_std, mean and var over the units
        let units = z.ncols();
        let Affine { gain, dgain, dshift, .. } = &mut self.affine;
        let gain = gain.as_slice().expect(CONTIGUOUS);
        let (dgain, dshift) = (dgain.as_slice_mut().expect(CONTIGUOUS), dshift.as_slice_mut().expect(CONTIGUOUS));
        for (i, (z, grad)) in
            as_slice(z).chunks_exact(units).zip(as_slice_mut(grad).chunks_exact_mut(units)).enumerate()
        {
            let (mean, inv_std) = (statistics.mean[i], statistics.inv_std[i]);
            let (mut sum_dx, mut sum_dx_x) = (0.0, 0.0);
            let parameters = gain.iter().zip(&mut *dgain).zip(&mut *dshift);
            for ((&z, &mut du), ((&gain, dgain), dshift)) in z.iter().zip(&mut *grad).zip(parameters) {
                let x = (z - mean) * inv_std;
                *dgain += du * x;
                *dshift += du;
                sum_dx += (gain * du).f64();
                sum_dx_x += (gain * du * x).f64();
            }
            let (mean_dx, mean_dx_x) = (F::of(sum_dx / units as f64), F::of(sum_dx_x / units as f64));
            for ((grad, &z), &gain) in grad.iter_mut().zip(z).zip(gain) {
                let x = (z - mean) * inv_std;
                let centred = gain * *grad       // 1: through x itself
                    - mean_dx                    // 2: through the mean
                    - x * mean_dx_x; // 3: through the variance
                *grad = inv_std * centred;
            }
        }
    }

    fn affine(&mut self) -> &mut Affine<F> {
        &mut self.affine
    }

    fn arrays(&self) -> Vec<(&'static str, &Array1<F>)> {
        vec![("weight", &self.affine.gain), ("bias", &self.affine.shift)]
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
