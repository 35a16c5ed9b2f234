//! RMS norm: each row over the root of its mean square (Zhang and Sennrich 2019, section 4), in the form of
//! `torch.nn.RMSNorm`, with the eps of the other norms.

use super::norm::{EPS, column};
use super::{
    Flow, GainOf, Op, OpForm, OpPlace, Param, ParamForm, Role, Saved, Shared, Way, Work, made_in_both_precisions,
};
use crate::kernels::{NOTHING, Pass, Real, Tier, bring_to, lowered, sqrt, sum_of, sum_of_zip};
use crate::nn::rows::as_slice_mut;
use crate::nn::{BatchShape, Extent, Rows};

/// RMS norm of so many units.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct RmsNorm {
    pub(in super::super) units: usize,
}

impl RmsNorm {
    fn make<F: Real>(&self, _place: OpPlace) -> RmsNormOp<F> {
        RmsNormOp { gain: Param::constant(Role::Gain, self.units, 1.0) }
    }
}

impl OpForm for RmsNorm {
    fn formula(&self) -> &'static str {
        "u = gain z / sqrt(mean z^2 + eps), the mean over the units"
    }

    fn params(&self) -> Vec<ParamForm> {
        vec![ParamForm { role: Role::Gain, name: "weight", shape: (1, self.units) }]
    }

    fn flow(&self) -> Flow {
        Flow::InPlace
    }

    fn gain(&self) -> Option<GainOf> {
        Some(GainOf::Norm)
    }

    fn saved(&self, read: Extent, batch: BatchShape) -> Vec<(usize, usize)> {
        vec![column(read, batch, 1)]
    }

    fn work(&self, _read: Extent) -> Work {
        Work { products: 0.0, passes: 7.0, units: self.units as f64 }
    }

    made_in_both_precisions!();
}

/// The gain of every unit.
#[derive(Debug)]
struct RmsNormOp<F> {
    gain: Param<F>,
}

impl<F: Real> Op<F> for RmsNormOp<F> {
    fn forward(&mut self, x: &mut Rows<F>, y: &mut Rows<F>, saved: &mut Saved<F>, _shared: &mut Shared<'_, F>) {
        let inv_rms = as_slice_mut(&mut saved[0]);
        Tier::current().run(Forward { gain: self.gain.slice(), z: x.slice(), u: y.slice_mut(), inv_rms });
    }

    fn backward(&mut self, way: Way<'_, F>, saved: &mut Saved<F>, gradients: &mut [F], _shared: &mut Shared<'_, F>) {
        let (units, z) = (way.x.units(), way.x.slice());
        let inv_rms = as_slice_mut(&mut saved[0]);
        let dgain = &mut gradients[..units];
        // The gradients of the gain add up over rows of several exponents.
        let mut of_sums = NOTHING;
        way.dy.each_group(|group, grad, exponent| {
            let larger = of_sums.max(*exponent);
            bring_to(dgain, of_sums, larger);
            of_sums = larger;
            let rows = group * grad.len()..(group + 1) * grad.len();
            let inv_rms = &inv_rms[rows.start / units..rows.end / units];
            let (gain, power) = (self.gain.slice(), lowered(*exponent, larger));
            Tier::current().run(Backward { gain, dgain: &mut *dgain, z: &z[rows], grad, power, inv_rms });
        });
        self.gain.exponent = of_sums;
    }

    fn params(&self) -> &[Param<F>] {
        std::slice::from_ref(&self.gain)
    }

    fn params_mut(&mut self) -> &mut [Param<F>] {
        std::slice::from_mut(&mut self.gain)
    }
}

struct Forward<'a, F> {
    gain: &'a [F],
    /// (B, D).
    z: &'a [F],
    /// (B, D).
    u: &'a mut [F],
    /// 1 / sqrt(mean z^2 + eps), (B).
    inv_rms: &'a mut [F],
}

impl<F: Real> Pass for Forward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let units = self.gain.len();
        let rows = self.z.chunks_exact(units).zip(self.u.chunks_exact_mut(units));
        for ((z, u), inv_rms) in rows.zip(self.inv_rms) {
            let mean_square = sum_of(z, |z| z * z) / units as f64;
            *inv_rms = F::from_f64(1.0 / sqrt(mean_square + EPS));
            for ((u, &z), &gain) in u.iter_mut().zip(z).zip(self.gain) {
                *u = gain * (z * *inv_rms);
            }
        }
    }
}

struct Backward<'a, F> {
    gain: &'a [F],
    dgain: &'a mut [F],
    /// (B, D).
    z: &'a [F],
    /// (B, D): du before, dz after.
    grad: &'a mut [F],
    /// 2^exponent of grad, as the gain's gradients have it.
    power: F,
    inv_rms: &'a [F],
}

impl<F: Real> Pass for Backward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        // forward was: u = gain x, x = z inv_rms, the mean square over the units
        let (units, power) = (self.gain.len(), self.power);
        let rows = self.z.chunks_exact(units).zip(self.grad.chunks_exact_mut(units));
        for ((z, grad), &inv_rms) in rows.zip(self.inv_rms) {
            let parameters = self.gain.iter().zip(&mut *self.dgain);
            for ((&z, grad), (&gain, dgain)) in z.iter().zip(&mut *grad).zip(parameters) {
                *dgain += power * *grad * (z * inv_rms);
                *grad *= gain; // now dx
            }
            let mean_dx_x = F::from_f64(sum_of_zip(z, grad, |z, dx| (dx * (z * inv_rms)).f64()) / units as f64);
            for (grad, &z) in grad.iter_mut().zip(z) {
                let whole = *grad              // 1: through x itself
                    - z * inv_rms * mean_dx_x; // 2: through the mean square
                *grad = inv_rms * whole;
            }
        }
    }
}
