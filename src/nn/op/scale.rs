//! Layer scale: y = s x, with one trained s for each unit (Touvron et al. 2021, "Going deeper with image transformers",
//! section 2).

use super::{
    Flow, GainOf, Op, OpForm, OpPlace, Param, ParamForm, Role, Saved, Shared, Way, Work, made_in_both_precisions,
};
use crate::kernels::{NOTHING, Pass, Real, Tier, bring_to, lowered};
use crate::nn::{Extent, Rows};

/// A trained scale of so many units.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Scale {
    pub(in super::super) units: usize,
    /// Where every s starts.
    pub(in super::super) init: f64,
}

impl Scale {
    fn make<F: Real>(&self, _place: OpPlace) -> ScaleOp<F> {
        ScaleOp { scale: Param::constant(Role::Gain, self.units, self.init) }
    }
}

impl OpForm for Scale {
    fn formula(&self) -> &'static str {
        "y = s x"
    }

    fn params(&self) -> Vec<ParamForm> {
        vec![ParamForm { role: Role::Gain, name: "weight", shape: (1, self.units) }]
    }

    fn flow(&self) -> Flow {
        Flow::Keeps
    }

    fn gain(&self) -> Option<GainOf> {
        Some(GainOf::Weight)
    }

    fn work(&self, _read: Extent) -> Work {
        Work { products: 0.0, passes: 3.0, units: self.units as f64 }
    }

    made_in_both_precisions!();
}

/// s of every unit.
#[derive(Debug)]
struct ScaleOp<F> {
    scale: Param<F>,
}

impl<F: Real> Op<F> for ScaleOp<F> {
    fn forward(&mut self, x: &mut Rows<F>, y: &mut Rows<F>, _saved: &mut Saved<F>, _shared: &mut Shared<'_, F>) {
        Tier::current().run(Scaled { s: self.scale.slice(), x: x.slice(), y: y.slice_mut() });
    }

    fn backward(&mut self, way: Way<'_, F>, _saved: &mut Saved<F>, gradients: &mut [F], _shared: &mut Shared<'_, F>) {
        // forward was: y = s x
        let ds = &mut gradients[..self.scale.value.len()];
        let ((dy, of_dy), x) = (way.dy.steps(), way.x.slice());
        let size = dy.len() / of_dy.len();
        // The gradients of s add up over rows of several exponents.
        let mut of_sums = NOTHING;
        for ((dy, x), &exponent) in dy.chunks_exact(size).zip(x.chunks_exact(size)).zip(of_dy) {
            let larger = of_sums.max(exponent);
            bring_to(ds, of_sums, larger);
            of_sums = larger;
            Tier::current().run(SumOfProducts { dy, x, power: lowered(exponent, larger), ds: &mut *ds });
        }
        self.scale.exponent = of_sums;
        let Some(dx) = way.dx else { return };
        let (dx, of_dx) = dx.steps_mut();
        Tier::current().run(Scaled { s: self.scale.slice(), x: dy, y: dx });
        of_dx.copy_from_slice(of_dy);
    }

    fn params(&self) -> &[Param<F>] {
        std::slice::from_ref(&self.scale)
    }

    fn params_mut(&mut self) -> &mut [Param<F>] {
        std::slice::from_mut(&mut self.scale)
    }
}

/// y = s x, row by row.
struct Scaled<'a, F> {
    s: &'a [F],
    x: &'a [F],
    y: &'a mut [F],
}

impl<F: Real> Pass for Scaled<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let units = self.s.len();
        for (x, y) in self.x.chunks_exact(units).zip(self.y.chunks_exact_mut(units)) {
            for ((y, &x), &s) in y.iter_mut().zip(x).zip(self.s) {
                *y = (s * x).flush();
            }
        }
    }
}

/// ds = ds + the sum over rows of dy x, times a power of two.
struct SumOfProducts<'a, F> {
    dy: &'a [F],
    x: &'a [F],
    power: F,
    ds: &'a mut [F],
}

impl<F: Real> Pass for SumOfProducts<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let units = self.ds.len();
        for (dy, x) in self.dy.chunks_exact(units).zip(self.x.chunks_exact(units)) {
            for ((ds, &dy), &x) in self.ds.iter_mut().zip(dy).zip(x) {
                *ds += self.power * dy * x;
            }
        }
    }
}
