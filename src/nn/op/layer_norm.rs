//! Layer norm: statistics over the units of each row (Ba et al. 2016, section 3).

use super::norm::{Affine, EPS, affine_forms, affine_params, column};
use super::{Flow, GainOf, Op, OpForm, OpPlace, Param, ParamForm, Saved, Shared, Way, Work, made_in_both_precisions};
use crate::kernels::{NOTHING, Pass, Real, Tier, lowered, sqrt, sum, sum_of, sum_of_zip};
use crate::nn::rows::as_slice_mut;
use crate::nn::{BatchShape, Extent, Rows};

/// Layer norm of so many units.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct LayerNorm {
    pub(in super::super) units: usize,
}

impl LayerNorm {
    fn make<F: Real>(&self, _place: OpPlace) -> LayerNormOp<F> {
        LayerNormOp { params: affine_params(self.units) }
    }
}

impl OpForm for LayerNorm {
    fn formula(&self) -> &'static str {
        "u = gain (z - mean) / sqrt(var + eps) + shift, mean and var over the units"
    }

    fn params(&self) -> Vec<ParamForm> {
        affine_forms(self.units).to_vec()
    }

    fn flow(&self) -> Flow {
        Flow::InPlace
    }

    fn gain(&self) -> Option<GainOf> {
        Some(GainOf::Norm)
    }

    fn saved(&self, read: Extent, batch: BatchShape) -> Vec<(usize, usize)> {
        vec![column(read, batch, 2)]
    }

    fn work(&self, _read: Extent) -> Work {
        Work { products: 0.0, passes: 9.0, units: self.units as f64 }
    }

    made_in_both_precisions!();
}

/// Gain and shift.
#[derive(Debug)]
struct LayerNormOp<F> {
    params: [Param<F>; 2],
}

impl<F: Real> Op<F> for LayerNormOp<F> {
    fn forward(&mut self, x: &mut Rows<F>, y: &mut Rows<F>, saved: &mut Saved<F>, _shared: &mut Shared<'_, F>) {
        let units = x.units();
        let (z, u, statistics) = (x.slice(), y.slice_mut(), as_slice_mut(&mut saved[0]));
        let [gain, shift] = self.params.each_ref().map(Param::slice);
        Tier::current().run(Forward { gain, shift, units, z, u, statistics });
    }

    fn backward(&mut self, way: Way<'_, F>, saved: &mut Saved<F>, gradients: &mut [F], _shared: &mut Shared<'_, F>) {
        let (units, z) = (way.x.units(), way.x.slice());
        let statistics = as_slice_mut(&mut saved[0]);
        // The gradients of the parameters add up over rows of several exponents.
        let mut of_sums = NOTHING;
        way.dy.each_group(|group, grad, exponent| {
            let larger = of_sums.max(*exponent);
            let mut affine = Affine::of(self.params[0].slice(), gradients);
            affine.bring_to(of_sums, larger);
            of_sums = larger;
            let rows = group * grad.len()..(group + 1) * grad.len();
            let statistics = &statistics[2 * rows.start / units..2 * rows.end / units];
            Tier::current().run(Backward {
                affine,
                units,
                z: &z[rows],
                grad,
                power: lowered(*exponent, larger),
                statistics,
            });
        });
        self.params.iter_mut().for_each(|param| param.exponent = of_sums);
    }

    fn params(&self) -> &[Param<F>] {
        &self.params
    }

    fn params_mut(&mut self) -> &mut [Param<F>] {
        &mut self.params
    }
}

struct Forward<'a, F> {
    gain: &'a [F],
    shift: &'a [F],
    units: usize,
    /// (B, D).
    z: &'a [F],
    /// (B, D).
    u: &'a mut [F],
    /// Mean and 1 / std of every row.
    statistics: &'a mut [F],
}

impl<F: Real> Pass for Forward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let rows = self.z.chunks_exact(self.units).zip(self.u.chunks_exact_mut(self.units));
        for ((z, u), statistics) in rows.zip(self.statistics.chunks_exact_mut(2)) {
            let mean = sum(z) / self.units as f64;
            let var = sum_of(z, |z| (z - mean) * (z - mean)) / self.units as f64;
            let (mean, inv_std) = (F::from_f64(mean), F::from_f64(1.0 / sqrt(var + EPS)));
            statistics.copy_from_slice(&[mean, inv_std]);
            for (((u, &z), &gain), &shift) in u.iter_mut().zip(z).zip(self.gain).zip(self.shift) {
                *u = gain * ((z - mean) * inv_std) + shift;
            }
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
    /// 2^exponent of grad, as the parameters' gradients have it.
    power: F,
    /// Mean and 1 / std of every row.
    statistics: &'a [F],
}

impl<F: Real> Pass for Backward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        // forward was: u = gain x + shift, x = (z - mean) inv_std, mean and var over the units
        let (units, power) = (self.units, self.power);
        let Affine { gain, dgain, dshift } = self.affine;
        let rows = self.z.chunks_exact(units).zip(self.grad.chunks_exact_mut(units));
        for ((z, grad), statistics) in rows.zip(self.statistics.chunks_exact(2)) {
            let (mean, inv_std) = (statistics[0], statistics[1]);
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
