//! The activations: h = phi(u), elementwise.
//!
//! [`Activation::formulas`] has the table of them, in which a is the slope for negative arguments, and Phi and N are the
//! standard normal distribution and density. Every derivative is taken from u, not from h: 1 - h^2 in f32 is 6 % wrong
//! at u = 8 and 0 from u = 9.1 on, a vanishing gradient that the network does not have.

use serde::{Deserialize, Serialize};

use crate::kernels::{
    Real, Unary, count, exp, exp_m1, map, multiply_by_map, normal_cdf, normal_pdf, sigmoid, softplus, sum_of_zip, tanh,
};
use crate::names::named;

named! {
    /// An activation function.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[expect(missing_docs, reason = "`formulas` says what each one is")]
    pub enum Activation {
        Linear = "linear",
        Sigmoid = "sigmoid",
        Tanh = "tanh",
        Relu = "relu",
        LeakyRelu = "leaky_relu",
        Prelu = "prelu",
        Elu = "elu",
        Selu = "selu",
        Gelu = "gelu",
        #[serde(alias = "swish")]
        Silu = "silu",
        Softplus = "softplus",
    }
}

/// SELU's constants, which make mean 0 and variance 1 a fixed point (Klambauer et al. 2017, section 2).
const SELU_LAMBDA: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;

/// |u| above which tanh'(u) < 0.05: 4 e / (1 + e)^2 = 0.05 at e = 39 - sqrt(1520), and e = e^(-2 |u|).
const TANH_SATURATES: f64 = 2.178_272_210_300_876;

/// |u| above which sigmoid'(u) < 0.05 / 4: sigmoid'(u) = tanh'(u / 2) / 4.
const SIGMOID_SATURATES: f64 = 2.0 * TANH_SATURATES;

/// The activation number `INDEX` of [`Activation::ALL`] with its slope: a type of its own, so that a loop is compiled for
/// each activation by itself.
#[derive(Clone, Copy)]
struct Phi<F, const INDEX: usize>(F);

impl<F, const INDEX: usize> Phi<F, INDEX> {
    const PHI: Activation = Activation::ALL[INDEX];
}

impl<F: Real, const INDEX: usize> Unary<F> for Phi<F, INDEX> {
    #[inline(always)]
    fn at(&self, u: F) -> F {
        Self::PHI.f(u, self.0).flush()
    }
}

/// The derivative of a [`Phi`].
struct Slope<F, const INDEX: usize>(Phi<F, INDEX>);

impl<F: Real, const INDEX: usize> Unary<F> for Slope<F, INDEX> {
    #[inline(always)]
    fn at(&self, u: F) -> F {
        Phi::<F, INDEX>::PHI.df(u, self.0.0).flush()
    }
}

/// Runs `$body` with `$phi` bound to the [`Phi`] of the variant that `$activation` is: the choice is made once, outside
/// the loop.
macro_rules! each {
    ($activation:expr, $slope:expr, $phi:ident => $body:expr) => {
        each!(@arms $activation, $slope, $phi, $body,
            Linear Sigmoid Tanh Relu LeakyRelu Prelu Elu Selu Gelu Silu Softplus)
    };
    (@arms $activation:expr, $slope:expr, $phi:ident, $body:expr, $($variant:ident)+) => {
        match $activation {
            $(Activation::$variant => {
                let $phi = Phi::<_, { Activation::$variant as usize }>($slope);
                $body
            })+
        }
    };
}

/// What an activation is, as a person reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formulas {
    /// phi(u).
    pub value: &'static str,
    /// phi'(u).
    pub derivative: &'static str,
    /// The paper that proposed it; empty where it has no one origin.
    pub paper: &'static str,
}

