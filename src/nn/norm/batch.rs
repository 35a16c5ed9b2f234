//! Batch norm. Works in strips of neighbouring units, which stay near the CPU over all passes; each unit's sums go over
//! the batch in order, so the width of a strip changes no bit.
//!
//! A strip's row is read whole before any of it is written: an array that is written may then, for all the compiler
//! knows, be the one that is read, and it still makes vector code of the row.

use ndarray::{Array1, Array2};

use super::super::dense::{as_slice, as_slice_mut};
use super::Scaled;
use super::{Affine, CONTIGUOUS, EPS, Norm, NormStatistics};
use crate::kernels::{Pass, Real, Tier, sqrt};

/// Weight of the newest batch in the running averages (PyTorch's default).
const RUNNING: f64 = 0.1;

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
    fn forward(&mut self, z: &Array2<F>, u: &mut Array2<F>, statistics: &mut NormStatistics<F>) {
        let units = z.ncols();
        Tier::current().run(Forward { norm: self, units, z: as_slice(z), u: as_slice_mut(u), statistics });
    }

    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>) {
        let units = z.ncols();
        Tier::current().run(Evaluate { norm: self, units, z: as_slice(z), u: as_slice_mut(u) });
    }

    fn backward(&mut self, z: &Array2<F>, grad: &mut Scaled<F>, statistics: &NormStatistics<F>) {
        let units = z.ncols();
        let affine = &mut self.affine;
        let (grad, exponent) = grad.parts();
        affine.exponent = *exponent;
        Tier::current().run(Backward { affine, units, z: as_slice(z), grad, statistics });
    }

    fn affine(&mut self) -> &mut Affine<F> {
        &mut self.affine
    }

    fn arrays(&self) -> Vec<(&'static str, &Array1<F>)> {
        let [mean, var] = &self.running;
        vec![("weight", &self.affine.gain), ("bias", &self.affine.shift), ("running_mean", mean), ("running_var", var)]
    }
}

/// Returns the strip of `N` units from `at` of each row of `units` entries.
#[inline(always)]
fn strip<F, const N: usize>(x: &[F], units: usize, at: usize) -> impl Iterator<Item = &[F; N]> {
    x.chunks_exact(units).map(move |row| row[at..].first_chunk().expect("the strip is within the row"))
}

/// Returns the strip of `N` units from `at` of each row of `units` entries, mutable.
#[inline(always)]
fn strip_mut<F, const N: usize>(x: &mut [F], units: usize, at: usize) -> impl Iterator<Item = &mut [F; N]> {
    x.chunks_exact_mut(units).map(move |row| row[at..].first_chunk_mut().expect("the strip is within the row"))
}

/// Returns `N` units of a vector, from `at`.
#[inline(always)]
fn part<F: Copy, const N: usize>(x: &[F], at: usize) -> [F; N] {
    *x[at..].first_chunk().expect("the strip is within the vector")
}

/// Returns `N` units of a vector, from `at`, mutable.
#[inline(always)]
fn part_mut<F, const N: usize>(x: &mut [F], at: usize) -> &mut [F; N] {
    x[at..].first_chunk_mut().expect("the strip is within the vector")
}

