//! Batch norm. Works in strips of neighbouring units, which stay near the CPU over all passes; each unit's sums go over
//! the batch in order, so the width of a strip changes no bit.
//!
//! A strip's row is read whole before any of it is written: an array that is written may then, for all the compiler
//! knows, be the one that is read, and it still makes vector code of the row.

use super::norm::{Affine, EPS, affine_forms};
use super::{
    Flow, GainOf, Op, OpForm, OpPlace, Param, ParamForm, Role, Saved, Shared, Way, Work, made_in_both_precisions,
};
use crate::kernels::{Pass, Real, Tier, sqrt};
use crate::nn::rows::as_slice_mut;
use crate::nn::{BatchShape, Extent, Mode, Rows};

/// Weight of the newest batch in the running averages (PyTorch's default).
const RUNNING: f64 = 0.1;

/// Batch norm of so many units.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct BatchNorm {
    pub(in super::super) units: usize,
}

impl BatchNorm {
    fn make<F: Real>(&self, _place: OpPlace) -> BatchNormOp<F> {
        let memory = [0.0, 1.0].map(|value| Param::constant(Role::Memory, self.units, value));
        let [gain, shift] = super::norm::affine_params(self.units);
        let [mean, var] = memory;
        BatchNormOp { params: [gain, shift, mean, var] }
    }
}

impl OpForm for BatchNorm {
    fn formula(&self) -> &'static str {
        "u = gain (z - mean) / sqrt(var + eps) + shift, mean and var over the batch"
    }

    fn params(&self) -> Vec<ParamForm> {
        let memory =
            ["running_mean", "running_var"].map(|name| ParamForm { role: Role::Memory, name, shape: (1, self.units) });
        affine_forms(self.units).into_iter().chain(memory).collect()
    }

    fn flow(&self) -> Flow {
        Flow::InPlace
    }

    fn gain(&self) -> Option<GainOf> {
        Some(GainOf::Norm)
    }

    fn saved(&self, _read: Extent, _batch: BatchShape) -> Vec<(usize, usize)> {
        vec![(2, self.units)]
    }

    fn work(&self, _read: Extent) -> Work {
        Work { products: 0.0, passes: 5.0, units: self.units as f64 }
    }

    made_in_both_precisions!();
}

/// Gain, shift, running mean and running unbiased variance.
#[derive(Debug)]
struct BatchNormOp<F> {
    params: [Param<F>; 4],
}

impl<F: Real> BatchNormOp<F> {
    /// Gain, shift, running mean and running variance of every unit.
    fn slices(&self) -> [&[F]; 4] {
        self.params.each_ref().map(Param::slice)
    }
}

impl<F: Real> Op<F> for BatchNormOp<F> {
    fn forward(&mut self, x: &mut Rows<F>, y: &mut Rows<F>, saved: &mut Saved<F>, shared: &mut Shared<'_, F>) {
        let (units, z, u) = (x.units(), x.slice(), y.slice_mut());
        match shared.mode {
            Mode::Train => {
                let (mean, inv_std) = as_slice_mut(&mut saved[0]).split_at_mut(units);
                Tier::current().run(Forward { norm: self, units, z, u, mean, inv_std });
            }
            Mode::Eval => Tier::current().run(Evaluate { norm: self, units, z, u }),
        }
    }

    fn backward(&mut self, way: Way<'_, F>, saved: &mut Saved<F>, gradients: &mut [F], _shared: &mut Shared<'_, F>) {
        let (units, z) = (way.x.units(), way.x.slice());
        let (grad, exponent) = way.dy.one_mut();
        self.params.iter_mut().for_each(|param| param.exponent = *exponent);
        let affine = Affine::of(self.params[0].slice(), gradients);
        let (mean, inv_std) = as_slice_mut(&mut saved[0]).split_at(units);
        Tier::current().run(Backward { affine, units, z, grad, mean, inv_std });
    }

    fn params(&self) -> &[Param<F>] {
        &self.params
    }