impl Activation {
    /// Other names that configs may use.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Silu => &["swish"],
            Self::Linear
            | Self::Sigmoid
            | Self::Tanh
            | Self::Relu
            | Self::LeakyRelu
            | Self::Prelu
            | Self::Elu
            | Self::Selu
            | Self::Gelu
            | Self::Softplus => &[],
        }
    }

    /// Its formulas, and where it comes from.
    #[rustfmt::skip]
    pub fn formulas(self) -> Formulas {
        let row = |value, derivative, paper| Formulas { value, derivative, paper };
        match self {
            Self::Linear => row("u", "1", ""),
            Self::Sigmoid => row("1 / (1 + e^-u)", "e / (1 + e)^2, e = e^-|u|", ""),
            Self::Tanh => row("(e^u - e^-u) / (e^u + e^-u)", "4 e / (1 + e)^2, e = e^(-2 |u|)", ""),
            Self::Relu => row("max(u, 0)", "1 above 0, else 0", "Nair and Hinton 2010"),
            Self::LeakyRelu => row("u above 0, else a u", "1 above 0, else a", "Maas et al. 2013"),
            Self::Prelu => row("u above 0, else a u (a trained)", "1 above 0, else a", "He et al. 2015"),
            Self::Elu => row("u above 0, else e^u - 1", "1 above 0, else e^u", "Clevert et al. 2016"),
            Self::Selu => row("1.0507 u above 0, else 1.7581 (e^u - 1)", "1.0507 above 0, else 1.7581 e^u", "Klambauer et al. 2017"),
            Self::Gelu => row("u Phi(u)", "Phi(u) + u N(u)", "Hendrycks and Gimpel 2016"),
            Self::Silu => row("u sigmoid(u)", "s (1 + u (1 - s)), s = sigmoid(u)", "Elfwing et al. 2018"),
            Self::Softplus => row("ln(1 + e^u)", "sigmoid(u)", "Dugas et al. 2001"),
        }
    }

    /// Whether the function depends on a slope for negative arguments.
    pub fn has_slope(self) -> bool {
        matches!(self, Self::LeakyRelu | Self::Prelu)
    }

    /// Passes over its units that it takes, forward and backward: from one comparison to exponentials and erfc. Measured
    /// against relu at depth 20, width 64, batch 64.
    pub fn passes(self) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Relu | Self::LeakyRelu | Self::Prelu => 2.0,
            Self::Sigmoid | Self::Tanh => 7.0,
            Self::Elu | Self::Selu => 5.0,
            Self::Silu | Self::Softplus => 14.0,
            Self::Gelu => 24.0,
        }
    }

    /// Whether the slope is a parameter that training changes.
    pub fn is_trained(self) -> bool {
        self == Self::Prelu
    }

    /// The slope where none is given (PyTorch's defaults); 0 where there is none.
    pub fn default_slope(self) -> f64 {
        match self {
            Self::LeakyRelu => 0.01,
            Self::Prelu => 0.25,
            Self::Linear
            | Self::Sigmoid
            | Self::Tanh
            | Self::Relu
            | Self::Elu
            | Self::Selu
            | Self::Gelu
            | Self::Silu
            | Self::Softplus => 0.0,
        }
    }

    /// phi(u).
    #[inline(always)]
    pub fn f<F: Real>(self, u: F, slope: F) -> F {
        let zero = F::zero();
        match self {
            Self::Linear => u,
            Self::Sigmoid => sigmoid(u),
            Self::Tanh => tanh(u),
            // Not max(u, 0), which would turn NaN into 0 and hide a divergence.
            Self::Relu => {
                if u <= zero {
                    zero
                } else {
                    u
                }
            }
            Self::LeakyRelu | Self::Prelu => {
                if u > zero {
                    u
                } else if slope == zero {
                    Self::Relu.f(u, slope)
                } else {
                    slope * u
                }
            }
            Self::Elu => {
                if u > zero {
                    u
                } else {
                    exp_m1(u)
                }
            }
            Self::Selu => F::from_f64(SELU_LAMBDA) * if u > zero { u } else { F::from_f64(SELU_ALPHA) * exp_m1(u) },
            Self::Gelu => times(u, normal_cdf(u)),
            Self::Silu => times(u, sigmoid(u)),
            Self::Softplus => softplus(u),
        }
    }

    /// phi'(u); at the kink of the relu family the derivative from the left, as PyTorch has it.
    #[inline(always)]
    pub fn df<F: Real>(self, u: F, slope: F) -> F {
        let (zero, one) = (F::zero(), F::one());
        match self {
            Self::Linear => one,
            Self::Sigmoid => {
                let e = exp(-u.abs());
                e / ((one + e) * (one + e))
            }
            Self::Tanh => {
                let e = exp(F::from_f64(-2.0) * u.abs());
                F::from_f64(4.0) * e / ((one + e) * (one + e))
            }
            Self::Relu => {
                if u > zero {
                    one
                } else {
                    zero
                }
            }
            Self::LeakyRelu | Self::Prelu => {
                if u > zero {
                    one
                } else {
                    slope
                }
            }
            Self::Elu => {
                if u > zero {
                    one
                } else {
                    exp(u)
                }
            }
            Self::Selu => F::from_f64(SELU_LAMBDA) * if u > zero { one } else { F::from_f64(SELU_ALPHA) * exp(u) },
            Self::Gelu => normal_cdf(u) + times(u, normal_pdf(u)),
            Self::Silu => times(one + times(u, sigmoid(-u)), sigmoid(u)),
            Self::Softplus => sigmoid(u),
        }
    }

    /// dphi/dslope at u.
    #[inline(always)]
    pub fn df_slope<F: Real>(self, u: F) -> F {
        if self.has_slope() && u <= F::zero() { u } else { F::zero() }
    }

    /// h = phi(u), all of one shape; 0 where it is below the smallest normal number.
    pub fn forward<F: Real>(self, u: &[F], slope: F, h: &mut [F]) {
        each!(self, slope, phi => map(u, h, phi));
    }

    /// du = dh phi'(u), in place: `grad` holds dh before and du after, both with the exponent beside it.
    pub fn backward<F: Real>(self, u: &[F], slope: F, (grad, exponent): (&mut [F], &mut i32)) {
        // forward was: h = phi(u)
        each!(self, slope, phi => multiply_by_map(u, grad, exponent, &Slope(phi)));
    }

    /// d = phi'(u), all of one shape; 0 where it is below the smallest normal number.
    pub fn slopes<F: Real>(self, u: &[F], slope: F, d: &mut [F]) {
        each!(self, slope, phi => map(u, d, Slope(phi)));
    }

    /// dslope = sum of dh dphi/dslope, accumulated in f64. To be called before `backward` turns dh into du.
    pub fn slope_gradient<F: Real>(self, u: &[F], dh: &[F]) -> f64 {
        if !self.has_slope() {
            return 0.0;
        }
        sum_of_zip(u, dh, |u: F, dh: F| (if u <= F::zero() { u } else { F::zero() } * dh).f64())
    }

    /// Share of arguments where phi' is mathematically 0: relu's dead half. A sigmoid's slope is never 0, however
    /// small.
    pub fn zero_fraction<F: Real>(self, u: &[F], slope: F) -> f64 {
        let flat = match self {
            Self::Relu => true,
            Self::LeakyRelu | Self::Prelu => slope == F::zero(),
            Self::Linear
            | Self::Sigmoid
            | Self::Tanh
            | Self::Elu
            | Self::Selu
            | Self::Gelu
            | Self::Silu
            | Self::Softplus => false,
        };
        if flat { share(u, |u| u <= F::zero()) } else { 0.0 }
    }

    /// Share of arguments with |phi'| < 0.05 max |phi'|, for sigmoid and tanh; 0 for the others.
    pub fn saturated_fraction<F: Real>(self, u: &[F]) -> f64 {
        // Both slopes fall with |u|, so that a comparison of |u| tells what one of the slope would.
        let bound = match self {
            Self::Sigmoid => F::from_f64(SIGMOID_SATURATES),
            Self::Tanh => F::from_f64(TANH_SATURATES),
            Self::Linear
            | Self::Relu
            | Self::LeakyRelu
            | Self::Prelu
            | Self::Elu
            | Self::Selu
            | Self::Gelu
            | Self::Silu
            | Self::Softplus => return 0.0,
        };
        share(u, move |u| u.abs() > bound)
    }
}

/// x factor, and 0 where the factor is 0 and x is infinite: the factors here vanish faster than x grows.
#[inline(always)]
fn times<F: Real>(x: F, factor: F) -> F {
    if factor == F::zero() && x.abs() == F::from_f64(f64::INFINITY) { factor } else { x * factor }
}

/// The share of arguments that satisfy a condition.
fn share<F: Real>(u: &[F], condition: impl Fn(F) -> bool) -> f64 {
    count(u, condition) as f64 / u.len() as f64
}

#[cfg(test)]
mod tests;
