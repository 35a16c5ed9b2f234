//! Batch norm. Works in strips of neighbouring units, which stay near the CPU over all passes; each unit's sums go over
//! the batch in order, so the width of a strip changes no bit.

use ndarray::{Array1, Array2};

use super::super::dense::{as_slice, as_slice_mut};
use super::{Affine, CONTIGUOUS, EPS, Norm, Statistics};
use crate::kernels::{Pass, Real, Tier, sqrt};

/// Weight of the newest batch in the running averages (PyTorch's default).
const RUNNING: f64 = 0.1;

/// Units per strip: what a few vector registers hold of f64 sums.
const STRIP: usize = 16;

/// Batch norm with its parameters.
#[derive(Debug)]
pub(in super::super) struct BatchNorm<F> {
    affine: Affine<F>,
    /// Running mean and unbiased variance, (D) each.
    running: [Array1<F>; 2],
}

impl<F: Real> BatchNorm<F> {
    pub(in super::super) fn new(units: usize) -> Self {
        Self { affine: Affine::new(units), running: [Array1::zeros(units), Array1::ones(units)] }
    }
}

impl<F: Real> Norm<F> for BatchNorm<F> {
    fn forward(&mut self, z: &Array2<F>, u: &mut Array2<F>, statistics: &mut Statistics<F>) {
        let units = z.ncols();
        Tier::current().run(Forward { norm: self, units, z: as_slice(z), u: as_slice_mut(u), statistics });
    }

    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>) {
        let units = z.ncols();
        Tier::current().run(Evaluate { norm: self, units, z: as_slice(z), u: as_slice_mut(u) });
    }

    fn backward(&mut self, z: &Array2<F>, grad: &mut Array2<F>, statistics: &Statistics<F>) {
        let units = z.ncols();
        let affine = &mut self.affine;
        Tier::current().run(Backward { affine, units, z: as_slice(z), grad: as_slice_mut(grad), statistics });
    }

    fn affine(&mut self) -> &mut Affine<F> {
        &mut self.affine
    }

    fn arrays(&self) -> Vec<(&'static str, &Array1<F>)> {
        let [mean, var] = &self.running;
        vec![("weight", &self.affine.gain), ("bias", &self.affine.shift), ("running_mean", mean), ("running_var", var)]
    }
}

/// The part of each row, of `units` entries, that is the strip of `N` units from `at`.
#[inline(always)]
fn strip<F, const N: usize>(x: &[F], units: usize, at: usize) -> impl Iterator<Item = &[F; N]> {
    x.chunks_exact(units).map(move |row| row[at..].first_chunk().expect("the strip is within the row"))
}

/// The same, to be written.
#[inline(always)]
fn strip_mut<F, const N: usize>(x: &mut [F], units: usize, at: usize) -> impl Iterator<Item = &mut [F; N]> {
    x.chunks_exact_mut(units).map(move |row| row[at..].first_chunk_mut().expect("the strip is within the row"))
}

/// `N` units of a vector, from `at`.
#[inline(always)]
fn part<F: Copy, const N: usize>(x: &[F], at: usize) -> [F; N] {
    *x[at..].first_chunk().expect("the strip is within the vector")
}

/// Calls `$pass.strip::<STRIP>(at)` on whole strips and `::<1>` on the units that are left.
macro_rules! each_strip {
    ($pass:ident) => {
        let whole = $pass.units / STRIP * STRIP;
        for at in (0..whole).step_by(STRIP) {
            $pass.strip::<STRIP>(at);
        }
        for at in whole..$pass.units {
            $pass.strip::<1>(at);
        }
    };
}

struct Forward<'a, F> {
    norm: &'a mut BatchNorm<F>,
    units: usize,
    /// (B, D).
    z: &'a [F],
    /// (B, D).
    u: &'a mut [F],
    statistics: &'a mut Statistics<F>,
}

impl<F: Real> Pass for Forward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        each_strip!(self);
    }
}

