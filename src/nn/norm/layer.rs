//! Layer norm.

use ndarray::{Array1, Array2};

use super::super::dense::{as_slice, as_slice_mut};
use super::{Affine, CONTIGUOUS, EPS, Norm, NormStatistics, Scaled};
use crate::kernels::{NOTHING, Pass, Real, Tier, bring_to, lowered, sqrt, sum, sum_of, sum_of_zip};

/// Layer norm with its parameters.
#[derive(Debug)]
pub(in super::super) struct LayerNorm<F> {
    affine: Affine<F>,
}

impl<F: Real> LayerNorm<F> {
    pub(in super::super) fn new(units: usize) -> Self {
        Self { affine: Affine::new(units) }
    }

    /// Computes u (B, D) from z (B, D), with the rows of both as slices.
    pub(in super::super) fn forward_rows(&self, z: &[F], u: &mut [F], statistics: &mut NormStatistics<F>) {
        let (affine, units) = (&self.affine, self.affine.gain.len());
        let keep = |i: usize, mean, inv_std| (statistics.mean[i], statistics.inv_std[i]) = (mean, inv_std);
        Tier::current().run(Forward { affine, units, z, u, keep });
    }

    /// Begins a backward, before its rows come: the parameters' gradients are 0.
    pub(in super::super) fn begin_backward(&mut self) {
        self.affine.exponent = NOTHING;
    }

    /// Turns du (B, D) into dz, in place, with the rows as slices: they are those of the forward from number `first`
    /// on. The parameters' gradients accumulate, also over rows of several exponents.
    pub(in super::super) fn backward_rows(
        &mut self,
        z: &[F],
        (grad, exponent): (&mut [F], i32),
        first: usize,
        statistics: &NormStatistics<F>,
    ) {
        let Affine { gain, dgain, dshift, exponent: of_sums, .. } = &mut self.affine;
        let larger = exponent.max(*of_sums);
        for sums in [dgain, dshift] {
            bring_to(sums.as_slice_mut().expect(CONTIGUOUS), *of_sums, larger);
        }
        *of_sums = larger;
        let (units, power) = (gain.len(), lowered(exponent, larger));
        Tier::current().run(Backward { affine: &mut self.affine, units, z, grad, power, first, statistics });
    }
}

impl<F: Real> Norm<F> for LayerNorm<F> {
    fn forward(&mut self, z: &Array2<F>, u: &mut Array2<F>, statistics: &mut NormStatistics<F>) {
        self.forward_rows(as_slice(z), as_slice_mut(u), statistics);
    }

    fn evaluate(&self, z: &Array2<F>, u: &mut Array2<F>) {
        let (affine, units) = (&self.affine, z.ncols());
        Tier::current().run(Forward { affine, units, z: as_slice(z), u: as_slice_mut(u), keep: |_, _, _| () });
    }

    fn backward(&mut self, z: &Array2<F>, grad: &mut Scaled<F>, statistics: &NormStatistics<F>) {
        let (entries, exponent) = grad.parts();
        self.begin_backward();
        self.backward_rows(as_slice(z), (entries, *exponent), 0, statistics);
    }

    fn affine(&mut self) -> &mut Affine<F> {
        &mut self.affine
    }

    fn arrays(&self) -> Vec<(&'static str, &Array1<F>)> {
        vec![("weight", &self.affine.gain), ("bias", &self.affine.shift)]
    }
}

struct Forward<'a, F, K> {
    affine: &'a Affine<F>,
    units: usize,
    /// (B, D).
    z: &'a [F],
    /// (B, D).
    u: &'a mut [F],
    /// Takes example, mean and 1 / std.
    keep: K,
}

impl<F: Real, K: FnMut(usize, F, F)> Pass for Forward<'_, F, K> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let (gain, shift) = self.affine.slices();
        let rows = self.z.chunks_exact(self.units).zip(self.u.chunks_exact_mut(self.units));
        for (i, (z, u)) in rows.enumerate() {
            let mean = sum(z) / self.units as f64;
            let var = sum_of(z, |z| (z - mean) * (z - mean)) / self.units as f64;
            let (mean, inv_std) = (F::from_f64(mean), F::from_f64(1.0 / sqrt(var + EPS)));
            (self.keep)(i, mean, inv_std);
            for (((u, &z), &gain), &shift) in u.iter_mut().zip(z).zip(gain).zip(shift) {
                *u = gain * ((z - mean) * inv_std) + shift;
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
    /// 2^exponent of grad, as the parameters' gradients have it.
    power: F,
    /// The number of z's first row among those of the forward.
    first: usize,
    statistics: &'a NormStatistics<F>,
}

impl<F: Real> Pass for Backward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        // forward was: u = gain x + shift, x = (z - mean) inv_std, mean and var over the units
        let (units, power) = (self.units, self.power);
        let Affine { gain, dgain, dshift, .. } = self.affine;
        let gain = gain.as_slice().expect(CONTIGUOUS);
        let (dgain, dshift) = (dgain.as_slice_mut().expect(CONTIGUOUS), dshift.as_slice_mut().expect(CONTIGUOUS));
        for (i, (z, grad)) in self.z.chunks_exact(units).zip(self.grad.chunks_exact_mut(units)).enumerate() {
            let (mean, inv_std) = (self.statistics.mean[self.first + i], self.statistics.inv_std[self.first + i]);
            let normalised = move |z: F| (z - mean) * inv_std;
            let parameters = gain.iter().zip(&mut *dgain).zip(&mut *dshift);
            for ((&z, grad), ((&gain, dgain), dshift)) in z.iter().zip(&mut *grad).zip(parameters) {
                *dgain += power * *grad * normalised(z);
                *dshift += power * *grad;
                *grad *= gain; // now dx
            }
            let mean_dx = F::from_f64(sum(grad) / units as f64);
            let mean_dx_x = F::from_f64(sum_of_zip(z, grad, |z, dx| (dx * normalised(z)).f64()) / units as f64);
            for (grad, &z) in grad.iter_mut().zip(z) {
                let centred = *grad                   // 1: through x itself
                    - mean_dx                         // 2: through the mean
                    - normalised(z) * mean_dx_x; // 3: through the variance
                *grad = inv_std * centred;
            }
        }
    }
}
