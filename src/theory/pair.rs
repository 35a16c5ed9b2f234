//! Expectations over two outputs of batch norm: E f(u_1, u_2), as a sum over nodes with weights.
//!
//! The B outputs of a unit are uniform on a sphere in B - 1 dimensions, and any two of them correlate by -1/(B - 1). So
//! they are (rho cos t, rho sin(t + a)), sin a = -1/(B - 1), rho = sqrt(B - 1) sin p, with t uniform and the density of p
//! proportional to sin p cos^(B-4) p: smooth, and the kinks of an activation are lines t = constant between panels.

use std::f64::consts::{FRAC_PI_2, PI};

use super::legendre::panel;
use crate::kernels::{cos, exp, ln_1p, sin};

/// How far rho goes where the sphere is larger than that: as far as a Gaussian counts.
const RANGE: f64 = 10.0;

/// Panels of p, and of t between two kinks.
const PANELS: (usize, usize) = (4, 2);

/// Where f is to be known, so that E f(u_1, u_2) = sum of weight f(u_1, u_2).
#[derive(Debug)]
pub(super) struct Pairs {
    /// First arguments.
    pub(super) u1: Vec<f64>,
    /// Second arguments.
    pub(super) u2: Vec<f64>,
    /// What f counts; the sum is 1.
    pub(super) weight: Vec<f64>,
}

impl Pairs {
    /// Makes the pairs for a batch of `examples` > 3.
    pub(super) fn of(examples: f64) -> Self {
        let radius = (examples - 1.0).sqrt();
        // sin p is at least 2 p / pi.
        let end = FRAC_PI_2 * (RANGE / radius).min(1.0);
        let tilt = angle(-1.0 / (examples - 1.0));
        let kinks = [-tilt, FRAC_PI_2, PI - tilt, 3.0 * FRAC_PI_2, 2.0 * PI - tilt];
        let mut angles = Vec::new();
        for arc in kinks.windows(2) {
            panels(arc[0], arc[1], PANELS.1, |t, weight| angles.push((cos(t), sin(t + tilt), weight)));
        }
        let (mut u1, mut u2, mut weight) = (Vec::new(), Vec::new(), Vec::new());
        panels(0.0, end, PANELS.0, |p, of_p| {
            // cos^(B-4) p by its logarithm; cos^2 p = 1 - sin^2 p keeps its digits near 0, where p is for a large batch.
            let sine = sin(p);
            let of_p = of_p * sine * exp(0.5 * (examples - 4.0) * ln_1p(-sine * sine));
            for (cos_t, sin_t, of_t) in &angles {
                u1.push(radius * sine * cos_t);
                u2.push(radius * sine * sin_t);
                weight.push(of_p * of_t);
            }
        });
        let total: f64 = weight.iter().sum();
        weight.iter_mut().for_each(|weight| *weight /= total);
        Self { u1, u2, weight }
    }
}

/// The angle whose sine is `sine`, for |sine| < 1/2, by Newton's method.
fn angle(sine: f64) -> f64 {
    (0..5).fold(sine, |t, _| t - (sin(t) - sine) / cos(t))
}

/// Adds up over [`from`, `to`] in `count` panels.
fn panels(from: f64, to: f64, count: usize, mut visit: impl FnMut(f64, f64)) {
    let width = (to - from) / count as f64;
    for i in 0..count {
        panel(from + i as f64 * width, from + (i + 1) as f64 * width, &mut visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_b_numbers_of_mean_0_and_mean_square_1_have_the_moments_of_the_sphere() {
        for examples in [5.0, 8.0, 33.0, 64.0, 1e4] {
            let Pairs { u1, u2, weight } = Pairs::of(examples);
            let mean = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
                weight.iter().enumerate().map(|(i, weight)| weight * f(u1[i], u2[i])).sum()
            };
            let n = examples - 1.0;
            let want = [
                (mean(&|a, _| a), 0.0),
                (mean(&|a, _| a * a), 1.0),
                (mean(&|_, b| b * b), 1.0),
                (mean(&|a, b| a * b), -1.0 / n),
                // E t^4 = 3 / (n (n + 2)) for a coordinate of the unit sphere in n dimensions, E s^2 t^2 = 1 / (n (n + 2)).
                (mean(&|a, _| a.powi(4)), 3.0 * n / (n + 2.0)),
                (mean(&|a, b| a * a * b * b), (n + 2.0 / n) / (n + 2.0)),
                (mean(&|a, b| f64::from(u8::from(a > 0.0 && b > 0.0))), 0.25 - (1.0 / n).asin() / (2.0 * PI)),
            ];
            for (which, (got, want)) in want.into_iter().enumerate() {
                assert!((got - want).abs() < 1e-12, "{which} at {examples}: {got} not {want}");
            }
        }
    }
}
