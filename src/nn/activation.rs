//! The activations: h = phi(u), elementwise.
//!
//! [`Activation::formulas`] has the table of them, in which a is the slope for negative arguments, and Phi and N are the
//! standard normal distribution and density. Every derivative is taken from u, not from h: 1 - h^2 in f32 is 6 % wrong
//! at u = 8 and 0 from u = 9.1 on, a vanishing gradient that the network does not have.

use serde::{Deserialize, Serialize};

use crate::kernels::{
    Binary, Real, Unary, count, exp, exp_m1, map, map_zip, normal_cdf, normal_pdf, sigmoid, softplus, sum_of_zip, tanh,
};

/// An activation function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "`formulas` says what each one is")]
pub enum Activation {
    Linear,
    Sigmoid,
    Tanh,
    Relu,
    LeakyRelu,
    Prelu,
    Elu,
    Selu,
    Gelu,
    Silu,
    Softplus,
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
        Self::PHI.f(u, self.0)
    }
}

impl<F: Real, const INDEX: usize> Binary<F> for Phi<F, INDEX> {
    #[inline(always)]
    fn at(&self, dh: F, u: F) -> F {
        dh * Self::PHI.df(u, self.0)
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
    /// Every activation, in the order in which docs list them.
    pub const ALL: [Self; 11] = [
        Self::Linear,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu,
        Self::Prelu,
        Self::Elu,
        Self::Selu,
        Self::Gelu,
        Self::Silu,
        Self::Softplus,
    ];

    /// The name in configs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky_relu",
            Self::Prelu => "prelu",
            Self::Elu => "elu",
            Self::Selu => "selu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
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
            Self::Selu => F::of(SELU_LAMBDA) * if u > zero { u } else { F::of(SELU_ALPHA) * exp_m1(u) },
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
                let e = exp(F::of(-2.0) * u.abs());
                F::of(4.0) * e / ((one + e) * (one + e))
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
            Self::Selu => F::of(SELU_LAMBDA) * if u > zero { one } else { F::of(SELU_ALPHA) * exp(u) },
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

    /// h = phi(u), all of one shape.
    pub fn forward<F: Real>(self, u: &[F], slope: F, h: &mut [F]) {
        each!(self, slope, phi => map(u, h, phi));
    }

    /// du = dh phi'(u), in place: `grad` holds dh before and du after.
    pub fn backward<F: Real>(self, u: &[F], slope: F, grad: &mut [F]) {
        // forward was: h = phi(u)
        each!(self, slope, phi => map_zip(u, grad, phi));
    }

    /// dslope = sum of dh dphi/dslope, accumulated in f64. To be called before `backward` turns dh into du.
    pub fn slope_gradient<F: Real>(self, u: &[F], dh: &[F]) -> f64 {
        if !self.has_slope() {
            return 0.0;
        }
        sum_of_zip(u, dh, |u, dh| (dh * if u <= F::zero() { u } else { F::zero() }).f64())
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
            Self::Sigmoid => F::of(SIGMOID_SATURATES),
            Self::Tanh => F::of(TANH_SATURATES),
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
    if factor == F::zero() && x.abs() == F::of(f64::INFINITY) { factor } else { x * factor }
}

/// The share of arguments that satisfy a condition.
fn share<F: Real>(u: &[F], condition: impl Fn(F) -> bool) -> f64 {
    count(u, condition) as f64 / u.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOPE: f64 = 0.25;

    /// Arguments over all magnitudes to |u| = 80, both signs.
    fn arguments() -> impl Iterator<Item = f32> {
        let magnitudes = (0..4000).map(|i| 1e-6 * 10_f32.powf(i as f32 * 7.903_09 / 3999.0));
        magnitudes.flat_map(|u| [u.min(80.0), -u.min(80.0)])
    }

    /// How far two numbers are apart, relative to the second, where the second is a normal f32.
    fn relative(got: f32, want: f64) -> f64 {
        (f64::from(got) - want).abs() / want.abs().max(f64::from(f32::MIN_POSITIVE))
    }

    #[test]
    fn f32_derivatives_agree_with_f64_to_80() {
        for phi in Activation::ALL {
            for u in arguments() {
                let want = phi.df(f64::from(u), SLOPE);
                let got = phi.df(u, 0.25_f32);
                // gelu and silu cross zero once; there the error is relative to the terms, which are of order 1.
                let absolute = (f64::from(got) - want).abs();
                assert!(
                    relative(got, want) < 2e-6
                        || absolute < 1e-7 * want.abs().max(0.2) && u > -2.0
                        || absolute < 1e-5 * want.abs(),
                    "{phi:?}'({u}) = {got:e}, not {want:e}"
                );
            }
        }
    }

    #[test]
    fn f32_values_agree_with_f64_to_80() {
        for phi in Activation::ALL {
            for u in arguments() {
                let want = phi.f(f64::from(u), SLOPE);
                assert!(relative(phi.f(u, 0.25_f32), want) < 1e-5, "{phi:?}({u}) = {:e}, not {want:e}", phi.f(u, 0.25));
            }
        }
    }

    #[test]
    fn derivatives_are_the_slope_of_the_function() {
        for phi in Activation::ALL {
            for i in -160..=160 {
                let u = f64::from(i) * 0.05 + 0.012;
                let numeric = (phi.f(u + 1e-6, SLOPE) - phi.f(u - 1e-6, SLOPE)) / 2e-6;
                assert!((phi.df(u, SLOPE) - numeric).abs() < 1e-8, "{phi:?}'({u})");
                let numeric = (phi.f(u, SLOPE + 1e-6) - phi.f(u, SLOPE - 1e-6)) / 2e-6;
                assert!((phi.df_slope(u) - numeric).abs() < 1e-8, "d{phi:?}/dslope({u})");
            }
        }
    }

    #[test]
    fn no_derivative_is_falsely_zero_and_only_relu_has_dead_units() {
        let far = [-80.0_f32, 80.0];
        assert!(Activation::Sigmoid.df(80.0_f32, 0.0) > 1e-35);
        assert!(Activation::Tanh.df(40.0_f32, 0.0) > 7e-35);
        for phi in Activation::ALL {
            let dead = if phi == Activation::Relu { 0.5 } else { 0.0 };
            assert_eq!(phi.zero_fraction(&far, 0.25), dead, "{phi:?}");
        }
        assert_eq!(Activation::Prelu.zero_fraction(&far, 0.0), 0.5, "a slope of 0 is relu");
        assert_eq!(Activation::Relu.zero_fraction(&[0.0_f32], 0.0), 1.0);
    }

    #[test]
    fn saturation_is_a_twentieth_of_the_largest_slope() {
        // tanh' = 0.05 at u = 2.178; sigmoid' = 0.0125 at u = 4.357.
        assert_eq!(Activation::Tanh.saturated_fraction(&[2.17_f64, -2.17, 2.19, -2.19]), 0.5);
        assert_eq!(Activation::Sigmoid.saturated_fraction(&[4.35_f64, 4.37]), 0.5);
        assert_eq!(Activation::Relu.saturated_fraction(&[-5.0_f64]), 0.0);
        // Beyond the rounding of the bound itself, the slope says the same.
        for u in arguments().map(f64::from).chain([2.178_272_210_3, 2.178_272_210_4, 4.356_544_420_6, 4.356_544_420_7])
        {
            for (phi, largest) in [(Activation::Tanh, 1.0), (Activation::Sigmoid, 0.25)] {
                let saturated = phi.df(u, 0.0) < 0.05 * largest;
                assert_eq!(phi.saturated_fraction(&[u]), f64::from(u8::from(saturated)), "{phi:?}'({u})");
            }
        }
    }

    #[test]
    fn the_loops_give_what_the_scalars_give() {
        let u: Vec<f32> = arguments().step_by(61).collect();
        for (index, phi) in Activation::ALL.into_iter().enumerate() {
            assert_eq!(phi as usize, index);
            let mut h = vec![f32::NAN; u.len()];
            phi.forward(&u, 0.25, &mut h);
            let mut grad = vec![1.5; u.len()];
            phi.backward(&u, 0.25, &mut grad);
            let mut dslope = 0.0;
            for ((&u, h), grad) in u.iter().zip(h).zip(grad) {
                assert_eq!(h.to_bits(), phi.f(u, 0.25).to_bits(), "{phi:?}({u})");
                assert_eq!(grad.to_bits(), (1.5 * phi.df(u, 0.25)).to_bits(), "{phi:?}'({u})");
                dslope += f64::from(1.5 * phi.df_slope(u));
            }
            let got = phi.slope_gradient(&u, &vec![1.5; u.len()]);
            assert!((got - dslope).abs() <= 1e-12 * dslope.abs(), "{phi:?}");
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        for phi in Activation::ALL {
            for slope in [0.0_f32, 0.25] {
                assert!(phi.f(f32::NAN, slope).is_nan(), "{phi:?}");
                assert!(phi.f(f64::NAN, slope.f64()).is_nan(), "{phi:?}");
            }
        }
    }

    /// phi and phi' at -inf, at 0 and at inf.
    fn limits(phi: Activation) -> [(f64, f64); 3] {
        let (inf, scale) = (f64::INFINITY, SELU_LAMBDA * SELU_ALPHA);
        match phi {
            Activation::Linear => [(-inf, 1.0), (0.0, 1.0), (inf, 1.0)],
            Activation::Sigmoid => [(0.0, 0.0), (0.5, 0.25), (1.0, 0.0)],
            Activation::Tanh => [(-1.0, 0.0), (0.0, 1.0), (1.0, 0.0)],
            Activation::Relu => [(0.0, 0.0), (0.0, 0.0), (inf, 1.0)],
            Activation::LeakyRelu | Activation::Prelu => [(-inf, SLOPE), (0.0, SLOPE), (inf, 1.0)],
            Activation::Elu => [(-1.0, 0.0), (0.0, 1.0), (inf, 1.0)],
            Activation::Selu => [(-scale, 0.0), (0.0, scale), (inf, SELU_LAMBDA)],
            Activation::Gelu | Activation::Silu => [(0.0, 0.0), (0.0, 0.5), (inf, 1.0)],
            Activation::Softplus => [(0.0, 0.0), (2_f64.ln(), 0.5), (inf, 1.0)],
        }
    }

    #[test]
    fn at_infinity_and_at_zero_every_activation_is_its_limit() {
        let close = |got: f64, want: f64| got == want || (got - want).abs() < 1e-6;
        for phi in Activation::ALL {
            for (u, (value, slope)) in [f64::NEG_INFINITY, 0.0, f64::INFINITY].into_iter().zip(limits(phi)) {
                let (f, df) = (phi.f(u, SLOPE), phi.df(u, SLOPE));
                assert!(close(f, value) && close(df, slope), "{phi:?} at {u}: {f}, {df}");
                let u = <f32 as Real>::of(u);
                let (f, df) = (phi.f(u, 0.25).f64(), phi.df(u, 0.25).f64());
                assert!(close(f, value) && close(df, slope), "{phi:?} at {u} in f32: {f}, {df}");
            }
        }
        let leaky = Activation::LeakyRelu;
        assert_eq!((leaky.f(f64::NEG_INFINITY, 0.0), leaky.df(f64::NEG_INFINITY, 0.0)), (0.0, 0.0), "relu's");
    }

    proptest::proptest! {
        #[test]
        fn a_subnormal_argument_is_on_the_tangent_at_zero(bits in 1_u32..0x80_0000, negative in proptest::bool::ANY) {
            let (sign, sign_f32) = if negative { (-1.0, -1.0) } else { (1.0, 1.0) };
            for phi in Activation::ALL {
                // In f64 an f32's subnormal is an ordinary number; f64's own are far below it.
                let (u, tiny) = (sign_f32 * f32::from_bits(bits), sign * f64::from_bits(u64::from(bits) << 20));
                let at_zero = phi.f(0.0, SLOPE);
                let slope = phi.df(tiny, SLOPE);
                for (u, f, df, least) in [
                    (f64::from(u), phi.f(u, 0.25).f64(), phi.df(u, 0.25).f64(), f64::from(f32::from_bits(1))),
                    (tiny, phi.f(tiny, SLOPE), slope, f64::from_bits(1)),
                ] {
                    // Half a unit of the last place: the relative error of the precision, or the least number's half.
                    let want = at_zero + slope * u;
                    let error = (f - want).abs();
                    proptest::prop_assert!(error <= 1e-6 * want.abs() || error <= least, "{phi:?}({u:e}) = {f:e}, not {want:e}");
                    let kink = limits(phi)[1].1;
                    let above = limits(phi)[2].1;
                    let is_of_relus = matches!(phi, Activation::Relu | Activation::LeakyRelu | Activation::Prelu | Activation::Elu | Activation::Selu);
                    let want = if is_of_relus && u > 0.0 { above } else { kink };
                    proptest::prop_assert!((df - want).abs() < 1e-6, "{phi:?}'({u:e}) = {df:e}, not {want:e}");
                }
            }
        }
    }
}