/// Calls `$pass.strip::<N>(at)` on strips of 16 units, whose f64 sums the registers hold, then on ever narrower ones.
macro_rules! each_strip {
    ($pass:ident) => {
        let mut at = 0;
        while $pass.units - at >= 16 {
            $pass.strip::<16>(at);
            at += 16;
        }
        while $pass.units - at >= 4 {
            $pass.strip::<4>(at);
            at += 4;
        }
        while at < $pass.units {
            $pass.strip::<1>(at);
            at += 1;
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
    statistics: &'a mut NormStatistics<F>,
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
        let running_mean = part_mut::<F, N>(running_mean.as_slice_mut().expect(CONTIGUOUS), at);
        let running_var = part_mut::<F, N>(running_var.as_slice_mut().expect(CONTIGUOUS), at);
        let (mut mean_f, mut inv_std) = ([F::zero(); N], [F::zero(); N]);
        for j in 0..N {
            mean_f[j] = F::from_f64(mean[j]);
            inv_std[j] = F::from_f64(1.0 / sqrt(squares[j] / batch + EPS));
            running_mean[j] = F::from_f64((1.0 - RUNNING) * running_mean[j].f64() + RUNNING * mean[j]);
            let unbiased = squares[j] / (batch - 1.0);
            running_var[j] = F::from_f64((1.0 - RUNNING) * running_var[j].f64() + RUNNING * unbiased);
        }
        *part_mut(&mut self.statistics.mean, at) = mean_f;
        *part_mut(&mut self.statistics.inv_std, at) = inv_std;
        let (gain, shift) = self.norm.affine.slices();
        let (gain, shift) = (part::<F, N>(gain, at), part::<F, N>(shift, at));
        for (z, u) in strip::<F, N>(self.z, units, at).zip(strip_mut::<F, N>(self.u, units, at)) {
            let mut normalised = [F::zero(); N];
            for j in 0..N {
                normalised[j] = gain[j] * ((z[j] - mean_f[j]) * inv_std[j]) + shift[j];
            }
            *u = normalised;
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
        let std = part::<F, N>(var.as_slice().expect(CONTIGUOUS), at).map(|var| sqrt(var + F::from_f64(EPS)));
        let (gain, shift) = self.norm.affine.slices();
        let (gain, shift) = (part::<F, N>(gain, at), part::<F, N>(shift, at));
        for (z, u) in strip::<F, N>(self.z, self.units, at).zip(strip_mut::<F, N>(self.u, self.units, at)) {
            let mut normalised = [F::zero(); N];
            for j in 0..N {
                normalised[j] = gain[j] * ((z[j] - mean[j]) / std[j]) + shift[j];
            }
            *u = normalised;
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
    statistics: &'a NormStatistics<F>,
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
        let Affine { gain, dgain, dshift, .. } = &mut *self.affine;
        let gain = part::<F, N>(gain.as_slice().expect(CONTIGUOUS), at);
        let dgain = part_mut::<F, N>(dgain.as_slice_mut().expect(CONTIGUOUS), at);
        let dshift = part_mut::<F, N>(dshift.as_slice_mut().expect(CONTIGUOUS), at);
        let (mut scale, mut mean_du, mut mean_du_x) = ([F::zero(); N], [F::zero(); N], [F::zero(); N]);
        for j in 0..N {
            dgain[j] += F::from_f64(sum_du_x[j]);
            dshift[j] += F::from_f64(sum_du[j]);
            scale[j] = gain[j] * inv_std[j];
            mean_du[j] = F::from_f64(sum_du[j] / batch);
            mean_du_x[j] = F::from_f64(sum_du_x[j] / batch);
        }
        for (z, grad) in strip::<F, N>(self.z, units, at).zip(strip_mut::<F, N>(self.grad, units, at)) {
            let mut dz = [F::zero(); N];
            for j in 0..N {
                let x = (z[j] - mean[j]) * inv_std[j];
                let centred = grad[j]        // 1: through x itself
                    - mean_du[j]             // 2: through the mean
                    - x * mean_du_x[j]; // 3: through the variance
                dz[j] = scale[j] * centred;
            }
            *grad = dz;
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array;

    use super::*;

    const BATCH: usize = 9;

    /// Numbers whose sums depend on the order in which they are added.
    fn uneven<F: Real>(units: usize, seed: usize) -> Array2<F> {
        Array::from_shape_fn((BATCH, units), |(i, j)| {
            let x = ((i * 31 + j * 17 + seed) % 101) as f64 * 0.37 - 11.3;
            F::from_f64(if (i + j) % 4 == 0 { 1e3 * x } else { x })
        })
    }

    fn affine<F: Real>(units: usize) -> Affine<F> {
        let vector = |seed| uneven(units, seed).row(1).to_owned();
        Affine { gain: vector(1), shift: vector(2), dgain: vector(3), dshift: vector(4), exponent: 0 }
    }

    /// What a training step leaves of one unit: its columns u and dz, then all that is kept of it.
    fn by_hand<F: Real>(z: &[F], du: &[F], unit: &Affine<F>) -> Vec<F> {
        let batch = z.len() as f64;
        let [gain, shift, dgain, dshift] = [&unit.gain, &unit.shift, &unit.dgain, &unit.dshift].map(|x| x[0]);
        let mean = z.iter().fold(0.0, |sum, z| sum + z.f64()) / batch;
        let squares = z.iter().fold(0.0, |sum, z| sum + (z.f64() - mean) * (z.f64() - mean));
        let inv_std = F::from_f64(1.0 / sqrt(squares / batch + EPS));
        let running = |old: f64, new: f64| F::from_f64((1.0 - RUNNING) * old + RUNNING * new);
        let running = [running(0.0, mean), running(1.0, squares / (batch - 1.0))];
        let mean = F::from_f64(mean);
        let x: Vec<F> = z.iter().map(|&z| (z - mean) * inv_std).collect();
        let sum_du = du.iter().fold(0.0, |sum, du| sum + du.f64());
        let sum_du_x = du.iter().zip(&x).fold(0.0, |sum, (&du, &x)| sum + (du * x).f64());
        let (mean_du, mean_du_x) = (F::from_f64(sum_du / batch), F::from_f64(sum_du_x / batch));
        let dz = du.iter().zip(&x).map(|(&du, &x)| gain * inv_std * (du - mean_du - x * mean_du_x));
        let parameters = [dgain + F::from_f64(sum_du_x), dshift + F::from_f64(sum_du)];
        let u = x.iter().map(|&x| gain * x + shift);
        let std = sqrt(running[1] + F::from_f64(EPS));
        let evaluated = z.iter().map(|&z| gain * ((z - running[0]) / std) + shift);
        u.chain(dz).chain(evaluated).chain([mean, inv_std]).chain(running).chain(parameters).collect()
    }

    fn all_widths_equal_the_reference<F: Real>() {
        for units in 1..=40 {
            let (z, du) = (uneven::<F>(units, 5), uneven::<F>(units, 6));
            for tier in Tier::available() {
                let mut norm = BatchNorm { affine: affine(units), ..BatchNorm::new(units) };
                let mut statistics = NormStatistics::new(BATCH, units);
                let (mut u, mut evaluated, mut grad) = (z.clone(), z.clone(), du.clone());
                let (norm_mut, u_mut) = (&mut norm, as_slice_mut(&mut u));
                tier.run(Forward { norm: norm_mut, units, z: as_slice(&z), u: u_mut, statistics: &mut statistics });
                tier.run(Evaluate { norm: &norm, units, z: as_slice(&z), u: as_slice_mut(&mut evaluated) });
                let (affine_mut, grad_mut) = (&mut norm.affine, as_slice_mut(&mut grad));
                let statistics = &statistics;
                tier.run(Backward { affine: affine_mut, units, z: as_slice(&z), grad: grad_mut, statistics });
                for j in 0..units {
                    let columns = [u.column(j), grad.column(j), evaluated.column(j)];
                    let kept = [statistics.mean[j], statistics.inv_std[j], norm.running[0][j], norm.running[1][j]];
                    let parameters = [norm.affine.dgain[j], norm.affine.dshift[j]];
                    let columns = columns.into_iter().flatten().copied();
                    let got: Vec<F> = columns.chain(kept).chain(parameters).collect();
                    let Affine { gain, shift, dgain, dshift, exponent } = affine(units);
                    let [gain, shift, dgain, dshift] = [gain, shift, dgain, dshift].map(|x| Array1::from_elem(1, x[j]));
                    let unit = Affine { gain, shift, dgain, dshift, exponent };
                    let expected = by_hand(&z.column(j).to_vec(), &du.column(j).to_vec(), &unit);
                    assert_eq!(got, expected, "{tier:?}, unit {j} of {units}");
                }
            }
        }
    }

    #[test]
    fn strips_of_every_width_and_tier_give_what_single_units_give() {
        all_widths_equal_the_reference::<f32>();
        all_widths_equal_the_reference::<f64>();
    }
}
