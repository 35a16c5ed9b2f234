//! What the mean field needs of an activation under a Gaussian argument of second moment q.

use super::gaussian::Nodes;
use super::overlap::{Overlap, Overlaps};
use crate::nn::Activation;

/// An activation with its slope for negative arguments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Phi {
    pub(super) activation: Activation,
    pub(super) slope: f64,
}

impl Phi {
    /// phi and phi' at each of `u`: the loops that networks run.
    pub(super) fn both(self, u: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (mut h, mut d) = (vec![0.0; u.len()], vec![1.0; u.len()]);
        self.activation.forward(u, self.slope, &mut h);
        self.activation.slopes(u, self.slope, &mut d);
        (h, d)
    }
}

/// Moments of phi(u) and phi'(u) for u ~ N(0, q).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    /// E phi^2.
    pub(super) square: f64,
    /// E phi'^2.
    pub(super) slope_square: f64,
    /// d ln(E phi^2) / d ln q: how a deviation of q is handed on.
    pub(super) square_elasticity: f64,
    /// d ln(E phi'^2) / d ln q.
    pub(super) slope_elasticity: f64,
    /// Var(phi^2) / (E phi^2)^2: n times the variance of the logarithm of a mean of phi^2 over n units.
    pub(super) square_noise: f64,
    /// 3 E phi'^4 / (E phi'^2)^2 - 1: the same of phi'^2 g^2, where g ~ N(0, 1) is the error that comes from above.
    pub(super) slope_noise: f64,
    /// What phi and its slope make of two examples.
    pub(super) overlaps: Overlaps,
}

impl Moments {
    /// Computes the moments of `phi` at `q` > 0.
    pub(super) fn at(phi: Phi, q: f64) -> Self {
        let Nodes { u, z, weight } = Nodes::of(q);
        let (h, d) = phi.both(&u);
        // Fourth powers are taken of numbers of order 1, which do not underflow where phi^2 does not.
        let unit = h.iter().fold(0.0, |largest: f64, h| largest.max(h.abs()));
        let values = || h.iter().map(|h| h / unit);
        let overlaps = Overlaps {
            value: Overlap::of(values(), &z, &weight),
            slope: Overlap::of(d.iter().copied(), &z, &weight),
            square: Overlap::of(values().map(|h| h * h), &z, &weight),
            slope_square: Overlap::of(d.iter().map(|d| d * d), &z, &weight),
        };
        let mut sums = [0.0; 6];
        for i in 0..u.len() {
            let (h, d) = (h[i] / unit, d[i]);
            // The density of N(0, q) changes with ln q by (z^2 - 1) / 2 times itself.
            let (h2, d2, change) = (h * h, d * d, 0.5 * (z[i] * z[i] - 1.0));
            let terms = [h2, d2, h2 * change, d2 * change, h2 * h2, d2 * d2];
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight[i] * term);
        }
        let [square, slope_square, square_change, slope_change, fourth, slope_fourth] = sums;
        Self {
            square: unit * unit * square,
            slope_square,
            square_elasticity: square_change / square,
            slope_elasticity: slope_change / slope_square,
            square_noise: fourth / (square * square) - 1.0,
            slope_noise: 3.0 * slope_fourth / (slope_square * slope_square) - 1.0,
            overlaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::tests::{near, phi, reference};

    /// An argument's second moments from the tiny to the huge.
    const SECOND_MOMENTS: [f64; 13] = [1e-12, 1e-6, 1e-3, 0.03, 0.264_687, 1.0, 2.0, 7.0, 50.0, 400.0, 1e3, 1e5, 1e6];

    #[test]
    fn moments_of_every_activation_agree_with_another_quadrature_at_every_scale() {
        for activation in Activation::ALL {
            let (f, df) =
                (|u| activation.f(u, activation.default_slope()), |u| activation.df(u, activation.default_slope()));
            for q in SECOND_MOMENTS {
                let got = Moments::at(phi(activation), q);
                let what = format!("{activation:?} at {q}");
                let (square, slopes) = (reference(q, |u| f(u).powi(2)), reference(q, |u| df(u).powi(2)));
                near(got.square, square, 1e-12, &what);
                near(got.slope_square, slopes, 1e-12, &what);
                let unit = square.sqrt();
                near(got.square_noise + 1.0, reference(q, |u| (f(u) / unit).powi(4)), 1e-11, &what);
                near(got.slope_noise + 1.0, 3.0 * reference(q, |u| df(u).powi(4)) / (slopes * slopes), 1e-11, &what);
            }
        }
    }

    #[test]
    fn elasticities_are_the_slopes_of_the_moments() {
        for activation in Activation::ALL {
            for q in SECOND_MOMENTS {
                let at = |shift: f64| Moments::at(phi(activation), q * shift.exp());
                let (low, high, here) = (at(-1e-4), at(1e-4), at(0.0));
                let slope = |low: f64, high: f64| (high / low).ln() / 2e-4;
                let errors = [
                    here.square_elasticity - slope(low.square, high.square),
                    here.slope_elasticity - slope(low.slope_square, high.slope_square),
                ];
                assert!(errors.iter().all(|e| e.abs() < 1e-7), "{activation:?} at {q}: {errors:?}");
            }
        }
    }

    #[test]
    fn where_there_is_a_closed_form_it_comes_out() {
        use std::f64::consts::PI;
        let cdf = |x: f64| 0.5 * libm::erfc(-x / 2.0_f64.sqrt());
        for q in SECOND_MOMENTS {
            for (activation, a) in [
                (Activation::Linear, 1.0),
                (Activation::Relu, 0.0),
                (Activation::LeakyRelu, 0.01),
                (Activation::Prelu, 0.25),
            ] {
                let got = Moments::at(phi(activation), q);
                near(got.square, 0.5 * q * (1.0 + a * a), 1e-13, "E phi^2");
                near(got.slope_square, 0.5 * (1.0 + a * a), 1e-13, "E phi'^2");
                near(got.slope_noise, 6.0 * (1.0 + a.powi(4)) / (1.0 + a * a).powi(2) - 1.0, 1e-12, "phi'^4");
            }
            // E (u Phi(u))^2, from the arcsine law of two further Gaussians.
            let gelu =
                q / 4.0 + q / (2.0 * PI) * ((q / (1.0 + q)).asin() + 2.0 * q / ((1.0 + q) * (1.0 + 2.0 * q).sqrt()));
            near(Moments::at(phi(Activation::Gelu), q).square, gelu, 1e-12, "gelu");
            // E exp(k u) over u < 0 is exp(k^2 q / 2) Phi(-k sqrt(q)); it overflows for wide Gaussians.
            if q <= 50.0 {
                let below = |k: f64| (k * k * q / 2.0).exp() * cdf(-k * q.sqrt());
                near(Moments::at(phi(Activation::Elu), q).slope_square, 0.5 + below(2.0), 1e-13, "elu'");
            }
        }
    }

    #[test]
    fn homogeneous_activations_scale_with_q_and_all_others_grow() {
        for activation in Activation::ALL {
            for q in SECOND_MOMENTS {
                let moments = Moments::at(phi(activation), q);
                // The fates of `limit` rely on it.
                assert!(moments.square_elasticity > 0.0, "{activation:?} at {q}");
                if matches!(
                    activation,
                    Activation::Linear | Activation::Relu | Activation::LeakyRelu | Activation::Prelu
                ) {
                    assert!((moments.square_elasticity - 1.0).abs() < 1e-13 && moments.slope_elasticity.abs() < 1e-13);
                }
            }
        }
    }
}
