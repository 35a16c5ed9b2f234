//! The activation: h = phi(u). The functions themselves are in [`crate::nn::Activation`].

use super::{
    Flow, GainOf, Op, OpForm, OpPlace, Param, ParamForm, Role, Saved, Shared, Units, Way, Work, made_in_both_precisions,
};
use crate::kernels::{NOTHING, Real, lowered};
use crate::nn::{Activation, Errors, Extent, Rows};

/// An activation of all units of a layer.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Phi {
    pub(in super::super) activation: Activation,
    /// The slope for negative arguments, or where it starts.
    pub(in super::super) slope: f64,
}

impl Phi {
    fn make<F: Real>(&self, _place: OpPlace) -> PhiOp<F> {
        let slope = F::from_f64(self.slope);
        let trained = self.activation.is_trained().then(|| slope_param(self.activation, self.slope));
        PhiOp { activation: self.activation, slope, params: trained.into_iter().collect() }
    }
}

/// The slope as what training changes, or as what stays.
pub(super) fn slope_param<F: Real>(activation: Activation, slope: f64) -> Param<F> {
    let role = if activation.is_trained() { Role::Slope } else { Role::Memory };
    Param::constant(role, 1, slope)
}

/// The slope where it is a parameter.
pub(super) fn slope_form(activation: Activation) -> Option<ParamForm> {
    activation.is_trained().then_some(ParamForm { role: Role::Slope, name: "weight", shape: (1, 1) })
}

impl OpForm for Phi {
    fn formula(&self) -> &'static str {
        "h = phi(u)"
    }

    fn params(&self) -> Vec<ParamForm> {
        slope_form(self.activation).into_iter().collect()
    }

    fn flow(&self) -> Flow {
        Flow::InPlace
    }

    fn gain(&self) -> Option<GainOf> {
        Some(GainOf::Activation)
    }

    fn work(&self, read: Extent) -> Work {
        Work { products: 0.0, passes: self.activation.passes(), units: read.units as f64 }
    }

    made_in_both_precisions!();
}

/// phi, and where its slope starts or stays; the parameter where it is one. Most nets have no such array in any layer.
#[derive(Debug)]
struct PhiOp<F> {
    activation: Activation,
    slope: F,
    params: Vec<Param<F>>,
}

impl<F: Real> PhiOp<F> {
    /// The slope for negative arguments.
    fn slope(&self) -> F {
        self.params.first().map_or(self.slope, |slope| slope.slice()[0])
    }
}

impl<F: Real> Op<F> for PhiOp<F> {
    fn forward(&mut self, x: &mut Rows<F>, y: &mut Rows<F>, _saved: &mut Saved<F>, _shared: &mut Shared<'_, F>) {
        self.activation.forward(x.slice(), self.slope(), y.slice_mut());
    }

    fn backward(&mut self, way: Way<'_, F>, _saved: &mut Saved<F>, gradients: &mut [F], _shared: &mut Shared<'_, F>) {
        // forward was: h = phi(u)
        let (phi, u) = (self.activation, way.x.slice());
        if let Some(slope) = self.params.first_mut() {
            add_slope_gradient(phi, u, way.dy, &mut gradients[0], slope);
        }
        let slope = self.slope();
        way.dy.each_group(|group, dh, exponent| {
            let size = dh.len();
            phi.backward(&u[group * size..][..size], slope, (dh, exponent));
        });
    }

    fn params(&self) -> &[Param<F>] {
        &self.params
    }

    fn params_mut(&mut self) -> &mut [Param<F>] {
        &mut self.params
    }

    fn units<'a>(&'a self, x: &'a Rows<F>, y: &'a Rows<F>) -> Option<Units<'a, F>> {
        Some(Units { h: y.slice(), phi: Some((self.activation, self.slope(), x.slice())) })
    }
}

/// dLoss/dslope, over all time steps, from dLoss/dh.
pub(super) fn add_slope_gradient<F: Real>(
    phi: Activation,
    u: &[F],
    dh: &Errors<F>,
    gradient: &mut F,
    slope: &mut Param<F>,
) {
    let (dh, exponents) = dh.steps();
    let largest = exponents.iter().copied().max().unwrap_or(NOTHING);
    slope.exponent = largest;
    let step = u.len() / exponents.len();
    let sum = if exponents.iter().all(|&exponent| exponent == largest) {
        phi.slope_gradient(u, dh)
    } else {
        let of_step = |t: usize| phi.slope_gradient(&u[t * step..][..step], &dh[t * step..][..step]);
        exponents.iter().enumerate().map(|(t, &exponent)| lowered::<f64>(exponent, largest) * of_step(t)).sum()
    };
    *gradient += F::from_f64(sum);
}