    fn params_mut(&mut self) -> &mut [Param<F>] {
        &mut self.params
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
    norm: &'a mut BatchNormOp<F>,
    units: usize,
    /// (B, D).
    z: &'a [F],
    /// (B, D).
    u: &'a mut [F],
    /// (D).
    mean: &'a mut [F],
    /// 1 / sqrt(var + eps), (D).
    inv_std: &'a mut [F],
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
        let [gain, shift, running_mean, running_var] = &mut self.norm.params;
        let running_mean = part_mut::<F, N>(running_mean.slice_mut(), at);
        let running_var = part_mut::<F, N>(running_var.slice_mut(), at);
        let (mut mean_f, mut inv_std) = ([F::zero(); N], [F::zero(); N]);
        for j in 0..N {
            mean_f[j] = F::from_f64(mean[j]);
            inv_std[j] = F::from_f64(1.0 / sqrt(squares[j] / batch + EPS));
            running_mean[j] = F::from_f64((1.0 - RUNNING) * running_mean[j].f64() + RUNNING * mean[j]);
            let unbiased = squares[j] / (batch - 1.0);
            running_var[j] = F::from_f64((1.0 - RUNNING) * running_var[j].f64() + RUNNING * unbiased);
        }
        *part_mut(self.mean, at) = mean_f;
        *part_mut(self.inv_std, at) = inv_std;
        let (gain, shift) = (part::<F, N>(gain.slice(), at), part::<F, N>(shift.slice(), at));
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
    norm: &'a BatchNormOp<F>,
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
        let [gain, shift, mean, var] = self.norm.slices();
        let mean = part::<F, N>(mean, at);
        let std = part::<F, N>(var, at).map(|var| sqrt(var + F::from_f64(EPS)));
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
    affine: Affine<'a, F>,
    units: usize,
    /// (B, D).
    z: &'a [F],
    /// (B, D): du before, dz after.
    grad: &'a mut [F],
    mean: &'a [F],
    inv_std: &'a [F],
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
        let mean = part::<F, N>(self.mean, at);
        let inv_std = part::<F, N>(self.inv_std, at);
        let (mut sum_du, mut sum_du_x) = ([0.0; N], [0.0; N]);
        for (z, du) in strip::<F, N>(self.z, units, at).zip(strip::<F, N>(self.grad, units, at)) {
            for j in 0..N {
                let x = (z[j] - mean[j]) * inv_std[j];
                sum_du[j] += du[j].f64();
                sum_du_x[j] += (du[j] * x).f64();
            }
        }
        let Affine { gain, dgain, dshift } = &mut self.affine;
        let gain = part::<F, N>(gain, at);
        let (dgain, dshift) = (part_mut::<F, N>(dgain, at), part_mut::<F, N>(dshift, at));
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
    use ndarray::Array2;

    use super::*;
    use crate::nn::rows::as_slice;

    const BATCH: usize = 9;

    /// Numbers whose sums depend on the order in which they are added.
    fn uneven<F: Real>(units: usize, seed: usize) -> Array2<F> {
        Array2::from_shape_fn((BATCH, units), |(i, j)| {
            let x = ((i * 31 + j * 17 + seed) % 101) as f64 * 0.37 - 11.3;
            F::from_f64(if (i + j) % 4 == 0 { 1e3 * x } else { x })
        })
    }

    /// Gain and shift of every unit, and what their gradients are before.
    struct Parameters<F> {
        gain: Vec<F>,
        shift: Vec<F>,
        dgain: Vec<F>,
        dshift: Vec<F>,
    }

    fn parameters<F: Real>(units: usize) -> Parameters<F> {
        let vector = |seed| uneven(units, seed).row(1).to_vec();
        Parameters { gain: vector(1), shift: vector(2), dgain: vector(3), dshift: vector(4) }
    }

    /// What a training step leaves of one unit: its columns u and dz, then all that is kept of it.
    fn by_hand<F: Real>(z: &[F], du: &[F], [gain, shift, dgain, dshift]: [F; 4]) -> Vec<F> {
        let batch = z.len() as f64;
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
                let Parameters { gain, shift, mut dgain, mut dshift } = parameters::<F>(units);
                let mut norm = BatchNorm { units }.make(OpPlace { seed: 0, site: 1 });
                norm.params[0].slice_mut().copy_from_slice(&gain);
                norm.params[1].slice_mut().copy_from_slice(&shift);
                let (mut mean, mut inv_std) = (vec![F::zero(); units], vec![F::zero(); units]);
                let (mut u, mut evaluated, mut grad) = (z.clone(), z.clone(), du.clone());
                let z_all = as_slice(&z);
                let (norm_mut, u_mut) = (&mut norm, as_slice_mut(&mut u));
                let (mean_mut, inv_std_mut) = (&mut mean, &mut inv_std);
                tier.run(Forward { norm: norm_mut, units, z: z_all, u: u_mut, mean: mean_mut, inv_std: inv_std_mut });
                tier.run(Evaluate { norm: &norm, units, z: z_all, u: as_slice_mut(&mut evaluated) });
                let affine = Affine { gain: &gain, dgain: &mut dgain, dshift: &mut dshift };
                let grad_mut = as_slice_mut(&mut grad);
                tier.run(Backward { affine, units, z: z_all, grad: grad_mut, mean: &mean, inv_std: &inv_std });
                let before = parameters::<F>(units);
                let running = norm.slices();
                for j in 0..units {
                    let columns = [u.column(j), grad.column(j), evaluated.column(j)];
                    let kept = [mean[j], inv_std[j], running[2][j], running[3][j]];
                    let columns = columns.into_iter().flatten().copied();
                    let got: Vec<F> = columns.chain(kept).chain([dgain[j], dshift[j]]).collect();
                    let unit = [before.gain[j], before.shift[j], before.dgain[j], before.dshift[j]];
                    let expected = by_hand(&z.column(j).to_vec(), &du.column(j).to_vec(), unit);
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