impl<F: Real> Forward<'_, F> {
    #[inline(always)]
    fn strip<const N: usize>(&mut self, at: usize) {
        let (units, batch) = (self.units, (self.z.len() / self.units) as f64);
        let mut mean = [0.0; N];
        for z in strip::<F, N>(self.z, units, at) {
            for j in 0..N {
                mean[j] += z[j].f64();
            }
        }
        mean.iter_mut().for_each(|sum| *sum /= batch);
        let mut squares = [0.0; N];
        for z in strip::<F, N>(self.z, units, at) {
            for j in 0..N {
                let centred = z[j].f64() - mean[j];
                squares[j] += centred * centred;
            }
        }
        let [running_mean, running_var] = &mut self.norm.running;
        let (mut mean_f, mut inv_std) = ([F::zero(); N], [F::zero(); N]);
        for j in 0..N {
            mean_f[j] = F::of(mean[j]);
            inv_std[j] = F::of(1.0 / sqrt(squares[j] / batch + EPS));
            let average = |old: F, new: f64| F::of((1.0 - RUNNING) * old.f64() + RUNNING * new);
            running_mean[at + j] = average(running_mean[at + j], mean[j]);
            running_var[at + j] = average(running_var[at + j], squares[j] / (batch - 1.0));
        }
        self.statistics.mean[at..at + N].copy_from_slice(&mean_f);
        self.statistics.inv_std[at..at + N].copy_from_slice(&inv_std);
        let (gain, shift) = self.norm.affine.slices();
        let (gain, shift) = (part::<F, N>(gain, at), part::<F, N>(shift, at));
        for (z, u) in strip::<F, N>(self.z, units, at).zip(strip_mut::<F, N>(self.u, units, at)) {
            for j in 0..N {
                u[j] = gain[j] * ((z[j] - mean_f[j]) * inv_std[j]) + shift[j];
            }
        }
    }
}

struct Evaluate<'a, F> {
    norm: &'a BatchNorm<F>,
    units: usize,
    /// (B, D).
    z: &'a [F],
    /// (B, D).
    u: &'a mut [F],
}

impl<F: Real> Pass for Evaluate<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        each_strip!(self);
    }
}

impl<F: Real> Evaluate<'_, F> {
    #[inline(always)]
    fn strip<const N: usize>(&mut self, at: usize) {
        let [mean, var] = &self.norm.running;
        let mean = part::<F, N>(mean.as_slice().expect(CONTIGUOUS), at);
        let std = part::<F, N>(var.as_slice().expect(CONTIGUOUS), at).map(|var| sqrt(var + F::of(EPS)));
        let (gain, shift) = self.norm.affine.slices();
        let (gain, shift) = (part::<F, N>(gain, at), part::<F, N>(shift, at));
        for (z, u) in strip::<F, N>(self.z, self.units, at).zip(strip_mut::<F, N>(self.u, self.units, at)) {
            for j in 0..N {
                u[j] = gain[j] * ((z[j] - mean[j]) / std[j]) + shift[j];
            }
        }
    }
}

struct Backward<'a, F> {
    affine: &'a mut Affine<F>,
    units: usize,
    /// (B, D).
    z: &'a [F],
    /// (B, D): du before, dz after.
    grad: &'a mut [F],
    statistics: &'a Statistics<F>,
}

impl<F: Real> Pass for Backward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        each_strip!(self);
    }
}

impl<F: Real> Backward<'_, F> {
    #[inline(always)]
    fn strip<const N: usize>(&mut self, at: usize) {
        // forward was: u = gain x + shift, x = (z - mean) inv_std, mean and var over the batch
        let (units, batch) = (self.units, (self.z.len() / self.units) as f64);
        let mean = part::<F, N>(&self.statistics.mean, at);
        let inv_std = part::<F, N>(&self.statistics.inv_std, at);
        let (mut sum_du, mut sum_du_x) = ([0.0; N], [0.0; N]);
        for (z, du) in strip::<F, N>(self.z, units, at).zip(strip::<F, N>(self.grad, units, at)) {
            for j in 0..N {
                let x = (z[j] - mean[j]) * inv_std[j];
                sum_du[j] += du[j].f64();
                sum_du_x[j] += (du[j] * x).f64();
            }
        }
        let (mut scale, mut mean_du, mut mean_du_x) = ([F::zero(); N], [F::zero(); N], [F::zero(); N]);
        for j in 0..N {
            self.affine.dgain[at + j] += F::of(sum_du_x[j]);
            self.affine.dshift[at + j] += F::of(sum_du[j]);
            scale[j] = self.affine.gain[at + j] * inv_std[j];
            mean_du[j] = F::of(sum_du[j] / batch);
            mean_du_x[j] = F::of(sum_du_x[j] / batch);
        }
        for (z, grad) in strip::<F, N>(self.z, units, at).zip(strip_mut::<F, N>(self.grad, units, at)) {
            for j in 0..N {
                let x = (z[j] - mean[j]) * inv_std[j];
                let centred = grad[j]        // 1: through x itself
                    - mean_du[j]             // 2: through the mean
                    - x * mean_du_x[j]; // 3: through the variance
                grad[j] = scale[j] * centred;
            }
        }
    }
}
